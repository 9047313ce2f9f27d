"""The days on which somebody wrote in the chart, which coverage is judged by (spec 0.2)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from fhir_mappings.chart import chart_of_bundle
from fhir_mappings.coverage import months_silent, recording_days, until
from fhir_mappings.dates import read_date
from tests.support.builders import (
    AS_OF,
    ME,
    UTC,
    Json,
    allergy,
    answer,
    bundle,
    condition,
    encounter,
    immunization,
    inputs_of,
    medication_request,
    medication_statement,
    observation,
    patient,
    procedure,
    research_subject,
    response,
    status,
)


def days(*resources: Json, zone: ZoneInfo = UTC) -> list[str]:
    """The recording dates of the resources, as a record would write them."""
    return sorted(str(day) for day in recording_days(chart_of_bundle(bundle(*resources)), zone))


def report(**dates: object) -> Json:
    return {"resourceType": "DiagnosticReport", "id": "d", "status": "final", "subject": ME, **dates}


def administration(**dates: object) -> Json:
    return {"resourceType": "MedicationAdministration", "id": "a", "status": "completed", "subject": ME, **dates}


def dispense(**dates: object) -> Json:
    return {"resourceType": "MedicationDispense", "id": "d", "status": "completed", "subject": ME, **dates}


@pytest.mark.parametrize(
    "one",
    [
        encounter("2025-03-04", "2025-03-04"),
        observation(value=1, effectiveDateTime="2025-03-04"),
        observation(value=1, effectiveDateTime=None, effectiveInstant="2025-03-04T10:00:00Z"),
        observation(value=1, effectiveDateTime=None, effectivePeriod={"end": "2025-03-04"}),
        observation(value=1, effectiveDateTime=None, issued="2025-03-04T10:00:00Z"),
        report(effectivePeriod={"start": "2025-03-04"}),
        report(issued="2025-03-04T10:00:00Z"),
        medication_request(authoredOn="2025-03-04"),
        medication_statement(dateAsserted="2025-03-04", effectivePeriod={"start": "2024-01-01"}),
        administration(effectiveDateTime="2025-03-04"),
        dispense(whenHandedOver="2025-03-04", whenPrepared="2025-03-01"),
        condition(onsetDateTime="2011-01-01", recordedDate="2025-03-04"),
        allergy(onsetDateTime="2011-01-01", recordedDate="2025-03-04"),
        procedure(performedDateTime="2025-03-04"),
        procedure(performedPeriod={"start": "2025-03-04", "end": "2025-03-04"}),
        immunization(occurrenceDateTime="2025-03-04"),
        immunization(occurrenceString="long ago", recorded="2025-03-04"),
    ],
    ids=lambda one: one["resourceType"],
)
def test_recording_dates_are_the_days_on_which_somebody_wrote(one: Json) -> None:
    """Never an onset, a birth, or a medication's own period."""
    assert inputs_of(one).recording_dates == (date(2025, 3, 4),)


@pytest.mark.parametrize(
    "one",
    [
        condition(onsetDateTime="2025-03-04", meta={"lastUpdated": "2025-03-04T00:00:00Z"}),
        condition(recordedDate="2025-03-04", verification="entered-in-error"),
        condition(recordedDate="2025-03-04", verificationStatus="entered-in-error"),
        allergy(recordedDate="2025-03-04", verificationStatus=status("allergyintolerance-verification", "entered-in-error")),
        observation(value=1, status="entered-in-error "),
        observation(value=1, effectiveDateTime="then"),
        medication_request(status="cancelled"),
        encounter("2025-03-04", status="planned"),
        encounter("2025-03-04", status="cancelled"),
        procedure(status="preparation", performedDateTime="2025-03-04"),
        encounter(subject={"reference": "Patient/p2"}),
        patient(birthDate="2025-03-04"),
        research_subject(period={"start": "2025-03-04"}),
        response(answer("E-19")),
    ],
    ids=lambda one: one["resourceType"],
)
def test_other_dates_are_no_recording_dates(one: Json) -> None:
    """Onsets and births, what was in error or cancelled, booked visits, another patient's, a form filled in for us."""
    assert days(one) == []


