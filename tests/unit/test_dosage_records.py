"""The doses of each kind of medication record: orders, statements, administrations and supplies (spec 1.1)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.dosages import PREDNISONE, PREDNISONE_5, amount, doses, every_day, exposures_of, mg, of_resource, quantity, sig, told
from tests.support.medications import Json, administration, coded, dispense, period, request, statement


@pytest.mark.parametrize("build", [request, statement, dispense])
def test_each_kind_of_record_is_read(build: Any) -> None:
    """MedicationRequest, MedicationStatement and MedicationDispense alike."""
    assert told(doses(mg(5), build=build)) == "5 mg a day"
    assert doses(build=build) == ()


GIVEN: tuple[tuple[Json, str], ...] = (
    ({"dose": quantity(500)}, "500 mg a day from 2026-06-01 to 2026-06-01"),
    ({"dose": quantity(3, "tablet")}, "15 mg a day from 2026-06-01 to 2026-06-01"),
    ({"dose": quantity(3, "drop")}, "unread: unit 'drop' is not read as a dose from 2026-06-01 to 2026-06-01"),
    ({"dose": quantity(None)}, "unread: the dose has no value that can be read from 2026-06-01 to 2026-06-01"),
    ({"text": "500 mg IV once"}, "500 mg a day from 2026-06-01 to 2026-06-01"),
    ({"text": "500 mg"}, "500 mg a day from 2026-06-01 to 2026-06-01"),
    ({"text": "500 mg daily"}, "unread: instruction not understood from 2026-06-01 to 2026-06-01"),
    ({"text": "pulse given"}, "unread: instruction not understood from 2026-06-01 to 2026-06-01"),
    ({"rateRatio": {}}, "unread: a rate is not read as a dose from 2026-06-01 to 2026-06-01"),
    ({"route": {}}, "unread: no dose is given from 2026-06-01 to 2026-06-01"),
)


@pytest.mark.parametrize(("dosage", "expected"), GIVEN)
def test_an_administration_is_one_dose_on_its_day(dosage: Json, expected: str) -> None:
    """The whole amount counts on the day on which it was given."""
    one = administration(medicationCodeableConcept=coded(PREDNISONE_5), dosage=dosage)
    assert told(of_resource(one)) == expected


def test_an_administration_on_an_uncertain_day_keeps_the_bounds_of_the_record() -> None:
    """It is one dose all the same."""
    one = administration(medicationCodeableConcept=coded(PREDNISONE_5), dosage={"dose": quantity(500)}, effectiveDateTime="2026-06")
    assert told(of_resource(one)) == "500 mg a day"
    assert of_resource(administration(medicationCodeableConcept=coded(PREDNISONE_5))) == ()


SUPPLIES: tuple[tuple[list[Json], Json, str], ...] = (
    ([], {}, "10 mg a day supply"),
    ([sig("as told")], {}, "10 mg a day supply"),
    ([sig("as needed")], {}, "10 mg a day as needed supply"),
    ([mg(5)], {}, "5 mg a day coded"),
    ([sig("taper as told")], {}, "unread: instruction not understood parsed"),
    ([], {"daysSupply": quantity(0, "d")}, ""),
    ([], {"daysSupply": quantity(1, "mo")}, ""),
    ([], {"daysSupply": None}, ""),
    ([], {"quantity": quantity(60, "drop")}, ""),
    ([], {"quantity": quantity(60, "mL")}, ""),
    ([], {"quantity": quantity(60_000_000_000, "mg")}, ""),
)


@pytest.mark.parametrize(("dosages", "fields", "expected"), SUPPLIES)
def test_a_supply_speaks_only_where_no_instruction_is_read(dosages: list[Json], fields: Json, expected: str) -> None:
    """60 tablets of 5 mg for 30 days; a taper has no such mean."""
    supply = {"quantity": quantity(60, "tablet"), "daysSupply": quantity(30, "d")} | fields
    segments = doses(*dosages, build=dispense, drug=PREDNISONE_5, **supply)
    assert " ".join(f"{told((one,))} {one.grade}" for one in segments) == expected


WORDED = (
    [sig("5 mg daily")],
    [sig("40 mg daily for 7 days, then 30 mg daily for 7 days")],
    [sig("take 2 tablets once")],
    [sig("as told")],
    [sig("prednisone 5 mg daily")],
    [amount(2, "tablet") | every_day()],
    [amount(2, "tablet") | every_day(boundsDuration=quantity(7, "d"))],
    [amount(5) | every_day(boundsPeriod=period("2026-06-03", "2026-06-09"))],
    [amount(5) | every_day() | {"sequence": number} for number in (1, 2)],
    [],
)
ORDER = st.fixed_dictionaries(
    {
        "medicationCodeableConcept": st.sampled_from([coded(PREDNISONE), coded(PREDNISONE_5), coded(PREDNISONE, text="Prednisone")]),
        "authoredOn": st.sampled_from(["2026-06-01", "2026-06-02", "2026-06", None]),
        "dispenseRequest": st.sampled_from([{}, {"numberOfRepeatsAllowed": 2}]),
    }
)


@given(st.sampled_from(WORDED), st.lists(ORDER, min_size=2, max_size=5))
@settings(max_examples=100)
def test_a_record_says_what_it_says_alone(worded: list[Json], orders: list[Json]) -> None:
    """Others beside it of the same words, of another strength or from another day, change nothing of it."""
    written = [request(id=f"m{place}", dosageInstruction=worded, **order) for place, order in enumerate(orders)]
    together = {one.origin.reference: one.doses for one in exposures_of(*written)}
    assert together == {f"MedicationRequest/{one['id']}": of_resource(one) for one in written}
