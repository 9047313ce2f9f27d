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


def _routes(column: str) -> frozenset[tuple[str, str | None]]:
    """(agent, route) of one column of the table; a route that is not said is in none."""
    return frozenset((row["agent"], route) for row in read_table("glucocorticoid_equivalence") for route in row[column].split("|") if route)


_DEPOTS, _MAYBE_DEPOTS = _routes("depot"), _routes("maybe_depot")
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


def depot_doubt(exposure: Exposure) -> str | None:
    """Why an injection tells no daily dose, or may tell none; None for everything else."""
    given = exposure.agent, exposure.route
    if given in _DEPOTS:
        return "a depot injection, no daily dose"
    return "an injection that may be a depot, no daily dose" if given in _MAYBE_DEPOTS else None
