"""The exposure engine beyond the tables of the specification."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest

from fhir_mappings.dates import Duration
from fhir_mappings.exposure import combined_regimen, currently_on, excluded_use, exposed_at_least, history_of, last_dose, taken
from fhir_mappings.exposure_counting import doubt_whether_taken, long_acting
from fhir_mappings.inputs import Exposure, Origin, Standing
from tests.support.medications import AS_OF, dose, exposure, order


def test_the_days_documented_are_those_of_the_longest_certain_stretch() -> None:
    """Days are counted from the first day to the last, as ruling 8 counts months."""
    records = (exposure("2025-01-01", "2025-02-20"), exposure("2026-01-01", "2026-01-11"))
    found = exposed_at_least(records, Duration(months=6), AS_OF)
    assert (found.days, found.reason) == (50, "documented for 50 days")


def test_why_a_short_course_was_stopped_is_told() -> None:
    """A drug stopped in week 3 for intolerance is no adequate trial: the reason stands beside the days."""
    found = exposed_at_least((exposure("2025-01-01", "2025-01-21", stopped_because="nausea"),), Duration(months=3), AS_OF)
    assert (found.truth, found.reason) == (None, "documented for 20 days, stopped: nausea")


def test_the_gap_is_a_parameter() -> None:
    """A site may merge across longer or shorter gaps."""
    records = (exposure("2025-01-01", "2025-02-01"), exposure("2025-03-15", "2025-04-15"))
    assert exposed_at_least(records, Duration(months=3), AS_OF, gap=60).truth is True
    assert exposed_at_least(records, Duration(months=3), AS_OF, gap=0).truth is None


def test_history_tells_certain_days_from_possible_ones() -> None:
    """A partial start shortens what is certain and lengthens what is possible."""
    history = history_of((exposure("2025-01", "2025-06-01"),), AS_OF)
    assert [(one.first, one.last) for one in history.certain] == [(date(2025, 1, 31), date(2025, 6, 1))]
    assert [(one.first, one.last) for one in history.possible] == [(date(2025, 1, 1), date(2025, 6, 1))]
    assert history_of((), AS_OF).longest is None


@pytest.mark.parametrize(
    ("label", "record", "excluded"),
    [
        ("on the skin", exposure("2025", systemic=False), True),
        ("by rectum", exposure("2025", systemic=None), None),
        ("for cancer, a drug that both use", exposure("2025", agent="drug.cyc", reason=frozenset({"ca.malignancy"})), None),
        ("for cancer, another drug", exposure("2025", agent="drug.mmf", reason=frozenset({"ca.malignancy"})), False),
        ("for ectopic pregnancy", exposure("2025", agent="drug.mtx", reason=frozenset({"repro.ectopic"})), True),
        ("no reason given", exposure("2025", agent="drug.cyc"), False),
    ],
)
def test_what_use_does_not_count(label, record, excluded) -> None:
    """Uses that spec 1.2 takes out of the count are excluded or asked about."""
    assert excluded_use(record) is excluded, label


def test_taken_leaves_out_plans_and_local_treatment() -> None:
    """What is planned or does not act on the whole body was not taken."""
    kept = exposure("2025")
    assert taken((kept, exposure("2027", planned=True), exposure("2025", systemic=False))) == (kept,)


def test_a_patients_own_report_of_an_infused_drug_is_no_bare_order() -> None:
    """A reported request says that the drug was taken elsewhere."""
    ordered = order("2026-11-01", agent="drug.rtx")
    told = order("2026-11-01", agent="drug.rtx", origin=Origin("MedicationRequest/1", None, "rituximab", "reported"))
    assert doubt_whether_taken(ordered)
    assert doubt_whether_taken(told) is None


def test_an_infused_drug_is_told_by_its_route() -> None:
    """Belimumab counts as long-acting when infused, or given by a clinic that names no route."""
    assert long_acting(dose("2026-01-01", "drug.bel")) is not None
    assert long_acting(dose("2026-01-01", "drug.bel", route="route.subcutaneous")) is None
    assert long_acting(exposure("2026-01-01", agent="drug.bel")) is None


def test_an_open_end_is_not_kept_alive_by_records_in_words_only() -> None:
    """Last evidence is a coded record's."""
    old, told = exposure("2020-01-01"), dose("2026-06-01", "drug.mmf", standing=Standing.TEXT)
    assert currently_on((old, told), AS_OF).truth is None


def test_the_last_dose_of_several_agents_is_the_latest_of_them() -> None:
    """Records of several agents may be asked about together."""
    found = last_dose((dose("2026-03-01"), dose("2026-05-01", "drug.obi")), AS_OF)
    assert found.interval is not None
    assert (found.interval.last, [one.agent for one in found.exposures]) == (date(2026, 5, 1), ["drug.obi"])


def test_an_order_without_a_date_is_not_served_by_any_administration() -> None:
    """It may be newer than the dose."""
    undated = order(None, agent="drug.rtx")
    found = last_dose((undated, dose("2026-03-01")), AS_OF)
    assert undated in found.exposures
    assert "no administration" in found.reason


def test_a_future_dated_record_that_is_not_marked_as_planned_adds_no_days() -> None:
    """Exposure never reaches past the evaluation day."""
    assert exposed_at_least((exposure("2027-01-01", "2027-12-01"),), Duration(months=3), AS_OF).truth is None


def test_a_regimen_needs_two_drugs_that_were_taken() -> None:
    """No record, or words only, is no combined regimen."""
    one = (exposure("2025-01-01", "2025-06-01"),)
    assert combined_regimen(one, (), AS_OF) is False
    assert combined_regimen(one, (exposure("2025-01-01", "2025-06-01", standing=Standing.TEXT),), AS_OF) is False


def test_reasons_are_told_once_each() -> None:
    """Two records with one doubt give one reason."""
    records = (exposure("2026-01-01", standing=Standing.TEXT), exposure("2026-02-01", standing=Standing.TEXT))
    assert currently_on(records, AS_OF).reason == "named in words only"


def _seconds(records: list[Exposure]) -> float:
    """Of the processor, the best of three: how long all questions about these records take."""
    taken_ = []
    for _ in range(3):
        start = time.process_time()
        assert history_of(records, AS_OF).possible
        assert currently_on(records, AS_OF).truth is not True
        assert last_dose(records, AS_OF).interval
        taken_.append(time.process_time() - start)
    return min(taken_)


@pytest.mark.parametrize("kind", ["order", "dose"])
def test_a_chart_of_many_records_of_one_drug_does_not_hold_up_the_service(kind: str) -> None:
    """Eight times the records take about eight times as long, not sixty-four: a body may hold thousands."""
    make = {"order": lambda day: order(day, None, ongoing=True), "dose": dose}[kind]
    days = [(date(2000, 1, 1) + timedelta(days=3 * number)).isoformat() for number in range(2400)]
    records = [make(day) for day in days]
    assert _seconds(records) < 24 * _seconds(records[-300:])
