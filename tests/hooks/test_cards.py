"""When there is a card and when none, that each trial has its own, and that all keep to the specification."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.criteria.evaluation import STATUSES, Hold
from cds_service.hooks.cards import card_id, fits
from tests.support.card_checker import faults
from tests.support.card_sections import INSTANCE, shown
from tests.support.evaluations import arm, criterion, evaluation, evidence, lupus_patient
from tests.support.service import PATH, FakeEngine, client, hook_request, post, trial

SNAPSHOT = Path(__file__).with_name("snapshots") / "lupus.md"


def answered(**more: Any) -> Any:
    """The response of the whole service to a call."""
    return post(client(FakeEngine(**more)), PATH, hook_request()).get_json()


def test_the_card_of_a_realistic_patient_reads_as_approved() -> None:
    """The snapshot was read aloud: arm, three facts with dates, five lines to confirm, what to obtain, and no more."""
    assert shown(lupus_patient())["detail"] == SNAPSHOT.read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.rule("2", "33", "34", "35", "36", "39", "40", "44")
def test_the_card_keeps_to_the_specification() -> None:
    """Checklist 33 to 44, through the whole service."""
    response = answered()
    assert faults(response) == []
    (found,) = response["cards"]
    assert found["summary"] == "May fit trial CC312 (systemic lupus erythematosus): 10 to confirm, 5 missing"
    assert found["indicator"] == "info"
    assert found["source"]["topic"] == {
        "system": "https://clinicaltrials.gov",
        "code": "NCT07193810",
        "display": "A Study of CC312 for Relapsed/Refractory Autoimmune Diseases",
    }
    assert [link["url"] for link in found["links"]] == ["https://clinicaltrials.gov/study/NCT07193810"]


@pytest.mark.rule("30")
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("hold", ["", "deceased", "replaced", "trial-not-open"])
def test_there_is_a_card_only_for_who_may_fit_and_without_a_hold(status: str, hold: str) -> None:
    """All else answers `cards: []`; never a card that says "not"."""
    holds = [Hold(hold, "because")] if hold else []
    found = evaluation(arm("sle", status=status), holds=holds)
    assert fits(found) is (status == "potentially-eligible" and not hold)
    assert len(answered(found=found)["cards"]) == int(fits(found))


@pytest.mark.rule("30")
def test_a_trial_that_is_not_open_has_no_card() -> None:
    """It is not even evaluated."""
    engine = FakeEngine(trials={"a": trial(open=False)})
    assert post(client(engine), PATH, hook_request()).get_json() == {"cards": []}
    assert engine.charts == []


def test_each_trial_has_its_own_card() -> None:
    """One card a trial, each with its own id."""
    cards = answered(trials={"a": trial("a"), "b": trial("b", registry=replace_registry("NCT00000001"))})["cards"]
    assert [one["source"]["topic"]["code"] for one in cards] == ["NCT07193810", "NCT00000001"]
    assert len({one["uuid"] for one in cards}) == 2


def replace_registry(number: str) -> Any:
    given = trial().registry
    return type(given)(system=given.system, value=number, url=f"https://clinicaltrials.gov/study/{number}")


@pytest.mark.rule("36", "46")
def test_the_same_call_gives_the_same_card_and_another_call_another() -> None:
    """The id is made of the call, the trial and its definition, so feedback on a repeated answer is feedback on one card."""
    first = card_id(lupus_patient(), trial(), INSTANCE)
    assert card_id(lupus_patient(), trial(), INSTANCE) == first
    others = [replace(lupus_patient(), definition="cc312@1.0.1"), replace(lupus_patient(), patient="Patient/another")]
    assert first not in [card_id(lupus_patient(), trial(), "another"), *(card_id(one, trial(), INSTANCE) for one in others)]


def test_nothing_on_a_card_says_eligible() -> None:
    """A card claims no more than "may fit"."""
    assert "eligib" not in str(shown(lupus_patient())).lower()


TEXT = st.text(max_size=200)
RESULT = st.builds(
    lambda identifier, verdict, person, review, sensitive, words: criterion(
        identifier,
        verdict if identifier.startswith("E") is (verdict == "clear") else "unknown",
        open="person" if person else "data",
        review=review,
        sensitive=sensitive,
        question=words if person else None,
        reason=words,
        evidence=(evidence(words),),
        missing=(),
    ),
    st.sampled_from(["I-01", "SLE-1", "SLE-2", "SLE-7", "SSC-1", "E-01", "E-24"]),
    st.sampled_from(["unknown", "met", "clear"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    TEXT,
)


@pytest.mark.rule("2", "33", "34", "35", "36", "39", "44")
@given(st.lists(st.lists(RESULT, max_size=8), min_size=1, max_size=3), st.text(min_size=1, max_size=300).filter(str.strip))
def test_any_evaluation_gives_a_card_that_keeps_to_the_specification(arms: list[list[Any]], title: str) -> None:
    """Whatever the records' words are, no member is empty and the summary stays below 140 characters."""
    found = evaluation(*(arm("sle", *criteria, title=title) for criteria in arms))
    assert faults({"cards": [shown(found)]}) == []
