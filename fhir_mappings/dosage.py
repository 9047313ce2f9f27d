"""The dosage instructions of a medication resource into dose segments: milligrams a day between two days (spec 1.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from zoneinfo import ZoneInfo

from fhir_mappings.dates import Interval, add_days
from fhir_mappings.dosage_amount import Amount, Strength, amount_of, amount_of_range
from fhir_mappings.dosage_text import SigStep, read_sig
from fhir_mappings.dosage_timing import Frequency, frequency_of
from fhir_mappings.dosage_words import frequency_said
from fhir_mappings.inputs import DoseSegment
from fhir_mappings.medication_supply import duration_of, spans_of
from fhir_mappings.medication_time import Dates
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_number, as_text, words

_INSTRUCTIONS = {
    "MedicationRequest": "dosageInstruction",
    "MedicationStatement": "dosage",
    "MedicationDispense": "dosageInstruction",
}
_QUOTED = 160  # characters of an instruction that are quoted
_LARGEST = Fraction(1_000_000)


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading one resource needs: the drug's strength, the words of its name, and when it was begun."""

    strength: Strength
    names: tuple[str, ...]
    begun: Interval | None
    zone: ZoneInfo


def doses_of(resource: Json, kind: str, reader: Reader) -> tuple[DoseSegment, ...]:
    """() where the resource holds no dosage at all; an instruction that can't be read is a segment with a problem."""
    if kind == "MedicationAdministration":
        return tuple(_administered(as_dict(resource.get("dosage")), reader))
    instructions = as_dicts(resource.get(_INSTRUCTIONS[kind]))
    segments = tuple(_plausible(one) for one in _instructed(instructions, reader))
    if kind == "MedicationDispense" and not any(one.low is not None for one in segments):
        return _supplied(resource, reader) or segments
    return segments


def _plausible(segment: DoseSegment) -> DoseSegment:
    if segment.high is not None and segment.high > _LARGEST:
        return _unread(segment.text, "the dose is not plausible", segment.first, segment.last)
    return segment


def _instructed(instructions: Sequence[Json], reader: Reader) -> Iterator[DoseSegment]:
    """Each instruction with its own bounds; steps of a sequence follow one another, those without run side by side."""
    spans = spans_of(list(instructions), reader.begun, Dates(reader.zone).period)
    stepped = len({as_number(one.get("sequence")) for one, _, _ in spans}) > 1
    for number, (instruction, start, end) in enumerate(spans):
        if stepped and end is None and number < len(spans) - 1:
            yield _unread(_words(instruction), "a step of unknown length")
            continue
        if stepped and end is not None and any(end == following for _, following, _ in spans[number + 1 :]):
            end = Interval(add_days(end.first, -1), add_days(end.last, -1))  # the day of the change is the next step's
        bounds = (start, end) if stepped or end is not None or (start is not None and start != reader.begun) else (None, None)
        yield from _one(instruction, *bounds, reader)


def _one(instruction: Json, first: Interval | None, last: Interval | None, reader: Reader) -> Iterator[DoseSegment]:
    text = _words(instruction)
    structured = _structured(instruction, reader)
    written = read_sig(text, reader.strength, reader.names) if text else None
    if structured is not None:
        if written and len(written) == 1 and not _agree(structured, written[0], instruction):
            yield _unread(text, "structured dose and text disagree", first, last)
        else:
            yield replace(structured, first=first, last=last)
    elif written:
        yield from _from_words(written, text, first, last, instruction, reader)
    else:
        yield _unread(text, _why(instruction, text, reader), first, last)


def _agree(structured: DoseSegment, written: SigStep, instruction: Json) -> bool:
    """Whether the words say the same; an instruction as needed may be so by either."""
    if structured.as_needed != written.as_needed:
        return structured.high == written.high
    return (structured.low, structured.high, structured.peak) == (written.low, written.high, written.peak)


def _structured(instruction: Json, reader: Reader) -> DoseSegment | None:
    """The dose of doseAndRate by the frequency of the timing; None where either is missing or can't be read."""
    amount, often = _amount(instruction, reader.strength), _frequency(instruction)
    return None if amount is None or often is None else _segment(amount, often, instruction, "coded")


def _frequency(instruction: Json) -> Frequency | None:
    """By the timing's structure or code, else by the words of its code."""
    timing = instruction.get("timing")
    said = words(as_dict(timing).get("code"))
    return frequency_of(timing) or next((found for text in said if (found := frequency_said(text))), None)


