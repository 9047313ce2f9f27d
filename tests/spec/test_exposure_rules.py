"""How long, whether now, and when last a drug was taken (spec 1.2, rulings 8 and 12, E-11)."""

from __future__ import annotations

from datetime import date

import pytest

from fhir_mappings.dates import Duration
from fhir_mappings.exposure import combined_regimen, currently_on, exposed_at_least, last_dose
from fhir_mappings.inputs import Exposure, Standing
from tests.support.medications import AS_OF, dose, exposure, order, supply, when

TITLE = "Drug exposure"
COLUMNS = ("question", "records", "answer")
IV = {"route": "route.intravenous"}
M3, M6 = "at least 3 months", "more than 6 months"
_ASKED = {M3: (Duration(months=3), False), M6: (Duration(months=6), True), "ever": (Duration(), False)}
YES, SHORT, REVIEW = "yes", "unknown: documented, too short", "unknown: review"

# (question, what the records are, the records, the answer)
LASTING: tuple[tuple[str, str, tuple[Exposure, ...], str], ...] = (
    (M3, "3 calendar months to the day", (exposure("2025-01-15", "2025-04-15"),), YES),
    (M3, "3 calendar months less one day", (exposure("2025-01-15", "2025-04-14"),), SHORT),
    (M3, "30 November to the last of February", (exposure("2024-11-30", "2025-02-28"),), YES),
    (M6, "6 calendar months to the day", (exposure("2025-01-15", "2025-07-15"),), SHORT),
    (M6, "6 calendar months and one day", (exposure("2025-01-15", "2025-07-16"),), YES),
    (M3, "a gap of 30 days", (exposure("2025-01-01", "2025-02-01"), exposure("2025-03-03", "2025-04-01")), YES),
    (M3, "a gap of 31 days, too short in sum", (exposure("2025-01-01", "2025-02-01"), exposure("2025-03-04", "2025-04-01")), SHORT),
    (M3, "a gap of 31 days, long enough in sum", (exposure("2025-01-01", "2025-02-20"), exposure("2025-03-23", "2025-05-20")), REVIEW),
    (M3, "a shorter record inside a longer one", (exposure("2025-01-01", "2025-04-01"), exposure("2025-01-05", "2025-01-06")), YES),
    (
        M3,
        "a record inside a longer one, then a gap of 14 days",
        (exposure("2025-01-01", "2025-02-15"), exposure("2025-01-05", "2025-01-06"), exposure("2025-03-01", "2025-04-05")),
        YES,
    ),
    (M3, "open since 3 months", (exposure("2026-08-22"),), YES),
    (M3, "open since 3 months less one day", (exposure("2026-08-23"),), SHORT),
    (M3, "open since years ago, no later evidence: believed for 12 months", (exposure("2020-01-01"),), YES),
    (M3, "an end after the evaluation day counts to that day", (exposure("2026-10-01", "2027-10-01"),), SHORT),
    (M3, "year to year, certain in between", (exposure("2023", "2025"),), YES),
    (M3, "within one year, days not known", (exposure("2025", "2025"),), REVIEW),
    (M3, "begun in a month, 3 months at the earliest day only", (exposure("2025-01", "2025-04-15"),), REVIEW),
    (M3, "ended on a day that is not stated", (exposure("2026-01-01", "2026-01-01..2026-11-22"),), REVIEW),
    (M3, "on hold since a day that is not stated", (exposure("2026-01-01", "2026-01-01..2026-11-22", on_hold=True),), REVIEW),
    (M3, "not dated", (exposure(None, None),), REVIEW),
    (M3, "named in words only", (exposure("2025-01-01", standing=Standing.TEXT),), REVIEW),
    (M3, "for a few days, in words only", (exposure("2025-01-01", "2025-01-05", standing=Standing.TEXT),), REVIEW),
    (M3, "status not clear", (exposure("2025-01-01", standing=Standing.UNCLEAR),), REVIEW),
    (
        M3,
        "coded but short, longer in words",
        (exposure("2025-01-01", "2025-02-01"), exposure("2025-01-01", standing=Standing.TEXT)),
        REVIEW,
    ),
    (
        M3,
        "coded but short, short in words too",
        (exposure("2025-01-01", "2025-02-01"), exposure("2025-01-01", "2025-02-03", standing=Standing.TEXT)),
        SHORT,
    ),
    (M3, "planned only", (exposure("2027-01-01", planned=True),), "unknown"),
    (M3, "on the skin only", (exposure("2025-01-01", agent="drug.tac", systemic=False),), "unknown"),
    (M3, "by rectum", (exposure("2025-01-01", systemic=None, route="route.rectal"),), REVIEW),
    (M3, "monthly dispenses of 30 days", tuple(supply(f"2025-0{n}-01", f"2025-0{n}-28") for n in range(1, 5)), YES),
    (M3, "one rituximab course of 2 doses in 14 days", (dose("2025-01-01"), dose("2025-01-15")), REVIEW),
    (M3, "two rituximab courses half a year apart", (dose("2025-01-01"), dose("2025-01-15"), dose("2025-06-20"), dose("2025-07-04")), YES),
    (M3, "two rituximab courses two years apart", (dose("2023-01-01"), dose("2023-01-15"), dose("2025-01-01"), dose("2025-01-15")), REVIEW),
    (M3, "6 monthly pulses of intravenous cyclophosphamide", tuple(dose(f"2025-0{n}-10", "drug.cyc", **IV) for n in range(1, 7)), YES),
    (
        M3,
        "6 pulses of cyclophosphamide two weeks apart",
        tuple(dose(day, "drug.cyc", **IV) for day in ("2025-01-01", "2025-01-15", "2025-01-29", "2025-02-12", "2025-02-26", "2025-03-12")),
        SHORT,
    ),
    (M3, "one pulse of cyclophosphamide by “injection”", (dose("2025-01-01", "drug.cyc", route="route.parenteral_nos"),), REVIEW),
    (M3, "one pulse of intravenous cyclophosphamide", (dose("2025-01-01", "drug.cyc", **IV),), REVIEW),
    (M3, "rituximab ordered, never recorded as given", (order("2026-01-01", agent="drug.rtx"),), REVIEW),
    (
        M3,
        "rituximab for lymphoma only",
        (exposure("2025-01-01", "2025-12-01", agent="drug.rtx", reason=frozenset({"ca.malignancy"})),),
        REVIEW,
    ),
    (
        M3,
        "rituximab for lymphoma and lupus",
        (exposure("2025-01-01", "2025-12-01", agent="drug.rtx", reason=frozenset({"ca.malignancy", "dx.sle"})),),
        YES,
    ),
    (
        M3,
        "methotrexate for ectopic pregnancy",
        (exposure("2025-01-01", "2025-12-01", agent="drug.mtx", reason=frozenset({"repro.ectopic"})),),
        "unknown",
    ),
    ("ever", "one dose", (dose("2025-01-01"),), YES),
    ("ever", "one dose, in some year", (dose("2019"),), YES),
    ("ever", "ordered for the clinic only", (order("2025-01-01", agent="drug.rtx"),), REVIEW),
    ("ever", "no record", (), "unknown"),
)

