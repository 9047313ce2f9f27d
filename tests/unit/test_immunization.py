"""Immunizations and recommendations of them (spec 0.4, E-13)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Standing
from tests.support.builders import CVX, Json, immunization, inputs_of, issues_of, recommendation


def test_a_vaccination_is_evidence_on_its_day() -> None:
    """Completed."""
    (found,) = inputs_of(immunization()).records["vax.live"]
    assert (found.standing, str(found.when), found.dated_by, found.planned) == (Standing.CONFIRMED, "2026-11-01", "event", False)


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "entered-in-error "])
def test_what_was_not_given_is_nothing(status: str) -> None:
    """A refused vaccine stands there with its code."""
    assert inputs_of(immunization(status=status)).records == {}


@pytest.mark.parametrize("status", [None, "unknown", ["completed"]])
def test_another_status_is_unclear_and_named(status: Any) -> None:
    """Also where there is none, as in DSTU1."""
    found = inputs_of(immunization(status=status))
    assert found.records["vax.live"][0].standing is Standing.UNCLEAR
    assert issues_of(found) == [("status-unknown", "Immunization/im1")]


@pytest.mark.parametrize(
    ("elements", "when", "by"),
    [
        ({"occurrenceDateTime": "2026-11"}, "2026-11", "event"),
        ({"occurrenceString": "January 2012"}, "2012-01", "event"),
        ({"occurrenceString": "as a child", "recorded": "2020-02-02"}, "2020-02-02", "recorded"),
        ({"occurrenceString": "as a child"}, "None", None),
        ({"occurrenceDateTime": None}, "None", None),
    ],
)
def test_the_day_may_be_in_words(elements: Json, when: str, by: str | None) -> None:
    """Else it was recorded on a day, else undated."""
    (found,) = inputs_of(immunization(**elements)).records["vax.live"]
    assert (str(found.when), found.dated_by) == (when, by)


def test_a_future_vaccination_is_a_plan() -> None:
    """An appointment for one."""
    assert inputs_of(immunization(occurrenceDateTime="2026-12-24")).records["vax.live"][0].planned is True


def test_words_alone_ask() -> None:
    """A vaccine without code."""
    assert inputs_of(immunization(text="yellow fever vaccine")).records["vax.live"][0].standing is Standing.TEXT


@pytest.mark.parametrize(("text", "told"), [("Impfstoff Nr. 7", False), ("Havrix", True), (None, False)])
def test_a_vaccine_that_cannot_be_told_is_named(text: str | None, told: bool) -> None:
    """It may be any: without words, or with words that nobody here knows."""
    found = inputs_of(immunization((CVX, "999"), text=text))
    assert issues_of(found) == ([] if told else [("code-unknown", "Immunization/im1")])


@pytest.mark.parametrize("code", ["3", "03"])
def test_a_cvx_code_may_lack_its_zero(code: str) -> None:
    """MMR."""
    assert "vax.live" in inputs_of(immunization((CVX, code))).records


@pytest.mark.parametrize("day", ["2026-11-22", "2027-01-15", "2026-11", None])
def test_a_recommendation_is_a_plan(day: str | None) -> None:
    """From the evaluation date on; one without date too (E-13 b)."""
    (found,) = inputs_of(recommendation(day=day)).records["vax.live"]
    assert (found.planned, found.type, found.standing) == (True, "ImmunizationRecommendation", Standing.CONFIRMED)
    assert str(found.when) == str(day)


@pytest.mark.parametrize(
    ("day", "more"),
    [("2026-11-21", {}), ("2025", {})]
    + [("2027-01-15", {"forecastStatus": {"coding": [{"code": code}]}}) for code in ("complete", "immune", "contraindicated")],
)
def test_a_recommendation_that_is_over_is_nothing(day: str, more: Json) -> None:
    """Its dates are past, or no dose is to come."""
    assert inputs_of(recommendation(day=day, **more)).records == {}


def test_the_latest_date_of_a_recommendation_counts() -> None:
    """Due last month, the latest day next year; a date that can't be read is named."""
    one = recommendation(day="2026-10-01")
    one["recommendation"][0]["dateCriterion"] += [{"value": "2027-03-01"}, {"value": "soon"}]
    found = inputs_of(one)
    assert str(found.records["vax.live"][0].when) == "2027-03-01"
    assert issues_of(found) == [("date-unreadable", "ImmunizationRecommendation/ir1")]


def test_a_recommended_vaccine_of_no_concept_is_nothing() -> None:
    """As is a recommendation of the wrong shape."""
    assert inputs_of(recommendation((CVX, "999")), {**recommendation(identity="x"), "recommendation": 7}).records == {}
