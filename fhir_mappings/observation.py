"""The Observations and DiagnosticReports of a Chart into Results by value set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from fhir_mappings.analytes import analyte
from fhir_mappings.chart import Chart, Entry
from fhir_mappings.code_systems import normalise_system
from fhir_mappings.dates import Interval, read_date, read_period
from fhir_mappings.identity import local_reference
from fhir_mappings.igra import Part, computed, part_of
from fhir_mappings.inputs import DataIssue, Origin, Positivity, Result, Standing
from fhir_mappings.observed import Observed, has_value
from fhir_mappings.positivity import Lookup, read_positivity
from fhir_mappings.record import modifier_unknown
from fhir_mappings.reference_range import Patient
from fhir_mappings.result import Frame, Measured, Reader, measured, name_of, read_result
from fhir_mappings.same_fact import Filed, distinct
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings, concept_key, status_of, words
from fhir_mappings.specimen import specimen_words

LOCAL = "urn:cds-service:local"
_AMENDED = ("amended", "corrected")
_UNFILED = Filed()
_STANDINGS = {
    **dict.fromkeys(("final", *_AMENDED), Standing.CONFIRMED),
    "preliminary": Standing.UNCONFIRMED,
}
_DROPPED = {"entered-in-error", "cancelled", "registered"}
_SEEN = (Positivity.POS, Positivity.BORDERLINE)
_WHEN = ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming", "issued")


class _Codes(NamedTuple):
    """The value sets of a code, whether only words name them, and what they say is measured."""

    sets: frozenset[str]
    by_words: bool
    measured: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class _Context:
    chart: Chart
    reader: Reader
    as_of: date
    known: dict[object, _Codes] = field(default_factory=dict)

    def codes(self, code: object) -> _Codes:
        key = concept_key(code)
        if key is None:
            return self._look_up(code)
        if key not in self.known:
            self.known[key] = self._look_up(code)
        return self.known[key]

    def _look_up(self, code: object) -> _Codes:
        """The value sets of a code; of one that is in none, those that its words name (ruling 16)."""
        members = self.reader.terms.members(code)
        texts = [] if members else words(code)
        sets = members or (self.reader.terms.named(texts, "Observation") if texts else frozenset())
        return _Codes(sets, not members, tuple(measured(one, code) for one in sorted(sets)))


def map_observations(chart: Chart, terms: Lookup, zone: ZoneInfo, as_of: date) -> tuple[Mapping[str, tuple[Result, ...]], list[DataIssue]]:
    """Results by value-set id, oldest first, and what could not be read. The order of the Bundle changes nothing."""
    person = chart.patient.resource
    patient = Patient(as_text(person.get("gender")), read_date(person.get("birthDate"), zone))
    context = _Context(chart, Reader(terms, zone, patient, []), as_of)
    found: dict[str, list[tuple[Result, Filed]]] = {}
    parts: list[Part] = []
    for entry in chart.of("Observation"):
        results = _observation(entry, context)
        filed = _filed(entry.resource) if results else _UNFILED
        for result, code in results:
            found.setdefault(result.concept, []).append((result, filed))
            if part := part_of(code, result):
                parts.append(part)
    for entry in chart.of("DiagnosticReport"):
        for result in _report(entry, context):
            found.setdefault(result.concept, []).append((result, _filed(entry.resource)))
    for result in computed(parts, [one for one, _ in found.get("lab.igra", [])]):
        found.setdefault(result.concept, []).append((result, _UNFILED))
    return {concept: distinct(found[concept]) for concept in sorted(found)}, context.reader.issues


def _filed(resource: Json) -> Filed:
    if "identifier" not in resource:
        return _UNFILED
    pairs = ((as_text(one.get("system")) or "", as_text(one.get("value"))) for one in as_dicts(resource.get("identifier")))
    identifiers = frozenset((system, value) for system, value in pairs if value)
    return Filed(identifiers, _amended(resource), _drawn(resource))


def _drawn(resource: Json) -> datetime | None:
    """The minute of the draw, where the record states one."""
    said = as_text(resource.get("effectiveDateTime")) or as_text(resource.get("effectiveInstant")) or ""
    return None if "T" not in said or (at := _instant(said)) is None else at.replace(second=0, microsecond=0)


def _amended(resource: Json) -> int:
    """How late an amended version was issued, in seconds: the latest wins (spec 0.4). 0 for what amends nothing."""
    if (status_of(resource.get("status")) or "").casefold() not in _AMENDED:
        return 0
    issued = _instant(as_text(resource.get("issued")) or "")
    return max(1, int(issued.timestamp())) if issued else 1


def _instant(text: str) -> datetime | None:
    """A stated time; one without an offset is taken as UTC: it is only compared with its like."""
    try:
        return (at if (at := datetime.fromisoformat(text)).tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _observation(entry: Entry, context: _Context) -> list[tuple[Result, object]]:
    """(result, code) of the Observation itself and of each component that a value set names."""
    resource = entry.resource
    own = context.codes(resource.get("code"))
    inner = [(one, context.codes(one.get("code"))) for one in as_dicts(resource.get("component"))]
    if not own.sets and not any(codes.sets for _, codes in inner):
        return []
    frame = _frame(entry, context)
    if frame is None:
        return []
    found: list[tuple[Result, object]] = []
    if own.sets and not _headline(resource, own, inner):
        found += _read(resource, own, frame, context, _parts(inner, frame, context) if inner else {})
    for component, codes in inner:
        found += _read(component, codes, frame, context, {})
    return found


def _read(source: Json, codes: _Codes, frame: Frame, context: _Context, parts: Mapping[str, Result]) -> list[tuple[Result, object]]:
    """The results of one source that count for this evaluation, each with its code."""
    worth = frame._replace(standing=Standing.TEXT) if codes.by_words else frame
    found: list[tuple[Result, object]] = []
    for one in codes.measured:
        result = read_result(source, one, worth, context.reader, codes.sets, parts)
        if not _later(result, context.as_of) and not _another_test(result):
            found.append((result, source.get("code")))
    return found


def _headline(resource: Json, own: _Codes, inner: list[tuple[Json, _Codes]]) -> bool:
    """A panel's own line, without a value: its interpretation says nothing of the members (spec 1.3)."""
    if not (inner or resource.get("hasMember")) or has_value(resource) or resource.get("dataAbsentReason"):
        return False
    return bool(as_dicts(resource.get("hasMember"))) or any(codes.sets & own.sets for _, codes in inner)