NOW: tuple[tuple[str, tuple[Exposure, ...], str], ...] = (
    ("open, last evidence 12 months ago to the day", (exposure("2020-01-01", recorded="2025-11-22"),), YES),
    ("open, last evidence one day older", (exposure("2020-01-01", recorded="2025-11-21"),), REVIEW),
    ("open and old, dispensed since", (exposure("2020-01-01"), supply("2026-03-01", "2026-03-30")), YES),
    ("ends on the evaluation day", (exposure("2026-01-01", "2026-11-22"),), YES),
    ("ended the day before", (exposure("2026-01-01", "2026-11-21"),), "no"),
    ("ends after the evaluation day", (exposure("2026-01-01", "2027-01-01"),), YES),
    ("ends in the year of the evaluation", (exposure("2026-01-01", "2026"),), REVIEW),
    ("ended, day not stated", (exposure("2026-01-01", "2026-01-01..2026-11-22"),), "no"),
    ("on hold", (exposure("2026-01-01", "2026-01-01..2026-11-22", on_hold=True),), "no"),
    ("active, not dated", (exposure(None, None),), REVIEW),
    ("active beyond its supply", (order("2026-01-01", "2026-04-01", ongoing=True),), REVIEW),
    ("last supply ended 30 days ago", (supply("2026-09-23", "2026-10-23"),), REVIEW),
    ("last supply ended 31 days ago", (supply("2026-09-22", "2026-10-22"),), "no"),
    ("named in words only", (exposure("2026-06-01", standing=Standing.TEXT),), REVIEW),
    ("ended long ago, in words only", (exposure("2020-01-01", "2020-02-01", standing=Standing.TEXT),), "no"),
    ("planned", (exposure("2026-12-01", planned=True),), "no"),
    ("inhaled", (exposure("2026-06-01", systemic=False),), "no"),
    ("into a joint", (exposure("2026-06-01", systemic=None, route="route.intra_articular"),), REVIEW),
    ("rituximab given 24 weeks ago", (dose("2026-06-07"),), YES),
    ("rituximab given 24 weeks and a day ago", (dose("2026-06-06"),), "no"),
    ("rituximab given twice in two weeks, the last 24 weeks ago", (dose("2026-05-24"), dose("2026-06-07")), YES),
    ("rituximab given twice in two weeks, the last 24 weeks and a day ago", (dose("2026-05-23"), dose("2026-06-06")), "no"),
    ("two courses of rituximab 20 weeks apart, the last 20 weeks ago", (dose("2026-02-15"), dose("2026-07-05")), YES),
    ("two courses of rituximab 20 weeks apart, the last 20 weeks and a day ago", (dose("2026-02-14"), dose("2026-07-04")), "no"),
    ("begun in the year of the evaluation", (exposure("2026"),), YES),
)

