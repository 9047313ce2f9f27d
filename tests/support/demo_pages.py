"""The demo's pages over a fixed answer of the engine, and the text of a patient's page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient

from cds_service.alerts.policy import DEMO
from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.criteria.evaluation import Evaluation
from cds_service.criteria.model import OpenQuestion
from cds_service.web.caseload import DemoPatient
from cds_service.web.demo import create_demo_blueprint
from tests.support.evaluations import lupus_patient
from tests.support.service import PATIENT, FakeEngine, bundle, resource, trial

QUESTION = OpenQuestion("Q1", 'How long does "at screening" reach?', "28 days")


@dataclass(frozen=True)
class Patient:
    """A made-up patient."""

    id: str = "p1"
    name: str = "Ada Lund"
    shows: str = "Refractory lupus"
    bundle: dict[str, Any] = field(default_factory=lambda: bundle(PATIENT, resource("Condition", "sle", code={"text": "Lupus"})))


def client_of(engine: Any, *patients: DemoPatient) -> FlaskClient:
    """A client of the whole application with the demo's pages."""
    app = create_app(Settings(), engine, DEMO)
    app.register_blueprint(create_demo_blueprint(engine, patients))
    return app.test_client()


def demo(found: Evaluation | None = None, *patients: Patient) -> FlaskClient:
    engine = FakeEngine(found=found or lupus_patient(), trials={"cc312": trial(questions=(QUESTION,))})
    return client_of(engine, *(patients or (Patient(),)))


def page(found: Evaluation | None = None, *patients: Patient) -> str:
    """The page of the first patient."""
    return demo(found, *patients).get("/patients/p1").text
