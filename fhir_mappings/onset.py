"""Onset, abatement and occurrence in all their forms (dateTime, Age, Period, Range, words) into an Interval of days."""

from __future__ import annotations

import re

from fhir_mappings.chart import Entry
from fhir_mappings.dates import EARLIEST, Duration, Interval, add_days, read_date
from fhir_mappings.record import Site
from fhir_mappings.shapes import Json, as_dict, as_number, as_text

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_WORDS = re.compile(r"(?:\b([a-z]+)\.?,?\s+)?(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?(?<!\d)(\d{4})(?!\d)", re.IGNORECASE)
# Words that move the day away from the year they stand by.
_ELSEWHERE = re.compile(r"\b(?:before|prior|until|till|after|by|later|earlier|vor|nach|bis|not?|ago)\b|[<>]", re.IGNORECASE)
_DAYS_A_UNIT = {"d": 1, "wk": 7}
_MONTHS_A_UNIT = {"mo": 1, "a": 12}
_UNIT_WORDS = {
    "year": "a",
    "years": "a",
    "yr": "a",
    "yrs": "a",
    "month": "mo",
    "months": "mo",
    "week": "wk",
    "weeks": "wk",
    "day": "d",
    "days": "d",
}


def read_choice(entry: Entry, site: Site, stem: str) -> tuple[Interval | None, Interval | None]:
    """(start, end) of `onset[x]`, `abatement[x]`, `performed[x]` …; a form that is there and can't be read is reported."""
    resource = entry.resource
    if f"{stem}DateTime" in resource:
        when = site.date(entry, f"{stem}DateTime")
        return when, when
    if f"{stem}Period" in resource:
        period = as_dict(resource.get(f"{stem}Period"))
        return site.date(entry, "start", period), site.date(entry, "end", period)
    if f"{stem}Age" not in resource and f"{stem}Range" not in resource and f"{stem}String" not in resource:
        return None, None
    found = _by_age(resource, stem, site) or date_in_words(as_text(resource.get(f"{stem}String")), site)
    if found is None:
        site.issue("date-unreadable", entry, f"{stem} can't be read as a date")
    return found, found


def read_when(entry: Entry, site: Site, stem: str) -> Interval | None:
    """When it began or ended. A Period with an end says only that it was some day of it (FHIR: an imprecise onset)."""
    start, end = read_choice(entry, site, stem)
    if start is None or end is None:
        return start if end is None else Interval(EARLIEST, end.last)
    return Interval(min(start.first, end.first), max(start.last, end.last))


def _by_age(resource: Json, stem: str, site: Site) -> Interval | None:
    birth = site.person.birth
    if birth is None:
        return None
    age = as_dict(resource.get(f"{stem}Age"))
    span = as_dict(resource.get(f"{stem}Range"))
    low, high = (_months_or_days(as_dict(span.get(side))) for side in ("low", "high"))
    if age:
        low = high = _months_or_days(age)
    if low is None or high is None:
        return None
    # Someone is 52 from the 52nd birthday until the day before the 53rd.
    first, last = low[0].after(birth.first), add_days(high[1].after(birth.last), -1)
    return Interval(first, last) if first <= last else None


def _months_or_days(quantity: Json) -> tuple[Duration, Duration] | None:
    """The shortest and longest time since birth that an Age of whole units may mean (the longest excluded)."""
    value = as_number(quantity.get("value"))
    unit = as_text(quantity.get("code")) or _UNIT_WORDS.get((as_text(quantity.get("unit")) or "").lower(), "")
    if value is None or value < 0 or value > 50_000 or value != value.to_integral_value():
        return None
    whole = int(value)
    if unit in _MONTHS_A_UNIT:
        step = _MONTHS_A_UNIT[unit]
        return Duration(months=whole * step), Duration(months=(whole + 1) * step)
    if unit in _DAYS_A_UNIT:
        step = _DAYS_A_UNIT[unit]
        return Duration(days=whole * step), Duration(days=(whole + 1) * step)
    return None


def date_in_words(text: str | None, site: Site) -> Interval | None:
    """A date in words such as "approximately November 2012"; None where they name no year, several, or a time before or after it."""
    if text is None or len(text) > 100:
        return None
    whole = read_date(text, site.zone)
    found = list(_WORDS.finditer(text))
    if whole is not None or len(found) != 1 or _ELSEWHERE.search(text):
        return whole
    word, year = (found[0].group(1) or "").lower(), found[0].group(2)
    month = next((n for n, name in enumerate(_MONTHS, 1) if len(word) >= 3 and name.startswith(word)), None)
    if not "1800" <= year <= "2200":
        return None
    return read_date(year if month is None else f"{year}-{month:02d}", site.zone)
