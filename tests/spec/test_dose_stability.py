"""Whether a dose was unchanged, as milligrams of prednisone or of the drug itself (spec 1.1, ruling 8)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from fhir_mappings.dates import Duration
from fhir_mappings.dose_series import Factors, in_prednisone, plain_mg
from fhir_mappings.dose_stability import Stability, stable
from tests.generative.charts import AS_OF, quantity
from tests.support.dose_records import CYC, METHYL, MMF, MTX, PRED, Json, agents, lasting, named, order, worded
from tests.trials import parts as p

TITLE = "Doses that did not change"
COLUMNS = ("question", "records", "answer")


def shot(days: int, mg: Any) -> Json:
    """Methotrexate under the skin."""
    return p.given(MTX, days) | {"dosage": {"dose": quantity(mg, "mg"), **p.by(p.SKIN)}}


def pulses(last: int) -> list[Json]:
    """Cyclophosphamide into a vein, six times four weeks apart."""
    return [p.infused(CYC, last + 28 * number, 750) for number in range(6)]


def weekly(last: int) -> list[Json]:
    """The same, ten times a week apart."""
    return [shot(last + 7 * week, 15) for week in range(10)]


# (rule, records, stable for 30 days?)
STABLE: tuple[tuple[str, list[Json], str], ...] = (
    ("unchanged for a year", [p.doses(PRED, 300, None, 15)], "stable"),
    ("changed exactly 30 days ago", [p.doses(PRED, 300, 31, 20), p.doses(PRED, 30, None, 15)], "stable"),
    ("changed 29 days ago", [p.doses(PRED, 300, 30, 20), p.doses(PRED, 29, None, 15)], "changed 29 days ago"),
    ("begun exactly 30 days ago", [p.doses(PRED, 30, None, 15)], "stable"),
    ("begun 29 days ago", [p.doses(PRED, 29, None, 15)], "changed 29 days ago"),
    ("stopped 10 days ago", [p.doses(PRED, 300, 10, 15)], "changed 9 days ago"),
    ("stopped 31 days ago", [p.doses(PRED, 300, 31, 15)], "not taken"),
    ("renewed without a gap", [p.doses(PRED, 300, 16, 15), p.doses(PRED, 15, None, 15)], "stable"),
    ("a gap of 3 days", [p.doses(PRED, 300, 16, 15), p.doses(PRED, 12, None, 15)], "stable"),
    ("a gap of 4 days", [p.doses(PRED, 300, 17, 15), p.doses(PRED, 12, None, 15)], "open, review"),
    ("begun again at another dose after a gap", [p.doses(PRED, 300, 60, 15), p.doses(PRED, 12, None, 10)], "changed 12 days ago"),
    ("an equal dose of another drug took over", [p.doses(PRED, 300, 16, 10), p.doses(METHYL, 15, None, 8)], "stable, switched"),
    ("a dose that is not equal took over", [p.doses(PRED, 300, 16, 10), p.doses(METHYL, 15, None, 10)], "changed 15 days ago"),
    ("20 mg every other day throughout", [p.doses(PRED, 300, None, 20, 1, 2)], "stable"),
    ("20 mg every other day, then 10 mg every day", [p.doses(PRED, 300, 16, 20, 1, 2), p.doses(PRED, 15, None, 10)], "changed 15 days ago"),
    ("10 mg once, then 5 mg twice a day", [p.doses(PRED, 300, 16, 10), p.doses(PRED, 15, None, 5, 2)], "stable"),
    ("as needed", [p.doses(PRED, 300, None, 10, asNeededBoolean=True)], "open, review"),
    ("an instruction that is not read", [p.takes(PRED, 300) | {"dosage": [{"text": "as directed"}]}], "open"),
    ("unread, but changed within the window", [
        p.doses(PRED, 300, 20, 20), p.takes(PRED, 19, 11) | {"dosage": [{"text": "as directed"}]}, p.doses(PRED, 10, None, 15)], "changed 10 days ago"),
    ("a pulse two weeks ago", [p.doses(PRED, 300, None, 10), p.infused(METHYL, 14, 500)], "changed 13 days ago"),
    ("a depot two weeks ago", [
        p.doses(PRED, 300, None, 10), p.given("10759", 14) | {"dosage": {"dose": quantity(40, "mg"), **p.by(p.MUSCLE)}}], "open, review"),
    ("a depot ordered every month since last year", [p.doses(PRED, 300, None, 10), order("1358610", 300, None, 80, **p.by(p.MUSCLE))], "open, review"),
    ("a depot half a year ago", [
        p.doses(PRED, 300, None, 10), named(p.given(METHYL, 180), "Depo-Medrol") | {"dosage": {"dose": quantity(80, "mg")}}], "stable"),
    ("40 mg for 5 days two weeks ago in words only", [
        p.doses(PRED, 300, None, 10), worded(order(PRED, 14, None, 40, dosageInstruction=[lasting(40, 5)]))], "open, review"),
    ("the same, 10 mg stated anew since", [
        p.doses(PRED, 300, None, 10) | {"dateAsserted": p.ago(2).isoformat()},
        worded(order(PRED, 14, None, 40, dosageInstruction=[lasting(40, 5)]))], "open, review"),
    ("40 mg for 5 days half a year ago in words only", [
        p.doses(PRED, 300, None, 10), worded(order(PRED, 180, None, 40, dosageInstruction=[lasting(40, 5)]))], "stable"),
    ("the same dose ordered two weeks ago in words only", [p.doses(PRED, 300, None, 10), worded(order(PRED, 14, None, 10))], "stable"),
    ("last evidence more than 12 months ago", [p.doses(PRED, 400, None, 15)], "open, review"),
    ("recorded as not taken two weeks ago", [p.doses(PRED, 300, None, 15), p.takes(PRED, 14) | {"status": "not-taken"}], "open, review"),
    ("tablets of 5 mg beside those of 20 mg for two weeks", [p.doses("312615", 300, None, 20), p.doses("312617", 14, None, 5)], "open, review"),
    ("supplies alone, one a month", [p.handed("312617", days, 90, 30) for days in (60, 30, 0)], "open, review"),
    ("both equivalents of betamethasone, unchanged", [p.doses("1514", 300, None, 1)], "stable"),
)  # fmt: skip

# (what the records are, the records, whether the milligrams of the drug itself are unchanged)
GIVEN: tuple[tuple[str, list[Json], str], ...] = (
    ("methotrexate given every week, the last 5 days ago", weekly(5), "stable"),
    ("methotrexate given every week, the last 9 days ago", weekly(9), "stable"),
    ("methotrexate given every week, the last 21 days ago", weekly(21), "changed 11 days ago"),
    ("methotrexate given every week, 20 mg since 12 days", [*weekly(19), shot(12, 20), shot(5, 20)], "changed 12 days ago"),
    ("methotrexate given every week, one dose 2 days late", [shot(day, 15) for day in (5, 14, 21, 28, 35, 42)], "stable"),
    ("methotrexate given every week, two doses left out", [shot(day, 15) for day in (5, 26, 33, 40)], "open, review"),
    ("two doses of methotrexate half a year apart", [shot(200, 15), shot(20, 15)], "changed 19 days ago"),
    ("cyclophosphamide every 28 days, the last 25 days ago", pulses(25), "stable"),
    ("cyclophosphamide every 28 days, the last 40 days ago", pulses(40), "changed 9 days ago"),
    ("one pulse of cyclophosphamide 20 days ago", [p.infused(CYC, 20, 750)], "changed 19 days ago"),
    (
        "mofetil 1 g twice a day, then 720 mg twice a day of mycophenolic acid",
        [p.doses(MMF, 300, 11, 1000, 2), p.doses(MMF, 10, None, 720, 2)],
        "open, review",
    ),
    (
        "mofetil 1 g twice a day, then 500 mg twice a day",
        [p.doses(MMF, 300, 11, 1000, 2), p.doses(MMF, 10, None, 500, 2)],
        "changed 10 days ago",
    ),
)


def stability(items: list[Json], factors: Factors = in_prednisone) -> Stability:
    return stable(agents(items), Duration(days=30), AS_OF, factors)


def stability_told(one: Stability) -> str:
    if not one.taken:
        return "not taken"
    if one.truth is True:
        return "stable, switched" if one.switched else "stable"
    if one.truth is False:
        assert one.since is not None
        return f"changed {(AS_OF - one.since).days} days ago"
    return "open, review" if one.review else "open"


def printed() -> list[tuple[str, ...]]:
    return [("unchanged for 30 days", label, expected) for rows in (STABLE, GIVEN) for label, _, expected in rows]


@pytest.mark.parametrize(("label", "items", "expected"), STABLE, ids=[row[0] for row in STABLE])
def test_whether_a_dose_was_unchanged(label: str, items: list[Json], expected: str) -> None:
    """A documented change is a change, what is not recorded is open."""
    assert stability_told(stability(items)) == expected


@pytest.mark.parametrize(("label", "items", "expected"), GIVEN, ids=[row[0] for row in GIVEN])
def test_whether_the_dose_of_one_drug_was_unchanged(label: str, items: list[Json], expected: str) -> None:
    """Doses given again and again are one regimen, the last for one interval; milligrams of two salts are no change."""
    assert stability_told(stability(items, plain_mg)) == expected


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([p.doses(MTX, 300, 11, 15, every=7), p.doses(MTX, 10, None, 20, every=7)], "from 15 mg to 20 mg a week"),
        ([*weekly(19), shot(12, 20), shot(5, 20)], "from 15 mg to 20 mg a week"),
        ([p.doses(MTX, 10, None, 7.5, 2, 7)], "begun at 15 mg a week"),
        ([p.infused(CYC, day, 500) for day in (66, 38)] + [p.infused(CYC, 10, 750)], "from 500 mg to 750 mg every 28 days"),
        ([p.doses(MMF, 300, 11, 500, 2), p.doses(MMF, 10, None, 1000, 2)], "from 1000 mg to 2000 mg a day"),
        ([p.infused(CYC, 20, 750)], "3002: a single dose of 750 mg on 2026-05-26"),
    ],
)
def test_a_change_is_told_as_the_dose_is_ordered(items: list[Json], words: str) -> None:
    """Methotrexate by the week: a dose a day is how it is taken by mistake."""
    assert words in stability(items, plain_mg).reason


def test_a_depot_is_told_with_the_words_of_its_order() -> None:
    """A physician reads what was injected and as it was worded."""
    given = named(p.given(METHYL, 14), "Depo-Medrol") | {"dosage": {"text": "80 mg IM once", "dose": quantity(80, "mg")}}
    assert stability([p.doses(PRED, 300, None, 10), given]).reason == "Depo-Medrol (“80 mg IM once”): a depot injection, no daily dose"


@pytest.mark.parametrize("days", [0, 1, 29, 30, 31, 60])
def test_since_is_the_day_of_the_change(days: int) -> None:
    """30 days after it the dose is stable, the day before it is not."""
    one = stable(agents([p.doses(PRED, 300, 11, 20), p.doses(PRED, 10, None, 15)]), Duration(days=30), AS_OF + timedelta(days=days))
    assert (one.truth is True) is (AS_OF + timedelta(days=days) >= date(2026, 7, 5))
