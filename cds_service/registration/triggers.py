"""A trial's definition into the ICD-10-CM codes by which an EHR may choose for whom to call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cds_service.criteria.nodes.diagnosis import DiagnosisNode
from fhir_mappings.code_systems import ICD_10_CM
from fhir_mappings.value_set import packaged

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial


@dataclass(frozen=True, slots=True)
class Trigger:
    """The codes of the diagnoses that put a patient in an arm's scope: `M32` stands for all that begin with it."""

    trial: str
    arm: str
    codes: tuple[str, ...]


def triggers(trials: Iterable[Trial]) -> Iterator[Trigger]:
    for trial in trials:
        for arm in trial.arms:
            # The diagnosis itself: what excludes it or leaves it unsure never gives a card.
            names = arm.scope.diagnosis if isinstance(arm.scope, DiagnosisNode) else arm.scope.inputs()
            yield Trigger(trial.registry.value, arm.title, _widest({code for name in names for code in _codes().get(name, ())}))


def _widest(codes: set[str]) -> tuple[str, ...]:
    """Without those that a wider one holds: `M32` holds `M32.1-M32.9`."""
    return tuple(sorted(one for one in codes if not any(wide != one and "-" not in wide and _holds(wide, one) for wide in codes)))


def _holds(wide: str, code: str) -> bool:
    return all(end.startswith(wide) for end in code.split("-"))


@cache
def _codes() -> dict[str, tuple[str, ...]]:
    """Value set -> its ICD-10-CM codes and families."""
    found: dict[str, tuple[str, ...]] = {}
    for resource in packaged():
        rules = [rule for rule in resource.get("compose", {}).get("include", ()) if rule["system"] == ICD_10_CM]
        exact = [one["code"] for rule in rules for one in rule.get("concept", ())]
        families = [one["value"] for rule in rules for one in rule.get("filter", ())]
        found[str(resource["identifier"][0]["value"])] = (*exact, *families)
    return found
