"""`tables/analytes.tsv` into Analytes: how the results of a value set are read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from fhir_mappings.table import read_table


@dataclass(frozen=True)
class Analyte:
    """`reads` is quantity, positivity, both, score or coded; the other fields are told in the head of the table."""

    id: str
    reads: str
    measure: str | None
    name: str | None
    titre: bool = False
    titre_below: Decimal | None = None
    value_below: Decimal | None = None
    value_above: Decimal | None = None
    weak_plus: bool = False
    of_blood: bool = False

    @cached_property
    def numeric(self) -> bool:
        """Whether a result without a readable number is a gap (`both` may be a word instead)."""
        return self.reads in ("quantity", "score")

    @cached_property
    def measures(self) -> bool:
        """Whether a result is a number alone, which its unit tells from those of other tests."""
        return self.reads == "quantity"

    @cached_property
    def signed(self) -> bool:
        """Whether a result is positive or negative (spec 1.3)."""
        return self.reads in ("positivity", "both")


def _analyte(row: dict[str, str]) -> Analyte:
    limits = {name: Decimal(row[name]) if row[name] else None for name in ("titre_below", "value_below", "value_above")}
    return Analyte(
        row["analyte"],
        row["reads"],
        row["measure"] or None,
        row["name"] or None,
        titre=row["titre"] == "yes",
        weak_plus=row["plus"] == "weak",
        of_blood=row["specimen"] == "blood",
        **limits,
    )


ANALYTES = {row["analyte"]: _analyte(row) for row in read_table("analytes")}


def analyte(concept: str) -> Analyte:
    """How this value set is read; one that the table does not list is `coded`."""
    return ANALYTES.get(concept) or Analyte(concept, "coded", None, None)


def is_listed(concept: str) -> bool:
    """Whether results of the value set are read in a way of their own."""
    return concept in ANALYTES
