"""Quantities and thresholds: spellings, comparators, contradictions, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings.inputs import Range
from fhir_mappings.units import canonical_unit, clip, compare, level, parse_threshold, read_quantity, same_unit, spell, unit_of
from tests.support.observations import SNOMED, UCUM

D = Decimal


def read(value: Any, unit: str | None = None, code: str | None = None, analyte: str = "lab.hgb", **more: Any) -> Any:
    quantity: dict[str, Any] = {"value": value, **more}
    if unit is not None:
        quantity["unit"] = unit
    if code is not None:
        quantity.update(code=code, system=more.get("system", UCUM))
    return read_quantity(analyte, quantity)


CELLS = [
    "10*9/L", "10^9/L", "10**9/L", "10⁹/L", "x10E9/L", "×10^9/l", "x 10(9)/L", "X10^9/L", "10e9/L", "G/L", "G/l", "Gpt/L", "10*9{cells}/L",
    "10*3/uL", "10*3/µL", "10^3/μL", "10³/µl", "x10^3/mcL", "10*3/mm3", "10^3/mm³", "K/uL", "k/ul", "K/µL", "K/mcL", "thou/uL",
    "x10(3)/mcL",
    "Tsd/ul", "Tsd./µl", "/nL", "/nl", "10*6/mL",
]  # fmt: skip


@pytest.mark.parametrize("unit", CELLS)
def test_spellings_of_thousands_of_cells(unit: str) -> None:
    """Every spelling of 10*9/L reads as it."""
    assert read(2.5, unit, analyte="lab.wbc").value == Range(D("2.5"), D("2.5"))


@pytest.mark.parametrize("unit", ["/uL", "/µL", "/μl", "/mm3", "/mm³", "cells/uL", "cells/mm3", "/cumm", "{cells}/uL", "1/uL"])
def test_spellings_of_single_cells(unit: str) -> None:
    """Every spelling of a count per microlitre is a thousandth of 10*9/L."""
    assert read(2500, unit, analyte="lab.wbc").value == Range(D("2.5"), D("2.5"))


@pytest.mark.parametrize("unit", ["umol/L", "µmol/L", "μmol/L", "mcmol/L", "UMOL/L", "umol / l", "micromol/L"])
def test_spellings_of_micromoles(unit: str) -> None:
    """Greek mu, micro sign, `u` and `mc` are one."""
    reading = read(221, unit, analyte="lab.creat")
    assert (reading.value, reading.unit) == (Range(D(221), D(221)), "umol/L")


@pytest.mark.parametrize("value", [2.5, 221, 0.1, 8.05, 2.4999999999999996])
def test_numbers_are_what_the_json_spells(value: float) -> None:
    """No float arithmetic: the Decimal is the repr of the number."""
    assert read(value, "g/L").value == Range(D(repr(value)), D(repr(value)))


@pytest.mark.parametrize(
    ("comparator", "expected"),
    [
        (None, Range(D(70), D(70))),
        ("<", Range(None, D(70), open_high=True)),
        ("<=", Range(None, D(70))),
        (">", Range(D(70), None, open_low=True)),
        (">=", Range(D(70), None)),
    ],
)
def test_comparator_is_an_interval(comparator: str | None, expected: Range) -> None:
    """A comparator gives an open or closed interval, converted like the number."""
    assert read(7, "g/dL", comparator=comparator).value == expected


@pytest.mark.parametrize("comparator", ["ad", "~", 3, ["<"], {"a": 1}])
def test_comparator_that_is_not_listed(comparator: Any) -> None:
    """A comparator that FHIR R4 does not have leaves no value, and is told."""
    reading = read(7, "g/dL", comparator=comparator)
    assert (reading.value, reading.problem) == (None, "the comparator is not read")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "no unit"),
        ({"unit": ""}, "no unit"),
        ({"unit": "mg"}, "unit 'mg' cannot be read as g/L"),
        ({"unit": "g/L", "code": "g/dL", "system": UCUM}, "unit text 'g/L' contradicts the code 'g/dL'"),
        ({"unit": "mg/dL", "code": "g/dL", "system": UCUM}, "unit text 'mg/dL' contradicts the code 'g/dL'"),
        ({"code": "258813002", "system": SNOMED}, "unit '258813002' cannot be read as g/L"),
        ({"unit": "x\ny" + "z" * 40}, f"unit 'x?y{'z' * 27}' cannot be read as g/L"),
    ],
)
def test_units_that_are_refused(fields: dict[str, Any], problem: str) -> None:
    """A missing, unknown or contradictory unit gives a reason and no value; the unit is clipped."""
    reading = read_quantity("lab.hgb", {"value": 8, **fields})
    assert (reading.value, reading.problem) == (None, problem)


@pytest.mark.parametrize(
    "fields",
    [
        {"unit": "gram per decilitre", "code": "g/dL", "system": UCUM},
        {"unit": "g/dL", "code": "g/dL", "system": f"{UCUM}/"},
        {"unit": "g/dL", "code": "258", "system": SNOMED},
        {"unit": "G/DL"},
        {"units": "g/dL"},
        {"code": "g/dL"},
        {"code": "g/dL", "system": "urn:oid:2.16.840.1.113883.6.8"},
    ],
)
def test_units_that_are_read(fields: dict[str, Any]) -> None:
    """The UCUM code counts, else the text; a text in other words does not contradict; other systems' codes are passed over."""
    assert read_quantity("lab.hgb", {"value": 8, **fields}).value == Range(D(80), D(80))