def _parts(inner: list[tuple[Json, _Codes]], frame: Frame, context: _Context) -> dict[str, Result]:
    """Components by their local code (interfaces.md): the domains of BILAG, the scale of MMT-8."""
    found = {}
    for component, _ in inner:
        for system, code, _ in codings(component.get("code")):
            if normalise_system(system) in (LOCAL, ""):
                found[code] = read_result(component, measured(code, component.get("code")), frame, context.reader)
    return found


def _later(result: Result, as_of: date) -> bool:
    """Dated after the evaluation it is no history (spec 0.3); a recorded date (delivery) may lie ahead by nature."""
    return result.when is not None and result.when.first > as_of and result.day is None


def _another_test(result: Result) -> bool:
    """Named by words, but in a unit that the test does not have: HbA1c in `%` is no haemoglobin."""
    return result.standing is Standing.TEXT and result.value is None and (result.problem or "").startswith("unit '")


def _frame(entry: Entry, context: _Context) -> Frame | None:
    """What the resource is worth and when it was; None where it is no evidence (spec 0.4)."""
    raw = entry.resource.get("status")
    status = raw if isinstance(raw, str) and raw in _STANDINGS else (status_of(raw) or "").casefold()
    if status in _DROPPED:
        return None
    if "focus" in entry.resource and _about_another(entry, context):
        context.reader.complain("focus-other", entry.reference, "the focus is not this patient; the resource is not used")
        return None
    if status not in _STANDINGS:
        context.reader.complain("status-unknown", entry.reference, "the status is unknown or not one that FHIR lists")
    standing = _unmodified(entry, context, _STANDINGS.get(status, Standing.UNCLEAR))
    return Frame(entry.reference, entry.version, standing, _when(entry, context), specimen_words(context.chart, entry.resource))


