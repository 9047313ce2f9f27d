"""`GET /cds-services` describes the services and what they ask for."""

from __future__ import annotations

import re

import pytest

from cds_service.hooks.keys import KEYS, Key, asked
from tests.support.engine import engine as real_engine
from tests.support.service import FakeEngine, client, trial

PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "labs": "Observation?patient={{context.patientId}}&category=laboratory",
    "surveys": "Observation?patient={{context.patientId}}&category=survey",
    "vitals": "Observation?patient={{context.patientId}}&category=vital-signs",
    "medicationStatements": "MedicationStatement?patient={{context.patientId}}",
    "medicationRequests": "MedicationRequest?patient={{context.patientId}}",
    "medicationAdministrations": "MedicationAdministration?patient={{context.patientId}}",
    "medicationDispenses": "MedicationDispense?patient={{context.patientId}}",
    "procedures": "Procedure?patient={{context.patientId}}",
    "immunizations": "Immunization?patient={{context.patientId}}",
    "allergies": "AllergyIntolerance?patient={{context.patientId}}",
    "encounters": "Encounter?patient={{context.patientId}}",
    "researchSubjects": "ResearchSubject?patient={{context.patientId}}",
    "reports": "DiagnosticReport?patient={{context.patientId}}",
    "responses": "QuestionnaireResponse?patient={{context.patientId}}",
}


@pytest.mark.rule("2", "6", "7", "8", "9", "12")
def test_the_service_is_described_in_full() -> None:
    """Checklist 7 to 9: hook, description, id, title, usageRequirements and prefetch, no empty member."""
    answer = client().get("/cds-services")
    service, *_ = answer.get_json()["services"]
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert (service["id"], service["hook"]) == ("trial-eligibility-patient-view", "patient-view")
    assert service["prefetch"] == PREFETCH
    assert set(service) == {"hook", "title", "description", "id", "prefetch", "usageRequirements"}
    assert all(service.values())


@pytest.mark.rule("18")
def test_nothing_is_asked_for_that_no_trial_reads() -> None:
    """Checklist 18: the minimum, and the types that some trial reads; results stand in reports too."""
    engine = FakeEngine(trials={"a": trial(resource_types=frozenset({"Observation"})), "b": trial(resource_types=frozenset({"Procedure"}))})
    service, *_ = client(engine).get("/cds-services").get_json()["services"]
    assert list(service["prefetch"]) == ["patient", "conditions", "labs", "surveys", "vitals", "procedures", "reports"]


def test_the_shipped_trials_ask_for_every_key() -> None:
    """CC312 reads all that the interface lists."""
    service, *_ = client(real_engine()).get("/cds-services").get_json()["services"]
    assert service["prefetch"] == PREFETCH


def test_without_a_trial_only_the_minimum_is_asked_for() -> None:
    """Patient and conditions always stand there."""
    assert [key.name for key in asked(())] == ["patient", "conditions"]


@pytest.mark.rule("13", "14", "15", "16", "17")
@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_a_template_keeps_to_what_every_client_can_fill(key: Key) -> None:
    """Checklist 14 to 16: one token, a read or a search by reference and token, neither `_count` nor dates nor `_include`."""
    assert re.findall(r"\{\{(.*?)\}\}", key.template) == ["context.patientId"]
    assert re.fullmatch(r"[A-Za-z]+(/|\?patient=)\{\{context\.patientId\}\}(&category=[a-z-]+)?", key.template)


@pytest.mark.parametrize("title", ["title", "description", "usageRequirements"])
def test_no_text_claims_that_anyone_is_eligible(title: str) -> None:
    """The words for people say "may fit"."""
    service, *_ = client().get("/cds-services").get_json()["services"]
    assert "eligib" not in service[title].lower()


@pytest.mark.rule("24")
def test_an_encounter_that_begins_is_a_hook_of_its_own() -> None:
    """Checklist 24: encounter-start at its own id, with the same prefetch and the encounter required."""
    view, start, *_ = client().get("/cds-services").get_json()["services"]
    assert (start["id"], start["hook"]) == ("trial-eligibility-encounter-start", "encounter-start")
    assert start["prefetch"] == view["prefetch"]


def test_signing_orders_is_a_hook_of_its_own() -> None:
    """Checklist 24: order-sign at its own id, with the same prefetch."""
    view, _, sign = client().get("/cds-services").get_json()["services"]
    assert (sign["id"], sign["hook"]) == ("trial-eligibility-order-sign", "order-sign")
    assert sign["prefetch"] == view["prefetch"]


@pytest.mark.rule("8", "10")
def test_no_two_services_share_an_id_or_a_hook() -> None:
    """A card on signing must not take the place of the one on opening the chart."""
    services = client().get("/cds-services").get_json()["services"]
    assert len({one["id"] for one in services}) == len({one["hook"] for one in services}) == len(services)


@pytest.mark.rule("7")
def test_without_a_trial_discovery_is_still_an_answer() -> None:
    """200 with the array."""
    answer = client(FakeEngine(trials={})).get("/cds-services")
    assert (answer.status_code, type(answer.get_json()["services"])) == (200, list)
