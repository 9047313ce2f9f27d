"""FHIR dates become intervals of whole days on the site's calendar; durations move by calendar months (spec 0.3)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from fhir_mappings.dates import EARLIEST, LATEST, Duration, Interval, add_days, on, read_date, read_period

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def days(first: str, last: str) -> Interval:
    return Interval(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("2026-11-22", "2026-11-22", "2026-11-22"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
        ("2026-11-22T10:00:00Z", "2026-11-22", "2026-11-22"),
        ("2026-11-22T10:00", "2026-11-22", "2026-11-22"),
        ("2026-11-22 10:00:00.123+01:00", "2026-11-22", "2026-11-22"),
        ("2026-11-22t10:00:00z", "2026-11-22", "2026-11-22"),
        ("2026-11-22T10:00:00+0100", "2026-11-22", "2026-11-22"),
        ("2026-06-30T23:59:60Z", "2026-06-30", "2026-06-30"),
    ],
)
def test_a_date_is_the_days_it_may_mean(text: str, first: str, last: str) -> None:
    """A partial date is an interval; a leap second, a blank for the T and an offset without colon are read."""
    assert read_date(text) == days(first, last)


@pytest.mark.parametrize(
    "junk",
    [
        None,
        7,
        True,
        [],
        {},
        "",
        " ",
        "2026-13",
        "2026-02-30",
        "0000",
        "2026-1-1",
        "22.11.2026",
        "2026-11-22T25:00:00Z",
        "2026-11-22T10",
        "2026-11-22T10:00:00+99:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2" * 200,
    ],
)
def test_what_is_no_date_is_none(junk: object) -> None:
    """Never a wrong date, never an exception, at the calendar's ends either."""
    assert read_date(junk) is None


@pytest.mark.parametrize(
    ("zone", "day"),
    [(ZoneInfo("UTC"), "2026-11-22"), (BERLIN, "2026-11-23"), (NEW_YORK, "2026-11-22")],
)
def test_an_instant_falls_on_the_sites_day(zone: ZoneInfo, day: str) -> None:
    """23:30 UTC is tomorrow in Berlin."""
    assert read_date("2026-11-22T23:30:00Z", zone) == days(day, day)


def test_a_time_without_offset_is_the_sites_own() -> None:
    """It is not moved."""
    assert read_date("2026-11-22T23:30:00", BERLIN) == days("2026-11-22", "2026-11-22")


def test_a_period_is_its_two_bounds() -> None:
    """A bound that is absent or unreadable is None; what is no Period has none."""
    assert read_period({"start": "2026-01-02", "end": "soon"}) == (on(date(2026, 1, 2)), None)
    assert read_period(["2026"]) == (None, None)


@pytest.mark.parametrize(
    ("interval", "within"),
    [
        (days("2026-03-01", "2026-03-31"), True),
        (days("2026-02-28", "2026-02-28"), False),
        (days("2026-04-01", "2026-04-01"), False),
        (days("2026-01-01", "2026-12-31"), None),
        (days("2026-02-15", "2026-03-01"), None),
        (days("2026-03-01", "2026-03-01"), True),
        (days("2026-03-31", "2026-03-31"), True),
    ],
)
def test_a_window_includes_both_its_ends(interval: Interval, within: bool | None) -> None:
    """True for all days, false for none, else unknown."""
    assert interval.within(date(2026, 3, 1), date(2026, 3, 31)) is within


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (days("2026-11-22", "2026-11-22"), "2026-11-22"),
        (days("2026-01-01", "2026-12-31"), "2026"),
        (days("2026-02-01", "2026-02-28"), "2026-02"),
        (days("2026-02-01", "2026-02-27"), "2026-02-01..2026-02-27"),
        (days("2025-05-01", "2026-04-30"), "2025-05-01..2026-04-30"),
        (Interval(EARLIEST, date(2026, 4, 30)), "until 2026-04-30"),
    ],
)
def test_an_interval_is_written_as_the_record_wrote_it(interval: Interval, text: str) -> None:
    """A year as a year, a month as a month."""
    assert str(interval) == text


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P28D", Duration(days=28)),
        ("P8W", Duration(days=56)),
        ("P3M", Duration(months=3)),
        ("P5Y", Duration(years=5)),
        ("P1Y6M10D", Duration(1, 6, 10)),
    ],
)
def test_an_iso_8601_duration_is_read(text: str, duration: Duration) -> None:
    """Years, months, weeks and days."""
    assert Duration.parse(text) == duration


@pytest.mark.parametrize("junk", ["P", "28D", "PT4H", "P-1D", "P1.5Y", "", "P28D "])
def test_what_is_no_duration_is_refused(junk: str) -> None:
    """A definition's fault must not pass as a window of nothing."""
    with pytest.raises(ValueError, match="is not a duration"):
        Duration.parse(junk)


@pytest.mark.parametrize(
    ("duration", "day", "before"),
    [
        ("P3M", "2026-11-30", "2026-08-30"),
        ("P3M", "2026-05-31", "2026-02-28"),
        ("P3M", "2028-05-31", "2028-02-29"),
        ("P28D", "2026-11-22", "2026-10-25"),
        ("P8W", "2026-11-22", "2026-09-27"),
        ("P5Y", "2028-02-29", "2023-02-28"),
        ("P1M", "2026-01-15", "2025-12-15"),
    ],
)
def test_before_counts_calendar_months(duration: str, day: str, before: str) -> None:
    """30 November less three months is 30 August; a month's end holds (spec 0.3)."""
    assert Duration.parse(duration).before(date.fromisoformat(day)) == date.fromisoformat(before)


@pytest.mark.parametrize(
    ("duration", "day", "after"),
    [("P18Y", "2008-02-29", "2026-02-28"), ("P1M", "2026-01-31", "2026-02-28"), ("P2M", "2026-11-30", "2027-01-30")],
)
def test_after_counts_calendar_months(duration: str, day: str, after: str) -> None:
    """Over the year's end, and into a shorter month."""
    assert Duration.parse(duration).after(date.fromisoformat(day)) == date.fromisoformat(after)


def test_the_calendar_has_ends() -> None:
    """Beyond them the first or the last day, not an exception."""
    assert Duration(years=3000).before(date(2026, 1, 1)) == EARLIEST
    assert Duration(years=9000).after(date(2026, 1, 1)) == LATEST
    assert (add_days(EARLIEST, -1), add_days(LATEST, 1)) == (EARLIEST, LATEST)


@pytest.mark.parametrize(
    ("duration", "words"),
    [("P28D", "28 days"), ("P8W", "8 weeks"), ("P1D", "1 day"), ("P1Y6M", "1 year 6 months"), ("P0D", "0 days"), ("P50D", "50 days")],
)
def test_a_duration_is_written_in_words(duration: str, words: str) -> None:
    """As a person says it."""
    assert str(Duration.parse(duration)) == words
