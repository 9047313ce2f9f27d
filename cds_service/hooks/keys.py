"""The prefetch keys the service publishes: name, FHIR type and template of each (interfaces.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One prefetch key. Several keys of one type together are the whole of it (labs and surveys of Observation); an `extra` one
    brings more of it and is not needed for that."""

    name: str
    type: str
    template: str
    extra: bool = False


def _search(name: str, resource_type: str, restriction: str = "") -> Key:
    # Every type here has the search parameter `patient` in R4, ResearchSubject (beside `individual`) and QuestionnaireResponse too.
    return Key(name, resource_type, f"{resource_type}?patient={{{{context.patientId}}}}{restriction}")


# Without `_count` and dates: a client pages as it must, and a history of years is what "ever" asks for. Observation has a
# category because EHRs refuse to search it without one.
KEYS = (
    Key("patient", "Patient", "Patient/{{context.patientId}}"),
    _search("conditions", "Condition"),
    _search("labs", "Observation", "&category=laboratory"),
    _search("surveys", "Observation", "&category=survey"),
    # Body weight, for a dose in mg/kg.
    Key("vitals", "Observation", "Observation?patient={{context.patientId}}&category=vital-signs", extra=True),
    _search("medicationStatements", "MedicationStatement"),
    _search("medicationRequests", "MedicationRequest"),
    _search("medicationAdministrations", "MedicationAdministration"),
    _search("medicationDispenses", "MedicationDispense"),
    _search("procedures", "Procedure"),
    _search("immunizations", "Immunization"),
    _search("allergies", "AllergyIntolerance"),
    _search("encounters", "Encounter"),
    _search("researchSubjects", "ResearchSubject"),
    _search("reports", "DiagnosticReport"),
    _search("responses", "QuestionnaireResponse"),
)
BY_NAME = {key.name: key for key in KEYS}
MINIMUM = ("patient", "conditions")  # without these no answer makes sense


def asked(types: Iterable[str]) -> tuple[Key, ...]:
    """The keys that trials reading these types need: the minimum, and no type that nothing reads (checklist 18)."""
    wanted = set(types)
    if "Observation" in wanted:
        wanted.add("DiagnosticReport")  # results stand in reports too, and are read from them alike
    return tuple(key for key in KEYS if key.name in MINIMUM or key.type in wanted)
