"""What a visit, a procedure or a drug was for into Records: said by whoever booked or ordered it, so it asks and never decides."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_mappings.chart import Entry
from fhir_mappings.coded import codes_of, concepts_of, standing_of
from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.medication_gate import gate
from fhir_mappings.onset import read_choice
from fhir_mappings.record import Site, origin, starts_later
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text

_DRUGS = ("MedicationAdministration", "MedicationRequest", "MedicationStatement")
PROCEDURES_AND_DRUGS = ("Procedure", *_DRUGS)
_NOT_PROCEDURES = ("not-done", "preparation", "entered-in-error")


def reasons(resource: Json, site: Site) -> Iterator[Json]:
    """Reasons and diagnoses as CodeableConcepts. A Condition of the chart is read for itself; one that is not there by its words."""
    yield from as_dicts(resource.get("reasonCode"))
    for pointer in pointers(resource):
        found = site.chart.resolve(pointer, resource)
        if found is None:
            shown = as_text(pointer.get("display"))
            yield from [{"text": shown}] if shown else []
        elif found.resource.get("resourceType") == "Condition" and found.reference.startswith("#"):
            yield from as_dicts(found.resource.get("code"))


def pointers(resource: Json) -> list[Json]:
    """The references to what it was for."""
    return [*as_dicts(resource.get("reasonReference")), *(as_dict(one.get("condition")) for one in as_dicts(resource.get("diagnosis")))]


def map_reasons(entry: Entry, site: Site) -> Iterator[Record]:
    """The reasons of a procedure that took place or of a drug that was ordered or given, on its day: later days it says nothing of."""
    resource = entry.resource
    if not (resource.get("reasonCode") or resource.get("reasonReference")):
        return
    kind = str(resource.get("resourceType"))
    if _is_none(resource, kind):
        return
    when = _when(entry, site, kind)
    for one in reasons(resource, site):
        concepts, by_words = concepts_of(one, site.terms, "Condition")
        if concepts:
            yield Record(
                concepts=concepts,
                type=kind,
                origin=origin(entry, one, by_words),
                standing=standing_of(Standing.UNCONFIRMED, by_words),
                when=when,
                dated_by="event" if when else None,
                onset=when,
                end=when,
                planned=starts_later(when, site.as_of),
                codes=codes_of(one),
                reason_of="drug" if kind in _DRUGS else "procedure",
            )


def _is_none(resource: Json, kind: str) -> bool:
    """Whether nothing was done or ordered."""
    if kind in _DRUGS:
        return gate(resource, kind).reading == "drop"
    return (as_text(resource.get("status")) or "").lower() in _NOT_PROCEDURES


def _when(entry: Entry, site: Site, kind: str) -> Interval | None:
    if kind == "MedicationRequest":
        return site.date(entry, "authoredOn")
    return read_choice(entry, site, "effective" if kind in _DRUGS else "performed")[0]
