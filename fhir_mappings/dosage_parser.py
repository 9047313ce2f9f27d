"""The items of a dosage instruction, as they come, into its parts and steps (spec 1.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from fhir_mappings.dates import Duration
from fhir_mappings.dosage_amount import Amount, unit_named
from fhir_mappings.dosage_sig import Fall, NotUnderstood, Part, Sig, Step
from fhir_mappings.dosage_timing import Schedule, Span
from fhir_mappings.dosage_words import Word

_MOST_STEPS = 60
ONE = Fraction(1)
DAILY: Span = (ONE, ONE)


@dataclass(slots=True)
class PartSoFar:
    amount: Amount | None = None
    turns: Amount | None = None
    each: Fraction | None = None
    often: list[tuple[Span, Span]] = field(default_factory=list)
    weekdays: frozenset[str] = frozenset()
    moments: frozenset[str] = frozenset()
    once: bool = False
    divided: bool = False

    @property
    def timed(self) -> bool:
        return bool(self.often or self.weekdays or self.moments or self.once)


@dataclass(slots=True)
class StepSoFar:
    parts: list[PartSoFar] = field(default_factory=lambda: [PartSoFar()])
    lasting: Duration | None = None
    as_needed: bool = False
    most: tuple[Amount, Fraction] | None = None
    fall: Fall | None = None

    @property
    def begun(self) -> bool:
        return self.fall is not None or self.parts != [PartSoFar()]


class Parser:
    """Reads item after item: amounts, frequencies, times, durations in any order, a new part or step where one is begun."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.kinds = "".join(word.kind for word in words)
        self.step = StepSoFar()
        self.steps: list[StepSoFar] = []
        self.joined = ""  # the comma or "and" just before
        self.follows = False

    def sig(self) -> Sig:
        """What was read, once every word is used."""
        if "&" in self.joined or not self.step.begun:
            raise NotUnderstood
        return Sig(_finished([*self.steps, self.step]), self.follows)

    # What the words at the groups of a match stand for.

    def number(self, found: re.Match[str], group: str) -> Span:
        """The number, or the range of two, at a group."""
        first, last = found.span(group)
        values = [Fraction(word.value) if word.kind == "N" else ONE for word in self.words[first:last] if word.kind in "Na"]
        if values[0] > values[-1]:
            raise NotUnderstood
        return values[0], values[-1]

    def value(self, found: re.Match[str], group: str) -> str:
        return self.words[found.start(group)].value

    def amount(self, found: re.Match[str], number: str, unit: str) -> Amount:
        low, high = self.number(found, number)
        kind = self.words[found.start(unit)]
        return _amount(low, high, kind)

    def milligrams(self, found: re.Match[str], number: str, unit: str) -> Fraction:
        """One number of milligrams."""
        return self.amount(found, number, unit).low

    # Items.

    def put(self, amount: Amount, turns: Amount | None = None) -> None:
        """An amount begins a new part after one with its times, and after a comma a new step where the one before has its days."""
        part = self.step.parts[-1]
        if part.amount is not None:
            if self.step.lasting is not None and "&" not in self.joined:
                if not self.joined or any(one.moments for one in self.step.parts):
                    raise NotUnderstood
                self.then()
            elif part.timed and self.joined:
                self.step.parts.append(PartSoFar())
            else:
                raise NotUnderstood
        part = self.step.parts[-1]
        if part.each is not None:
            if amount.kind != "form" or amount.each is not None:
                raise NotUnderstood
            amount = Amount(amount.low, amount.high, "form", part.each, amount.total)
        part.amount, part.turns = amount, turns

    def then(self) -> None:
        if self.step.begun:
            self.steps.append(self.step)
            self.step = StepSoFar()
        elif not self.steps:
            self.follows = True

    def often(self, doses: Span, days: Span) -> None:
        self.step.parts[-1].often.append((doses, days))

    def last(self, duration: Duration) -> None:
        if self.step.lasting not in (None, duration):
            raise NotUnderstood
        self.step.lasting = duration


def _amount(low: Fraction, high: Fraction, unit: Word) -> Amount:
    if unit.kind == "C":
        return Amount(low, high, "form")
    if unit.kind == "V":
        return Amount(low, high, "mL")
    known = unit_named(unit.value)
    assert known is not None
    return Amount(low * known.factor, high * known.factor, "mg")


def _finished(steps: list[StepSoFar]) -> tuple[Step, ...]:
    """Every step but the last has its days; a step without a frequency keeps the one before it."""
    made: list[Step] = []
    before: Schedule | None = None
    is_taper = len(steps) > 1
    for number, step in enumerate(steps):
        following = steps[number + 1] if number + 1 < len(steps) else None
        lasting = step.lasting
        if step.fall is None and following is not None and lasting is None:
            if following.fall is None:
                raise NotUnderstood
            lasting = following.fall.lasting  # the first step down comes after as long as each of the others
        if step.fall is not None and step.parts != [PartSoFar()]:
            raise NotUnderstood
        parts = () if step.fall else tuple(_part(one, before, is_taper) for one in step.parts)
        before = parts[0].schedule if len(parts) == 1 else None
        made.append(Step(parts, lasting, step.as_needed, step.most, step.fall))
    if made[0].fall is not None or len(made) > _MOST_STEPS:
        raise NotUnderstood
    return tuple(made)


def _part(part: PartSoFar, before: Schedule | None, is_taper: bool) -> Part:
    """In a taper "40 mg x7d then 30 mg x7d" means every day."""
    if part.each is not None and part.amount is None:
        raise NotUnderstood
    schedule = _schedule(part)
    if part.amount is not None and schedule is None and is_taper:
        schedule = before or Schedule((ONE, ONE), (ONE, ONE))
    if is_taper and part.amount is None:
        raise NotUnderstood
    if part.amount is None and schedule is None:
        raise NotUnderstood
    return Part(part.amount, schedule, part.turns)


def _schedule(part: PartSoFar) -> Schedule | None:
    if len(set(part.often)) > 1 or (part.once and (part.often or part.weekdays)):
        raise NotUnderstood
    often = part.often[0] if part.often else None
    if part.divided and often != ((ONE, ONE), (ONE, ONE)):
        raise NotUnderstood
    if not part.timed:
        return None
    doses, days = often or (None, None)
    return Schedule(doses, days, part.weekdays, len(part.moments), part.once)
