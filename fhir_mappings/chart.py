"""A Bundle, or the parts of a prefetch, into a Chart: one patient's resources by type and how whole each type is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from fhir_mappings.contained import Part, unfolded
from fhir_mappings.identity import age, cite, digest, identifier_key, identifies, keys, linked, local_reference, token
from fhir_mappings.inputs import DataIssue, SourceState, State
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_number, as_text

# The resource types that some mapper reads; every other type is passed over (it says nothing).
READ_TYPES = (
    "AllergyIntolerance", "Condition", "Consent", "DiagnosticReport", "Encounter", "Immunization",
    "ImmunizationRecommendation", "List", "Medication", "MedicationAdministration", "MedicationDispense",
    "MedicationRequest", "MedicationStatement", "Observation", "Procedure", "QuestionnaireResponse",
    "ResearchStudy", "ResearchSubject",
)  # fmt: skip
# Read where they come, never searched for: what is absent there says nothing, so their retrieval has no state.
READ_BESIDE = ("AdverseEvent", "ServiceRequest")
# Types that hold facts about the patient and so must name the patient as their subject.
_SUBJECT = {
    "AllergyIntolerance": "patient", "Consent": "patient", "Immunization": "patient",
    "ImmunizationRecommendation": "patient", "ResearchSubject": "individual",
}  # fmt: skip
_UNFOLDED = {"Bundle", "OperationOutcome"}
_NO_SUBJECT = {"Medication", "ResearchStudy"}
_DEEPEST = 10  # Bundles inside Bundles
# Set aside for one of these reasons, a resource leaves a hole: its type is no longer whole (design 5).
_HOLES = {"subject-missing", "resource-unreadable"}


class ChartError(ValueError):
    """The input as a whole can't be read as one patient's chart. `place` is a FHIRPath-like location."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place, self.problem = place, problem


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource and how to cite it: `Type/id`, or the entry's fullUrl where the resource has no id."""

    resource: Json
    reference: str
    version: str | None


class Index(NamedTuple):
    """Entries by their citation, and the citations that other names (an address, a business identifier) lead to."""

    cited: Mapping[str, Entry]
    names: Mapping[str, str]

    def find(self, name: str) -> Entry | None:
        return self.cited.get(name) or self.cited.get(self.names.get(name, ""))


@dataclass(frozen=True)
class Chart:
    """One patient's resources. `entries` holds, by type, those whose subject is the patient, in a stable order."""

    patient: Entry
    entries: Mapping[str, tuple[Entry, ...]]
    sources: Mapping[str, SourceState]
    issues: tuple[DataIssue, ...]
    _index: Index = field(default_factory=lambda: Index({}, {}), repr=False)

    def of(self, resource_type: str) -> tuple[Entry, ...]:
        return self.entries.get(resource_type, ())

    def resolve(self, reference: object, container: Json | None = None) -> Entry | None:
        """The Entry that a Reference (or its string) points to: contained, fullUrl, relative, absolute, versioned, identifier."""
        target = as_dict(reference) if not isinstance(reference, str) else {"reference": reference}
        text = as_text(target.get("reference"))
        if text and text.startswith("#"):
            return _contained(container or {}, text[1:])
        if text:
            return self._index.find(text) or self._index.find(local_reference(text) or "")
        return self._index.find(identifier_key(as_dict(target.get("identifier"))) or "")


def _contained(container: Json, identifier: str) -> Entry | None:
    for inner in as_dicts(container.get("contained")):
        if token(inner.get("id")) == identifier:
            return Entry(inner, f"#{identifier}", None)
    return None


def chart_of_bundle(bundle: object) -> Chart:
    """A Bundle as the whole chart (interfaces.md). Raises ChartError where it is not one patient's Bundle."""
    parts, whole = bundle_parts(bundle)
    state = State.WHOLE if whole else State.PARTIAL
    return assemble(parts, dict.fromkeys(READ_TYPES, state))


