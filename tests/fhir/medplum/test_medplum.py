"""Fetched page by page from Medplum's FHIR router, a patient gets what they get from a whole prefetch."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.demo import generate
from cds_service.fhir.fetch import REFERRED
from cds_service.hooks.completion import complete
from cds_service.hooks.keys import asked
from cds_service.hooks.prefetch import chart_of_prefetch
from cds_service.hooks.request import read_request
from cds_service.security.tenants import Tenant, load_tenants
from cds_service.web.wire import hook_request
from fhir_mappings.chart import chart_of_bundle
from tests.support import tokens as t
from tests.support.engine import engine, evaluate_chart
from tests.support.service import PATH, Json

FOLDER = Path(__file__).parent
INSTALLED = Path(sys.prefix) / "medplum"  # beside the environment that make built
TOKEN = "s3cret-t0ken"
PAGE = 60


@dataclass
class Medplum:
    """The server's base URL, the tenant that names it, and the patients in it by id."""

    base: str
    tenants: Path
    charts: dict[str, Json]

    @property
    def tenant(self) -> Tenant:
        return load_tenants(self.tenants)[0]

    def body(self, patient: str, prefetch: bool = False, token: str = TOKEN) -> Json:
        """The call on opening the chart; without a prefetch it says where to fetch and with what."""
        keys = asked(name for trial in engine().trials.values() for name in trial.resource_types)
        whole = hook_request(chart_of_bundle(self.charts[patient]), keys, "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11")
        given = {"access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "c"}
        drugs = [one for one in self.charts[patient]["entry"] if one["resource"]["resourceType"] == "Medication"]
        if drugs:  # no template asks for them; an EHR that sends them along does so under a key of its own
            whole["prefetch"]["drugs"] = {"resourceType": "Bundle", "type": "collection", "entry": drugs}
        return whole if prefetch else {**whole, "prefetch": {}, "fhirServer": self.base, "fhirAuthorization": given}


def with_references(bundle: Json, identity: str) -> Json:
    """The same patient under another id, each drug of an order in a Medication of its own."""
    old = next(one["resource"]["id"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
    text = json.dumps(bundle).replace(f"Patient/{old}", f"Patient/{identity}").replace(f'"{old}"', f'"{identity}"')
    made = json.loads(text)
    for number, entry in enumerate(list(made["entry"])):
        resource = entry["resource"]
        if resource["resourceType"] != "Patient":
            resource["id"] = f"{identity}-{number}"
        drug = resource.pop("medicationCodeableConcept", None)
        if drug:
            medication = {"resourceType": "Medication", "id": f"{identity}-m{number}", "code": drug}
            resource["medicationReference"] = {"reference": f"Medication/{medication['id']}"}
            made["entry"].append({"resource": medication})
        entry.pop("fullUrl", None)
    return made


@pytest.fixture(scope="module")
def medplum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Medplum]:
    """Installed where it is not yet, started with the demo's patients."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("NODE IS MISSING: fetching was not tried against a FHIR server that nobody here wrote")
    INSTALLED.mkdir(exist_ok=True)
    for name in ("package.json", "server.mjs"):
        shutil.copy(FOLDER / name, INSTALLED)
    if not (INSTALLED / "node_modules" / "@medplum").is_dir():
        install = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
        subprocess.run(install, cwd=INSTALLED, check=True, timeout=300, stdout=subprocess.DEVNULL)
    folder = tmp_path_factory.mktemp("medplum")
    charts = {one.id: one.bundle for one in generate(engine().today())[::21]}
    charts["referring"] = with_references(copy.deepcopy(charts["sle-complete"]), "referring")
    for name, bundle in charts.items():
        (folder / f"{name}.json").write_text(json.dumps(bundle), "utf-8")
    command = [node, "server.mjs", TOKEN, str(PAGE), *(str(folder / f"{name}.json") for name in charts)]
    with subprocess.Popen(command, cwd=INSTALLED, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            base = f"http://127.0.0.1:{int(process.stdout.readline())}/fhir/R4"
            yield Medplum(base, tenants_file(folder, base), charts)
        finally:
            process.terminate()


def tenants_file(folder: Path, base: str) -> Path:
    issuer = {"iss": t.ISS, "audiences": [t.AUD], "jwks": {"keys": [t.rsa_jwk()]}}
    tenant = {"id": "general", "issuers": [issuer], "fhir_servers": [base], "networks": ["127.0.0.0/8"], "fhir": {"deadline": 10}}
    path = folder / "tenants.yaml"
    path.write_text(yaml.safe_dump({"tenants": [tenant]}), "utf-8")
    return path


def without_versions(value: Any) -> Any:
    """An Evaluation but for the versions of records, which the server gives anew."""
    if isinstance(value, dict):
        return {name: without_versions(one) for name, one in value.items() if name != "versionId"}
    return [without_versions(one) for one in value] if isinstance(value, list) else value


def evaluation(medplum: Medplum, patient: str, prefetch: bool) -> Any:
    request = read_request(medplum.body(patient, prefetch), "patient-view", ("patientId",))
    completed = complete(request, medplum.tenant, engine().trials.values())
    found = evaluate_chart(chart_of_prefetch(completed.prefetch, completed.patient), engine().today())
    return without_versions(found.to_json())


def test_a_demo_patient_is_the_same_fetched_or_sent(medplum: Medplum) -> None:
    """All criteria of all arms, evidence and completeness: over paged searches of a real server as from a whole prefetch."""
    differing = []
    for patient in medplum.charts:
        sent, fetched = (evaluation(medplum, patient, prefetch) for prefetch in (True, False))
        if patient == "referring":
            fetched["sources"] = sent["sources"]  # Medications came besides
        if sent != fetched:
            differing.append(patient)
    assert differing == []


def test_pages_were_needed(medplum: Medplum) -> None:
    """Else the test above would prove little."""
    request = read_request(medplum.body("sle-complete"), "patient-view", ("patientId",))
    labs = complete(request, medplum.tenant, engine().trials.values()).prefetch["labs"]
    assert len(labs["entry"]) == labs["total"] > 2 * PAGE
    assert not labs["link"]


def test_referenced_medications_are_had(medplum: Medplum) -> None:
    """One search for all of them."""
    request = read_request(medplum.body("referring"), "patient-view", ("patientId",))
    prefetch = complete(request, medplum.tenant, engine().trials.values()).prefetch
    assert len(prefetch[REFERRED]["entry"]) == sum(
        one["resource"]["resourceType"] == "Medication" for one in medplum.charts["referring"]["entry"]
    )


@pytest.fixture
def service(medplum: Medplum) -> FlaskClient:
    return create_app(Settings(tenants=medplum.tenants), engine()).test_client()


def call(service: FlaskClient, body: Json, jti: str) -> Any:
    now = int(time.time())
    return service.post(PATH, json=body, headers={"Authorization": f"Bearer {t.token(iat=now - 5, exp=now + 200, jti=jti)}"})


def test_the_card_is_the_same_over_http(medplum: Medplum, service: FlaskClient) -> None:
    """A signed call without a prefetch gets the card of one with it."""
    sent, fetched = (call(service, medplum.body("sle-complete", prefetch), str(prefetch)) for prefetch in (True, False))
    assert (sent.status_code, len(sent.get_json()["cards"])) == (200, 1)
    assert fetched.get_json() == sent.get_json()


def test_a_token_that_the_server_refuses_is_a_412(medplum: Medplum, service: FlaskClient) -> None:
    """With the keys that could not be had."""
    answer = call(service, medplum.body("sle-complete", token="another"), "1")
    assert answer.status_code == 412
    assert [one["expression"] for one in answer.get_json()["issue"]] == [["prefetch.patient"], ["prefetch.conditions"]]
