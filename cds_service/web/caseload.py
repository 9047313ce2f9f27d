"""The demo's patients into cases: each patient's chart and its evaluation as of today, made when first asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from cds_service.criteria.evaluation import Evaluation
from fhir_mappings.chart import Chart, chart_of_bundle
from fhir_mappings.shapes import Json

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial
    from cds_service.engine import Engine


class DemoPatient(Protocol):
    """A made-up patient: `shows` says in a sentence what the patient is there to show."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def shows(self) -> str: ...
    @property
    def bundle(self) -> Json: ...


@dataclass(frozen=True)
class Case:
    """One patient as the pages need it."""

    patient: DemoPatient
    chart: Chart
    evaluation: Evaluation


class Caseload:
    """All cases of one trial, evaluated once a day: a demo left running over midnight must not contradict its own cards."""

    def __init__(self, engine: Engine, patients: Iterable[DemoPatient]) -> None:
        self._engine, self._patients, self._lock = engine, tuple(patients), Lock()
        self._made: tuple[date, Mapping[str, Case]] | None = None

    @property
    def trial(self) -> Trial:
        return next(iter(self._engine.trials.values()))

    def cases(self) -> Mapping[str, Case]:
        """The cases by patient id, in the order the patients were given."""
        today = self._engine.today()
        with self._lock:
            if self._made is None or self._made[0] != today:
                self._made = today, {patient.id: self._case(patient, today) for patient in self._patients}
            return self._made[1]

    def _case(self, patient: DemoPatient, today: date) -> Case:
        chart = chart_of_bundle(patient.bundle)
        return Case(patient, chart, self._engine.evaluate(self.trial, chart, today))