def bundle_parts(bundle: object, place: str = "Bundle") -> tuple[list[Part], bool]:
    """(resources with fullUrl, whether the Bundle is whole). Raises ChartError where the frame itself is wrong."""
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        kind = bundle.get("resourceType") if isinstance(bundle, dict) else type(bundle).__name__
        raise ChartError(place, f"expected a FHIR R4 Bundle, found {_short(kind)}")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise ChartError(f"{place}.entry", "must be an array")
    parts: list[Part] = []
    whole = _whole(bundle, entries)
    for position, entry in enumerate(entries):
        resource = _plain(entry)
        if resource is not None:
            parts.append((resource, as_text(entry.get("fullUrl"))))
            continue
        inner, complete = _entry_parts(entry, f"{place}.entry[{position}]")
        parts += inner
        whole = whole and complete
    return parts, whole


def _plain(entry: object) -> Json | None:
    """A resource to take as it is, as nearly every entry holds."""
    if not isinstance(entry, dict) or "request" in entry:
        return None
    resource = entry.get("resource")
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return resource if isinstance(kind, str) and kind not in _UNFOLDED else None


def _short(value: object) -> str:
    text = value if isinstance(value, str) else type(value).__name__
    return re.sub(r"[^A-Za-z0-9_-]", "?", text)[:40]


def _whole(bundle: Json, entries: list[object]) -> bool:
    """Not whole: a searchset with a `next` link or fewer matches than `total` (spec 0.2)."""
    if any(as_text(link.get("relation")) == "next" for link in as_dicts(bundle.get("link"))):
        return False
    total = as_number(bundle.get("total"))
    if bundle.get("type") != "searchset" or total is None:
        return True
    return sum(map(is_match, entries)) >= total


def is_match(entry: object) -> bool:
    """Whether a searchset's entry is what was searched for, nothing that came beside it."""
    search = as_dict(entry).get("search")
    return search is None or as_dict(search).get("mode") not in ("include", "outcome")


def _entry_parts(entry: object, place: str) -> tuple[list[Part], bool]:
    if not isinstance(entry, dict):
        raise ChartError(place, "must be an object")
    if as_text(as_dict(entry.get("request")).get("method")) == "DELETE":
        return [], True
    resource = entry.get("resource")
    if resource is None:
        return [], True
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise ChartError(f"{place}.resource", "must be an object with a resourceType")
    if resource["resourceType"] == "Bundle":
        if place.count(".entry[") > _DEEPEST:
            raise ChartError(place, "Bundles are nested too deeply")
        return bundle_parts(resource, f"{place}.resource")
    if resource["resourceType"] == "OperationOutcome":
        return [], True
    return [(resource, as_text(entry.get("fullUrl")))], True


def assemble(parts: Iterable[Part], states: Mapping[str, State]) -> Chart:
    """A Chart of loose resources and what is known of each type's retrieval. Raises ChartError without exactly one Patient."""
    entries, index = _entries(parts)
    patient = _the_patient(entries.pop("Patient", []))
    issues: list[DataIssue] = []
    owner = _Owner(patient, index, {})
    kept = {name: _own(name, entries.get(name, []), owner, issues) for name in (*READ_TYPES, *READ_BESIDE)}
    holes = {issue.reference for issue in issues if issue.code in _HOLES}
    sources = {name: _source(name, kept[name], entries.get(name, []), states, holes) for name in READ_TYPES}
    return Chart(patient, kept, sources, tuple(issues), index)


def _entries(parts: Iterable[Part]) -> tuple[dict[str, list[Entry]], Index]:
    """Entries by type without repeats (the newest version of a resource counts), and the index for references."""
    newest: dict[str, Entry] = {}
    names: dict[str, str] = {}
    for resource, full_url in unfolded(parts):
        identity = token(resource.get("id"))
        reference = cite(resource, identity, full_url)
        entry = Entry(resource, reference, token(as_dict(resource.get("meta")).get("versionId")))
        held = newest.setdefault(reference, entry)
        if held is not entry and _newer(entry, held):
            newest[reference] = entry
        for key in keys(resource, identity, full_url):
            # Two resources of one identifier: the same one of them in any order.
            other = names.setdefault(key, reference)
            if reference < other:
                names[key] = reference
    by_type: dict[str, list[Entry]] = {}
    for reference in sorted(newest):
        entry = newest[reference]
        by_type.setdefault(entry.resource["resourceType"], []).append(entry)
    return by_type, Index(newest, names)


