"""What holds of every answer, whatever is asked: JSON that any reader can read, and nothing in it that is empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cds_service.bodies import read_json
from tests.support.card_checker import empty
from tests.support.evaluations import arm, evaluation
from tests.support.service import PATH, FakeEngine, client, hook_request, post

ANSWERS: dict[str, Callable[[], Any]] = {
    "discovery": lambda: client().get("/cds-services"),
    "a card": lambda: post(client(), PATH, hook_request()),
    "a fault of the caller": lambda: post(client(), PATH, {}),
    "data that are missing": lambda: post(client(), PATH, hook_request({})),
    "no such service": lambda: post(client(), "/cds-services/other", hook_request()),
}


@pytest.mark.rule("2", "3")
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_strict_json_and_no_member_is_empty(name: str) -> None:
    """Neither comment nor trailing comma, neither null nor an empty string, array or object."""
    assert list(empty(read_json(ANSWERS[name]().data), "")) == []


@pytest.mark.rule("2", "30")
def test_nothing_to_say_is_an_empty_array_and_no_more() -> None:
    """No `systemActions`, and no card that all is well."""
    answer = post(client(FakeEngine(found=evaluation(arm("sle", status="ineligible")))), PATH, hook_request())
    assert (answer.status_code, answer.data) == (200, b'{"cards":[]}')


@pytest.mark.rule("38", "41", "42", "43", "45")
def test_a_card_offers_no_action() -> None:
    """Neither a suggestion nor what is done without a person."""
    answer = post(client(), PATH, hook_request()).get_json()
    assert set(answer) == {"cards"}
    assert not {"suggestions", "selectionBehavior"} & set(answer["cards"][0])
