"""The states of a prefetch value, and what they make of a type's completeness (checklist 25, spec 0.2)."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.errors import MissingData, RequestError
from cds_service.hooks.prefetch import chart_of_prefetch
from fhir_mappings.chart import ChartError
from fhir_mappings.inputs import State
from tests.support.service import PATH, PATIENT, FakeEngine, bundle, client, hook_request, outcome, post, problems, resource

WHOLE, PARTIAL, FAILED, NOT_PROVIDED = State.WHOLE, State.PARTIAL, State.FAILED, State.NOT_PROVIDED
PROCEDURE, LAB = resource("Procedure"), resource("Observation", "lab")
NEXT = {"link": [{"relation": "next", "url": "https://ehr.example/r4?page=2"}]}
EPIC_EMPTY = {
    "resourceType": "Bundle", "type": "searchset", "total": 0, "entry": [{"search": {"mode": "outcome"}, "resource": outcome("warning")}],
}  # fmt: skip


def self_link(query: str) -> dict[str, Any]:
    return {"link": [{"relation": "self", "url": f"https://ehr.example/r4/{query}"}]}


def state(of: str, **prefetch: Any) -> State:
    """The state of a type when these keys are given beside the minimum."""
    minimum = {"patient": PATIENT, "conditions": None}
    return chart_of_prefetch({**minimum, **prefetch}, "p1").sources[of].state


@pytest.mark.rule("25", "26")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, WHOLE),
        (bundle(), WHOLE),
        ({"resourceType": "Bundle", "type": "searchset"}, WHOLE),
        (EPIC_EMPTY, WHOLE),
        (bundle(PROCEDURE, total=1), WHOLE),
        (bundle(PROCEDURE, outcome("information"), total=1), WHOLE),
        (PROCEDURE, PARTIAL),
        (bundle(PROCEDURE, **NEXT), PARTIAL),
        (bundle(PROCEDURE, total=2), PARTIAL),
        (bundle(PROCEDURE, outcome("error")), PARTIAL),
        (bundle(outcome("error")), FAILED),
        (bundle({"resourceType": "OperationOutcome"}), FAILED),
        (outcome("error"), FAILED),
        (outcome("warning"), FAILED),
    ],
)
def test_each_state_of_a_value(value: Any, expected: State) -> None:
    """null and an empty Bundle: nothing there; paged or fewer than total: partial; an OperationOutcome: could not be had."""
    assert state("Procedure", procedures=value) is expected


@pytest.mark.rule("25")
def test_an_absent_key_is_not_known() -> None:
    """A type never asked for, or not sent, is not whole."""
    assert state("Procedure") is NOT_PROVIDED


@pytest.mark.parametrize(
    ("prefetch", "expected"),
    [
        ({"labs": bundle(LAB), "surveys": None}, WHOLE),
        ({"labs": bundle(LAB), "surveys": None, "vitals": None}, WHOLE),
        ({"vitals": None}, PARTIAL),
        ({"labs": bundle(LAB)}, PARTIAL),
        ({"labs": None}, PARTIAL),
        ({"labs": bundle(LAB), "surveys": outcome()}, PARTIAL),
        ({"labs": outcome(), "surveys": outcome()}, FAILED),
        ({"labs": outcome()}, FAILED),
        ({"anything": bundle(LAB)}, PARTIAL),
    ],
)
def test_observations_are_whole_only_with_laboratory_and_surveys(prefetch: dict[str, Any], expected: State) -> None:
    """Each search has a category, so one of them is never all."""
    assert state("Observation", **prefetch) is expected


@pytest.mark.parametrize(
    ("prefetch", "expected"),
    [
        ({"surgery": bundle(PROCEDURE)}, WHOLE),
        ({"surgery": bundle(PROCEDURE, kind="collection")}, PARTIAL),
        ({"surgery": bundle(PROCEDURE, **NEXT)}, PARTIAL),
        ({"surgery": PROCEDURE}, PARTIAL),
        ({"surgery": bundle(PROCEDURE, **self_link("Procedure?patient=p1&_count=50"))}, WHOLE),
        ({"surgery": bundle(PROCEDURE, **self_link("Procedure?patient=p1&date=ge2026"))}, PARTIAL),
        ({"surgery": bundle(**self_link("Procedure?patient:Patient=p1"))}, WHOLE),
        ({"surgery": bundle(outcome(), **self_link("Procedure?patient=p1"))}, FAILED),
        ({"surgery": bundle(PROCEDURE, **self_link("["))}, WHOLE),
        ({"surgery": bundle(PROCEDURE, link=[{"relation": "self", "url": "http://[x"}])}, WHOLE),
        ({"surgery": None}, NOT_PROVIDED),
        ({"surgery": bundle()}, NOT_PROVIDED),
        ({"surgery": outcome()}, NOT_PROVIDED),
        ({"a": bundle(PROCEDURE), "b": bundle(resource("Procedure", "2"), **NEXT)}, PARTIAL),
        ({"procedures": outcome(), "surgery": bundle(PROCEDURE)}, PARTIAL),
        ({"procedures": bundle(PROCEDURE), "surgery": bundle(resource("Procedure", "2"), **NEXT)}, WHOLE),
        ({"procedures": bundle(resource("Condition", "2"))}, NOT_PROVIDED),
        ({"encounters": bundle(resource("Encounter"), PROCEDURE)}, PARTIAL),
    ],
)
def test_a_site_may_name_its_keys_as_it_likes(prefetch: dict[str, Any], expected: State) -> None:
    """Types are told from what a Bundle holds and from its `self` link, unless that shows a narrower search; a key of ours counts first."""
    assert state("Procedure", **prefetch) is expected


def test_an_included_resource_does_not_make_its_type_whole() -> None:
    """What came along with another search was not searched for."""
    entries = [{"resource": PROCEDURE}, {"resource": resource("Encounter"), "search": {"mode": "include"}}]
    given = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    assert state("Encounter", surgery=given) is PARTIAL
    assert state("Procedure", surgery=given) is WHOLE


def test_resources_are_found_under_any_key() -> None:
    """Also a Medication sent along with its requests, and the patient within a Bundle."""
    prefetch = {
        "-user": resource("Practitioner", "e1"),
        "who": bundle(PATIENT),
        "problems": bundle(resource("Condition")),
        "meds": bundle(resource("MedicationRequest"), resource("Medication")),
    }
    chart = chart_of_prefetch(prefetch, "p1")
    assert {name for name in chart.entries if chart.of(name)} == {"Condition", "MedicationRequest", "Medication"}


def test_the_order_of_keys_changes_nothing() -> None:
    """The same prefetch written in another order gives the same chart."""
    prefetch = hook_request()["prefetch"] | {"labs": bundle(LAB), "x": bundle(PROCEDURE)}
    assert chart_of_prefetch(dict(reversed(prefetch.items())), "p1") == chart_of_prefetch(prefetch, "p1")


@pytest.mark.rule("28")
@pytest.mark.parametrize(
    ("prefetch", "keys"),
    [
        ({}, ["patient", "conditions"]),
        ({"conditions": None}, ["patient"]),
        ({"patient": None, "conditions": None}, ["patient"]),
        ({"patient": outcome(), "conditions": None}, ["patient"]),
        ({"patient": PATIENT}, ["conditions"]),
        ({"patient": PATIENT, "conditions": outcome()}, ["conditions"]),
        ({"patient": PATIENT, "conditions": bundle(outcome())}, ["conditions"]),
    ],
)
def test_without_the_minimum_the_missing_keys_are_named(prefetch: dict[str, Any], keys: list[str]) -> None:
    """Checklist 28: 412, or by setting 200 without cards."""
    body = {**hook_request(), "prefetch": prefetch}
    answer = post(client(), PATH, body)
    assert answer.status_code == 412
    assert [issue["expression"] for issue in answer.get_json()["issue"]] == [[f"prefetch.{key}"] for key in keys]
    assert all(f"'{key}'" in problems(answer) for key in keys)
    lenient = post(client(missing_minimum="empty"), PATH, body)
    assert (lenient.status_code, lenient.get_json()) == (200, {"cards": []})


def test_a_request_without_prefetch_lacks_the_minimum() -> None:
    """An absent prefetch, and null, are an empty one."""
    for body in ({name: value for name, value in hook_request().items() if name != "prefetch"}, {**hook_request(), "prefetch": None}):
        with pytest.raises(MissingData):
            chart_of_prefetch(body.get("prefetch") or {}, "p1")
        assert post(client(), PATH, body).status_code == 412


@pytest.mark.rule("25")
@pytest.mark.parametrize("conditions", [None, bundle(), bundle(resource("Condition")), resource("Condition"), EPIC_EMPTY])
def test_known_conditions_or_knowing_that_there_are_none_suffice(conditions: Any) -> None:
    """The minimum is met."""
    engine = FakeEngine()
    assert post(client(engine), PATH, hook_request({"patient": PATIENT, "conditions": conditions})).status_code == 200
    assert len(engine.charts) == 1


@pytest.mark.parametrize(
    "patient",
    [{**PATIENT, "id": "p2"}, {"resourceType": "Patient"}, bundle(PATIENT, {**PATIENT, "id": "p2"}), {**PATIENT, "id": 5}],
)
def test_another_patient_than_the_one_in_context_is_refused(patient: Any) -> None:
    """A mixed-up call gets 400, never the verdict of another patient's chart."""
    with pytest.raises(RequestError, match=r"not context\.patientId"):
        chart_of_prefetch({"patient": patient, "conditions": None}, "p1")