def _unmodified(entry: Entry, context: _Context, standing: Standing) -> Standing:
    """FHIR lets no one rely on a record with a modifier extension that is not understood."""
    if not as_dicts(entry.resource.get("modifierExtension")):
        return standing
    context.reader.complain(*modifier_unknown(entry))
    return Standing.UNCLEAR


def _about_another(entry: Entry, context: _Context) -> bool:
    """Whether `focus` names anything but this patient (a fetus, a donor, a device)."""
    return not all(_is_patient(one, context.chart) for one in as_dicts(entry.resource.get("focus")))


def _is_patient(reference: Json, chart: Chart) -> bool:
    return (
        chart.resolve(reference) is chart.patient or local_reference(as_text(reference.get("reference")) or "") == chart.patient.reference
    )


def _when(entry: Entry, context: _Context) -> Interval | None:
    """The day of the result: effective before issued; of a period its end (spec 0.3)."""
    resource, zone = entry.resource, context.reader.zone
    for given in _WHEN:
        if resource.get(given):
            break
    else:
        context.reader.complain("date-missing", entry.reference, "neither effective nor issued says when")
        return None
    value = resource[given]
    if given == "effectivePeriod":
        when = _end_of(value, zone, context.as_of)
    elif given == "effectiveTiming":
        events = as_dict(value).get("event")
        when = read_date(events[-1], zone) if isinstance(events, list) and events else None
    else:
        when = read_date(value, zone)
    if when is None:
        context.reader.complain("date-unreadable", entry.reference, f"{given} cannot be read as a date")
    return when


def _end_of(period: object, zone: ZoneInfo, as_of: date) -> Interval | None:
    """A period that has no end may end on any day from its start until the evaluation."""
    start, end = read_period(period, zone)
    if end or start is None or as_dict(period).get("end"):
        return end
    return Interval(start.first, max(start.last, as_of))


def _report(entry: Entry, context: _Context) -> list[Result]:
    """A report whose conclusion names an antibody: read as words only, for a person to look at.

    Beside results of its own it counts where it finds one test positive that none of them is of: a conclusion mostly tells them again.
    """
    resource = entry.resource
    results = [found for one in as_dicts(resource.get("result")) if (found := context.chart.resolve(one, resource))]
    texts = [text for text in (as_text(resource.get("conclusion")), *words(resource.get("conclusionCode"))) if text]
    if not texts:
        return []
    terms = context.reader.terms
    sets = terms.named(texts, "Observation") | context.codes(resource.get("code")).sets | terms.members(resource.get("conclusionCode"))
    named = sorted(one for one in sets if analyte(one).reads == "positivity")
    frame = _frame(entry, context) if named else None
    if frame is None or (frame.when and frame.when.first > context.as_of):
        return []
    read = [_concluded(one, resource, texts, frame, context.reader, alone=len(named) == 1) for one in named]
    told = frozenset[str]().union(*(context.codes(one.resource.get("code")).sets for one in results))
    return read if not results else [one for one in read if one.positivity in _SEEN and one.concept not in told]


def _concluded(concept: str, resource: Json, texts: list[str], frame: Frame, reader: Reader, alone: bool) -> Result:
    """What a conclusion says of one test, where it names no other. Its words stay in the report: they are free text."""
    kind = analyte(concept)
    observed = Observed(texts[0], concept=resource.get("conclusionCode"), words=tuple(texts), parsed=True)
    reading = read_positivity(observed, None, reader.terms, kind, None).reading if alone else Positivity.UNKNOWN
    display = f"{kind.name or concept} named in a report ({name_of(resource.get('code'), kind)})"
    origin = Origin(frame.reference, frame.version, display, "parsed")
    return Result(concept, origin, Standing.TEXT, frame.when, positivity=reading, concepts=frozenset({concept}))
