"""Half-lives and washouts: exact, sourced, and unknown where no source gives one."""

from __future__ import annotations

from fractions import Fraction

import pytest

from fhir_mappings.half_lives import half_life, half_lives, washout
from fhir_mappings.terminology import load


@pytest.mark.parametrize("agent", sorted(half_lives()))
def test_every_row_is_a_drug_with_its_source(agent: str) -> None:
    """A value set of a drug, a range in order, and where it was read."""
    row = half_lives()[agent]
    assert agent in load().value_sets
    assert 0 < row.low <= row.high
    assert len(row.source) > 20


def test_a_washout_is_whole_days_of_the_longest_half_life() -> None:
    """Five times 19.4 days are 97; 12.5 days are rounded up to 63; three hours make one day."""
    assert [washout(agent, 5) for agent in ("drug.bel", "drug.telitacicept", "drug.tofa")] == [97, 63, 1]
    assert half_lives()["drug.bel"].high == Fraction("19.4")


def test_what_has_no_source_is_unknown() -> None:
    """No figure is made up."""
    assert half_life("drug.anifro") is None
    assert washout("drug.anifro", 5) is None
