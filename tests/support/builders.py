"""Small builders of FHIR resources and Bundles as plain dicts, and the whole mapping of a few of them into Inputs."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from fhir_mappings.chart import chart_of_bundle
from fhir_mappings.inputs import Inputs
from fhir_mappings.mapping import map_chart
from fhir_mappings.terminology import Terminology, load

Json = dict[str, Any]
AS_OF = date(2026, 11, 22)
UTC = ZoneInfo("UTC")
LOINC, SNOMED, CVX = "http://loinc.org", "http://snomed.info/sct", "http://hl7.org/fhir/sid/cvx"
ICD10CM, ICD10GM = "http://hl7.org/fhir/sid/icd-10-cm", "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
RXNORM, UCUM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://unitsofmeasure.org"
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0532"
REGISTRY = "https://clinicaltrials.gov"
HL7 = "http://terminology.hl7.org/CodeSystem"
ME = {"reference": "Patient/p1"}

# One code a concept that the tests speak of.
SLE, SSC, RITUXIMAB, PREDNISONE = (SNOMED, "55464009"), (SNOMED, "89155008"), (RXNORM, "121191"), (RXNORM, "8640")
BIOPSY, ZOSTER_LIVE, ANAPHYLAXIS, NO_ALLERGY = (SNOMED, "240977001"), (CVX, "121"), (SNOMED, "39579001"), (SNOMED, "716186003")
HAEMOGLOBIN = (LOINC, "718-7")
Coding = tuple[str, str]


def concept(*codings: Coding, text: str | None = None) -> Json:
    """A CodeableConcept of (system, code) pairs and a text."""
    found: Json = {"coding": [{"system": system, "code": code} for system, code in codings]} if codings else {}
    return found | ({"text": text} if text else {})


def status(system: str, code: str) -> Json:
    """A status CodeableConcept of an HL7 system."""
    return concept((f"{HL7}/{system}", code))


def without(resource: Json, *elements: str) -> Json:
    """The resource less some of its elements."""
    return {name: value for name, value in resource.items() if name not in elements}


def _resource(kind: str, identity: str, more: Json, **elements: Any) -> Json:
    """None leaves an element out, so that a test can take a default away."""
    whole = {"resourceType": kind, "id": identity, **elements, **more}
    return {name: value for name, value in whole.items() if value is not None}


def patient(identity: str = "p1", **more: Any) -> Json:
    return _resource("Patient", identity, more, gender="female", birthDate="1985-03-15")


def condition(*codings: Coding, identity: str = "c1", text: str | None = None, verification: str | None = "confirmed", **more: Any) -> Json:
    """An active, confirmed SLE since 2019 unless told otherwise."""
    defaults: Json = {"clinicalStatus": status("condition-clinical", "active"), "onsetDateTime": "2019-04-01", "subject": ME}
    defaults["verificationStatus"] = status("condition-ver-status", verification) if verification else None
    return _resource("Condition", identity, defaults | more, code=concept(*(codings or (() if text else (SLE,))), text=text))


def observation(coding: Coding = HAEMOGLOBIN, value: Any = None, unit: str = "g/dL", identity: str = "o1", **more: Any) -> Json:
    defaults: Json = {"status": "final", "effectiveDateTime": "2026-11-20", "subject": ME}
    if value is not None:
        defaults["valueQuantity"] = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    return _resource("Observation", identity, defaults | more, code=concept(coding))


def medication_request(coding: Coding = PREDNISONE, identity: str = "mr1", **more: Any) -> Json:
    defaults = {"status": "active", "intent": "order", "authoredOn": "2026-06-01", "subject": ME}
    return _resource("MedicationRequest", identity, defaults | more, medicationCodeableConcept=concept(coding))


def medication_statement(coding: Coding = PREDNISONE, identity: str = "ms1", **more: Any) -> Json:
    defaults = {"status": "active", "effectivePeriod": {"start": "2026-01-01"}, "dateAsserted": "2026-11-01", "subject": ME}
    return _resource("MedicationStatement", identity, defaults | more, medicationCodeableConcept=concept(coding))


def procedure(*codings: Coding, identity: str = "pr1", text: str | None = None, **more: Any) -> Json:
    """A completed skin biopsy of 2026-11-10 unless told otherwise."""
    defaults: Json = {"status": "completed", "subject": ME}
    if not any(name.startswith("performed") for name in more):
        defaults["performedDateTime"] = "2026-11-10"
    return _resource("Procedure", identity, defaults | more, code=concept(*(codings or (() if text else (BIOPSY,))), text=text))


def immunization(*codings: Coding, identity: str = "im1", text: str | None = None, **more: Any) -> Json:
    """A completed live zoster vaccination of 2026-11-01 unless told otherwise."""
    defaults: Json = {"status": "completed", "patient": ME}
    if not any(name.startswith("occurrence") for name in more):
        defaults["occurrenceDateTime"] = "2026-11-01"
    return _resource(
        "Immunization", identity, defaults | more, vaccineCode=concept(*(codings or (() if text else (ZOSTER_LIVE,))), text=text)
    )


def recommendation(*codings: Coding, day: str | None = "2027-01-15", identity: str = "ir1", **more: Any) -> Json:
    """An ImmunizationRecommendation of one vaccine; `more` goes to its `recommendation`."""
    one: Json = {"vaccineCode": [concept(*(codings or (ZOSTER_LIVE,)))], **more}
    if day:
        one["dateCriterion"] = [{"code": concept((LOINC, "30980-7")), "value": day}]
    return _resource("ImmunizationRecommendation", identity, {}, patient=ME, date="2026-11-01", recommendation=[one])


def allergy(
    *codings: Coding, identity: str = "al1", text: str | None = None, severity: str | None = None, manifestation: Any = None, **more: Any
) -> Json:
    """A confirmed allergy to rituximab unless told otherwise."""
    defaults: Json = {
        "clinicalStatus": status("allergyintolerance-clinical", "active"),
        "verificationStatus": status("allergyintolerance-verification", "confirmed"),
        "patient": ME,
    }
    if severity or manifestation:
        reaction = {"manifestation": [manifestation] if manifestation else None, "severity": severity}
        defaults["reaction"] = [{name: value for name, value in reaction.items() if value}]
    return _resource("AllergyIntolerance", identity, defaults | more, code=concept(*(codings or (() if text else (RITUXIMAB,))), text=text))


def encounter(start: str = "2026-10-01", end: str | None = None, identity: str = "e1", **more: Any) -> Json:
    period = {"start": start, **({"end": end} if end else {})}
    return _resource("Encounter", identity, {"status": "finished", "subject": ME} | more, period=period)


def research_subject(study: Any = "ResearchStudy/s1", consent: Any = None, identity: str = "rs1", **more: Any) -> Json:
    """Someone on a study; `study` and `consent` are a reference's string or the whole Reference."""
    given = {"study": study, "consent": consent}
    references = {name: {"reference": value} if isinstance(value, str) else value for name, value in given.items()}
    return _resource("ResearchSubject", identity, references | more, status="on-study", individual=ME)


