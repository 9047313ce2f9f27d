"""The arms that a patient may fit into the records that speak for the patient, a line each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from cds_service.criteria.evaluation import ArmResult, CriterionResult, Evidence

if TYPE_CHECKING:
    from cds_service.criteria.model import Arm, Trial

MAX_FACTS = 3
_TOGETHER = 2  # records of one criterion on one line: SLEDAI and BILAG, ANA and anti-dsDNA


@dataclass(frozen=True, slots=True)
class Fact:
    """What one criterion rests on, to be told on one line."""

    records: tuple[Evidence, ...]


def facts(arms: Iterable[ArmResult], trial: Trial) -> tuple[Fact, ...]:
    """The most telling ones, by the order that the definition gives (disease, serology, activity, treatment); arms take turns."""
    own = {arm.id: arm for arm in trial.arms}
    common = frozenset(one.id for one in trial.criteria if not one.arm)
    seen: set[object] = set()
    found = []
    for fact in (one for turn in zip_longest(*(_of_arm(arm, own[arm.id], common) for arm in arms)) for one in turn if one):
        records = _new(fact.records, seen)
        if records:
            found.append(Fact(records))
    return tuple(found[:MAX_FACTS])


def _new(records: Iterable[Evidence], seen: set[object]) -> tuple[Evidence, ...]:
    """Those that no line has told yet, by record or by words."""
    found: list[Evidence] = []
    for one in records:
        keys = {one.origin.reference, one.told or (one.display, one.date)}
        if not keys & seen and len(found) < _TOGETHER:
            found.append(one)
        seen |= keys
    return tuple(found)


def _of_arm(arm: ArmResult, definition: Arm, common: frozenset[str]) -> list[Fact]:
    """Where nothing of the disease speaks, age and the like: better than no reason at all."""
    speaking = [one for one in arm.criteria if _speaks_for(one)]
    own = [one for one in speaking if one.id not in common]
    order = {name: place for place, name in enumerate(definition.facts or definition.gate)}
    ranked = sorted(own or speaking, key=lambda one: order.get(one.id, len(order)))
    return [Fact(_telling(one.evidence)) for one in ranked]


def _speaks_for(one: CriterionResult) -> bool:
    return one.kind == "inclusion" and "met" in (one.verdict, one.lean) and one.applicable and not one.sensitive and bool(one.evidence)


def _telling(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Where the criterion has words for what it rests on first (how long which drugs), the records beside are left out; so is that
    somebody answered "yes" where a record stands."""
    records = tuple(one for one in evidence if one.origin.grade != "reported") or evidence
    return tuple(one for one in records if one.told) if records[0].told else records
