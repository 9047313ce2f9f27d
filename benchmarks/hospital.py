"""A number of patients into an export of realistic NDJSON: ordinary people, and among them the demo's stories of the trial's diseases."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from cds_service import demo

Json = dict[str, Any]
AS_OF = date(2026, 11, 22)
CONDITIONS, OBSERVATIONS, MEDICATIONS = 5, 60, 10
_LOINC, _SNOMED = "http://loinc.org", "http://snomed.info/sct"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_UCUM = "http://unitsofmeasure.org"
_HL7 = "http://terminology.hl7.org/CodeSystem"
_ILLS = (
    ("38341003", "Hypertensive disorder"), ("44054006", "Diabetes mellitus type 2"), ("55822004", "Hyperlipidemia"),
    ("195967001", "Asthma"), ("444814009", "Viral sinusitis"), ("10509002", "Acute bronchitis"), ("162864005", "Body mass index 30+ - obesity"),
    ("271737000", "Anemia"), ("15777000", "Prediabetes"), ("40055000", "Chronic sinusitis"), ("239873007", "Osteoarthritis of knee"),
    ("230690007", "Cerebrovascular accident"), ("53741008", "Coronary arteriosclerosis"), ("35489007", "Depressive disorder"),
)  # fmt: skip
_TESTS = (
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 13.5), ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 7.1),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 245), ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.9),
    ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 24), ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 98),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 4.2), ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 140),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5.8), ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 190),
    ("8480-6", "Systolic blood pressure", "mm[Hg]", 128), ("29463-7", "Body weight", "kg", 78), ("8867-4", "Heart rate", "/min", 72),
)  # fmt: skip
_DRUGS = (
    ("314076", "lisinopril 10 MG Oral Tablet"), ("860975", "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet"),
    ("312961", "Simvastatin 20 MG Oral Tablet"), ("310798", "Hydrochlorothiazide 25 MG Oral Tablet"), ("313782", "Acetaminophen 325 MG Oral Tablet"),
    ("308136", "amLODIPine 2.5 MG Oral Tablet"), ("310965", "Ibuprofen 200 MG Oral Tablet"), ("834061", "Penicillin V Potassium 250 MG Oral Tablet"),
)  # fmt: skip


def write(folder: Path, patients: int, in_scope: float = 0.01, seed: int = 1) -> int:
    """Writes one file a type and returns the bytes. In-scope patients are the demo's stories over again, under ids of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(seed)
    stories = [one.bundle for one in demo.generate(AS_OF) if set(one.expected.values()) != {"out-of-scope"} and _well_formed(one.bundle)]
    streams: dict[str, BinaryIO] = {}
    for number in range(patients):
        identity = f"{seed}-{number:08d}"
        resources = list(_ordinary(identity, dice))
        if dice.random() < in_scope:
            told = list(_told(stories[dice.randrange(len(stories))], identity))
            resources = [one for one in resources if one["resourceType"] != "Patient"] + told
        for one in resources:
            kind = one["resourceType"]
            if kind not in streams:
                streams[kind] = (folder / f"{kind}.ndjson").open("wb")
            streams[kind].write(json.dumps(one, separators=(",", ":")).encode() + b"\n")
    for stream in streams.values():
        stream.close()
    return sum(path.stat().st_size for path in folder.iterdir())


def _well_formed(bundle: Json) -> bool:
    """The yardsticks stop at a code that is no object, which some stories hold."""
    resources = [entry["resource"] for entry in bundle["entry"]]
    elements = ("code", "medicationCodeableConcept", "subject")
    return all(isinstance(one.get(element, {}), dict) for one in resources for element in elements)


