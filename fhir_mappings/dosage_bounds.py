"""Instructions with their phases into phases with first and last days: side by side, or one after another (spec 1.1, tapers)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from fhir_mappings.dates import EARLIEST, Duration, Interval, add_days
from fhir_mappings.dosage_dose import Phase
from fhir_mappings.medication_supply import Lasting, times

UNKNOWN_DAY = "steps from an unknown day"
UNKNOWN_LENGTH = "a step of unknown length"


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction: its phases, what its timing says of first and last day or of how long, and its place in the sequence."""

    phases: tuple[Phase, ...]
    text: str
    grade: str
    sequence: Decimal = Decimal(0)
    start: Interval | None = None
    end: Interval | None = None
    lasting: Lasting | None = None
    moments: bool = False  # it names times of the day
    follows: bool = False  # "then …"

    @property
    def timed(self) -> bool:
        """Whether it says how long, but not from when."""
        return self.start is None and (self.lasting is not None or any(one.lasting for one in self.phases))

    @property
    def counted(self) -> bool:
        """Whether its days are counted from the one on which it is begun."""
        return self.lasting is not None or len(self.phases) > 1 or any(one.lasting or _is_once(one) for one in self.phases)


@dataclass(frozen=True, slots=True)
class Placed:
    line: Line
    phase: Phase
    first: Interval | None
    last: Interval | None


def placed(lines: Sequence[Line], begun: Interval | None) -> list[Placed]:
    """The phases of a record begun on a day. None as a bound: the record's own."""
    numbers = {line.sequence for line in lines}
    if len(numbers) < 2:
        return _handed_over(_side_by_side(lines, begun))
    groups = [[line for line in lines if line.sequence == number] for number in sorted(numbers)]
    return _handed_over(_one_after_another(groups, begun))


def waits_for_a_day(lines: Sequence[Line]) -> bool:
    """Whether the days of the phases are other ones where the record was begun on another day."""
    return any(line.counted or line.sequence != lines[0].sequence for line in lines)


def _side_by_side(lines: Sequence[Line], begun: Interval | None) -> list[Placed]:
    """Without a sequence they are parts of one dose, unless what they say of their length shows that they may be steps."""
    unclear = len(lines) > 1 and any(one.timed or (one.follows and one.start is None) for one in lines)
    if unclear and not (all(one.moments and not one.follows for one in lines) and len({_length(one) for one in lines}) == 1):
        return [_unplaced(line, "whether the instructions follow one another is not said") for line in lines]
    return [one for line in lines for one in _line(line, line.start, begun)]


def _length(line: Line) -> object:
    return line.lasting, tuple(one.lasting for one in line.phases)


def _one_after_another(groups: Sequence[Sequence[Line]], begun: Interval | None) -> list[Placed]:
    found: list[Placed] = []
    reached = begun
    for number, group in enumerate(groups):
        later = _starts(groups[number + 1]) if number + 1 < len(groups) else None
        held: list[Placed] = []
        for line in group:
            first = line.start or reached
            if first is None or not first.exact:
                held.append(_unplaced(line, UNKNOWN_LENGTH if number else UNKNOWN_DAY))
            else:
                held += _closed(list(_line(line, first, begun)), later, is_last=number + 1 == len(groups))
        found += held
        ends = [one.last for one in held]
        last = max((end.last for end in ends if end), default=None)
        reached = Interval(add_days(last, 1), add_days(last, 1)) if last is not None and None not in ends else None
    return found


def _starts(group: Sequence[Line]) -> Interval | None:
    """The first day of a step that states it."""
    days = [one.start for one in group]
    known = [day for day in days if day is not None and day.exact]
    return min(known, key=lambda day: day.first) if len(known) == len(days) else None


def _closed(held: list[Placed], later: Interval | None, is_last: bool) -> list[Placed]:
    """A step that is open ends where the one after it begins; without that day it is not known which of them holds."""
    final = held[-1]
    if is_last or final.last is not None:
        return held
    if later is None or final.first is None or later.first <= final.first.first:
        return [_unplaced(final.line, UNKNOWN_LENGTH)]
    return [*held[:-1], replace(final, last=_shift(later, -1))]


def _line(line: Line, first: Interval | None, begun: Interval | None) -> Iterator[Placed]:
    """The phases of one instruction from a day on; they count from the record's beginning where it states none of its own."""
    at = first or begun
    counted = line.counted
    if counted and (at is None or (len(line.phases) > 1 and not at.exact) or at.first <= EARLIEST):
        yield _unplaced(line, UNKNOWN_DAY)
        return
    day = at if counted else first
    for phase in line.phases:
        last = _last(day, phase, line)
        yield Placed(line, phase, day, last)
        day = _shift(last, 1) if last else day


def _is_once(phase: Phase) -> bool:
    return not isinstance(phase.dose, str) and phase.dose.once


def _last(day: Interval | None, phase: Phase, line: Line) -> Interval | None:
    """The last day of a phase: no later than that of the whole instruction."""
    ends = [line.end]
    if _is_once(phase):
        ends.append(day)
    if phase.lasting is not None:
        ends.append(_day_before(times(day, (phase.lasting, phase.lasting))))
    if line.lasting is not None and phase is line.phases[-1] and len(line.phases) == 1:
        ends.append(_day_before(times(day, line.lasting)))
    known = [end for end in ends if end is not None]
    return min(known, key=lambda end: end.last) if known else None


def _day_before(day: Interval | None) -> Interval | None:
    return _shift(day, -1) if day else None


def _shift(day: Interval, days: int) -> Interval:
    return Interval(add_days(day.first, days), add_days(day.last, days))


def _unplaced(line: Line, why: str) -> Placed:
    return Placed(line, Phase(why), line.start, line.end)


def _handed_over(held: list[Placed]) -> list[Placed]:
    """A day that ends one instruction and begins another is a day of the later one."""
    if len(held) < 2:
        return held
    starts = {one.first.first for one in held if one.first and one.first.exact}
    return [
        replace(one, last=_shift(one.last, -1))
        if one.last and one.first and one.last.exact and one.first.exact and one.first.first < one.last.first and one.last.first in starts
        else one
        for one in held
    ]


def whole_days(count: int) -> Lasting:
    return Duration(days=count), Duration(days=count)
