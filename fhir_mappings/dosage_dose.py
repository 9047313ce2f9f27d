"""Amounts and frequencies into milligrams a day, and the pattern that tells two regimens of one amount apart (spec 1.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from fhir_mappings.dates import Duration
from fhir_mappings.dosage_amount import Amount, Strength, in_milligrams
from fhir_mappings.dosage_sig import Fall, Part, Step
from fhir_mappings.dosage_timing import NO_FREQUENCY, Rate, Schedule, rate_of

_LARGEST = Fraction(1_000_000)
_MOST_STEPS = 60
_NOTHING, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Daily:
    """Milligrams a day: `low` to `high` on average, `peak` the most on one day; `share` of days with a dose (least, most)."""

    low: Fraction
    high: Fraction
    peak: Fraction
    share: tuple[Fraction, Fraction] = (_ONE, _ONE)
    weekdays: frozenset[str] = frozenset()
    once: bool = False

    @property
    def pattern(self) -> str:
        """Equal for two instructions of equal meaning, however they are worded."""
        amount = _spelled(self.low) if self.low == self.high else f"{_spelled(self.low)} to {_spelled(self.high)}"
        days = "" if self.share == (_ONE, _ONE) else f", {_days(self.share)}"
        return f"{amount} mg a day" + ("" if self.peak == self.high else f", at most {_spelled(self.peak)} mg") + days

    def same_as(self, other: Daily) -> bool:
        return (self.low, self.high, self.peak) == (other.low, other.high, other.peak)


@dataclass(frozen=True, slots=True)
class Phase:
    """What is taken for a time. `dose` is why it can't be told where it can't."""

    dose: Daily | str
    lasting: Duration | None = None
    as_needed: bool = False


def _days(share: tuple[Fraction, Fraction]) -> str:
    held = [f"{one.numerator} of {one.denominator}" for one in dict.fromkeys(share)]
    return f"on {' to '.join(held)} days"


@lru_cache(maxsize=4096)
def _spelled(value: Fraction) -> str:
    """A decimal where it ends, else a fraction."""
    for places in range(7):
        if (value * 10**places).denominator == 1:
            return f"{float(value):.{places}f}"
    return str(value)


@lru_cache(maxsize=4096)
def daily(amount: Amount, schedule: Schedule | None, strength: Strength, turns: Amount | None = None) -> Daily | str:
    """One amount, so often; with `turns` another amount every second day."""
    dose, rate = in_milligrams(amount, strength), rate_of(schedule) if schedule else NO_FREQUENCY
    if isinstance(dose, str) or isinstance(rate, str):
        return dose if isinstance(dose, str) else str(rate)
    found = _at(dose.low, dose.high, rate)
    if turns is not None:
        other = in_milligrams(turns, strength)
        if isinstance(other, str):
            return other
        found = _by_turns(found, _at(other.low, other.high, rate))
    return plausible(found)


def _at(low: Fraction, high: Fraction, rate: Rate) -> Daily:
    days = Fraction(len(rate.weekdays), 7)
    share = (days, days) if days else (min(_ONE, rate.low), min(_ONE, rate.high))
    return Daily(low * rate.low, high * rate.high, high * rate.most, share, rate.weekdays, rate.once)


def _by_turns(one: Daily, other: Daily) -> Daily:
    return replace(one, low=(one.low + other.low) / 2, high=(one.high + other.high) / 2, peak=max(one.peak, other.peak))


def plausible(dose: Daily) -> Daily | str:
    return dose if 0 <= dose.low <= dose.high <= _LARGEST and dose.peak <= _LARGEST else "the dose is not plausible"


def total(doses: Sequence[Daily]) -> Daily:
    """Doses side by side; on days of the week that do not meet, no day has more than the largest."""
    if len(doses) == 1:
        return doses[0]
    week: frozenset[str] = frozenset().union(*(one.weekdays for one in doses))
    is_plan = apart(doses)
    peaks = [one.peak for one in doses]
    days = Fraction(len(week), 7)
    share = (days, days) if is_plan else (max(one.share[0] for one in doses), max(one.share[1] for one in doses))
    return Daily(
        sum((one.low for one in doses), _NOTHING),
        sum((one.high for one in doses), _NOTHING),
        max(peaks) if is_plan else sum(peaks, _NOTHING),
        share,
        week if is_plan else frozenset(),
        all(one.once for one in doses),
    )


def apart(doses: Iterable[Daily]) -> bool:
    """Whether no two of them fall on one day of the week."""
    held = list(doses)
    return all(one.weekdays for one in held) and sum(len(one.weekdays) for one in held) == len(
        frozenset().union(*(one.weekdays for one in held))
    )


def phases_of(steps: Sequence[Step], strength: Strength) -> tuple[Phase, ...]:
    """The steps of an instruction in words in milligrams a day."""
    found: list[Phase] = []
    for step in steps:
        if step.fall is None:
            found.append(Phase(_side_by_side(step, strength), step.lasting, step.as_needed))
        else:
            found += _down(found[-1], step.fall, step.lasting, strength)
    return tuple(found)


def _side_by_side(step: Step, strength: Strength) -> Daily | str:
    doses: list[Daily] = []
    for part in step.parts:
        found = _part(part, strength)
        if isinstance(found, str):
            return found
        doses.append(found)
    if len({one.once for one in doses}) > 1:
        return "a single dose beside others"
    is_open = any(map(_names_moments_alone, step.parts)) and any(one.share[0] < 1 for one in doses)
    if is_open or (sum(one.share[0] < 1 for one in doses) > 1 and not apart(doses)):
        return "whether the doses fall on one day is not said"
    whole = plausible(total(doses))
    return whole if isinstance(whole, str) or step.most is None else _capped_by(whole, step.most, strength)


def _names_moments_alone(part: Part) -> bool:
    """3 tablets in the morning "and 3 in the evening on Saturdays": the day of the other dose may be meant for this one too."""
    schedule = part.schedule
    return schedule is not None and bool(schedule.moments) and not schedule.weekdays and schedule.doses is None and schedule.days is None


def _part(part: Part, strength: Strength) -> Daily | str:
    return daily(part.amount, part.schedule, strength, part.turns) if part.amount is not None else "no dose is given"


def _capped_by(dose: Daily, most: tuple[Amount, Fraction], strength: Strength) -> Daily | str:
    cap = in_milligrams(most[0], strength)
    return cap if isinstance(cap, str) else capped(dose, cap.high, most[1])


def capped(dose: Daily, most: Fraction, days: Fraction) -> Daily:
    """No more than `most` in so many days."""
    limit = most / days
    peak = min(dose.peak, most) if days >= 1 else min(dose.peak, limit)
    return replace(dose, low=min(dose.low, limit), high=min(dose.high, limit), peak=peak)


def _down(before: Phase, fall: Fall, lasting: Duration | None, strength: Strength) -> Iterator[Phase]:
    """Step by step down to what is named; every step must meet it exactly."""
    by = in_milligrams(fall.by, strength)
    until = in_milligrams(fall.until, strength) if fall.until else None
    first = before.dose
    if isinstance(by, str) or isinstance(until, str) or isinstance(first, str):
        yield Phase(next(one for one in (by, until, first) if isinstance(one, str)))
        return
    least = until.high if until else _NOTHING
    steps = (first.high - least) / by.high if by.high else _NOTHING
    if steps.denominator != 1 or not 0 < steps <= _MOST_STEPS or before.as_needed or first.low != first.peak or first.share[0] != 1:
        yield Phase("the steps down do not meet their end")
        return
    for number in range(1, int(steps)):
        dose = first.high - number * by.high
        yield Phase(replace(first, low=dose, high=dose, peak=dose), fall.lasting)
    if until:
        yield Phase(replace(first, low=least, high=least, peak=least), lasting)
