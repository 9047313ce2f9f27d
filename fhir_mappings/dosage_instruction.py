"""One Dosage into a Line: what is taken by its structure and by its words, in the order of trust, and its bounds (spec 1.1)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

from fhir_mappings.dates import Interval
from fhir_mappings.dosage_amount import Amount, Strength, amount_of, exact, in_milligrams, quantity_of
from fhir_mappings.dosage_bounds import Line, whole_days
from fhir_mappings.dosage_dose import Daily, Phase, capped, daily, phases_of, plausible, total
from fhir_mappings.dosage_sig import Sig, Step
from fhir_mappings.dosage_text import is_altered, names_amount, names_need, read_sig
from fhir_mappings.dosage_timing import NO_FREQUENCY, Rate, Schedule, rate_of, schedule_of
from fhir_mappings.inputs import DoseSegment
from fhir_mappings.medication_supply import Lasting, duration_of
from fhir_mappings.medication_time import Dates
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_number, as_text, words

NO_DOSE, DISAGREE, NOT_UNDERSTOOD = "no dose is given", "structured dose and text disagree", "instruction not understood"
ALTERED = "the words change the dose in a way that is not understood"
_WORD = re.compile(r"[a-z]{5,}")
_AND = re.compile(r"\s*(?:and|plus|\+|&)\s+", re.IGNORECASE)
_LENGTHS = frozenset(("boundsDuration", "boundsRange", "count"))


@dataclass(frozen=True, slots=True)
class Instructed:
    """The dosages of a record, read: `segments` where they are the same on whatever day the record was begun, else None."""

    lines: tuple[Line, ...]
    segments: tuple[DoseSegment, ...] | None


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading one resource needs: the drug's strength, the words on it, and when it was begun.

    `read` holds what the records of one chart repeat word for word, by `spelled`, the whole of a record's dosages; without that
    nothing is looked up.
    """

    strength: Strength
    texts: tuple[str, ...]
    begun: Interval | None
    zone: ZoneInfo
    spelled: bytes | None = None
    read: dict[Hashable, Instructed] = field(default_factory=dict, compare=False)

    def sig(self, text: str) -> Sig | None:
        return read_sig(text, _names(self.texts)) if text else None


