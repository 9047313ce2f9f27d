"""A FHIR Timing into how many doses a day: the mean, and the most on one day (spec 1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from types import MappingProxyType

from fhir_mappings.shapes import Json, as_dict, as_number, as_text, codings
from fhir_mappings.table import read_table

# Days in a unit of time; a month is 1461/48 days, the mean of four years.
_DAYS: Mapping[str, Fraction] = MappingProxyType(
    {
        "s": Fraction(1, 86400),
        "min": Fraction(1, 1440),
        "h": Fraction(1, 24),
        "d": Fraction(1),
        "wk": Fraction(7),
        "mo": Fraction(1461, 48),
        "a": Fraction(1461, 4),
    }
)
_CODES = {row["code"]: (Fraction(row["doses"]), Fraction(row["days"])) for row in read_table("timing_codes")}
_MOST = 96  # doses a day that anyone may be told to take


@dataclass(frozen=True, slots=True)
class Frequency:
    """Doses a day: `low` to `high` on average, `most` on one day."""

    low: Fraction
    high: Fraction
    most: Fraction

    @property
    def plausible(self) -> bool:
        return 0 < self.low <= self.high <= _MOST


def every(doses: Fraction, days: Fraction) -> Frequency:
    """So many doses in so many days, spread over them."""
    mean = doses / days
    return Frequency(mean, mean, Fraction(max(1, ceil(mean))))


def frequency_of(timing: object) -> Frequency | None:
    """None where the timing says nothing, or nothing that can be read."""
    held = as_dict(timing)
    found = _repeated(as_dict(held.get("repeat"))) or _coded(held.get("code"))
    return found if found is not None and found.plausible else None


def _coded(code: object) -> Frequency | None:
    for _, one, _ in codings(code):
        if one.upper() in _CODES:
            return every(*_CODES[one.upper()])
    return None


def _repeated(repeat: Json) -> Frequency | None:
    weekdays = _many(repeat, "dayOfWeek")
    times = max(len(_many(repeat, "timeOfDay")), len(_many(repeat, "when")))
    frequency, period = as_number(repeat.get("frequency")), as_number(repeat.get("period"))
    if frequency is None and period is None and not times and not weekdays:
        return None
    days = _period(repeat, "d")
    if days is None:
        return None
    least = max(Fraction(frequency if frequency is not None else 1), Fraction(times))
    most = max(Fraction(as_number(repeat.get("frequencyMax")) or 0), least)
    if weekdays:
        return _on_weekdays(least, most, days[0], len(weekdays))
    low, high = least / days[1], most / days[0]
    return Frequency(low, high, Fraction(max(1, ceil(high))))


def _on_weekdays(least: Fraction, most: Fraction, days: Fraction, count: int) -> Frequency:
    """`frequency` counts the day where the period is a day, the week where it is a week."""
    if days < 7:
        return Frequency(least * count / 7, most * count / 7, most)
    per_week = (max(least, Fraction(count)) / days, max(most, Fraction(count)) / days)
    return Frequency(*per_week, Fraction(max(1, ceil(per_week[1] * days / count))))


def _period(repeat: Json, default: str) -> tuple[Fraction, Fraction] | None:
    """(shortest, longest) period in days."""
    unit = as_text(repeat.get("periodUnit")) or default
    period = as_number(repeat.get("period"))
    longest = as_number(repeat.get("periodMax"))
    if unit not in _DAYS or (period is not None and period <= 0) or (longest is not None and longest <= 0):
        return None
    least = Fraction(period if period is not None else 1) * _DAYS[unit]
    return least, max(least, Fraction(longest) * _DAYS[unit]) if longest is not None else least


def _many(repeat: Json, element: str) -> list[str]:
    value = repeat.get(element)
    held = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(text for one in held if (text := as_text(one))))
