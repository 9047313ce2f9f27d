"""Medication resources into Exposures: from when to when, what ends an order, and what is planned (spec 1.1)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.medications import (
    administration,
    coded,
    days,
    dispense,
    mapped,
    only,
    period,
    request,
    statement,
    step,
    when,
)

IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"

VALID = {"dispenseRequest": {"validityPeriod": period("2026-06-10", "2026-09-10")}}


TIMES = [
    ("order, open", request(), "2026-06-01", None, True),
    ("order, ended, no end stated", request(status="stopped"), "2026-06-01", "2026-06-01..2026-11-22", False),
    ("order on hold", request(status="on-hold"), "2026-06-01", "2026-06-01..2026-11-22", False),
    ("order with validity, ended", request(status="completed", **VALID), "2026-06-10", "2026-09-10", False),
    ("order with validity that ran out, active", request(**VALID), "2026-06-10", "2026-09-10", True),
    (
        "order with supply and repeats",
        request(status="completed", dispenseRequest={"expectedSupplyDuration": days(30), "numberOfRepeatsAllowed": 2}),
        "2026-06-01",
        "2026-08-30",
        False,
    ),
    (
        "order with supply ahead, active",
        request(authoredOn="2026-11-01", dispenseRequest={"expectedSupplyDuration": days(90)}),
        "2026-11-01",
        "2027-01-30",
        False,
    ),
    (
        "order with supply ahead, stopped",
        request(status="stopped", authoredOn="2026-11-01", dispenseRequest={"expectedSupplyDuration": days(90)}),
        "2026-11-01",
        "2026-11-01..2026-11-22",
        False,
    ),
    (
        "order with supply of 3 months",
        request(status="completed", dispenseRequest={"expectedSupplyDuration": days(3, "mo")}),
        "2026-06-01",
        "2026-09-01",
        False,
    ),
    (
        "order with supply in a unit not known",
        request(status="completed", dispenseRequest={"expectedSupplyDuration": days(3, "boxes")}),
        "2026-06-01",
        "2026-06-01..2026-11-22",
        False,
    ),
    (
        "the earliest of two stated ends",
        request(status="completed", dispenseRequest={"expectedSupplyDuration": days(30), "validityPeriod": period(None, "2026-09-01")}),
        "2026-06-01",
        "2026-07-01",
        False,
    ),
    (
        "taper: first start to last end",
        request(
            dosageInstruction=[
                step(1, boundsPeriod=period("2026-06-05", "2026-06-12")),
                step(2, boundsPeriod=period("2026-06-13", "2026-07-01")),
            ]
        ),
        "2026-06-05",
        "2026-07-01",
        True,
    ),
    (
        "taper by durations",
        request(dosageInstruction=[step(2, boundsDuration=days(2, "wk")), step(1, boundsDuration=days(7))]),
        "2026-06-01",
        "2026-06-22",
        True,
    ),
    (
        "taper by a period, then a duration",
        request(dosageInstruction=[step(2, boundsDuration=days(7)), step(1, boundsPeriod=period("2026-06-01", "2026-07-01"))]),
        "2026-06-01",
        "2026-07-08",
        True,
    ),
    (
        "order with supply to the evaluation day, active",
        request(authoredOn="2026-10-23", dispenseRequest={"expectedSupplyDuration": days(30)}),
        "2026-10-23",
        "2026-11-22",
        False,
    ),
    (
        "two instructions side by side",
        request(dosageInstruction=[step(boundsDuration=days(14)), step(boundsDuration=days(7))]),
        "2026-06-01",
        "2026-06-15",
        True,
    ),
    (
        "for 30 days, completed",
        request(status="completed", dosageInstruction=[step(boundsDuration=days(30))]),
        "2026-06-01",
        "2026-07-01",
        False,
    ),
    (
        "for 30 days, 3 refills, active",
        request(dispenseRequest={"numberOfRepeatsAllowed": 3}, dosageInstruction=[step(boundsDuration=days(30))]),
        "2026-06-01",
        "2026-09-29",
        True,
    ),
    (
        "for 90 days, 3 refills, active",
        request(dispenseRequest={"numberOfRepeatsAllowed": 3}, dosageInstruction=[step(boundsDuration=days(90))]),
        "2026-06-01",
        "2027-05-27",
        False,
    ),
    (
        "a taper with a refill, active",
        request(
            dispenseRequest={"numberOfRepeatsAllowed": 1},
            dosageInstruction=[step(1, boundsDuration=days(7)), step(2, boundsDuration=days(7))],
        ),
        "2026-06-01",
        "2026-06-15",
        True,
    ),
    ("taper with an open last step", request(dosageInstruction=[step(1, boundsDuration=days(7)), step(2)]), "2026-06-01", None, True),
    (
        "duration given as a range",
        request(dosageInstruction=[step(boundsRange={"low": days(7), "high": days(14)})]),
        "2026-06-01",
        "2026-06-08..2026-06-15",
        True,
    ),
    ("a range upside down", request(dosageInstruction=[step(boundsRange={"low": days(14), "high": days(7)})]), "2026-06-01", None, True),
    ("hours are within the day", request(dosageInstruction=[step(boundsDuration=days(12, "h"))]), "2026-06-01", "2026-06-01", False),
    (
        "bounds ahead, active",
        request(dosageInstruction=[step(boundsPeriod=period("2026-06-01", "2027-06-01"))]),
        "2026-06-01",
        "2027-06-01",
        False,
    ),
    (
        "bounds ahead, stopped",
        request(status="stopped", dosageInstruction=[step(boundsPeriod=period("2026-06-01", "2027-06-01"))]),
        "2026-06-01",
        "2026-06-01..2026-11-22",
        False,
    ),
    ("statement, open", statement(effectivePeriod=period("2025-01-01")), "2025-01-01", None, True),
    (
        "statement with a period",
        statement(status="completed", effectivePeriod=period("2025-01-01", "2025-06-01")),
        "2025-01-01",
        "2025-06-01",
        False,
    ),
    ("active statement with an end", statement(effectivePeriod=period("2025-01-01", "2025-06-01")), "2025-01-01", "2025-06-01", False),
    (
        "statement that ended after the evaluation day",
        statement(status="stopped", effectivePeriod=period("2025-01-01", "2027-06-01")),
        "2025-01-01",
        "2027-06-01",
        False,
    ),
    ("taken on a day, whenever begun, active", statement(effectiveDateTime="2025-01-01"), "..2025-01-01", None, True),
    (
        "taken on a day, completed",
        statement(status="completed", effectiveDateTime="2025-01-01"),
        "2025-01-01",
        "2025-01-01..2026-11-22",
        False,
    ),
    (
        "statement of a day, completed",
        statement(status="completed", effectiveDateTime="2025-01-01"),
        "2025-01-01",
        "2025-01-01..2026-11-22",
        False,
    ),
    ("statement with the day it was told", statement(dateAsserted="2026-05-01"), "..2026-05-01", None, True),
    (
        "statement with an end only",
        statement(status="completed", effectivePeriod=period(None, "2025-06-01")),
        "..2025-06-01",
        "2025-06-01",
        False,
    ),
    ("statement without dates", statement(), None, None, True),
    ("completed statement without dates", statement(status="completed"), None, "..2026-11-22", False),
    (
        "completed in the year of the evaluation",
        statement(status="completed", effectivePeriod=period("2025-01-01", "2026")),
        "2025-01-01",
        "2026-01-01..2026-11-22",
        False,
    ),
    (
        "an end that can't be read",
        statement(effectivePeriod=period("2025-01-01", "2025-13-45")),
        "2025-01-01",
        "2025-01-01..2026-11-22",
        False,
    ),
    ("a period that is no object", statement(effectivePeriod="since 2020"), None, "..2026-11-22", False),
    (
        "an end before the start",
        statement(effectivePeriod=period("2025-06-01", "2025-01-01")),
        "2025-06-01",
        "2025-06-01..2026-11-22",
        False,
    ),
    ("dispense", dispense(daysSupply=days(30)), "2026-06-01", "2026-07-01", False),
    ("dispense, unit not said", dispense(daysSupply=days(30, None)), "2026-06-01", "2026-07-01", False),
    ("dispense, days of supply not said", dispense(), "2026-06-01", "2026-06-01", True),
    ("dispense of more than a life", dispense(daysSupply=days(10**9)), "2026-06-01", "2026-06-01", True),
    ("dispense, half a month", dispense(daysSupply=days(0.5, "mo")), "2026-06-01", "2026-06-01", True),
    ("administration", administration(), "2026-06-01", "2026-06-01", False),
    (
        "administration over days",
        administration(effectiveDateTime=None, effectivePeriod=period("2026-06-01", "2026-06-03")),
        "2026-06-01",
        "2026-06-03",
        False,
    ),
    (
        "administration in progress",
        administration(status="in-progress", effectiveDateTime=None, effectivePeriod=period("2026-06-01")),
        "2026-06-01",
        "2026-06-01",
        False,
    ),
    ("administration of some year", administration(effectiveDateTime="2025"), "2025", "2025", False),
]


@pytest.mark.parametrize(("_label", "resource", "start", "end", "ongoing"), TIMES, ids=[row[0] for row in TIMES])
def test_start_and_end_of_an_exposure(_label, resource, start, end, ongoing) -> None:
    """Spec 1.2: the stated start, the earliest stated end, and an interval where none is stated."""
    found = only(resource)
    assert (found.start, found.end, found.ongoing) == (when(start), when(end), ongoing)
    assert not found.planned
    assert found.on_hold is (resource["status"] == "on-hold")


def test_a_later_order_that_names_it_ends_an_order() -> None:
    """The first later order ends the prior prescription on the day that it was written."""
    prior = request(id="old", authoredOn="2026-01-01")
    newer = request(id="new", authoredOn="2026-03-01", priorPrescription={"reference": "MedicationRequest/old"})
    newest = request(id="a-newest", authoredOn="2026-04-01", priorPrescription={"reference": "MedicationRequest/old"})
    found = {one.origin.reference: one for one in mapped(prior, newest, newer).exposures["drug.mmf"]}
    assert (found["MedicationRequest/old"].end, found["MedicationRequest/old"].ongoing) == (when("2026-03-01"), False)
    assert found["MedicationRequest/new"].ongoing


def test_a_supply_that_ran_out_before_ends_a_replaced_order() -> None:
    """The earliest stated end counts, and the later order is only one of them."""
    prior = request(id="old", authoredOn="2026-01-01", dispenseRequest={"expectedSupplyDuration": days(30)})
    newer = request(id="new", authoredOn="2026-03-01", priorPrescription={"reference": "MedicationRequest/old"})
    found = {one.origin.reference: one for one in mapped(prior, newer).exposures["drug.mmf"]}
    assert (found["MedicationRequest/old"].end, found["MedicationRequest/old"].ongoing) == (when("2026-01-31"), False)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "cancelled"},
        {"authoredOn": "2027-01-01"},
        {"authoredOn": None},
        {"intent": "plan"},
        {"intent": "plan", "reportedBoolean": True},
        {"status": "unknown"},
        {"note": [{"text": "never started"}]},
        {"priorPrescription": {"reference": "MedicationRequest/other"}},
        {"priorPrescription": {"reference": "MedicationRequest/new"}},
    ],
)
def test_an_order_is_not_ended_by_what_is_no_later_order(fields) -> None:
    """Cancelled, future, undated, planned and unclear orders, and orders that name another, end nothing."""
    newer = request(**{"id": "new", "authoredOn": "2026-03-01", "priorPrescription": {"reference": "MedicationRequest/old"}, **fields})
    found = mapped(request(id="old", authoredOn="2026-01-01"), newer).exposures["drug.mmf"]
    assert next(one for one in found if one.origin.reference == "MedicationRequest/old").ongoing


@pytest.mark.parametrize(
    ("resource", "planned"),
    [
        (request(authoredOn="2026-11-22"), False),
        (request(authoredOn="2026-11-23"), True),
        (request(authoredOn="2026-11"), False),
        (request(dosageInstruction=[step(boundsPeriod=period("2026-12-01"))]), True),
        (administration(effectiveDateTime="2026-12-01"), True),
        (dispense(whenHandedOver="2026-12-01", daysSupply=days(30)), True),
        (statement(status="completed", effectivePeriod=period("2026-12-01", "2027-01-01")), True),
        (statement(dateAsserted="2026-12-01"), True),
        (statement(effectiveDateTime="2026-01-01", dateAsserted="2026-12-01"), False),
        (statement(), False),
    ],
)
def test_what_is_dated_after_the_evaluation_day_is_planned(resource, planned) -> None:
    """A plan is not history (spec 0.3); the event's date counts before the day it was recorded."""
    assert only(resource).planned is planned


