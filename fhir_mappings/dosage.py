"""The dosage instructions of a medication resource into dose segments: milligrams a day between two days (spec 1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from fhir_mappings.dates import Interval
from fhir_mappings.dosage_amount import in_milligrams, quantity_of
from fhir_mappings.dosage_bounds import Line, Placed, placed, waits_for_a_day
from fhir_mappings.dosage_dose import Daily, Phase, apart, daily, plausible, total
from fhir_mappings.dosage_instruction import NO_DOSE, NOT_UNDERSTOOD, Instructed, Reader, line_of
from fhir_mappings.dosage_text import is_altered
from fhir_mappings.dosage_timing import Schedule
from fhir_mappings.inputs import DoseSegment
from fhir_mappings.medication_supply import duration_of
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text

__all__ = ["Reader", "doses_of"]

_INSTRUCTIONS = {
    "MedicationRequest": "dosageInstruction",
    "MedicationStatement": "dosage",
    "MedicationDispense": "dosageInstruction",
}
_ENDS = re.compile(r"\b(?:stop|off|discontinue|finish|complete)|absetzen|ausschleichen|停", re.IGNORECASE)
_QUOTED = 160  # characters of an instruction that are quoted


def doses_of(resource: Json, kind: str, reader: Reader) -> tuple[DoseSegment, ...]:
    """() where the resource holds no dosage at all; an instruction that can't be read is a segment with a problem."""
    if kind == "MedicationAdministration":
        return tuple(_administered(as_dict(resource.get("dosage")), reader))
    segments = _instructed(resource.get(_INSTRUCTIONS[kind]), reader)
    if kind == "MedicationDispense" and not any(one.low is not None for one in segments):
        return _supplied(resource, reader, segments) or segments
    return segments


def _instructed(dosages: object, reader: Reader) -> tuple[DoseSegment, ...]:
    """Of instructions that stand in many records of a chart only the days are worked out anew, and only where they count from one."""
    if reader.spelled is None:
        return _segments([line_of(one, reader) for one in as_dicts(dosages)], reader.begun)
    key = reader.spelled, reader.strength, reader.texts
    found = reader.read.get(key)
    if found is None:
        lines = tuple(line_of(one, reader) for one in as_dicts(dosages))
        found = reader.read[key] = Instructed(lines, None if waits_for_a_day(lines) else _segments(lines, None))
    return _segments(found.lines, reader.begun) if found.segments is None else found.segments


def _segments(lines: Sequence[Line], begun: Interval | None) -> tuple[DoseSegment, ...]:
    return tuple(_segment(one) for one in _by_weekday(placed(lines, begun)))


def _segment(one: Placed) -> DoseSegment:
    text = one.line.text[:_QUOTED]
    dose, needed = one.phase.dose, one.phase.as_needed
    is_final = bool(_ENDS.search(one.line.text)) or (isinstance(dose, Daily) and dose.once)
    if isinstance(dose, str):
        return DoseSegment(one.first, one.last, None, None, None, "", one.line.grade, text, needed, dose, final=is_final)
    low = Fraction(0) if needed else dose.low
    pattern = dose.pattern + (" as needed" if needed else "")
    return DoseSegment(one.first, one.last, low, dose.high, dose.peak, pattern, one.line.grade, text, needed, final=is_final)


def _by_weekday(held: list[Placed]) -> list[Placed]:
    """Instructions for different days of the week are one plan: they are never taken on one day, so their peaks do not add."""
    if len(held) < 2:
        return held
    doses = [one.phase.dose for one in held]
    known = [dose for dose in doses if isinstance(dose, Daily)]
    same = len({(one.first, one.last, one.phase.as_needed, one.line.grade) for one in held}) == 1
    if len(known) < len(held) or not same or not apart(known):
        return held
    texts = "; ".join(dict.fromkeys(one.line.text for one in held if one.line.text))
    return [replace(held[0], phase=replace(held[0].phase, dose=total(known)), line=replace(held[0].line, text=texts))]


def _administered(dosage: Json, reader: Reader) -> Iterator[DoseSegment]:
    """One dose, on the day on which it was given, whatever the instruction's text."""
    if not dosage:
        return
    text = as_text(dosage.get("text")) or ""
    day = reader.begun if reader.begun and reader.begun.exact else None
    yield _segment(Placed(Line((), text, "coded" if "dose" in dosage else "parsed"), Phase(_given(dosage, text, reader)), day, day))


def _given(dosage: Json, text: str, reader: Reader) -> Daily | str:
    if "dose" not in dosage:
        sig = reader.sig(text)
        part = sig.only if sig else None
        if part is None or part.amount is None or part.turns or (part.schedule and not part.schedule.once):
            return NOT_UNDERSTOOD if text else "a rate is not read as a dose" if any("rate" in key for key in dosage) else NO_DOSE
        return daily(part.amount, Schedule(once=True), reader.strength)
    amount = quantity_of(dosage["dose"])
    return amount if isinstance(amount, str) else daily(amount, Schedule(once=True), reader.strength)


def _supplied(resource: Json, reader: Reader, unread: Sequence[DoseSegment]) -> tuple[DoseSegment, ...]:
    """What was handed out over the days that it lasts: only where no instruction is read, and none speaks of changes."""
    amount, lasting = quantity_of(resource.get("quantity")), duration_of(resource.get("daysSupply"))
    if isinstance(amount, str) or lasting is None or lasting.months or lasting.days < 1 or any(is_altered(one.text) for one in unread):
        return ()
    dose = in_milligrams(amount, reader.strength)
    if isinstance(dose, str):
        return ()
    mean = dose.high / lasting.days
    found = plausible(Daily(mean, mean, mean))
    text = "; ".join(dict.fromkeys(one.text for one in unread if one.text))
    line = Line((), text, "supply")
    return () if isinstance(found, str) else (_segment(Placed(line, Phase(found, None, any(one.as_needed for one in unread)), None, None)),)
