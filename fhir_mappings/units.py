"""FHIR Quantities and written thresholds into exact numbers in the analyte's canonical unit (spec 1.4); what can't be read says why."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.analytes import Analyte, analyte
from fhir_mappings.code_systems import normalise_system
from fhir_mappings.inputs import Range
from fhir_mappings.remembered import remembered
from fhir_mappings.shapes import Json, as_dict, as_number, as_text
from fhir_mappings.table import read_table

# Sixty digits hold every exact product of the tables; a quotient (UPCR) is rounded far below any laboratory's precision.
_EXACT = Context(prec=60, traps=[])
TITRE = "{titer}"
SCORE = "{score}"  # of what has no dimension
NO_UNIT = "no unit"
_LARGEST = 30  # digits before or after the point: beyond, it is no measurement

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_RAISED = re.compile("10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_ANNOTATION = re.compile(r"(?<!^)\{[^}]*\}|^\{[^}]*\}(?=.)")
_POWER = re.compile(r"^[xX×*·]?10(?:\*\*|[\^*eE])\(?(\d+)\)?")
_THRESHOLD = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(.*?)\s*$")
_UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that is read for a measure: the value times `numerator` over `denominator` stands in `canonical`."""

    canonical: str
    numerator: Decimal
    denominator: Decimal

    def convert(self, value: Decimal) -> Decimal:
        product = _EXACT.multiply(value, self.numerator)
        return product if self.denominator == 1 else _EXACT.divide(product, self.denominator)


class Reading(NamedTuple):
    """A Quantity as read. `unit` is canonical (or as written, for an analyte without units of its own) and tells the kind.

    `problem` says why there is no value; `suspicious` why a value that was read should be looked at.
    """

    value: Range | None = None
    unit: str | None = None
    problem: str | None = None
    suspicious: str | None = None


@lru_cache(maxsize=4096)
def level(text: str, fold: bool = True) -> str:
    """A unit without the differences of spelling that mean nothing: blanks, mu, annotations, powers of ten, case."""
    text = _RAISED.sub(lambda found: "10*" + found.group(1).translate(_SUPERSCRIPTS), text)
    text = "".join(unicodedata.normalize("NFKC", text).replace("μ", "u").split())
    text = _POWER.sub(r"10*\1", _ANNOTATION.sub("", text))
    if not fold:
        return text
    return text.casefold().replace("mcl", "ul").replace("mcmol", "umol").replace("mcg", "ug")


def _unit(row: dict[str, str]) -> Unit:
    numerator, _, denominator = row["factor"].partition("/")
    return Unit(row["canonical"], Decimal(numerator), Decimal(denominator or "1"))


def _by_measure() -> dict[str, dict[str, Unit]]:
    found: dict[str, dict[str, Unit]] = {}
    for row in read_table("units"):
        found.setdefault(row["measure"], {})[level(row["unit"])] = _unit(row)
    return found


UNITS = _by_measure()
_ALIASES = {(row["case"], level(row["spelling"], row["case"] == "any")): level(row["unit"]) for row in read_table("unit_aliases")}
_KNOWN = {name for units in UNITS.values() for name in units}
_PLAUSIBLE = {(row["analyte"], row["unit"]): (Decimal(row["low"]), Decimal(row["high"])) for row in read_table("implausible")}


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[str, ...]:
    """The levelled units that a spelling may stand for, the most literal first."""
    folded, exact = level(text), level(text, False)
    return tuple(dict.fromkeys(one for one in (folded, _ALIASES.get(("exact", exact)), _ALIASES.get(("any", folded))) if one))


@lru_cache(maxsize=4096)
def unit_of(measure: str, text: str) -> Unit | None:
    """The unit that a spelling means for a measure; None where it is not one of the measure's units."""
    units = UNITS.get(measure, {})
    return next((units[name] for name in _names(text) if name in units), None)


@lru_cache(maxsize=4096)
def same_unit(one: str, other: str) -> bool:
    """Whether two spellings are one unit, of whichever measure (`IU/mL`, `[IU]/mL`); nothing is converted."""
    if TITRE in (one, other):
        return unit_of("titer", one) is not None and unit_of("titer", other) is not None
    return bool(set(_names(one)) & set(_names(other)))


def canonical_unit(concept: str) -> str | None:
    """The unit that values of this analyte are read into; None where it has none, or two kinds (creatinine)."""
    kinds = _kinds(analyte(concept).measure)
    return kinds[0] if len(kinds) == 1 else None


def _kinds(measure: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unit.canonical for unit in UNITS.get(measure or "", {}).values()))


def clip(text: str, limit: int = 30) -> str:
    """At most `limit` printable characters, for a message."""
    if text.isprintable():
        return text[:limit]
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:limit]


def read_quantity(concept: str, quantity: object) -> Reading:
    """A FHIR Quantity as a value of this analyte. Without units of its own in the table (antibodies) the unit stays as written."""
    found = as_dict(quantity)
    number = as_number(found.get("value"))
    return Reading(problem="no value") if number is None else read_number(analyte(concept), number, found)


