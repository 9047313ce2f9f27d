"""The demo's made-up patients: the same day gives the same charts, they are FHIR R4, and the engine says what they show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.cli import main
from cds_service.config import Settings
from cds_service.criteria.evaluation import STATUSES
from cds_service.demo import DemoPatient, generate, write
from cds_service.demo.story import years_before
from cds_service.demo.tables import codes
from fhir_mappings.chart import chart_of_bundle
from tests.support.engine import engine, evaluate
from tests.support.service import PATH

AS_OF = date(2026, 11, 22)
LEAP_DAY = date(2028, 2, 29)
PATIENTS = generate(AS_OF)
BROKEN = "sle-unreadable"
VALIDATED = (
    "sle-complete",
    "sle-german",
    "sle-oid",
    "sle-hiv",
    "sle-rituximab",
    "sle-other-trial",
    "iim-complete",
    "ssc-classified",
    "deceased",
)


def by_id(identity: str, patients: list[DemoPatient] = PATIENTS) -> DemoPatient:
    return next(one for one in patients if one.id == identity)


def resources(patient: DemoPatient) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in patient.bundle["entry"]]


def model(kind: str) -> Any:
    return getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)


def references(value: Any) -> list[str]:
    """Every `reference` in a resource, however deep."""
    if isinstance(value, list):
        return [found for one in value for found in references(one)]
    if not isinstance(value, Mapping):
        return []
    own = [value["reference"]] if isinstance(value.get("reference"), str) else []
    return own + [found for one in value.values() for found in references(one)]


def test_ids_of_patients_and_of_resources_are_their_own() -> None:
    """All charts can be held in one store."""
    every = [f"{one['resourceType']}/{one['id']}" for patient in PATIENTS for one in resources(patient)]
    assert len(every) == len(set(every))
    assert len({patient.id for patient in PATIENTS}) == len({patient.name for patient in PATIENTS}) == len(PATIENTS) >= 32


def test_the_same_day_gives_the_same_patients() -> None:
    """Nothing random is left open."""
    assert generate(AS_OF) == PATIENTS


def test_another_day_gives_the_same_story() -> None:
    """The charts are dated back from the day asked for; the engine says the same of them, leap days included."""
    for patient in generate(LEAP_DAY):
        found = {arm.id: arm.status for arm in evaluate(patient.bundle, LEAP_DAY).arms}
        assert {arm: found[arm] for arm in patient.expected} == patient.expected, patient.id
    assert years_before(LEAP_DAY, 18) == date(2010, 2, 28)


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda one: one.id)
def test_a_chart_is_as_large_as_a_clinic_s(patient: DemoPatient) -> None:
    """120 to 350 resources, all of one patient who is obviously made up."""
    assert 120 <= len(patient.bundle["entry"]) <= 350
    assert patient.name.startswith("Demo, ")
    assert patient.shows.endswith(".")


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda one: one.id)
def test_references_lead_to_a_resource_of_the_chart(patient: DemoPatient) -> None:
    """Relative, absolute and urn:uuid references are all resolved."""
    chart = chart_of_bundle(patient.bundle)
    held = [one for one in references(resources(patient)) if one != "Patient/sle-complete" or patient.id == "sle-complete"]
    assert [one for one in held if chart.resolve(one) is None] == []


@pytest.mark.parametrize("identity", VALIDATED)
def test_the_resources_are_fhir_r4(identity: str) -> None:
    """Every resource of a sample of charts passes the validator."""
    for one in resources(by_id(identity)):
        model(one["resourceType"]).model_validate(one)


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda one: one.id)
def test_the_engine_says_what_the_chart_shows(patient: DemoPatient) -> None:
    """Each expected status is what the real engine gives."""
    found = {arm.id: arm.status for arm in evaluate(patient.bundle, AS_OF).arms}
    assert {arm: found[arm] for arm in patient.expected} == patient.expected


@pytest.mark.parametrize("patient", [one for one in PATIENTS if resources(one)[0]["gender"] == "male"], ids=lambda one: one.id)
def test_no_pregnancy_test_is_done_in_a_man(patient: DemoPatient) -> None:
    """A chart holds nothing that a clinic would not have done."""
    assert codes()["hcg"].code not in {coding["code"] for one in resources(patient) for coding in one.get("code", {}).get("coding", ())}


def test_no_methotrexate_is_taken_in_pregnancy() -> None:
    """The pregnant patient's second drug is one that is given in pregnancy."""
    drugs = {
        one["medicationCodeableConcept"]["text"].split()[0]
        for one in resources(by_id("sle-pregnant"))
        if one["resourceType"] == "MedicationRequest"
    }
    assert "azathioprine" in drugs
    assert "methotrexate" not in drugs


def test_every_arm_shows_every_status() -> None:
    """Each of the three arms has a patient for each of the five statuses."""
    shown = {(arm, status) for one in PATIENTS for arm, status in one.expected.items()}
    assert shown == {(arm, status) for arm in ("sle", "iim", "ssc") for status in STATUSES}


def test_what_cannot_be_read_is_named() -> None:
    """The unit, the day and the drug that can't be read stand among the data issues, by reference."""
    named = {issue.reference for issue in evaluate(by_id(BROKEN).bundle, AS_OF).data_issues}
    broken = [f"{one['resourceType']}/{one['id']}" for one in resources(by_id(BROKEN))[-3:]]
    assert named == set(broken)


@pytest.mark.parametrize("patient", [one for one in PATIENTS if one.id != BROKEN], ids=lambda one: one.id)
def test_nothing_else_is_unreadable(patient: DemoPatient) -> None:
    """The other charts, in every style and language, are read whole."""
    assert evaluate(patient.bundle, AS_OF).data_issues == ()


def test_a_folder_is_written_with_one_bundle_a_file(tmp_path: Path) -> None:
    """What is written is what is generated."""
    folder = tmp_path / "demo" / "charts"
    assert write(folder, AS_OF) == len(PATIENTS)
    written = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    assert written == {one.id: one.bundle for one in PATIENTS}


def test_without_a_folder_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """To choose one of for `demo-request`: each with what its chart shows. An export needs its folder."""
    assert main(["demo-data"]) == 0
    assert [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()] == [[one.id, one.shows] for one in PATIENTS]
    assert main(["demo-data", "--ndjson"]) == 2


def test_a_call_for_curl_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`demo-request` prints a whole patient-view call that the service answers with that patient's card."""
    assert main(["demo-request", "iim-complete"]) == 0
    call = capsys.readouterr().out
    answer = create_app(Settings(), engine()).test_client().post(PATH, data=call, content_type="application/json")
    (card,) = answer.get_json()["cards"]
    assert "idiopathic inflammatory myopathy" in card["summary"].lower()
    assert json.loads(call)["context"]["patientId"] == "iim-complete"


def test_a_call_for_nobody_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt patient is one line with the nearest name."""
    assert main(["demo-request", "sle-compleat"]) == 2
    assert "no made-up patient 'sle-compleat' (did you mean 'sle-complete'?)" in capsys.readouterr().err
