"""Immunizations, and recommendations of future ones, into Records."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_mappings.chart import Entry
from fhir_mappings.coded import UNKNOWN_CODE, UNKNOWN_WORDS, Terms, is_mute, standing_of
from fhir_mappings.dates import RECENT, Interval
from fhir_mappings.inputs import Record, Standing
from fhir_mappings.onset import read_choice
from fhir_mappings.record import Site, origin, starts_later, status_standing
from fhir_mappings.shapes import as_dicts, as_text, status_of, words

_NO_PLAN = ("complete", "contraindicated", "immune")  # forecasts that no dose is to come
_LIVE, _NOT_LIVE = "vax.live", "vax.nonlive"
_KINDS = frozenset({_LIVE, _NOT_LIVE})
_STATUS = {"completed": Standing.CONFIRMED, "not-done": None, "entered-in-error": None}


def map_immunization(entry: Entry, site: Site) -> Record | None:
    """None where the resource is no evidence, or names no vaccine that a value set knows."""
    resource = entry.resource
    concepts, by_words = _vaccine(resource.get("vaccineCode"), site.terms)
    standing = status_standing(entry, site, _STATUS)
    if standing is None:
        return None
    if not by_words and (other := _other_kind(resource.get("vaccineCode"), concepts, site.terms)):
        concepts, standing = concepts | other, Standing.UNCONFIRMED
    when, _ = read_choice(entry, site, "occurrence")
    recorded = site.date(entry, "recorded")
    when, dated_by = (when, "event") if when else (recorded, "recorded" if recorded else None)
    if not concepts:
        _say_unknown(entry, when, site)
        return None
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


def _vaccine(concept: object, terms: Terms) -> tuple[frozenset[str], bool]:
    """(value sets of vaccines, whether only words name them). Of a code that tells only which drug it is the words are read."""
    coded = frozenset(name for name in terms.members(concept) if name.startswith("vax."))
    return (coded, False) if coded else (terms.named(words(concept), "Immunization"), True)


def _other_kind(concept: object, coded: frozenset[str], terms: Terms) -> frozenset[str]:
    """What the record's own words (no display) say against its code: a live vaccine under the code of one that is not, or the reverse."""
    texts = [text for one in as_dicts(concept) if (text := as_text(one.get("text")))]
    named = terms.named(texts, "Immunization") & _KINDS if texts else frozenset[str]()
    against = (named == {_LIVE} and coded == {_NOT_LIVE}) or (named == {_NOT_LIVE} and coded == {_LIVE})
    return named if against else frozenset()


def _say_unknown(entry: Entry, when: Interval | None, site: Site) -> None:
    """A vaccine that can't be told may be any (spec 0.2), whatever words it has; one of years ago is no question about today."""
    if when is None or when.last >= RECENT.before(site.as_of):
        site.issue(UNKNOWN_CODE[0], entry, UNKNOWN_CODE[1] if is_mute(entry.resource.get("vaccineCode")) else UNKNOWN_WORDS)


def map_recommendation(entry: Entry, site: Site) -> Iterator[Record]:
    """A recommended vaccine is a plan (E-13 b) from the evaluation date on; one long past its date is none."""
    for one in as_dicts(entry.resource.get("recommendation")):
        if status_of(one.get("forecastStatus")) in _NO_PLAN:
            continue
        concepts, by_words = _vaccine(one.get("vaccineCode"), site.terms)
        days = [site.date(entry, "value", criterion) for criterion in as_dicts(one.get("dateCriterion"))]
        known = [day for day in days if day is not None]
        if concepts and (not known or max(day.last for day in known) >= site.as_of):
            when = max(known, key=lambda day: day.last) if known else None
            standing = standing_of(Standing.CONFIRMED, by_words)
            yield Record(
                concepts, "ImmunizationRecommendation", origin(entry, one.get("vaccineCode"), by_words), standing, when, planned=True
            )
