"""Quantities of a dose into milligrams, by the strength of the drug where units of its form are counted (spec 1.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from fhir_mappings.clinical_drugs import clinical_drugs
from fhir_mappings.code_systems import RXNORM, normalise_system
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_number, as_text, codings
from fhir_mappings.table import read_table

_UNITS = {row["unit"]: (Fraction(row["mg"]) if row["mg"] else None, row["counts"]) for row in read_table("dose_units")}
UNIT_WORDS = frozenset(word for unit in _UNITS for word in unit.split()) | {"orally", "daily", "weekly", "every"}
_IN_WORDS = re.compile(r"(?<![\d./])(\d+(?:\.\d+)?)\s*mg\b(?!\s*/)", re.IGNORECASE)
_LARGEST = Fraction(1_000_000)


@dataclass(frozen=True, slots=True)
class Strength:
    """Milligrams of an agent in one unit of the dose form, and in one millilitre; None where not known."""

    form: Fraction | None = None
    millilitre: Fraction | None = None
    in_words: bool = False  # read from the drug's name


UNKNOWN = Strength()


@dataclass(frozen=True, slots=True)
class Amount:
    """Milligrams of one dose, from the least to the most."""

    low: Fraction
    high: Fraction


def strengths_of(concepts: Sequence[Json], medication: Json, texts: Sequence[str], agents: frozenset[str]) -> Mapping[str, Strength]:
    """By agent: RxNorm's clinical drug, else the Medication's own ingredient, else the one strength in the drug's name."""
    found: dict[str, Strength] = {}
    for concept in concepts:
        for system, code, _ in codings(concept):
            if normalise_system(system) == RXNORM:
                for one in clinical_drugs().get(code, ()):
                    found.setdefault(one.concept, _clinical(one.mg, one.per))
    if len(agents) == 1:
        agent = next(iter(agents))
        if agent not in found:
            own = _ingredient(medication) or _by_name(texts)
            if own is not None:
                found[agent] = own
    return MappingProxyType(found)


def _clinical(mg: object, per: str | None) -> Strength:
    if mg is None:
        return UNKNOWN
    value = Fraction(str(mg))
    return Strength(form=value) if per is None else Strength(millilitre=value) if per == "mL" else UNKNOWN


def _ingredient(medication: Json) -> Strength | None:
    """The strength of the one active ingredient of a Medication."""
    active = [one for one in as_dicts(medication.get("ingredient")) if one.get("isActive") is not False]
    if len(active) != 1:
        return None
    ratio = as_dict(active[0].get("strength"))
    above, below = as_dict(ratio.get("numerator")), as_dict(ratio.get("denominator"))
    mg, count = _mg(above), as_number(below.get("value"))
    if mg is None or count is None or count <= 0:
        return None
    _, counts = _unit(below)
    value = mg / Fraction(count)
    return Strength(millilitre=value) if counts == "mL" else Strength(form=value) if counts == "form" else None


def _by_name(texts: Sequence[str]) -> Strength | None:
    values = {Fraction(found) for text in texts for found in _IN_WORDS.findall(text)}
    if len(values) != 1 or any("/" in text and "mg/" in text.lower() for text in texts):
        return None
    return Strength(form=values.pop(), in_words=True)


def _unit(quantity: Json) -> tuple[Fraction | None, str]:
    """(milligrams in it, what is counted) of a quantity's unit; (None, '') where it is not known."""
    written = as_text(quantity.get("unit")) or ""
    code = as_text(quantity.get("code")) or ""
    for text in (code, code.lower(), written.lower().strip()):
        if text in _UNITS:
            return _UNITS[text]
    return (None, "form") if not written and not code else (None, "")


def _mg(quantity: Json) -> Fraction | None:
    value, (factor, _) = as_number(quantity.get("value")), _unit(quantity)
    return None if value is None or factor is None else Fraction(value) * factor


def milligrams(value: Fraction, unit: str, strength: Strength) -> Fraction | None:
    """So many of a unit written in words."""
    factor, counts = _UNITS.get(unit, (None, ""))
    return _counted(value, factor, counts, strength)


def _counted(value: Fraction, factor: Fraction | None, counts: str, strength: Strength) -> Fraction | None:
    per = factor if factor is not None else {"form": strength.form, "mL": strength.millilitre}.get(counts)
    mg = None if per is None else value * per
    return mg if mg is not None and 0 <= mg <= _LARGEST else None


def amount_of(quantity: object, strength: Strength) -> Amount | None:
    """The milligrams of a Quantity; None where its unit or the drug's strength is not known."""
    held = as_dict(quantity)
    value = as_number(held.get("value"))
    if value is None or as_text(held.get("comparator")):
        return None
    mg = _counted(Fraction(value), *_unit(held), strength)
    return None if mg is None else Amount(mg, mg)


def amount_of_range(held: object, strength: Strength) -> Amount | None:
    """The milligrams of a Range; an open low end is nothing, an open high end can't be read."""
    one = as_dict(held)
    low, high = amount_of(one.get("low"), strength), amount_of(one.get("high"), strength)
    if high is None or ("low" in one and low is None):
        return None
    return Amount(low.low if low else Fraction(0), high.high)
