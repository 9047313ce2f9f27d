"""Immunizations, and recommendations of future ones, into Records."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_mappings.chart import Entry
from fhir_mappings.coded import concepts_of, standing_of
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.onset import read_choice
from fhir_mappings.record import Site, origin, starts_later, status_standing
from fhir_mappings.shapes import as_dicts, status_of

_NO_PLAN = ("complete", "contraindicated", "immune")  # forecasts that no dose is to come
_STATUS = {"completed": Standing.CONFIRMED, "not-done": None, "entered-in-error": None}


def map_immunization(entry: Entry, site: Site) -> Record | None:
    resource = entry.resource
    concepts, by_words = concepts_of(resource.get("vaccineCode"), site.terms, "Immunization")
    standing = status_standing(entry, site, _STATUS) if concepts else None
    if standing is None:
        return None
    when, _ = read_choice(entry, site, "occurrence")
    recorded = site.date(entry, "recorded")
    when, dated_by = (when, "event") if when else (recorded, "recorded" if recorded else None)
    return Record(
        concepts=concepts,
        type="Immunization",
        origin=origin(entry, resource.get("vaccineCode"), by_words),
        standing=standing_of(standing, by_words),
        when=when,
        dated_by=dated_by,
        recorded=recorded,
        planned=starts_later(when, site.as_of),
    )


def map_recommendation(entry: Entry, site: Site) -> Iterator[Record]:
    """A recommended vaccine is a plan (E-13 b) from the evaluation date on; one long past its date is none."""
    for one in as_dicts(entry.resource.get("recommendation")):
        if status_of(one.get("forecastStatus")) in _NO_PLAN:
            continue
        concepts, by_words = concepts_of(one.get("vaccineCode"), site.terms, "Immunization")
        days = [site.date(entry, "value", criterion) for criterion in as_dicts(one.get("dateCriterion"))]
        known = [day for day in days if day is not None]
        if concepts and (not known or max(day.last for day in known) >= site.as_of):
            when = max(known, key=lambda day: day.last) if known else None
            standing = standing_of(Standing.CONFIRMED, by_words)
            yield Record(
                concepts, "ImmunizationRecommendation", origin(entry, one.get("vaccineCode"), by_words), standing, when, planned=True
            )
