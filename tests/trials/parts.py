"""Short words for the records that the CC312 tables need; days are counted back from the evaluation day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.generative.charts import (
    ANSWERS,
    AS_OF,
    CM,
    CVX,
    LOCAL,
    LOINC,
    RXNORM,
    SNOMED,
    concept,
    condition,
    observation,
    order,
    quantity,
    statement,
)

Json = dict[str, Any]
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10, GM, ATC = "http://hl7.org/fhir/sid/icd-10", "http://fhir.de/CodeSystem/bfarm/icd-10-gm", "http://www.whocc.no/atc"


ORAL, VEIN, MUSCLE, SKIN = "26643006", "47625008", "78421000", "34206005"


def by(route: str) -> Json:
    """The element of a Dosage that names its route."""
    return {"route": concept((SNOMED, route))}


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def dx(code: str, days: int | None = 400, system: str = CM, **more: Any) -> Json:
    """A diagnosis; SNOMED codes are told by being all digits."""
    coding = (SNOMED if code.isdigit() else system, code)
    return condition(coding, None if days is None else ago(days), **more)


def lab(code: str, value: Any, unit: str, days: int = 3, high: Any = None, **more: Any) -> Json:
    one = observation((LOINC, code), ago(days), valueQuantity=quantity(value, unit), **more)
    return one if high is None else one | {"referenceRange": [{"high": quantity(high, unit)}]}


def serology(code: str, answer: str, days: int = 3, **more: Any) -> Json:
    return observation((LOINC, code), ago(days), valueCodeableConcept=concept((SNOMED, ANSWERS[answer])), **more)


def four_negative(days: int = 3) -> list[Json]:
    """HIV, hepatitis B and C, and syphilis: none."""
    return [serology(code, "negative", days) for code in ("56888-1", "5196-1", "16128-1", "24110-9")]


def text_result(code: str, text: str, days: int = 3) -> Json:
    return observation((LOINC, code), ago(days), valueString=text)


def score(name: str, value: Any, days: int = 3, unit: str = "{score}", **more: Any) -> Json:
    return observation((LOCAL, name), ago(days), valueQuantity=quantity(value, unit), **more)


def component(name: str, **value: Any) -> Json:
    return {"code": concept((LOCAL, name)), **value}


BILAG = (
    "constitutional",
    "mucocutaneous",
    "neuropsychiatric",
    "musculoskeletal",
    "cardiorespiratory",
    "gastrointestinal",
    "ophthalmic",
    "renal",
    "haematological",
)


def bilag(grades: str, days: int = 3) -> Json:
    """BILAG-2004 with one letter a domain, in the order of BILAG."""
    parts = [component(f"bilag-{name}", valueString=grade) for name, grade in zip(BILAG, grades, strict=False)]
    return observation((LOCAL, "bilag-2004"), ago(days), component=parts)


def takes(code: str, start: int, end: int | None = None, system: str = RXNORM) -> Json:
    return statement((system, code), ago(start), None if end is None else ago(end))


def ordered(code: str, start: int, end: int | None = None, system: str = RXNORM) -> Json:
    return order((system, code), ago(start), None if end is None else ago(end))


def given(code: str, days: int, system: str = RXNORM) -> Json:
    one = {"resourceType": "MedicationAdministration", "status": "completed", "medicationCodeableConcept": concept((system, code))}
    return one | {"effectiveDateTime": ago(days).isoformat()}


def handed(code: str, days: int, tablets: int, supply: int) -> Json:
    """A dispense of so many tablets for so many days."""
    return {
        "resourceType": "MedicationDispense",
        "status": "completed",
        "medicationCodeableConcept": concept((RXNORM, code)),
        "whenHandedOver": ago(days).isoformat(),
        "quantity": {"value": tablets, "unit": "tablet"},
        "daysSupply": {"value": supply, "unit": "d", "code": "d"},
    }


def vaccine(cvx: str, days: int, status: str = "completed") -> Json:
    return {
        "resourceType": "Immunization",
        "status": status,
        "vaccineCode": concept((CVX, cvx)),
        "occurrenceDateTime": ago(days).isoformat(),
    }


def procedure(code: str, days: int | None, system: str = SNOMED, status: str = "completed") -> Json:
    one = {"resourceType": "Procedure", "status": status, "code": concept((system, code))}
    return one | ({} if days is None else {"performedDateTime": ago(days).isoformat()})


def allergy(coding: tuple[str, str], severity: str | None = None, manifestation: tuple[str, str] | None = None) -> Json:
    reaction: Json = {"severity": severity} if severity else {}
    if manifestation:
        reaction["manifestation"] = [concept(manifestation)]
    one = {"resourceType": "AllergyIntolerance", "code": concept(coding), "recordedDate": ago(200).isoformat()}
    one["verificationStatus"] = concept(("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed"))
    return one | ({"reaction": [reaction]} if reaction else {})


def subject(status: str, days: int = 10, registry: str = "NCT00000001", consent: str | None = None) -> list[Json]:
    """A ResearchSubject, its study, and its consent where one is given."""
    study = {
        "resourceType": "ResearchStudy",
        "id": "study",
        "status": "active",
        "identifier": [{"system": "https://clinicaltrials.gov", "value": registry}],
    }
    one: Json = {
        "resourceType": "ResearchSubject",
        "status": status,
        "individual": {"reference": "Patient/p1"},
        "study": {"reference": "ResearchStudy/study"},
    }
    one["period"] = {"start": ago(days + 30).isoformat()} | ({"end": ago(days).isoformat()} if status in ("off-study", "withdrawn") else {})
    parts = [study, one]
    if consent:
        one["consent"] = {"reference": "Consent/form"}
        form = {
            "resourceType": "Consent",
            "id": "form",
            "status": consent,
            "patient": {"reference": "Patient/p1"},
            "dateTime": ago(2).isoformat(),
        }
        parts.append(form | {"scope": concept(("http://terminology.hl7.org/CodeSystem/consentscope", "research"))})
    return parts


def answer(link: str, said: Any, days: int = 2, **more: Any) -> Json:
    value = (
        {"valueBoolean": said}
        if isinstance(said, bool)
        else {"valueCoding": {"system": "http://terminology.hl7.org/CodeSystem/v2-0532", "code": said}}
    )
    one = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "authored": ago(days).isoformat(),
        "author": {"reference": "Practitioner/dr"},
    }
    return one | {"item": [{"linkId": link, "answer": [value]}]} | more


def admission(start: int, end: int | None = None) -> Json:
    """An inpatient stay."""
    act = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    period = {"start": ago(start).isoformat()} | ({} if end is None else {"end": ago(end).isoformat()})
    status = "in-progress" if end is None else "finished"
    return {"resourceType": "Encounter", "status": status, "class": {"system": act, "code": "IMP"}, "period": period}


def dosage(mg: Any, times: int = 1, every: int = 1, **more: Any) -> Json:
    """A dose so many times in so many days."""
    repeat = {"frequency": times, "period": every, "periodUnit": "d"}
    return {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity(mg, "mg")}], **more}


def doses(code: str, start: int, end: int | None, mg: Any, times: int = 1, every: int = 1, kind: Any = takes, **more: Any) -> Json:
    """A statement (or, by `kind`, an order) of a drug at a dose."""
    element = "dosage" if kind is takes else "dosageInstruction"
    return dict(kind(code, start, end)) | {element: [dosage(mg, times, every, **more)]}


def infused(code: str, days: int, mg: Any) -> Json:
    """One dose into a vein."""
    return given(code, days) | {"dosage": {"dose": quantity(mg, "mg"), "route": concept((SNOMED, "47625008"))}}
