"""What a report concludes or an observation finds, where it is a disease, into Records: nobody made it a diagnosis, so it only asks."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_mappings.analytes import is_listed
from fhir_mappings.chart import Entry
from fhir_mappings.coded import GATES, codes_of, concepts_of
from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.negation import affirmed, plain
from fhir_mappings.record import Site, origin, starts_later
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, words

FINDING = "finding"
_VOID = ("entered-in-error", "cancelled", "registered")
_DAYS = ("effectiveDateTime", "effectiveInstant", "issued")


def map_report_findings(entry: Entry, site: Site) -> Iterator[Record]:
    """The coded conclusions of a report (a tumour in a biopsy, a stroke in an image). Its free text is not read."""
    for one in as_dicts(entry.resource.get("conclusionCode")):
        yield from _found(entry, one, site)


def map_observation_findings(entry: Entry, site: Site) -> Iterator[Record]:
    """A disease as the code or the coded value of an Observation that is no result of ours; one denied, or a relative's, is none."""
    resource = entry.resource
    code, value, is_so = resource.get("code"), resource.get("valueCodeableConcept"), resource.get("valueBoolean") is True
    if value is None and not is_so:  # as nearly every result
        return
    known = site.terms.members(code)
    if "focus" in resource or known & GATES or any(map(is_listed, known)) or not _is_about_the_patient(code):
        return
    if value is not None:
        yield from _found(entry, value, site)
    if is_so:
        yield from _found(entry, code, site)


def _is_about_the_patient(code: object) -> bool:
    """Whether no word of the code denies, or tells of the family."""
    return all(affirmed(text, aims=True) == plain(text) for text in words(code))


def _found(entry: Entry, concept: object, site: Site) -> Iterator[Record]:
    concepts, by_words = concepts_of(concept, site.terms, "Condition")
    if by_words or concepts <= GATES or (as_text(entry.resource.get("status")) or "").lower() in _VOID:
        return
    when = _when(entry, site)
    yield Record(
        concepts=concepts,
        type=str(entry.resource.get("resourceType")),
        origin=origin(entry, concept),
        standing=Standing.UNCONFIRMED,
        when=when,
        dated_by="event" if when else None,
        onset=when,
        planned=starts_later(when, site.as_of),
        codes=codes_of(concept),
        reason_of=FINDING,
    )


def _when(entry: Entry, site: Site) -> Interval | None:
    """The day that it was seen; of a period its end."""
    resource: Json = entry.resource
    period = as_dict(resource.get("effectivePeriod"))
    if period:
        return site.date(entry, "end", period) or site.date(entry, "start", period)
    return next((day for name in _DAYS if (day := site.date(entry, name)) is not None), None)
