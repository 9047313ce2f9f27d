"""`tables/half_lives.tsv` into how long drugs stay in the body (E-09, E-12, ruling 11)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil

from fhir_mappings.table import read_table


@dataclass(frozen=True, slots=True)
class HalfLife:
    """Terminal elimination half-life in days, as the source gives it."""

    low: Fraction
    high: Fraction
    source: str


@lru_cache(maxsize=1)
def half_lives() -> dict[str, HalfLife]:
    """By agent; what has no source has no row."""
    return {
        row["agent"]: HalfLife(Fraction(row["days_low"]), Fraction(row["days_high"]), row["source"]) for row in read_table("half_lives")
    }


def half_life(agent: str) -> HalfLife | None:
    return half_lives().get(agent)


def washout(agent: str, times: int) -> int | None:
    """Whole days, rounded up, of `times` the longest half-life; None where it is not known."""
    found = half_life(agent)
    return None if found is None else ceil(times * found.high)
