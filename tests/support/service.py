"""A service to call in tests: an engine that answers every chart with a given Evaluation, requests, and a client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import orjson
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import UTC, Settings
from cds_service.criteria.evaluation import Evaluation
from fhir_mappings.chart import READ_TYPES, Chart
from tests.support.evaluations import AS_OF, lupus_patient

PATH = "/cds-services/trial-eligibility-patient-view"
API = "/api/trials/cc312/evaluate"
Json = dict[str, Any]
SUBJECTS = {
    "I-01": "consent",
    "I-F": "contraception",
    "E-01": "severe lupus nephritis",
    "E-17": "recent surgery",
    "E-19": "other severe disease",
    "E-22": "HIV, HBsAg, HCV and treponemal antibody",
    "E-24": "the investigator's judgement",
}


def trial(identifier: str = "cc312", **more: Any) -> Any:
    """What the doors read of a Trial."""
    own = {"SLE": "sle", "IIM": "iim", "SSC": "ssc"}
    exclusions = (f"E-{number:02}" for number in range(1, 25))
    names = ["I-01", "I-02", *(f"{arm}-{number}" for arm in own for number in range(1, 8)), "I-F", *exclusions]
    given = {
        "id": identifier,
        "version": "1.0.0",
        "definition": f"{identifier}@1.0.0",
        "title": "A Study of CC312 for Relapsed/Refractory Autoimmune Diseases",
        "short_title": "CC312 (relapsed/refractory SLE, myositis, systemic sclerosis)",
        "phase": "early phase 1",
        "places": 6,
        "open": True,
        "state": "recruiting",
        "registry": SimpleNamespace(
            system="https://clinicaltrials.gov", value="NCT07193810", url="https://clinicaltrials.gov/study/NCT07193810"
        ),
        "resource_types": frozenset(READ_TYPES),
        "arms": tuple(SimpleNamespace(id=arm, gate=tuple(f"{name}-{n}" for n in (1, 2, 3)), facts=()) for name, arm in own.items()),
        "criteria": tuple(
            SimpleNamespace(id=name, arm=own.get(name.partition("-")[0], ""), nodes=tuple, subject=SUBJECTS.get(name, "")) for name in names
        ),
    }
    return SimpleNamespace(**{**given, **more})


@dataclass
class FakeEngine:
    """Answers with one Evaluation whatever the chart; `charts` and `days` hold what was asked."""

    found: Evaluation = field(default_factory=lupus_patient)
    trials: dict[str, Any] = field(default_factory=lambda: {"cc312": trial()})
    fault: Callable[[], None] = lambda: None
    charts: list[Chart] = field(default_factory=list)
    days: list[date] = field(default_factory=list)

    def evaluate(self, of: Any, chart: Chart, as_of: date, in_scope_only: bool = False) -> Evaluation:
        self.fault()
        self.charts.append(chart)
        self.days.append(as_of)
        return replace(self.found, as_of=as_of, data_issues=chart.issues, patient=chart.patient.reference)

    def map(self, chart: Chart, as_of: date) -> Any:
        """No facts: pages draw nothing of them. `judge` finds its chart in them."""
        person = SimpleNamespace(deceased=False, replaced=False, active=True)
        return SimpleNamespace(exposures={}, as_of=as_of, participations=(), person=person, chart=chart)

    def judge(self, of: Any, inputs: Any, in_scope_only: bool = False) -> Evaluation:
        return self.evaluate(of, inputs.chart, inputs.as_of, in_scope_only)

    @property
    def zone(self) -> Any:
        return UTC

    @property
    def terminology(self) -> Any:
        return SimpleNamespace(value_sets={"dx.sle": None})

    def today(self) -> date:
        return AS_OF


def client(engine: Any = None, **settings: Any) -> FlaskClient:
    """A test client over the whole application."""
    return create_app(Settings(**settings), engine or FakeEngine()).test_client()


def resource(kind: str, identifier: str = "1", **more: Any) -> Json:
    """A resource of the patient `p1`."""
    subject = {"AllergyIntolerance": "patient", "Immunization": "patient", "ResearchSubject": "individual"}.get(kind, "subject")
    whose = {} if kind in ("Patient", "Medication") else {subject: {"reference": "Patient/p1"}}
    return {"resourceType": kind, "id": identifier, **whose, **more}


PATIENT = resource("Patient", "p1", gender="female", birthDate="1988-05-04")


def bundle(*resources: Json, kind: str = "searchset", **more: Any) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": one} for one in resources], **more}


def outcome(severity: str = "error") -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}


def hook_request(prefetch: Any = None, **more: Any) -> Json:
    """A whole patient-view call; `prefetch` replaces the minimum."""
    return {
        "hook": "patient-view",
        "hookInstance": "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11",
        "context": {"patientId": "p1", "userId": "Practitioner/e1"},
        "prefetch": {"patient": PATIENT, "conditions": bundle(resource("Condition"))} if prefetch is None else prefetch,
        **more,
    }


def post(to: FlaskClient, path: str, body: Any, **more: Any) -> Any:
    """The answer to a JSON body; bytes are sent as they are."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return to.post(path, data=data, **{"content_type": "application/json", **more})


def problems(answer: Any) -> str:
    """All an OperationOutcome says, after checking that it is one."""
    found = answer.get_json()
    assert answer.mimetype == "application/fhir+json"
    assert found["resourceType"] == "OperationOutcome"
    assert all(issue["severity"] == "error" and issue["diagnostics"] for issue in found["issue"])
    return " ".join(issue["diagnostics"] for issue in found["issue"])
