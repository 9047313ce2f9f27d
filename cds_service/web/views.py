"""An Evaluation into what the pages show of it: groups of criteria, their marks, and counts of statuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cds_service.criteria.evaluation import STATUSES, ArmResult, CriterionResult, Evaluation, Missing
from cds_service.hooks.left import is_to_confirm
from cds_service.looks import GROUP_LOOKS, SHOWN_LOOKS, STATUS_LOOKS, Look

_LOOK_OF_GROUP = {look.id: look for look in GROUP_LOOKS}


@dataclass(frozen=True, slots=True)
class Group:
    """Criteria of one arm that ask the same of the reader."""

    look: Look
    criteria: tuple[CriterionResult, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a stacked bar, in percent of its width."""

    look: Look
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """How many patients stand in each status, or are on hold, of one arm or over all of them."""

    title: str
    segments: tuple[Segment, ...]


def group_of(one: CriterionResult) -> Look:
    """The one group a criterion stands in: what fails first, for it settles the arm."""
    if one.fails:
        return _LOOK_OF_GROUP["fails"]
    if not one.applicable:
        return _LOOK_OF_GROUP["not-applicable"]
    if one.passes:
        return _LOOK_OF_GROUP["passes"]
    return _LOOK_OF_GROUP["person" if is_to_confirm(one) else "data"]


def groups(arm: ArmResult) -> tuple[Group, ...]:
    """The arm's criteria by what they ask of the reader, each group in protocol order; empty groups are left out."""
    found = (Group(look, tuple(one for one in arm.criteria if group_of(one) is look)) for look in GROUP_LOOKS)
    return tuple(group for group in found if group.criteria)


def action(gap: Missing, one: CriterionResult) -> str:
    """What to do to get it; the criterion's own question, which stands above it, is not said twice."""
    act, _, words = gap.action.partition(": ")
    return act if words and one.question and words in one.question else gap.action


def first_arm(evaluation: Evaluation) -> str:
    """The arm to open the page with: the best one, the first of several."""
    return min(evaluation.arms, key=lambda arm: STATUSES.index(arm.status)).id


def bars(evaluations: Sequence[Evaluation]) -> tuple[Bar, ...]:
    """Over all arms, then of each arm; a patient on hold is so in each."""
    arms = {arm.id: arm.title for evaluation in evaluations for arm in evaluation.arms}
    of_arms = (
        Bar(title, _segments([one.shown(arm.status) for one in evaluations for arm in one.arms if arm.id == identity]))
        for identity, title in arms.items()
    )
    return (Bar("Best over all arms", _segments([one.shown(one.status) for one in evaluations])), *of_arms)


def _segments(statuses: Sequence[str]) -> tuple[Segment, ...]:
    found, start = [], 0.0
    for look in SHOWN_LOOKS.values():
        count = statuses.count(look.id)
        if count:
            width = 100 * count / len(statuses)
            found.append(Segment(look, count, round(start, 2), round(width, 2)))
            start += width
    return tuple(found)


def silence(evaluation: Evaluation, trial_open: bool) -> str:
    """Why the service shows no card, for the demo's viewer only: an EHR's user is told nothing."""
    if not trial_open:
        return "The trial is not recruiting."
    if evaluation.holds:
        return f"On hold: {_sentence(hold.reason for hold in evaluation.holds)}"
    return f"The best status over the arms is “{STATUS_LOOKS[evaluation.status].words.lower()}”."


def _sentence(reasons: Iterable[str]) -> str:
    return "; ".join(reasons) + "."
