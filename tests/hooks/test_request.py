"""A hook call is read for what the service needs; what is wrong is named, what is unknown is let be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.service import PATH, FakeEngine, client, hook_request, post, problems


def without(path: str) -> dict[str, Any]:
    """The request lacking that element."""
    body = hook_request()
    holder, _, name = path.rpartition(".")
    del (body[holder] if holder else body)[name]
    return body


@pytest.mark.rule("19")
@pytest.mark.parametrize("element", ["hook", "hookInstance", "context", "context.patientId", "context.userId"])
def test_a_missing_required_element_is_named(element: str) -> None:
    """Checklist 19 and the context of patient-view: 400 with the element as the issue's expression."""
    answer = post(client(), PATH, without(element))
    assert answer.status_code == 400
    assert f"{element}: is required" in problems(answer)
    assert answer.get_json()["issue"][0]["expression"] == [element]


@pytest.mark.rule("19")
@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"hook": 5}, "hook"),
        ({"hookInstance": ""}, "hookInstance"),
        ({"hookInstance": ["x"]}, "hookInstance"),
        ({"context": []}, "context"),
        ({"context": {"patientId": 7, "userId": "Practitioner/1"}}, "context.patientId"),
        ({"context": {"patientId": "p1", "userId": " "}}, "context.userId"),
        ({"prefetch": []}, "prefetch"),
        ({"prefetch": "x"}, "prefetch"),
    ],
)
def test_an_element_of_the_wrong_type_is_named(change: dict[str, Any], element: str) -> None:
    """400 that says which element must be what."""
    answer = post(client(), PATH, {**hook_request(), **change})
    assert answer.status_code == 400
    assert f"{element}: must be" in problems(answer)


def test_all_faults_are_told_at_once() -> None:
    """One round trip is enough to learn of them."""
    answer = post(client(), PATH, {"context": {}})
    assert [issue["expression"] for issue in answer.get_json()["issue"]] == [
        ["hook"], ["hookInstance"], ["context.patientId"], ["context.userId"],
    ]  # fmt: skip


@pytest.mark.rule("22")
def test_another_hook_at_this_id_is_refused() -> None:
    """Checklist 22."""
    answer = post(client(), PATH, hook_request(hook="order-sign"))
    assert answer.status_code == 400
    assert "patient-view" in problems(answer)


def test_an_unknown_service_is_not_found() -> None:
    """404 as an OperationOutcome."""
    answer = post(client(), "/cds-services/other", hook_request())
    assert answer.status_code == 404
    assert "no CDS service" in problems(answer)


@pytest.mark.rule("5", "19", "65")
@pytest.mark.parametrize(
    "more",
    [
        {"extension": {"com.epic.cdshooks.request.bpa-trigger-action": "60"}, "internal.epic": 1},
        {"fhirServer": "http://ehr.example/r4", "fhirAuthorization": {"access_token": "x"}},
        {"fhirServer": 5},
        {"context": {"patientId": "Patient/p1", "userId": "PractitionerRole/e.1-x", "encounterId": "e1", "extension": {}}},
        {"hookInstance": "not-a-uuid"},
    ],
)
def test_what_the_service_does_not_need_is_let_be(more: dict[str, Any]) -> None:
    """Checklist 5 and 65: Epic's extensions, fhirServer of any kind, a typed patient id, an instance that is no UUID."""
    engine = FakeEngine()
    assert post(client(engine), PATH, hook_request(**more)).status_code == 200
    assert engine.charts


START = "/cds-services/trial-eligibility-encounter-start"


@pytest.mark.rule("24")
def test_an_encounter_start_gives_the_card_of_the_patient() -> None:
    """The context names the encounter; the answer is that of patient-view."""
    body = hook_request(hook="encounter-start")
    body["context"]["encounterId"] = "e1"
    answer = post(client(), START, body)
    assert answer.status_code == 200
    assert answer.get_json()["cards"][0]["summary"] == post(client(), PATH, hook_request()).get_json()["cards"][0]["summary"]


@pytest.mark.rule("24")
def test_an_encounter_start_without_its_encounter_is_refused() -> None:
    """encounterId is required by the hook's definition."""
    answer = post(client(), START, hook_request(hook="encounter-start"))
    assert answer.status_code == 400
    assert "context.encounterId: is required" in problems(answer)
