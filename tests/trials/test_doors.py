"""The hook, the API and the command line say the same of the same chart (law 5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.cli import main
from cds_service.config import Settings
from cds_service.criteria.questionnaire import questionnaire
from cds_service.demo import generate
from cds_service.hooks.prefetch import chart_of_prefetch
from tests.generative.charts import AS_OF
from tests.support.engine import engine, evaluate_chart

KEYS = {
    "Condition": "conditions", "MedicationStatement": "medicationStatements", "MedicationRequest": "medicationRequests",
    "MedicationAdministration": "medicationAdministrations", "MedicationDispense": "medicationDispenses", "Procedure": "procedures",
    "Immunization": "immunizations", "AllergyIntolerance": "allergies", "Encounter": "encounters", "ResearchSubject": "researchSubjects",
    "DiagnosticReport": "reports", "QuestionnaireResponse": "responses",
}  # fmt: skip


def prefetch_of(bundle: dict[str, Any]) -> dict[str, Any]:
    """The whole chart as the answers to the service's own prefetch templates: every search whole, also the empty ones."""
    found: dict[str, list[Any]] = {name: [] for name in (*KEYS.values(), "labs", "surveys", "rest")}
    patient = None
    for entry in bundle["entry"]:
        kind = entry["resource"]["resourceType"]
        if kind == "Patient":
            patient = entry["resource"]
        elif kind == "Observation":
            found["labs"].append(entry)
            found["surveys"].append(entry)
        else:
            found[KEYS.get(kind, "rest")].append(entry)
    searches = {name: {"resourceType": "Bundle", "type": "searchset", "total": len(held), "entry": held} for name, held in found.items()}
    return {"patient": patient, **searches}


PATIENTS = [one for one in generate(AS_OF) if "urn:uuid" not in json.dumps(one.bundle)][::4]


@pytest.mark.parametrize("demo", PATIENTS, ids=[one.id for one in PATIENTS])
def test_the_doors_agree(demo: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Command line and API give the same Evaluation, byte for byte; the hook the same arms and verdicts."""
    path = tmp_path / "chart.json"
    path.write_text(json.dumps(demo.bundle), "utf-8")
    main(["evaluate", "cc312", str(path), "--json", "--as-of", AS_OF.isoformat()])
    line = json.loads(capsys.readouterr().out)
    del line["source"]
    client = create_app(Settings.from_environ({}), engine()).test_client()
    answer = client.post(f"/api/trials/cc312/evaluate?asOf={AS_OF}", json=demo.bundle)
    assert json.dumps(answer.json) == json.dumps(line)
    patient = line["patient"].split("/")[1]
    hook = evaluate_chart(chart_of_prefetch(prefetch_of(demo.bundle), patient), AS_OF).to_json()
    assert hook["arms"] == line["arms"]


def test_four_resource_types_are_enough_for_a_card() -> None:
    """Patient, Observation, Condition and MedicationStatement alone give a card for a patient with SLE."""
    demo = next(one for one in generate(engine().today()) if one.id == "sle-statements")
    kept = ("patient", "labs", "conditions", "medicationStatements")
    prefetch = {name: value for name, value in prefetch_of(demo.bundle).items() if name in kept}
    body = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/dr", "patientId": prefetch["patient"]["id"]},
        "prefetch": prefetch,
    }
    client = create_app(Settings.from_environ({}), engine()).test_client()
    cards = client.post("/cds-services/trial-eligibility-patient-view", json=body).json["cards"]
    assert len(cards) == 1
    assert "Systemic lupus erythematosus" in cards[0]["detail"]
    assert cards[0]["source"]["topic"]["code"] == "NCT07193810"


def test_the_questionnaire_of_a_trial_is_served() -> None:
    """GET gives the Questionnaire generated from the definition; an unknown trial is a 404."""
    browser = create_app(Settings(), engine()).test_client()
    answer = browser.get("/api/trials/cc312/questionnaire")
    assert (answer.status_code, answer.mimetype) == (200, "application/fhir+json")
    assert answer.get_json() == questionnaire(engine().trials["cc312"])
    assert browser.get("/api/trials/none/questionnaire").status_code == 404