# (what the records are, the records, the days of the last dose, whether it must be reviewed)
LAST: tuple[tuple[str, tuple[Exposure, ...], str | None, bool], ...] = (
    ("no record", (), None, False),
    ("planned only", (dose("2026-12-01", planned=True),), None, False),
    ("two doses", (dose("2026-01-01"), dose("2026-01-15")), "2026-01-15", False),
    ("a dose in some month", (dose("2026-01"),), "2026-01", False),
    ("self-injected, active", (exposure("2026-01-01", agent="drug.telitacicept", recorded="2026-10-01"),), "2026-11-22", False),
    (
        "active, last evidence 13 months ago",
        (exposure("2025-01-01", agent="drug.telitacicept", recorded="2025-10-20"),),
        "2025-10-20..2026-11-22",
        False,
    ),
    ("active and infused every 4 weeks", (exposure("2026-01-01", agent="drug.bel", **IV),), "2026-10-25..2026-11-22", False),
    ("active and infused, interval not known", (exposure("2026-01-01", agent="drug.obi"),), "2026-01-01..2026-11-22", False),
    ("ended, day not stated", (exposure("2026-01-01", "2026-01-01..2026-11-22", agent="drug.rtx"),), "2026-01-01..2026-11-22", False),
    ("ended after the evaluation day", (exposure("2026-01-01", "2027-01-01"),), "2026-11-22", False),
    ("not dated", (exposure(None, None),), "..2026-11-22", False),
    ("dispensed, days of supply not known", (supply("2026-11-01", "2026-11-01", ongoing=True),), "2026-11-01..2026-11-22", False),
    ("ordered for the clinic, no administration", (order("2026-11-01", agent="drug.rtx"),), "2026-11-01..2026-11-22", True),
    ("ordered for the clinic, given since", (order("2026-05-01", agent="drug.rtx"), dose("2026-05-10")), "2026-05-10", False),
    ("ordered for the clinic, given on that day", (order("2026-05-10", agent="drug.rtx"), dose("2026-05-10")), "2026-05-10", False),
    ("given, then ordered again", (dose("2026-05-10"), order("2026-11-01", agent="drug.rtx")), "2026-05-10..2026-11-22", False),
    ("belimumab ordered, route not said", (order("2026-11-01", agent="drug.bel"),), "2026-11-22", True),
    ("belimumab ordered for injection at home", (order("2026-11-01", agent="drug.bel", route="route.subcutaneous"),), "2026-11-22", False),
    ("in words only", (exposure("2026-06-01", "2026-06-01", standing=Standing.TEXT),), "2026-06-01", True),
    ("given, and earlier in words only", (dose("2026-07-01"), dose("2026-06-01", standing=Standing.TEXT)), "2026-07-01", False),
    ("for lymphoma", (dose("2026-07-01", reason=frozenset({"ca.malignancy"})),), "2026-07-01", False),
)

