"""`tables/clinical_drugs.tsv` into the ingredients of a RxNorm clinical drug, each with its strength."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from fhir_mappings.table import read_table

_STRENGTH = re.compile(r" (\d+(?:\.\d+)?) MG(?:/(ML|MG|ACTUAT|HR))?$")
_PER = {"ML": "mL", "MG": "mg", "ACTUAT": "actuation", "HR": "h"}


@dataclass(frozen=True, slots=True)
class Strength:
    """One ingredient of a clinical drug.

    `mg` is per unit of the dose form (a tablet), or per `per` (mL, mg, actuation, h). It is None where the strength is not given in mg.
    `text` is the strength as RxNorm writes it, with the salt that it is the weight of.
    """

    concept: str
    text: str
    form: str | None
    mg: Decimal | None = None
    per: str | None = None


@lru_cache(maxsize=1)
def clinical_drugs() -> Mapping[str, tuple[Strength, ...]]:
    """RxNorm code -> the ingredients of ours in it."""
    found: dict[str, tuple[Strength, ...]] = {}
    for row in read_table("clinical_drugs"):
        found[row["rxcui"]] = (*found.get(row["rxcui"], ()), _strength(row))
    return MappingProxyType(found)


def _strength(row: dict[str, str]) -> Strength:
    text, form = row["strength"], row["form"] or None
    found = _STRENGTH.search(text)
    if found is None:
        return Strength(row["concept_id"], text, form)
    return Strength(row["concept_id"], text, form, Decimal(found[1]), _PER.get(found[2] or ""))
