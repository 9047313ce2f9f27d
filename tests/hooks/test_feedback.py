"""POST …/feedback: every spelling, batches, repeats and faults; nothing said is lost by what stands beside it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.errors import RequestError
from cds_service.hooks.feedback import MOST, read_feedback
from tests.support.cards import SYSTEM, Clinic, override
from tests.support.service import PATH, post, problems

CODING = {"system": SYSTEM, "code": "patient-declined"}
MAPPED = {"urn:site|17": "patient-declined"}
OVERRIDDEN = {"card": "c1", "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}


def reason(**more: Any) -> str:
    items, faults = read_feedback({"feedback": [{**OVERRIDDEN, **more}]}, MAPPED)
    assert faults == []
    return items[0].reason


SPELLINGS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("a reason that the card offered", {"overrideReason": {"reason": CODING}}, "patient-declined"),
    ("one of a criterion", {"overrideReason": {"reason": {"system": SYSTEM, "code": "does-not-fit.SLE-6"}}}, "does-not-fit.SLE-6"),
    ("the same as a CodeableConcept", {"overrideReason": {"reason": {"coding": [CODING]}}}, "patient-declined"),
    ("a reason that the site has mapped", {"overrideReason": {"reason": {"system": "urn:site", "code": "17"}}}, "patient-declined"),
    ("one that it has not", {"overrideReason": {"reason": {"system": "urn:site", "code": "18"}}}, "other"),
    ("a comment alone", {"overrideReason": {"userComment": "no time"}}, "none"),
    ("`overrideReasons` (Epic)", {"overrideReasons": {"reason": CODING}}, "patient-declined"),
    ("`overrideReasons` as an array", {"overrideReasons": [{"reason": CODING}]}, "patient-declined"),
    ("the site's own within an extension (Epic)",
     {"overrideReasons": {"extension": {"com.epic.reasons": [{"system": "urn:site", "code": "17"}]}}}, "patient-declined"),
    ("a reason of nobody beside an extension", {"overrideReasons": {"reason": {"code": "x"}, "extension": [{"valueCoding": CODING}]}},
     "patient-declined"),
    ("`overriddeReason`, as one client writes it", {"overriddeReason": {"reason": CODING}}, "patient-declined"),
    ("text for an object", {"overrideReason": "not now"}, "none"),
    ("a code that is none, under our system", {"overrideReason": {"reason": {"system": SYSTEM, "code": "hacked\n"}}}, "other"),
    ("no reason", {}, "none"),
)  # fmt: skip


@pytest.mark.rule("48", "51")
@pytest.mark.parametrize(("sent", "more", "code"), SPELLINGS, ids=[row[0] for row in SPELLINGS])
def test_every_spelling_of_a_reason_is_read(sent: str, more: dict[str, Any], code: str) -> None:
    """The specification's, Epic's two, a CodeableConcept, a misspelt one, and a site's own codes where it has mapped them."""
    assert reason(**more) == code


@pytest.mark.rule("48")
def test_accepted_suggestions_are_counted() -> None:
    """An accepted card has no reason."""
    (item,), _ = read_feedback({"feedback": [{**OVERRIDDEN, "outcome": "accepted", "acceptedSuggestions": [{"id": "s"}]}]}, {})
    assert (item.outcome, item.accepted, item.reason) == ("accepted", 1, "")


@pytest.mark.rule("48", "49")
@pytest.mark.parametrize("stamp", ["2026-11-22T10:00:00Z", "2026-11-22T11:00:00.000+01:00", "2026-11-22T10:00:00"])
def test_one_moment_is_one_moment(stamp: str) -> None:
    """However a client writes it, so that a repeat is seen to be one."""
    (item,), _ = read_feedback({"feedback": [{**OVERRIDDEN, "outcomeTimestamp": stamp}]}, {})
    assert item.said == 1_795_341_600_000


