"""Medication records as they come: where they stand, in any order and of any shape (spec 0.4)."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from tests.support.medications import (
    MEDICATION_LIST,
    MMF,
    administration,
    coded,
    days,
    dispense,
    mapped,
    only,
    period,
    request,
    statement,
    when,
)


def test_the_origin_cites_resource_version_and_words() -> None:
    """Evidence needs the reference, the version and the record's own words."""
    origin = only(request(meta={"versionId": "4"}, medicationCodeableConcept=coded(MMF, text="CellCept 500 mg"))).origin
    assert (origin.reference, origin.version, origin.display) == ("MedicationRequest/m1", "4", "CellCept 500 mg")


def test_the_order_of_the_bundle_changes_nothing() -> None:
    """Exposures, dates and issues come in one order."""
    resources = [
        request(id="a"),
        statement(id="b", effectiveDateTime="2025"),
        administration(id="c"),
        dispense(id="d"),
        statement(id="e", status="?"),
    ]
    assert len({repr(mapped(*some)) for some in itertools.permutations(resources)}) == 1


JUNK = [
    None,
    True,
    7,
    -1.5,
    "",
    "x",
    "#",
    [],
    [None],
    ["x"],
    [[]],
    {},
    {"reference": 5},
    {"coding": "x"},
    {"coding": [{"code": 3}]},
    {"value": "x"},
]


ELEMENTS = [
    "status",
    "intent",
    "doNotPerform",
    "medicationCodeableConcept",
    "medicationReference",
    "authoredOn",
    "dispenseRequest",
    "dosageInstruction",
    "dosage",
    "effectivePeriod",
    "effectiveDateTime",
    "dateAsserted",
    "whenHandedOver",
    "daysSupply",
    "reasonCode",
    "reasonReference",
    "statusReason",
    "priorPrescription",
    "contained",
    "extension",
    "modifierExtension",
    "reportedReference",
    "meta",
    "medication",
]


@pytest.mark.parametrize("element", ELEMENTS)
def test_no_shape_of_an_element_raises(element) -> None:
    """Whatever stands in an element, the record is read or set aside."""
    for junk in JUNK:
        for build in (request, statement, dispense, administration):
            mapped({**build(), element: junk})


def test_no_shape_inside_a_dosage_or_supply_raises() -> None:
    """Nor inside the elements that are read in depth."""
    for junk in JUNK:
        mapped(request(dosageInstruction=[{"sequence": junk, "timing": {"repeat": {"boundsPeriod": junk}}, "route": junk}]))
        mapped(request(dosageInstruction=[{"timing": {"repeat": {"boundsDuration": junk, "boundsRange": {"low": junk}}}}]))
        mapped(request(dispenseRequest={"validityPeriod": junk, "expectedSupplyDuration": junk, "numberOfRepeatsAllowed": junk}))
        mapped(request(dispenseRequest={"expectedSupplyDuration": days(1e300), "numberOfRepeatsAllowed": 1e300}))
        mapped(
            request(
                medicationReference={"reference": "#m"},
                contained=[{"resourceType": "Medication", "id": "m", "ingredient": junk, "form": junk}],
            )
        )
        mapped({**MEDICATION_LIST, "code": junk}, statement(effectivePeriod={"start": junk, "end": junk}))


def test_an_evaluation_for_an_earlier_day_reads_the_record_as_it_stands() -> None:
    """A course that ended after that day was still on (spec 0.3, as of)."""
    found = only(statement(status="completed", effectivePeriod=period("2025-01-01", "2025-06-01")), as_of=date(2025, 3, 1))
    assert (found.end, found.planned) == (when("2025-06-01"), False)
