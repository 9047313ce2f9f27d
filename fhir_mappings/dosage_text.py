"""An English dosage instruction into steps of doses a day, every word accounted for; anything else is not understood (spec 1.1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

from fhir_mappings.dosage_amount import Strength, milligrams
from fhir_mappings.dosage_timing import Frequency, every
from fhir_mappings.dosage_words import (
    ALTERNATING,
    AMOUNT,
    AND,
    COUNTED,
    FALLS,
    FOR,
    HARMLESS,
    MOMENTS,
    PRN,
    SAYS_ALTERNATING,
    SCHEME,
    STATED,
    STOP,
    THEN,
    frequency_in,
    unit_days,
    value_of,
)

_LONGEST = 400  # characters of one instruction that are read
_MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """One part of a step: so much, so often."""

    low: Fraction
    high: Fraction
    unit: str
    often: Frequency | None = None
    moments: int = 0  # parts of the day that are named


@dataclass(frozen=True, slots=True)
class SigStep:
    """Milligrams a day for so many days (None: until further notice)."""

    low: Fraction
    high: Fraction
    peak: Fraction
    as_needed: bool
    days: int | None


@dataclass(slots=True)
class _Step:
    parts: list[Taken] = field(default_factory=list)
    as_needed: bool = False
    days: int | None = None
    falls: tuple[Fraction, str, int, Fraction] | None = None  # by, unit, every so many days, until


class _Unreadable(ValueError):
    """A word is left over, or a part is missing."""


def read_sig(text: str, strength: Strength, names: tuple[str, ...] = ()) -> tuple[SigStep, ...] | None:
    """The steps of an instruction; None where a word is not understood. `names`: words of the drug's own name, which say nothing."""
    if len(text) > _LONGEST:
        return None
    try:
        return _read(text, strength, names)
    except _Unreadable:
        return None


@lru_cache(maxsize=4096)
def _read(text: str, strength: Strength, names: tuple[str, ...]) -> tuple[SigStep, ...]:
    plain = _plain(text)
    scheme = SCHEME.fullmatch(plain)
    if scheme:
        return (_by_scheme(scheme, strength),)
    turns = ALTERNATING.fullmatch(plain)
    if turns and SAYS_ALTERNATING.search(plain):
        return (_by_turns(turns, strength),)
    steps: list[SigStep] = []
    for part in _parts(plain, names):
        steps += _falling(part, steps, strength) if part.falls is not None else [_amounts(part, strength)]
    if not steps or len(steps) > _MOST_STEPS or any(step.days is None for step in steps[:-1]):
        raise _Unreadable
    return tuple(steps)


def _plain(text: str) -> str:
    level = unicodedata.normalize("NFKC", text.replace("½", " 1/2").replace("¼", " 1/4")).casefold()
    text = " ".join(level.split()).rstrip(". ")
    return STOP.sub("", text)


def _by_scheme(scheme: re.Match[str], strength: Strength) -> SigStep:
    """1-0-1(-0): units in the morning, at noon, in the evening (and at night)."""
    total = sum((_scheme_number(one) for one in scheme.groups() if one), Fraction(0))
    mg = milligrams(total, "tablet", strength)
    if mg is None:
        raise _Unreadable
    return SigStep(mg, mg, mg, False, None)


def _by_turns(turns: re.Match[str], strength: Strength) -> SigStep:
    """200 mg one day and 400 mg the next."""
    one, other = (milligrams(value_of(turns[n]), turns[n + 1], strength) for n in (1, 3))
    if one is None or other is None:
        raise _Unreadable
    return SigStep((one + other) / 2, (one + other) / 2, max(one, other), False, None)


def _scheme_number(text: str) -> Fraction:
    return Fraction(1, 2) if text in ("½", "1/2", "0.5", "0,5") else Fraction(text)


def _parts(plain: str, names: tuple[str, ...]) -> Iterator[_Step]:
    """The steps that the text names, one after another."""
    step, place = _Step(), 0
    for word in sorted(names, key=len, reverse=True):
        plain = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "", plain)
    plain = " ".join(plain.split())
    while place < len(plain):
        then = THEN.match(plain, place)
        if then and step.parts:
            yield step
            step, place = _Step(), then.end()
            continue
        place = _consume(plain, place, step)
    yield step


def _consume(plain: str, place: int, step: _Step) -> int:
    """Reads what stands at `place` into the step; returns where to go on. Raises where nothing fits."""
    for reader in (_falls, _prn, _duration, _stated, _amount, _often, _moment, _joined):
        end = reader(plain, place, step)
        if end is not None:
            return end
    harmless = HARMLESS.match(plain, place)
    if harmless is None or harmless.end() == place:
        raise _Unreadable
    return harmless.end()


