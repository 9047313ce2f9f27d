"""The published counts into one HTML file that opens anywhere: no network, no script, nothing but what `funnel.json` tells."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import Any

from cds_service.cohort.drawing import bars_svg, funnel_svg, number_text, weeks_svg
from cds_service.looks import STATUS_LOOKS, VERDICT_LOOKS, Look
from cds_service.looks import style as colours

Json = dict[str, Any]
_TOLD = ("potentially-eligible", "needs-data", "ineligible-now", "ineligible")  # of those in scope
_WEEKS = 13  # of the next 90 days
_PURPOSE = {
    "feasibility": "Feasibility: counts only",
    "prep-to-research": "Review preparatory to research",
    "recruitment": "Recruitment under an approved protocol",
}

_FAULTS = {  # the others say what they are
    "names-no-patient": "names-no-patient: records of a disease of the trial that name nobody by id",
    "no-patient-resource": "no-patient-resource: people of whom there are such records, and no Patient in the export",
}


def report(counts: Json) -> str:
    """The whole page. Every text from the data is escaped; the page forbids itself to load anything."""
    style = colours() + (files("cds_service.cohort") / "report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(counts['title'])}: who may fit</title><style>{style}</style></head><body><main>"
        f"{_head(counts)}{''.join(_arm(arm, counts) for arm in counts['arms'])}{_data(counts)}{_foot(counts)}</main></body></html>\n"
    )


def _head(counts: Json) -> str:
    hidden = counts["hiddenUpTo"]
    arms = "".join(_tile(arm) for arm in counts["arms"])
    died = f", of whom {number_text(counts['deceased'])} have died" if counts["deceased"] else ""
    return (
        f'<header><p class="kicker">{escape(_PURPOSE[counts["purpose"]])} · as of {escape(counts["asOf"])} · '
        f"{escape(counts['definition'])}</p>"
        f"<h1>{escape(counts['title'])}</h1>"
        f'<p class="lead">{number_text(counts["patients"])} patients in the export{died}. '
        "Those with any record of a disease of the trial were evaluated in full, "
        f"by the criteria and the code that the clinical service uses.{_held(counts['heldBack'])}</p>"
        f'<p class="note">Counts from 1 to {hidden} are not shown, nor others from which one could be worked out: a dash. '
        "Unknown is not “no”: such patients stay in until a record or a person decides.</p></header>"
        f'<section class="tiles">{arms}</section>'
    )


def _held(count: int | None) -> str:
    """Who is missing from the counts though alive and on record."""
    why = "their records were merged into another patient’s or are no longer in use"
    if count is None:
        return f" Some may be held back and in no count of an arm, since {why}; how many is not shown."
    return f" Of these, {number_text(count)} are held back and in no count of an arm: {why}." if count else ""


def _tile(arm: Json) -> str:
    rows = "".join(
        f'<tr class="status-{look.id}"><td>{_sign(look)}<span class="state">{escape(look.words)}</span>'
        f'<span class="means">{escape(look.means)}</span></td><td class="n">{number_text(arm["statuses"][look.id])}</td></tr>'
        for look in map(STATUS_LOOKS.__getitem__, _TOLD)
    )
    return (
        f'<a class="tile" href="#{escape(arm["id"])}"><h2>{escape(arm["title"])}</h2><p class="big">{number_text(arm["inScope"])}</p>'
        f"<p>with the disease on record, alive and not held back</p><table>{rows}</table></a>"
    )


def _sign(look: Look) -> str:
    return f'<i class="sign" aria-hidden="true">{look.sign}</i>'


def _arm(arm: Json, counts: Json) -> str:
    if arm["inScope"] is None:
        body = f'<p class="note">Too few patients, or too few without it, to show any number (up to {counts["hiddenUpTo"]} are hidden).</p>'
    elif not arm["inScope"]:
        body = '<p class="note">Nobody in the export has a record of this disease.</p>'
    else:
        body = _funnel(arm) + _costs(arm) + _missing(arm) + _ahead(arm) + _fitting(arm)
    return f'<section class="arm" id="{escape(arm["id"])}"><h2>{escape(arm["title"])}</h2>{body}</section>'


def _funnel(arm: Json) -> str:
    verdicts = "".join(
        f'<span class="group-{look.id}"><i class="key"></i>{_sign(look)}{look.words}</span>' for look in VERDICT_LOOKS.values()
    )
    others = (("goes-on", "Passes or unknown, not told apart"), ("withheld", "Not told"))
    key = verdicts + "".join(f'<span><i class="key {kind}"></i>{words}</span>' for kind, words in others)
    return (
        "<h3>Where patients are lost</h3><p>In the protocol’s order: each row is everyone who failed nothing above it.</p>"
        f'<p class="legend">{key}</p>{_framed(funnel_svg(arm), "Attrition")}'
    )


def _costs(arm: Json) -> str:
    """The criteria that fail most, alone; the range of those who would be won if only this one were gone."""
    ranked = [one for one in sorted(arm["criteria"], key=_cost) if _cost(one) < 0][:12]
    if not ranked:
        return ""
    rows = "".join(
        f'<tr><td class="id">{escape(one["id"])}</td><td title="{escape(one["text"])}">{escape(_clipped(one["text"]))}</td>'
        f'<td class="n">{_fails(one["alone"])}</td><td class="n">{number_text(one["alone"]["unknown"])}</td>'
        f'<td class="n">{_bound(one["alone"]["onlyAtLeast"])}</td></tr>'
        for one in ranked
    )
    return (
        "<h3>Which criterion costs most</h3><p>Each over everybody in scope, and what it costs given all the others: "
        "patients who fail this one and nothing else. A lower bound stands where the number itself would tell of a few patients.</p>"
        + _framed(
            '<table class="wide"><thead><tr><th></th><th>Criterion</th><th class="n">fails</th><th class="n">unknown</th>'
            f'<th class="n">fails only this</th></tr></thead><tbody>{rows}</tbody></table>',
            "Criteria",
        )
    )


def _cost(one: Json) -> int:
    """By the number where it is told, else by the least that it can be: the order tells no more than the numbers."""
    alone = one["alone"]
    least: int = alone["failedAtLeast"] if alone["failed"] is None else alone["failed"]
    return -least


def _fails(alone: Json) -> str:
    return _bound(alone["failedAtLeast"]) if alone["failed"] is None else number_text(alone["failed"])


def _bound(least: int) -> str:
    return f"{number_text(least)} or more" if least else "–"


def _missing(arm: Json) -> str:
    needs = arm["statuses"]["needs-data"]
    if not needs:
        return ""
    first = next((one for one in arm["missing"] if one["decides"]), None)
    lead = f"{number_text(needs)} patients fail nothing and are held back only by what is not recorded."
    if first:
        lead += f" The one thing that would decide most: <b>{escape(first['get'])}</b> ({escape(first['criterion'])}),"
        lead += f" for {number_text(first['decides'])} patients on its own."
    rows = "".join(
        f'<tr><td class="id">{escape(one["criterion"])}</td><td>{escape(one["get"])}</td>'
        f'<td class="n">{number_text(one["decides"])}</td><td class="n">{number_text(one["wanted"])}</td></tr>'
        for one in arm["missing"][:10]
    )
    table = (
        '<table class="wide"><thead><tr><th></th><th>To obtain</th><th class="n">decides alone</th>'
        '<th class="n">wanted by</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    return f"<h3>Lost only because data is missing</h3><p>{lead}</p>{_framed(table, 'To obtain') if rows else ''}"


def _ahead(arm: Json) -> str:
    spans = arm["recheck"]
    if not any(one["patients"] for one in spans):
        return ""
    told = "Each bar is as wide as its weeks and as high as its patients a week; above it stands how many they are."
    told += " Weeks of a few patients are told together." if len(spans) < _WEEKS else ""
    return (
        "<h3>Worth another look in the next 90 days</h3><p>Patients who fail only for now, by the day on which that ends, from "
        f"{spans[0]['from']} to {spans[-1]['to']}. {told}</p>"
        + _framed(weeks_svg(spans, "status-ineligible-now", "Patients whose last failing criterion ends, by week"), "Weeks")
    )


def _framed(content: str, name: str) -> str:
    """A figure or a table that scrolls within its card where the page is narrow."""
    return f'<div class="frame" tabindex="0" role="group" aria-label="{name}">{content}</div>'


def _fitting(arm: Json) -> str:
    ages = [(_age(one), one["patients"]) for one in arm["ages"]]
    sexes = [(one["sex"], one["patients"]) for one in arm["sexes"]]
    if not ages and not sexes:
        return ""
    return (
        '<h3>Who may fit</h3><div class="pair">'
        f"<div><p>Age in years</p>{bars_svg(ages, 'status-potentially-eligible', 'Age of those who may fit') or '–'}</div>"
        f"<div><p>Sex</p>{bars_svg(sexes, 'status-potentially-eligible', 'Sex of those who may fit') or '–'}</div></div>"
    )


def _age(one: Json) -> str:
    return "not known" if one["from"] is None else f"{one['from']}–{one['to']}"


def _data(counts: Json) -> str:
    data = counts["data"]
    read = _lines(data["resources"])
    faults = _lines({_FAULTS.get(reason, reason): count for reason, count in data["unreadableLines"].items()})
    without = ", ".join(data["withoutFile"])
    left, part = ", ".join(data["notExported"]), ", ".join(data["incomplete"])
    notes = [f"Without any record in the export, and taken as empty, not as missing: {escape(without)}." if without else ""]
    notes.append(f"Not in the export, so that what needs them is unknown: {escape(left)}." if left else "")
    notes.append(f"Not whole in the export, so that what is not found there is unknown: {escape(part)}." if part else "")
    return (
        '<section class="arm"><h2>The data</h2>'
        + "".join(f'<p class="note">{note}</p>' for note in notes if note)
        + '<div class="pair">'
        + f"<div><h3>Records read</h3><table><tbody>{read}</tbody></table></div>"
        + f"<div><h3>Lines that could not be used</h3>{f'<table><tbody>{faults}</tbody></table>' if faults else '<p>None.</p>'}</div></div>"
        + _findings("Findings in evaluated charts", data["issues"], "None in more patients than may be hidden.")
        + _findings("Codes of systems that nothing here reads", data["foreignCodes"], "None in more patients than may be hidden.")
        + "</section>"
    )


def _lines(counted: dict[str, int | None]) -> str:
    return "".join(f'<tr><td>{escape(name)}</td><td class="n">{number_text(count)}</td></tr>' for name, count in counted.items())


def _findings(title: str, found: list[Json], none: str) -> str:
    rows = "".join(f'<tr><td>{escape(one["what"])}</td><td class="n">{number_text(one["patients"])}</td></tr>' for one in found[:15])
    table = f'<table class="wide"><thead><tr><th></th><th class="n">patients</th></tr></thead><tbody>{rows}</tbody></table>'
    return f"<h3>{title}</h3>{_framed(table, title) if rows else f'<p>{none}</p>'}"


def _foot(counts: Json) -> str:
    return (
        "<footer><p>A patient is never called eligible here: these are counts of records, to be confirmed by people. "
        f"Definition {escape(counts['definition'])}, evaluated as of {escape(counts['asOf'])}.</p></footer>"
    )


def _clipped(text: str, most: int = 110) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else words[: words.rfind(" ", 0, most)] + " …"
