"""Quantities of one dose into milligrams, by the strength of the drug where units of its form or millilitres are counted (spec 1.1)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from fhir_mappings.code_systems import normalise_system
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_number, as_text
from fhir_mappings.table import read_table
from fhir_mappings.units import clip

_NUMBERS = (int, float, Decimal)
_LARGEST = 12  # digits before or after the point: beyond, it is no dose
_UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Unit:
    """`kind` is mg, form (a tablet, whatever one unit of the drug is) or mL; `factor` of them are in one."""

    kind: str
    factor: Fraction


_UNITS = {row["unit"]: Unit(row["kind"], Fraction(row["factor"])) for row in read_table("dose_units")}
_ONE = Unit("form", Fraction(1))


@dataclass(frozen=True, slots=True)
class Strength:
    """Milligrams of an agent in one unit of the dose form, and in one millilitre; None where not known."""

    form: Fraction | None = None
    millilitre: Fraction | None = None
    in_words: bool = False  # read from the drug's name
    combined: bool = False  # one of several drugs in the product, whose milligrams are then not those of this one


UNKNOWN = Strength()


@dataclass(frozen=True, slots=True)
class Amount:
    """One dose, `low` to `high` of a `kind` of unit, and what words say beside it: see `Beside`."""

    low: Fraction
    high: Fraction
    kind: str
    each: Fraction | None = None  # milligrams in one unit: "2 tablets (5 mg each)"
    total: Fraction | None = None  # milligrams in all of them: "2 tablets (10 mg total)"
    either: Fraction | None = None  # milligrams of one or of all, which is not said: "2 tablets (10 mg)"
    units: Fraction | None = None  # units beside milligrams: "10 mg (2 tablets)"


@dataclass(frozen=True, slots=True)
class Dose:
    """Milligrams of one dose, from the least to the most."""

    low: Fraction
    high: Fraction


def exact(value: object) -> Fraction | None:
    """A JSON number as a fraction; None for what is no number, or too large or too fine to be a dose."""
    return _exact(value) if isinstance(value, _NUMBERS) else None


@lru_cache(maxsize=4096, typed=True)  # True is no 1
def _exact(value: object) -> Fraction | None:
    number = as_number(value)
    if number is None or abs(number.adjusted()) > _LARGEST or len(number.as_tuple().digits) > 2 * _LARGEST:
        return None
    return Fraction(number)


@lru_cache(maxsize=1024)
def unit_named(text: str) -> Unit | None:
    """The unit that a code or a word means."""
    level = unicodedata.normalize("NFKC", text).replace("μ", "u").casefold().replace("(s)", "").strip(" .")
    return _UNITS.get(level) or _UNITS.get(level.strip("{}"))


def unit_in(quantity: Json) -> Unit | None:
    """The unit of a Quantity: its code's, else its text's. Without either, units of the form; None where it is not known or they differ."""
    code, written = as_text(quantity.get("code")), as_text(quantity.get("unit"))
    if code is None and written is None:
        return _ONE
    system = as_text(quantity.get("system"))
    by_code, by_text = (unit_named(one) if one else None for one in (code, written))
    if by_code is None and code and system and normalise_system(system) == _UCUM:
        return None  # UCUM `mg/kg` beside the text `mg`
    if by_code and by_text and by_code != by_text:
        return None
    return by_code or by_text


def quantity_of(held: object) -> Amount | str:
    """A Quantity as an amount, or why it is none."""
    quantity = as_dict(held)
    value, unit = exact(quantity.get("value")), unit_in(quantity)
    if value is None or value < 0:
        return "the dose has no value that can be read"
    if unit is None:
        return f"unit '{clip(as_text(quantity.get('code')) or as_text(quantity.get('unit')) or '')}' is not read as a dose"
    if quantity.get("comparator") is not None:
        return "a dose with a comparator is not read"
    much = value if unit.factor == 1 else value * unit.factor
    return Amount(much, much, unit.kind)


def range_of(held: object) -> Amount | str:
    """A Range as an amount; an open low end is nothing."""
    span = as_dict(held)
    low, high = quantity_of(span["low"]) if "low" in span else None, quantity_of(span.get("high"))
    if isinstance(high, str) or isinstance(low, str):
        return high if isinstance(high, str) else str(low)
    least = low.low if low else Fraction(0)
    if (low and low.kind != high.kind) or least > high.high:
        return "the ends of the dose range do not fit"
    return Amount(least, high.high, high.kind)


def amount_of(instruction: Json) -> Amount | str | None:
    """The one dose in doseAndRate: the ordered one, else all entries must agree. None where there is none."""
    entries = as_dicts(instruction.get("doseAndRate"))
    ordered = [one for one in entries if _is_ordered(one.get("type"))]
    found = [_entry(one) for one in ordered or entries]
    amounts = [one for one in found if one is not None]
    if not amounts:
        return "a rate is not read as a dose" if any("rate" in key for one in entries for key in one) else None
    return amounts[0] if all(one == amounts[0] for one in amounts) else "the entries of doseAndRate differ"


def _is_ordered(concept: object) -> bool:
    return any(as_text(coding.get("code")) == "ordered" for one in as_dicts(concept) for coding in as_dicts(one.get("coding")))


def _entry(entry: Json) -> Amount | str | None:
    if "doseRange" in entry:
        return range_of(entry["doseRange"])
    return quantity_of(entry["doseQuantity"]) if "doseQuantity" in entry else None


def in_milligrams(amount: Amount, strength: Strength) -> Dose | str:
    """The milligrams of the agent in an amount, or why they can't be told."""
    if amount.kind == "mg":
        return _weighed(amount, strength)
    if amount.kind == "mL" and amount.total is None:
        return _times(amount, strength.millilitre)
    if amount.kind == "form" and (amount.each, amount.total, amount.either) == (None, None, None):
        return _times(amount, strength.form)
    return _said_beside(amount, strength)


def _weighed(amount: Amount, strength: Strength) -> Dose | str:
    if strength.combined:
        return "milligrams of a drug with several agents"
    if amount.units is not None and strength.form is not None and amount.units * strength.form != amount.low:
        return _CONTRADICTS
    return Dose(amount.low, amount.high)


_CONTRADICTS = "the dose contradicts the strength of the drug"


def _times(amount: Amount, strength: Fraction | None) -> Dose | str:
    if strength is None:
        return "the strength of the drug is not known"
    return Dose(amount.low * strength, amount.high * strength)


def _said_beside(amount: Amount, strength: Strength) -> Dose | str:
    """Milligrams beside units: they must fit the strength where that is known, and give it where it is not."""
    if strength.combined:
        return "milligrams of a drug with several agents"
    if amount.each is not None:
        readings = {amount.each}
    elif amount.low != amount.high or not amount.low:
        return "milligrams beside a range of units"
    elif amount.total is not None:
        readings = {amount.total / amount.low}
    else:
        assert amount.either is not None
        readings = {amount.either, amount.either / amount.low}
    known = strength.form if amount.kind == "form" else strength.millilitre
    if known is not None:
        return _times(amount, known) if known in readings else _CONTRADICTS
    return _times(amount, readings.pop()) if len(readings) == 1 else "whether the milligrams are those of one unit or of all is not said"
