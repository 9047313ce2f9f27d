"""A Chart into Inputs: every mapper run under a guard, so that a resource that can't be read costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from fhir_mappings.adverse_event import map_adverse_event
from fhir_mappings.allergy import listed, map_allergy, none_known
from fhir_mappings.answers import map_response
from fhir_mappings.chart import Chart, Entry
from fhir_mappings.coded import UNKNOWN_CODE
from fhir_mappings.condition import map_conditions
from fhir_mappings.coverage import months_silent, recording_days, until
from fhir_mappings.dates import Interval, on
from fhir_mappings.encounter import map_encounter
from fhir_mappings.findings import map_observation_findings, map_report_findings
from fhir_mappings.immunization import map_immunization, map_recommendation
from fhir_mappings.inputs import Answer, DataIssue, Inputs, Participation, Record, SourceState, State
from fhir_mappings.medication import map_medications
from fhir_mappings.observation import map_observations
from fhir_mappings.patient import map_patient
from fhir_mappings.procedure import map_planned, map_procedure, untold
from fhir_mappings.reasons import PROCEDURES_AND_DRUGS, map_reasons
from fhir_mappings.record import Site
from fhir_mappings.research import map_subject
from fhir_mappings.terminology import Terminology

Fact = TypeVar("Fact")
_MEDICATIONS = ("Medication", "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement")
_CODES = {"AllergyIntolerance": "code", "Condition": "code", "Immunization": "vaccineCode", "Observation": "code", "Procedure": "code"}
_CONCEPT = (dict, list)  # the shapes that a code may have
_ANY_ORDER = (date.min, date.min)


def map_chart(chart: Chart, terms: Terminology, as_of: date, zone: ZoneInfo) -> Inputs:
    """Never raises on any JSON: what can't be read is named in `issues` and makes its type partial."""
    person, patient_issues = map_patient(chart, terms, as_of, zone)
    chart, misshapen = _without_misshapen(chart)
    site = Site(chart, terms, zone, as_of, person, [*chart.issues, *patient_issues, *misshapen])
    records = _records(site)
    participations = _guarded("ResearchSubject", site, _one(map_subject))
    answers = _guarded("QuestionnaireResponse", site, map_response)
    results, found = _whole(chart, ("Observation", "DiagnosticReport"), site, lambda part: map_observations(part, terms, zone, as_of))
    drugs = _whole(chart, (*_MEDICATIONS, "Procedure"), site, lambda part: map_medications(part, terms, zone, as_of))
    site.issues += [*found, *drugs.issues]
    holed = drugs.holes | ({"Procedure"} if untold(site) else frozenset())
    written = recording_days(chart, zone)
    days, later = until(written, as_of)
    return Inputs(
        person=person,
        as_of=as_of,
        records=_by_concept(records),
        results=results,
        exposures=drugs.exposures,
        answers=_by_link(answers),
        participations=tuple(sorted(participations, key=_participation_order)),
        sources=_sources(chart, site.issues, holed),
        recording_dates=days,
        medication_dates=drugs.dates,
        no_medication=drugs.no_medication,
        no_allergies=none_known(chart.of("AllergyIntolerance"), site),
        allergies=_whole(chart, ("AllergyIntolerance",), site, lambda part: listed(part.of("AllergyIntolerance"), site)),
        issues=_told_once(site.issues),
        later_records=later,
        months_silent=months_silent([*written, *map(on, drugs.dates)], as_of),
    )


def _without_misshapen(chart: Chart) -> tuple[Chart, list[DataIssue]]:
    """The chart without resources whose code is there but is no CodeableConcept: what they say can't be told (STU3, R5, junk)."""
    kept: dict[str, tuple[Entry, ...]] = {}
    issues = []
    for name, element in _CODES.items():
        good = tuple(entry for entry in chart.of(name) if isinstance(entry.resource.get(element, {}), _CONCEPT))
        if len(good) < len(chart.of(name)):
            kept[name] = good
            issues += _set_aside(chart.of(name), good)
    if not issues:
        return chart, []
    sources = dict(chart.sources)
    for name in kept:
        state = State.PARTIAL if sources[name].state is State.WHOLE else sources[name].state
        sources[name] = replace(sources[name], state=state, count=len(kept[name]))
    return replace(chart, entries={**chart.entries, **kept}, sources=sources), issues


def _one(mapper: Callable[[Entry, Site], Fact | None]) -> Callable[[Entry, Site], Iterable[Fact]]:
    def several(entry: Entry, site: Site) -> Iterable[Fact]:
        fact = mapper(entry, site)
        return () if fact is None else (fact,)

    return several


