"""From when to when a dose is taken, and which of several instructions follow one another (spec 1.1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.dosages import PREDNISONE, between, doses, mg, of_resource, quantity, sig, step, timing, told
from tests.support.medications import Json, coded, statement


def length(value: Any, unit: str = "d") -> Json:
    return {"boundsDuration": quantity(value, None, code=unit)}


UNCLEAR = "unread: whether the instructions follow one another is not said"
UNKNOWN_LENGTH, UNKNOWN_DAY = "unread: a step of unknown length", "unread: steps from an unknown day"
STEPS: tuple[tuple[str, list[Json], str], ...] = (
    ("one, open", [step(None, 5)], "5 mg a day"),
    ("one, in a period", [step(None, 5, **between("2026-06-03", "2026-06-09"))], "5 mg a day from 2026-06-03 to 2026-06-09"),
    ("one, in a month", [step(None, 5, **between("2026-07", "2026-08"))], "5 mg a day from 2026-07 to 2026-08"),
    ("one, until", [step(None, 5, **between(None, "2026-06-09"))], "5 mg a day to 2026-06-09"),
    ("one, for 7 days", [step(None, 5, **length(7))], "5 mg a day from 2026-06-01 to 2026-06-07"),
    ("one, for 1 month", [step(None, 5, **length(1, "mo"))], "5 mg a day from 2026-06-01 to 2026-06-30"),
    (
        "one, for 7 to 10 days",
        [step(None, 5, boundsRange={"low": quantity(7, "d"), "high": quantity(10, "d")})],
        "5 mg a day from 2026-06-01 to 2026-06-07..2026-06-10",
    ),
    (
        "two in sequence",
        [step(1, 40, **length(7)), step(2, 30, **length(7))],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08 to 2026-06-14",
    ),
    (
        "in the order of their numbers",
        [step(2, 30), step(1, 40, **length(7))],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08",
    ),
    (
        "with periods that share a day",
        [step(1, 40, **between("2026-06-01", "2026-06-08")), step(2, 30, **between("2026-06-08", "2026-06-15"))],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08 to 2026-06-15",
    ),
    (
        "without a sequence, periods that share a day",
        [step(None, 40, **between("2026-06-01", "2026-06-08")), step(None, 30, **between("2026-06-08"))],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08",
    ),
    (
        "an open step before one that begins",
        [step(1, 40, **between("2026-06-01")), step(2, 30, **between("2026-06-11"))],
        "40 mg a day from 2026-06-01 to 2026-06-10 | 30 mg a day from 2026-06-11",
    ),
    ("an open step before one without a day", [step(1, 40), step(2, 30)], f"{UNKNOWN_LENGTH} | {UNKNOWN_LENGTH}"),
    (
        "an open step before one that began earlier",
        [step(1, 40), step(2, 30, **between("2026-05-01"))],
        f"{UNKNOWN_LENGTH} | 30 mg a day from 2026-05-01",
    ),
    (
        "two of one number in a sequence",
        [step(1, 20, **length(7)), step(1, 10, **length(7)), step(2, 5)],
        "20 mg a day from 2026-06-01 to 2026-06-07 | 10 mg a day from 2026-06-01 to 2026-06-07 | 5 mg a day from 2026-06-08",
    ),
    ("side by side", [step(None, 5), step(None, 2.5)], "5 mg a day | 2.5 mg a day"),
    (
        "side by side in one period",
        [step(None, 5, **between("2026-06-01", "2026-07-01")), step(None, 2.5, **between("2026-06-01", "2026-07-01"))],
        "5 mg a day from 2026-06-01 to 2026-07-01 | 2.5 mg a day from 2026-06-01 to 2026-07-01",
    ),
    ("lengths without a sequence", [step(None, 40, **length(7)), step(None, 30, **length(7))], f"{UNCLEAR} | {UNCLEAR}"),
    (
        "lengths without a sequence, morning and evening",
        [step(None, 5, **length(7), when=["MORN"]), step(None, 2.5, **length(7), when=["EVE"])],
        "5 mg a day from 2026-06-01 to 2026-06-07 | 2.5 mg a day from 2026-06-01 to 2026-06-07",
    ),
    ("words that follow", [sig("5 mg daily"), sig("then 2.5 mg daily")], f"{UNCLEAR} | {UNCLEAR}"),
    (
        "words in a sequence",
        [sig("40 mg daily for 7 days") | {"sequence": 1}, sig("then 30 mg daily") | {"sequence": 2}],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08",
    ),
    (
        "words with steps",
        [sig("40 mg daily x7d then 30 mg x7d")],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08 to 2026-06-14",
    ),
    (
        "words with steps in a period",
        [sig("40 mg daily x7d then 30 mg daily") | timing(**between("2026-06-10", "2026-06-20"))],
        "40 mg a day from 2026-06-10 to 2026-06-16 | 30 mg a day from 2026-06-17 to 2026-06-20",
    ),
    (
        "days of the week are one plan",
        [mg(5, dayOfWeek=["mon", "wed", "fri"]), mg(2.5, dayOfWeek=["tue", "thu", "sat", "sun"])],
        "25/7 mg a day, at most 5 mg",
    ),
    (
        "days of the week that meet",
        [mg(5, dayOfWeek=["mon"]), mg(2.5, dayOfWeek=["mon", "tue"])],
        "5/7 mg a day, at most 5 mg, on 1 of 7 days | 5/7 mg a day, at most 2.5 mg, on 2 of 7 days",
    ),
    ("one that can't be read", [step(None, 5), sig("as told")], "5 mg a day | unread: instruction not understood"),
)


@pytest.mark.parametrize(("dosages", "expected"), [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
def test_instructions_stand_side_by_side_or_follow_one_another(dosages: list[Json], expected: str) -> None:
    """An order of 1 June 2026; no day belongs to two steps."""
    assert told(doses(*dosages)) == expected


@pytest.mark.parametrize("begun", [None, "2026", "2026-06"])
def test_steps_from_an_unknown_day_are_not_read(begun: str | None) -> None:
    """A single length is counted from each possible day, but steps would overlap."""
    assert told(doses(sig("40 mg x7d then 30 mg x7d"), authoredOn=begun)) == UNKNOWN_DAY
    sequence = [step(1, 40, **length(7)), step(2, 30)]
    assert told(doses(*sequence, authoredOn=begun)) == f"{UNKNOWN_DAY} | {UNKNOWN_LENGTH}"


def test_a_length_from_an_uncertain_day_ends_on_an_uncertain_day() -> None:
    """Seven days from some day of June."""
    assert told(doses(sig("40 mg daily for 7 days"), authoredOn="2026-06")) == "40 mg a day from 2026-06 to 2026-06-07..2026-07-06"
    assert told(doses(sig("40 mg daily for 7 days"), authoredOn=None)) == UNKNOWN_DAY


def test_a_statement_told_on_a_day_was_begun_on_any_day_before() -> None:
    """Its length can't be placed."""
    one = statement(medicationCodeableConcept=coded(PREDNISONE), dateAsserted="2026-06-01", dosage=[sig("40 mg daily for 7 days")])
    assert told(of_resource(one)) == UNKNOWN_DAY