TOGETHER = (
    ("begun and ended on the same days", ("2025-01-01", "2025-06-01"), ("2025-01-01", "2025-06-01"), True),
    ("begun and ended 30 days apart", ("2025-01-01", "2025-06-01"), ("2025-01-31", "2025-07-01"), True),
    ("begun 31 days apart", ("2025-01-01", "2025-06-01"), ("2025-02-01", "2025-06-01"), False),
    ("ended 31 days apart", ("2025-01-01", "2025-06-01"), ("2025-01-01", "2025-07-02"), False),
    ("both open", ("2025-12-01", None), ("2025-12-05", None), True),
    ("one after the other", ("2024-01-01", "2024-06-01"), ("2025-01-01", "2025-06-01"), False),
    ("the same year, days not known", ("2024", "2025-06-01"), ("2024-05-01", "2025-06-01"), True),
)


def printed() -> list[tuple[str, ...]]:
    """The rows as words, for the manual."""
    rows = [(question, records, answer) for question, records, _, answer in LASTING]
    rows += [("taken now", records, answer) for records, _, answer in NOW]
    rows += [("last dose", records, f"{when(days) or 'none'}{', review' if review else ''}") for records, _, days, review in LAST]
    return rows + [("one combined regimen", records, YES if answer else "no") for records, _, _, answer in TOGETHER]


def _ids(rows: tuple) -> list[str]:
    return [", ".join(part for part in row if isinstance(part, str)) for row in rows]


@pytest.mark.parametrize(("question", "_records", "exposures", "answer"), LASTING, ids=_ids(LASTING))
def test_how_long_a_drug_was_taken(question, _records, exposures, answer) -> None:
    """Each row holds: exposure is shown, documented as too short, to be reviewed, or not known; never false."""
    duration, strictly = _ASKED[question]
    found = exposed_at_least(exposures, duration, AS_OF, strictly)
    assert found.truth is (True if answer == YES else None)
    assert found.review is (answer == REVIEW)
    assert found.documented is (answer == SHORT)
    assert bool(found.reason) is (found.truth is None)


@pytest.mark.parametrize(("_records", "exposures", "answer"), NOW, ids=_ids(NOW))
def test_whether_a_drug_is_taken_now(_records, exposures, answer) -> None:
    """Each row holds: "currently on" is an interval that covers the evaluation day."""
    found = currently_on(exposures, AS_OF)
    assert found.truth is {YES: True, "no": False, REVIEW: None}[answer]
    assert found.review is (answer == REVIEW)
    assert bool(found.reason) is found.review


@pytest.mark.parametrize(("_records", "exposures", "days", "review"), LAST, ids=_ids(LAST))
def test_when_the_last_dose_was_given(_records, exposures, days, review) -> None:
    """Each row holds: the days on which the last dose may have been given."""
    found = last_dose(exposures, AS_OF)
    assert (found.interval, found.review) == (when(days), review)
    assert bool(found.exposures) is (days is not None)


@pytest.mark.parametrize(("_records", "left", "right", "answer"), TOGETHER, ids=_ids(TOGETHER))
def test_whether_two_drugs_were_one_regimen(_records, left, right, answer) -> None:
    """Each row holds, whichever drug comes first."""
    one, other = (exposure(*left),), (exposure(*right, agent="drug.tac"),)
    assert combined_regimen(one, other, AS_OF) is answer
    assert combined_regimen(other, one, AS_OF) is answer


@pytest.mark.parametrize("row", LASTING, ids=_ids(LASTING))
def test_the_order_of_records_changes_nothing(row) -> None:
    """Records in any order give one answer."""
    duration, strictly = _ASKED[row[0]]
    assert exposed_at_least(row[2][::-1], duration, AS_OF, strictly) == exposed_at_least(row[2], duration, AS_OF, strictly)


def test_what_lies_after_the_evaluation_day_says_nothing() -> None:
    """A chart read for an earlier day counts exposure to that day only."""
    course = (exposure("2025-01-01", "2025-12-31"),)
    assert exposed_at_least(course, Duration(months=3), date(2025, 3, 31)).truth is None
    assert exposed_at_least(course, Duration(months=3), date(2025, 4, 1)).truth is True
