"""An Observation (or one of its components) and the value set it belongs to into a Result."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from fhir_mappings.analytes import Analyte, analyte
from fhir_mappings.another_test import another_test
from fhir_mappings.dates import Interval
from fhir_mappings.inputs import DataIssue, Origin, Positivity, Result, Standing
from fhir_mappings.observed import Observed, read_value
from fhir_mappings.positivity import Lookup, Positive, read_positivity, titre_of
from fhir_mappings.reference_range import NO_LIMITS, Limits, Patient, Scale, read_limits
from fhir_mappings.shapes import Json, as_dicts, codings, label, said
from fhir_mappings.specimen import another_fluid, doubt
from fhir_mappings.units import NO_UNIT, TITRE, Reading, clip, read_number


class Frame(NamedTuple):
    """What a resource says of all results it holds: where it stands, what it is worth, when it was, of which specimen (its words)."""

    reference: str
    version: str | None
    standing: Standing
    when: Interval | None
    specimen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """What is needed to read any result of one patient."""

    terms: Lookup
    zone: ZoneInfo
    patient: Patient
    issues: list[DataIssue]
    limits: dict[tuple[str, str | None, bytes], Limits] = field(default_factory=dict)

    def complain(self, code: str, reference: str, issue: str) -> None:
        found = DataIssue(code, reference, issue)
        if found not in self.issues:
            self.issues.append(found)


class Measured(NamedTuple):
    """What is measured: the value set (or a component's own code), how it is read, and what the record calls it."""

    concept: str
    kind: Analyte
    name: str


def measured(concept: str, code: object) -> Measured:
    kind = analyte(concept)
    return Measured(concept, kind, name_of(code, kind))


def read_result(
    source: Json,
    what: Measured,
    frame: Frame,
    reader: Reader,
    concepts: frozenset[str] = frozenset(),
    components: Mapping[str, Result] | None = None,
) -> Result:
    """The Result of one value set. `source` is the Observation or the component; a component has the frame of its Observation."""
    concept, kind, name = what
    observed = read_value(source, reader.zone)
    reading = _number(kind, observed)
    limits = _limits(source, kind, observed, reading, frame, reader)
    sign = read_positivity(observed, source.get("interpretation"), reader.terms, kind, reading.value, limits) if kind.signed else None
    problem = _problem(kind, observed, reading, bool(components)) or (_silence(observed, sign) if sign else None)
    doubtful = _doubt(source, kind, frame, concepts, reader)
    suspicious = reading.suspicious or doubtful
    if frame.standing is not Standing.TEXT:
        _complain(reading, doubtful, frame, reader)
    return Result(
        concept,
        Origin(frame.reference, frame.version, f"{name} {_said(source, observed, problem)}".strip(), _grade(observed, sign)),
        frame.standing,
        frame.when,
        value=reading.value,
        unit=reading.unit,
        upper=limits.upper,
        lower=limits.lower,
        positivity=sign.reading if sign else None,
        conflict=bool(suspicious) or bool(sign and sign.conflict),
        titre=sign.titre if sign else None,
        codes=reader.terms.members(observed.concept) if observed.concept is not None else frozenset(),
        day=observed.day,
        components=components or {},
        text=observed.text,
        boolean=observed.boolean,
        problem=problem or suspicious,
        concepts=concepts or frozenset({concept}),
    )


def _doubt(source: Json, kind: Analyte, frame: Frame, concepts: frozenset[str], reader: Reader) -> str | None:
    """Why the result may not be of this patient's blood, or not of this test."""
    code = source.get("code")
    found = doubt(source, kind, reader.terms) or another_fluid(frame.specimen, code, kind, reader.terms)
    if found or frame.standing is Standing.TEXT or kind.measures:
        return found
    return another_test(code, concepts, reader.terms)


def _number(kind: Analyte, observed: Observed) -> Reading:
    if observed.quantity is None or observed.number is None or kind.reads == "coded":
        return Reading()
    return read_number(kind, observed.number, observed.quantity)


def _limits(source: Json, kind: Analyte, observed: Observed, reading: Reading, frame: Frame, reader: Reader) -> Limits:
    if not source.get("referenceRange"):
        return NO_LIMITS
    titre = titre_of(observed, kind, reading.value) if kind.signed else None
    if titre is None and reading.value is None:
        return NO_LIMITS
    unit, written = TITRE if titre else reading.unit, observed.quantity or {}
    told = _told(source, written)
    key = (kind.id, unit, told) if told else None
    held = reader.limits.get(key) if key else None
    if held is not None:
        return held
    found = read_limits(source, Scale(kind.id, unit, written), reader.patient, frame.when)
    if key:
        reader.limits[key] = found
    return found


def _told(source: Json, written: Json) -> bytes | None:
    """The ranges and the value's unit as they are written: a laboratory sends the same with each of its results, to be read once.

    None for ranges that depend on the age at the result, and for what can't be told from its like.
    """
    try:
        fields = source["referenceRange"], written.get("unit"), written.get("code"), written.get("system"), written.get("units")
        told = marshal.dumps(fields, 2)  # the version without references: equal fields are written alike
    except ValueError:
        return None
    return None if b"age" in told else told


def _problem(kind: Analyte, observed: Observed, reading: Reading, has_components: bool) -> str | None:
    """Why there is no value; an assessment that has its values in its components lacks none."""
    if observed.problem or reading.problem:
        return observed.problem or reading.problem
    if kind.numeric and reading.value is None and not has_components:
        return "no value reported" if observed.empty else "the value is not a number with a unit"
    return None


def _silence(observed: Observed, sign: Positive) -> str | None:
    """An order without a result, and without an interpretation that would be one; or why a result is no more than borderline."""
    if sign.doubt:
        return sign.doubt
    return "no value reported" if observed.empty and sign.reading is Positivity.UNKNOWN else None


def _complain(reading: Reading, doubtful: str | None, frame: Frame, reader: Reader) -> None:
    """A data issue for a number that was given and can't be read or believed."""
    if reading.problem:
        reader.complain(_issue_code(reading.problem), frame.reference, reading.problem)
    if reading.suspicious:
        reader.complain("value-implausible", frame.reference, reading.suspicious)
    if doubtful:
        reader.complain("specimen-doubtful", frame.reference, doubtful)


def _issue_code(problem: str) -> str:
    if problem == NO_UNIT:
        return "unit-missing"
    return "unit-unmapped" if problem.startswith("unit") else "value-unreadable"


def _grade(observed: Observed, sign: Positive | None) -> str:
    return sign.grade if sign else "parsed" if observed.parsed else "coded"


def _said(source: Json, observed: Observed, problem: str | None) -> str:
    """What a clinician would read behind the name: the value, else why there is none, else the interpretation in its place."""
    if observed.text:
        return clip(observed.text, 60)
    if problem:
        return f"({problem})"
    flags = [label(one) for one in as_dicts(source.get("interpretation"))]
    return f"“{clip(', '.join(flags), 60)}”" if flags else ""


def name_of(code: object, kind: Analyte) -> str:
    """The record's own words for a code, else the table's, else the code."""
    own = next(said(code), None)
    return clip(own, 80) if own else kind.name or next((one for _, one, _ in codings(code)), kind.id)
