"""Quantities of time and the timing bounds of dosage instructions into the span of an order (spec 1.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from fhir_mappings.dates import Duration, Interval
from fhir_mappings.shapes import Json, as_dict, as_number, as_text

Span = tuple[Interval | None, Interval | None]
Lasting = tuple[Duration, Duration]  # at least, at most

# UCUM codes and the words that pharmacies write in their place.
_DAYS = {"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7}
_MONTHS = {"mo": 1, "month": 1, "months": 1, "a": 12, "year": 12, "years": 12}
_NUMBERS = (int, float, Decimal)
_LONGEST = 100_000
_BOUNDS = frozenset(("boundsPeriod", "boundsRange", "boundsDuration"))


def duration_of(quantity: object, count: int = 1) -> Duration | None:
    """`count` times a FHIR Duration or daysSupply; None where number or unit can't be read. No unit means days."""
    if quantity is None:
        return None
    held = as_dict(quantity)
    value, unit = held.get("value"), (as_text(held.get("code")) or as_text(held.get("unit")) or "d").lower()
    return _duration(value, unit, count) if isinstance(value, _NUMBERS) else None


@lru_cache(maxsize=2048, typed=True)  # True is no 1
def _duration(number: float | Decimal, unit: str, count: int) -> Duration | None:
    value = as_number(number)
    if value is None or not 0 <= value * count <= _LONGEST:
        return None
    whole = int(value * count)
    if unit in _DAYS:
        return Duration(days=int(value * count * _DAYS[unit]))
    if unit in _MONTHS and Decimal(whole) == value * count:
        return Duration(months=whole * _MONTHS[unit])
    return Duration() if unit in ("h", "min", "s") else None


def supplied(quantity: object, count: int) -> Lasting | None:
    """How long `count` supplies last."""
    found = duration_of(quantity, count)
    return (found, found) if found else None


def times(start: Interval | None, lasting: Lasting | None) -> Interval | None:
    """The end of something that began at `start`."""
    if start is None or lasting is None:
        return None
    first, last = lasting[0].after(start.first), lasting[1].after(start.last)
    return Interval(first, last) if first <= last else None


@dataclass(frozen=True, slots=True)
class Bounds:
    """First start to last end over all instructions (a taper is one course); `end` None where an instruction is open."""

    start: Interval | None
    end: Interval | None


def bounds_of(
    instructions: list[Json], begun: Interval | None, period: Callable[[Json, str], Span], repeats: int = 0
) -> tuple[Bounds, Bounds]:
    """The bounds of the instructions of an order that was begun on a day: once, and followed anew with each of the repeats."""
    if all(_BOUNDS.isdisjoint(_repeat(one)) for one in instructions):  # most say nothing of it: each runs on from the beginning
        unbounded = Bounds(begun if instructions else None, None)
        return unbounded, unbounded
    once = _bounds(instructions, begun, period, 1)
    return once, _bounds(instructions, begun, period, 1 + repeats) if repeats else once


def _bounds(instructions: list[Json], begun: Interval | None, period: Callable[[Json, str], Span], count: int) -> Bounds:
    """Followed `count` times: a taper only once."""
    steps = {as_number(one.get("sequence")) or Decimal(0) for one in instructions}
    spans = _spans(instructions, begun, period, count if len(steps) == 1 else 1)
    starts = [start for _, start, _ in spans if start]
    ends = [end for _, _, end in spans if end]
    first = Interval(min(day.first for day in starts), min(day.last for day in starts)) if starts else None
    is_open = not spans or len(ends) < len(spans)
    return Bounds(first, None if is_open else Interval(max(end.first for end in ends), max(end.last for end in ends)))


def _spans(
    instructions: list[Json], begun: Interval | None, period: Callable[[Json, str], Span], count: int
) -> list[tuple[Json, Interval | None, Interval | None]]:
    """(instruction, start, end) in the order of `sequence`: steps follow one another, those of one number run side by side."""
    steps: dict[Decimal, list[Json]] = {}
    for instruction in instructions:
        steps.setdefault(as_number(instruction.get("sequence")) or Decimal(0), []).append(instruction)
    found: list[tuple[Json, Interval | None, Interval | None]] = []
    reached = begun
    for sequence in sorted(steps):
        spans = [(one, *_span(_repeat(one), reached, period, count)) for one in steps[sequence]]
        ends = [end for _, _, end in spans if end]
        reached = Interval(max(end.first for end in ends), max(end.last for end in ends)) if ends else reached
        found += spans
    return found


def _repeat(instruction: Json) -> Json:
    return as_dict(as_dict(instruction.get("timing")).get("repeat"))


def _span(repeat: Json, reached: Interval | None, period: Callable[[Json, str], Span], count: int) -> Span:
    """(start, end) of one step, which begins where the step before it ended unless it says otherwise."""
    if "boundsPeriod" in repeat:
        start, end = period(repeat, "boundsPeriod")
        return start or reached, end
    span = as_dict(repeat.get("boundsRange"))
    low = duration_of(span.get("low") or repeat.get("boundsDuration"), count)
    high = duration_of(span.get("high") or repeat.get("boundsDuration"), count)
    return reached, times(reached, (low, high)) if low and high else None
