"""Strategies for charts whose dates, codes and values lie where the criteria decide: on both sides of each boundary."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from fhir_mappings.dates import Duration

Json = dict[str, Any]

AS_OF = date(2026, 6, 15)  # far from a month's end, so that shifted windows keep their length
_LOOK_BACKS = ("P14D", "P28D", "P1M", "P56D", "P3M", "P6M", "P12M", "P5Y")
_EDGES = sorted(
    {Duration.parse(text).before(AS_OF) + timedelta(days=step) for text in _LOOK_BACKS for step in (-1, 0, 1)}
    | {AS_OF, AS_OF - timedelta(days=3)}
)
days = st.sampled_from(_EDGES)

SNOMED, LOINC, LOCAL = "http://snomed.info/sct", "http://loinc.org", "urn:cds-service:local"
CM, RXNORM, ATC, CVX = (
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://www.whocc.no/atc",
    "http://hl7.org/fhir/sid/cvx",
)

# Twins: each row is one diagnosis in two code systems (law 3).
DIAGNOSES = (
    ((SNOMED, "55464009"), (CM, "M32.10")),  # SLE
    ((SNOMED, "396230008"), (CM, "M33.10")),  # dermatomyositis
    ((SNOMED, "89155008"), (CM, "M34.9")),  # systemic sclerosis
    ((SNOMED, "22298006"), (CM, "I21.9")),  # myocardial infarction
    ((SNOMED, "230690007"), (CM, "I63.9")),  # stroke
    ((SNOMED, "84757009"), (CM, "G40.909")),  # epilepsy
    ((SNOMED, "69896004"), (CM, "M06.9")),  # rheumatoid arthritis
    ((SNOMED, "254837009"), (CM, "C50.911")),  # breast cancer
)
ALONE = ((CM, "M32.0"), (CM, "Z94.0"), (SNOMED, "128460000"), (CM, "Z22.7"), (CM, "F11.20"), (CM, "D80.2"))
UNRELATED = (
    (SNOMED, "444814009"),
    (CM, "J06.9"),
    (SNOMED, "10509002"),
)  # sinusitis, cold, bronchitis: no input of a lone criterion's decision

# (LOINC code, unit, values around the limits)
MEASURES = (
    ("718-7", "g/dL", (8.4, 8.5, 8.6, 12.0)),
    ("6690-2", "10*3/uL", (2.4, 2.5, 2.6, 6.0)),
    ("777-3", "10*3/uL", (49, 50, 51, 200)),
    ("2458-8", "mg/dL", (9, 10, 11, 200)),
    ("2160-0", "mg/dL", (0.9, 2.5, 2.6)),
    ("2889-4", "g/(24.h)", (0.2, 6, 6.1)),
    ("1920-8", "U/L", (30, 80, 81, 200)),
    ("2157-6", "U/L", (100, 40, 900)),
)
UNIT_TWINS = {
    ("718-7", "g/dL"): ("g/L", 10),
    ("6690-2", "10*3/uL"): ("10*9/L", 1),
    ("777-3", "10*3/uL"): ("/uL", 1000),
    ("2458-8", "mg/dL"): ("mg/L", 10),
    ("2889-4", "g/(24.h)"): ("mg/(24.h)", 1000),
    ("1920-8", "U/L"): ("[IU]/L", 1),
}
SEROLOGY = ("8061-4", "31348-6", "11090-8", "56888-1", "5196-1", "16128-1", "24110-9", "2118-8", "71773-6", "27416-7")
SCORES = (("sledai-2k", (6, 7, 12)), ("mrss", (14, 15, 22, 30, 31)), ("eular-acr-2019-sle", (9, 10)), ("haq-di", (0, 1)))
DRUGS = ((RXNORM, "8640"), (RXNORM, "68149"), (RXNORM, "6851"), (ATC, "L01FA01"), (ATC, "L04AG04"), (ATC, "L04AG11"), (RXNORM, "5521"))
DRUG_TWINS = {(RXNORM, "68149"): (ATC, "L04AA06"), (RXNORM, "8640"): (ATC, "H02AB07"), (RXNORM, "6851"): (ATC, "L04AX03")}
ANSWERS = {"positive": "10828004", "negative": "260385009", "indeterminate": "82334004"}


def concept(coding: tuple[str, str]) -> Json:
    return {"coding": [{"system": coding[0], "code": coding[1]}]}


def _status(kind: str, code: str) -> Json:
    return concept((f"http://terminology.hl7.org/CodeSystem/condition-{kind}", code))


def condition(coding: tuple[str, str], onset: date | None, clinical: str = "active", verification: str = "confirmed") -> Json:
    one = {"resourceType": "Condition", "code": concept(coding), "clinicalStatus": _status("clinical", clinical)}
    one["verificationStatus"] = _status("ver-status", verification)
    return one | ({"onsetDateTime": onset.isoformat(), "recordedDate": onset.isoformat()} if onset else {})


def observation(coding: tuple[str, str], day: date, **value: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": concept(coding), "effectiveDateTime": day.isoformat(), **value}


def quantity(value: Any, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def measure(row: tuple[str, str, Any], day: date, high: int = 40) -> Json:
    code, unit, value = row
    return observation((LOINC, code), day, valueQuantity=quantity(value, unit), referenceRange=[{"high": quantity(high, unit)}])


def statement(coding: tuple[str, str], start: date, end: date | None) -> Json:
    period = {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})
    status = "completed" if end else "active"
    return {
        "resourceType": "MedicationStatement",
        "status": status,
        "medicationCodeableConcept": concept(coding),
        "effectivePeriod": period,
    }


def order(coding: tuple[str, str], start: date, end: date | None) -> Json:
    validity = {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})
    return {
        "resourceType": "MedicationRequest",
        "status": "completed" if end else "active",
        "intent": "order",
        "medicationCodeableConcept": concept(coding),
        "authoredOn": start.isoformat(),
        "dispenseRequest": {"validityPeriod": validity},
    }


# Every record is one of a pool, drawn evenly within its kind: nested strategies would draw the same few again and again.
_MEASURES = [measure((code, unit, value), day) for code, unit, values in MEASURES for value in values for day in _EDGES]
_SEROLOGY = [
    observation((LOINC, code), day, valueCodeableConcept=concept((SNOMED, ANSWERS[answer])))
    for code in SEROLOGY
    for answer in ANSWERS
    for day in _EDGES
]
_SCORES = [
    observation((LOCAL, code), day, valueQuantity=quantity(value, "{score}"))
    for code, values in SCORES
    for value in values
    for day in _EDGES
]
_CONDITIONS = [
    condition(coding, day, clinical, verification)
    for coding in [*(one for pair in DIAGNOSES for one in pair), *ALONE]
    for day in _EDGES
    for clinical, verification in (("active", "confirmed"), ("resolved", "confirmed"), ("active", "provisional"), ("active", "refuted"))
]
_INTAKES = [
    (coding, start, None if length is None else min(AS_OF, start + timedelta(days=length)))
    for coding in DRUGS
    for start in _EDGES
    for length in (None, 0, 30, 92, 200)
]
_DRUGS = [kind(*intake) for kind in (statement, order) for intake in _INTAKES]
_VACCINES = [
    {"resourceType": "Immunization", "status": "completed", "vaccineCode": concept((CVX, code)), "occurrenceDateTime": day.isoformat()}
    for code in ("03", "187", "88")
    for day in _EDGES
]
_PROCEDURES = [
    {"resourceType": "Procedure", "status": "completed", "code": concept((SNOMED, "302497006")), "performedDateTime": day.isoformat()}
    for day in _EDGES
]
# What a report concludes, or an observation finds: a disease that nobody made a diagnosis.
_FINDINGS = [
    kind
    | {
        "status": "final",
        "effectiveDateTime": day.isoformat(),
        element: [concept(coding)] if element == "conclusionCode" else concept(coding),
    }
    for kind, element in (
        ({"resourceType": "DiagnosticReport", "code": concept((LOINC, "60567-5"))}, "conclusionCode"),
        ({"resourceType": "Observation", "code": concept((LOINC, "59776-5"))}, "valueCodeableConcept"),
    )
    for coding in [*(one for pair in DIAGNOSES for one in pair), *ALONE]
    for day in _EDGES
]
resources = st.one_of(
    [st.sampled_from(pool) for pool in (_CONDITIONS, _MEASURES, _SEROLOGY, _SCORES, _DRUGS, _VACCINES, _PROCEDURES, _FINDINGS)]
)

# Encounters give the chart its coverage, so that presumption is reached.
COVERING = [
    {"resourceType": "Encounter", "status": "finished", "period": {"start": day.isoformat(), "end": day.isoformat()}}
    for day in (date(2019, 1, 15), date(2024, 3, 15), date(2026, 6, 10))
]


def bundle(items: list[Json], gender: str = "female", birth: str = "1985-03-15") -> Json:
    """A collection Bundle of one patient; ids follow the position unless given."""
    entries = [{"resource": {"resourceType": "Patient", "id": "p1", "gender": gender, "birthDate": birth}}]
    for number, item in enumerate(items):
        one = copy.deepcopy(item)
        one.setdefault("id", f"r{number}")
        one.setdefault(
            "patient" if one["resourceType"] in ("Immunization", "AllergyIntolerance") else "subject", {"reference": "Patient/p1"}
        )
        entries.append({"resource": one})
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


# A screening visit with everything normal: charts with it decide what charts without it leave open.
SCREENING = [
    *(
        observation((LOINC, code), AS_OF - timedelta(days=5), valueCodeableConcept=concept((SNOMED, ANSWERS["negative"])))
        for code in SEROLOGY
    ),
    *(
        measure((code, unit, values[-1] if code in ("718-7", "6690-2", "777-3", "2458-8") else values[0]), AS_OF - timedelta(days=5))
        for code, unit, values in MEASURES
    ),
    measure(("1742-6", "U/L", 20), AS_OF - timedelta(days=5)),
]

_LOOSE = st.lists(resources, min_size=3, max_size=12)
charts = st.builds(lambda items, screening: [*items, *screening], _LOOSE, st.sampled_from([[], SCREENING])).map(
    lambda items: [*items, *COVERING]
)


def without_value(item: Json) -> Json:
    """The same result, its value not yet there."""
    gap = {key: value for key, value in item.items() if not key.startswith("value")}
    return gap | {"dataAbsentReason": concept(("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown"))}


RESULTS = (*_MEASURES, *_SEROLOGY, *_SCORES)


def same_test(item: Json) -> list[Json]:
    """All results of the same test on the same day: whatever value might come of it."""
    return [one for one in RESULTS if all(one[key] == item[key] for key in ("code", "effectiveDateTime"))]


# Several values of one test on one day, beside a chart.
rivals = st.builds(lambda items, more: [*items, *more], charts, st.sampled_from(RESULTS).map(same_test))
# What is not final yet, and what stands beside it.
unfinished = st.lists(st.one_of(st.sampled_from(RESULTS), st.sampled_from(_CONDITIONS)), min_size=1, max_size=4)
beside = st.builds(lambda one, other: [*one, *other, *COVERING], st.lists(resources, max_size=3), st.sampled_from([[], SCREENING]))


# What was taken, beside a drug that no criterion asks of: without it a chart tells nothing of drugs, and nothing is presumed clear.
_OTHER_DRUG = statement((RXNORM, "2418"), AS_OF - timedelta(days=200), None)  # cholecalciferol
_OTHER_DRUG["medicationCodeableConcept"]["text"] = "cholecalciferol"
intakes = st.lists(st.sampled_from(_INTAKES), min_size=1, max_size=4)
surroundings = st.lists(st.sampled_from(_CONDITIONS), max_size=3).map(lambda items: [*items, *SCREENING, *COVERING, _OTHER_DRUG])

# Charts of a few tests only, so that one criterion's results stand beside each other.
_FEW = ("8061-4", "31348-6", "56888-1", "718-7", "2458-8")
lab_charts = st.lists(
    st.sampled_from([one for one in (*_SEROLOGY, *_MEASURES) if one["code"]["coding"][0]["code"] in _FEW]), min_size=2, max_size=8
).map(lambda items: [*items, *COVERING])
