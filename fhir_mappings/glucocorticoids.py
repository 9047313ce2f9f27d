"""`tables/glucocorticoid_equivalence.tsv` into exact factors from milligrams of a glucocorticoid to milligrams of prednisone (spec 1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from fhir_mappings.inputs import Exposure
from fhir_mappings.table import read_table


def _factors(cell: str) -> tuple[Fraction, ...]:
    return tuple(sorted(5 / Fraction(mg) for mg in cell.split("|") if mg))


_FACTORS: Mapping[str, tuple[Fraction, ...]] = MappingProxyType(
    {row["agent"]: _factors(row["mg"]) for row in read_table("glucocorticoid_equivalence")}
)
_DEPOTS = frozenset((row["agent"], row["depot"]) for row in read_table("glucocorticoid_equivalence") if row["depot"])
PLAIN = (Fraction(1),)


def prednisone_factors(agent: str) -> tuple[Fraction, ...]:
    """What to multiply milligrams of the agent by: one factor, two where tables differ (lowest first), none where it is not known."""
    return _FACTORS.get(agent, ())


def is_glucocorticoid(agent: str) -> bool:
    """Whether it stands in the table, with a figure or without."""
    return agent in _FACTORS


def is_depot(exposure: Exposure) -> bool:
    """An injection that acts for weeks, or at one place: a mark on the history, and no dose of any day (spec 1.1)."""
    return exposure.systemic is None or (exposure.agent, exposure.route) in _DEPOTS
