"""Conditions into Records: verification, clinical status, onset and abatement by the rules of spec 0.3 and 0.4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fhir_mappings.beside import back, beside
from fhir_mappings.chart import Entry
from fhir_mappings.coded import GATES, UNKNOWN_CODE, codes_of, concepts_of, is_mute, standing_of
from fhir_mappings.dates import EARLIEST, Interval
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.negation import is_over, is_past
from fhir_mappings.onset import date_in_words, read_when
from fhir_mappings.record import Site, origin, starts_later, verification
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings, status_of, words
from fhir_mappings.terminology import certainty

_VERIFICATION = {
    "confirmed": Standing.CONFIRMED,
    "refuted": Standing.REFUTED,
    "unconfirmed": Standing.UNCONFIRMED,
    "provisional": Standing.UNCONFIRMED,
    "differential": Standing.UNCONFIRMED,
    "entered-in-error": None,
}
_ACTIVE = {"active": True, "recurrence": True, "relapse": True, "inactive": False, "remission": False, "resolved": False}
# Ruling 13: the certainty letter of German outpatient coding. Z ("state after") is history, not active.
_CERTAINTY_URL = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
_CERTAINTY = {"A": Standing.REFUTED, "V": Standing.UNCONFIRMED, "G": Standing.CONFIRMED, "Z": Standing.CONFIRMED}
_ASSERTED_URL = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"


def map_conditions(entry: Entry, site: Site) -> Iterator[Record]:
    """The record, and beside what is coded what only its words name."""
    record = map_condition(entry, site)
    if record is not None:
        yield record
        yield from _staged(record, entry, site)
        if record.origin.grade == "coded" and record.standing is not Standing.REFUTED:
            yield from _named_too(record, beside(entry.resource.get("code"), record.concepts).also)


def _staged(record: Record, entry: Entry, site: Site) -> Iterator[Record]:
    """A coded stage that is a finding of its own (a NYHA class): on no day of its own, so it asks."""
    for stage in as_dicts(entry.resource.get("stage")):
        concepts = site.terms.members(stage.get("summary")) - record.concepts - GATES
        if concepts and record.standing is not Standing.REFUTED:
            shown = origin(entry, stage.get("summary"))
            yield replace(record, concepts=concepts, origin=shown, standing=Standing.UNCONFIRMED, codes=frozenset(), worded=frozenset())


def map_condition(entry: Entry, site: Site) -> Record | None:
    """None where the resource is no evidence, or names nothing that a value set knows."""
    resource = entry.resource
    concepts, by_words = concepts_of(resource.get("code"), site.terms, "Condition")
    if not concepts and not is_mute(resource.get("code")):
        return None
    letter = _certainty(resource)
    standing = _standing(entry, site, letter)
    if not concepts and standing not in (None, Standing.REFUTED):
        site.issue(UNKNOWN_CODE[0], entry, UNKNOWN_CODE[1])
    if not concepts or standing is None:
        return None
    onset, end = read_when(entry, site, "onset"), read_when(entry, site, "abatement")
    asserted, recorded = _asserted(resource, entry, site), site.date(entry, "recordedDate")
    onset = _unless_later_than(onset, asserted or recorded, entry, site)
    when, dated_by = _when(onset, asserted, recorded)
    record = Record(
        concepts=concepts,
        type="Condition",
        origin=origin(entry, resource.get("code"), by_words),
        standing=standing_of(standing, by_words),
        when=when,
        dated_by=dated_by,
        onset=onset,
        asserted=asserted,
        recorded=recorded,
        end=end,
        active=_active(resource, end, letter, site),
        planned=starts_later(when, site.as_of),
        codes=codes_of(resource.get("code")),
        again=status_of(resource.get("clinicalStatus")) in ("recurrence", "relapse"),
        worded=frozenset() if by_words else site.terms.named(words(resource.get("code")), "Condition"),
    )
    return record if letter in _CERTAINTY else _as_worded(record, resource.get("code"), site)


def _as_worded(record: Record, concept: object, site: Site) -> Record:
    """A record as its own words leave it: not confirmed where they doubt what is coded, back, or some day before."""
    if record.origin.grade == "parsed":
        return _as_told(record, site)
    said = beside(concept, record.concepts)
    if said.doubted and record.standing is Standing.CONFIRMED:
        record = replace(record, standing=Standing.UNCONFIRMED)
    if said.back and record.active is not False:
        record = replace(record, again=True)
    return _maybe_past(record) if said.past else record


def _as_told(record: Record, site: Site) -> Record:
    """Words are all there is: where they say that it was, it was in the year that they name, and what they call over is over."""
    text = record.origin.display
    if back(text, record.concepts):
        return replace(record, again=record.again or record.active is not False)
    over = is_over(text)
    if not over and not is_past(text):
        return record
    year = None if record.dated_by == "event" else date_in_words(text, site)
    when, dated_by = (year, "event") if year else (record.when, record.dated_by)
    return replace(record, active=False if over else record.active, when=when, dated_by=dated_by)


def _maybe_past(record: Record) -> Record:
    """The words say that it was, the code that it is: it asks. A day of onset that is not just that of recording stands."""
    active = None if record.active else record.active
    if record.when is None or (record.dated_by == "event" and record.when != record.recorded):
        return replace(record, active=active)
    return replace(record, active=active, when=Interval(EARLIEST, record.when.last))


def _named_too(record: Record, names: frozenset[str]) -> Iterator[Record]:
    """What the words name beside the code: in words only, and on no day of its own, unless the whole is over."""
    if names:
        first = record.when.first if record.when and record.dated_by == "event" else EARLIEST
        yield replace(
            record,
            concepts=names,
            origin=record.origin._replace(grade="parsed"),
            standing=standing_of(record.standing, True),
            when=Interval(min(first, record.end.last), record.end.last) if record.end else None,
            dated_by="event" if record.end else None,
            onset=None,
            codes=frozenset(),
            worded=frozenset(),
        )


def _standing(entry: Entry, site: Site, letter: str | None) -> Standing | None:
    standing = verification(entry, site, _VERIFICATION)
    return _CERTAINTY[letter] if letter in _CERTAINTY and standing is Standing.CONFIRMED else standing


def _certainty(resource: Json) -> str | None:
    """The German certainty letter: an extension of the coding or of the code, else within the code itself."""
    code = as_dict(resource.get("code"))
    for holder in (*as_dicts(code.get("coding")), code, resource):
        for extension in as_dicts(holder.get("extension")):
            if extension.get("url") == _CERTAINTY_URL:
                letter = as_text(as_dict(extension.get("valueCoding")).get("code")) or as_text(extension.get("valueCode"))
                return letter.upper() if letter else None
    # Some systems leave the letter inside the code: M32.1A.
    return next((letter for system, code, _ in codings(code) if (letter := certainty(system, code))), None)


def _asserted(resource: Json, entry: Entry, site: Site) -> Interval | None:
    for extension in as_dicts(resource.get("extension")):
        if extension.get("url") == _ASSERTED_URL:
            return site.date(entry, "valueDateTime", extension)
    return site.date(entry, "assertedDate") if "assertedDate" in resource else None


def _when(onset: Interval | None, asserted: Interval | None, recorded: Interval | None) -> tuple[Interval | None, str | None]:
    """Onset before assertion before recording; never meta.lastUpdated (spec 0.3)."""
    for when, by in ((onset, "event"), (asserted, "asserted"), (recorded, "recorded")):
        if when is not None:
            return when, by
    return None, None


def _unless_later_than(onset: Interval | None, written: Interval | None, entry: Entry, site: Site) -> Interval | None:
    """An onset after the evaluation of what was written down before it is a slip of the pen, no plan."""
    if not starts_later(onset, site.as_of) or written is None or starts_later(written, site.as_of):
        return onset
    site.issue("date-unreadable", entry, "the onset lies after the day on which it was recorded")
    return None


def _active(resource: Json, end: Interval | None, letter: str | None, site: Site) -> bool | None:
    """An abatement by the evaluation date ends it; one after it leaves it active (spec 0.3, as of)."""
    if letter == "Z" or resource.get("abatementBoolean") is True:
        return False
    if end is not None and end.last <= site.as_of:
        return False
    return _ACTIVE.get((status_of(resource.get("clinicalStatus")) or "").lower())
