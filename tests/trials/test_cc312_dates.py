"""When what fails in CC312 ends: the day to look again, to the day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.generative.charts import AS_OF, ATC, COVERING, bundle
from tests.support.engine import criterion, evaluate
from tests.trials import parts as p
from tests.trials.verdicts import MMF, PRED


def test_a_live_vaccine_can_be_waited_out() -> None:
    """The recheck date is the first day on which the vaccine lies outside the 28 days."""
    one = criterion(evaluate(bundle([p.vaccine("03", 10), *COVERING]), AS_OF), "sle", "E-13")
    assert (one.cure, one.recheck_on) == ("date", p.ago(10) + timedelta(days=29))


RECHECKS = (
    ("E-01", [p.lab("2889-4", 7, "g/(24.h)", 10)], "date", p.ago(10) + timedelta(days=57)),
    ("E-02", [p.dx("I63.9", 20)], "date", p.ago(20) + timedelta(days=57)),
    ("E-05", [p.dx("Z94.0", 3000)], "never", None),
    ("E-07", [p.lab("2458-8", 9, "mg/dL")], "state", None),
    ("E-01", [p.doses(PRED, 40, 27, 100)], "date", p.ago(40) + timedelta(days=57)),
    ("E-10", [p.given("L01XL03", 100, ATC)], "date", date(2026, 9, 8)),
    ("E-13", [p.vaccine("03", 10)], "date", p.ago(10) + timedelta(days=29)),
    ("E-18", [p.dx("I21.9", 60)], "date", date(2026, 10, 17)),
    ("E-20", [p.dx("C50.911", 730)], "date", date(2029, 6, 15)),
    ("E-21", [p.dx("Z33.1", 60)], "state", None),
    ("E-22", [p.serology("5196-1", "positive")], "state", None),
    ("E-22", [p.serology("56888-1", "positive")], "never", None),
    ("E-23", [p.serology("71773-6", "positive")], "state", None),
)


@pytest.mark.parametrize(("identity", "items", "cure", "day"), RECHECKS, ids=[f"{row[0]}-{row[2]}" for row in RECHECKS])
def test_a_fail_says_whether_and_when_it_ends(identity: str, items: list[Any], cure: str, day: Any) -> None:
    """The cure of each triggered criterion, and the first day on which the rule gives another value (spec head, Cure)."""
    one = criterion(evaluate(bundle([*items, *COVERING]), AS_OF), "sle", identity)
    assert (one.verdict, one.cure, one.recheck_on) == ("triggered", cure, day)


SHORTFALLS = (
    ("SLE-5", [p.doses(PRED, 60, None, 15)], p.ago(60) + timedelta(days=84)),
    ("SLE-5", [p.doses(PRED, 300, 11, 20), p.doses(PRED, 10, None, 15)], p.ago(10) + timedelta(days=30)),
    ("SLE-5", [p.doses(PRED, 300, None, 10), p.doses(MMF, 300, 10, 1000, 2)], p.ago(9) + timedelta(days=30)),
    ("SLE-5", [p.doses(PRED, 40, 11, 20), p.doses(PRED, 10, None, 15)], p.ago(40) + timedelta(days=84)),
)


@pytest.mark.parametrize(("identity", "items", "day"), SHORTFALLS, ids=[str(row[2]) for row in SHORTFALLS])
def test_a_shortfall_of_background_says_when_it_ends(identity: str, items: list[Any], day: date) -> None:
    """The first day on which the history is long enough and unchanged long enough: the later of both (spec head, Cure)."""
    one = criterion(evaluate(bundle([*items, *COVERING]), AS_OF), "sle", identity)
    assert (one.verdict, one.cure, one.recheck_on) == ("not-met", "date", day)


RECHECKED = (
    ("prednisone lowered", [p.doses(PRED, 300, 11, 20), p.doses(PRED, 10, None, 15)]),
    ("MMF again after a gap: the time before does not count", [p.doses(MMF, 400, 120, 1000, 2), p.doses(MMF, 45, None, 1000, 2)]),
    ("half of the MMF again after a gap", [p.doses(PRED, 300, None, 10), p.doses(MMF, 300, 120, 1000, 2), p.doses(MMF, 20, None, 500, 2)]),
)


@pytest.mark.parametrize("items", [row[1] for row in RECHECKED], ids=[row[0] for row in RECHECKED])
@pytest.mark.parametrize("days", [0, 7, 28, 34, 35, 36, 42, 63])
def test_the_recheck_day_is_the_first_that_is_met(days: int, items: list[Any]) -> None:
    """Evaluated on the day that it names the same chart is met, on the day before it is not."""
    chart = bundle([*items, *COVERING])
    recheck = criterion(evaluate(chart, AS_OF), "sle", "SLE-5").recheck_on
    assert recheck is not None
    day = recheck + timedelta(days=days - 35)
    if day > AS_OF:
        assert (criterion(evaluate(chart, day), "sle", "SLE-5").verdict == "met") is (day >= recheck)
