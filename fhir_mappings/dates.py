"""FHIR dates, dateTimes and instants into intervals of whole days on the site's calendar, and ISO 8601 durations."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")
EARLIEST, LATEST = date(1, 1, 1), date(9999, 12, 31)

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$")
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(?:([Zz])|([+-])(\d\d):?(\d\d))?$")
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$")


@dataclass(frozen=True, slots=True)
class Interval:
    """The days on which something may have happened: some day of [first, last], both inclusive.

    A full date is one day; `2026` is [2026-01-01, 2026-12-31] (spec 0.3, partial dates).
    """

    first: date
    last: date

    @property
    def exact(self) -> bool:
        return self.first == self.last

    def within(self, first: date, last: date) -> bool | None:
        """True when every possible day lies in [first, last], False when none does, else None."""
        if first <= self.first and self.last <= last:
            return True
        if self.last < first or last < self.first:
            return False
        return None

    def __str__(self) -> str:
        if self.exact:
            return self.first.isoformat()
        return _partial(self.first, self.last)


def _partial(first: date, last: date) -> str:
    if first == EARLIEST:
        return f"until {last.isoformat()}"
    if first.year == last.year and (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year:04d}"
    if (first.year, first.month) == (last.year, last.month) and first.day == 1 and last.day == _days(first):
        return f"{first.year:04d}-{first.month:02d}"
    return f"{first.isoformat()}..{last.isoformat()}"


def _days(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def on(day: date) -> Interval:
    return Interval(day, day)


def read_date(value: object, zone: ZoneInfo = UTC) -> Interval | None:
    """The days a FHIR date, dateTime or instant may mean in `zone`; None where it can't be read (2026-13-45, 7, '')."""
    return _read(value, zone) if isinstance(value, str) and len(value) < 64 else None


@lru_cache(maxsize=65536)
def _read(text: str, zone: ZoneInfo) -> Interval | None:
    try:
        return _calendar(text) or _instant(text, zone)
    except (ValueError, OverflowError):
        return None


def _calendar(text: str) -> Interval | None:
    found = _DATE.match(text)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    if month is None:
        return Interval(date(year, 1, 1), date(year, 12, 31))
    if day is None:
        return Interval(date(year, month, 1), date(year, month, _days(date(year, month, 1))))
    return on(date(year, month, day))


def _instant(text: str, zone: ZoneInfo) -> Interval | None:
    found = _INSTANT.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second, zulu, sign, off_hour, off_minute = found.groups()
    # A leap second (60) is legal in FHIR and unknown to datetime.
    local = datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59))
    if zulu or sign:
        offset = timedelta(hours=int(off_hour or 0), minutes=int(off_minute or 0))
        aware = local.replace(tzinfo=timezone(-offset if sign == "-" else offset))
        return on(aware.astimezone(zone).date())
    return on(local.date())


def read_period(value: object, zone: ZoneInfo = UTC) -> tuple[Interval | None, Interval | None]:
    """(start, end) of a FHIR Period; a bound that is absent or unreadable is None."""
    if not isinstance(value, dict):
        return None, None
    return read_date(value.get("start"), zone), read_date(value.get("end"), zone)


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration of calendar years and months and of days (weeks are 7 days). Spec 0.3."""

    years: int = 0
    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Duration:
        """`P28D`, `P8W`, `P3M`, `P5Y`. Raises ValueError for anything else."""
        found = _DURATION.match(text)
        if not found or not any(found.groups()):
            raise ValueError(f"'{text}' is not a duration such as P28D, P8W, P3M or P5Y")
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        return cls(years, months, days + 7 * weeks)

    def before(self, day: date) -> date:
        """The day this long before `day`; 31 May minus P3M is the last day of February."""
        return _shift(day, -(12 * self.years + self.months), -self.days)

    def after(self, day: date) -> date:
        """The day this long after `day`."""
        return _shift(day, 12 * self.years + self.months, self.days)

    def __str__(self) -> str:
        parts = [(self.years, "year"), (self.months, "month")]
        weeks = self.days // 7 if self.days > 31 and self.days % 7 == 0 else 0
        parts.append((weeks, "week") if weeks else (self.days, "day"))
        return " ".join(f"{n} {unit}{'s' if n != 1 else ''}" for n, unit in parts if n) or "0 days"


RECENT = Duration(months=12)  # how far back the last record may lie for a chart, or a list of drugs, to speak of now (spec 0.2)


@lru_cache(maxsize=16384)
def _shift(day: date, months: int, days: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year < 1:
        return EARLIEST
    if year > 9999:
        return LATEST
    moved = date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    try:
        return moved + timedelta(days=days)
    except OverflowError:
        return EARLIEST if days < 0 else LATEST


def add_days(day: date, days: int) -> date:
    """`day` plus `days`, held inside the calendar."""
    return _shift(day, 0, days)
