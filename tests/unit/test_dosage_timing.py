"""How often a dose is taken, by the Timing of a Dosage (spec 1.1)."""

from __future__ import annotations

import pytest

from tests.support.dosages import GTS, amount, doses, every_day, timing, told
from tests.support.medications import Json, coded


def code(value: str, system: str = GTS, text: str | None = None) -> Json:
    return {"timing": {"code": coded(value, system, text)}}


TIMINGS: tuple[tuple[Json, str], ...] = (
    (every_day(), "14 mg a day"),
    (every_day(2), "28 mg a day"),
    (timing(period=1, periodUnit="d"), "14 mg a day"),
    (timing(period=1, periodUnit="wk"), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (timing(frequency=1, period=2, periodUnit="d"), "7 mg a day, at most 14 mg, on 1 of 2 days"),
    (timing(frequency=3, period=1, periodUnit="wk"), "6 mg a day, at most 14 mg, on 3 of 7 days"),
    (timing(frequency=1, period=8, periodUnit="h"), "42 mg a day"),
    (timing(frequency=1, period=720, periodUnit="min"), "28 mg a day"),
    (timing(frequency=1, period=48, periodUnit="h"), "7 mg a day, at most 14 mg, on 1 of 2 days"),
    (timing(frequency=1, period=4, periodMax=6, periodUnit="h"), "56 to 84 mg a day"),
    (timing(frequency=1, frequencyMax=3, period=1, periodUnit="d"), "14 to 42 mg a day"),
    (every_day(dayOfWeek=["mon", "wed", "fri"]), "6 mg a day, at most 14 mg, on 3 of 7 days"),
    (timing(dayOfWeek=["mon"]), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (timing(dayOfWeek=["mon"], when=["MORN", "EVE"]), "4 mg a day, at most 28 mg, on 1 of 7 days"),
    (timing(frequency=1, period=1, periodUnit="wk", dayOfWeek=["mon"]), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (timing(frequency=2, period=1, periodUnit="wk", dayOfWeek=["mon"]), "4 mg a day, at most 28 mg, on 1 of 7 days"),
    (timing(frequency=1, period=2, periodUnit="wk", dayOfWeek=["mon"]), "1 mg a day, at most 14 mg, on 1 of 14 days"),
    (timing(frequency=1, period=1, periodUnit="wk", dayOfWeek=["mon", "wed"]), "unread: frequency and days of the week disagree"),
    (timing(frequency=1, period=3, periodUnit="d", dayOfWeek=["mon"]), "unread: frequency and days of the week disagree"),
    (timing(frequency=1, period=12, periodUnit="h", dayOfWeek=["mon"]), "4 mg a day, at most 28 mg, on 1 of 7 days"),
    (every_day(dayOfWeek=["someday"]), "unread: dayOfWeek can't be read"),
    (timing(when=["MORN"]), "14 mg a day"),
    (timing(when=["MORN", "NOON", "EVE"]), "42 mg a day"),
    (timing(when="HS"), "14 mg a day"),
    (every_day(when=["MORN", "EVE"]), "28 mg a day"),
    (every_day(2, when=["MORN", "EVE"]), "28 mg a day"),
    (every_day(3, when=["MORN", "EVE"]), "unread: frequency and times of the day disagree"),
    (every_day(2, when=["PC"]), "28 mg a day"),
    (timing(when=["C"]), "unread: no frequency is given"),
    (timing(frequency=1, period=1, periodUnit="wk", when=["MORN"]), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (timing(timeOfDay=["08:00:00", "20:00:00"]), "28 mg a day"),
    (timing(frequency=2, timeOfDay=["08:00:00", "20:00:00"]), "28 mg a day"),
    (timing(frequency=2), "unread: a frequency without a period"),
    (timing(frequency=0, period=1, periodUnit="d"), "unread: frequency can't be read"),
    (timing(frequency=2, frequencyMax=1, period=1, periodUnit="d"), "unread: frequency can't be read"),
    (timing(frequency=1, period=-1, periodUnit="d"), "unread: period can't be read"),
    (timing(frequency=1, period=1, periodUnit="fortnight"), "unread: period can't be read"),
    (timing(frequency="2", period=1, periodUnit="d"), "unread: frequency can't be read"),
    (timing(frequency=True, period=1, periodUnit="d"), "unread: frequency can't be read"),
    (every_day(200), "unread: the frequency is not plausible"),
    (timing(), "unread: no frequency is given"),
    ({}, "unread: no frequency is given"),
    ({"timing": {"event": ["2026-06-01"]}}, "unread: dates of single doses are not read"),
    (timing(count=1), "14 mg a day from 2026-06-01 to 2026-06-01"),
    (every_day(2, count=14), "28 mg a day from 2026-06-01 to 2026-06-07"),
    (every_day(2, count=13), "28 mg a day from 2026-06-01 to 2026-06-07"),
    (code("BID"), "28 mg a day"),
    (code("qod"), "7 mg a day, at most 14 mg, on 1 of 2 days"),
    (code("WK"), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (code("local-7", "http://example.org/timing", "Two times daily"), "28 mg a day"),
    (code("local-7", "http://example.org/timing", "as told"), "unread: no frequency is given"),
    ({"timing": code("BID")["timing"] | every_day(2)["timing"]}, "28 mg a day"),
    ({"timing": code("BID")["timing"] | every_day()["timing"]}, "unread: the timing and its code disagree"),
)


@pytest.mark.parametrize(("timed", "expected"), TIMINGS, ids=[str(row[0]) for row in TIMINGS])
def test_a_timing_says_how_often(timed: Json, expected: str) -> None:
    """14 mg by each row's timing."""
    assert told(doses(amount(14) | timed)) == expected
