"""The items of a card into its `detail`: Markdown that a clinician reads in ten seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cds_service.criteria.evaluation import CriterionResult, Evaluation, Evidence
from cds_service.hooks.facts import Fact
from cds_service.hooks.gaps import Asked, Gaps, Group
from cds_service.hooks.items import Items
from cds_service.hooks.markdown import plain
from cds_service.hooks.words import brief, counted, is_test, not_sent

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial

MAX_LINES = 5
MAX_THINGS = 4
MAX_SUBJECTS = 8
_LINE = 200  # visible characters of a record with what to do about it
_GRADES = {"parsed": " (not coded)", "reported": " (reported)"}
# A test that only the trial wants is no order of today's: before consent nothing is done for a trial.
_AFTER_CONSENT = "for the trial: at screening, after consent"


def detail(items: Items, evaluation: Evaluation, trial: Trial, contact: str = "") -> str:
    """Arm and reasons, whether the chart is old, what to confirm, what was only presumed, what is missing, and on what this rests."""
    sections = [
        _arms(items),
        _old(evaluation),
        _section("Why this patient", [_fact(one) for one in items.facts]),
        _section("To confirm", _confirm(items)),
        _presumed(items),
        _section("Missing", _missing(items.missing, evaluation), _on_tests(items.missing)),
        f"**Study team:** {plain(contact)}" if contact else "",
        _footer(evaluation, trial),
    ]
    return "\n\n".join(section for section in sections if section)


def _arms(items: Items) -> str:
    titles = " and ".join(plain(arm.title) for arm in items.arms)
    return f"**{'Arm' if len(items.arms) == 1 else 'Arms'}:** {titles}"


def _old(evaluation: Evaluation) -> str:
    return f"**Old chart:** {plain(evaluation.stale)}; what may have changed must be asked anew." if evaluation.stale else ""


def _section(heading: str, lines: Sequence[str], note: str = "") -> str:
    return "\n".join([f"**{heading}**{note}", "", *(f"- {line}" for line in lines)]) if lines else ""


def _fact(fact: Fact) -> str:
    return _capital("; ".join(_record(one) for one in fact.records))


def _record(evidence: Evidence) -> str:
    dating = f"{evidence.dating} " if evidence.dating else ""
    day = f", {dating}{plain(evidence.date)}" if evidence.date and not evidence.told else ""
    return f"{plain(brief(evidence.told or evidence.display))}{day}{_GRADES.get(evidence.origin.grade, '')}"


def _confirm(items: Items) -> list[str]:
    """Each criterion stands on a line of its own or is named on the last ones: none is lost."""
    cited = {one.origin.reference for fact in items.facts for one in fact.records}
    common, asked = _everybody(items.everybody), [one.criterion for one in items.everybody]
    secret = _counted_ids("confidential, see chart", items.confidential)
    lines = len(items.confirm)
    last = [*common, *secret]
    if lines + len(last) > MAX_LINES:
        findings = sum(bool(one.finding) for one in items.confirm)
        lines = MAX_LINES - 1 - (len(common) if findings < MAX_LINES - 1 else 0)
        more = [one.id for one in items.confirm[lines:]]
        rest = [f"and {one}" for one in _counted_ids("more", more)]
        # What a record raises goes before what everybody is asked.
        rest += [] if lines < MAX_LINES - 1 else _counted_ids("as for everybody", asked)
        last = [*(common if lines < MAX_LINES - 1 else []), "; ".join([*rest, *secret])]
    return [*(_line(one, items.subjects.get(one.id, ""), cited) for one in items.confirm[:lines]), *last]


def _counted_ids(words: str, ids: Sequence[str]) -> list[str]:
    return [f"{len(ids)} {words} ({_ids(ids)})"] if ids else []


def _everybody(asked: Sequence[Asked]) -> list[str]:
    if not asked:
        return []
    subjects = tuple(dict.fromkeys(subject for one in asked for subject in one.subjects))
    heading = f"Ask as for everybody ({len(asked)}, none is a finding)"
    return [f"{heading}: {_list(subjects, MAX_SUBJECTS)} ({_ids(one.criterion for one in asked)})"]


def _presumed(items: Items) -> str:
    """What is not on the list reads as checked; an old record that does not exclude may be there (a cancer of ten years ago).
    Sensitive ones are never named: one left out would tell of a record."""
    told = [items.subjects[one.id] for one in items.presumed if one.id in items.subjects and not one.sensitive and not one.evidence]
    others = " and ".join(one for one in (_list(told, len(told)), "other exclusions") if one)
    return f"**No excluding record found, not verified:** {others}." if items.presumed else ""


def _line(one: CriterionResult, subject: str, cited: set[str]) -> str:
    """The record first: a question alone would let "no" answer for what the chart already shows. Then what settles it, as far as the
    line goes."""
    steps = [step for step in (_step(one), one.question) if step]
    finding = one.finding or ("" if steps else one.reason)
    parts = [_finding(subject, finding)] if finding else _settled(one, cited, steps)
    for step in steps:
        if not parts or sum(len(part) + 2 for part in parts) + len(step) <= _LINE:
            parts.append(plain(_capital(step), _LINE))
    sentences = [part if part.endswith("?") or part == parts[-1] else f"{part}." for part in parts]
    return f"{' '.join(sentences)} ({plain(one.id)})"


def _finding(subject: str, finding: str) -> str:
    return plain(_capital(f"{subject}: {brief(finding)}" if subject else brief(finding)), _LINE)


def _settled(one: CriterionResult, cited: set[str], steps: Sequence[str]) -> list[str]:
    """What the question is about, where no fact above tells it and both have room."""
    text = brief(one.settled)
    told = all(record.origin.reference in cited for record in one.evidence)
    return [plain(_capital(text))] if text and not told and len(text) + len(steps[0]) + 2 <= _LINE else []


def _step(one: CriterionResult) -> str:
    """A result to get, where that settles it; never a history to check."""
    action = next((gap.action for gap in one.missing if gap.way == "obtain" and not gap.unsent), "")
    return f"{action} ({_AFTER_CONSENT})" if is_test(action) else action


def _on_tests(gaps: Gaps) -> str:
    return f" (tests {_AFTER_CONSENT})" if any(is_test(one.action) for one in gaps.groups) else ""


def _missing(gaps: Gaps, evaluation: Evaluation) -> list[str]:
    states = {one.type: one.state for one in evaluation.sources}
    untold = frozenset(one.reference.partition("/")[0] for one in evaluation.data_issues if one.code == "code-unknown")
    lines = [(f"{not_sent(one.types, states, untold)}: ask for {_list(one.things, MAX_SUBJECTS)}", 1) for one in gaps.unsent]
    lines = [*((_group(one), len(one.things)) for one in gaps.groups), *lines]
    if len(lines) <= MAX_LINES:
        return [line for line, _ in lines]
    shown, more = lines[: MAX_LINES - 1], lines[MAX_LINES - 1 :]
    return [*(line for line, _ in shown), f"and {counted(sum(count for _, count in more), 'thing')} more"]


def _group(group: Group) -> str:
    return f"{plain(_capital(group.action))}: {_list(group.things, separator='; ')}"


def _list(things: Sequence[str], most: int = MAX_THINGS, separator: str = ", ") -> str:
    more = len(things) - most
    return separator.join([plain(brief(one)) for one in things[:most]] + ([f"and {more} more"] if more > 0 else []))


def _ids(ids: Iterable[str]) -> str:
    return ", ".join(plain(one) for one in ids)


def _capital(text: str) -> str:
    """`mRSS` stays as it is."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def _footer(evaluation: Evaluation, trial: Trial) -> str:
    known = [plain(trial.phase.capitalize())] if trial.phase else []
    if trial.places is not None:
        known.append(f"planned for {counted(trial.places, 'patient')} in all")
    return (
        f"{_capital(', '.join(known))}{'. ' if known else ''}Not a decision about care: the study team checks every criterion. "
        f"Definition {plain(trial.id)}, version {plain(trial.version)}, as of {evaluation.as_of.isoformat()}."
    )
