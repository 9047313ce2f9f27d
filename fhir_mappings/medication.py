"""The medication resources of a Chart into Exposures by agent, their recording dates and an explicit "no medication" (spec 0.4, 1.2)."""

from __future__ import annotations

import marshal
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from fhir_mappings.chart import Chart, Entry
from fhir_mappings.dates import EARLIEST, RECENT, Interval, read_date
from fhir_mappings.dosage import Reader, doses_of
from fhir_mappings.dosage_amount import UNKNOWN, Strength
from fhir_mappings.dosage_instruction import Instructed
from fhir_mappings.inputs import DataIssue, DoseSegment, Exposure, Origin, Product, Standing
from fhir_mappings.medication_denial import contradicted, denying
from fhir_mappings.medication_drug import Drug, DrugTerms, drug_of, sayings
from fhir_mappings.medication_gate import Gate, gate, is_reported
from fhir_mappings.medication_route import Route, route_of
from fhir_mappings.medication_time import Course, course_of
from fhir_mappings.procedure_drug import administrations
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, concept_key, label

# Where each kind keeps its Dosages.
_DOSAGES = {
    "MedicationRequest": "dosageInstruction",
    "MedicationStatement": "dosage",
    "MedicationDispense": "dosageInstruction",
    "MedicationAdministration": "dosage",
}


