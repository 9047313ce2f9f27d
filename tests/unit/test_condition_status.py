"""Which Conditions count, and for how much: verification, the German certainty, and whether the disease is active (spec 0.4)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Standing
from tests.support.builders import ICD10GM, Json, concept, condition, inputs_of, issues_of, status
from tests.support.conditions import none, record

CERTAINTY = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"


def ver(code: Any) -> Json:
    return {"verificationStatus": code}


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        (None, Standing.CONFIRMED),
        ("confirmed", Standing.CONFIRMED),
        ("refuted", Standing.REFUTED),
        ("unconfirmed", Standing.UNCONFIRMED),
        ("provisional", Standing.UNCONFIRMED),
        ("differential", Standing.UNCONFIRMED),
    ],
)
def test_verification_gives_the_standing(said: str | None, standing: Standing) -> None:
    """Confirmed or absent decides; refuted is a documented negative; the rest asks."""
    assert record(condition(verification=said)).standing is standing


@pytest.mark.parametrize(
    "said",
    [
        status("condition-ver-status", "entered-in-error"),
        status("condition-ver-status", "entered-in-error "),
        "Entered-In-Error",
        concept(("https://www.hl7.org/fhir/codesystem-condition-ver-status", "entered-in-error")),
        concept(("urn:site", "ERR"), ("http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error")),
    ],
)
def test_what_was_entered_in_error_is_nothing(said: Any) -> None:
    """With a trailing blank, as a plain string, of a wrong system, after a site's own code."""
    assert none(condition(**ver(said)))


@pytest.mark.parametrize("said", [status("condition-ver-status", "unknown"), "perhaps", {"text": "x"}, {"extension": []}, 7, ["confirmed"]])
def test_another_verification_is_unclear_and_named(said: Any) -> None:
    """Status unknown, or one not listed: review, and a data issue."""
    found = inputs_of(condition(**ver(said)))
    assert found.records["dx.sle"][0].standing is Standing.UNCLEAR
    assert issues_of(found) == [("status-unknown", "Condition/c1")]


@pytest.mark.parametrize(
    ("letter", "standing", "active"),
    [
        ("A", Standing.REFUTED, True),
        ("V", Standing.UNCONFIRMED, True),
        ("G", Standing.CONFIRMED, True),
        ("Z", Standing.CONFIRMED, False),
    ],
)
@pytest.mark.parametrize("place", ["coding", "code", "within the code"])
def test_the_german_certainty_is_read(letter: str, standing: Standing, active: bool, place: str) -> None:
    """A refuted, V unconfirmed, Z history, G confirmed (ruling 13): on the coding, on the code, or inside it (M32.1A)."""
    one = condition((ICD10GM, "M32.1"), verification=None)
    extension = {"url": CERTAINTY, "valueCoding": {"code": letter}}
    if place == "coding":
        one["code"]["coding"][0]["extension"] = [extension]
    elif place == "code":
        one["code"]["extension"] = [{"url": CERTAINTY, "valueCode": letter}]
    else:
        one["code"]["coding"][0]["code"] += letter
    found = record(one)
    assert (found.standing, found.active) == (standing, active)


def test_a_small_certainty_letter_is_read() -> None:
    """An excluded disease is never one that counts."""
    one = condition((ICD10GM, "M32.1"), verification=None)
    one["code"]["extension"] = [{"url": CERTAINTY, "valueCode": "a"}]
    assert record(one).standing is Standing.REFUTED


def test_another_certainty_letter_says_nothing() -> None:
    """The code is as sure as one without a letter."""
    one = condition((ICD10GM, "M32.1"), verification=None)
    one["code"]["extension"] = [{"url": CERTAINTY, "valueCode": "X"}]
    assert record(one).standing is Standing.CONFIRMED


def test_certainty_does_not_lift_what_is_unconfirmed() -> None:
    """Nor bring back what was entered in error."""
    sure = {"code": concept((ICD10GM, "M32.1")) | {"extension": [{"url": CERTAINTY, "valueCoding": {"code": "G"}}]}}
    assert record(condition(verification="provisional") | sure).standing is Standing.UNCONFIRMED
    assert none(condition(verification="entered-in-error") | sure)


@pytest.mark.parametrize(
    ("said", "active"),
    [
        ("active", True),
        ("recurrence", True),
        ("relapse", True),
        ("inactive", False),
        ("remission", False),
        ("resolved", False),
        ("unknown", None),
        (None, None),
    ],
)
def test_clinical_status_says_whether_it_is_active(said: str | None, active: bool | None) -> None:
    """In remission it is still history; a status that is not listed says nothing."""
    found = record(condition(clinicalStatus=status("condition-clinical", said) if said else None))
    assert (found.active, found.standing) == (active, Standing.CONFIRMED)
