"""A loaded Trial into the faults that only the whole shows: an arm that would let an empty chart in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cds_service.criteria.evaluate import evaluate
from cds_service.criteria.model import Trial
from cds_service.criteria.source import DefinitionFault, fault_at
from fhir_mappings.dates import Duration, on
from fhir_mappings.inputs import Anatomy, Inputs, Origin, Person, SourceState, State
from fhir_mappings.terminology import ValueSet

_STATES = (State.WHOLE, State.NOT_PROVIDED)
_EMPTY = "arm '{}' would call an empty chart potentially eligible: its gate asks for nothing"


def checked(trial: Trial, value_sets: Mapping[str, ValueSet]) -> list[DefinitionFault]:
    """A definition that would call a chart with nothing in it a possible match is refused (design 3)."""
    charts = [_nothing(anatomy, state, date(2020, 6, 15)) for anatomy in (Anatomy.FEMALE, Anatomy.MALE) for state in _STATES]
    fitting = {arm.id for chart in charts for arm in evaluate(trial, chart, value_sets).arms if arm.status == "potentially-eligible"}
    return [fault_at(arm.place, _EMPTY.format(arm.id)) for arm in trial.arms if arm.id in fitting]


def _nothing(anatomy: Anatomy, state: State, as_of: date) -> Inputs:
    origin = Origin("Patient/empty", None, "empty chart")
    birth = on(Duration(years=40).before(as_of))
    person = Person("Patient/empty", origin, birth, None, False, False, True, anatomy)
    types = (
        "AllergyIntolerance",
        "Condition",
        "Encounter",
        "Immunization",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Procedure",
        "ResearchSubject",
    )
    sources = {name: SourceState(name, state, 0) for name in types}
    return Inputs(person, as_of, {}, {}, {}, {}, (), sources, (), (), None, None, ())
