"""Tolerant readers of raw FHIR JSON: the value where the shape is right, an empty one where it is not, never an exception."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

Json = dict[str, Any]
_NUMBERS = (int, float)


def as_dict(value: object) -> Json:
    """The object, the first object of an array (Epic sends `category` either way), or {}."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return next((item for item in value if isinstance(item, dict)), {})
    return {}


def as_dicts(value: object) -> list[Json]:
    """The objects of an array, or a lone object as an array of one."""
    if isinstance(value, list):
        return [item for item in value if isinstance(item, dict)]
    return [value] if isinstance(value, dict) else []


def as_text(value: object) -> str | None:
    """A non-empty string without surrounding blanks (`"entered-in-error "` was seen), else None."""
    return value.strip() or None if isinstance(value, str) else None


def as_number(value: object) -> Decimal | None:
    """The exact decimal that the JSON number spells (`Decimal(repr(x))`); None for NaN, infinities, booleans and text."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return None
    # Charts repeat their numbers. 0.0 and -0.0 are one key, and not one number.
    return _repeated(value) if value else _decimal(value)


def _decimal(value: float) -> Decimal | None:
    try:
        number = Decimal(repr(value))
    except (InvalidOperation, ValueError):  # an int of more than 4300 digits has no repr
        return None
    return number if number.is_finite() else None


_repeated = lru_cache(maxsize=4096, typed=True)(_decimal)  # 1 and 1.0 are spelled apart


def codings(concept: object) -> Iterator[tuple[str, str, str | None]]:
    """(system, code, display) of each coding of a CodeableConcept (or an array of them); system may be ''."""
    for one in as_dicts(concept):
        for coding in as_dicts(one.get("coding")):
            code = as_text(coding.get("code"))
            if code:
                yield as_text(coding.get("system")) or "", code, as_text(coding.get("display"))


def concept_key(concept: object) -> Hashable:
    """What tells one CodeableConcept from another, to look up what was found out about it before; None for an odd shape."""
    held = concept.get("coding", []) if isinstance(concept, dict) else None
    if not isinstance(concept, dict) or not isinstance(held, list):
        return None
    parts = [concept.get("text")]
    try:
        for one in held:
            parts += one.get("system"), one.get("code"), one.get("display")
        key = tuple(parts)
        hash(key)
    except (AttributeError, TypeError):
        return None
    return key


def said(concept: object) -> Iterator[str]:
    """The texts of a CodeableConcept: `text` first, then the displays."""
    for one in as_dicts(concept):
        if text := as_text(one.get("text")):
            yield text
        for coding in as_dicts(one.get("coding")):
            if text := as_text(coding.get("display")):
                yield text


def words(concept: object) -> list[str]:
    """The same as a list."""
    return list(said(concept))


def label(concept: object) -> str:
    """What to call a CodeableConcept in front of a person: its text, else a display, else a code."""
    return next(said(concept), None) or next((code for _, code, _ in codings(concept)), "(no code)")


def status_of(concept: object) -> str | None:
    """The code of a status CodeableConcept (clinicalStatus, verificationStatus); DSTU2's plain string is read too."""
    if isinstance(concept, str):
        return as_text(concept)
    for _, code, _ in codings(concept):
        return code
    return None
