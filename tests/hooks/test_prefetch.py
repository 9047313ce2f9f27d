"""The states of a prefetch value, and what they make of a type's completeness (checklist 25, spec 0.2)."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.hooks.prefetch import chart_of_prefetch
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


STATES: tuple[tuple[str, Any, State], ...] = (
    ("null: the client looked and found nothing", None, WHOLE),
    ("a Bundle of no entries", bundle(), WHOLE),
    ("a Bundle without `entry`", {"resourceType": "Bundle", "type": "searchset"}, WHOLE),
    ("nothing found, told by an entry that is a warning (Epic)", EPIC_EMPTY, WHOLE),
    ("a Bundle of all there is", bundle(PROCEDURE, total=1), WHOLE),
    ("the same with a remark as an entry", bundle(PROCEDURE, outcome("information"), total=1), WHOLE),
    ("one resource where a search was asked for", PROCEDURE, PARTIAL),
    ("a Bundle with a next page", bundle(PROCEDURE, **NEXT), PARTIAL),
    ("a Bundle of fewer entries than its total", bundle(PROCEDURE, total=2), PARTIAL),
    ("a Bundle with an error as an entry", bundle(PROCEDURE, outcome("error")), PARTIAL),
    ("a Bundle of an error alone", bundle(outcome("error")), FAILED),
    ("a Bundle of an OperationOutcome without an issue", bundle({"resourceType": "OperationOutcome"}), FAILED),
    ("an OperationOutcome in place of the value", outcome("error"), FAILED),
    ("the same as a warning", outcome("warning"), FAILED),
)


@pytest.mark.rule("25", "26")
@pytest.mark.parametrize(("sent", "value", "expected"), STATES, ids=[row[0] for row in STATES])
def test_each_state_of_a_value(sent: str, value: Any, expected: State) -> None:
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
    assert {issue["code"] for issue in answer.get_json()["issue"]} == {"processing"}
    assert all(f"'{key}'" in problems(answer) for key in keys)
    lenient = post(client(missing_minimum="empty"), PATH, body)
    assert (lenient.status_code, lenient.get_json()) == (200, {"cards": []})


@pytest.mark.rule("25")
@pytest.mark.parametrize("conditions", [None, bundle(), bundle(resource("Condition")), resource("Condition"), EPIC_EMPTY])
def test_known_conditions_or_knowing_that_there_are_none_suffice(conditions: Any) -> None:
    """The minimum is met."""
    engine = FakeEngine()
    assert post(client(engine), PATH, hook_request({"patient": PATIENT, "conditions": conditions})).status_code == 200
    assert len(engine.charts) == 1


def test_another_patients_records_are_set_aside() -> None:
    """A record about someone else is not used and is told as a data issue."""
    other = {**resource("Condition", "2"), "subject": {"reference": "Patient/p2"}}
    chart = chart_of_prefetch({"patient": PATIENT, "conditions": bundle(resource("Condition"), other)}, "p1")
    assert [entry.reference for entry in chart.of("Condition")] == ["Condition/1"]
    assert [issue.reference for issue in chart.issues] == ["Condition/2"]
