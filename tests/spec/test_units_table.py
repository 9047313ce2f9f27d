"""Spec 1.4, units: every row of the specification, and every factor of the table against ucumvert and pint."""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from fhir_mappings.analytes import ANALYTES
from fhir_mappings.table import read_table
from fhir_mappings.terminology import load
from fhir_mappings.units import UNITS, level, parse_threshold, read_quantity, unit_of

UNIT_ROWS = read_table("units")


class Row(NamedTuple):
    """`expected` in `canonical`; a canonical of None: the value is not read."""

    label: str
    analyte: str
    value: Any
    unit: str
    expected: str = ""
    canonical: str | None = None


ROWS = (
    Row("creatinine mg/dL stays", "lab.creat", 2.5, "mg/dL", "2.5", "mg/dL"),
    Row("creatinine mg/L", "lab.creat", 25, "mg/L", "2.5", "mg/dL"),
    Row("creatinine umol/L stays", "lab.creat", 221, "umol/L", "221", "umol/L"),
    Row("creatinine mmol/L", "lab.creat", 0.221, "mmol/L", "221", "umol/L"),
    Row("urine protein g/24h", "lab.upro24", 6.1, "g/24h", "6.1", "g/(24.h)"),
    Row("urine protein mg/(24.h)", "lab.upro24", 6000, "mg/(24.h)", "6", "g/(24.h)"),
    Row("urine protein g/d", "lab.upro24", 3, "g/d", "3", "g/(24.h)"),
    Row("urine protein mg/dL needs the volume", "lab.upro24", 300, "mg/dL"),
    Row("UPCR g/g", "lab.upcr", 3.2, "g/g{creat}", "3.2", "g/g"),
    Row("UPCR mg/g", "lab.upcr", 3200, "mg/g", "3.2", "g/g"),
    Row("UPCR mg/mg", "lab.upcr", 3.2, "mg/mg", "3.2", "g/g"),
    Row("UPCR mg/mmol: 678.72 is 6 g/g", "lab.upcr", 678.72, "mg/mmol", "6", "g/g"),
    Row("haemoglobin g/dL", "lab.hgb", 8.5, "g/dL", "85", "g/L"),
    Row("haemoglobin g/L", "lab.hgb", 85, "g/L", "85", "g/L"),
    Row("haemoglobin g/l", "lab.hgb", 85, "g/l", "85", "g/L"),
    Row("haemoglobin mmol/L", "lab.hgb", 5, "mmol/L", "80.57", "g/L"),
    Row("WBC 10*9/L", "lab.wbc", 2.5, "10*9/L", "2.5", "10*9/L"),
    Row("WBC 10^9/L", "lab.wbc", 2.5, "10^9/L", "2.5", "10*9/L"),
    Row("WBC x10E9/L", "lab.wbc", 2.5, "x10E9/L", "2.5", "10*9/L"),
    Row("WBC G/L", "lab.wbc", 2.5, "G/L", "2.5", "10*9/L"),
    Row("WBC 10*3/uL", "lab.wbc", 2.5, "10*3/uL", "2.5", "10*9/L"),
    Row("WBC K/uL", "lab.wbc", 2.5, "K/uL", "2.5", "10*9/L"),
    Row("WBC /nL", "lab.wbc", 2.5, "/nL", "2.5", "10*9/L"),
    Row("WBC /uL", "lab.wbc", 2500, "/uL", "2.5", "10*9/L"),
    Row("WBC /mm3", "lab.wbc", 2500, "/mm3", "2.5", "10*9/L"),
    Row("WBC cells/uL", "lab.wbc", 2500, "cells/uL", "2.5", "10*9/L"),
    Row("WBC in grams is no count", "lab.wbc", 2.5, "g/L"),
    Row("platelets 10*4/uL", "lab.plt", 5, "10*4/uL", "50", "10*9/L"),
    Row("IgA mg/dL", "lab.iga", 10, "mg/dL", "10", "mg/dL"),
    Row("IgA g/L", "lab.iga", 0.1, "g/L", "10", "mg/dL"),
    Row("IgA mg/L", "lab.iga", 100, "mg/L", "10", "mg/dL"),
    Row("IgA umol/L needs a molecular weight", "lab.iga", 0.6, "umol/L"),
    Row("CK U/L", "lab.ck", 200, "U/L", "200", "U/L"),
    Row("CK ukat/L", "lab.ck", 3, "ukat/L", "180", "U/L"),
    Row("CK nkat/L", "lab.ck", 3000, "nkat/L", "180", "U/L"),
    Row("CD19 cells/uL", "lab.cd19_count", 120, "cells/uL", "120", "/uL"),
    Row("CD19 10*6/L", "lab.cd19_count", 120, "10*6/L", "120", "/uL"),
    Row("CD19 10*9/L", "lab.cd19_count", 0.12, "10*9/L", "120", "/uL"),
    Row("CD19 % needs the lymphocytes", "lab.cd19_count", 12, "%"),
    Row("VAS cm", "score.phga", 2, "cm", "2", "cm"),
    Row("VAS mm", "score.phga", 20, "mm", "2", "cm"),
    Row("VAS of no unit: cm or mm is not assumed", "score.phga", 2, "{score}"),
)


TITLE = "Units"
COLUMNS = ("value", "written", "is read as")