@pytest.mark.rule("47", "48")
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "feedback: must be a list"),
        ({"feedback": {}}, "feedback: must be a list"),
        ({"feedback": []}, "at least one"),
        ({"feedback": ["x"]}, "feedback[0]: must be an object"),
        ({"feedback": [{**OVERRIDDEN, "card": 7}]}, "feedback[0].card: is required"),
        ({"feedback": [{**OVERRIDDEN, "outcome": "ignored"}]}, "feedback[0].outcome: must be one of"),
        ({"feedback": [OVERRIDDEN, {**OVERRIDDEN, "outcomeTimestamp": "soon"}]}, "feedback[1].outcomeTimestamp: must be"),
        ({"feedback": [OVERRIDDEN] * (MOST + 1)}, "more than"),
    ],
)
def test_a_fault_is_told_with_its_place(body: dict[str, Any], problem: str) -> None:
    """400, and which item."""
    answer = post(Clinic().client, f"{PATH}/feedback", body)
    assert answer.status_code == 400
    place, _, words = problem.rpartition(": ")
    assert words in problems(answer)
    assert place in answer.get_data(as_text=True)


@pytest.mark.rule("49")
def test_a_faulty_item_costs_the_others_nothing() -> None:
    """The good one counts although the call is answered 400."""
    clinic = Clinic()
    (card,) = clinic.cards()
    answer = clinic.feedback({"card": 7}, {"card": card["uuid"], **override("patient-declined")}, {"card": "another", **override()})
    assert answer.status_code == 400
    assert clinic.cards("Practitioner/e2") == []


@pytest.mark.rule("47", "49", "50")
def test_feedback_is_taken_and_a_repeat_changes_nothing() -> None:
    """200 and an empty object, each time."""
    clinic = Clinic()
    (card,) = clinic.cards()
    for _ in range(2):
        answer = clinic.says(card, "not-now")
        assert (answer.status_code, answer.get_json()) == (200, {})


@pytest.mark.rule("50", "51")
def test_cards_that_nobody_was_shown_are_not_found(caplog: pytest.LogCaptureFixture) -> None:
    """404 where none is known; beside a known one they are passed over and logged."""
    caplog.set_level(logging.INFO)
    clinic = Clinic()
    assert clinic.feedback({"card": "free text of Epic", **override()}).status_code == 404
    (card,) = clinic.cards()
    assert clinic.feedback({"card": card["uuid"], **override()}, {"card": "x", **override()}).status_code == 200
    told = [record.fields["outcome"] for record in caplog.records if record.getMessage() == "feedback"]  # type: ignore[attr-defined]
    assert told == ["unknown-card", "overridden", "unknown-card"]


def test_a_card_of_another_service_id_is_an_unknown_path() -> None:
    """Feedback goes where the service is."""
    assert post(Clinic().client, "/cds-services/nothing/feedback", {"feedback": [OVERRIDDEN]}).status_code == 404


def test_a_comment_is_not_kept(caplog: pytest.LogCaptureFixture) -> None:
    """It may name the patient: neither in the log nor in the row."""
    caplog.set_level(logging.INFO)
    items, _ = read_feedback({"feedback": [{**OVERRIDDEN, "overrideReason": {"userComment": "ask Mrs Miller"}}]}, {})
    assert "Miller" not in repr(items[0].row())
    assert items[0].commented


_NAMES = st.sampled_from(["card", "outcome", "outcomeTimestamp", "overrideReason", "reason", "code", "system", "coding", "extension"])
_LEAVES = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8)
_JSON = st.recursive(_LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(_NAMES, one, max_size=4), max_leaves=12)


@given(_JSON)
def test_no_body_breaks_the_reader(value: Any) -> None:
    """Whatever is sent, each item is read or told; without any the body is refused."""
    if not isinstance(value, list) or not value:
        with pytest.raises(RequestError):
            read_feedback({"feedback": value}, {})
        return
    items, faults = read_feedback({"feedback": value}, {})
    told = {fault.place.partition("]")[0] for fault in faults}
    assert len(items) + len(told) == len(value)
