"""What signing would cost into a card: which order, which criterion in the protocol's words, from when and until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from cds_service.alerts.reasons import offered
from cds_service.criteria.evaluation import Evaluation, Missing
from cds_service.hooks.cards import MAX_SUMMARY, source_of
from cds_service.hooks.drafts import Draft
from cds_service.hooks.markdown import plain
from cds_service.hooks.order_sign import Loss
from cds_service.hooks.words import is_test

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial

_QUOTED = 320  # a protocol's words are quoted so far: the longest of background therapy whole


def warning(found: tuple[Loss, ...], evaluation: Evaluation, trial: Trial, uuid: str) -> dict[str, Any]:
    """One warning for all orders of the call."""
    drafts = tuple(dict.fromkeys(draft for loss in found for draft in loss.drafts))
    return {
        "uuid": uuid,
        "summary": _summary(found, drafts, evaluation, trial),
        "detail": "\n".join(_detail(found, drafts, evaluation, trial)),
        "indicator": "warning",
        "source": source_of(trial),
        "links": [{"label": f"{trial.registry.value} in the trial registry", "url": trial.registry.url, "type": "absolute"}],
        "overrideReasons": offered({}),
    }


def _summary(found: tuple[Loss, ...], drafts: tuple[Draft, ...], evaluation: Evaluation, trial: Trial) -> str:
    """One sentence of plain text."""
    name = trial.short_title.partition(" (")[0]
    would = "would" if any(loss.criterion.fails for loss in found) else "would probably"
    until = f" until {day}" if (day := _again(found)) else ""
    ordered = " and ".join(dict.fromkeys(_printable(draft.name) for draft in drafts))
    if all(loss.since > evaluation.as_of for loss in found):
        would += f", from {min(loss.since for loss in found)} on,"
    for what in (f"Signing {ordered}", "Signing these orders"):
        text = f"{what} {would} keep the patient out of trial {name}{until}"
        if len(text) <= MAX_SUMMARY:
            return text
    return f"Signing these orders {would} keep the patient out of a trial{until}"


def _printable(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def _again(found: tuple[Loss, ...]) -> date | None:
    """The day on which the last of them has passed, where all of them pass with time."""
    days = [loss.until for loss in found if loss.until]
    return max(days) if days and len(days) == len(found) else None


def _detail(found: tuple[Loss, ...], drafts: Iterable[Draft], evaluation: Evaluation, trial: Trial) -> Iterator[str]:
    yield from ("**To be signed**", "")
    yield from (f"- {_order(draft)}" for draft in drafts)
    yield from ("", f"**What it would mean for trial {plain(trial.short_title.partition(' (')[0])}**", "")
    yield from dict.fromkeys(f"- {_line(loss, evaluation)}" for loss in found)
    again = f", and again from {day}" if (day := _again(found)) else ""
    says = f"The patient may fit this trial now{again}. Care comes first: this is no advice against an order."
    yield from ("", f"{says} Definition {plain(trial.id)}, version {plain(trial.version)}.")


def _order(draft: Draft) -> str:
    dose = f", {plain(draft.dose)}" if draft.dose else ""
    return f"{plain(draft.name)}{dose}, from {draft.begins}"


def _line(loss: Loss, evaluation: Evaluation) -> str:
    """`SLE-6 would not be met while the order runs, and maybe longer. The protocol: “…”`."""
    one = loss.criterion
    since = f"from {loss.since} on " if loss.since > evaluation.as_of else ""
    text = f"{since}{plain(one.id)} {_effect(loss)}{_end(loss)}"
    mark = "" if text.endswith("?") else "."  # what would settle it may be a question
    return text[:1].upper() + text[1:] + mark + ("" if one.sensitive else f" The protocol: “{plain(one.text, _QUOTED)}”")


def _effect(loss: Loss) -> str:
    probably = "" if loss.criterion.fails else "probably "
    return f"would {probably}exclude the patient" if loss.criterion.kind == "exclusion" else f"would {probably}not be met"


def _end(loss: Loss) -> str:
    """Until when this criterion alone would stand against them: a day, what would settle it, or the end of the order."""
    if loss.until:
        return f" until {loss.until}"
    if loss.criterion.fails or loss.criterion.sensitive or not loss.criterion.missing:
        return " while the order runs, and maybe longer"
    return f"; to settle it: {plain('; '.join(_settling(gap) for gap in loss.criterion.missing))}"


def _settling(gap: Missing) -> str:
    """The thing, not how to get it: a count from after the last dose can't be had before the order is followed (E-11)."""
    return gap.what if is_test(gap.action) else gap.action
