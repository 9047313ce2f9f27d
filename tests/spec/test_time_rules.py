"""How dates are read and windows are counted (spec 0.3): partial dates, time zones, which date counts, and calendar months."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cds_service.criteria.nodes.windows import day_outside
from fhir_mappings.dates import Duration, read_date
from fhir_mappings.inputs import Inputs, Record
from tests.support.builders import (
    AS_OF,
    Json,
    allergy,
    condition,
    encounter,
    immunization,
    inputs_of,
    observation,
    patient,
    procedure,
    recommendation,
    without,
)

TITLE = "Dates and windows"
COLUMNS = ("rule", "case", "is")
_TRUTH = {True: "yes", False: "no", None: "unknown"}
_ASSERTED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate", "valueDateTime": "2020-05-05"}]}
_UPDATED = {"meta": {"lastUpdated": "2026-11-20T10:00:00Z"}}


def _days(text: str, zone: str) -> str:
    """The first and the last day a date may mean."""
    found = read_date(text, ZoneInfo(zone))
    return "unreadable" if found is None else f"{found.first} to {found.last}"


def _inside(text: str, window: str, day: str) -> str:
    """Whether a date lies in the window that ends on a day."""
    found = read_date(text)
    assert found is not None
    last = date.fromisoformat(day)
    return _TRUTH[found.within(Duration.parse(window).before(last), last)]


def _opens(window: str, day: str) -> str:
    """The first day of a window that ends on a day."""
    return str(Duration.parse(window).before(date.fromisoformat(day)))


def _outside(event: str, window: str, strictly: bool) -> str:
    """The first evaluation date on which an event has left the window."""
    return str(day_outside(date.fromisoformat(event), Duration.parse(window), strictly))


def _facts(inputs: Inputs) -> list[Any]:
    return [fact for held in (*inputs.records.values(), *inputs.results.values()) for fact in held]


def _date_of(said: str, resource: Json) -> str:
    """The date a record counts by, and which of its dates that is."""
    (fact,) = {id(one): one for one in _facts(inputs_of(resource))}.values()
    if fact.when is None:
        return "undated"
    return f"{fact.when}, {fact.dated_by}" if isinstance(fact, Record) else str(fact.when)


def _as_of(said: str, resource: Json) -> str:
    """What a record is worth on the evaluation date, 2026-11-22."""
    (fact,) = {id(one): one for one in _facts(inputs_of(resource))}.values() or (None,)
    if fact is None:
        return "nothing yet"
    if not isinstance(fact, Record):
        return f"a result of {fact.when}"
    return "a plan" if fact.planned else {True: "active", False: "history, over", None: "history"}[fact.active]


def _held(said: str, resource: Json) -> str:
    """What the Patient or a visit says on the evaluation date."""
    inputs = inputs_of(resource)
    return {"Patient": "dead" if inputs.person.deceased else "alive"}.get(
        resource["resourceType"], "a later record" if inputs.later_records else "recorded by then"
    )


def _late(said: str, resource: Json, zone: str) -> str:
    """Whether a record counts on the evaluation date of a site."""
    found = inputs_of(resource, zone=ZoneInfo(zone))
    return "a plan" if any(one.planned for held in found.records.values() for one in held) else "history"


# Rule -> (what evaluates it, how its case is told).
RULES: dict[str, tuple[Callable[..., str], str]] = {
    "the days a date may mean": (_days, "`{}` in {}"),
    "in the window": (_inside, "`{}` in {} to {}"),
    "a window opens on": (_opens, "{} to {}"),
    "first day outside": (_outside, "{} by {}, strictly: {}"),
    "the date that counts": (_date_of, "{}"),
    "on 2026-11-22": (_as_of, "{}"),
    "the patient, or a visit, on 2026-11-22": (_held, "{}"),
    "on 2026-11-22 at the site": (_late, "{} in {}"),
}

ROWS: tuple[tuple[str, tuple[Any, ...], str], ...] = (
    ("the days a date may mean", ("2026", "UTC"), "2026-01-01 to 2026-12-31"),
    ("the days a date may mean", ("2026-02", "UTC"), "2026-02-01 to 2026-02-28"),
    ("the days a date may mean", ("2028-02", "UTC"), "2028-02-01 to 2028-02-29"),
    ("the days a date may mean", ("2026-11-22", "America/New_York"), "2026-11-22 to 2026-11-22"),
    ("the days a date may mean", ("2026-11-22T23:30:00Z", "UTC"), "2026-11-22 to 2026-11-22"),
    ("the days a date may mean", ("2026-11-22T23:30:00Z", "Europe/Berlin"), "2026-11-23 to 2026-11-23"),
    ("the days a date may mean", ("2026-11-22T23:30:00+01:00", "Europe/Berlin"), "2026-11-22 to 2026-11-22"),
    ("the days a date may mean", ("2026-11-22T23:30:00-05:00", "America/New_York"), "2026-11-22 to 2026-11-22"),
    ("the days a date may mean", ("2026-11-22T23:30:00-05:00", "UTC"), "2026-11-23 to 2026-11-23"),
    ("the days a date may mean", ("2026-11-22T00:30:00+08:00", "UTC"), "2026-11-21 to 2026-11-21"),
    ("the days a date may mean", ("2026-07-01T22:30:00Z", "Europe/Berlin"), "2026-07-02 to 2026-07-02"),
    ("the days a date may mean", ("2026-11-22T23:30:00", "Asia/Shanghai"), "2026-11-22 to 2026-11-22"),
    ("the days a date may mean", ("2026-02-30", "UTC"), "unreadable"),
    ("in the window", ("2026-10-25", "P28D", "2026-11-22"), "yes"),
    ("in the window", ("2026-10-24", "P28D", "2026-11-22"), "no"),
    ("in the window", ("2026-11-22", "P28D", "2026-11-22"), "yes"),
    ("in the window", ("2026-11-23", "P28D", "2026-11-22"), "no"),
    ("in the window", ("2026-11", "P28D", "2026-11-30"), "unknown"),
    ("in the window", ("2026-11", "P29D", "2026-11-30"), "yes"),
    ("in the window", ("2026-09", "P28D", "2026-11-22"), "no"),
    ("in the window", ("2026", "P12M", "2026-11-22"), "unknown"),
    ("in the window", ("2025", "P2Y", "2026-11-22"), "yes"),
    ("in the window", ("2026-02-28", "P3M", "2026-05-31"), "yes"),
    ("in the window", ("2026-02-27", "P3M", "2026-05-31"), "no"),
    ("a window opens on", ("P28D", "2026-11-22"), "2026-10-25"),
    ("a window opens on", ("P4W", "2026-11-22"), "2026-10-25"),
    ("a window opens on", ("P8W", "2026-11-22"), "2026-09-27"),
    ("a window opens on", ("P3M", "2026-11-30"), "2026-08-30"),
    ("a window opens on", ("P3M", "2026-05-31"), "2026-02-28"),
    ("a window opens on", ("P3M", "2028-05-31"), "2028-02-29"),
    ("a window opens on", ("P2M", "2026-01-15"), "2025-11-15"),
    ("a window opens on", ("P5Y", "2028-02-29"), "2023-02-28"),
    ("first day outside", ("2026-10-25", "P28D", False), "2026-11-23"),
    ("first day outside", ("2026-09-27", "P8W", False), "2026-11-23"),
    ("first day outside", ("2026-08-30", "P3M", False), "2026-12-01"),
    ("first day outside", ("2026-02-28", "P3M", False), "2026-06-01"),
    ("first day outside", ("2028-02-29", "P3M", False), "2028-06-01"),
    ("first day outside", ("2021-11-22", "P5Y", False), "2026-11-23"),
    ("first day outside", ("2021-11-22", "P5Y", True), "2026-11-22"),
    ("first day outside", ("2024-02-29", "P5Y", True), "2029-03-01"),
    ("first day outside", ("9990-01-01", "P20Y", False), "None"),
    ("the date that counts", ("Condition: onset, recorded", condition(recordedDate="2024-01-01")), "2019-04-01, event"),
    (
        "the date that counts",
        ("Condition: asserted, recorded", condition(onsetDateTime=None, recordedDate="2024-01-01", **_ASSERTED)),
        "2020-05-05, asserted",
    ),
    ("the date that counts", ("Condition: onset, asserted", condition(**_ASSERTED)), "2019-04-01, event"),
    (
        "the date that counts",
        ("Condition: an unreadable onset, recorded", condition(onsetDateTime="x", recordedDate="2024-01-01")),
        "2024-01-01, recorded",
    ),
    ("the date that counts", ("Condition: meta.lastUpdated", condition(onsetDateTime=None, **_UPDATED)), "undated"),
    ("the date that counts", ("Procedure: performed", procedure()), "2026-11-10, event"),
    (
        "the date that counts",
        ("Procedure: a performedPeriod", procedure(performedPeriod={"start": "2026-11-01", "end": "2026-11-05"})),
        "2026-11-05, event",
    ),
    (
        "the date that counts",
        ("Procedure: a performedPeriod still going on", procedure(performedPeriod={"start": "2026-11-01", "end": "2026-12-05"})),
        "2026-11-01, event",
    ),
    ("the date that counts", ("Immunization: occurrence, recorded", immunization(recorded="2026-11-20")), "2026-11-01, event"),
    ("the date that counts", ("Immunization: recorded", immunization(occurrenceString="?", recorded="2026-11-20")), "2026-11-20, recorded"),
    ("the date that counts", ("AllergyIntolerance: recorded", allergy(recordedDate="2020-01-01")), "2020-01-01, recorded"),
    (
        "the date that counts",
        ("AllergyIntolerance: onset, recorded", allergy(onsetDateTime="2011", recordedDate="2020-01-01")),
        "2011, event",
    ),
    ("the date that counts", ("Observation: effective, issued", observation(value=11, issued="2026-11-21T09:00:00Z")), "2026-11-20"),
    (
        "the date that counts",
        ("Observation: issued", observation(value=11, effectiveDateTime=None, issued="2026-11-21T09:00:00Z")),
        "2026-11-21",
    ),
    ("the date that counts", ("Observation: meta.lastUpdated", observation(value=11, effectiveDateTime=None, **_UPDATED)), "undated"),
    ("on 2026-11-22", ("a Condition of today", condition(onsetDateTime="2026-11-22")), "active"),
    ("on 2026-11-22", ("a Condition of later today", condition(onsetDateTime="2026-11-22T23:59:00Z")), "active"),
    ("on 2026-11-22", ("a Condition of tomorrow", condition(onsetDateTime="2026-11-23")), "a plan"),
    ("on 2026-11-22", ("a Condition of this year", condition(onsetDateTime="2026")), "active"),
    ("on 2026-11-22", ("a Condition abated today", condition(abatementDateTime="2026-11-22")), "history, over"),
    ("on 2026-11-22", ("a Condition that abates tomorrow", condition(abatementDateTime="2026-11-23")), "active"),
    ("on 2026-11-22", ("a Procedure of tomorrow", procedure(performedDateTime="2026-11-23")), "a plan"),
    ("on 2026-11-22", ("a vaccination of tomorrow", immunization(occurrenceDateTime="2026-11-23")), "a plan"),
    ("on 2026-11-22", ("a recommended vaccine", recommendation()), "a plan"),
    ("on 2026-11-22", ("an Observation of today", observation(value=11, effectiveDateTime="2026-11-22")), "a result of 2026-11-22"),
    ("on 2026-11-22", ("an Observation of tomorrow", observation(value=11, effectiveDateTime="2026-11-23")), "nothing yet"),
    ("the patient, or a visit, on 2026-11-22", ("a death today", patient(deceasedDateTime="2026-11-22T20:00:00Z")), "dead"),
    ("the patient, or a visit, on 2026-11-22", ("a death tomorrow", patient(deceasedDateTime="2026-11-23")), "alive"),
    ("the patient, or a visit, on 2026-11-22", ("a visit today", encounter("2026-11-22")), "recorded by then"),
    ("the patient, or a visit, on 2026-11-22", ("a visit tomorrow", encounter("2026-11-23")), "a later record"),
    (
        "on 2026-11-22 at the site",
        ("a Procedure at 23:30 UTC", procedure(performedDateTime="2026-11-22T23:30:00Z"), "UTC"),
        "history",
    ),
    (
        "on 2026-11-22 at the site",
        ("a Procedure at 23:30 UTC", procedure(performedDateTime="2026-11-22T23:30:00Z"), "Europe/Berlin"),
        "a plan",
    ),
    (
        "on 2026-11-22 at the site",
        ("a Procedure at 00:30 UTC the next day", procedure(performedDateTime="2026-11-23T00:30:00Z"), "America/New_York"),
        "history",
    ),
)


def _told(rule: str, case: tuple[Any, ...]) -> str:
    words = [{True: "yes", False: "no"}.get(part, part) if isinstance(part, bool) else part for part in case if not isinstance(part, dict)]
    return RULES[rule][1].format(*words)


def printed() -> list[tuple[str, ...]]:
    """The rows as words, for the manual."""
    return [(rule, _told(rule, case), is_) for rule, case, is_ in ROWS]


@pytest.mark.parametrize(("rule", "case", "is_"), ROWS, ids=[f"{rule}: {_told(rule, case)}" for rule, case, _ in ROWS])
def test_time_is_counted_as_the_table_says(rule: str, case: tuple[Any, ...], is_: str) -> None:
    """Each row of the table holds."""
    assert RULES[rule][0](*case) == is_


@pytest.mark.parametrize("window", ["P1D", "P28D", "P8W", "P3M", "P12M", "P5Y"])
@pytest.mark.parametrize("event", ["2026-02-28", "2028-02-29", "2026-08-31", "2026-11-30", "2026-12-31"])
@pytest.mark.parametrize("strictly", [True, False])
def test_an_event_is_inside_on_every_day_before_the_first_day_outside(window: str, event: str, strictly: bool) -> None:
    """And not on that day: what `recheckOn` promises."""
    day, duration = date.fromisoformat(event), Duration.parse(window)
    out = day_outside(day, duration, strictly)
    assert out is not None
    eve = date.fromordinal(out.toordinal() - 1)
    inside = [duration.before(one) < day or (duration.before(one) == day and not strictly) for one in (eve, out)]
    assert inside == [True, False]


def test_the_whole_chart_may_be_undated() -> None:
    """A record without any date is kept, undated: it is never placed on a day that nobody recorded."""
    (only,) = inputs_of(without(condition(), "onsetDateTime")).records["dx.sle"]
    assert (only.when, only.dated_by, only.planned) == (None, None, False)
    assert AS_OF.isoformat() == "2026-11-22"
