"""Small builders of medication resources, Charts and Exposures, and a lookup by a few codes in place of the terminology."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from fhir_mappings.chart import chart_of_bundle
from fhir_mappings.dates import EARLIEST, Interval, read_date
from fhir_mappings.inputs import Exposure, Origin, Standing
from fhir_mappings.medication import Medications, map_medications
from fhir_mappings.shapes import codings

Json = dict[str, Any]
RXNORM, SNOMED = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"
LOINC, ICD = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm"
AS_OF = date(2026, 11, 22)
UTC = ZoneInfo("UTC")
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ATC = "http://www.whocc.no/atc"
MMF, PREDNISONE, TACROLIMUS, RITUXIMAB = "68149", "8640", "42316", "121191"

_AGENTS = {
    (RXNORM, MMF): "drug.mmf",
    (RXNORM, PREDNISONE): "drug.prednisone",
    (RXNORM, TACROLIMUS): "drug.tac",
    (RXNORM, RITUXIMAB): "drug.rtx",
    (HCPCS, "Q5115"): "drug.rtx",
}
_CLASSES = {(ATC, "L04AA99"): frozenset({"drug.mmf", "drug.bel"}), (ATC, "D07"): frozenset[str]()}
_SETS = {
    (SNOMED, "26643006"): "route.oral",
    (SNOMED, "6064005"): "route.topical",
    (SNOMED, "37161004"): "route.rectal",
    (SNOMED, "47625008"): "route.intravenous",
    (ICD, "C83.3"): "ca.malignancy",
    (ICD, "M32.9"): "dx.sle",
}
_WORDS = {"mycophenolate": "drug.mmf", "prednisone": "drug.prednisone", "belimumab": "drug.bel", "rituximab": "drug.rtx"}


class FewDrugs:
    """A Terminology of the codes and words above."""

    def agents(self, concept: object) -> frozenset[str]:
        return frozenset(_AGENTS[system, code] for system, code, _ in codings(concept) if (system, code) in _AGENTS)

    def may_be(self, concept: object) -> frozenset[str] | None:
        found = [_CLASSES[system, code] for system, code, _ in codings(concept) if (system, code) in _CLASSES]
        return frozenset().union(*found) if found and not self.agents(concept) else None

    def members(self, concept: object) -> frozenset[str]:
        return frozenset(_SETS[system, code] for system, code, _ in codings(concept) if (system, code) in _SETS)

    def named(self, texts: Iterable[str], resource_type: str) -> frozenset[str]:
        said = " ".join(texts).lower()
        return frozenset(agent for word, agent in _WORDS.items() if word in said)


TERMS = FewDrugs()


def coded(code: str, system: str = RXNORM, text: str | None = None) -> Json:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def _resource(kind: str, base: Json, fields: Json) -> Json:
    found = {"resourceType": kind, "id": "m1", "subject": {"reference": "Patient/p1"}, **base, **fields}
    if "medicationReference" in fields:
        found.pop("medicationCodeableConcept", None)
    return {name: value for name, value in found.items() if value is not None}


def request(**fields: Any) -> Json:
    """An active order of mycophenolate; a field given as None is left out."""
    base = {"status": "active", "intent": "order", "medicationCodeableConcept": coded(MMF), "authoredOn": "2026-06-01"}
    return _resource("MedicationRequest", base, fields)


def statement(**fields: Any) -> Json:
    return _resource("MedicationStatement", {"status": "active", "medicationCodeableConcept": coded(MMF)}, fields)


def dispense(**fields: Any) -> Json:
    base = {"status": "completed", "medicationCodeableConcept": coded(MMF), "whenHandedOver": "2026-06-01"}
    return _resource("MedicationDispense", base, fields)


def administration(**fields: Any) -> Json:
    base = {"status": "completed", "medicationCodeableConcept": coded(RITUXIMAB), "effectiveDateTime": "2026-06-01"}
    return _resource("MedicationAdministration", base, fields)


def days(value: Any, unit: str | None = "d") -> Json:
    return {"value": value, **({"code": unit} if unit else {})}


def period(start: str | None = None, end: str | None = None) -> Json:
    return {name: value for name, value in (("start", start), ("end", end)) if value}


def step(sequence: int | None = None, **repeat: Any) -> Json:
    """One dosage instruction with timing bounds."""
    return {**({"sequence": sequence} if sequence is not None else {}), "timing": {"repeat": repeat}}


def mapped(*resources: Json, as_of: date = AS_OF) -> Medications:
    whole = [{"resourceType": "Patient", "id": "p1"}, *resources]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in whole]}
    return map_medications(chart_of_bundle(bundle), TERMS, UTC, as_of)


def only(*resources: Json, as_of: date = AS_OF) -> Exposure:
    """The one Exposure of these resources."""
    found = [one for held in mapped(*resources, as_of=as_of).exposures.values() for one in held]
    assert len(found) == 1, [one.agent for one in found]
    return found[0]


def when(text: str | None) -> Interval | None:
    """`2026-06`, `2026-01-01..2026-03-01` and `..2026-03-01` as an Interval."""
    if text is None:
        return None
    first, dots, last = text.partition("..")
    if not dots:
        return read_date(text)
    start = read_date(first) if first else Interval(EARLIEST, EARLIEST)
    end = read_date(last)
    assert start is not None
    assert end is not None
    return Interval(start.first, end.last)


def exposure(start: str | None, end: str | None = None, **fields: Any) -> Exposure:
    """A statement of an agent from `start` to `end`; without an end it runs on."""
    agent, kind = fields.pop("agent", "drug.mmf"), fields.pop("kind", "MedicationStatement")
    reference = f"{kind}/{agent}-{start}-{end}-{'-'.join(sorted(fields))}"
    base: Json = {
        "agent": agent,
        "kind": kind,
        "origin": Origin(reference, None, agent),
        "standing": Standing.CONFIRMED,
        "start": when(start),
        "end": when(end),
        "ongoing": end is None,
        "recorded": when(fields.pop("recorded", start)),
    }
    return Exposure(**{**base, **fields})


def dose(day: str, agent: str = "drug.rtx", **fields: Any) -> Exposure:
    return exposure(day, day, agent=agent, kind="MedicationAdministration", **fields)


def order(start: str | None, end: str | None = None, agent: str = "drug.mmf", **fields: Any) -> Exposure:
    return exposure(start, end, agent=agent, kind="MedicationRequest", **fields)


def supply(start: str, end: str, **fields: Any) -> Exposure:
    return exposure(start, end, kind="MedicationDispense", **fields)


MEDICATION = {"resourceType": "Medication", "id": "med1", "code": coded(MMF, text="Mycophenolate 500 mg")}
MEDICATION_LIST = {
    "resourceType": "List",
    "id": "l",
    "status": "current",
    "subject": {"reference": "Patient/p1"},
    "code": coded("10160-0", LOINC),
    "emptyReason": coded("nilknown", "http://terminology.hl7.org/CodeSystem/list-empty-reason"),
}