def _falls(plain: str, place: int, step: _Step) -> int | None:
    found = FALLS.match(plain, place)
    if found is None:
        return None
    if step.parts or found[2] != found[7]:
        raise _Unreadable
    days = 7 if "week" in found[3] and not found[4] else 1 if not found[4] else int(value_of(found[4]) * unit_days(found[5]))
    step.falls = (value_of(found[1]), found[2], days, value_of(found[6]))
    return found.end()


def _prn(plain: str, place: int, step: _Step) -> int | None:
    found = PRN.match(plain, place)
    if found is None:
        return None
    step.as_needed = True
    return found.end()


def _duration(plain: str, place: int, step: _Step) -> int | None:
    found = FOR.match(plain, place)
    if found is None:
        return None
    days = value_of(found[1]) * unit_days(found[2])
    if step.days is not None or not step.parts or days.denominator != 1:
        raise _Unreadable
    step.days = int(days)
    return found.end()


def _stated(plain: str, place: int, step: _Step) -> int | None:
    """(10 mg): what the units before it come to; (2 tablets) after milligrams says how they are taken."""
    counted = COUNTED.match(plain, place)
    if counted and step.parts and step.parts[-1].unit == "mg":
        return counted.end()
    found = STATED.match(plain, place)
    if found is None or not step.parts or step.parts[-1].unit == "mg" or step.parts[-1].often or step.parts[-1].moments:
        return None
    if found[0].lstrip()[0] != "(" and not found[2]:
        return None
    last = step.parts[-1]
    mg = value_of(found[1])
    whole = (mg * last.low, mg * last.high) if found[2] == "each" else (mg, mg) if last.low == last.high else None
    if whole is None:
        raise _Unreadable
    step.parts[-1] = replace(last, low=whole[0], high=whole[1], unit="mg")
    return found.end()


def _amount(plain: str, place: int, step: _Step) -> int | None:
    found = AMOUNT.match(plain, place)
    if found is None:
        return None
    if step.parts and not (step.parts[-1].often or step.parts[-1].moments):
        raise _Unreadable  # two amounts without a time between them
    low = value_of(found[1])
    high = value_of(found[2]) if found[2] else low
    if high < low:
        raise _Unreadable
    step.parts.append(Taken(low, high, found[3]))
    return found.end()


def _often(plain: str, place: int, step: _Step) -> int | None:
    often, end = frequency_in(plain, place)
    if often is None:
        return None
    if not step.parts or step.parts[-1].often:
        raise _Unreadable
    step.parts[-1] = replace(step.parts[-1], often=often)
    return end


def _moment(plain: str, place: int, step: _Step) -> int | None:
    found = MOMENTS.match(plain, place)
    if found is None:
        return None
    if not step.parts:
        raise _Unreadable
    step.parts[-1] = replace(step.parts[-1], moments=step.parts[-1].moments + 1)
    return found.end()


def _joined(plain: str, place: int, step: _Step) -> int | None:
    found = AND.match(plain, place)
    return found.end() if found and step.parts else None


def _falling(step: _Step, before: list[SigStep], strength: Strength) -> Iterator[SigStep]:
    """ "Decrease by 5 mg weekly until 20 mg" as its own steps, down from the one before."""
    assert step.falls is not None
    by, unit, days, until = step.falls
    less, least = milligrams(by, unit, strength), milligrams(until, unit, strength)
    if not before or less is None or least is None or less <= 0 or before[-1].low != before[-1].peak or before[-1].as_needed:
        raise _Unreadable
    dose = before[-1].peak - less
    if dose < least or (dose - least) % less != 0 or (dose - least) / less > _MOST_STEPS:
        raise _Unreadable
    while dose > least:
        yield SigStep(dose, dose, dose, False, days)
        dose -= less
    yield SigStep(least, least, least, False, step.days)


def _amounts(step: _Step, strength: Strength) -> SigStep:
    """The step in milligrams a day."""
    doses = [_part(one, strength, step.days is not None and len(step.parts) == 1) for one in step.parts]
    if not doses:
        raise _Unreadable
    low, high, peak = (sum((one[n] for one in doses), Fraction(0)) for n in range(3))
    return SigStep(Fraction(0) if step.as_needed else low, high, peak, step.as_needed, step.days)


def _part(one: Taken, strength: Strength, step_of_taper: bool) -> tuple[Fraction, Fraction, Fraction]:
    """(least, most, most on one day); "40 mg x7d" is a daily dose."""
    often = one.often
    if often is None and step_of_taper and one.unit == "mg":
        often = every(Fraction(1), Fraction(1))
    if often is None and one.moments:
        often = every(Fraction(one.moments), Fraction(1))
    if often is None:
        raise _Unreadable  # no frequency
    if one.moments > 1 and often.low == 1:
        often = every(Fraction(one.moments), Fraction(1))
    low, high = milligrams(one.low, one.unit, strength), milligrams(one.high, one.unit, strength)
    if low is None or high is None:
        raise _Unreadable
    return low * often.low, high * often.high, high * often.most
