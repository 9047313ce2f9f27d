"""Procedures into Records."""

from __future__ import annotations

from fhir_mappings.chart import Entry
from fhir_mappings.coded import codes_of, concepts_of, standing_of
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.onset import read_choice
from fhir_mappings.record import Site, origin, starts_later, status_standing

_STATUS = {
    "completed": Standing.CONFIRMED,
    "in-progress": Standing.CONFIRMED,
    "not-done": None,
    "preparation": None,
    "entered-in-error": None,
}


def map_procedure(entry: Entry, site: Site) -> Record | None:
    """A Procedure's date is the end of its performedPeriod where it has one (E-17); one that still goes on counts from its start."""
    resource = entry.resource
    concepts, by_words = concepts_of(resource.get("code"), site.terms, "Procedure")
    if not concepts:
        # A category such as "surgical procedure" names a value set too.
        concepts, by_words = site.terms.members(resource.get("category")), False
    else:
        concepts = concepts | site.terms.members(resource.get("category"))
    standing = status_standing(entry, site, _STATUS) if concepts else None
    if standing is None:
        return None
    start, end = read_choice(entry, site, "performed")
    when = start if end is None or (start is not None and starts_later(end, site.as_of)) else end
    return Record(
        concepts=concepts,
        type="Procedure",
        origin=origin(entry, resource.get("code"), by_words),
        standing=standing_of(standing, by_words),
        when=when,
        dated_by="event" if when else None,
        onset=start,
        end=end,
        planned=starts_later(when, site.as_of),
        codes=codes_of(resource.get("code")),
    )