def test_another_patients_records_are_set_aside() -> None:
    """A record about someone else is not used and is told as a data issue."""
    other = {**resource("Condition", "2"), "subject": {"reference": "Patient/p2"}}
    chart = chart_of_prefetch({"patient": PATIENT, "conditions": bundle(resource("Condition"), other)}, "p1")
    assert [entry.reference for entry in chart.of("Condition")] == ["Condition/1"]
    assert [issue.reference for issue in chart.issues] == ["Condition/2"]


@pytest.mark.parametrize(
    ("prefetch", "place"),
    [
        ({"labs": 5}, "prefetch.labs"),
        ({"labs": []}, "prefetch.labs"),
        ({"labs": {}}, "prefetch.labs"),
        ({"labs": {"resourceType": 5}}, "prefetch.labs"),
        ({"Mr Smith, born 1950": 5}, "prefetch.?"),
    ],
)
def test_a_value_that_is_no_fhir_is_named(prefetch: dict[str, Any], place: str) -> None:
    """The key stands in the error, unless it could be more than a name."""
    with pytest.raises(RequestError) as raised:
        chart_of_prefetch(prefetch, "p1")
    assert raised.value.problems[0].place == place


@pytest.mark.parametrize(
    ("labs", "place"),
    [
        ({"resourceType": "Bundle", "entry": 5}, "prefetch.labs.entry"),
        ({"resourceType": "Bundle", "entry": [5]}, "prefetch.labs.entry[0]"),
        ({"resourceType": "Bundle", "entry": [{"resource": {}}]}, "prefetch.labs.entry[0].resource"),
    ],
)
def test_a_broken_bundle_is_named(labs: Any, place: str) -> None:
    """The place within the prefetch stands in the error."""
    with pytest.raises(ChartError) as raised:
        chart_of_prefetch({"patient": PATIENT, "labs": labs}, "p1")
    assert raised.value.place == place