def read_number(kind: Analyte, number: Decimal, quantity: Json) -> Reading:
    """The same where the number of the Quantity was read before."""
    if number and abs(number.adjusted()) > _LARGEST:
        return Reading(problem="the value is out of range")
    unit, written = _unit_as_written(kind.measure, quantity)
    if unit is None:
        return _with_comparator(number, quantity.get("comparator"), written)
    if isinstance(unit, str):
        return Reading(problem=unit)
    reading = _with_comparator(unit.convert(number), quantity.get("comparator"), unit.canonical)
    return _suspect(kind.id, reading, number, written)


def _unit_as_written(measure: str | None, quantity: Json) -> tuple[Unit | str | None, str | None]:
    """(unit, or the reason why there is none; the unit as it is written). A measure without units of its own has none."""
    fields = quantity.get("system"), quantity.get("code"), quantity.get("unit"), quantity.get("units")
    try:
        return _looked_up(measure, *fields)
    except TypeError:  # an array, an object or a number stands where a text should
        return _looked_up(measure, *map(as_text, fields))


@remembered(4096)
def _looked_up(
    measure: str | None, system: str | None, code: str | None, unit: str | None, units: str | None
) -> tuple[Unit | str | None, str | None]:
    ucum, text = _spellings(as_text(system), as_text(code), as_text(unit) or as_text(units))  # DSTU2 wrote `units`
    return _resolve(measure, ucum, text) if measure is not None else None, ucum or text


def _spellings(system: str | None, code: str | None, text: str | None) -> tuple[str | None, str | None]:
    """(UCUM code, unit text). A code of another system is no unit that we know."""
    if system and normalise_system(system) != _UCUM:
        return None, text or code
    return code, text


def _resolve(measure: str, code: str | None, text: str | None) -> Unit | str:
    """The unit of a value, or the reason why there is none. A text that is another unit than the code's contradicts it."""
    given = [one for one in (code, text) if one]
    if not given:
        return UNITS[measure].get(SCORE) or NO_UNIT
    read = [(one, unit_of(measure, one)) for one in given]
    units = [unit for _, unit in read if unit]
    foreign = [one for one, unit in read if unit is None and any(name in _KNOWN for name in _names(one))]
    if not units:
        return f"unit '{clip(given[0])}' cannot be read as {' or '.join(_kinds(measure))}"
    if foreign or units[0] != units[-1]:
        return f"unit text '{clip(given[-1])}' contradicts the code '{clip(given[0])}'"
    return units[0]


def _with_comparator(value: Decimal, comparator: object, unit: str | None) -> Reading:
    value_range = compare(value, comparator)
    return Reading(value_range, unit) if value_range else Reading(problem="the comparator is not read")


def compare(value: Decimal, comparator: object) -> Range | None:
    """What a value with a comparator may be (spec 1.4, interval logic); None for a comparator that FHIR R4 does not have."""
    if comparator is None:
        return Range(value, value)
    if comparator in ("<", "<="):
        return Range(None, value, open_high=comparator == "<")
    if comparator in (">", ">="):
        return Range(value, None, open_low=comparator == ">")
    return None


def _suspect(concept: str, reading: Reading, number: Decimal, written: str | None) -> Reading:
    limits = _PLAUSIBLE.get((concept, reading.unit or ""))
    if limits is None or reading.value is None:
        return reading
    stated = reading.value.high if reading.value.low is None else reading.value.low
    if stated is None or limits[0] <= stated <= limits[1]:
        return reading
    shown = f"{spell(number)} {clip(written or '')}".strip()
    return Reading(reading.value, reading.unit, suspicious=f"{shown} is implausible: a wrong unit or scale is suspected")


def spell(number: Decimal) -> str:
    """A number as people write it: no exponent, no trailing zeros that JSON's floats add."""
    text = str(number)
    if len(text) > _LARGEST or "E" in text:  # else it is written as it should be
        text = f"{number:f}" if abs(number.adjusted()) <= _LARGEST else f"{number:E}"
    return text.rstrip("0").rstrip(".") if "." in text and "E" not in text else text


def parse_threshold(text: str, concept: str) -> tuple[Decimal, str]:
    """A limit of a trial definition (`85 g/L`, `2.5 mg/dL`) as (number, canonical unit). Raises ValueError saying what is known."""
    found = _THRESHOLD.match(text)
    if not found:
        raise ValueError(f"'{clip(text)}' is not a number with a unit such as '85 g/L'")
    measure = analyte(concept).measure
    if measure is None:
        raise ValueError(f"no unit is known for '{concept}', so '{clip(text)}' cannot be compared with its results")
    unit = unit_of(measure, found.group(2)) if found.group(2) else UNITS[measure].get(SCORE)
    if unit is None:
        known = ", ".join(dict.fromkeys(row["unit"] for row in read_table("units") if row["measure"] == measure))
        wrong = f"'{clip(found.group(2))}' is not a unit of {concept}" if found.group(2) else f"'{clip(text)}' has no unit of {concept}"
        raise ValueError(f"{wrong}; known: {known}")
    value = unit.convert(Decimal(found.group(1)))
    low, high = _PLAUSIBLE.get((concept, unit.canonical), (value, value))
    if not low <= value <= high:
        range_ = f"between {low} and {high} {unit.canonical}"
        raise ValueError(f"'{clip(text)}' can't be a limit of {concept}, which lies {range_}: a wrong unit?")
    return value, unit.canonical
