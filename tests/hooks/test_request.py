"""A hook call is read for what the service needs; what is wrong is named, what is unknown is let be."""

from __future__ import annotations

import pytest

from tests.support.service import PATH, client, hook_request, post, problems


def test_all_faults_are_told_at_once() -> None:
    """One round trip is enough to learn of them."""
    answer = post(client(), PATH, {"context": {}})
    assert [issue["expression"] for issue in answer.get_json()["issue"]] == [
        ["hook"], ["hookInstance"], ["context.patientId"], ["context.userId"],
    ]  # fmt: skip


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
