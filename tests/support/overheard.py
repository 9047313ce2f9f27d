"""An engine that keeps each Evaluation it makes: a card shows too little to compare a hook call with another door."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from cds_service.criteria.evaluation import Evaluation
from cds_service.criteria.model import Trial
from cds_service.engine import Engine
from fhir_mappings.inputs import Inputs
from tests.support.engine import engine


@dataclass(frozen=True)
class Overheard(Engine):
    """The engine that a service runs on, and what it found."""

    found: list[Evaluation] = field(default_factory=list)

    def judge(self, trial: Trial, inputs: Inputs, in_scope_only: bool = False) -> Evaluation:
        self.found.append(super().judge(trial, inputs, in_scope_only))
        return self.found[-1]


def overheard(day: date) -> Overheard:
    """The real engine, on whose clock it is noon of this day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Overheard(engine().trials, engine().terminology, engine().zone, lambda zone: noon)
