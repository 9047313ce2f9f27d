"""Over the whole application: a signed call without a prefetch is answered from the hospital's FHIR server."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings
from tests.security.test_tenants import file
from tests.support import tokens as t
from tests.support.faulty_server import status
from tests.support.fhir_site import TOKEN, Hospital, conditions, page
from tests.support.service import PATH, FakeEngine, bundle, problems


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def service(site: Hospital, engine: FakeEngine, tmp_path: Path) -> FlaskClient:
    tenants = file(tmp_path, fhir_servers=[site.base], networks=["127.0.0.0/8"])
    return create_app(Settings(tenants=tenants), engine).test_client()


def call(service: FlaskClient, body: Any, path: str = PATH) -> Any:
    now = int(time.time())
    return service.post(path, json=body, headers={"Authorization": f"Bearer {t.token(iat=now - 5, exp=now + 200)}"})


@pytest.mark.rule("27")
def test_a_call_without_a_prefetch_is_answered(site: Hospital, service: FlaskClient, engine: FakeEngine) -> None:
    """With the card of the chart that was fetched."""
    site.says("Condition", page(*conditions(1, 3)))
    answer = call(service, site.body(None))
    assert (answer.status_code, len(answer.get_json()["cards"])) == (200, 1)
    assert len(engine.charts[0].of("Condition")) == 3


@pytest.mark.rule("28")
def test_what_cannot_be_had_is_a_412_without_the_servers_words(site: Hospital, service: FlaskClient) -> None:
    """The keys are named, the server and the token are not."""
    site.says("Patient/p1", status(500))
    answer = call(service, site.body(None))
    assert answer.status_code == 412
    assert "prefetch key 'patient'" in problems(answer)
    assert not any(word in answer.text for word in (TOKEN, site.base, "500"))


def test_without_tenants_nothing_is_fetched(site: Hospital, engine: FakeEngine) -> None:
    """A demo or a trial run calls nobody."""
    answer = create_app(Settings(), engine).test_client().post(PATH, json=site.body(None))
    assert answer.status_code == 412
    assert site.server.connections == 0


ORDER = {"resourceType": "MedicationRequest", "status": "draft", "intent": "order", "medicationCodeableConcept": {"text": "x"}}


@pytest.mark.parametrize(("orders", "asked"), [([], False), ([ORDER], True)])
def test_signing_waits_for_nothing_that_is_not_needed(site: Hospital, service: FlaskClient, orders: list[Any], asked: bool) -> None:
    """Without an order of a drug or vaccine there is nothing to warn of, and nothing lacking."""
    body = {**site.body(None), "hook": "order-sign"}
    body["context"] |= {"draftOrders": bundle(*orders, kind="collection")}
    answer = call(service, body, PATH.replace("patient-view", "order-sign"))
    assert answer.status_code == 200
    assert bool(site.server.asked) is asked


def test_discovery_says_what_is_fetched(service: FlaskClient, site: Hospital) -> None:
    """Who registers the service reads there that it may call back."""
    now = int(time.time())
    found = service.get("/cds-services", headers={"Authorization": f"Bearer {t.token(iat=now - 5, exp=now + 200)}"}).get_json()
    assert all("fetched from fhirServer" in one["usageRequirements"] for one in found["services"])
