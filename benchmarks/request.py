"""A realistic patient-view request of about 300 KB: 230 Observations, 45 Conditions, 30 medications of an SLE patient."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

Json = dict[str, Any]
LOINC, SNOMED, RXNORM = "http://loinc.org", "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
PATIENT = "eq081-VQEgP8drUUqCWzHfw3"

_LABS = (
    ("718-7", "Hemoglobin [Mass/volume] in Blood", 11.8, "g/dL", 12.0, 15.5),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", 5.1, "10*3/uL", 4.0, 11.0),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", 198, "10*3/uL", 150, 400),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", 0.9, "mg/dL", 0.5, 1.1),
    ("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", 24, "U/L", 8, 40),
    ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", 22, "U/L", 7, 40),
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", 92, "mg/dL", 70, 99),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", 139, "mmol/L", 135, 145),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", 4.1, "mmol/L", 3.5, 5.1),
    ("4485-9", "Complement C3 [Mass/volume] in Serum or Plasma", 62, "mg/dL", 90, 180),
    ("2458-8", "IgA [Mass/volume] in Serum or Plasma", 180, "mg/dL", 70, 400),
    ("17861-6", "Calcium [Mass/volume] in Serum or Plasma", 9.4, "mg/dL", 8.6, 10.2),
)
_CONDITIONS = (
    ("55464009", "Systemic lupus erythematosus", "M32.9"),
    ("38341003", "Hypertensive disorder", "I10"),
    ("195967001", "Asthma", "J45.909"),
    ("235595009", "Gastroesophageal reflux disease", "K21.9"),
    ("73211009", "Diabetes mellitus", "E11.9"),
    ("37796009", "Migraine", "G43.909"),
    ("35489007", "Depressive disorder", "F32.A"),
    ("64859006", "Osteoporosis", "M81.0"),
    ("396275006", "Osteoarthritis", "M19.90"),
)
_DRUGS = (
    ("312615", "predniSONE 20 MG Oral Tablet"),
    ("979092", "hydroxychloroquine sulfate 200 MG Oral Tablet"),
    ("200060", "mycophenolate mofetil 500 MG Oral Tablet"),
    ("105586", "methotrexate 2.5 MG Oral Tablet"),
    ("197361", "amlodipine 5 MG Oral Tablet"),
    ("314076", "lisinopril 10 MG Oral Tablet"),
)


def request(as_of: date) -> Json:
    """The CDS Hooks request as an EHR would post it."""
    days = [as_of - timedelta(days=1 + 9 * n) for n in range(400)]
    return {
        "hook": "patient-view",
        "hookInstance": "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11",
        "fhirServer": "https://ehr.example.org/fhir/r4",
        "context": {"userId": "Practitioner/e1", "patientId": PATIENT},
        "prefetch": {
            "patient": _patient(),
            "conditions": _searchset([_condition(n, days) for n in range(45)]),
            "labs": _searchset(
                [_observation(n, days) for n in range(226)]
                + [_serology(n, code, days) for n, code in enumerate(("8061-4", "31348-6", "20507-0", "16128-1"))]
            ),
            "medicationRequests": _searchset([_medication(n, days) for n in range(30)]),
        },
    }


def _patient() -> Json:
    return {
        "resourceType": "Patient",
        "id": PATIENT,
        "active": True,
        "gender": "female",
        "birthDate": "1987-04-12",
        "name": [{"use": "official", "family": "Example", "given": ["Made", "Up"]}],
        "identifier": [{"system": "urn:oid:1.2.36.146.595.217.0.1", "value": "12345"}],
    }


def _searchset(resources: list[Json]) -> Json:
    entries = [
        {"fullUrl": f"https://ehr.example.org/fhir/r4/{one['resourceType']}/{one['id']}", "resource": one, "search": {"mode": "match"}}
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}


def _subject() -> Json:
    return {"reference": f"https://ehr.example.org/fhir/r4/Patient/{PATIENT}", "display": "Example, Made Up"}


def _meta(day: date) -> Json:
    return {"versionId": "1", "lastUpdated": f"{day}T09:15:00Z"}


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def _observation(n: int, days: list[date]) -> Json:
    code, display, value, unit, low, high = _LABS[n % len(_LABS)]
    day = days[n // len(_LABS)]
    return {
        "resourceType": "Observation",
        "id": f"obs-{n}",
        "meta": _meta(day),
        "status": "final",
        "category": [
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory", "display": "Laboratory"}
                ],
                "text": "Laboratory",
            }
        ],
        "code": {
            "coding": [
                {"system": LOINC, "code": code, "display": display},
            ],
            "text": display.split(" [")[0].upper(),
        },
        "subject": {"reference": f"Patient/{PATIENT}"},
        "effectiveDateTime": f"{day}T08:30:00Z",
        "issued": f"{day}T11:02:41Z",
        "valueQuantity": _quantity(round(value + n % 5 / 10, 1), unit),
        "referenceRange": [{"low": _quantity(low, unit), "high": _quantity(high, unit), "text": f"{low} - {high} {unit}"}],
    }


def _serology(n: int, code: str, days: list[date]) -> Json:
    one = {
        **_observation(900 + n, days),
        "id": f"ser-{n}",
        "code": {"coding": [{"system": LOINC, "code": code, "display": "Antibody"}], "text": "Antibody"},
    }
    del one["valueQuantity"], one["referenceRange"]
    day = f"{days[0]}T08:30:00Z"
    answer = ("10828004", "Positive") if code in ("8061-4", "31348-6") else ("260385009", "Negative")
    return {
        **one,
        "effectiveDateTime": day,
        "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": answer[0], "display": answer[1]}]},
    }


def _condition(n: int, days: list[date]) -> Json:
    code, display, icd = _CONDITIONS[n % len(_CONDITIONS)]
    day = days[3 * n + 40]
    status = "http://terminology.hl7.org/CodeSystem/condition"
    return {
        "resourceType": "Condition",
        "id": f"cond-{n}",
        "meta": _meta(day),
        "clinicalStatus": {"coding": [{"system": f"{status}-clinical", "code": "active", "display": "Active"}], "text": "Active"},
        "verificationStatus": {
            "coding": [{"system": f"{status}-ver-status", "code": "confirmed", "display": "Confirmed"}],
            "text": "Confirmed",
        },
        "category": [
            {
                "coding": [{"system": f"{status}-category", "code": "problem-list-item", "display": "Problem List Item"}],
                "text": "Problem List Item",
            }
        ],
        "code": {
            "coding": [
                {"system": SNOMED, "code": code, "display": display},
                {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd, "display": display},
            ],
            "text": display,
        },
        "subject": _subject(),
        "onsetDateTime": str(day),
        "recordedDate": str(day),
        "recorder": {"reference": "Practitioner/e1", "display": "Rheumatologist"},
    }


def _medication(n: int, days: list[date]) -> Json:
    code, display = _DRUGS[n % len(_DRUGS)]
    # Methotrexate came first: two agents, not one combined regimen.
    day = days[n * 2 + (80 if "methotrexate" in display else 0)]
    return {
        "resourceType": "MedicationRequest",
        "id": f"med-{n}",
        "meta": _meta(day),
        "status": "active" if n < 12 else "stopped",
        "intent": "order",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/medicationrequest-category",
                        "code": "community",
                        "display": "Community",
                    }
                ],
                "text": "Community",
            }
        ],
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code, "display": display}], "text": display},
        "subject": _subject(),
        "authoredOn": f"{day}T10:00:00Z",
        "requester": {"reference": "Practitioner/e1", "display": "Rheumatologist"},
        "dosageInstruction": [
            {
                "text": "Take 1 tablet by mouth daily",
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}, "code": {"text": "Daily"}},
                "route": {"coding": [{"system": SNOMED, "code": "26643006", "display": "Oral route"}], "text": "Oral"},
                "doseAndRate": [{"type": {"text": "ordered"}, "doseQuantity": {"value": 1, "unit": "tablet"}}],
            }
        ],
        "dispenseRequest": {
            "validityPeriod": {"start": str(day)},
            "numberOfRepeatsAllowed": 3,
            "quantity": {"value": 90, "unit": "tablet"},
            "expectedSupplyDuration": {"value": 90, "unit": "days", "code": "d", "system": "http://unitsofmeasure.org"},
        },
    }


if __name__ == "__main__":
    print(json.dumps(request(date.today())))