def _told(bundle: Json, identity: str) -> Iterator[Json]:
    own = next(entry["resource"]["id"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
    text = json.dumps(bundle["entry"]).replace(f"Patient/{own}", f"Patient/{identity}")
    names = {}
    for number, entry in enumerate(json.loads(text)):
        resource = entry["resource"]
        given = identity if resource["resourceType"] == "Patient" else f"{identity}-s{number}"
        for old in filter(None, (entry.get("fullUrl"), f"{resource['resourceType']}/{resource['id']}" if "id" in resource else None)):
            names[old] = f"{resource['resourceType']}/{given}"
    for number, entry in enumerate(json.loads(text)):
        resource = _renamed(entry["resource"], names)
        resource["id"] = identity if resource["resourceType"] == "Patient" else f"{identity}-s{number}"
        yield resource


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: names.get(one, one) if key == "reference" and isinstance(one, str) else _renamed(one, names) for key, one in value.items()
        }
    return [_renamed(one, names) for one in value] if isinstance(value, list) else value


def _ordinary(identity: str, dice: random.Random) -> Iterator[Json]:
    born = AS_OF - timedelta(days=dice.randrange(20 * 365, 85 * 365))
    person = {
        "resourceType": "Patient", "id": identity, "meta": _meta(AS_OF), "text": _narrative("Patient"),
        "identifier": [{"system": "urn:hospital:mrn", "value": identity}], "active": True,
        "name": [{"use": "official", "family": f"Family{dice.randrange(9999)}", "given": [f"Given{dice.randrange(9999)}"]}],
        "gender": dice.choice(("female", "male")), "birthDate": born.isoformat(),
        "address": [{"line": [f"{dice.randrange(999)} Main Street"], "city": "Springfield", "postalCode": "01101", "country": "US"}],
    }  # fmt: skip
    if dice.random() < 0.08:
        person["deceasedDateTime"] = (AS_OF - timedelta(days=dice.randrange(1500))).isoformat()
    yield person
    visits = [AS_OF - timedelta(days=dice.randrange(3000)) for _ in range(6)]
    for number, day in enumerate(visits):
        yield _encounter(identity, number, day)
    for number in range(CONDITIONS):
        yield _condition(identity, number, dice.choice(_ILLS), dice.choice(visits))
    for number in range(OBSERVATIONS):
        yield _observation(identity, number, dice.choice(_TESTS), dice.choice(visits), dice)
    for number in range(MEDICATIONS):
        yield _order(identity, number, dice.choice(_DRUGS), dice.choice(visits))


def _meta(day: date) -> Json:
    return {
        "versionId": "1",
        "lastUpdated": f"{day}T10:00:00.000+00:00",
        "profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core"],
    }


def _narrative(what: str) -> Json:
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p class="res-header"><b>{what}</b></p><p>As recorded by the clinic.</p></div>',
    }


def _head(kind: str, identity: str, number: int, day: date, letter: str) -> Json:
    return {"resourceType": kind, "id": f"{identity}-{letter}{number}", "meta": _meta(day), "text": _narrative(kind)}


def _about(identity: str, number: int) -> Json:
    return {"subject": {"reference": f"Patient/{identity}"}, "encounter": {"reference": f"Encounter/{identity}-e{number % 6}"}}


def _coded(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _encounter(identity: str, number: int, day: date) -> Json:
    return _head("Encounter", identity, number, day, "e") | {
        "status": "finished", "class": {"system": f"{_HL7}/v3-ActCode", "code": "AMB"},
        "type": [_coded(_SNOMED, "162673000", "General examination of patient")], "subject": {"reference": f"Patient/{identity}"},
        "period": {"start": f"{day}T09:00:00+00:00", "end": f"{day}T09:30:00+00:00"},
    }  # fmt: skip


def _condition(identity: str, number: int, ill: tuple[str, str], day: date) -> Json:
    return _head("Condition", identity, number, day, "c") | {
        "clinicalStatus": _coded(f"{_HL7}/condition-clinical", "active", "Active"),
        "verificationStatus": _coded(f"{_HL7}/condition-ver-status", "confirmed", "Confirmed"),
        "category": [_coded(f"{_HL7}/condition-category", "encounter-diagnosis", "Encounter Diagnosis")],
        "code": _coded(_SNOMED, *ill), **_about(identity, number), "onsetDateTime": day.isoformat(), "recordedDate": day.isoformat(),
    }  # fmt: skip


def _observation(identity: str, number: int, test: tuple[str, str, str, float], day: date, dice: random.Random) -> Json:
    code, display, unit, usual = test
    return _head("Observation", identity, number, day, "o") | {
        "status": "final", "category": [_coded(f"{_HL7}/observation-category", "laboratory", "Laboratory")],
        "code": _coded(_LOINC, code, display), **_about(identity, number),
        "effectiveDateTime": f"{day}T09:10:00+00:00", "issued": f"{day}T12:00:00.000+00:00",
        "performer": [{"reference": "Organization/lab", "display": "Central laboratory"}],
        "valueQuantity": {"value": round(usual * dice.uniform(0.8, 1.2), 1), "unit": unit, "system": _UCUM, "code": unit},
        "referenceRange": [{"low": {"value": round(usual * 0.8, 1), "unit": unit}, "high": {"value": round(usual * 1.2, 1), "unit": unit}}],
    }  # fmt: skip


def _order(identity: str, number: int, drug: tuple[str, str], day: date) -> Json:
    return _head("MedicationRequest", identity, number, day, "m") | {
        "status": "active", "intent": "order", "medicationCodeableConcept": _coded(_RXNORM, *drug), **_about(identity, number),
        "authoredOn": day.isoformat(), "requester": {"reference": "Practitioner/1", "display": "Dr. Example"},
        "dosageInstruction": [{"text": "1 tablet daily", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                               "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}],
    }  # fmt: skip


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 0.01), "bytes")
