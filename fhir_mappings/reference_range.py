"""An Observation's own referenceRange into the limits that hold for this patient, in the value's unit (spec 1.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from fhir_mappings.analytes import analyte
from fhir_mappings.code_systems import normalise_system
from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Positivity
from fhir_mappings.observed import plain_text
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_number, as_text, codings, words
from fhir_mappings.table import read_table
from fhir_mappings.units import TITRE, read_quantity, same_unit

_N = r"(\d+(?:[.,]\d+)?)"
_UNIT = r"\s*((?:[^\W\d_]|[/%\[{×*]).{0,24})?$"
_WORD = r"(?:(?:neg\w*|norm\w*|ref\w*|non-?\s?pregnan\w*|not pregnant|nicht schwanger\w*|nicht-?schwanger\w*)\.?\s*:?\s*)?"
_SPAN = re.compile(rf"{_WORD}\(?{_N}\s*(?:-|to|bis|~|\.\.)\s*{_N}\)?{_UNIT}", re.IGNORECASE)
_UNDER = re.compile(rf"{_WORD}\(?(<=|<|up to|bis|less than|max\.?)\s*(1\s?[:/])?\s*{_N}\)?{_UNIT}", re.IGNORECASE)
_OVER = re.compile(rf"{_WORD}\(?(>=|>|at least|ab|min\.?)\s*{_N}\)?{_UNIT}", re.IGNORECASE)
_POPULATIONS = {(row["system"], row["code"]): row["population"] for row in read_table("populations")}
_DAYS_A_YEAR = Decimal("365.25")
_YEARS = {
    **dict.fromkeys(("a", "year", "years", "yr"), Decimal(1)),
    **dict.fromkeys(("mo", "month", "months"), Decimal(1) / 12),
    **dict.fromkeys(("wk", "week", "weeks"), 7 / _DAYS_A_YEAR),
    **dict.fromkeys(("d", "day", "days"), 1 / _DAYS_A_YEAR),
}
_UNIT_NAMES = ("code", "unit", "units")


@dataclass(frozen=True, slots=True)
class Patient:
    """What of the patient chooses among ranges; None where it is not said."""

    sex: str | None = None  # female | male, the administrative gender
    birth: Interval | None = None


class Limits(NamedTuple):
    """`at_upper`: what a result equal to `upper` is; borderline unless the laboratory's text says (`<20`, `<=20`)."""

    lower: Decimal | None = None
    upper: Decimal | None = None
    at_upper: Positivity = Positivity.BORDERLINE


NO_LIMITS = Limits()


class Scale(NamedTuple):
    """What a limit is compared with: the analyte, the unit its value was read into, and the Quantity as it was written."""

    concept: str
    unit: str | None
    written: Json


def read_limits(source: Json, scale: Scale, patient: Patient, when: Interval | None) -> Limits:
    """The limits of the one most specific normal range; none where there is no such range, or several that differ."""
    ranges = [one for one in as_dicts(source.get("referenceRange")) if _normal(one)]
    rated = [(one, _fit(one, patient, when)) for one in ranges]
    sure = [(_rank(one), one) for one, fit in rated if fit is True]
    best = max((rank for rank, _ in sure), default=-1)
    # A range that may or may not be this patient's counts as a rival where it would be at least as specific.
    rivals = [one for rank, one in sure if rank == best] + [one for one, fit in rated if fit is None and _rank(one) >= best]
    found = {_limits(one, scale) for one in rivals}
    return found.pop() if len(found) == 1 and best >= 0 else NO_LIMITS


def _normal(one: Json) -> bool:
    """Type normal or absent; critical, therapeutic, treatment and any other are not the upper limit of normal."""
    kind = one.get("type")
    if not kind:
        return True
    codes = [code for _, code, _ in codings(kind)]
    return "normal" in codes if codes else any("normal" in text.casefold() for text in words(kind))


def _rank(one: Json) -> int:
    return bool(one.get("appliesTo")) + bool(one.get("age"))


