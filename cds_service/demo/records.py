"""Codes, days and values into single FHIR R4 resources, each as small as an EHR would send it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from cds_service.demo.tables import codes

Json = dict[str, Any]
_HL7 = "http://terminology.hl7.org/CodeSystem"
_UCUM = "http://unitsofmeasure.org"


def coded(system: str, code: str, display: str | None = None) -> Json:
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}


def concept(name: str) -> Json:
    """The CodeableConcept of a row of codes.tsv."""
    found = codes()[name]
    return coded(found.system, found.code, found.display) | {"text": found.display}


def number(value: Decimal) -> int | float:
    """As JSON writes it; the shortest form of a float gives the same digits back."""
    return int(value) if value == value.to_integral_value() else float(value)


def quantity(value: str | Decimal, unit: str) -> Json:
    """`unit` is as the laboratory writes it; a UCUM code is claimed for the units that UCUM has."""
    one: Json = {"value": number(Decimal(value)), "unit": unit}
    return one if unit in _NOT_UCUM else one | {"system": _UCUM, "code": unit}


_NOT_UCUM = {"K/uL", "Gpt/L", "furlong"}


def reference_range(low: Decimal, high: Decimal, unit: str) -> list[Json]:
    return [{"low": quantity(low, unit), "high": quantity(high, unit)}]


def demo_identifier(value: str) -> Json:
    return {"system": "urn:cds-service:demo", "value": value}


def encounter(day: date, reason: str) -> Json:
    period = {"start": f"{day}T09:00:00+00:00", "end": f"{day}T09:40:00+00:00"}
    ambulatory = {"system": f"{_HL7}/v3-ActCode", "code": "AMB", "display": "ambulatory"}
    return {"resourceType": "Encounter", "status": "finished", "class": ambulatory, "type": [{"text": reason}], "period": period}


def condition(code: Json, onset: date | None, clinical: str | None = "active", verification: str = "confirmed") -> Json:
    one: Json = {
        "resourceType": "Condition",
        "category": [coded(f"{_HL7}/condition-category", "problem-list-item")],
        "verificationStatus": coded(f"{_HL7}/condition-ver-status", verification),
        "code": code,
    }
    if clinical:
        one["clinicalStatus"] = coded(f"{_HL7}/condition-clinical", clinical)
    return one | ({"onsetDateTime": onset.isoformat(), "recordedDate": onset.isoformat()} if onset else {})


def observation(code: Json, day: date, category: str = "laboratory", **value: Any) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [coded(f"{_HL7}/observation-category", category)],
        "code": code,
        "effectiveDateTime": day.isoformat(),
        **value,
    }


def component(name: str, **value: Any) -> Json:
    return {"code": concept(name), **value}


def report(code: Json, day: date, results: Sequence[str]) -> Json:
    return {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "category": [coded(f"{_HL7}/v2-0074", "LAB", "Laboratory")],
        "code": code,
        "effectiveDateTime": day.isoformat(),
        "result": [{"reference": one} for one in results],
    }


def statement(drug: Json, start: date, end: date | None, asserted: date, dosage: Json | None = None) -> Json:
    """A MedicationStatement: what the patient is known to take or to have taken."""
    one: Json = {
        "resourceType": "MedicationStatement",
        "status": "completed" if end else "active",
        "medicationCodeableConcept": drug,
        "effectivePeriod": _period(start, end),
        "dateAsserted": (end or asserted).isoformat(),
    }
    return one | ({"dosage": [dosage]} if dosage else {})


def order(drug: Json, start: date, end: date | None, dosage: Json | None = None) -> Json:
    """A MedicationRequest: what was prescribed."""
    one: Json = {
        "resourceType": "MedicationRequest",
        "status": "completed" if end else "active",
        "intent": "order",
        "medicationCodeableConcept": drug,
        "authoredOn": start.isoformat(),
        "dispenseRequest": {"validityPeriod": _period(start, end)},
    }
    return one | ({"dosageInstruction": [dosage]} if dosage else {})


def administration(drug: Json, day: date) -> Json:
    return {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "medicationCodeableConcept": drug,
        "effectiveDateTime": day.isoformat(),
    }


def dosage(text: str, amount: str, times_a_day: int = 1, every_days: int = 1, unit: str = "mg") -> Json:
    """An oral dose taken `times_a_day` times each `every_days` days."""
    repeat = {"frequency": times_a_day, "period": every_days, "periodUnit": "d"}
    return {
        "text": text,
        "timing": {"repeat": repeat},
        "route": concept("oral"),
        "doseAndRate": [{"doseQuantity": quantity(amount, unit)}],
    }


def _period(start: date, end: date | None) -> Json:
    return {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})


def immunization(vaccine: str, day: date) -> Json:
    return {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": concept(vaccine),
        "occurrenceDateTime": day.isoformat(),
        "primarySource": True,
    }


def procedure(code: Json, day: date) -> Json:
    return {"resourceType": "Procedure", "status": "completed", "code": code, "performedDateTime": day.isoformat()}


def allergy(code: Json, day: date) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": coded(f"{_HL7}/allergyintolerance-clinical", "active"),
        "verificationStatus": coded(f"{_HL7}/allergyintolerance-verification", "confirmed"),
        "code": code,
        "recordedDate": day.isoformat(),
    }