@pytest.mark.parametrize(
    ("resource", "recorded"),
    [
        (request(), "2026-06-01"),
        (request(authoredOn=None), None),
        (dispense(), "2026-06-01"),
        (administration(), "2026-06-01"),
        (statement(effectiveDateTime="2025-01-01", dateAsserted="2026-02-01"), "2026-02-01"),
        (statement(effectiveDateTime="2026-03-01", dateAsserted="2026-02-01"), "2026-03-01"),
        (statement(effectivePeriod=period("2025-01-01", "2025-06-01")), "2025-06-01"),
        (statement(effectivePeriod=period("2025-01-01", "2027-06-01")), "2025-01-01"),
    ],
)
def test_the_recording_date_is_the_latest_of_the_record(resource, recorded) -> None:
    """Ruling 12: the latest of authoredOn, dateAsserted, whenHandedOver and effective; never a day ahead that only ends a period."""
    assert only(resource).recorded == when(recorded)


def test_recording_dates_are_those_of_usable_records_of_any_drug() -> None:
    """Sorted; without records that are dropped or unclear."""
    other = coded("6809", text="Metformin")
    found = mapped(
        request(id="a", medicationCodeableConcept=other),
        statement(id="b", effectiveDateTime="2025-03"),
        statement(id="c", status="unknown", effectiveDateTime="2024-01-01"),
        statement(id="d", status="not-taken", effectiveDateTime="2023-01-01"),
        statement(id="e", medicationCodeableConcept=coded("no-medication-info", IPS), effectiveDateTime="2022-01-01"),
    )
    assert found.dates == (date(2025, 3, 1), date(2026, 6, 1))