@pytest.mark.parametrize("value", [None, True, "8", float("nan"), float("inf"), [], {}])
def test_no_number(value: Any) -> None:
    """What is no number has no value."""
    assert read(value, "g/dL").problem == "no value"


@pytest.mark.parametrize("value", [1e300, 10**400, D("1E+999999"), D("1E-999999")])
def test_no_measurement(value: Any) -> None:
    """A number beyond all measuring is refused, not computed with."""
    assert read(value, "g/dL").problem == "the value is out of range"


@pytest.mark.parametrize(
    ("analyte", "value", "unit"),
    [
        ("lab.hgb", 12, "g/L"),
        ("lab.wbc", 5200, "10*9/L"),
        ("lab.creat", 221, "mg/dL"),
        ("lab.creat", 2.5, "umol/L"),
        ("score.phga", 35, "cm"),
    ],
)
def test_implausible_values_are_suspicious(analyte: str, value: float, unit: str) -> None:
    """A value that no patient has is read, and asks for a look at its unit."""
    reading = read(value, unit, analyte=analyte)
    assert reading.value == Range(D(repr(value)), D(repr(value)))
    assert reading.suspicious == f"{value} {unit} is implausible: a wrong unit or scale is suspected"


@pytest.mark.parametrize(("value", "comparator"), [(20, None), (250, None), (30, "<"), (200, ">")])
def test_plausible_values_are_not_suspicious(value: int, comparator: str | None) -> None:
    """The plausible limits themselves are plausible."""
    assert read(value, "g/L", comparator=comparator).suspicious is None


def test_scores_need_no_unit() -> None:
    """A score without a unit is a score; a visual scale without one is not read."""
    assert read(7, analyte="score.sledai").unit == "{score}"
    assert read(7, "points", analyte="score.sledai").unit == "{score}"
    assert read(7, analyte="score.phga").problem == "no unit"


def test_antibody_units_stay_as_written() -> None:
    """An analyte without units of its own keeps value and unit; only its own range can judge it."""
    reading = read(45, "AU/mL", analyte="lab.dsdna")
    assert (reading.value, reading.unit) == (Range(D(45), D(45)), "AU/mL")


def test_canonical_unit() -> None:
    """One unit a measure, none where two kinds stand apart or the analyte has no unit."""
    assert [canonical_unit(one) for one in ("lab.hgb", "lab.upro24", "lab.creat", "lab.ana", "no.such")] == [
        "g/L",
        "g/(24.h)",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "analyte", "message"),
    [
        ("85 stone", "lab.hgb", "'stone' is not a unit of lab.hgb; known: g/L, g/dL, mmol/L"),
        ("85", "lab.hgb", "'85' has no unit of lab.hgb; known: g/L, g/dL, mmol/L"),
        ("much", "lab.hgb", "'much' is not a number with a unit such as '85 g/L'"),
        ("10 IU/mL", "lab.dsdna", "no unit is known for 'lab.dsdna', so '10 IU/mL' cannot be compared with its results"),
    ],
)
def test_threshold_that_is_refused(text: str, analyte: str, message: str) -> None:
    """A limit in a unit that is not known is refused, naming the ones that are."""
    with pytest.raises(ValueError, match="^" + message.replace("(", r"\(")):
        parse_threshold(text, analyte)


def test_same_unit() -> None:
    """Spellings of one unit are one; units of different size are not."""
    assert same_unit("IU/mL", "[IU]/mL")
    assert same_unit("{titer}", "1")
    assert not same_unit("{titer}", "IU/mL")
    assert not same_unit("IU/mL", "U/mL")


def test_unknown_measure_has_no_units() -> None:
    """A measure that the table does not hold reads nothing."""
    assert unit_of("no such", "g/L") is None


def test_small_things() -> None:
    """Spelling of numbers and units for people."""
    assert [spell(D(one)) for one in ("8.10", "100", "0.0", "1E+2", "1E+40")] == ["8.1", "100", "0", "100", "1E+40"]
    assert clip("a\tb", 2) == "a?"
    assert level("µmol / L") == "umol/l"
    assert compare(D(1), "no") is None
