"""The value of an Observation or component, in whichever of FHIR's forms it came, into one Observed."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from fhir_mappings.dates import Interval, read_date
from fhir_mappings.inputs import Range
from fhir_mappings.remembered import remembered
from fhir_mappings.shapes import Json, as_dict, as_number, as_text, label, status_of, words
from fhir_mappings.units import clip, compare, spell

_ANNOTATION = re.compile(r"\{[^}]*\}")
_SIGN = r"(<=|>=|<|>|less than|greater than)?\s*"
_TITRE = re.compile(_SIGN + r"(?<![\d.,:/])1\s?[:/]\s?(\d{1,3}(?:[.,]\d{3})+|\d{1,7})(?![\d/:]|[.,]\d)", re.IGNORECASE)
# A decimal comma is read; `1,234` is either and so neither.
_NUMBER = re.compile(_SIGN + r"(\d+(?:\.\d+)?|\d+,(?:\d{1,2}|\d{4,}))\s*((?:[^\W\d_]|[/%\[{×*])[^:;,]{0,24})?$", re.IGNORECASE)
_SIGNS = {"less than": "<", "greater than": ">"}
_ABSENT = {"not-performed": "not performed", "unknown": "unknown", "masked": "masked", "error": "error", "not-applicable": "not applicable"}
NO_VALUE = "no value"
_LONGEST = 2000  # characters of a text that are looked at


class Observed(NamedTuple):
    """One value. `quantity` is a Quantity, also where a number was read from text (`parsed`), and `number` its value; `titre` is of a
    Ratio or of words."""

    text: str | None = None
    quantity: Json | None = None
    number: Decimal | None = None
    concept: object = None
    words: tuple[str, ...] = ()
    titre: Range | None = None
    boolean: bool | None = None
    day: Interval | None = None
    parsed: bool = False
    problem: str | None = None
    absent: bool = False  # a dataAbsentReason says that there is no value

    @property
    def empty(self) -> bool:
        """Nothing was reported at all, neither a value nor why there is none."""
        return self.text is None and self.problem is None

    @property
    def missing(self) -> bool:
        """No value, not one that can't be read."""
        return self.empty or self.problem == NO_VALUE


def read_value(source: Json, zone: ZoneInfo) -> Observed:
    """The value of an Observation or component; a value beside a dataAbsentReason is not one (spec 0.4)."""
    if source.get("dataAbsentReason"):
        return Observed(problem=_ABSENT.get(status_of(source["dataAbsentReason"]) or "", "no value reported"), absent=True)
    for name, read in _FORMS.items():
        if source.get(name) is not None:
            return read(source[name], zone)
    if has_value(source):
        return Observed(problem="this form of value is not read")
    return Observed()


def has_value(source: Json) -> bool:
    return any(name.startswith("value") and source[name] is not None for name in source)


def _quantity(value: object, zone: ZoneInfo) -> Observed:
    found = as_dict(value)
    number = as_number(found.get("value"))
    if number is None:
        return Observed(problem=NO_VALUE)
    unit = as_text(found.get("unit")) or as_text(found.get("units")) or as_text(found.get("code")) or ""
    # A comparator is what FHIR lists or it is not shown: any text could stand there.
    sign = as_text(found.get("comparator")) or ""
    shown = f"{sign if not sign or compare(number, sign) else '?'}{spell(number)}{_behind(unit)}"
    return Observed(shown.strip(), found, number)


@remembered(4096)
def _behind(unit: str) -> str:
    """A unit as it stands behind its number; a UCUM annotation such as {score} is no word for a reader."""
    unit = _ANNOTATION.sub("", unit).strip()
    return f"{'' if unit == '%' else ' '}{clip(unit)}"


def _integer(value: object, zone: ZoneInfo) -> Observed:
    number = as_number(value)
    return Observed(problem=NO_VALUE) if number is None else Observed(spell(number), {"value": number}, number)


def _string(value: object, zone: ZoneInfo) -> Observed:
    text = as_text(value)
    return Observed(problem=NO_VALUE) if text is None else read_text(text)


def read_text(text: str) -> Observed:
    """A laboratory's words: kept as they are, with the titre or the number that they hold."""
    plain = plain_text(text)
    titre = read_titre(plain)
    quantity = None if titre else _number(plain)
    return Observed(text, quantity, quantity["value"] if quantity else None, words=(text,), titre=titre, parsed=True)


def plain_text(text: str) -> str:
    """Text with full-width characters, comparison signs, dashes and blanks levelled."""
    levelled = unicodedata.normalize("NFKC", text[:_LONGEST]).replace("≤", "<=").replace("≥", ">=").replace("−", "-").replace("–", "-")
    return " ".join(levelled.split())


def read_titre(text: str) -> Range | None:
    """The highest titre of a text (`1:320`, `<1:40`, `1/160`) as the range of its N."""
    found = [(compare(Decimal(re.sub("[.,]", "", number)), _sign(sign)), number) for sign, number in _TITRE.findall(text)]
    return max((one for one, _ in found if one), key=_stated, default=None)


def _sign(text: str) -> str | None:
    return _SIGNS.get(text.lower(), text) or None


def _stated(titre: Range) -> tuple[bool, Decimal]:
    """Titres that were reached before those that were not (`1:320 speckled, <1:40 nucleolar`), then by height."""
    return titre.low is not None, titre.low or titre.high or Decimal(0)


def _number(text: str) -> Json | None:
    found = _NUMBER.match(text)
    if not found:
        return None
    sign, number, unit = found.groups()
    return {"value": Decimal(number.replace(",", ".")), "comparator": _sign(sign or ""), "unit": unit}


def _concept(value: object, zone: ZoneInfo) -> Observed:
    texts = tuple(words(value))
    titre = next((found for found in map(read_titre, map(plain_text, texts)) if found), None)
    shown = label(value)
    return Observed(None if shown == "(no code)" else shown, concept=value, words=texts, titre=titre)


def _ratio(value: object, zone: ZoneInfo) -> Observed:
    """1/160 is the titre 160; its comparator stands at either number (`<` 1 : 40)."""
    ratio = as_dict(value)
    upper, lower = as_dict(ratio.get("numerator")), as_dict(ratio.get("denominator"))
    one, number = as_number(upper.get("value")), as_number(lower.get("value"))
    sign = as_text(upper.get("comparator")) or as_text(lower.get("comparator"))
    titre = compare(number, sign) if number is not None and one == 1 else None
    if titre is None or number is None:
        return Observed(problem="the ratio is no titre")
    return Observed(f"{sign or ''}1:{spell(number)}", titre=titre)


def _boolean(value: object, zone: ZoneInfo) -> Observed:
    return Observed(str(value).lower(), boolean=value) if isinstance(value, bool) else Observed(problem=NO_VALUE)


def _date(value: object, zone: ZoneInfo) -> Observed:
    day = read_date(value, zone)
    return Observed(str(day), day=day) if day else Observed(problem="the date cannot be read")


_FORMS = {
    "valueQuantity": _quantity,
    "valueCodeableConcept": _concept,
    "valueString": _string,
    "valueRatio": _ratio,
    "valueInteger": _integer,
    "valueBoolean": _boolean,
    "valueDateTime": _date,
    "valueDate": _date,
}
