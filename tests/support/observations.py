"""Small builders of Observations and the Charts that hold them, and a lookup by a few codes in place of the terminology."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from fhir_mappings.chart import chart_of_bundle
from fhir_mappings.inputs import DataIssue, Result
from fhir_mappings.observation import map_observations
from fhir_mappings.shapes import codings

Json = dict[str, Any]
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
LOCAL = "urn:cds-service:local"
FLAG = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
AS_OF = date(2026, 11, 22)
UTC = ZoneInfo("UTC")

FEW = {
    (LOINC, "718-7"): "lab.hgb",
    (LOINC, "6690-2"): "lab.wbc",
    (LOINC, "777-3"): "lab.plt",
    (LOINC, "2160-0"): "lab.creat",
    (LOINC, "2157-6"): "lab.ck",
    (LOINC, "2458-8"): "lab.iga",
    (LOINC, "8061-4"): "lab.ana",
    (LOINC, "5048-4"): "lab.ana_titer",
    (LOINC, "14611-8"): "lab.ana_pattern",
    (LOINC, "31348-6"): "lab.dsdna",
    (LOINC, "8076-2"): "lab.jo1",
    (LOINC, "2106-3"): "lab.hcg",
    (LOINC, "24110-9"): "lab.tpab",
    (LOINC, "20447-9"): "lab.hiv_rna",
    (LOINC, "71773-6"): "lab.igra",
    (LOINC, "64084-7"): "lab.igra_value",
    (LOINC, "71776-9"): "lab.igra_control",
    (LOINC, "71774-4"): "lab.igra_control",
    (LOINC, "88020-3"): "cv.nyha",
    (LOINC, "11778-8"): "repro.edd",
    (LOINC, "63895-7"): "repro.lactation_status",
    (LOINC, "LA28406-9"): "cv.nyha_3_4",
    (LOCAL, "bilag-2004"): "score.bilag",
    (LOCAL, "mmt8"): "score.mmt8",
    (LOCAL, "phys-global-vas"): "score.phga",
    (LOCAL, "eular-acr-2017-iim"): "score.iim2017",
    (SNOMED, "10828004"): "result.positive",
    (SNOMED, "260373001"): "result.positive",
    (SNOMED, "11214006"): "result.positive",
    (LOINC, "LA6576-8"): "result.positive",
    (LOINC, "LA11882-0"): "result.positive",
    (SNOMED, "260385009"): "result.negative",
    (SNOMED, "260415000"): "result.negative",
    (SNOMED, "131194007"): "result.negative",
    (LOINC, "LA6577-6"): "result.negative",
    (LOINC, "LA11883-8"): "result.negative",
    (SNOMED, "260408008"): "result.weak",
    (SNOMED, "42425007"): "result.indeterminate",
    (SNOMED, "82334004"): "result.indeterminate",
    (SNOMED, "720735008"): "result.preliminary_positive",
    (SNOMED, "125154007"): "result.invalid",
    **{(FLAG, code): "interp.positive" for code in ("POS", "DET", "RR")},
    **{(FLAG, code): "interp.negative" for code in ("NEG", "ND", "NR")},
    **{(FLAG, code): "interp.indeterminate" for code in ("IND", "E")},
    **{(FLAG, code): "interp.high" for code in ("H", "HH")},
    (FLAG, "WR"): "interp.weak",
    (FLAG, "A"): "interp.abnormal",
    (FLAG, "N"): "interp.normal",
}
_NAMES = {"jo-1": "lab.jo1", "ana": "lab.ana", "hemoglobin": "lab.hgb"}


class FewTerms:
    """A Terminology of the codes above; it names three concepts in words."""

    def members(self, concept: Any) -> frozenset[str]:
        return frozenset(FEW[one] for one in ((system.rstrip("/"), code) for system, code, _ in codings(concept)) if one in FEW)

    def named(self, texts: list[str], resource_type: str) -> frozenset[str]:
        return frozenset(concept for name, concept in _NAMES.items() for text in texts if name in text.lower().replace(",", " ").split())


TERMS = FewTerms()


def coded(code: str, system: str = LOINC, text: str | None = None) -> Json:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def flag(code: str) -> Json:
    return {"interpretation": [coded(code, FLAG)]}


def quantity(value: Any, unit: str | None = None, **more: Any) -> Json:
    return {"valueQuantity": {"value": value, **({"unit": unit} if unit is not None else {}), **more}}


def ucum(value: Any, code: str, **more: Any) -> Json:
    return {"valueQuantity": {"value": value, "system": UCUM, "code": code, **more}}


def observation(code: Any = "718-7", *parts: Json, **fields: Any) -> Json:
    """A final Observation of the patient, dated within the last week; a field given as None is left out."""
    found = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": coded(code) if isinstance(code, str) else code,
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-11-20",
    }
    for part in (*parts, fields):
        found.update(part)
    return {name: value for name, value in found.items() if value is not None}


HB = ucum(8.1, "g/dL", unit="g/dL")


def report(**fields: Any) -> Json:
    """A final DiagnosticReport of the same day."""
    base = {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": {"text": "Myositis panel"}}
    return {**base, "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-11-20", **fields}


def mapped(*resources: Json, patient: Json | None = None, as_of: date = AS_OF) -> tuple[Mapping[str, tuple[Result, ...]], list[DataIssue]]:
    whole = [{"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1990-05-01", **(patient or {})}, *resources]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in whole]}
    return map_observations(chart_of_bundle(bundle), TERMS, UTC, as_of)


def only(*resources: Json, **settings: Any) -> Result:
    """The one Result of these resources."""
    found, _ = mapped(*resources, **settings)
    results = [one for held in found.values() for one in held]
    assert len(results) == 1, [one.concept for one in results]
    return results[0]


def issues(*resources: Json) -> list[tuple[str, str]]:
    """(code, words) of each data issue of these resources."""
    return [(one.code, one.issue) for one in mapped(*resources)[1]]
