"""Encounters into Records: their class (an admission tells how severe an infection or an operation was, E-14, E-17) and their reasons.

The reason of a visit is said by whoever booked or coded it: it asks about the condition, and never confirms or refutes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fhir_mappings.chart import Entry
from fhir_mappings.coded import codes_of, concepts_of, standing_of
from fhir_mappings.condition import map_condition
from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.reasons import pointers, reasons
from fhir_mappings.record import Site, origin, starts_later, status_standing
from fhir_mappings.shapes import Json, as_dict, as_dicts

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


def map_encounter(entry: Entry, site: Site) -> Iterator[Record]:
    """Nothing where neither the class nor a reason says anything that a value set knows."""
    resource = entry.resource
    classes = {"coding": as_dicts(resource.get("class"))}  # a Coding in R4
    kinds = site.terms.members(classes)
    named = [(one, *concepts_of(one, site.terms, "Condition")) for one in reasons(resource, site)]
    known = [(one, concepts, by_words) for one, concepts, by_words in named if concepts]
    standing = status_standing(entry, site, _STATUS) if kinds or known else None
    if standing is None:
        return
    period = as_dict(resource.get("period"))
    start, end = site.date(entry, "start", period), site.date(entry, "end", period)
    if kinds:
        yield _record(entry, site, kinds, resource.get("type") or classes, standing, start, end)
    weak = Standing.UNCONFIRMED if standing is Standing.CONFIRMED else standing
    for one, concepts, by_words in known:
        record = _record(entry, site, concepts, one, standing_of(weak, by_words), start, end, by_words)
        yield replace(record, reason_of="visit", about=kinds)
    for condition in _conditions(resource, site) if kinds else ():
        record = _record(entry, site, condition.concepts, None, weak, start, end)
        yield replace(record, origin=condition.origin, codes=condition.codes, reason_of="stay", about=kinds)


def _conditions(resource: Json, site: Site) -> Iterator[Record]:
    """The confirmed diagnoses of the chart that a stay was for: each is read for itself, but only the stay tells that it led there."""
    for pointer in pointers(resource):
        found = site.chart.resolve(pointer, resource)
        if found is not None and found.resource.get("resourceType") == "Condition" and not found.reference.startswith("#"):
            record = map_condition(found, site)
            if record is not None and record.standing is Standing.CONFIRMED:
                yield record


def _record(
    entry: Entry,
    site: Site,
    concepts: frozenset[str],
    concept: object,
    standing: Standing,
    start: Interval | None,
    end: Interval | None,
    by_words: bool = False,
) -> Record:
    return Record(
        concepts=concepts,
        type="Encounter",
        origin=origin(entry, concept, by_words),
        standing=standing,
        when=start,
        dated_by="event" if start else None,
        onset=start,
        end=end,
        planned=starts_later(start, site.as_of),
        codes=codes_of(concept),
    )
