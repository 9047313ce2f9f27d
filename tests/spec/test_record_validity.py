"""Which records are evidence, by type and status, before any rule looks at them (spec 0.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from fhir_mappings.inputs import Exposure, Inputs, Record, Result, Standing, State
from tests.support.builders import (
    ICD10CM,
    LOINC,
    ME,
    RITUXIMAB,
    SLE,
    Json,
    allergy,
    concept,
    condition,
    immunization,
    inputs_of,
    issues_of,
    medication_request,
    medication_statement,
    observation,
    patient,
    procedure,
    status,
)

TITLE = "Which records are evidence"
COLUMNS = ("resource", "what it says", "is")
COUNTS, NEGATIVE, REVIEW, NOTHING = "evidence", "a documented negative", "review at most", "nothing"
PLAN = "a plan, no evidence"
_MEANING = {
    Standing.CONFIRMED: COUNTS,
    Standing.REFUTED: NEGATIVE,
    Standing.UNCONFIRMED: REVIEW,
    Standing.TEXT: REVIEW,
    Standing.CLASS: REVIEW,
    Standing.DISPUTED: REVIEW,
    Standing.UNCLEAR: REVIEW,
}
Row = tuple[str, str, Json, str]


def _administration(**more: Any) -> Json:
    defaults = {"status": "completed", "effectiveDateTime": "2026-06-01", "medicationCodeableConcept": concept(RITUXIMAB), "subject": ME}
    return {"resourceType": "MedicationAdministration", "id": "ma1", **defaults, **more}


def _dispense(**more: Any) -> Json:
    defaults = {"status": "completed", "whenHandedOver": "2026-06-01", "medicationCodeableConcept": concept(RITUXIMAB), "subject": ME}
    return {"resourceType": "MedicationDispense", "id": "md1", **defaults, **more}


def _report(**more: Any) -> Json:
    """A DiagnosticReport that says what an Observation would."""
    defaults = {"status": "final", "effectiveDateTime": "2026-11-20", "code": concept((LOINC, "8061-4")), "conclusion": "positive"}
    return {"resourceType": "DiagnosticReport", "id": "dr1", **defaults, "subject": ME, **more}


def _by_status(kind: str, build: Any, readings: dict[str, str]) -> list[Row]:
    return [(kind, f"status {said}", build(status=said), is_) for said, is_ in readings.items()]


def _verified(kind: str, build: Any, system: str, readings: dict[str, str]) -> list[Row]:
    return [(kind, f"verificationStatus {said}", build(verificationStatus=status(system, said)), is_) for said, is_ in readings.items()]


_FINAL = dict.fromkeys(("final", "amended", "corrected"), COUNTS)
_UNREAD = {"unknown": REVIEW, "made-up": REVIEW}
_RESULTS = {**_FINAL, "preliminary": REVIEW, **dict.fromkeys(("entered-in-error", "cancelled", "registered"), NOTHING), **_UNREAD}
_EMPTY = observation(dataAbsentReason=concept(("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-performed")))
_PANEL = observation(("urn:site", "panel"), component=[{"code": concept((LOINC, "718-7")), "valueQuantity": {"value": 11, "unit": "g/dL"}}])

ROWS: list[Row] = [
    ("Condition", "no verificationStatus", condition(verification=None), COUNTS),
    *_verified(
        "Condition",
        condition,
        "condition-ver-status",
        {
            "confirmed": COUNTS,
            "refuted": NEGATIVE,
            **dict.fromkeys(("unconfirmed", "provisional", "differential"), REVIEW),
            "entered-in-error": NOTHING,
            **_UNREAD,
        },
    ),
    *[
        ("Condition", f"clinicalStatus {said}", condition(clinicalStatus=status("condition-clinical", said)), COUNTS)
        for said in ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
    ],
    ("Condition", "category encounter-diagnosis", condition(category=[status("condition-category", "encounter-diagnosis")]), COUNTS),
    *_by_status("Observation", lambda **more: observation(value=11, **more), _RESULTS),
    ("Observation", "dataAbsentReason", _EMPTY, "no value"),
    ("Observation", "a panel: its component", _PANEL, COUNTS),
    *_by_status("DiagnosticReport", _report, {said: REVIEW if is_ == COUNTS else is_ for said, is_ in _RESULTS.items()}),
    *_by_status(
        "MedicationRequest",
        medication_request,
        {
            **dict.fromkeys(("active", "completed", "stopped", "on-hold"), COUNTS),
            **dict.fromkeys(("entered-in-error", "cancelled", "draft"), NOTHING),
            **_UNREAD,
        },
    ),
    *[
        ("MedicationRequest", f"intent {said}", medication_request(intent=said), is_)
        for said, is_ in {
            **dict.fromkeys(("order", "original-order", "reflex-order", "filler-order", "instance-order"), COUNTS),
            **dict.fromkeys(("proposal", "plan"), NOTHING),
            "made-up": REVIEW,
        }.items()
    ],
    ("MedicationRequest", "intent plan, reported by the patient", medication_request(intent="plan", reportedBoolean=True), REVIEW),
    ("MedicationRequest", "doNotPerform", medication_request(doNotPerform=True), NOTHING),
    *_by_status(
        "MedicationStatement",
        medication_statement,
        {
            **dict.fromkeys(("active", "completed", "stopped", "on-hold"), COUNTS),
            **dict.fromkeys(("entered-in-error", "not-taken", "intended"), NOTHING),
            **_UNREAD,
        },
    ),
    *_by_status(
        "MedicationAdministration",
        _administration,
        {"completed": COUNTS, "in-progress": COUNTS, "not-done": NOTHING, "entered-in-error": NOTHING, **_UNREAD},
    ),
    *_by_status(
        "MedicationDispense",
        _dispense,
        {"completed": COUNTS, **dict.fromkeys(("cancelled", "declined", "entered-in-error"), NOTHING), **_UNREAD},
    ),
    *_by_status(
        "Procedure",
        procedure,
        {
            "completed": COUNTS,
            "in-progress": COUNTS,
            **dict.fromkeys(("not-done", "entered-in-error"), NOTHING),
            "preparation": PLAN,
            "stopped": REVIEW,
            **_UNREAD,
        },
    ),
    *_by_status("Immunization", immunization, {"completed": COUNTS, "not-done": NOTHING, "entered-in-error": NOTHING, **_UNREAD}),
    ("AllergyIntolerance", "no verificationStatus", allergy(verificationStatus=None), COUNTS),
    *_verified(
        "AllergyIntolerance",
        allergy,
        "allergyintolerance-verification",
        {"confirmed": COUNTS, "unconfirmed": COUNTS, "refuted": NEGATIVE, "entered-in-error": NOTHING, **_UNREAD},
    ),
    ("FamilyMemberHistory", "a relative's disease", condition() | {"resourceType": "FamilyMemberHistory"}, NOTHING),
    ("any", "another patient", condition(subject={"reference": "Patient/p2"}), NOTHING),
    ("any", "a Group as subject", condition(subject={"reference": "Group/g1"}), NOTHING),
    ("any", "no subject", condition(subject=None), NOTHING),
    ("any", "a modifier extension that is not understood", condition(modifierExtension=[{"url": "urn:x"}]), REVIEW),
    ("any", "the disease's name, without a code", condition(text="Systemic lupus erythematosus"), REVIEW),
    ("any", "the name beside a code of no value set", condition(("urn:site", "1"), text="SLE"), REVIEW),
    ("any", "a code of no value set", condition(("urn:site", "1")), NOTHING),
    *[("any", f"in words: {text}", condition(text=text), NOTHING) for text in ("no evidence of SLE", "rule out SLE", "?SLE", "FH of SLE")],
]

# (what the code is of, an ICD-10-CM code): a gate beside the code of the disease.
GATES = (
    ("a relative's disease (Z80-Z84)", "Z82.61"),
    ("screening (Z11-Z13)", "Z11.4"),
    ("ruled out (Z03)", "Z03.89"),
    ("a donor (Z52)", "Z52.4"),
)


def printed() -> list[tuple[str, str, str]]:
    """The rows as words, for the manual."""
    return [(kind, said, is_) for kind, said, _, is_ in ROWS] + [("Condition", f"{said}, beside the disease", NOTHING) for said, _ in GATES]


def _facts(inputs: Inputs) -> list[Record | Result | Exposure]:
    held: tuple[Iterable[Record | Result | Exposure], ...] = (
        *inputs.records.values(),
        *inputs.results.values(),
        *inputs.exposures.values(),
    )
    return [fact for facts in held for fact in facts]


@pytest.mark.parametrize(("kind", "said", "resource", "is_"), ROWS, ids=[f"{kind}: {said}" for kind, said, _, _ in ROWS])
def test_each_row_of_the_validity_gate(kind: str, said: str, resource: Json, is_: str) -> None:
    """A record is evidence, a documented negative, a review, or nothing."""
    facts = _facts(inputs_of(resource))
    if is_ == NOTHING:
        assert facts == []
    elif is_ == PLAN:
        assert facts
        assert all(isinstance(fact, Record) and fact.planned for fact in facts)
    elif is_ == "no value":
        assert all(isinstance(fact, Result) and fact.value is None and fact.problem for fact in facts)
    else:
        assert {_MEANING[fact.standing] for fact in facts} == {is_}


UNLISTED = [row for row in ROWS if row[1].endswith(("unknown", "made-up"))]


@pytest.mark.parametrize(("kind", "said", "resource", "is_"), UNLISTED, ids=[f"{kind}: {said}" for kind, said, _, _ in UNLISTED])
def test_a_status_that_is_not_listed_is_named(kind: str, said: str, resource: Json, is_: str) -> None:
    """In `dataIssues`."""
    assert issues_of(inputs_of(resource)) == [("status-unknown", f"{kind}/{resource['id']}")]


@pytest.mark.parametrize(("said", "code"), GATES, ids=[said for said, _ in GATES])
def test_a_gate_takes_the_disease_away(said: str, code: str) -> None:
    """The record of a relative, a screening, a suspicion or a donor is not the patient's disease."""
    assert "dx.sle" not in inputs_of(condition((ICD10CM, code), SLE)).records


