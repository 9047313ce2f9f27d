"""A person's recorded answers by linkId (interfaces.md)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import State
from tests.support.builders import Json, answer, inputs_of, issues_of, response


def said(*items: Any, **elements: Any) -> dict[str, list[bool | None]]:
    return {link: [one.value for one in held] for link, held in inputs_of(response(*items, **elements)).answers.items()}


def coded(value: Any) -> Json:
    return {"linkId": "E-19", "answer": [value]}


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ({"valueCoding": {"system": "http://terminology.hl7.org/CodeSystem/v2-0532", "code": "Y"}}, True),
        ({"valueCoding": {"system": "http://terminology.hl7.org/CodeSystem/v2-0532/", "code": "N"}}, False),
        ({"valueCoding": {"code": "UNK"}}, None),
        ({"valueCoding": {"system": "http://loinc.org", "code": "LA33-6", "display": "Yes"}}, True),
        ({"valueBoolean": True}, True),
        ({"valueBoolean": False}, False),
        ({"valueString": " No "}, False),
        ({"valueString": "unknown"}, None),
    ],
)
def test_an_answer_may_be_a_code_a_boolean_or_a_word(value: Json, meaning: bool | None) -> None:
    """Yes, no or unknown; of another system only the words count."""
    assert said(coded(value)) == {"E-19": [meaning]}


@pytest.mark.parametrize(
    "value",
    [
        {"valueCoding": {"system": "urn:site", "code": "N"}},
        {"valueString": "not really"},
        {"valueInteger": 1},
        {"valueBoolean": "true"},
        {},
        7,
    ],
)
def test_what_is_none_of_these_is_no_answer(value: Any) -> None:
    """A code of another system may mean anything."""
    assert said(coded(value)) == {}


@pytest.mark.parametrize("status", ["in-progress", "entered-in-error", "stopped", None, 7])
def test_only_a_finished_form_counts(status: Any) -> None:
    """Completed or amended."""
    assert said(answer("E-19"), status=status) == {}


def test_an_amended_form_counts() -> None:
    """As a completed one."""
    assert said(answer("E-19", "N"), status="amended") == {"E-19": [False]}


@pytest.mark.parametrize(
    "elements",
    [{"author": None}, {"author": {"display": "x"}}, {"authored": None}, {"authored": "x"}, {"authored": "2026-11"}],
)
def test_an_answer_needs_its_author_and_day(elements: Json) -> None:
    """Else it is set aside and named."""
    found = inputs_of(response(answer("E-19"), **elements))
    assert found.answers == {}
    assert ("answer-without-author", "QuestionnaireResponse/qr1") in issues_of(found)


def test_an_answer_says_who_and_when() -> None:
    """For the sign-off list; the grade is `reported`."""
    (found,) = inputs_of(response(answer("SLE-3/d"), author={"identifier": {"value": "dr-7"}}, meta={"versionId": "2"})).answers["SLE-3/d"]
    assert (found.author, found.authored.isoformat(), found.link_id) == ("dr-7", "2026-11-20", "SLE-3/d")
    assert (found.origin.reference, found.origin.version, found.origin.grade) == ("QuestionnaireResponse/qr1", "2", "reported")


def test_items_may_be_nested() -> None:
    """In groups, and below answers."""
    below = answer("E-02") | {"answer": [{"valueBoolean": True, "item": [answer("E-19", "N")]}]}
    assert said({"linkId": "group", "item": [below]}, "x", {"answer": [{"valueBoolean": True}]}) == {"E-02": [True], "E-19": [False]}


def test_all_answers_to_a_question_are_kept_oldest_first() -> None:
    """The criteria choose among them."""
    newer, older = response(answer("E-19", "N")), response(answer("E-19"), identity="qr2", authored="2026-11-19")
    assert [one.value for one in inputs_of(newer, older).answers["E-19"]] == [True, False]


def test_a_form_nested_without_end_costs_only_itself() -> None:
    """It is a data issue, and none of its answers is used."""
    item: Json = answer("E-19")
    for _ in range(3000):
        item = {"linkId": "g", "item": [item]}
    found = inputs_of(response(answer("E-20")), response(answer("E-21"), item, identity="deep"))
    assert set(found.answers) == {"E-20"}
    assert issues_of(found) == [("resource-unreadable", "QuestionnaireResponse/deep")]
    assert found.sources["QuestionnaireResponse"].state is State.PARTIAL
