"""The items of a card into its `detail`: Markdown that a clinician reads in ten seconds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cds_service.criteria.evaluation import CriterionResult, Evaluation, Evidence
from cds_service.hooks.items import Group, Items
from cds_service.hooks.markdown import plain

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial

MAX_FACTS = 3
MAX_LINES = 5
MAX_THINGS = 4
_LOINC_TAIL = re.compile(
    r" \[[^\]]+\] in (?:Serum|Plasma|Blood|(?:24 hour )?Urine)(?: (?:or|and) [A-Z]\w+)*(?: by [A-Z]\w+(?: (?:fluorescence|count|method))*)?"
)
_GRADES = {"parsed": " (read from text)", "reported": " (reported)"}


def detail(items: Items, evaluation: Evaluation, trial: Trial, contact: str = "") -> str:
    """Arm and reasons, whether the chart is old, what to confirm, what is missing, and on what this rests."""
    sections = [
        _arms(items),
        _old(evaluation),
        _section("Why this patient", [_fact(one) for one in items.facts[:MAX_FACTS]]),
        _section("To confirm", [*_limited([_question(one) for one in items.confirm]), *_confidential(items.confidential)]),
        _section("Missing", _limited([_lacking(one) for one in items.missing])),
        f"**Study team:** {plain(contact)}" if contact else "",
        _footer(evaluation, trial),
    ]
    return "\n\n".join(section for section in sections if section)


def _arms(items: Items) -> str:
    titles = " and ".join(plain(arm.title) for arm in items.arms)
    return f"**{'Arm' if len(items.arms) == 1 else 'Arms'}:** {titles}"


def _old(evaluation: Evaluation) -> str:
    return f"**Old chart:** {plain(evaluation.stale)}; what may have changed must be asked anew." if evaluation.stale else ""


def _section(heading: str, lines: Sequence[str]) -> str:
    return "\n".join([f"**{heading}**", "", *(f"- {line}" for line in lines)]) if lines else ""


def _limited(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MAX_LINES
    return [*lines[:MAX_LINES], *([f"and {more} more"] if more > 0 else [])]


def _fact(evidence: Evidence) -> str:
    day = f", {plain(evidence.date)}" if evidence.date else ""
    return f"{plain(_brief(evidence.display))}{day}{_GRADES.get(evidence.origin.grade, '')}"


def _brief(display: str) -> str:
    """A LOINC name without property, specimen and method: `Nuclear Ab 1:640`; the chart's own name stands in the Evaluation."""
    return _LOINC_TAIL.sub("", display)


def _question(one: CriterionResult) -> str:
    text = plain(one.question, 160) if one.question else f"Look at the record: {plain(one.reason)}"
    return f"{text} ({plain(one.id)})"


def _lacking(group: Group) -> str:
    more = len(group.things) - MAX_THINGS
    things = [plain(thing) for thing in group.things[:MAX_THINGS]] + ([f"and {more} more"] if more > 0 else [])
    return f"{plain(group.action[:1].upper() + group.action[1:])}: {'; '.join(things)}"


def _confidential(count: int) -> list[str]:
    return [f"{count} confidential item{'s' if count != 1 else ''}: see chart"] if count else []


def _footer(evaluation: Evaluation, trial: Trial) -> str:
    known = [plain(trial.phase.capitalize())] if trial.phase else []
    if trial.places is not None:
        known.append(f"{trial.places} place{'s' if trial.places != 1 else ''} in all")
    return (
        f"{', '.join(known)}{'. ' if known else ''}Not a decision about care: the study team checks every criterion. "
        f"Definition {plain(trial.id)}, version {plain(trial.version)}, as of {evaluation.as_of.isoformat()}."
    )
