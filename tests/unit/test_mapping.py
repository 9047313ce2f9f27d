"""The whole mapping: stable, guarded, and honest about what it could not read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_mappings import mapping
from fhir_mappings.chart import Chart, chart_of_bundle
from fhir_mappings.inputs import Inputs, State
from fhir_mappings.mapping import map_chart
from fhir_mappings.observation import map_observations
from tests.support.builders import (
    AS_OF,
    BIOPSY,
    ICD10CM,
    NO_ALLERGY,
    SLE,
    UTC,
    Json,
    allergy,
    answer,
    bundle,
    condition,
    consent,
    encounter,
    immunization,
    inputs_of,
    issues_of,
    medication_request,
    medication_statement,
    observation,
    patient,
    procedure,
    recommendation,
    research_study,
    research_subject,
    response,
    terms,
)

CHART = (
    patient(),
    condition(),
    condition((ICD10CM, "M34.9"), identity="c2", onsetDateTime=None, recordedDate="2020-02-03"),
    observation(value=11.2),
    medication_request(),
    medication_statement(),
    procedure(),
    immunization(),
    recommendation(),
    allergy(severity="severe", manifestation={"text": "Anaphylaxis"}),
    allergy(NO_ALLERGY, identity="al2"),
    encounter(),
    research_subject(consent="Consent/co1", period={"start": "2026-01-01"}),
    research_subject("ResearchStudy/none", identity="rs0"),
    research_study(),
    consent(),
    response(answer("E-19", "N"), answer("E-13/b")),
)
SOURCES = {
    "Condition": condition(identity="odd"),
    "Procedure": procedure(identity="odd"),
    "Immunization": immunization(identity="odd"),
    "ImmunizationRecommendation": recommendation(identity="odd"),
    "AllergyIntolerance": allergy(identity="odd"),
    "ResearchSubject": research_subject(identity="odd"),
    "QuestionnaireResponse": response(answer("E-19"), identity="odd"),
}


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_bundle_changes_nothing(shuffler: random.Random) -> None:
    """Nor do repeats: the facts are equal, and in equal order."""
    held = [*CHART, *CHART[1:]]
    shuffler.shuffle(held)
    (only,) = [one for one in held if one["resourceType"] == "Patient"]
    assert inputs_of(only, *[one for one in held if one is not only]) == inputs_of(*CHART)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*path, key)
        yield from _places(inner, (*path, key))


def _put(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    if not path:
        return wrong
    if isinstance(value, dict):
        return {key: _put(inner, path[1:], wrong) if key == path[0] else inner for key, inner in value.items()}
    return [_put(inner, path[1:], wrong) if key == path[0] else inner for key, inner in enumerate(value)]


PLACES = [(n, path) for n, one in enumerate(CHART) for path in _places(one) if path[0] != "resourceType"]
WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, 10**400, "", " ", "x", "\ud800", "9999-12-31", "0001", [], [[]], {}, [None], {"value": {}}, [7]]
)


@given(st.sampled_from(PLACES), WRONG, st.sampled_from([date(1900, 1, 1), AS_OF, date(9999, 12, 31)]))
def test_a_wrong_shape_anywhere_never_raises(place: tuple[int, tuple[Any, ...]], wrong: Any, as_of: date) -> None:
    """Inputs come of it, with every source."""
    position, path = place
    held = [_put(one, path, wrong) if n == position else one for n, one in enumerate(CHART)]
    chart = chart_of_bundle(bundle(*held))
    assert map_chart(chart, terms(), as_of, UTC).sources.keys() == chart.sources.keys()


def _fails_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mapper of a type fails on the resource `odd`, with words that no one may see."""
    where = {
        "Condition": "map_conditions",
        "Procedure": "map_procedure",
        "Immunization": "map_immunization",
        "ImmunizationRecommendation": "map_recommendation",
        "AllergyIntolerance": "map_allergy",
        "ResearchSubject": "map_subject",
        "QuestionnaireResponse": "map_response",
    }[name]
    real = getattr(mapping, where)

    def fails(entry: Any, site: Any) -> Any:
        if entry.resource["id"] == "odd":
            raise ValueError("Jane Doe, born 1985")
        return real(entry, site)

    monkeypatch.setattr(mapping, where, fails)


