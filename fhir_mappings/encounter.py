"""Encounters into Records by class: an admission is evidence of how severe an infection or an operation was (E-14, E-17)."""

from __future__ import annotations

from fhir_mappings.chart import Entry
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.record import Site, origin, starts_later, status_standing
from fhir_mappings.shapes import as_dict, as_dicts

_STATUS = {
    "finished": Standing.CONFIRMED,
    "in-progress": Standing.CONFIRMED,
    "onleave": Standing.CONFIRMED,
    "arrived": Standing.CONFIRMED,
    "triaged": Standing.CONFIRMED,
    "planned": None,
    "cancelled": None,
    "entered-in-error": None,
}


def map_encounter(entry: Entry, site: Site) -> Record | None:
    """None where the class says nothing that a value set knows."""
    resource = entry.resource
    classes = {"coding": as_dicts(resource.get("class"))}  # a Coding in R4
    concepts = site.terms.members(classes)
    standing = status_standing(entry, site, _STATUS) if concepts else None
    if standing is None:
        return None
    period = as_dict(resource.get("period"))
    start, end = site.date(entry, "start", period), site.date(entry, "end", period)
    return Record(
        concepts=concepts,
        type="Encounter",
        origin=origin(entry, resource.get("type") or classes),
        standing=standing,
        when=start,
        dated_by="event" if start else None,
        onset=start,
        end=end,
        planned=starts_later(start, site.as_of),
    )