def test_a_period_gives_both_its_ends() -> None:
    """Somebody wrote when it began and when it ended."""
    assert days(encounter("2025-03-04", "2025-03-09")) == ["2025-03-04", "2025-03-09"]


def test_what_was_refuted_was_still_written() -> None:
    """A documented negative is a visit like any other."""
    assert days(condition(recordedDate="2025-03-04", verification="refuted")) == ["2025-03-04"]


def test_one_day_written_many_times_is_one() -> None:
    """However many records bear it, and however they write it."""
    assert days(encounter("2025-03-04"), observation(value=1, effectiveDateTime="2025-03-04T08:00:00Z")) == ["2025-03-04"]


def test_days_are_the_sites() -> None:
    """23:30 UTC is the next day in Berlin."""
    late = encounter("2026-11-21T23:30:00Z")
    assert days(late) == ["2026-11-21"]
    assert inputs_of(late, zone=ZoneInfo("Europe/Berlin")).recording_dates == (AS_OF,)


@pytest.mark.parametrize("junk", [None, 7, True, "", [], [None], ["2025-03-04"], {}, {"start": 7, "end": ["2025"]}, {"on": "2025-03-04"}])
def test_a_date_of_the_wrong_shape_is_none(junk: object) -> None:
    """It counts for nothing and breaks nothing."""
    assert days(encounter() | {"period": junk}, observation() | {"effectiveDateTime": junk}, condition() | {"recordedDate": junk}) == []


@pytest.mark.parametrize(
    ("texts", "known", "later"),
    [
        ([], [], False),
        (["2026-11-22", "2024-05-01"], ["2024-05-01", "2026-11-22"], False),
        (["2026-11-23"], [], True),
        (["2026-11-22", "2026-11-23"], ["2026-11-22"], True),
        (["2026"], [], False),
        (["2026-11"], [], False),
        (["2026-12"], [], True),
        (["2025-03"], [], False),
    ],
)
def test_the_days_known_by_the_evaluation_date(texts: list[str], known: list[str], later: bool) -> None:
    """Sorted; a partial date is no certain day, and one that may be past is not later."""
    intervals = frozenset(day for day in map(read_date, texts) if day is not None)
    found, after = until(intervals, AS_OF)
    assert ([day.isoformat() for day in found], after) == (known, later)


@pytest.mark.parametrize(
    ("one", "known", "later"),
    [
        (encounter("2026-11-20", "2026-11-25"), ["2026-11-20"], True),
        (encounter("2026-11-22"), ["2026-11-22"], False),
        (encounter("2026-11-23"), [], True),
        (encounter("2026-11-23", status="planned"), [], False),
        (procedure(status="preparation", performedDateTime="2026-11-23"), [], False),
        (encounter("2026-11"), [], False),
    ],
)
def test_what_was_recorded_later_makes_it_an_evaluation_of_the_past(one: Json, known: list[str], later: bool) -> None:
    """A booked visit does not (spec 0.3)."""
    found = inputs_of(one)
    assert ([day.isoformat() for day in found.recording_dates], found.later_records) == (known, later)


@pytest.mark.parametrize(
    ("texts", "months"),
    [
        ([], None),
        (["2025-11-22", "2019-01-01"], None),
        (["2025-11-21"], 12),
        (["2023-11-23", "2020-05-01"], 35),
        (["2023-11-22"], 36),
        (["2023", "2020-05-01"], 34),
        (["2026"], None),
        (["2023-11-22", "2026-12-01"], 36),
    ],
)
def test_how_long_nobody_wrote(texts: list[str], months: int | None) -> None:
    """Whole months since the newest day, where they are more than twelve; a partial date may be its last day, a later one is no record
    of then."""
    intervals = [day for day in map(read_date, texts) if day is not None]
    assert months_silent(intervals, AS_OF) == months


def test_a_chart_in_which_nobody_wrote_lately_says_so() -> None:
    """A drug taken since then is a record too, though its day is no recording date."""
    old = encounter("2023-11-22")
    assert inputs_of(old).months_silent == 36
    assert inputs_of(old, medication_statement(effectiveDateTime="2026-11-01")).months_silent is None
