"""A serology result with its interpretation and own reference range into positive, negative, borderline or unknown (spec 1.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

from fhir_mappings.analytes import Analyte
from fhir_mappings.inputs import Positivity, Range
from fhir_mappings.observed import Observed
from fhir_mappings.reference_range import NO_LIMITS, Limits
from fhir_mappings.result_words import say
from fhir_mappings.shapes import as_dicts, as_text, words
from fhir_mappings.units import unit_of

POS, NEG, BORDERLINE, UNKNOWN = Positivity.POS, Positivity.NEG, Positivity.BORDERLINE, Positivity.UNKNOWN
_PATTERN_TESTS = {"lab.ana", "lab.ana_titer", "lab.ana_quant", "lab.ana_pattern"}
_CODED = {
    "result.positive": POS,
    "result.negative": NEG,
    "result.weak": BORDERLINE,
    "result.indeterminate": BORDERLINE,
    "result.preliminary_positive": BORDERLINE,
    "result.invalid": UNKNOWN,
    "result.unknown": UNKNOWN,
}
_FLAGS = {"interp.positive": POS, "interp.negative": NEG, "interp.weak": BORDERLINE, "interp.indeterminate": BORDERLINE}
_HINTS = {"interp.high": POS, "interp.abnormal": POS, "interp.normal": NEG}  # count only beside a value that agrees, or alone


class Lookup(Protocol):
    """What is asked of the Terminology here."""

    def members(self, concept: Any, /) -> frozenset[str]: ...

    def named(self, texts: list[str], resource_type: str, /) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Positive:
    """`titre` is the N of 1:N. `conflict`: value and interpretation, or the words among themselves, disagree. `grade`: coded | parsed.

    `doubt`: why it is borderline, where the laboratory did not call it so.
    """

    reading: Positivity
    titre: Decimal | None = None
    conflict: bool = False
    grade: str = "coded"
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class _Sign:
    """What one part of a result says. `firm`: said by the laboratory, not worked out from a number."""

    reading: Positivity
    firm: bool = True
    conflict: bool = False
    parsed: bool = False


_SILENT = _Sign(UNKNOWN, firm=False)


def read_positivity(
    observed: Observed, interpretation: object, terms: Lookup, analyte: Analyte, value: Range | None, limits: Limits = NO_LIMITS
) -> Positive:
    """The reading by the order of spec 1.3: coded value, interpretation, number against its own range, titre, words."""
    if observed.absent:
        return Positive(UNKNOWN)
    titre = titre_of(observed, analyte, value)
    said, worded = _coded(observed.concept, terms), _worded(observed, analyte, titre)
    told = worded if said is _SILENT else _agree(said, worded, said)
    number = _numeric(titre, value, analyte, limits)
    own = number if told is _SILENT or (told is worded and told.reading is UNKNOWN) else told
    found = _with_interpretation(said, own, _interpreted(interpretation, terms), observed)
    contrary = titre is not None and {told.reading, number.reading} == {POS, NEG} and _contradicts(titre, analyte, told.reading)
    grade = "parsed" if found.parsed or (observed.parsed and not found.firm) else "coded"
    doubt = _doubt(observed, value, limits, found) if found.reading is BORDERLINE else None
    return Positive(found.reading, titre.exact or titre.low if titre else None, found.conflict or contrary, grade, doubt)


def _doubt(observed: Observed, value: Range | None, limits: Limits, found: _Sign) -> str | None:
    if not found.firm:
        return "no reference range to judge it by" if value is not None and limits.upper is None else None
    said = frozenset().union(*(say(text) for text in observed.words))
    return "positive, but not settled yet" if {"positive", "unknown"} <= said and "negative" not in said else None


def titre_of(observed: Observed, analyte: Analyte, value: Range | None) -> Range | None:
    """The titre: of a ratio or words, or a number that its unit or its test makes one."""
    if observed.titre or observed.quantity is None or value is None:
        return observed.titre
    units = [as_text(observed.quantity.get(name)) for name in ("code", "unit", "units")]
    given = [one for one in units if one]
    if not given:
        return value if analyte.titre else None
    dimensionless = all(unit_of("titer", one) for one in given)
    return value if dimensionless and (analyte.titre or given != ["1"]) else None


def _coded(concept: object, terms: Lookup) -> _Sign:
    found = {_CODED[one] for one in terms.members(concept) if one in _CODED} if concept is not None else set()
    return _one_of(found, parsed=False)


def _one_of(found: set[Positivity], parsed: bool) -> _Sign:
    """One sign of several readings: unknown and borderline outweigh, positive beside negative is a conflict.

    "Reactive, confirmation pending" is no more than a preliminary positive.
    """
    if not found:
        return _SILENT
    if {POS, NEG} <= found or {NEG, BORDERLINE} <= found:
        return _Sign(BORDERLINE, conflict=True, parsed=parsed)
    if UNKNOWN in found and found & {POS, BORDERLINE}:
        return _Sign(BORDERLINE, parsed=parsed)
    reading = next(one for one in (UNKNOWN, BORDERLINE, POS, NEG) if one in found)
    return _Sign(reading, firm=reading is not UNKNOWN, parsed=parsed)


def _worded(observed: Observed, analyte: Analyte, titre: Range | None) -> _Sign:
    said = frozenset().union(*(say(text) for text in observed.words))
    readings = {"negative": NEG, "positive": POS, "borderline": BORDERLINE, "unknown": UNKNOWN}
    readings["plus"] = BORDERLINE if analyte.weak_plus else POS  # line blots grade their strength (IIM-2)
    found = {readings[one] for one in said if one in readings}
    if not found and titre is None and "pattern" in said and analyte.id in _PATTERN_TESTS:
        found = {BORDERLINE}
    return _one_of(found, parsed=True)


def _numeric(titre: Range | None, value: Range | None, analyte: Analyte, limits: Limits) -> _Sign:
    """A number or titre against this observation's own upper limit; without one only what the table knows of the test."""
    number = titre or value
    if number is None:
        return _SILENT
    if limits.upper is not None:
        return _Sign(_against(number, limits.upper, limits.at_upper), firm=False)
    return _Sign(_titred(titre, analyte) if titre else _bare(number, analyte), firm=False)


