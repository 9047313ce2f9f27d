"""A FHIR Timing into how many doses a day: the least and most on average, and the most on one day (spec 1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil
from types import MappingProxyType

from fhir_mappings.dosage_amount import exact
from fhir_mappings.shapes import Json, as_dict, as_text, codings
from fhir_mappings.table import read_table

# Days in a unit of time; a month is 1461/48 days, the mean of four years.
DAYS: Mapping[str, Fraction] = MappingProxyType(
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
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS_OF_WEEK = frozenset(WEEK)
# Times of the day that come once a day; the others of `when` (with a meal: C, AC, PC) say nothing of how often.
_ONCE_A_DAY = frozenset(
    ("MORN", "NOON", "AFT", "EVE", "NIGHT", "PHS", "HS", "WAKE", "CM", "CD", "CV", "ACM", "ACD", "ACV", "PCM", "PCD", "PCV")
)
_MOST = 96  # doses a day that anyone may be told to take

Span = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`doses` (least, most) in `days` (shortest, longest), on `weekdays`, at so many named `moments` of the day."""

    doses: Span | None = None
    days: Span | None = None
    weekdays: frozenset[str] = frozenset()
    moments: int = 0
    once: bool = False  # a single dose and no more


@dataclass(frozen=True, slots=True)
class Rate:
    """Doses a day: `low` to `high` on average, `most` on one day. `weekdays` where they are named."""

    low: Fraction
    high: Fraction
    most: Fraction
    weekdays: frozenset[str] = frozenset()
    once: bool = False


_CODES = {row["code"]: Schedule((Fraction(row["doses"]),) * 2, (Fraction(row["days"]),) * 2) for row in read_table("timing_codes")}
DISAGREE = "frequency and times of the day disagree"
NO_FREQUENCY = "no frequency is given"


@lru_cache(maxsize=2048)
def rate_of(schedule: Schedule) -> Rate | str:
    """How often that is, or why it can't be told."""
    if schedule.once:
        return Rate(*(Fraction(1),) * 3, once=True)
    if schedule.doses is None and schedule.days is None and not schedule.moments and not schedule.weekdays:
        return NO_FREQUENCY
    doses, days = _counted(schedule)
    if doses is None:
        return DISAGREE
    if days is None:
        return "a frequency without a period"
    rate = _on_weekdays(doses, days, schedule.weekdays) if schedule.weekdays else _spread(doses, days)
    return rate if isinstance(rate, str) or (0 <= rate.low <= rate.high <= _MOST and rate.high) else "the frequency is not plausible"


def _counted(schedule: Schedule) -> tuple[Span | None, Span | None]:
    """(doses, days); the named times of a day count where no frequency is given or it is once a day, else they must be as many."""
    doses, days, moments = schedule.doses, schedule.days, schedule.moments
    named: Span = (Fraction(max(moments, 1)),) * 2
    is_daily = days in (None, _DAILY)
    if doses is None:
        return named, days or _DAILY
    if not moments or (moments == 1 and days is not None and days[0] > 1):
        return doses, days
    return (named, days or _DAILY) if doses == named or (doses == _DAILY and is_daily) else (None, days)


_DAILY: Span = (Fraction(1), Fraction(1))


def _spread(doses: Span, days: Span) -> Rate:
    low, high = doses[0] / days[1], doses[1] / days[0]
    return Rate(low, high, Fraction(max(1, ceil(high))))


def _on_weekdays(doses: Span, days: Span, weekdays: frozenset[str]) -> Rate | str:
    """`doses` count the day where the period is a day, and all named days together where it is in weeks."""
    count = len(weekdays)
    if days[0] == days[1] and days[0] % 7 == 0:
        if doses[0] != doses[1] or doses[0] % count:
            return "frequency and days of the week disagree"
        return Rate(doses[0] / days[0], doses[0] / days[0], doses[0] / count, weekdays if days[0] == 7 else frozenset())
    if days[1] > 1:
        return "frequency and days of the week disagree"
    low, high = doses[0] / days[1], doses[1] / days[0]
    return Rate(low * count / 7, high * count / 7, Fraction(ceil(high)), weekdays)


def schedule_of(timing: object) -> Schedule | str | None:
    """The schedule of a Timing: its repeat, else its code; both must say the same. None where it has none."""
    held = as_dict(timing)
    repeat, coded = _repeated(as_dict(held.get("repeat"))), _coded(held.get("code"))
    if "event" in held:
        return "dates of single doses are not read"
    if repeat is None or coded is None or isinstance(repeat, str):
        return repeat or coded
    if rate_of(repeat) != rate_of(coded):
        return "the timing and its code disagree"
    return repeat


def _coded(code: object) -> Schedule | None:
    return next((_CODES[one.upper()] for _, one, _ in codings(code) if one.upper() in _CODES), None)


def _repeated(repeat: Json) -> Schedule | str | None:
    """None where the repeat only bounds the instruction, or names no frequency."""
    doses, days = _span(repeat, "frequency", DAYS["d"]), _span(repeat, "period", DAYS.get(as_text(repeat.get("periodUnit")) or "d"))
    if isinstance(doses, str) or isinstance(days, str):
        return doses if isinstance(doses, str) else str(days)
    given = _texts(repeat, "dayOfWeek")
    weekdays = frozenset(day.lower() for day in given)
    if not weekdays <= _DAYS_OF_WEEK:
        return "dayOfWeek can't be read"
    moments = len(frozenset(_texts(repeat, "timeOfDay"))) or _moments(_texts(repeat, "when"))
    if doses is None and days is None and not weekdays and not moments:
        return _single(repeat)
    return Schedule(doses, days, weekdays, moments, doses is None and _single(repeat) is not None)


def _single(repeat: Json) -> Schedule | None:
    """`count` 1: one dose and no more."""
    return Schedule(once=True) if exact(repeat.get("count")) == 1 and "countMax" not in repeat else None


def _moments(when: list[str]) -> int:
    """How many times of a day; 0 where one of them names no time of its own."""
    names = {one.upper().partition(".")[0] for one in when}
    return len({one.upper() for one in when}) if names <= _ONCE_A_DAY else 0


def _span(repeat: Json, element: str, factor: Fraction | None) -> Span | str | None:
    """(least, most) of `frequency` or `period` with its Max."""
    if element not in repeat:
        return None
    low = exact(repeat[element])
    high = exact(repeat[f"{element}Max"]) if f"{element}Max" in repeat else low
    if low is None or high is None or factor is None or not 0 < low <= high:
        return f"{element} can't be read"
    least = low if factor == 1 else low * factor
    return least, least if low is high else high * factor


def _texts(repeat: Json, element: str) -> list[str]:
    value = repeat.get(element)
    if value is None:
        return []
    return [text for one in (value if isinstance(value, list) else [value]) if (text := as_text(one))]
