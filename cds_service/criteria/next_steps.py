"""An arm's result into what would decide this patient: for each open or failing criterion the one thing that settles it, in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cds_service.criteria.evaluation import ArmResult, CriterionResult

_ENDED = ("ineligible", "out-of-scope")


@dataclass(frozen=True, slots=True)
class NextStep:
    """What settles one criterion. `decisive`: the arm cannot become potentially eligible, or can't stay so, without it.

    `way`: ask (a person says, or takes the history), look (a person reads the record), obtain (a result or record is missing), wait
    (until `when`), change (the patient's state must change).
    """

    criterion: str
    way: str
    what: str
    decisive: bool
    sensitive: bool
    when: date | None = None


def next_steps(arm: ArmResult, gate: tuple[str, ...], own: frozenset[str] = frozenset()) -> tuple[NextStep, ...]:
    """The fewest things that settle the arm, first; then those that complete the screening. Nothing where the arm has ended for good."""
    return tuple(_step(one, gate) for one in unresolved(arm, gate, own))


def unresolved(arm: ArmResult, gate: tuple[str, ...], own: frozenset[str] = frozenset()) -> list[CriterionResult]:
    """The open and the failing criteria in the order of their steps.

    An arm that fails for now needs every fail gone; one that needs data needs its gate open and nothing leaning to fail; what leans
    to fail comes first, since it may end the screening. Of equals the arm's `own` criteria come before the common ones.
    """
    if arm.status in _ENDED:
        return []
    left = [one for one in arm.criteria if one.fails or one.verdict == "unknown"]
    return sorted(left, key=lambda one: (*_rank(one, gate), one.id not in own))


def decisive(one: CriterionResult, gate: tuple[str, ...]) -> bool:
    """Whether the arm's status hangs on this criterion (spec head, Status of an arm)."""
    return one.fails or one.leans_to_fail or (one.id in gate and not one.opens)


def _rank(one: CriterionResult, gate: tuple[str, ...]) -> tuple[bool, ...]:
    """Fails, then what leans to fail, then a gate that is shut, then the gate, then what a record speaks of, then data before questions."""
    return (not one.fails, not one.leans_to_fail, not decisive(one, gate), one.id not in gate, not one.review, one.open == "person")


def _step(one: CriterionResult, gate: tuple[str, ...]) -> NextStep:
    way, what = _fail(one) if one.fails else _open(one)
    return NextStep(one.id, way, what, decisive(one, gate), one.sensitive, one.recheck_on)


def _fail(one: CriterionResult) -> tuple[str, str]:
    if one.recheck_on is not None:
        return "wait", f"check again on {one.recheck_on}: {one.reason}"
    return "change", one.reason


def _open(one: CriterionResult) -> tuple[str, str]:
    """The one thing: a judgement where only that is left, else the record to look at, else the thing to get."""
    if one.open == "person" and one.question:
        return "ask", one.question
    if one.review:
        return "look", one.reason
    if one.missing and one.missing[0].way == "history" and not one.missing[0].unsent:
        return "ask", one.missing[0].action
    if one.missing:
        return "obtain", one.missing[0].action
    return ("ask", one.question) if one.question else ("look", one.reason)
