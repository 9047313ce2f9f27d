"""Short words for the medication records that the tables of doses need, and what the mapping makes of them by agent."""

from __future__ import annotations

from typing import Any

from fhir_mappings.chart import chart_of_bundle
from fhir_mappings.exposure_counting import taken
from fhir_mappings.inputs import Exposure
from tests.generative.charts import AS_OF, bundle
from tests.support.engine import engine
from tests.trials import parts as p

Json = dict[str, Any]
PRED, METHYL, BETA, MMF, MTX, CYC = "8640", "6902", "1514", "68149", "6851", "3002"


def agents(items: list[Json]) -> dict[str, tuple[Exposure, ...]]:
    inputs = engine().map(chart_of_bundle(bundle(items)), AS_OF)
    return {name: taken(held) for name, held in inputs.exposures.items()}


def named(record: Json, name: str) -> Json:
    """The record with its drug called so."""
    return record | {"medicationCodeableConcept": record["medicationCodeableConcept"] | {"text": name}}


def worded(record: Json, name: str = "prednisone") -> Json:
    """The record with its drug in words only."""
    return record | {"medicationCodeableConcept": {"text": name}}


def order(code: str, start: int, end: int | None, mg: Any, status: str | None = None, **more: Any) -> Json:
    dosage = p.dosage(mg) | {name: more.pop(name) for name in ("route",) if name in more}
    one = p.ordered(code, start, end) | {"dosageInstruction": [dosage]} | more
    return one | ({"status": status} if status else {})


def lasting(mg: Any, days: int) -> Json:
    """A dose a day for a number of days."""
    one = p.dosage(mg)
    bounds = {"boundsDuration": {"value": days, "unit": "d", "code": "d", "system": "http://unitsofmeasure.org"}}
    return one | {"timing": {"repeat": one["timing"]["repeat"] | bounds}}


NOT_TAKEN = p.takes(PRED, 20) | {"status": "not-taken"}