def _newer(entry: Entry, held: Entry) -> bool:
    """By version, else by date; two of one version by their content, so that their order in the Bundle decides nothing."""
    mine, other = (age(one.resource, one.version) for one in (entry, held))
    return digest(entry.resource) > digest(held.resource) if mine == other else mine > other


def _the_patient(patients: list[Entry]) -> Entry:
    if not patients:
        raise ChartError("Bundle", "holds no Patient")
    if len(patients) > 1:
        raise ChartError("Bundle", f"holds {len(patients)} Patients; one patient a Bundle")
    return patients[0]


class _Owner(NamedTuple):
    """The patient, and whether the references seen so far are the patient's: a chart has a few spellings for its many resources."""

    patient: Entry
    entries: Index
    spellings: dict[str, bool | None]

    def points_to(self, text: str) -> bool | None:
        if text not in self.spellings:
            self.spellings[text] = _points_to(text, self.patient, self.entries)
        return self.spellings[text]


def _own(name: str, entries: list[Entry], owner: _Owner, issues: list[DataIssue]) -> tuple[Entry, ...]:
    if name in _NO_SUBJECT:
        return tuple(entries)
    element, spellings = _SUBJECT.get(name, "subject"), owner.spellings
    kept = []
    for entry in entries:
        subject = entry.resource.get(element)
        text = subject.get("reference") if isinstance(subject, dict) else None
        # Nearly every resource spells the patient as one before it did.
        problem = None if isinstance(text, str) and spellings.get(text) else _subject_problem(entry.resource, owner)
        if problem is None:
            kept.append(entry)
        else:
            issues.append(DataIssue(problem[0], entry.reference, f"{element} {problem[1]}"))
    return tuple(kept)


def subject_of(resource: Json) -> Json:
    """The Reference that says whose facts a resource holds; {} where it has none."""
    element = _SUBJECT.get(str(resource.get("resourceType")), "subject")
    subject = resource.get(element)
    if subject is None and element != "subject":
        subject = resource.get("subject")
    return as_dict(subject)


def _subject_problem(resource: Json, owner: _Owner) -> tuple[str, str] | None:
    target = subject_of(resource)
    text = as_text(target.get("reference"))
    if text:
        same = owner.points_to(text)
    elif identifier_key(identifier := as_dict(target.get("identifier"))):
        same = identifies(identifier, owner.patient.resource)
    else:
        return "subject-missing", "names no patient; the resource is not used"
    if same is None:
        return "subject-missing", "can't be told to be this patient or another; the resource is not used"
    return None if same else ("wrong-subject", "is not this patient; the resource is not used")


def _points_to(text: str, patient: Entry, index: Index) -> bool | None:
    """Whether a subject's reference is the patient's; None for an opaque one (urn:uuid) that leads nowhere: it may be anybody's."""
    local = local_reference(text)
    found = index.find(text) or index.find(local or "")
    if found is not None:
        return found.reference == patient.reference
    if local in linked(patient.resource, "replaces"):  # merged into this patient (spec 4, trap 12)
        return True
    if local in linked(patient.resource, "seealso"):
        return None
    if local is None:
        return False if text.startswith("#") else None
    # Beside a Patient without an id any Patient/… may be meant.
    return None if local.startswith("Patient/") and token(patient.resource.get("id")) is None else False


def _source(name: str, kept: tuple[Entry, ...], all_: list[Entry], states: Mapping[str, State], holes: set[str]) -> SourceState:
    state = states.get(name, State.NOT_PROVIDED)
    if holes and state is State.WHOLE and any(entry.reference in holes for entry in all_):
        state = State.PARTIAL
    return SourceState(name, state, len(kept))