def printed() -> list[tuple[str, ...]]:
    """The rows as words, for the manual."""
    return [
        (row.label, f"{row.value} {row.unit}", f"{row.expected} {row.canonical}" if row.canonical else "not read: unknown") for row in ROWS
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
def test_row(row: Row) -> None:
    """Each conversion of spec 1.4 is exact, and what it forbids is not read."""
    reading = read_quantity(row.analyte, {"value": row.value, "unit": row.unit})
    if row.canonical is None:
        assert reading.value is None
        assert reading.problem
        assert reading.problem.startswith(f"unit '{row.unit}' cannot be read as")
    else:
        assert reading.value is not None
        assert (reading.value.exact, reading.unit) == (Decimal(row.expected), row.canonical)


@pytest.mark.parametrize(
    ("text", "analyte", "expected"),
    [
        ("85 g/L", "lab.hgb", (85, "g/L")),
        ("8.5 g/dL", "lab.hgb", (85, "g/L")),
        ("10 mg/dL", "lab.iga", (10, "mg/dL")),
        ("0.1 g/L", "lab.iga", (10, "mg/dL")),
        ("2.5 mg/dL", "lab.creat", (Decimal("2.5"), "mg/dL")),
        ("221 umol/L", "lab.creat", (221, "umol/L")),
        ("6 g/(24.h)", "lab.upro24", (6, "g/(24.h)")),
        ("2.5 10*9/L", "lab.wbc", (Decimal("2.5"), "10*9/L")),
        ("2 cm", "score.phga", (2, "cm")),
        ("20 mm", "score.phga", (2, "cm")),
        ("7", "score.sledai", (7, "{score}")),
    ],
)
def test_threshold(text: str, analyte: str, expected: tuple[Decimal, str]) -> None:
    """The trial's limits are read into the same units as the results."""
    assert parse_threshold(text, analyte) == expected


# ucumvert has no reading of a bare annotation, and of an arbitrary unit none that pint could compare with an enzyme unit.
_NO_DIMENSION = ("{score}", "{titer}", "1")
_CHECKED = [
    row for row in UNIT_ROWS if row["unit"] not in _NO_DIMENSION and not row["source"].startswith(("by convention", "spec", "scores"))
]


@pytest.fixture(scope="module")
def registry() -> Any:
    """pint with all of UCUM."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ucumvert = pytest.importorskip("ucumvert")
        return ucumvert.PintUcumRegistry()


def _magnitude(registry: Any, unit: str, canonical: str) -> Fraction:
    found = registry.from_ucum(unit) / registry.from_ucum(canonical)
    return Fraction(found.to_base_units().magnitude).limit_denominator(10**12)


@pytest.mark.parametrize("row", _CHECKED, ids=lambda row: f"{row['measure']} {row['unit']}")
def test_factor_against_ucumvert(row: dict[str, str], registry: Any) -> None:
    """Every factor is what an independent reading of the two UCUM codes gives."""
    expected = _magnitude(registry, row["unit"], row["canonical"])
    numerator, _, denominator = row["factor"].partition("/")
    factor = Fraction(numerator) / Fraction(denominator or "1")
    assert float(factor) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("row", [row for row in UNIT_ROWS if row not in _CHECKED], ids=lambda row: f"{row['measure']} {row['unit']}")
def test_what_ucum_does_not_tell_names_its_source(row: dict[str, str]) -> None:
    """A factor that no conversion of UCUM gives says where it is from."""
    assert row["source"].startswith(("spec 1.4", "by convention", "scores have", "titres have"))


def test_no_two_units_of_a_measure_are_spelled_alike() -> None:
    """Once case and spelling are levelled, the units of one measure stay apart."""
    for measure, units in UNITS.items():
        listed = [row for row in UNIT_ROWS if row["measure"] == measure]
        factors: dict[str, set[tuple[str, str]]] = {}
        for row in listed:
            factors.setdefault(level(row["unit"]), set()).add((row["canonical"], row["factor"]))
        assert all(len(found) == 1 for found in factors.values()), measure
        assert units.keys() == factors.keys()


def test_no_alias_has_two_meanings() -> None:
    """A spelling stands for one UCUM code, and that code is read for some measure."""
    meanings: dict[tuple[str, str], set[str]] = {}
    for row in read_table("unit_aliases"):
        meanings.setdefault((row["case"], level(row["spelling"], row["case"] == "any")), set()).add(level(row["unit"]))
    assert all(len(found) == 1 for found in meanings.values())
    assert set.union(*meanings.values()) <= {name for units in UNITS.values() for name in units}


def test_every_alias_is_read() -> None:
    """Each spelling of the table reads in every measure that lists its unit."""
    for row in read_table("unit_aliases"):
        measures = [measure for measure, units in UNITS.items() if level(row["unit"]) in units]
        for measure in measures:
            assert unit_of(measure, row["spelling"]) == UNITS[measure][level(row["unit"])], row["spelling"]


def test_every_measure_of_an_analyte_has_units() -> None:
    """An analyte names a measure that the units table holds, and only those that read numbers name one."""
    for analyte in ANALYTES.values():
        assert (analyte.measure in UNITS) == (analyte.reads in ("quantity", "both", "score")), analyte.id


def test_every_analyte_is_a_value_set() -> None:
    """A row of the analytes table is a packaged value set, or a component that interfaces.md names."""
    assert ANALYTES.keys() - load().value_sets.keys() == {"mmt8-maximum", "mmt8-strength-loss"}


def test_plausible_limits_are_of_canonical_units() -> None:
    """Each plausible limit is given in a unit that values of its analyte are read into."""
    for row in read_table("implausible"):
        measure = ANALYTES[row["analyte"]].measure
        assert row["unit"] in {unit.canonical for unit in UNITS[measure or ""].values()}, row
        assert Decimal(row["low"]) < Decimal(row["high"])
