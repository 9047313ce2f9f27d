"""What an Observation holds: numbers with their unit and range, answers, days, and what is no value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Range
from tests.support.observations import HB, LOINC, SNOMED, Json, coded, flag, issues, observation, only, quantity, ucum


def test_a_result_of_a_number() -> None:
    """A value in the canonical unit, with what the laboratory wrote, and words for a clinician."""
    result = only(observation(coded("718-7", text="Hb"), HB, meta={"versionId": "2"}))
    assert (result.concept, result.value, result.unit) == ("lab.hgb", Range(Decimal(81), Decimal(81)), "g/L")
    assert (result.text, result.origin.display, result.origin.version) == ("8.1 g/dL", "Hb 8.1 g/dL", "2")
    assert (result.origin.reference, result.origin.grade, result.problem) == ("Observation/o1", "coded", None)
    assert result.positivity is None


def test_display_without_words() -> None:
    """A bare code is told by the table's name."""
    assert only(observation("5048-4", valueString="1:640")).origin.display == "ANA 1:640"
    assert only(observation("718-7", dataAbsentReason=coded("not-performed", "x"))).origin.display == "Hb (not performed)"
    assert only(observation("8061-4")).origin.display == "ANA (no value reported)"


def test_own_reference_range() -> None:
    """Limits are of this Observation, converted like the value."""
    result = only(observation("2157-6", ucum(3, "ukat/L"), referenceRange=[{"low": {"value": 0.5}, "high": {"value": 2.5}}]))
    assert (result.value, result.lower, result.upper) == (Range(Decimal(180), Decimal(180)), Decimal(30), Decimal(150))


@pytest.mark.parametrize(
    ("fields", "code", "problem"),
    [
        (quantity(8, "mg"), "unit-unmapped", "unit 'mg' cannot be read as g/L"),
        (quantity(8), "unit-missing", "no unit"),
        (ucum(8, "g/dL", comparator="ad"), "value-unreadable", "the comparator is not read"),
        (quantity(12, "g/L"), "value-implausible", "12 g/L is implausible: a wrong unit or scale is suspected"),
    ],
)
def test_numbers_that_can_not_be_believed(fields: Json, code: str, problem: str) -> None:
    """The result says why, and so does an issue with the record's reference."""
    source = observation("718-7", fields)
    assert only(source).problem == problem
    assert issues(source) == [(code, problem)]


def test_an_implausible_value_is_a_conflict() -> None:
    """A value that was read but is suspicious can't decide."""
    result = only(observation("718-7", quantity(12, "g/L")))
    assert result.conflict
    assert result.value == Range(Decimal(12), Decimal(12))


def test_no_unit_issue_for_antibodies() -> None:
    """Units of antibody assays are not mapped, and that is no gap."""
    assert issues(observation("31348-6", quantity(45, "AU/mL"))) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "no value reported"),
        ({"valueString": "clotted"}, "the value is not a number with a unit"),
        ({"valueString": "12.5"}, "no unit"),
        ({"dataAbsentReason": coded("not-performed", "x"), **HB}, "not performed"),
        ({"valueQuantity": {"unit": "g/dL"}}, "no value"),
    ],
)
def test_no_number(fields: Json, problem: str) -> None:
    """A number that is missing says why."""
    result = only(observation("718-7", fields))
    assert (result.value, result.problem) == (None, problem)


def test_a_number_in_words_is_parsed() -> None:
    """`12.5 g/dL` as text is read, and graded as parsed."""
    result = only(observation("718-7", valueString="12.5 g/dL"))
    assert (result.value, result.origin.grade) == (Range(Decimal(125), Decimal(125)), "parsed")


def test_a_recorded_date() -> None:
    """valueDateTime is a day, and may lie ahead."""
    assert only(observation("11778-8", valueDateTime="2027-05")).day == Interval(date(2027, 5, 1), date(2027, 5, 31))


def test_a_coded_answer() -> None:
    """The value sets of a coded answer, and its words as text."""
    result = only(observation("88020-3", valueCodeableConcept=coded("LA28406-9", LOINC, "Class III")))
    assert (result.codes, result.text, result.problem) == (frozenset({"cv.nyha_3_4"}), "Class III", None)


def test_a_boolean() -> None:
    """valueBoolean is kept as what it is."""
    assert only(observation("63895-7", valueBoolean=False)).boolean is False


def test_a_sex_specific_range() -> None:
    """The limits that hold for this patient."""
    ranges = [
        {"high": {"value": 170}, "appliesTo": [coded("248152002", SNOMED)]},
        {"high": {"value": 250}, "appliesTo": [coded("248153007", SNOMED)]},
    ]
    source = observation("2157-6", ucum(200, "U/L"), referenceRange=ranges)
    assert only(source).upper == 170
    assert only(source, patient={"gender": "male"}).upper == 250
    assert only(source, patient={"gender": "other"}).upper is None


def test_an_interpretation_without_a_value_is_quoted() -> None:
    """What makes the result positive stands in its words."""
    assert only(observation("8061-4", flag("A"))).origin.display.endswith(" “A”")
    assert "“" not in only(observation("8061-4", flag("A"), valueString="positive")).origin.display
