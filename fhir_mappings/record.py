"""The frame that all mappers of coded events share: the site, the statuses of spec 0.4, and making a Record of an Entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from fhir_mappings.chart import Chart, Entry
from fhir_mappings.coded import Terms
from fhir_mappings.dates import Interval, read_date
from fhir_mappings.inputs import DataIssue, Origin, Person, Standing
from fhir_mappings.shapes import Json, as_dicts, as_text, codings, label, status_of


@dataclass(slots=True)
class Site:
    """What every mapper needs, and where it reports what it can't read."""

    chart: Chart
    terms: Terms
    zone: ZoneInfo
    as_of: date
    person: Person
    issues: list[DataIssue] = field(default_factory=list)

    def issue(self, code: str, entry: Entry, words: str) -> None:
        self.issues.append(DataIssue(code, entry.reference, words))

    def date(self, entry: Entry, element: str, resource: Json | None = None) -> Interval | None:
        """A date of the resource; one that is there and can't be read is reported."""
        raw = (entry.resource if resource is None else resource).get(element)
        if raw is None:
            return None
        read = read_date(raw, self.zone)
        if read is None:
            self.issue("date-unreadable", entry, f"{element} is not a date")
        return read


def origin(entry: Entry, concept: object, by_words: bool = False) -> Origin:
    return Origin(entry.reference, entry.version, label(concept)[:120], "parsed" if by_words else "coded")


def status_standing(entry: Entry, site: Site, statuses: Mapping[str, Standing | None]) -> Standing | None:
    """The standing that `status` gives; None where such a record is no evidence. One that is missing or not listed is unclear."""
    raw = entry.resource.get("status")
    status = (as_text(raw) or "").lower()
    if status in statuses:
        return _unmodified(entry, site, statuses[status])
    site.issue("status-unknown", entry, "status is missing" if raw is None else "status is not one that can be used")
    return Standing.UNCLEAR


def verification(entry: Entry, site: Site, statuses: Mapping[str, Standing | None]) -> Standing | None:
    """The standing that verificationStatus gives, whatever the system of its code; a record without one is confirmed (spec 0.4)."""
    raw = entry.resource.get("verificationStatus")
    if not raw:
        return _unmodified(entry, site, Standing.CONFIRMED)
    said = [(code or "").lower() for code in (status_of(raw), *(code for _, code, _ in codings(raw)))]
    known = next((status for status in said if status in statuses), None)
    if known is not None:
        return _unmodified(entry, site, statuses[known])
    site.issue("status-unknown", entry, "verificationStatus is not one that can be used")
    return Standing.UNCLEAR


def _unmodified(entry: Entry, site: Site, standing: Standing | None) -> Standing | None:
    """FHIR lets no one rely on a record with a modifier extension that is not understood: it may negate the whole."""
    if standing is None or not as_dicts(entry.resource.get("modifierExtension")):
        return standing
    site.issues.append(DataIssue(*modifier_unknown(entry)))
    return Standing.UNCLEAR


def modifier_unknown(entry: Entry) -> tuple[str, str, str]:
    """(code, reference, words) of the issue."""
    return "modifier-unknown", entry.reference, "a modifierExtension that is not understood may change what the record means"


def starts_later(when: Interval | None, as_of: date) -> bool:
    """Dated wholly after the evaluation date: a plan, not history (spec 0.3)."""
    return when is not None and when.first > as_of
