"""Of which disease a Condition is, by its codes: gates, several codings, visits, and codes that nobody knows (spec 0.4, 0.6)."""

from __future__ import annotations

import pytest

from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Standing, State
from tests.support.builders import ICD10CM, ICD10GM, SLE, Json, concept, condition, inputs_of, issues_of, status, without
from tests.support.conditions import none, record


@pytest.mark.parametrize(
    ("code", "gate"),
    [
        ("Z80.3", "gate.family_history"),
        ("Z13.9", "gate.screening"),
        ("Z03.89", "gate.ruled_out"),
        ("Z52.0", "tx.donor"),
        ("N96", "gate.past_pregnancy"),
        ("Z87.59", "gate.past_pregnancy"),
    ],
)
def test_a_gate_is_no_evidence_of_the_disease_beside_it(code: str, gate: str) -> None:
    """A relative's disease, a screening, a rule-out, a donor: the other coding and the words say nothing."""
    found = inputs_of(condition((ICD10CM, code), SLE, text="Systemic lupus erythematosus"))
    assert set(found.records) == {gate}


def test_a_family_members_history_is_never_read() -> None:
    """It is a relative's disease."""
    relative = condition() | {"resourceType": "FamilyMemberHistory"}
    assert none(relative)


def test_two_codings_are_one_record() -> None:
    """ICD-10 and SNOMED of one diagnosis."""
    assert record(condition((ICD10CM, "M32.10"), SLE)).standing is Standing.CONFIRMED


def test_a_record_stands_under_each_of_its_concepts() -> None:
    """The same record."""
    found = inputs_of(condition(SLE, (ICD10CM, "M34.9"))).records
    assert found["dx.sle"] == found["dx.ssc"]
    assert found["dx.sle"][0].concepts >= {"dx.sle", "dx.ssc"}


def test_the_reason_of_a_visit_is_no_diagnosis() -> None:
    """Encounter.reasonCode is not confirmed; a Condition of category encounter-diagnosis is."""
    visit = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "subject": {"reference": "Patient/p1"},
        "reasonCode": [concept(SLE)],
    }
    assert record(visit).standing is Standing.UNCONFIRMED
    assert record(condition(category=[status("condition-category", "encounter-diagnosis")])).concepts == {"dx.sle"}


def test_the_origin_names_the_record() -> None:
    """Reference, version and the record's own words, shortened."""
    found = record(condition(SLE, text="x" * 300, meta={"versionId": "3"})).origin
    assert (found.reference, found.version, len(found.display), found.grade) == ("Condition/c1", "3", 120, "coded")


def test_a_condition_needs_nothing_but_a_code() -> None:
    """Neither status nor date: confirmed, undated, activity not said."""
    found = record(without(condition(verification=None), "clinicalStatus", "onsetDateTime"))
    assert (found.standing, found.when, found.active) == (Standing.CONFIRMED, None, None)
    assert isinstance(record(condition()).when, Interval)


UNLISTED = ("http://snomed.info/sct", "4950009")


@pytest.mark.parametrize("codes", [(UNLISTED,), (("urn:site", "x"),), (("http://hl7.org/fhir/sid/icd-9-cm", "202.2"),)])
def test_a_diagnosis_of_an_unknown_code_and_no_words_may_be_any(codes: tuple[tuple[str, str], ...]) -> None:
    """It says nothing (ruling 16), so it is told, and the conditions no longer show what is absent (spec 0.2)."""
    found = inputs_of(condition(*codes))
    assert (found.records, issues_of(found)) == ({}, [("code-unknown", "Condition/c1")])
    assert found.sources["Condition"].state is State.PARTIAL


@pytest.mark.parametrize(
    "resource",
    [
        condition(UNLISTED, text="Hypertension"),
        condition((ICD10CM, "I10")),
        condition(UNLISTED, (ICD10GM, "I10.90")),
        condition(UNLISTED, verification="refuted"),
        condition(UNLISTED, verification="entered-in-error"),
    ],
)
def test_what_words_or_a_classification_tell_leaves_no_hole(resource: Json) -> None:
    """Words were read, a classification's code is in its family or in none, and a refuted diagnosis is no disease."""
    found = inputs_of(resource)
    assert (issues_of(found), found.sources["Condition"].state) == ([], State.WHOLE)