def _against(value: Range, upper: Decimal, at_upper: Positivity) -> Positivity:
    """Above the limit positive, below negative, equal what the laboratory's text says (`<20`, `up to 20`), else borderline."""
    if value.exact == upper:
        return at_upper
    if value.above(upper) or (at_upper is POS and value.at_least(upper)):
        return POS
    if value.at_least(upper) is False or (at_upper is NEG and value.above(upper) is False):
        return NEG
    return UNKNOWN


def _titred(titre: Range, analyte: Analyte) -> Positivity:
    """A titre that was reached is positive; `<1:40` is negative where 1:40 is not above what the test's first dilution may be."""
    if titre.low is not None:
        return POS if titre.low > 0 else NEG
    low_enough = analyte.titre_below is not None and titre.at_least(analyte.titre_below) is False
    return NEG if low_enough else UNKNOWN


def _bare(value: Range, analyte: Analyte) -> Positivity:
    """A number without a range: below the least that the test can tell it is negative; not below it, it may be positive (hCG 5400)."""
    if analyte.value_below is not None and value.low is None and value.at_least(analyte.value_below) is False:
        return NEG
    if analyte.value_above is not None and value.above(analyte.value_above) is not None:
        return POS if value.above(analyte.value_above) else NEG
    reached = analyte.value_above is None and analyte.value_below is not None and value.at_least(analyte.value_below) is True
    return BORDERLINE if reached else UNKNOWN


def _contradicts(titre: Range, analyte: Analyte, told: Positivity) -> bool:
    """Whether a titre contradicts the words beside it: `negative 1:640`, `positive <1:40`; not `negative 1:40`."""
    return told is POS or analyte.titre_below is None or titre.at_least(analyte.titre_below) is True


def _interpreted(interpretation: object, terms: Lookup) -> tuple[_Sign, _Sign]:
    """(what the interpretation says outright, what its H, A or N hints)."""
    found: set[str] = set()
    for one in as_dicts(interpretation):
        found |= terms.members(one)
    flags = _one_of({_FLAGS[one] for one in found if one in _FLAGS}, parsed=False)
    hints = _one_of({_HINTS[one] for one in found if one in _HINTS}, parsed=False)
    if flags is _SILENT and hints is _SILENT:
        texts = frozenset().union(*(say(text) for text in words(interpretation)))
        named = {"negative": NEG, "positive": POS, "borderline": BORDERLINE}
        flags = _one_of({named[one] for one in texts if one in named}, parsed=True)
    return flags, hints


def _with_interpretation(said: _Sign, own: _Sign, interpreted: tuple[_Sign, _Sign], observed: Observed) -> _Sign:
    """Coded value before interpretation before the rest; a decided value against a decided interpretation is a conflict."""
    flag, hint = interpreted
    if flag.reading is not UNKNOWN:
        return _agree(flag if said is _SILENT else own, own, flag)
    if hint.reading is UNKNOWN or own.conflict:
        return own
    if own.reading is UNKNOWN and own.firm is False:
        # H or A beside a value that can't be judged does not agree with it, yet speaks: a person must look.
        return hint if observed.missing else _Sign(BORDERLINE if hint.reading is POS else UNKNOWN, firm=False)
    if own.reading is BORDERLINE and not own.firm:
        return hint  # equal to the limit, and the laboratory flags it
    return _agree(own, own, hint)


def _agree(chosen: _Sign, own: _Sign, flag: _Sign) -> _Sign:
    readings = {own.reading, flag.reading}
    opposed = readings == {POS, NEG} or (own.firm and BORDERLINE in readings and NEG in readings)
    weak = own.firm and BORDERLINE in readings and POS in readings
    if weak:
        chosen = replace(chosen, reading=BORDERLINE)  # "positive" flagged weak, or "weak" flagged positive
    return replace(chosen, conflict=opposed or own.conflict or flag.conflict)
