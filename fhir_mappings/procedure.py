"""Procedures, and requests for them, into Records, and which of them can't be told: such a one may be any procedure."""

from __future__ import annotations

from fhir_mappings.chart import Entry
from fhir_mappings.code_systems import normalise_system
from fhir_mappings.coded import UNKNOWN_CODE, UNKNOWN_WORDS, codes_of, concepts_of, spoken, standing_of
from fhir_mappings.dates import RECENT
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.onset import read_choice
from fhir_mappings.record import Site, origin, starts_later, status_standing
from fhir_mappings.shapes import Json, as_text, codings, words
from fhir_mappings.table import read_table

_STATUS = {
    "completed": Standing.CONFIRMED,
    "in-progress": Standing.CONFIRMED,
    "preparation": Standing.CONFIRMED,  # a plan, whatever day it is for
    "not-done": None,
    "entered-in-error": None,
}
_TOLD_BY = {row["system"]: row["told_by"] for row in read_table("procedure_systems")}
_ORDERED = ("active", "on-hold")
_INTENDED = ("plan", "directive", "order", "original-order", "reflex-order", "filler-order", "instance-order")


def map_procedure(entry: Entry, site: Site) -> Record | None:
    """A Procedure's date is the end of its performedPeriod where it has one (E-17); one that still goes on counts from its start."""
    resource = entry.resource
    concepts, by_words = concepts_of(resource.get("code"), site.terms, "Procedure")
    concepts, by_words = _with_category(concepts, by_words, resource.get("category"), site)
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
        planned=_is_prepared(resource) or starts_later(when, site.as_of),
        codes=codes_of(resource.get("code")),
    )


def _is_prepared(resource: Json) -> bool:
    return (as_text(resource.get("status")) or "").lower() == "preparation"


def map_planned(entry: Entry, site: Site) -> Record | None:
    """A ServiceRequest for a procedure as a plan; None for one that is done with, only proposed, or of no day and a year old."""
    resource = entry.resource
    status, intent = ((as_text(resource.get(name)) or "").lower() for name in ("status", "intent"))
    is_order = status in _ORDERED and intent in _INTENDED
    if not is_order or resource.get("doNotPerform") is True:
        return None
    concepts, by_words = concepts_of(resource.get("code"), site.terms, "Procedure")
    concepts, by_words = _with_category(concepts, by_words, resource.get("category"), site)
    (_, due), written = read_choice(entry, site, "occurrence"), site.date(entry, "authoredOn")
    is_old = due is None and written is not None and written.last < RECENT.before(site.as_of)
    if not concepts or is_old or starts_later(written, site.as_of):
        return None
    return Record(
        concepts=concepts,
        type="ServiceRequest",
        origin=origin(entry, resource.get("code"), by_words),
        standing=standing_of(Standing.CONFIRMED, by_words),
        when=due or written,
        dated_by="event" if due else "recorded" if written else None,
        recorded=written,
        planned=True,
        codes=codes_of(resource.get("code")),
    )


def _with_category(concepts: frozenset[str], by_words: bool, category: object, site: Site) -> tuple[frozenset[str], bool]:
    """The value sets of the code with those of a category such as "surgical procedure"; the category's words count where no code does."""
    coded = site.terms.members(category)
    if coded:
        return concepts | coded, by_words and bool(concepts)
    return (concepts | site.terms.named(words(category), "Procedure"), True) if by_words else (concepts, False)


def untold(site: Site) -> bool:
    """Whether a procedure that took place can't be told, each named in the issues: then none can be said to be absent (spec 0.2)."""
    found = [entry for entry in site.chart.of("Procedure") if _took_place(entry) and not _readable(entry, site)]
    for entry in found:
        site.issue(UNKNOWN_CODE[0], entry, UNKNOWN_WORDS if spoken(words(entry.resource.get("code"))) else UNKNOWN_CODE[1])
    return bool(found)


def _took_place(entry: Entry) -> bool:
    status = (as_text(entry.resource.get("status")) or "").lower()
    return not _is_prepared(entry.resource) and _STATUS.get(status, Standing.UNCLEAR) is not None


def _readable(entry: Entry, site: Site) -> bool:
    """Whether a code of ours, a code system that can be told, or known words say which procedure it is or is not."""
    code = entry.resource.get("code")
    said = words(code)
    told = {_TOLD_BY.get(normalise_system(system)) for system, _, _ in codings(code)}
    if site.terms.members(code) or "codes" in told or ("names" in told and spoken(said)):
        return True
    return bool(site.terms.named(said, "Procedure") or site.terms.named(said, "OrdinaryProcedure"))
