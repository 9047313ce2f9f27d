"""An Evaluation into what its card tells: why this patient, what a person must confirm, what is missing and how to get it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cds_service.criteria.evaluation import ArmResult, CriterionResult, Evaluation
from cds_service.criteria.next_steps import unresolved
from cds_service.hooks.facts import Fact, facts
from cds_service.hooks.gaps import Asked, Gaps
from cds_service.hooks.left import Left, sorted_out

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial


@dataclass(frozen=True, slots=True)
class Items:
    """All of it, most telling first. Of a sensitive criterion (interfaces.md, `sensitive`) no record stands here: `confidential` names
    those whose record was withheld; what is asked of everybody is asked like any other question."""

    arms: tuple[ArmResult, ...]
    facts: tuple[Fact, ...]
    confirm: tuple[CriterionResult, ...]
    everybody: tuple[Asked, ...]
    confidential: tuple[str, ...]
    presumed: tuple[CriterionResult, ...]
    missing: Gaps
    subjects: Mapping[str, str]
    left: Left


def items(evaluation: Evaluation, trial: Trial) -> Items:
    """The items of the arms that the patient may fit."""
    arms = _fitting(evaluation)
    subjects = {one.id: one.subject for one in trial.criteria if one.subject}
    order, place = _order(arms, trial), {one.id: position for position, one in enumerate(trial.criteria)}
    left = sorted(unsettled(evaluation), key=lambda one: order[one.id])
    found = sorted_out(left, subjects)
    return Items(
        arms,
        facts(arms, trial),
        tuple(sorted(found.confirm, key=_records_first)),
        tuple(sorted(found.everybody, key=lambda one: place[one.criterion])),
        tuple(sorted(found.confidential, key=lambda name: place[name])),
        _presumed(arms, frozenset(order)),
        found.missing,
        subjects,
        found.left,
    )


def _fitting(evaluation: Evaluation) -> tuple[ArmResult, ...]:
    return tuple(arm for arm in evaluation.arms if arm.status == "potentially-eligible")


def _presumed(arms: Iterable[ArmResult], left: frozenset[str]) -> tuple[CriterionResult, ...]:
    """Exclusions that pass because nothing was found that excludes (spec 0.2: visibly different from a documented negative), each once."""
    found = {one.id: one for arm in arms for one in arm.criteria if one.presumed and one.kind == "exclusion" and one.id not in left}
    return tuple(found.values())


def _records_first(one: CriterionResult) -> tuple[bool, bool]:
    """What the record raises against the patient, then what it raises for them, then what is asked without a new finding."""
    return (not one.finding, bool(one.finding) and one.lean == "met")


def _order(arms: Iterable[ArmResult], trial: Trial) -> dict[str, int]:
    """Criterion -> its place among what would decide the patient: the best over the arms."""
    gates = {arm.id: arm.gate for arm in trial.arms}
    own = frozenset(one.id for one in trial.criteria if one.arm)
    found: dict[str, int] = {}
    for arm in arms:
        for place, one in enumerate(unresolved(arm, gates[arm.id], own)):
            found[one.id] = min(place, found.get(one.id, place))
    return found


def unsettled(evaluation: Evaluation) -> list[CriterionResult]:
    """Each criterion once, that is unknown in some arm that may fit. A standing question of a passed one is for the sign-off list."""
    found: dict[str, CriterionResult] = {}
    for one in (result for arm in _fitting(evaluation) for result in arm.criteria):
        if one.verdict == "unknown":
            found.setdefault(one.id, one)
    return list(found.values())
