"""When a disease began and ended: onset and abatement in all their forms, ages, and which date counts (spec 0.3)."""

from __future__ import annotations

import pytest

from tests.support.builders import Json, condition, inputs_of, issues_of, patient
from tests.support.conditions import record


@pytest.mark.parametrize(
    ("elements", "active", "end"),
    [
        ({"abatementDateTime": "2026-11-22"}, False, "2026-11-22"),
        ({"abatementDateTime": "2026-11-23"}, True, "2026-11-23"),
        ({"abatementDateTime": "2026"}, True, "2026"),
        ({"abatementBoolean": True}, False, "None"),
        ({"abatementBoolean": False}, True, "None"),
        ({"abatementPeriod": {"start": "2020-01-05", "end": "2020-02-03"}}, False, "2020-01-05..2020-02-03"),
        ({"abatementAge": {"value": 40, "unit": "years", "code": "a"}}, False, "2025-03-15..2026-03-14"),
        ({"abatementString": "around April 2013"}, False, "2013-04"),
    ],
)
def test_an_abatement_ends_it(elements: Json, active: bool, end: str) -> None:
    """One after the evaluation date leaves it active (spec 0.3, as of)."""
    found = record(condition(**elements))
    assert (found.active, str(found.end)) == (active, end)


@pytest.mark.parametrize(
    ("elements", "onset"),
    [
        ({"onsetDateTime": "2014"}, "2014"),
        ({"onsetDateTime": "2014-03-02T23:30:00-05:00"}, "2014-03-03"),
        ({"onsetPeriod": {"start": "2025-04-11T10:00:00+00:00"}}, "2025-04-11"),
        ({"onsetPeriod": {"start": "2025-04-11", "end": "2025-06-30"}}, "2025-04-11..2025-06-30"),
        ({"onsetPeriod": {"end": "2025-06-30"}}, "until 2025-06-30"),
        ({"onsetAge": {"value": 30, "unit": "years", "code": "a"}}, "2015-03-15..2016-03-14"),
        ({"onsetAge": {"value": 30, "unit": "Years"}}, "2015-03-15..2016-03-14"),
        ({"onsetAge": {"value": 6, "code": "mo"}}, "1985-09-15..1985-10-14"),
        ({"onsetAge": {"value": 2, "code": "wk"}}, "1985-03-29..1985-04-04"),
        ({"onsetAge": {"value": 3, "code": "d"}}, "1985-03-18"),
        ({"onsetRange": {"low": {"value": 30, "code": "a"}, "high": {"value": 32, "code": "a"}}}, "2015-03-15..2018-03-14"),
        ({"onsetString": "approximately November 2012"}, "2012-11"),
        ({"onsetString": "Sept. 3rd, 2012"}, "2012-09"),
        ({"onsetString": "3 September 2012"}, "2012-09"),
        ({"onsetString": "since 2012"}, "2012"),
        ({"onsetString": "maybe 2012"}, "2012"),
        ({"onsetString": "in 11/2012"}, "2012"),
        ({"onsetString": "2012-11-03"}, "2012-11-03"),
    ],
)
def test_an_onset_may_be_written_in_many_ways(elements: Json, onset: str) -> None:
    """It is the days on which the disease may have begun; an age counts from the birth date."""
    found = record(condition(onsetDateTime=None) | elements)
    assert (str(found.onset), found.when, found.dated_by) == (onset, found.onset, "event")


@pytest.mark.parametrize(
    "elements",
    [
        {"onsetDateTime": "2026-13-45"},
        {"onsetPeriod": {"start": "soon"}},
        {"onsetAge": {"value": 30.5, "code": "a"}},
        {"onsetAge": {"value": -1, "code": "a"}},
        {"onsetAge": {"value": 30, "code": "min"}},
        {"onsetAge": 30},
        {"onsetAge": {"value": 50_000, "code": "a"}},
        {"onsetRange": {"low": {"value": 30, "code": "a"}}},
        {"onsetRange": {"low": {"value": 60, "code": "a"}, "high": {"value": 50, "code": "a"}}},
        {"onsetString": "in childhood"},
        {"onsetString": "flat 1232012"},
        {"onsetString": "2009-2012"},
        {"onsetString": "between 2009 and 2012"},
        {"onsetString": "before May 2012"},
        {"onsetString": "> 2012"},
        {"onsetString": "x" * 200 + " 2012"},
        {"onsetString": "room 2999"},
    ],
)
def test_an_onset_that_cannot_be_read_is_named(elements: Json) -> None:
    """It is no onset, and the next date counts."""
    found = inputs_of(condition(onsetDateTime=None, recordedDate="2020-01-01") | elements)
    one = found.records["dx.sle"][0]
    assert (one.onset, one.dated_by) == (None, "recorded")
    assert issues_of(found) == [("date-unreadable", "Condition/c1")]


def test_an_age_needs_a_birth_date() -> None:
    """Without one it dates nothing."""
    found = inputs_of(patient(birthDate=None), condition(onsetDateTime=None, onsetAge={"value": 30, "code": "a"}))
    assert (found.records["dx.sle"][0].when, issues_of(found)) == (None, [("date-unreadable", "Condition/c1")])


def test_an_age_from_a_partial_birth_date_is_wider() -> None:
    """Born in 1985, thirty some day of 2015 or 2016."""
    found = inputs_of(patient(birthDate="1985"), condition(onsetDateTime=None, onsetAge={"value": 30, "code": "a"}))
    assert str(found.records["dx.sle"][0].onset) == "2015-01-01..2016-12-30"


ASSERTED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate", "valueDateTime": "2016-08-10"}]}


@pytest.mark.parametrize(
    ("elements", "when", "by"),
    [
        ({"onsetDateTime": "2015-01-01", "recordedDate": "2020-01-01", **ASSERTED}, "2015-01-01", "event"),
        ({"recordedDate": "2020-01-01", **ASSERTED}, "2016-08-10", "asserted"),
        ({"recordedDate": "2020-01-01", "assertedDate": "2016-08-11"}, "2016-08-11", "asserted"),
        ({"recordedDate": "2020-01-01", "extension": [{"url": "x"}]}, "2020-01-01", "recorded"),
        ({"meta": {"lastUpdated": "2026-01-01T00:00:00Z"}}, "None", None),
    ],
)
def test_the_event_comes_before_its_assertion_and_its_recording(elements: Json, when: str, by: str | None) -> None:
    """Never meta.lastUpdated (spec 0.3)."""
    found = record(condition(onsetDateTime=None) | elements)
    assert (str(found.when), found.dated_by) == (when, by)


@pytest.mark.parametrize(("onset", "planned"), [("2026-11-22", False), ("2026-11-23", True), ("2026-11", False)])
def test_what_begins_after_the_evaluation_date_is_a_plan(onset: str, planned: bool) -> None:
    """The day itself is history."""
    assert record(condition(onsetDateTime=onset)).planned is planned
