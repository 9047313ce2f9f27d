"""When an Observation was made: which date counts, and what has none (spec 0.3)."""

from __future__ import annotations

from datetime import date

import pytest

from fhir_mappings.dates import Interval
from tests.support.observations import HB, Json, issues, mapped, observation, only


@pytest.mark.parametrize(
    ("fields", "when"),
    [
        ({}, Interval(date(2026, 11, 20), date(2026, 11, 20))),
        ({"effectiveDateTime": None, "issued": "2026-11-19T08:00:00Z"}, Interval(date(2026, 11, 19), date(2026, 11, 19))),
        ({"issued": "2026-11-21"}, Interval(date(2026, 11, 20), date(2026, 11, 20))),
        ({"effectiveDateTime": "2026"}, Interval(date(2026, 1, 1), date(2026, 12, 31))),
        ({"effectiveDateTime": None, "effectiveInstant": "2026-11-18T00:30:00+02:00"}, Interval(date(2026, 11, 17), date(2026, 11, 17))),
        (
            {"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-01", "end": "2026-11-02"}},
            Interval(date(2026, 11, 2), date(2026, 11, 2)),
        ),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-01"}}, Interval(date(2026, 11, 1), date(2026, 11, 22))),
        (
            {"effectiveDateTime": None, "effectiveTiming": {"event": ["2026-11-03", "2026-11-04"]}},
            Interval(date(2026, 11, 4), date(2026, 11, 4)),
        ),
    ],
)
def test_date(fields: Json, when: Interval) -> None:
    """Effective before issued, partial dates as intervals, a period by its end (spec 0.3)."""
    assert only(observation("718-7", HB, fields)).when == when


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"effectiveDateTime": None}, "date-missing"),
        ({"effectiveDateTime": "2026-13-45"}, "date-unreadable"),
        ({"effectiveDateTime": "2026-13-45", "issued": "2026-11-20"}, "date-unreadable"),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-01", "end": "x"}}, "date-unreadable"),
        ({"effectiveDateTime": None, "effectiveTiming": {"repeat": {}}}, "date-unreadable"),
    ],
)
def test_no_date(fields: Json, code: str) -> None:
    """A result without a date that can be read is kept, undated, with an issue."""
    source = observation("718-7", HB, fields)
    assert only(source).when is None
    assert [one for one, _ in issues(source)] == [code]


def test_the_future_is_no_history() -> None:
    """Dated after the evaluation a result is left out, without an issue; a partial date may still be past."""
    assert mapped(observation("718-7", HB, effectiveDateTime="2026-11-23")) == ({}, [])
    assert only(observation("718-7", HB, effectiveDateTime="2026-12-31"), as_of=date(2026, 12, 31))
    assert only(observation("718-7", HB, effectiveDateTime="2026"))
