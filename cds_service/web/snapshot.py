"""A chart into the few lines of it that an EHR shows on every page: the banner, problems, medications, results, allergies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from fhir_mappings.chart import Chart, Entry
from fhir_mappings.dates import read_date
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_number, as_text, label, status_of

MAX_LINES = 6


@dataclass(frozen=True, slots=True)
class Banner:
    """Who the patient is. `age` may be empty where the birth date can't be read."""

    sex: str
    born: str
    age: str
    number: str


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the chart as a person reads it, and how to find it. `span` says from when to when, where it is no single day."""

    label: str
    value: str
    date: str
    reference: str
    span: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One list of the snapshot; `more` of its records are not shown."""

    title: str
    lines: tuple[Line, ...]
    more: int


def banner(chart: Chart, as_of: date) -> Banner:
    patient = chart.patient.resource
    born = as_text(patient.get("birthDate")) or "unknown"
    numbers = (as_text(one.get("value")) for one in as_dicts(patient.get("identifier")))
    return Banner(as_text(patient.get("gender")) or "sex unknown", born, _age(born, as_of), next((one for one in numbers if one), "none"))


def _age(born: str, as_of: date) -> str:
    """Whole years; of a birth date without a day the years that are certain to have passed."""
    days = read_date(born)
    if days is None or days.last > as_of:
        return ""
    return str(as_of.year - days.last.year - ((as_of.month, as_of.day) < (days.last.month, days.last.day)))


def snapshot(chart: Chart) -> tuple[Part, ...]:
    """The newest records of each list; a list without records is left out."""
    parts = (
        _part("Problems", chart, ("Condition",), _condition),
        _part("Medications", chart, ("MedicationStatement", "MedicationRequest", "MedicationAdministration"), _medication),
        _part("Results", chart, ("Observation",), _observation),
        _part("Allergies", chart, ("AllergyIntolerance",), _allergy),
    )
    return tuple(part for part in parts if part.lines)


def _part(title: str, chart: Chart, types: Iterable[str], read: Callable[[Entry], Line]) -> Part:
    lines = [read(entry) for name in types for entry in chart.of(name)]
    newest = sorted(lines, key=lambda line: line.date, reverse=True)
    return Part(title, tuple(newest[:MAX_LINES]), max(0, len(newest) - MAX_LINES))


def _day(resource: Json, *elements: str) -> str:
    """The first of the elements that says a day; of a Period its start."""
    for element in elements:
        value = resource.get(element)
        text = as_text(value) or as_text(as_dict(value).get("start"))
        if text:
            return text[:10]
    return ""


def _condition(entry: Entry) -> Line:
    resource = entry.resource
    status = status_of(resource.get("clinicalStatus")) or ""
    return Line(label(resource.get("code")), status, _day(resource, "onsetDateTime", "onsetPeriod", "recordedDate"), entry.reference)


def _medication(entry: Entry) -> Line:
    resource = entry.resource
    concept = resource.get("medicationCodeableConcept")
    name = label(concept) if concept else as_text(as_dict(resource.get("medicationReference")).get("display")) or "medication"
    status, period = status_of(resource.get("status")) or "", _period(resource)
    day = _day(period, "start", "end") or _day(resource, "effectiveDateTime", "authoredOn")
    ordered = f"ordered {day}" if day and resource.get("resourceType") == "MedicationRequest" else ""
    return Line(name, status, day, entry.reference, _span(period, status) or ordered)


def _period(resource: Json) -> Json:
    """Of a statement or an administration when it was taken, of an order for when it is valid."""
    return as_dict(resource.get("effectivePeriod")) or as_dict(as_dict(resource.get("dispenseRequest")).get("validityPeriod"))


def _span(period: Json, status: str) -> str:
    """`2024-06-12 to 2025-12-14`, `since 2026-02-02` of what goes on, else `from 2024-06-12`: a start alone is not read as the end."""
    first, last = _day(period, "start"), _day(period, "end")
    if last:
        return f"{first} to {last}" if first else f"to {last}"
    return f"{'since' if status == 'active' else 'from'} {first}" if first else ""


def _observation(entry: Entry) -> Line:
    resource = entry.resource
    return Line(label(resource.get("code")), _value(resource), _day(resource, "effectiveDateTime", "effectivePeriod"), entry.reference)


def _value(resource: Json) -> str:
    quantity = as_dict(resource.get("valueQuantity"))
    number = as_number(quantity.get("value"))
    if number is not None:
        unit = as_text(quantity.get("unit")) or as_text(quantity.get("code")) or ""
        unit = "" if unit.startswith("{") else unit  # an annotation of UCUM, such as {score}, is no unit to read
        return f"{as_text(quantity.get('comparator')) or ''}{number} {unit}".strip()
    integer = as_number(resource.get("valueInteger"))
    if integer is not None:
        return str(integer)
    concept = resource.get("valueCodeableConcept")
    parts = len(as_dicts(resource.get("component")))
    return as_text(resource.get("valueString")) or (label(concept) if concept else f"{parts} parts" if parts else "")


def _allergy(entry: Entry) -> Line:
    resource = entry.resource
    return Line(label(resource.get("code")), as_text(resource.get("criticality")) or "", _day(resource, "recordedDate"), entry.reference)
