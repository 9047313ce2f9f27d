"""One made-up patient's resources on the way into a Bundle: ids, references and days are given here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cds_service.demo import records
from cds_service.demo.records import Json, concept
from cds_service.demo.tables import lab

BASE = "https://demo.example.org/fhir"
_PATIENT_ELEMENT = {"AllergyIntolerance": "patient", "Immunization": "patient", "ResearchSubject": "individual", "Consent": "patient"}
_NO_PATIENT = {"ResearchStudy", "Medication"}


@dataclass(frozen=True, slots=True)
class Habit:
    """How this patient's ordinary chart looks: `usual` values that differ, tests `beyond` the routine."""

    years: int = 4
    last_visit: int = 9
    first_visit: int = 2000
    style: str = "us"
    references: str = "relative"  # relative | absolute | uuid
    usual: Mapping[str, str] = field(default_factory=dict)
    beyond: tuple[str, ...] = ()
    problems: tuple[str, ...] = ("vitamin-d-deficiency",)
    at_risk: bool = True  # vaccinated against pneumococci and zoster, as adults on immunosuppressants are


class Sheet:
    """Collects the resources; the same identity and day give the same Bundle."""

    def __init__(self, identity: str, as_of: date, habit: Habit) -> None:
        self.identity, self.as_of, self.habit = identity, as_of, habit
        self.random = Random(identity)
        self.entries: list[Json] = []

    def ago(self, days: int) -> date:
        return self.as_of - timedelta(days=days)

    def add(self, resource: Json) -> str:
        """Gives the resource its id and its patient; returns the reference to it."""
        one = {"resourceType": resource["resourceType"], "id": f"{self.identity}-{len(self.entries):03d}", "meta": {"versionId": "1"}}
        one |= resource
        if one["resourceType"] not in (*_NO_PATIENT, "Patient"):
            one.setdefault(_PATIENT_ELEMENT.get(one["resourceType"], "subject"), {"reference": self.reference("Patient", self.identity)})
        self.entries.append({"fullUrl": self._full_url(one["resourceType"], one["id"]), "resource": one})
        return self.reference(one["resourceType"], one["id"])

    def reference(self, kind: str, identity: str) -> str:
        return f"{kind}/{identity}" if self.habit.references == "relative" else self._full_url(kind, identity)

    def _full_url(self, kind: str, identity: str) -> str:
        url = f"{BASE}/{kind}/{identity}"
        return f"urn:uuid:{uuid5(NAMESPACE_URL, url)}" if self.habit.references == "uuid" else url

    # ---- what stories write ----

    def diagnosis(self, name: str, days: int | None, **status: Any) -> None:
        self.add(records.condition(concept(name), None if days is None else self.ago(days), **status))

    def text_diagnosis(self, text: str, days: int) -> None:
        self.add(records.condition({"text": text}, self.ago(days)))

    def measured(self, name: str, value: str | Decimal, days: int, style: str | None = None) -> str:
        """A laboratory number with the laboratory's own reference range."""
        test = lab(name, style or self.habit.style)
        bounds = records.reference_range(test.low, test.high, test.unit)
        amount = records.quantity(value, test.unit)
        return self.add(records.observation(concept(test.code), self.ago(days), valueQuantity=amount, referenceRange=bounds))

    def measured_against(self, name: str, value: str, high: str, unit: str, days: int) -> None:
        """An antibody level with the limit of its assay."""
        bounds = [{"high": records.quantity(high, unit)}]
        self.add(records.observation(concept(name), self.ago(days), valueQuantity=records.quantity(value, unit), referenceRange=bounds))

    def answered(self, name: str, answer: str, days: int, **more: Any) -> None:
        """A result that is `positive` or `negative` by code."""
        self.add(records.observation(concept(name), self.ago(days), valueCodeableConcept=concept(answer)) | more)

    def written(self, name: str, text: str, days: int) -> None:
        """A result in the laboratory's words."""
        self.add(records.observation(concept(name), self.ago(days), valueString=text))

    def score(self, name: str, value: str, days: int, unit: str = "{score}", **more: Any) -> None:
        amount = records.quantity(value, unit)
        self.add(records.observation(concept(name), self.ago(days), "survey", valueQuantity=amount, **more))

    def takes(self, name: str, start: int, end: int | None = None, dosage: Json | None = None) -> None:
        last = None if end is None else self.ago(end)
        self.add(records.statement(concept(name), self.ago(start), last, self.ago(self.habit.last_visit), dosage))

    def ordered(self, name: str, start: int, end: int | None = None, dosage: Json | None = None) -> None:
        self.add(records.order(concept(name), self.ago(start), None if end is None else self.ago(end), dosage))

    def given(self, name: str, *days: int) -> None:
        for day in days:
            self.add(records.administration(concept(name), self.ago(day)))
