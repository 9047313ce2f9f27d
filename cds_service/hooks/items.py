"""An Evaluation into what its card tells: why this patient, what a person must confirm, what is missing and how to get it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from cds_service.criteria.evaluation import ArmResult, CriterionResult, Evaluation, Evidence
from cds_service.criteria.next_steps import next_steps

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial


@dataclass(frozen=True, slots=True)
class Group:
    """Things that are got in one way: `obtain`, and what."""

    action: str
    things: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """All of it, most telling first. Of a sensitive criterion (interfaces.md, `sensitive`) no record stands here: `confidential` counts
    those whose record was withheld; what is asked of everybody is asked like any other question."""

    arms: tuple[ArmResult, ...]
    facts: tuple[Evidence, ...]
    confirm: tuple[CriterionResult, ...]
    missing: tuple[Group, ...]
    confidential: int
    to_obtain: int  # how many criteria wait for data

    @property
    def to_confirm(self) -> int:
        return len(self.confirm) + self.confidential


def items(evaluation: Evaluation, trial: Trial) -> Items:
    """The items of the arms that the patient may fit."""
    arms = _fitting(evaluation)
    rank = _Rank(trial)
    left = unsettled(evaluation)
    order = _order(arms, trial, rank.own)
    shown = sorted((one for one in left if not _withheld(one)), key=lambda one: order[one.id])
    confirm = [one for one in shown if one.open == "person" or one.review]
    lacking = [one for one in shown if one not in confirm]
    return Items(
        arms,
        tuple(_facts(arms, rank)),
        tuple(confirm),
        _groups(lacking),
        len(left) - len(shown),
        len(lacking),
    )


def _fitting(evaluation: Evaluation) -> tuple[ArmResult, ...]:
    return tuple(arm for arm in evaluation.arms if arm.status == "potentially-eligible")


def _withheld(one: CriterionResult) -> bool:
    """A record speaks and may not stand on a card; where none does, nothing is confidential."""
    return one.sensitive and (one.review or bool(one.evidence))


class _Rank:
    """Which criteria are an arm's own, and which its gate."""

    def __init__(self, trial: Trial) -> None:
        self.gate = {name for arm in trial.arms for name in arm.gate}
        self.own = frozenset(one.id for one in trial.criteria if one.arm)

    def of_fact(self, one: CriterionResult) -> bool:
        """The gate first, open to judgement or not: its record speaks for the patient all the same."""
        return one.id not in self.gate


def _order(arms: Iterable[ArmResult], trial: Trial, own: frozenset[str]) -> dict[str, int]:
    """Criterion -> its place among what would decide the patient: the best over the arms."""
    gates = {arm.id: arm.gate for arm in trial.arms}
    found: dict[str, int] = {}
    for arm in arms:
        for place, step in enumerate(next_steps(arm, gates[arm.id], own)):
            found[step.criterion] = min(place, found.get(step.criterion, place))
    return found


def unsettled(evaluation: Evaluation) -> list[CriterionResult]:
    """Each criterion once, that is unknown in some arm that may fit. A standing question of a passed one is for the sign-off list."""
    found: dict[str, CriterionResult] = {}
    for one in (result for arm in _fitting(evaluation) for result in arm.criteria):
        if one.verdict == "unknown":
            found.setdefault(one.id, one)
    return list(found.values())


def _facts(arms: Iterable[ArmResult], rank: _Rank) -> Iterator[Evidence]:
    """The records that speak for the patient: the disease's own, or, where there is none, age and the like; arms take turns."""
    seen: set[object] = set()
    for evidence in (one for turn in zip_longest(*(_arm_facts(arm, rank) for arm in arms)) for one in turn if one):
        keys = {evidence.origin.reference, (evidence.display, evidence.date)}
        if not keys & seen:
            yield evidence
        seen |= keys


def _arm_facts(arm: ArmResult, rank: _Rank) -> list[Evidence]:
    speaking = [one for one in arm.criteria if _speaks_for(one)]
    own = sorted((one for one in speaking if one.id in rank.own), key=rank.of_fact)
    # One record of each criterion first, then the second ones: three drugs say less than disease, serology and a drug.
    return [one for turn in zip_longest(*(result.evidence for result in own or speaking)) for one in turn if one]


def _speaks_for(one: CriterionResult) -> bool:
    return one.kind == "inclusion" and "met" in (one.verdict, one.lean) and one.applicable and not one.sensitive


def _groups(lacking: Iterable[CriterionResult]) -> tuple[Group, ...]:
    found: dict[str, dict[str, None]] = {}
    for one in lacking:
        for action, what in [_parted(gap.action, gap.what) for gap in one.missing] or [("look into", one.reason)]:
            # Even what is missing would name the subject (HIV, substance use): the protocol's own paragraph is named instead.
            found.setdefault(action, {})[f"what {one.id} names" if one.sensitive else what] = None
    return tuple(Group(action, tuple(things)) for action, things in found.items())


def _parted(action: str, what: str) -> tuple[str, str]:
    """The way without the thing: ("obtain", "IgA within 28 days") of "obtain IgA" and "IgA within 28 days", so that one line can name
    all to obtain. Of "check the chart: Are the doses stable?" the question is left to the Evaluation."""
    way, colon, _ = action.partition(": ")
    if colon:
        return way, what
    words = action.split()
    for position in range(1, len(words)):
        if what.startswith(" ".join(words[position:])):
            return " ".join(words[:position]), what
    return action, what