@dataclass(frozen=True)
class Medications:
    """`exposures` by agent, in a stable order; `holes`: resource types with a usable record whose drug can't be told."""

    exposures: Mapping[str, tuple[Exposure, ...]]
    dates: tuple[date, ...]
    no_medication: Origin | None
    issues: tuple[DataIssue, ...]
    holes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Site:
    """What was read before: `drugs`, `routes` and `dosages`. A chart orders few drugs again and again, in few words."""

    chart: Chart
    terms: DrugTerms
    zone: ZoneInfo
    as_of: date
    drugs: dict[Hashable, Drug] = field(default_factory=dict)
    routes: dict[Hashable, Route] = field(default_factory=dict)
    dosages: dict[Hashable, Instructed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Record:
    """One usable medication resource, read. `spelled` is the whole of its dosages."""

    entry: Entry
    kind: str
    gate: Gate
    drug: Drug
    course: Course
    route: Route
    reason: frozenset[str]
    spelled: bytes | None

    @property
    def counts(self) -> bool:
        """Whether it is a medication record that can be relied on (ruling 12)."""
        return self.gate.problem is None and self.drug.says != "unknown"

    @property
    def standing(self) -> Standing:
        if self.gate.problem is None:
            return self.drug.standing
        return Standing.DISPUTED if self.gate.disputed else Standing.UNCLEAR

    @property
    def denies(self) -> bool:
        """Whether it says that the drug is not taken."""
        return self.gate.reading == "not-taken"


def map_medications(chart: Chart, terms: DrugTerms, zone: ZoneInfo, as_of: date) -> Medications:
    """All medication records of the chart as exposures. What is dated after `as_of` is planned."""
    site = _Site(chart, terms, zone, as_of)
    replaced = _replaced(site)
    entries = [(entry, kind) for kind in _DOSAGES for entry in chart.of(kind)]
    entries += [(entry, "MedicationAdministration") for entry in administrations(chart, terms)]
    read = [_record(entry, kind, site, replaced) for entry, kind in entries]
    records = [one for one in read if one is not None and not one.denies]
    denials = [one for one in read if one is not None and one.denies]
    against = [denying(one.drug.agents, _origin(one), one.course) for one in denials if _denies(one, as_of)]
    exposures: dict[str, list[Exposure]] = {}
    for record in records:
        for agent in record.drug.agents:
            exposures.setdefault(agent, []).append(contradicted(_exposure(record, agent, site), against))
    return Medications(
        exposures={agent: tuple(sorted(exposures[agent], key=_order)) for agent in sorted(exposures)},
        dates=tuple(sorted({one.course.recorded.first for one in records if one.counts and one.course.recorded})),
        no_medication=_no_medication(records, site),
        issues=tuple(issue for record in records for issue in _issues(record)),
        holes=frozenset(one.kind for one in records if one.drug.unknown or one.drug.says == "unknown"),
    )


def _denies(record: _Record, as_of: date) -> bool:
    """Whether a record that it is not taken says so of a drug that it names; a class alone may be of another drug."""
    return record.drug.standing is not Standing.CLASS and not _planned(record.course, as_of)


def _order(exposure: Exposure) -> tuple[date, str]:
    return exposure.start.first if exposure.start else date.max, exposure.origin.reference


def _replaced(site: _Site) -> dict[str, Interval]:
    """By reference, the day of the first later order that names a request as its prior prescription (spec 1.2)."""
    found: dict[str, Interval] = {}
    for entry in site.chart.of("MedicationRequest"):
        named = entry.resource.get("priorPrescription")
        if not named:
            continue
        prior = site.chart.resolve(named, entry.resource)
        authored = read_date(entry.resource.get("authoredOn"), site.zone)
        passed = gate(entry.resource, "MedicationRequest")
        is_order = passed.reading != "drop" and passed.problem is None  # what can only ask ends no other record
        if prior is None or authored is None or not is_order or authored.first > site.as_of or prior.reference == entry.reference:
            continue
        held = found.get(prior.reference)
        found[prior.reference] = authored if held is None or authored.first < held.first else held
    return found


def _record(entry: Entry, kind: str, site: _Site, replaced: Mapping[str, Interval]) -> _Record | None:
    """One resource, read; None where it is never evidence of a drug taken."""
    passed = gate(entry.resource, kind)
    if passed.reading == "drop":
        return None
    drug = _drug(entry.resource, site)
    course = course_of(entry.resource, kind, passed.reading, site.zone, site.as_of, replaced.get(entry.reference))
    dosages = entry.resource.get(_DOSAGES[kind])
    spelled = _spelled(dosages)
    route = _route(dosages, spelled, drug, site)
    return _Record(entry, kind, passed, drug, course, route, _reason(entry.resource, site), spelled)


def _spelled(dosages: Any) -> bytes | None:
    """What tells one content from another; None where it is nested too deeply, or holds what no JSON is read into, to be spelled."""
    try:
        return marshal.dumps(dosages, 2)  # in a third of repr's time; later versions spell equal contents in several ways
    except ValueError:
        return None


def _route(dosages: object, spelled: bytes | None, drug: Drug, site: _Site) -> Route:
    key = spelled, drug.texts, drug.forms
    found = site.routes.get(key) if spelled is not None else None
    if found is None:
        found = site.routes[key] = route_of(dosages, drug, site.terms)
    return found


def _drug(resource: Json, site: _Site) -> Drug:
    """A concept that stands in the record itself says the same in every record; what is referred to is looked up."""
    key = None if "medicationReference" in resource else concept_key(resource.get("medicationCodeableConcept"))
    found = site.drugs.get(key)
    if found is None:
        found = drug_of(resource, site.chart, site.terms)
        if key is not None:
            site.drugs[key] = found
    return found


def _reason(resource: Json, site: _Site) -> frozenset[str]:
    """The value sets of the reasons given, in codes or by the Conditions referred to."""
    if "reasonCode" not in resource and "reasonReference" not in resource:
        return frozenset()
    concepts = as_dicts(resource.get("reasonCode"))
    for reference in as_dicts(resource.get("reasonReference")):
        found = site.chart.resolve(reference, resource)
        concepts += as_dicts(found.resource.get("code")) if found else []
    return frozenset(name for concept in concepts for name in site.terms.members(concept))


def _exposure(record: _Record, agent: str, site: _Site) -> Exposure:
    course = record.course
    strength = record.drug.strengths.get(agent, UNKNOWN)
    reader = Reader(strength, record.drug.texts, course.start, site.zone, record.spelled, site.dosages)
    doses = doses_of(record.entry.resource, record.kind, reader)
    return Exposure(
        agent=agent,
        kind=record.kind,
        origin=_origin(record),
        standing=record.standing,
        start=course.start,
        end=course.end,
        ongoing=course.ongoing,
        partial_end=course.partial_end,
        recorded=course.recorded,
        route=record.route.id,
        systemic=record.route.systemic,
        planned=_planned(course, site.as_of),
        on_hold=record.gate.reading == "on-hold",
        reason=record.reason,
        stopped_because=_stopped_because(record),
        doses=tuple(_of_some_drug(one) for one in doses) if record.drug.standing is Standing.CLASS else _renewed(doses, course),
        product=_product(strength),
    )


def _renewed(doses: tuple[DoseSegment, ...], course: Course) -> tuple[DoseSegment, ...]:
    """One instruction for a number of days is followed anew with each refill; a taper, or a single dose, is not."""
    if not course.refilled or all(one.last is None for one in doses):
        return doses
    is_one = len({(one.first, one.last) for one in doses}) == 1 and not any(one.final for one in doses)
    return tuple(replace(one, last=None) for one in doses) if is_one else doses


def _of_some_drug(segment: DoseSegment) -> DoseSegment:
    """A dose of one drug of a class, and it is not said of which: milligrams of none."""
    return replace(segment, low=None, high=None, peak=None, problem=segment.problem or "it is not said which drug of its class it is")


def _product(strength: Strength) -> Product | None:
    is_known = strength.form is not None or strength.millilitre is not None
    return Product(strength.form, strength.millilitre) if is_known else None


def _stopped_because(record: _Record) -> str | None:
    """The reason given with the status of a record that no longer runs; on an active one it says why the drug is taken."""
    reason = as_dict(record.entry.resource.get("statusReason"))
    return label(reason) if reason and record.gate.reading != "active" else None


def _origin(record: _Record) -> Origin:
    grade = "reported" if record.kind == "MedicationRequest" and is_reported(record.entry.resource) else "coded"
    return Origin(record.entry.reference, record.entry.version, record.drug.display, grade)


def _planned(course: Course, as_of: date) -> bool:
    """Dated after the evaluation day by its event date, else by the day it was recorded (spec 0.3)."""
    day = course.start if course.dated else course.recorded
    return day is not None and (day.first if day.first > EARLIEST else day.last) > as_of


def _issues(record: _Record) -> list[DataIssue]:
    found = [problem for problem in (record.gate.problem, record.drug.problem) if problem]
    found += [("date-unreadable", issue) for issue in dict.fromkeys(record.course.unreadable)]
    return [DataIssue(code, record.entry.reference, issue) for code, issue in found]


def _no_medication(records: list[_Record], site: _Site) -> Origin | None:
    """An explicit "no medication" (ruling 12), not dated ahead or, like any open record, more than 12 months back."""
    told = [one for one in records if one.kind == "MedicationStatement" and one.drug.says == "none" and one.counts and one.course.ongoing]
    said = [(_origin(one), one.course.recorded) for one in told]
    said += [(origin, _list_date(entry, site)) for entry in site.chart.of("List") if (origin := _empty_list(entry))]
    recent = RECENT.before(site.as_of)
    valid = [origin for origin, day in said if day is None or (day.first <= site.as_of and day.last >= recent)]
    return min(valid, key=lambda origin: origin.reference, default=None)


def _list_date(entry: Entry, site: _Site) -> Interval | None:
    return read_date(entry.resource.get("date"), site.zone)


def _empty_list(entry: Entry) -> Origin | None:
    """A current medication List that is empty because nothing is known to be taken."""
    resource = entry.resource
    about = set(sayings(resource.get("code")))
    is_empty = not as_dicts(resource.get("entry")) and "nilknown" in set(sayings(resource.get("emptyReason")))
    if as_text(resource.get("status")) != "current" or not ("none" in about or ("list" in about and is_empty)):
        return None
    return Origin(entry.reference, entry.version, label(resource.get("code")))
