"""The days on which somebody wrote in the chart: what coverage is judged by (spec 0.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from fhir_mappings.chart import Chart
from fhir_mappings.dates import Interval, read_date, read_period
from fhir_mappings.shapes import Json, as_text, status_of

# Recording dates only; never onset or birth, which may lie before anybody wrote.
_ELEMENTS = {
    "AllergyIntolerance": ("recordedDate",),
    "Condition": ("recordedDate",),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "Encounter": ("period",),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "MedicationDispense": ("whenHandedOver",),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("dateAsserted",),
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
    "Procedure": ("performedDateTime", "performedPeriod"),
}
# A booked visit has not been recorded, and what was entered in error never was.
_VOID = ("entered-in-error", "cancelled", "planned")


def recording_days(chart: Chart, zone: ZoneInfo) -> frozenset[Interval]:
    """Every recording date of the chart's resources; a period gives its start and its end."""
    found: set[Interval] = set()
    for name, elements in _ELEMENTS.items():
        for entry in chart.of(name):
            if not _void(entry.resource):
                found.update(day for element in elements for day in _days(entry.resource, element, zone))
    return frozenset(found)


def _void(resource: Json) -> bool:
    return as_text(resource.get("status")) in _VOID or status_of(resource.get("verificationStatus")) in _VOID


def _days(resource: Json, element: str, zone: ZoneInfo) -> Iterator[Interval]:
    raw = resource.get(element)
    if raw is None:
        return
    for day in read_period(raw, zone) if isinstance(raw, dict) else (read_date(raw, zone),):
        if day is not None:
            yield day


def until(days: frozenset[Interval], as_of: date) -> tuple[tuple[date, ...], bool]:
    """(exact days up to `as_of`, sorted; whether the chart holds later ones). A partial date shows no certain day."""
    known = {day.first for day in days if day.exact and day.first <= as_of}
    return tuple(sorted(known)), any(day.first > as_of for day in days)
