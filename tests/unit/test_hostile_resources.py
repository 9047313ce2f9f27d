"""Any JSON in any element of any resource that is read: the chart and the mapping name what they can't read, and never raise."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_mappings.chart import READ_TYPES, ChartError, chart_of_bundle
from fhir_mappings.inputs import Inputs, State
from fhir_mappings.mapping import map_chart
from tests.support.builders import (
    AS_OF,
    BIOPSY,
    HAEMOGLOBIN,
    ME,
    PREDNISONE,
    RITUXIMAB,
    SLE,
    UTC,
    ZOSTER_LIVE,
    Json,
    bundle,
    concept,
    condition,
    patient,
    terms,
)

# Elements that some mapper reads, whatever the type they belong to: each is put into every type.
ELEMENTS = (
    "id", "meta", "identifier", "contained", "extension", "modifierExtension", "subject", "patient", "individual", "status", "intent",
    "code", "category", "text", "note", "clinicalStatus", "verificationStatus", "severity", "stage", "vaccineCode", "recommendation",
    "medicationCodeableConcept", "medicationReference", "medication", "ingredient", "form", "dosageInstruction", "dosage", "reason",
    "reasonCode", "reasonReference", "statusReason", "priorPrescription", "dispenseRequest", "quantity", "daysSupply", "doNotPerform",
    "onsetDateTime", "onsetAge", "onsetPeriod", "onsetRange", "onsetString", "abatementDateTime", "abatementAge", "abatementBoolean",
    "abatementPeriod", "abatementString", "recordedDate", "assertedDate", "dateAsserted", "authoredOn", "whenHandedOver",
    "occurrenceDateTime", "occurrenceString", "performedDateTime", "performedPeriod", "performedAge", "effectiveDateTime",
    "effectivePeriod", "effectiveInstant", "issued", "date", "period", "valueQuantity", "valueString", "valueCodeableConcept",
    "valueBoolean", "valueInteger", "valueRange", "valueRatio", "valueDateTime", "value", "dataAbsentReason", "interpretation",
    "referenceRange", "component", "hasMember", "bodySite", "method", "specimen", "conclusion", "conclusionCode", "result",
    "reaction", "substance", "study", "consent", "dateTime", "item", "authored", "author", "source", "entry", "emptyReason", "title",
    "keyword", "class", "type", "focus", "scope", "provision",
)  # fmt: skip
PATIENT_ELEMENTS = (
    "meta", "identifier", "extension", "active", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime", "link", "contained",
)  # fmt: skip
# The keys that readers descend by, so that junk reaches them.
KEYS = (
    "coding", "system", "code", "display", "text", "value", "unit", "comparator", "reference", "identifier", "start", "end", "low",
    "high", "url", "valueCode", "valueCoding", "valueDateTime", "extension", "versionId", "lastUpdated", "id", "resourceType",
    "linkId", "answer", "item", "valueBoolean", "manifestation", "severity", "substance", "vaccineCode", "dateCriterion",
    "forecastStatus", "type", "doseAndRate", "doseQuantity", "timing", "repeat", "boundsPeriod", "frequency", "period", "periodUnit",
    "route", "numerator", "denominator", "appliesTo", "age", "valueQuantity", "valueString", "interpretation", "referenceRange",
    "itemCodeableConcept",
)  # fmt: skip
# A code of ours may come out of the junk: what surrounds it is then read to its end.
OURS = st.sampled_from(
    [concept(pair, text=text) for pair in (SLE, BIOPSY, ZOSTER_LIVE, RITUXIMAB, PREDNISONE, HAEMOGLOBIN) for text in ("", "SLE")]
)
TEXTS = st.sampled_from(
    [
        "",
        " ",
        "x",
        "2026",
        "2026-11-22",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01",
        "#x",
        "Patient/p1",
        "urn:uuid:x",
        "active",
        "\x00",
        "٣",
        "ß" * 99,
    ]
)
NUMBERS = st.sampled_from([0, -1, 7, 10**400, 1.5, -0.0, 1e308, float("nan"), float("inf")])
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | OURS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def mapped(document: Json, as_of: date = AS_OF) -> Inputs | None:
    """What comes of a Bundle; None where its frame is refused, as it may be."""
    try:
        chart = chart_of_bundle(document)
    except ChartError:
        return None
    return map_chart(chart, terms(), as_of, UTC)


def _good(kind: str, identity: str = "x1") -> Json:
    """A resource of the type that names the patient in every way, with a code of ours, so that its mapper reads on."""
    coded = {"code": concept(SLE), "vaccineCode": concept(ZOSTER_LIVE), "medicationCodeableConcept": concept(PREDNISONE)}
    coded |= {"Observation": {"code": concept(HAEMOGLOBIN)}, "Procedure": {"code": concept(BIOPSY)}}.get(kind, {})
    return {"resourceType": kind, "id": identity, "subject": ME, "patient": ME, "individual": ME, **coded}


@pytest.mark.parametrize("kind", READ_TYPES)
@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(ELEMENTS), JUNK, min_size=1, max_size=6))
def test_junk_in_any_element_never_raises(kind: str, elements: Json) -> None:
    """The resources beside it are read as ever."""
    found = mapped(bundle(_good(kind) | elements, condition(identity="beside")))
    assert found is not None
    assert any(one.origin.reference == "Condition/beside" for one in found.records["dx.sle"])
    assert set(found.sources) == set(READ_TYPES)


@given(st.dictionaries(st.sampled_from(PATIENT_ELEMENTS), JUNK, min_size=1), st.sampled_from([date.min, AS_OF, date.max]))
def test_junk_in_the_patient_never_raises(elements: Json, as_of: date) -> None:
    """Whatever the day that is asked for."""
    found = mapped(bundle(patient() | elements, condition()), as_of)
    assert found is not None
    assert found.person.reference == "Patient/p1"


@given(st.dictionaries(st.sampled_from(["type", "entry", "link", "total", "meta"]), JUNK), st.lists(JUNK, max_size=2))
def test_junk_in_the_frame_is_read_or_refused(frame: Json, entries: list[Any]) -> None:
    """With a ChartError, and nothing else."""
    document = bundle(condition())
    mapped(document | {"entry": document["entry"] + entries} | frame)


@given(st.sampled_from(READ_TYPES), st.dictionaries(st.sampled_from(ELEMENTS), JUNK), st.dictionaries(st.sampled_from(ELEMENTS), JUNK))
def test_junk_in_any_order_is_one_chart(kind: str, one: Json, other: Json) -> None:
    """Two resources of one id, of one version or not."""
    pair = [_good(kind) | one, _good(kind) | other]
    assert repr(mapped(bundle(*pair))) == repr(mapped(bundle(*reversed(pair))))


DEEP: Json = {}
for _ in range(3000):
    DEEP = {"coding": [DEEP]}


@pytest.mark.parametrize("element", [*ELEMENTS, *PATIENT_ELEMENTS])
def test_depth_never_raises(element: str) -> None:
    """JSON nested without end, in any element of any type, is at most a resource that can't be read."""
    shapes = (DEEP, {"coding": [{"code": DEEP}], "value": [DEEP]})
    resources = [_good(kind, f"x{n}") | {element: shape} for kind in READ_TYPES for n, shape in enumerate(shapes)]
    assert mapped(bundle(patient() | {element: DEEP, "id": "p1"}, *resources, *resources)) is not None


@pytest.mark.parametrize("kind", ["Condition", "Procedure", "Immunization", "AllergyIntolerance", "Observation"])
def test_what_is_no_concept_leaves_a_hole(kind: str) -> None:
    """It may be anything: the type no longer shows what is absent."""
    element = "vaccineCode" if kind == "Immunization" else "code"
    found = mapped(bundle(_good(kind) | {element: "SLE"}))
    assert found is not None
    assert found.sources[kind].state is State.PARTIAL