def _segment(amount: Amount, often: Frequency, instruction: Json, grade: str) -> DoseSegment:
    cap = _cap(instruction)
    low, high, peak = amount.low * often.low, amount.high * often.high, amount.high * often.most
    if cap is not None:
        low, high, peak = min(low, cap), min(high, cap), min(peak, cap)
    needed = _as_needed(instruction)
    return _made(Fraction(0) if needed else low, high, peak, needed, grade, _words(instruction))


def _made(low: Fraction, high: Fraction, peak: Fraction, as_needed: bool, grade: str, text: str) -> DoseSegment:
    pattern = f"{low}..{high} mg a day, {peak} at most" + (" as needed" if as_needed else "")
    return DoseSegment(None, None, low, high, peak, pattern, grade, text[:_QUOTED], as_needed)


def _amount(instruction: Json, strength: Strength) -> Amount | None:
    """The one dose that doseAndRate gives: the ordered one, else all entries must agree."""
    entries = as_dicts(instruction.get("doseAndRate"))
    ordered = [one for one in entries if "ordered" in str(as_dict(one.get("type"))).lower()]
    amounts = [
        amount_of_range(one["doseRange"], strength) if "doseRange" in one else amount_of(one.get("doseQuantity"), strength)
        for one in ordered or entries
    ]
    return amounts[0] if amounts and all(one == amounts[0] for one in amounts) else None


def _cap(instruction: Json) -> Fraction | None:
    """maxDosePerPeriod in milligrams a day."""
    ratio = as_dict(instruction.get("maxDosePerPeriod"))
    most, days = amount_of(ratio.get("numerator"), Strength()), duration_of(ratio.get("denominator"))
    return most.high / days.days if most and days is not None and days.days and not days.months else None


def _as_needed(instruction: Json) -> bool:
    return instruction.get("asNeededBoolean") is True or bool(as_dict(instruction.get("asNeededCodeableConcept")))


def _from_words(
    steps: tuple[SigStep, ...], text: str, first: Interval | None, last: Interval | None, instruction: Json, reader: Reader
) -> Iterator[DoseSegment]:
    """Steps in words count from the instruction's beginning, which must then be a known day."""
    needed = _as_needed(instruction)
    begun = first or reader.begun
    if len(steps) > 1 or steps[0].days is not None:
        if begun is None or not begun.exact:
            yield _unread(text, "steps from an unknown day", first, last)
            return
        first = begun
    for step in steps:
        end = last if step.days is None or first is None else _after(first, step.days)
        low = Fraction(0) if needed else step.low
        yield replace(_made(low, step.high, step.peak, needed or step.as_needed, "parsed", text), first=first, last=end)
        first = first if end is None else Interval(add_days(end.first, 1), add_days(end.last, 1))


def _after(first: Interval, days: int) -> Interval:
    """The last of so many days."""
    return Interval(add_days(first.first, days - 1), add_days(first.last, days - 1))


def _unread(text: str, why: str, first: Interval | None = None, last: Interval | None = None) -> DoseSegment:
    return DoseSegment(first, last, None, None, None, "", "coded", text[:_QUOTED], False, why)


def _why(instruction: Json, text: str, reader: Reader) -> str:
    if text:
        return "instruction not understood"
    if not as_dicts(instruction.get("doseAndRate")):
        return "no dose is given"
    if _amount(instruction, reader.strength) is None:
        return "the dose has no unit or strength that can be read"
    return "no frequency is given"


def _words(instruction: Json) -> str:
    return as_text(instruction.get("text")) or as_text(instruction.get("patientInstruction")) or ""


def _administered(dosage: Json, reader: Reader) -> Iterator[DoseSegment]:
    """One dose, on the day on which it was given."""
    if not dosage:
        return
    amount = amount_of(dosage.get("dose"), reader.strength)
    text = as_text(dosage.get("text")) or ""
    if amount is None:
        yield _unread(text, "the dose given can't be read")
    else:
        yield _made(amount.low, amount.high, amount.high, False, "coded", text)


def _supplied(resource: Json, reader: Reader) -> tuple[DoseSegment, ...]:
    """What was handed out over the days that it lasts: only where no instruction can be read."""
    amount, days = amount_of(resource.get("quantity"), reader.strength), duration_of(resource.get("daysSupply"))
    if amount is None or days is None or days.months or days.days < 1:
        return ()
    daily = amount.high / days.days
    return (_made(daily, daily, daily, False, "supply", ""),)
