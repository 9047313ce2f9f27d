"""Procedures into Records, and which of them can't be told: such a one may be any procedure."""

from __future__ import annotations

from fhir_mappings.chart import Entry
from fhir_mappings.code_systems import normalise_system
from fhir_mappings.coded import UNKNOWN_CODE, codes_of, concepts_of, spoken, standing_of
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.onset import read_choice
from fhir_mappings.record import Site, origin, starts_later, status_standing
from fhir_mappings.shapes import as_text, codings, words
from fhir_mappings.table import read_table

_STATUS = {
    "completed": Standing.CONFIRMED,
    "in-progress": Standing.CONFIRMED,
    "not-done": None,
    "preparation": None,
    "entered-in-error": None,
}
_TOLD_BY = {row["system"]: row["told_by"] for row in read_table("procedure_systems")}
_UNKNOWN_WORDS = "neither its code nor its words are known here"


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
        planned=starts_later(when, site.as_of),
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
        site.issue(UNKNOWN_CODE[0], entry, _UNKNOWN_WORDS if spoken(words(entry.resource.get("code"))) else UNKNOWN_CODE[1])
    return bool(found)


def _took_place(entry: Entry) -> bool:
    return _STATUS.get((as_text(entry.resource.get("status")) or "").lower(), Standing.UNCLEAR) is not None


def _readable(entry: Entry, site: Site) -> bool:
    """Whether a code of ours, a code system that can be told, or known words say which procedure it is or is not."""
    code = entry.resource.get("code")
    said = words(code)
    told = {_TOLD_BY.get(normalise_system(system)) for system, _, _ in codings(code)}
    if site.terms.members(code) or "codes" in told or ("names" in told and spoken(said)):
        return True
    return bool(site.terms.named(said, "Procedure") or site.terms.named(said, "OrdinaryProcedure"))