def _fit(one: Json, patient: Patient, when: Interval | None) -> bool | None:
    """Whether a range is this patient's: by sex and by age on the day of the result; None where that can't be told."""
    fits = (_sex_fit(one.get("appliesTo"), patient), _age_fit(as_dict(one.get("age")), patient, when))
    if False in fits:
        return False
    return None if None in fits else True


def _sex_fit(applies_to: object, patient: Patient) -> bool | None:
    groups = [_population(one) for one in as_dicts(applies_to)]
    if not groups or set(groups) == {"any"}:
        return True
    if "other" in groups:  # a race, a cycle phase, a pregnancy: not known to be this patient's
        return False
    sexes = {one for one in groups if one != "any"}
    return None if patient.sex is None else patient.sex in sexes


def _population(concept: Json) -> str:
    coded = [_POPULATIONS.get((normalise_system(system), code.casefold())) for system, code, _ in codings(concept)]
    worded = [_POPULATIONS.get(("", text.casefold())) for text in words(concept)]
    return next((one for one in coded + worded if one), "other")


def _age_fit(age: Json, patient: Patient, when: Interval | None) -> bool | None:
    if not age:
        return True
    low, high = (_years(as_dict(age.get(name))) for name in ("low", "high"))
    if patient.birth is None or when is None or (low is None and high is None):
        return None
    youngest, oldest = _age(patient.birth.last, when.first), _age(patient.birth.first, when.last)
    if (low is not None and oldest < low) or (high is not None and youngest > high):
        return False
    return True if (low is None or youngest >= low) and (high is None or oldest <= high) else None


def _years(quantity: Json) -> Decimal | None:
    number = as_number(quantity.get("value"))
    unit = as_text(quantity.get("code")) or as_text(quantity.get("unit")) or "a"
    factor = _YEARS.get(unit.casefold())
    return None if number is None or factor is None or number.adjusted() > 6 else number * factor


def _age(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _limits(one: Json, scale: Scale) -> Limits:
    """The numbers of a range, in the unit of the value: from its quantities, else from its text."""
    if not (one.get("low") or one.get("high")):
        return _written(as_text(one.get("text")) or "", scale)
    lower, upper = (_bound(as_dict(one.get(name)), scale) for name in ("low", "high"))
    if upper == 0 and analyte(scale.concept).reads == "quantity":  # left empty by a form, no limit of anything that is measured
        upper = None
    text = as_text(one.get("text")) or ""
    if text[:1].isdigit() or not text:  # a plain span says nothing more than its quantities
        return Limits(lower, upper)
    written = _written(text, scale)
    same = upper is not None and written.upper == upper
    return Limits(lower, upper, written.at_upper if same else Positivity.BORDERLINE)


def _bound(quantity: Json, scale: Scale) -> Decimal | None:
    """A limit in the unit of the value. One that names no unit is in the unit that the value was written in."""
    if any(as_text(quantity.get(name)) for name in _UNIT_NAMES):
        reading = read_quantity(scale.concept, quantity)
        if not (reading.unit and scale.unit and same_unit(reading.unit, scale.unit)):
            return None
    else:
        own = {name: scale.written[name] for name in (*_UNIT_NAMES, "system") if name in scale.written}
        reading = read_quantity(scale.concept, {"value": quantity.get("value"), **own})
    return reading.value.exact if reading.value else None


def _written(text: str, scale: Scale) -> Limits:
    """`0-40`, `<40`, `up to 40 U/L`, `<1:80`; a text that says more than one range is not read."""
    plain = plain_text(text)
    if found := _SPAN.match(plain):
        low, high = (_bound(_as_quantity(found.group(n), found.group(3)), scale) for n in (1, 2))
        return Limits(low, high)
    if found := _UNDER.match(plain):
        upper = _bound(_as_quantity(found.group(3), TITRE if found.group(2) else found.group(4)), scale)
        return Limits(None, upper, Positivity.POS if found.group(1).casefold() in ("<", "less than") else Positivity.NEG)
    if found := _OVER.match(plain):
        return Limits(_bound(_as_quantity(found.group(2), found.group(3)), scale))
    return NO_LIMITS


def _as_quantity(number: str, unit: str | None) -> Json:
    return {"value": Decimal(number.replace(",", ".")), "unit": unit}
