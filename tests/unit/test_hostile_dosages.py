"""Any JSON in any element of a Dosage: it is read as a sane dose, or says why not."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.dosages import PREDNISONE_5, doses, quantity
from tests.support.medications import Json, coded, dispense, request, statement
from tests.unit.test_hostile_resources import JUNK

ELEMENTS = (
    "text",
    "patientInstruction",
    "additionalInstruction",
    "timing",
    "doseAndRate",
    "asNeededBoolean",
    "asNeededCodeableConcept",
    "sequence",
    "maxDosePerPeriod",
    "dose",
    "route",
    "rateRatio",
)
REPEATS = (
    "frequency",
    "frequencyMax",
    "period",
    "periodMax",
    "periodUnit",
    "dayOfWeek",
    "timeOfDay",
    "when",
    "count",
    "boundsPeriod",
    "boundsDuration",
    "boundsRange",
)
REPEAT = st.dictionaries(st.sampled_from(REPEATS), JUNK, max_size=5)
DOSAGE = st.dictionaries(st.sampled_from(ELEMENTS), JUNK, max_size=5) | st.builds(
    lambda base, repeat, entry: base | {"timing": {"repeat": repeat}, "doseAndRate": [entry]},
    st.dictionaries(st.sampled_from(ELEMENTS), JUNK, max_size=3),
    REPEAT,
    st.dictionaries(st.sampled_from(("doseQuantity", "doseRange", "type", "rateRatio")), JUNK | st.just(quantity(5)), max_size=3),
)


@given(st.sampled_from([request, statement, dispense]), st.lists(DOSAGE, max_size=3), JUNK, JUNK)
@settings(max_examples=300)
def test_any_dosage_is_read_or_has_a_problem(build: Any, dosages: list[Json], ingredients: Any, supply: Any) -> None:
    """Whatever JSON stands in it: a dose is a sane number, and what is none says why."""
    drug = {"resourceType": "Medication", "id": "med", "code": coded(PREDNISONE_5), "ingredient": ingredients, "amount": supply}
    fields: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": "#med"}, "contained": [drug]}
    for one in doses(*dosages, build=build, agent="drug.prednisone", quantity=supply, daysSupply=supply, **fields):
        if one.low is None:
            assert (one.high, one.peak) == (None, None)
            assert one.problem
        else:
            assert one.high is not None
            assert 0 <= one.low <= one.high <= 1_000_000
            assert one.pattern