def _records(site: Site) -> list[Record]:
    return [
        *_guarded("Condition", site, map_conditions),
        *_guarded("Procedure", site, _one(map_procedure)),
        *_guarded("ServiceRequest", site, _one(map_planned)),
        *(record for kind in PROCEDURES_AND_DRUGS for record in _guarded(kind, site, map_reasons)),
        *_guarded("Encounter", site, map_encounter),
        *_guarded("DiagnosticReport", site, map_report_findings),
        *_guarded("Observation", site, map_observation_findings),
        *_guarded("Immunization", site, _one(map_immunization)),
        *_guarded("ImmunizationRecommendation", site, map_recommendation),
        *_guarded("AllergyIntolerance", site, _one(map_allergy)),
        *_guarded("AdverseEvent", site, _one(map_adverse_event)),
    ]


def _guarded(name: str, site: Site, mapper: Callable[[Entry, Site], Iterable[Fact]]) -> list[Fact]:
    found: list[Fact] = []
    for entry in site.chart.of(name):
        try:
            found += list(mapper(entry, site))
        except Exception:  # any shape may come; its text may hold what the chart holds, so only the place is kept
            site.issues.append(_unreadable(entry))
    return found


def _unreadable(entry: Entry) -> DataIssue:
    return DataIssue("resource-unreadable", entry.reference, "the resource can't be read and was set aside")


def _set_aside(entries: tuple[Entry, ...], kept: tuple[Entry, ...]) -> list[DataIssue]:
    held = {entry.reference for entry in kept}
    return [_unreadable(entry) for entry in entries if entry.reference not in held]


def _whole(chart: Chart, types: tuple[str, ...], site: Site, mapper: Callable[[Chart], Fact]) -> Fact:
    """A mapper of a whole chart; where it fails, the entries that it fails on alone are set aside first."""
    try:
        return mapper(chart)
    except Exception:
        kept = {name: tuple(entry for entry in chart.of(name) if _reads(chart, name, entry, mapper)) for name in types}
        for name in types:
            site.issues += _set_aside(chart.of(name), kept[name])
    try:
        return mapper(replace(chart, entries={**chart.entries, **kept}))
    except Exception:  # they fail only together: none of them can be told from the one at fault
        site.issues += [_unreadable(entry) for name in types for entry in kept[name]]
        return mapper(replace(chart, entries={**chart.entries, **dict.fromkeys(types, ())}))


def _reads(chart: Chart, name: str, entry: Entry, mapper: Callable[[Chart], object]) -> bool:
    try:
        mapper(replace(chart, entries={name: (entry,)}))
    except Exception:
        return False
    return True


def _sources(chart: Chart, issues: list[DataIssue], holed: frozenset[str]) -> Mapping[str, SourceState]:
    """A resource that could not be read, or whose code can't be told, is a hole: its type no longer shows what is absent (design 5).

    `holed` names types with a record of which can't be told what it is: a drug, a procedure.
    """
    holes = {issue.reference for issue in issues if issue.code in ("resource-unreadable", UNKNOWN_CODE[0])}
    if not holes and not holed:
        return chart.sources
    sources = dict(chart.sources)
    for name, source in sources.items():
        if source.state is State.WHOLE and (name in holed or any(entry.reference in holes for entry in chart.of(name))):
            sources[name] = replace(source, state=State.PARTIAL)
    return sources


def _by_concept(records: list[Record]) -> dict[str, tuple[Record, ...]]:
    found: dict[str, list[Record]] = {}
    for record in sorted(records, key=_record_order):
        for name in record.concepts:
            found.setdefault(name, []).append(record)
    return {name: tuple(held) for name, held in sorted(found.items())}


def _bounds(when: Interval | None) -> tuple[date, date]:
    return (when.first, when.last) if when else _ANY_ORDER


def _record_order(record: Record) -> tuple[object, ...]:
    return (*_bounds(record.when), record.type, record.origin.reference, sorted(record.concepts))


def _participation_order(one: Participation) -> tuple[object, ...]:
    return (*_bounds(one.period_start), one.origin.reference)


def _by_link(answers: list[Answer]) -> dict[str, tuple[Answer, ...]]:
    found: dict[str, list[Answer]] = {}
    for answer in sorted(answers, key=lambda one: (one.link_id, one.authored, one.origin.reference, str(one.value))):
        found.setdefault(answer.link_id, []).append(answer)
    return {link: tuple(held) for link, held in found.items()}


def _told_once(issues: list[DataIssue]) -> tuple[DataIssue, ...]:
    return tuple(sorted(set(issues), key=lambda one: (one.reference, one.code, one.issue)))