def research_study(registry: str | None = "NCT01234567", identity: str = "s1", **more: Any) -> Json:
    identifier = [{"system": REGISTRY, "value": registry}] if registry else None
    return _resource("ResearchStudy", identity, more, status="active", identifier=identifier, title="A study")


def consent(identity: str = "co1", **more: Any) -> Json:
    return _resource("Consent", identity, more, status="active", patient=ME, dateTime="2026-11-15")


def answer(link: str, value: Any = "Y") -> Json:
    """An item with one answer: a boolean, or a code of v2-0532."""
    held = {"valueBoolean": value} if isinstance(value, bool) else {"valueCoding": {"system": YES_NO, "code": value}}
    return {"linkId": link, "answer": [held]}


def response(*items: Json, identity: str = "qr1", **more: Any) -> Json:
    """A QuestionnaireResponse completed by a practitioner on 2026-11-20."""
    defaults = {"status": "completed", "authored": "2026-11-20", "author": {"reference": "Practitioner/dr"}, "subject": ME}
    return _resource("QuestionnaireResponse", identity, defaults | more, item=list(items))


def bundle(*resources: Json, kind: str = "collection", **more: Any) -> Json:
    """A Bundle of the resources; with the usual patient where none is given."""
    held = [*([] if any(one.get("resourceType") == "Patient" for one in resources) else [patient()]), *resources]
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": one} for one in held], **more}


@cache
def terms() -> Terminology:
    """The packaged terminology, read once."""
    return load()


def inputs_of(*resources: Json, as_of: date = AS_OF, zone: ZoneInfo = UTC) -> Inputs:
    """What the mapping makes of the resources."""
    return map_chart(chart_of_bundle(bundle(*resources)), terms(), as_of, zone)


def issues_of(inputs: Inputs) -> list[tuple[str, str]]:
    """(code, reference) of each data issue."""
    return [(one.code, one.reference) for one in inputs.issues]
