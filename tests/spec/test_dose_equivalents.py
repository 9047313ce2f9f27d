"""The milligrams of each glucocorticoid that equal a limit in prednisone (spec 1.1)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from fhir_mappings.dose_series import in_prednisone, plain_mg
from fhir_mappings.glucocorticoids import prednisone_factors

TITLE = "Doses that equal a limit in prednisone"
COLUMNS = ("question", "records", "answer")

# spec 1.1: milligrams a day at each threshold
THRESHOLDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("prednisone", "drug.prednisone", ("7.5", "10", "40", "60", "100")),
    ("prednisolone", "drug.prednisolone", ("7.5", "10", "40", "60", "100")),
    ("methylprednisolone", "drug.methylpred", ("6", "8", "32", "48", "80")),
    ("dexamethasone", "drug.dex", ("1.125", "1.5", "6", "9", "15")),
    ("hydrocortisone", "drug.hydrocort", ("30", "40", "160", "240", "400")),
    ("betamethasone, 0.6", "drug.beta", ("0.9", "1.2", "4.8", "7.2", "12")),
    ("betamethasone, 0.75", "drug.beta", ("1.125", "1.5", "6", "9", "15")),
    ("deflazacort", "drug.defla", ("9", "12", "48", "72", "120")),
    ("cortisone", "drug.cortisone", ("37.5", "50", "200", "300", "500")),
    ("triamcinolone", "drug.triam", ("6", "8", "32", "48", "80")),
)
LIMITS = ("7.5", "10", "40", "60", "100")


def printed() -> list[tuple[str, ...]]:
    return [(f"{label}: mg a day at {', '.join(LIMITS)} mg of prednisone", "", ", ".join(mgs)) for label, _, mgs in THRESHOLDS]


@pytest.mark.parametrize(("label", "agent", "mgs"), THRESHOLDS, ids=[row[0] for row in THRESHOLDS])
def test_the_thresholds_of_each_glucocorticoid(label: str, agent: str, mgs: tuple[str, ...]) -> None:
    """The milligrams of the specification's table are exactly the limits: one reading of each drug makes them equal."""
    for mg, limit in zip(mgs, LIMITS, strict=True):
        assert Fraction(limit) in {Fraction(mg) * factor for factor in prednisone_factors(agent)}


def test_no_factor_is_rounded() -> None:
    """Exact rationals: 6 mg of dexamethasone are 40 mg, not 40.000002."""
    assert prednisone_factors("drug.dex") == (Fraction(20, 3),)
    assert prednisone_factors("drug.meprednisone") == ()
    assert in_prednisone("drug.mmf") == ()
    assert plain_mg("drug.mmf") == (Fraction(1),)
