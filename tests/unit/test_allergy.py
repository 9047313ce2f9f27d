"""Allergies by substance, with reaction and severity, and the statement that none is known (spec 0.4, E-15)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Standing
from tests.support.builders import ANAPHYLAXIS, NO_ALLERGY, RITUXIMAB, RXNORM, SNOMED, Json, allergy, concept, inputs_of, issues_of, status

NO_DRUG_ALLERGY = (SNOMED, "409137002")


def ver(code: str) -> Json:
    return {"verificationStatus": status("allergyintolerance-verification", code)}


@pytest.mark.parametrize("said", ["confirmed", "unconfirmed", "presumed"])
def test_an_allergy_counts_whether_confirmed_or_not(said: str) -> None:
    """Both are usable (spec 0.4)."""
    (found,) = inputs_of(allergy() | ver(said)).records["drug.rtx"]
    assert (found.standing, found.type) == (Standing.CONFIRMED, "AllergyIntolerance")


@pytest.mark.parametrize(
    ("elements", "standing"),
    [
        ({"verificationStatus": None}, Standing.CONFIRMED),
        (ver("refuted"), Standing.REFUTED),
        ({"verificationStatus": "confirmed"}, Standing.CONFIRMED),
        ({"clinicalStatus": status("allergyintolerance-clinical", "inactive")}, Standing.CONFIRMED),
    ],
)
def test_an_allergy_is_history_for_ever(elements: Json, standing: Standing) -> None:
    """Inactive ones count (E-15); a refuted one is a documented negative."""
    assert inputs_of(allergy(**elements)).records["drug.rtx"][0].standing is standing


def test_an_allergy_entered_in_error_is_nothing() -> None:
    """No record, no issue."""
    found = inputs_of(allergy() | ver("entered-in-error"))
    assert (found.records, found.issues) == ({}, ())


@pytest.mark.parametrize("said", ["unknown", 7, {"text": "Confirmed?"}])
def test_another_verification_is_unclear_and_named(said: Any) -> None:
    """Review, and a data issue."""
    found = inputs_of(allergy(verificationStatus=said))
    assert found.records["drug.rtx"][0].standing is Standing.UNCLEAR
    assert issues_of(found) == [("status-unknown", "AllergyIntolerance/al1")]


def test_a_statement_whose_status_is_unclear_is_named_once() -> None:
    """It is read as an allergy and as a statement."""
    found = inputs_of(allergy(NO_ALLERGY, verificationStatus="perhaps"))
    assert issues_of(found) == [("status-unknown", "AllergyIntolerance/al1")]


def test_the_substance_may_stand_in_a_reaction() -> None:
    """Of the code and the reactions all count."""
    one = allergy(("urn:site", "1"), reaction=[{"substance": concept(RITUXIMAB)}, {"substance": concept((RXNORM, "8560"))}])
    assert set(inputs_of(one).records) == {"drug.rtx", "ae.polysorbate80"}


@pytest.mark.parametrize(("text", "name"), [("Rituximab", "drug.rtx"), ("polysorbate 80", "ae.polysorbate80")])
def test_a_substance_in_words_asks(text: str, name: str) -> None:
    """A name is worth a review."""
    (found,) = inputs_of(allergy(text=text)).records[name]
    assert (found.standing, found.origin.grade) == (Standing.TEXT, "parsed")


def test_words_beside_a_code_add_nothing() -> None:
    """The code says what it is."""
    assert set(inputs_of(allergy(RITUXIMAB, text="polysorbate 80")).records) == {"drug.rtx"}


@pytest.mark.parametrize(
    ("manifestation", "about"),
    [
        (concept(ANAPHYLAXIS), {"ae.anaphylaxis"}),
        ({"text": "Anaphylaxis"}, {"ae.anaphylaxis"}),
        ({"text": "no anaphylaxis"}, set()),
        ({"text": "hives"}, set()),
    ],
)
def test_the_reaction_says_what_happened(manifestation: Json, about: set[str]) -> None:
    """By code or in words."""
    assert inputs_of(allergy(manifestation=manifestation)).records["drug.rtx"][0].about == about


@pytest.mark.parametrize(
    ("severities", "worst"),
    [(["mild", "severe", "moderate"], "severe"), (["mild"], "mild"), (["fatal", 7, None], None), ([], None)],
)
def test_the_worst_reaction_counts(severities: list[Any], worst: str | None) -> None:
    """Of FHIR's three severities."""
    assert inputs_of(allergy(reaction=[{"severity": one} for one in severities])).records["drug.rtx"][0].severity == worst


@pytest.mark.parametrize(
    ("elements", "when", "by", "planned"),
    [
        ({"onsetDateTime": "2015", "recordedDate": "2020-01-01"}, "2015", "event", False),
        ({"onsetString": "about May 2015"}, "2015-05", "event", False),
        ({"recordedDate": "2020-01-01"}, "2020-01-01", "recorded", False),
        ({"recordedDate": "2026-11-23"}, "2026-11-23", "recorded", True),
        ({}, "None", None, False),
    ],
)
def test_an_allergy_is_dated_by_its_onset(elements: Json, when: str, by: str | None, planned: bool) -> None:
    """Else by its recording; one after the evaluation date is not history."""
    (found,) = inputs_of(allergy(**elements)).records["drug.rtx"]
    assert (str(found.when), found.dated_by, found.planned) == (when, by, planned)


@pytest.mark.parametrize("code", [NO_ALLERGY, NO_DRUG_ALLERGY])
def test_no_known_allergy_is_a_statement(code: tuple[str, str]) -> None:
    """Coded: of any allergy, or of drugs."""
    stated = inputs_of(allergy(code)).no_allergies
    assert stated is not None
    assert stated.reference == "AllergyIntolerance/al1"


def test_a_statement_in_words_is_told_as_such() -> None:
    """Words ask, and a coded statement stands before them."""
    worded, coded = allergy(text="No known allergies"), allergy(NO_ALLERGY, identity="al2")
    assert [inputs_of(*these).no_allergies.grade for these in ([worded], [worded, coded])] == ["parsed", "coded"]


@pytest.mark.parametrize(
    "one",
    [
        allergy(text="No known contrast allergy (situation)"),
        allergy((SNOMED, "429625007")),
        allergy(NO_ALLERGY) | ver("refuted"),
        allergy(NO_ALLERGY) | ver("entered-in-error"),
        allergy(NO_ALLERGY, verificationStatus="perhaps"),
        allergy(NO_ALLERGY, clinicalStatus=status("allergyintolerance-clinical", "inactive")),
        allergy(NO_ALLERGY, clinicalStatus="resolved"),
        allergy(NO_ALLERGY, recordedDate="2026-11-23"),
        allergy(),
    ],
)
def test_what_is_no_such_statement_states_nothing(one: Json) -> None:
    """Of contrast media or food only, refuted, over, or made later."""
    assert inputs_of(one).no_allergies is None
