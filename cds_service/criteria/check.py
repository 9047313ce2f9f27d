"""A loaded Trial into the faults that only the whole shows: inputs of the wrong kind, questions not asked, an empty chart let in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from cds_service.criteria.evaluate import evaluate
from cds_service.criteria.model import Criterion, Trial
from cds_service.criteria.node import Node
from cds_service.criteria.source import DefinitionFault, fault_at
from cds_service.criteria.suggest import suggestion
from fhir_mappings.dates import Duration, on
from fhir_mappings.inputs import Anatomy, Inputs, Origin, Person, SourceState, State
from fhir_mappings.terminology import ValueSet


def checked(trial: Trial, value_sets: Mapping[str, ValueSet]) -> list[DefinitionFault]:
    """Every fault; none for a sound definition."""
    faults = [fault for criterion in trial.criteria for fault in _criterion(criterion, trial, value_sets)]
    if not faults:
        faults += _empty_chart(trial, value_sets)
    return faults


def _criterion(criterion: Criterion, trial: Trial, value_sets: Mapping[str, ValueSet]) -> Iterator[DefinitionFault]:
    known = {one.id for one in trial.questions}
    for name in criterion.open_questions:
        if name not in known:
            yield fault_at(criterion.place, f"{criterion.id}: unknown open question '{name}'{suggestion(name, known)}")
    links: set[str] = set()
    for node in criterion.nodes():
        yield from _kind(node, value_sets)
        if node.clause and node.link_id in links:
            yield fault_at(node.place, f"clause '{node.clause}' of {criterion.id} is given twice")
        links.add(node.link_id)


def _kind(node: Node, value_sets: Mapping[str, ValueSet]) -> Iterator[DefinitionFault]:
    """An input must hold what the rule reads: a laboratory value set can't be an exposure."""
    for name in node.inputs():
        types = value_sets[name].types
        if node.READS and types and not (types & node.READS):
            yield fault_at(node.place, f"'{name}' holds {', '.join(sorted(types))}, but '{node.KEY}' reads {', '.join(sorted(node.READS))}")


def _empty_chart(trial: Trial, value_sets: Mapping[str, ValueSet]) -> Iterator[DefinitionFault]:
    """A definition that would call a chart with nothing in it a possible match is refused (design 3)."""
    for anatomy in (Anatomy.FEMALE, Anatomy.MALE):
        for status in (State.WHOLE, State.NOT_PROVIDED):
            evaluation = evaluate(trial, _nothing(anatomy, status, date(2020, 6, 15)), value_sets)
            for arm in evaluation.arms:
                if arm.status == "potentially-eligible":
                    yield DefinitionFault(
                        trial.source, 1, f"arm '{arm.id}' would call an empty chart potentially eligible: its gate asks for nothing"
                    )
                    return


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