@pytest.mark.parametrize("name", SOURCES)
def test_a_failing_mapper_costs_one_resource(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named without its content, and its type no longer shows what is absent."""
    whole = inputs_of(*CHART)
    _fails_on(name, monkeypatch)
    found = inputs_of(*CHART, SOURCES[name])
    assert issues_of(found) == [("resource-unreadable", f"{name}/odd")]
    assert "Jane" not in str(found.issues)
    assert (found.records, found.participations, found.answers) == (whole.records, whole.participations, whole.answers)
    assert {source.type for source in found.sources.values() if source.state is State.PARTIAL} == {name}


def _bursts(at: set[str], together: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mapper of observations fails on those named: on each, or only on all of them together."""

    def fails(chart: Chart, *rest: Any) -> Any:
        held = {entry.resource["id"] for entry in chart.of("Observation")} & at
        if held and (held == at or not together):
            raise ValueError("Jane Doe")
        return map_observations(chart, *rest)

    monkeypatch.setattr(mapping, "map_observations", fails)


OBSERVATIONS = [observation(value=11 + n, identity=f"o{n}", effectiveDateTime=f"2026-11-1{n}") for n in range(3)]


def test_an_observation_that_fails_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are read."""
    _bursts({"o1"}, False, monkeypatch)
    found = inputs_of(*OBSERVATIONS)
    assert [one.origin.reference for one in found.results["lab.hgb"]] == ["Observation/o0", "Observation/o2"]
    assert issues_of(found) == [("resource-unreadable", "Observation/o1")]
    assert found.sources["Observation"].state is State.PARTIAL


def test_observations_that_fail_only_together_are_all_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them can be told from the one at fault."""
    _bursts({"o0", "o1"}, True, monkeypatch)
    found = inputs_of(*OBSERVATIONS)
    assert found.results == {}
    assert issues_of(found) == [("resource-unreadable", f"Observation/o{n}") for n in range(3)]
    assert found.sources["Observation"].state is State.PARTIAL


def test_a_hole_does_not_mend_a_failed_search() -> None:
    """What was not whole stays what it was."""
    chart = chart_of_bundle(bundle(condition(code="SLE"), condition(identity="c2")))
    failed = replace(chart, sources={**chart.sources, "Condition": replace(chart.sources["Condition"], state=State.FAILED)})
    found = map_chart(failed, terms(), AS_OF, UTC)
    assert (found.sources["Condition"].state, found.sources["Condition"].count) == (State.FAILED, 1)


@pytest.mark.parametrize(
    ("one", "name"),
    [(condition(code="SLE"), "Condition"), (procedure(code=7), "Procedure"), (immunization(vaccineCode="MMR"), "Immunization")],
)
def test_a_code_that_is_no_concept_leaves_a_hole(one: Json, name: str) -> None:
    """Nobody can tell what was recorded."""
    found = inputs_of(one)
    assert (found.records, found.sources[name].state, found.sources[name].count) == ({}, State.PARTIAL, 0)
    assert [code for code, _ in issues_of(found)] == ["resource-unreadable"]


def test_a_failing_mapper_does_not_mend_a_failed_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partial would be more than is known."""
    _fails_on("Procedure", monkeypatch)
    chart = chart_of_bundle(bundle(procedure(identity="odd")))
    failed = replace(chart, sources={**chart.sources, "Procedure": replace(chart.sources["Procedure"], state=State.FAILED)})
    assert map_chart(failed, terms(), AS_OF, UTC).sources["Procedure"].state is State.FAILED


def test_participations_stand_by_date_then_reference() -> None:
    """Undated ones first."""
    dated, undated = research_subject(period={"start": "2026-01-01"}, identity="a"), research_subject(identity="b")
    assert [one.origin.reference for one in inputs_of(dated, undated).participations] == ["ResearchSubject/b", "ResearchSubject/a"]


def test_the_sources_are_the_charts() -> None:
    """Where nothing was unreadable they are passed on as they are."""
    chart = chart_of_bundle(bundle(condition()))
    assert map_chart(chart, terms(), AS_OF, UTC).sources == chart.sources


def test_issues_are_sorted_and_told_once() -> None:
    """By reference, then code."""
    broken = {"onsetDateTime": "x", "recordedDate": "y"}
    found = inputs_of(condition(identity="z", **broken), condition(identity="b", **broken), condition(identity="s", subject=None))
    assert [(one.reference, one.issue) for one in found.issues] == [
        ("Condition/b", "onsetDateTime is not a date"),
        ("Condition/b", "recordedDate is not a date"),
        ("Condition/s", "subject names no patient; the resource is not used"),
        ("Condition/z", "onsetDateTime is not a date"),
        ("Condition/z", "recordedDate is not a date"),
    ]


def test_records_stand_by_date_then_reference() -> None:
    """Undated ones first."""
    found = inputs_of(condition(identity="b"), condition(identity="a"), condition(identity="u", onsetDateTime=None))
    assert [one.origin.reference for one in found.records["dx.sle"]] == ["Condition/u", "Condition/a", "Condition/b"]


def test_a_chart_of_the_patient_alone_is_empty() -> None:
    """Nothing known, nothing wrong, everything looked at."""
    found = inputs_of()
    facts = (found.records, found.results, found.exposures, found.answers, found.participations, found.recording_dates, found.issues)
    assert not any(facts)
    assert {source.state for source in found.sources.values()} == {State.WHOLE}


def test_the_same_fact_under_two_names_is_one_object() -> None:
    """Criteria count a record once however many of its concepts they ask for."""
    found: Inputs = inputs_of(condition(SLE, (ICD10CM, "M34.9")), procedure(BIOPSY))
    assert found.records["dx.sle"][0] is found.records["dx.ssc"][0]