@pytest.mark.parametrize(
    ("said", "active"),
    [("active", True), ("recurrence", True), ("relapse", True), ("inactive", False), ("remission", False), ("resolved", False)],
)
def test_what_is_over_is_history_and_not_active(said: str, active: bool) -> None:
    """Condition.clinicalStatus."""
    assert inputs_of(condition(clinicalStatus=status("condition-clinical", said))).records["dx.sle"][0].active is active


def test_an_abatement_date_ends_it() -> None:
    """Whatever clinicalStatus says."""
    assert inputs_of(condition(abatementDateTime="2026-01-01")).records["dx.sle"][0].active is False


def test_only_a_missing_subject_leaves_a_hole() -> None:
    """It may have been this patient's record; another's never was."""
    assert inputs_of(condition(subject=None)).sources["Condition"].state is State.PARTIAL
    assert inputs_of(condition(subject={"reference": "Patient/p2"})).sources["Condition"].state is State.WHOLE


def test_the_latest_amended_version_counts() -> None:
    """Of two versions of one Observation."""
    first, second = (observation(value=9 + n, status=said, meta={"versionId": str(n)}) for n, said in ((1, "final"), (2, "amended")))
    for pair in ((first, second), (second, first)):
        (found,) = inputs_of(*pair).results["lab.hgb"]
        assert found.origin.version == "2"


def test_an_error_entered_twice_leaves_the_corrected_result() -> None:
    """The same result once corrected and once entered in error (spec 4, trap 11)."""
    good, bad = observation(value=11, status="corrected"), observation(value=11, status="entered-in-error", identity="o2")
    (found,) = inputs_of(good, bad).results["lab.hgb"]
    assert found.origin.reference == "Observation/o1"


def test_the_same_result_from_two_sources_counts_once() -> None:
    """By code, day and value."""
    assert len(inputs_of(observation(value=11), observation(value=11, identity="o2")).results["lab.hgb"]) == 1


@pytest.mark.parametrize(
    ("elements", "deceased", "replaced", "active"),
    [
        ({}, False, False, True),
        ({"active": False}, False, False, False),
        ({"deceasedBoolean": True}, True, False, True),
        ({"deceasedDateTime": "2026-01-01"}, True, False, True),
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/p9"}}]}, False, True, True),
    ],
)
def test_the_patient_may_be_dead_or_merged(elements: Json, deceased: bool, replaced: bool, active: bool) -> None:
    """The holds rest on these."""
    person = inputs_of(patient(**elements)).person
    assert (person.deceased, person.replaced, person.active) == (deceased, replaced, active)
