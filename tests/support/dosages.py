"""Small builders of Dosages, and the segments that come of them with the packaged terminology."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from fhir_mappings.chart import chart_of_bundle
from fhir_mappings.inputs import DoseSegment, Exposure
from fhir_mappings.medication import map_medications
from tests.support.builders import terms
from tests.support.medications import RXNORM, Json, coded, period, request

PREDNISONE, PREDNISONE_5, MTX_2_5, MTX_SOLUTION = "8640", "312617", "105585", "1441402"
BEGUN = "2026-06-01"
UCUM = "http://unitsofmeasure.org"
GTS = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"


def quantity(value: Any, unit: str | None = "mg", **more: Any) -> Json:
    return {"value": value, **({"unit": unit} if unit else {}), **more}


def amount(value: Any, unit: str | None = "mg") -> Json:
    return {"doseAndRate": [{"doseQuantity": quantity(value, unit)}]}


def timing(**repeat: Any) -> Json:
    return {"timing": {"repeat": repeat}}


def every_day(frequency: int = 1, **repeat: Any) -> Json:
    return timing(frequency=frequency, period=1, periodUnit="d", **repeat)


def mg(value: Any, **repeat: Any) -> Json:
    """So many milligrams, once a day unless said otherwise."""
    return amount(value) | (timing(**repeat) if repeat else every_day())


def step(number: int | None, value: Any, **repeat: Any) -> Json:
    """So many milligrams once a day, in the sequence where it has a number."""
    return ({} if number is None else {"sequence": number}) | amount(value) | every_day(**repeat)


def sig(text: str, **more: Any) -> Json:
    return {"text": text} | more


def between(start: str | None, end: str | None = None) -> Json:
    return {"boundsPeriod": period(start, end)}


def ratio(above: Json, below: Json) -> Json:
    return {"numerator": above, "denominator": below}


def doses(*dosages: Json, drug: Any = PREDNISONE, build: Any = request, agent: str | None = None, **fields: Any) -> tuple[DoseSegment, ...]:
    """The segments of one record that begins on BEGUN with these dosages."""
    element = "dosageInstruction" if build(id="x")["resourceType"] in ("MedicationRequest", "MedicationDispense") else "dosage"
    whole = build(
        **{"medicationCodeableConcept": coded(drug) if isinstance(drug, str) else drug, element: list(dosages), **_begun(build), **fields}
    )
    return of_resource(whole, agent)


def _begun(build: Any) -> Json:
    kind = build(id="x")["resourceType"]
    named = {"MedicationRequest": "authoredOn", "MedicationDispense": "whenHandedOver"}.get(kind, "effectiveDateTime")
    return {named: BEGUN}


def of_resource(resource: Json, agent: str | None = None) -> tuple[DoseSegment, ...]:
    return next(one.doses for one in exposures_of(resource) if agent in (None, one.agent))


def exposures_of(*resources: Json) -> list[Exposure]:
    """All that a chart of these resources and no other shows."""
    whole = [{"resourceType": "Patient", "id": "p1"}, *resources]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in whole]}
    found = map_medications(chart_of_bundle(bundle), terms(), ZoneInfo("UTC"), date(2026, 11, 22)).exposures
    return [one for exposures in found.values() for one in exposures]


def told(segments: tuple[DoseSegment, ...]) -> str:
    """`40 mg a day from 2026-06-01 to 2026-06-07`, `unread: no frequency is given`; segments joined by a bar."""
    return " | ".join(_one(one) for one in segments)


def _one(one: DoseSegment) -> str:
    amount = f"unread: {one.problem}" if one.low is None else one.pattern
    bounds = (f" from {one.first}" if one.first else "") + (f" to {one.last}" if one.last else "")
    return amount + bounds


def rxnorm(*codes: str, text: str | None = None) -> Json:
    """A CodeableConcept of several RxNorm codes."""
    return {"coding": [{"system": RXNORM, "code": code} for code in codes], **({"text": text} if text else {})}
