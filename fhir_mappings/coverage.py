"""The days on which somebody wrote in the chart: what coverage is judged by (spec 0.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from fhir_mappings.chart import Chart
from fhir_mappings.dates import RECENT, Interval, read_date
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
# A booked visit or procedure has not been recorded, and what was entered in error never was.
_VOID = frozenset({"entered-in-error", "cancelled", "planned", "preparation"})


def recording_days(chart: Chart, zone: ZoneInfo) -> frozenset[Interval]:
    """Every recording date of the chart's resources; a period gives its start and its end."""
    # A chart repeats its dates: the texts are gathered first and each is read once.
    texts: set[str] = set()
    for name, elements in _ELEMENTS.items():
        for entry in chart.of(name):
            _gather(entry.resource, elements, texts)
    return frozenset(day for day in (read_date(text, zone) for text in texts) if day is not None)


def _gather(resource: Json, elements: tuple[str, ...], texts: set[str]) -> None:
    """Adds the dates of one resource, of a period both. Most dates are there already: what the resource is worth is asked last."""
    for element in elements:
        if element in resource:
            value = resource[element]
            if isinstance(value, str):
                if value not in texts and not _is_void(resource):
                    texts.add(value)
            elif isinstance(value, dict) and not _is_void(resource):
                texts.update(text for text in (value.get("start"), value.get("end")) if isinstance(text, str))


def _is_void(resource: Json) -> bool:
    return as_text(resource.get("status")) in _VOID or (
        "verificationStatus" in resource and status_of(resource["verificationStatus"]) in _VOID
    )


def until(days: frozenset[Interval], as_of: date) -> tuple[tuple[date, ...], bool]:
    """(exact days up to `as_of`, sorted; whether the chart holds later ones). A partial date shows no certain day."""
    known = {day.first for day in days if day.exact and day.first <= as_of}
    return tuple(sorted(known)), any(day.first > as_of for day in days)


def months_silent(days: Iterable[Interval], as_of: date) -> int | None:
    """How many whole months nobody wrote up to `as_of`, where those are more than a chart may be silent for; None otherwise.

    A partial date may be its last day; without any date nothing is known.
    """
    newest = max((min(day.last, as_of) for day in days if day.first <= as_of), default=as_of)
    if newest >= RECENT.before(as_of):
        return None
    return 12 * (as_of.year - newest.year) + as_of.month - newest.month - (as_of.day < newest.day)