@lru_cache(maxsize=4096)
def _names(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The words of the drug's name, which an instruction may repeat."""
    return tuple(sorted({word for text in texts for word in _WORD.findall(text.casefold())}))


def line_of(instruction: Json, reader: Reader) -> Line:
    """One instruction: what is taken by structure and by words, and its bounds."""
    text = as_text(instruction.get("text")) or as_text(instruction.get("patientInstruction")) or ""
    repeat = as_dict(as_dict(instruction.get("timing")).get("repeat"))
    start, end = Dates(reader.zone).period(repeat, "boundsPeriod") if "boundsPeriod" in repeat else (None, None)
    schedule, sig = _schedule(instruction), _sig(instruction, text, reader)
    phases, grade = _phases(instruction, schedule, sig, text, reader)
    if "additionalInstruction" in instruction:
        phases = tuple(_with_additional(one, instruction, reader) for one in phases)
    phases = tuple(_adjusted(one, instruction, reader.strength) for one in phases)
    return Line(
        phases,
        text,
        "parsed" if reader.strength.in_words and grade == "coded" and _counts_units(instruction) else grade,
        as_number(instruction.get("sequence")) or Decimal(0),
        start,
        end,
        _lasting(repeat, schedule, start is not None or end is not None),
        _names_moments(schedule, sig),
        sig is not None and sig.follows,
    )


def _schedule(instruction: Json) -> Schedule | str | None:
    """The timing's schedule; a code that is only words (`twice daily`) is read as words."""
    timing = instruction.get("timing")
    found = schedule_of(timing)
    if found is not None:
        return found
    read = [read_sig(text) for text in words(as_dict(timing).get("code"))]
    parts = [part for sig in read if sig and (part := sig.only) and part.amount is None]
    return parts[0].schedule if parts else None


def _sig(instruction: Json, text: str, reader: Reader) -> Sig | None:
    """The first of the instruction's texts that is understood."""
    found = reader.sig(text)
    if found is not None:
        return found
    other = as_text(instruction.get("patientInstruction"))
    return reader.sig(other) if other and other != text and not is_altered(text) else None


def _phases(
    instruction: Json, schedule: Schedule | str | None, sig: Sig | None, text: str, reader: Reader
) -> tuple[tuple[Phase, ...], str]:
    """(what is taken, grade) in the order of trust: structure, then structure completed by words, then words."""
    amount = amount_of(instruction)
    written = phases_of(sig.steps, reader.strength) if sig else ()
    if isinstance(amount, Amount) and isinstance(schedule, Schedule):
        structured = daily(amount, schedule, reader.strength)
        if isinstance(structured, Daily):
            return (_agreed(structured, schedule, written, sig, text, reader.strength),), "coded"
        if not any(isinstance(one.dose, Daily) for one in written):
            return (Phase(structured),), "coded"
    completed = _completed(amount, schedule, sig, written, reader)
    if completed is not None:
        return completed, "parsed"
    return (Phase(_why(amount, schedule, text)),), "parsed" if text else "coded"


def _agreed(structured: Daily, schedule: Schedule, written: Sequence[Phase], sig: Sig | None, text: str, strength: Strength) -> Phase:
    """The structured dose, unless the words name another dose or frequency, or speak of changes that it does not show."""
    if sig is None:
        return Phase(ALTERED if text and is_altered(text) else structured)
    said, part = written[0].dose, sig.only
    if part and part.amount and part.schedule is None:
        said = daily(part.amount, schedule, strength, part.turns)
    is_other = isinstance(said, Daily) and not said.same_as(structured)
    if len(written) > 1 or is_other or (part and part.amount is None and not _as_often(sig.steps[0], schedule)):
        return Phase(DISAGREE)
    return Phase(structured, written[0].lasting, written[0].as_needed)


def _completed(
    amount: Amount | str | None, schedule: Schedule | str | None, sig: Sig | None, written: tuple[Phase, ...], reader: Reader
) -> tuple[Phase, ...] | None:
    """What words say, with the amount or the frequency of the structure where the words leave it out."""
    if sig is None:
        return None
    step, part = sig.steps[0], sig.only
    is_timed = not isinstance(schedule, Schedule) or all(_as_often(one, schedule) for one in sig.steps)
    if not is_timed or (part is None and isinstance(amount, Amount)):
        return (Phase(DISAGREE),)
    if part is None or (part.amount and part.schedule):
        found = written[0].dose
        own = daily(amount, part.schedule, reader.strength) if part and isinstance(amount, Amount) else None
        return (Phase(DISAGREE),) if isinstance(own, Daily) and isinstance(found, Daily) and not own.same_as(found) else written
    often = part.schedule or (schedule if isinstance(schedule, Schedule) else None)
    much = part.amount or (amount if isinstance(amount, Amount) else None)
    if much is None or often is None:
        return None
    return (Phase(daily(much, often, reader.strength, part.turns), step.lasting, step.as_needed),)


def _as_often(step: Step, schedule: Schedule) -> bool:
    """Whether the parts of a step together come as often as the timing says; a step without a frequency of its own does."""
    rates = [rate_of(part.schedule) for part in step.parts if part.schedule]
    known = [rate for rate in rates if isinstance(rate, Rate)]
    stated = rate_of(schedule)
    if not rates or isinstance(stated, str):
        return True
    sums = (sum((one.low for one in known), Fraction(0)), sum((one.high for one in known), Fraction(0)))
    return len(known) == len(rates) and sums == (stated.low, stated.high)


def _with_additional(phase: Phase, instruction: Json, reader: Reader) -> Phase:
    """An additional instruction may add a dose ("and 2.5 mg at night"), repeat this one, or change it."""
    for text in _additional(instruction):
        if not isinstance(phase.dose, Daily):
            return phase
        if names_amount(text):
            phase = replace(phase, dose=_added(phase.dose, text, reader))
        elif is_altered(text):
            phase = replace(phase, dose=ALTERED)
    return phase


def _added(dose: Daily, text: str, reader: Reader) -> Daily | str:
    joined = _AND.match(text)
    sig = reader.sig(text[joined.end() :] if joined else text)
    found = phases_of(sig.steps, reader.strength) if sig else ()
    if len(found) != 1 or not isinstance(other := found[0].dose, Daily) or found[0].lasting:
        return ALTERED
    if joined:
        return plausible(total((dose, other)))
    return dose if other.same_as(dose) else ALTERED


def _additional(instruction: Json) -> list[str]:
    return [text for one in as_dicts(instruction.get("additionalInstruction")) for text in words(one)]


def _why(amount: Amount | str | None, schedule: Schedule | str | None, text: str) -> str:
    if text:
        return NOT_UNDERSTOOD
    if amount is None:
        return NO_DOSE
    if isinstance(amount, str):
        return amount
    return schedule if isinstance(schedule, str) else NO_FREQUENCY


def _adjusted(phase: Phase, instruction: Json, strength: Strength) -> Phase:
    """Capped by maxDosePerPeriod, and as needed where structure or words say so."""
    needed = instruction.get("asNeededBoolean") is True or bool(as_dict(instruction.get("asNeededCodeableConcept")))
    texts = [text for name in ("text", "patientInstruction") if (text := as_text(instruction.get(name)))]
    needed = needed or phase.as_needed or any(names_need(text) for text in (*texts, *_additional(instruction)))
    dose, cap = phase.dose, _cap(instruction, strength)
    if isinstance(dose, Daily) and cap is not None:
        dose = plausible(capped(dose, *cap))
    return phase if dose is phase.dose and needed == phase.as_needed else replace(phase, dose=dose, as_needed=needed)


def _cap(instruction: Json, strength: Strength) -> tuple[Fraction, Fraction] | None:
    """maxDosePerPeriod: (milligrams, in so many days)."""
    if "maxDosePerPeriod" not in instruction:
        return None
    ratio = as_dict(instruction["maxDosePerPeriod"])
    amount, days = quantity_of(ratio.get("numerator")), _days(ratio.get("denominator"))
    most = in_milligrams(amount, strength) if isinstance(amount, Amount) else None
    return (most.high, days) if most is not None and not isinstance(most, str) and days else None


def _days(quantity: object) -> Fraction | None:
    held = as_dict(quantity)
    value, lasting = exact(held.get("value")), duration_of(quantity)
    if (as_text(held.get("code")) or as_text(held.get("unit"))) in ("h", "hour", "hours"):
        return value / 24 if value and value > 0 else None
    return Fraction(lasting.days) if lasting and lasting.days > 0 and not lasting.months else None


def _lasting(repeat: Json, schedule: Schedule | str | None, bounded: bool) -> Lasting | None:
    """How long by boundsDuration, boundsRange, or the count of doses."""
    if bounded or not _LENGTHS & repeat.keys():
        return None
    span = as_dict(repeat.get("boundsRange"))
    low, high = duration_of(span.get("low") or repeat.get("boundsDuration")), duration_of(span.get("high") or repeat.get("boundsDuration"))
    if low and high and ("boundsRange" in repeat or "boundsDuration" in repeat):
        return low, high
    count, rate = exact(repeat.get("count")), rate_of(schedule) if isinstance(schedule, Schedule) else ""
    if not count or count < 1 or isinstance(rate, str) or rate.once or "countMax" in repeat:
        return None
    return whole_days(min(ceil(count / rate.low), 36500))


def _names_moments(schedule: Schedule | str | None, sig: Sig | None) -> bool:
    said = [part.schedule for step in sig.steps for part in step.parts] if sig else []
    return any(isinstance(one, Schedule) and one.moments > 0 for one in (schedule, *said))


def _counts_units(instruction: Json) -> bool:
    amount = amount_of(instruction)
    return isinstance(amount, Amount) and amount.kind == "form"
