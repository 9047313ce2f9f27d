"""What the demo's script asks for: the whole call of a chart, and a record by its reference."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from html import unescape

import pytest
from flask.testing import FlaskClient

from cds_service.demo import generate
from fhir_mappings.chart import chart_of_bundle
from tests.support.demo_pages import Patient, client_of, demo
from tests.support.engine import engine as real_engine
from tests.support.evaluations import AS_OF
from tests.support.service import PATH, PATIENT, bundle, post, resource


def test_the_request_is_one_that_the_service_answers() -> None:
    """What the page posts is a whole patient-view call: the same chart comes to a card over the real route."""
    client = demo()
    sent = client.get("/patients/p1/request.json").get_json()
    assert sent["context"] == {"patientId": "p1", "userId": "Practitioner/demo"}
    assert set(sent["prefetch"]) == set(client.get("/cds-services").get_json()["services"][0]["prefetch"])
    answer = post(client, PATH, sent)
    assert "May fit trial" in answer.get_json()["cards"][0]["summary"]


def test_the_request_sends_what_the_searches_would_find() -> None:
    """An Observation comes under the key of its category, one of a category that no key asks for not at all."""
    surveyed = [{"coding": [{"code": "survey"}]}]
    chart = bundle(
        PATIENT,
        resource("Observation", "lab", category=[{"coding": [{"code": "laboratory"}]}]),
        resource("Observation", "score", category=surveyed),
        resource("Observation", "pulse", category=[{"coding": [{"code": "social-history"}]}]),
    )
    sent = demo(None, Patient(bundle=chart)).get("/patients/p1/request.json").get_json()["prefetch"]
    found = {key: [entry["resource"]["id"] for entry in sent[key]["entry"]] for key in ("labs", "surveys", "conditions")}
    assert found == {"labs": ["lab"], "surveys": ["score"], "conditions": []}


def test_the_request_refers_as_a_server_does() -> None:
    """References within the Bundle are sent as `Type/id`, so that a record is still the patient's; all else stays as it is."""
    urn = "urn:uuid:7392907f-0d55-581e-b7f4-ba248067f434"
    outside = [{"reference": "urn:uuid:elsewhere"}, {"reference": "Observation/1"}, {"reference": ["odd"]}]
    condition = {"resourceType": "Condition", "id": "sle", "subject": {"reference": urn}, "evidence": outside}
    chart = {"resourceType": "Bundle", "entry": [{"fullUrl": urn, "resource": PATIENT}, {"resource": condition}]}
    sent = demo(None, Patient(bundle=chart)).get("/patients/p1/request.json").get_json()["prefetch"]
    (found,) = (entry["resource"] for entry in sent["conditions"]["entry"])
    assert (found["subject"], found["evidence"]) == ({"reference": "Patient/p1"}, outside)


def test_a_record_can_be_read_whole() -> None:
    """By its reference, by the fullUrl or stand-in name of one without an id; another is not found."""
    nameless = {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "code": {"text": "no id"}}
    chart = bundle(PATIENT, resource("Condition", "sle"), nameless)
    client = demo(None, Patient(bundle=chart))
    stand_in = next(entry.reference for entry in chart_of_bundle(chart).of("Condition") if "?" in entry.reference)
    for reference, wanted in (("Condition/sle", "sle"), ("Patient/p1", "p1"), (stand_in, None)):
        assert client.get("/patients/p1/resource", query_string={"ref": reference}).get_json().get("id") == wanted
    assert client.get("/patients/p1/resource?ref=Condition/none").status_code == 404
    assert client.get("/patients/p1/resource").status_code == 404


@pytest.fixture(scope="module")
def made_up() -> FlaskClient:
    """The demo as it ships, on a fixed day."""
    engine = replace(real_engine(), now=lambda zone: datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=zone))
    return client_of(engine, *generate(AS_OF))


def test_every_made_up_patient_gets_the_card_its_row_promises(made_up: FlaskClient) -> None:
    """The prefetch of a chart that may fit brings a card, that of any other none; but for the study of another trial, which no prefetch key
    brings: that is asked about."""
    rows = re.findall(r'data-status-best="([^"]+)"(.*?)</tr>', made_up.get("/").text, re.DOTALL)
    for status, row in rows:
        (path,) = re.findall(r'href="([^"]+)"', row)
        cards = post(made_up, PATH, made_up.get(f"{path}/request.json").get_json()).get_json()["cards"]
        asks = path == "/patients/sle-other-trial" and "(E-09)" in str(cards)
        assert bool(cards) == (asks or (status == "potentially-eligible" and "hold:" not in row)), path


def test_every_reference_on_a_page_leads_to_a_record(made_up: FlaskClient) -> None:
    """The records of the snapshot, the evidence and the data issues can all be opened, also in a chart with faults."""
    references = set(re.findall(r'data-reference="([^"]+)"', made_up.get("/patients/sle-unreadable").text))
    assert len(references) > 20
    for reference in references:
        assert made_up.get("/patients/sle-unreadable/resource", query_string={"ref": unescape(reference)}).status_code == 200, reference
