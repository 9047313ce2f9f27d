"""The words of a Dosage beside its structure: they complete it, contradict it, or say that it is as needed (spec 1.1)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.dosages import PREDNISONE, PREDNISONE_5, amount, doses, every_day, mg, rxnorm, sig, timing, told
from tests.support.medications import Json

NOT_UNDERSTOOD = "unread: instruction not understood"
DISAGREE = "unread: structured dose and text disagree"
ALTERED = "unread: the words change the dose in a way that is not understood"


@pytest.mark.parametrize(
    ("drug", "dosage", "grade"),
    [
        (PREDNISONE_5, mg(5), "coded"),
        (PREDNISONE_5, amount(1, "tablet") | every_day(), "coded"),
        (rxnorm(PREDNISONE, text="prednisone 5 mg"), amount(1, "tablet") | every_day(), "parsed"),
        (rxnorm(PREDNISONE, text="prednisone 5 mg"), mg(5), "coded"),
        (PREDNISONE, {"text": "5 mg daily"}, "parsed"),
        (PREDNISONE, {"text": "5 mg"} | every_day(), "parsed"),
    ],
)
def test_what_is_read_from_words_is_graded_so(drug: Any, dosage: Json, grade: str) -> None:
    """An instruction's words, or the strength in a drug's name."""
    assert [one.grade for one in doses(dosage, drug=drug)] == [grade]


def also(*texts: str) -> Json:
    return {"additionalInstruction": [{"text": text} for text in texts]}


WORDS: tuple[tuple[str, Json, str], ...] = (
    ("agree", mg(5) | sig("Take 1 tablet (5 mg) by mouth daily"), "5 mg a day"),
    ("other dose", mg(5) | sig("50 mg daily"), DISAGREE),
    ("other frequency", mg(5) | sig("5 mg twice daily"), DISAGREE),
    ("alternate days beside half the dose daily", mg(10) | sig("20 mg every other day"), DISAGREE),
    ("words with steps", mg(40) | sig("40 mg daily x7d then 30 mg daily"), DISAGREE),
    ("words with a length", mg(40) | sig("40 mg daily for 7 days"), "40 mg a day from 2026-06-01 to 2026-06-07"),
    ("words not understood", mg(5) | sig("for the joints, as told"), "5 mg a day"),
    ("words that speak of a taper", mg(5) | sig("taper as told"), ALTERED),
    ("words that say no dose", mg(5) | sig("daily"), "5 mg a day"),
    ("words that say another frequency only", mg(5) | sig("twice daily"), DISAGREE),
    ("words that say another amount only", mg(5) | sig("50 mg"), DISAGREE),
    ("words that say as needed", mg(5) | sig("5 mg daily prn"), "5 mg a day as needed"),
    ("words that say as needed, not understood", mg(5) | sig("prn, see note"), "5 mg a day as needed"),
    ("tablets of unknown strength in words", mg(5) | sig("2 tablets daily"), "5 mg a day"),
    ("tablets of unknown strength in structure", amount(2, "tablet") | every_day() | sig("2 tablets (5 mg each) daily"), "10 mg a day"),
    ("dose in words", every_day() | sig("5 mg daily"), "5 mg a day"),
    ("dose in words, frequency in structure", every_day(2) | sig("5 mg"), "10 mg a day"),
    ("frequency in words, dose in structure", amount(5) | sig("twice daily"), "10 mg a day"),
    ("dose in words, other frequency in structure", every_day() | sig("5 mg twice daily"), DISAGREE),
    ("parts in words, frequency in structure", every_day(2) | sig("5 mg in the morning and 2.5 mg at night"), "7.5 mg a day"),
    ("parts in words, other frequency in structure", every_day(3) | sig("5 mg in the morning and 2.5 mg at night"), DISAGREE),
    (
        "steps in words, frequency in structure",
        every_day() | sig("40 mg daily x7d then 30 mg daily"),
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08",
    ),
    ("steps in words, dose in structure", amount(40) | sig("40 mg daily x7d then 30 mg daily"), DISAGREE),
    ("one dose in words, another in structure", amount(7) | sig("5 mg daily"), DISAGREE),
    ("contradictory timing, clear words", timing(frequency=2) | sig("5 mg daily"), "5 mg a day"),
    ("frequency only", every_day() | sig("take with food daily"), NOT_UNDERSTOOD),
    ("nothing understood", sig("as directed"), NOT_UNDERSTOOD),
    ("nothing at all", {"sequence": 1}, "unread: no dose is given"),
    ("patientInstruction", {"patientInstruction": "5 mg daily"}, "5 mg a day"),
    ("patientInstruction where the text is not understood", sig("as told") | {"patientInstruction": "5 mg daily"}, "5 mg a day"),
    ("patientInstruction beside a taper", sig("taper") | {"patientInstruction": "5 mg daily"}, NOT_UNDERSTOOD),
    ("additional dose", mg(5) | also("and 2.5 mg at night"), "7.5 mg a day"),
    ("additional dose repeats", mg(5) | also("5 mg every morning"), "5 mg a day"),
    ("additional dose is another", mg(5) | also("10 mg every morning"), ALTERED),
    ("additional dose is not understood", mg(5) | also("and 2.5 mg sometimes"), ALTERED),
    ("additional dose for a time", mg(5) | also("and 2.5 mg daily for 7 days"), ALTERED),
    ("additional advice", mg(5) | also("do not crush", "take with food"), "5 mg a day"),
    ("additional taper", mg(5) | also("reduce when told", "with food"), ALTERED),
    ("additional need", mg(5) | also("only if needed"), "5 mg a day as needed"),
    ("as needed", mg(5) | {"asNeededBoolean": True}, "5 mg a day as needed"),
    ("as needed for", mg(5) | {"asNeededCodeableConcept": {"text": "pain"}}, "5 mg a day as needed"),
    ("not as needed", mg(5) | {"asNeededBoolean": False}, "5 mg a day"),
)


@pytest.mark.parametrize(("dosage", "expected"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_structure_comes_before_words_that_do_not_contradict_it(dosage: Json, expected: str) -> None:
    """Words complete the structure; where they say something else the dose is unknown."""
    assert told(doses(dosage)) == expected


def test_as_needed_is_from_nothing_to_the_most() -> None:
    """The pattern tells it apart from the same dose taken regularly."""
    (one,) = doses(mg(5) | {"asNeededBoolean": True})
    assert (one.low, one.high, one.peak, one.as_needed) == (0, 5, 5, True)


def test_the_words_are_kept_to_be_quoted() -> None:
    """At most 160 characters of them."""
    assert doses(sig("as told " * 50))[0].text == ("as told " * 50)[:160]


@given(st.integers(1, 99), st.integers(1, 4), st.sampled_from(["d", "wk"]), st.booleans())
@settings(max_examples=60)
def test_structure_and_words_are_twins(value: int, times: int, unit: str, need: bool) -> None:
    """The same instruction told either way, in milligrams or in tablets, gives the same dose and pattern."""
    name = {"d": "day", "wk": "week"}[unit]
    timed = timing(frequency=times, period=1, periodUnit=unit) | ({"asNeededBoolean": True} if need else {})
    suffix = " as needed" if need else ""
    told_so = [
        doses(amount(5 * value) | timed),
        doses(sig(f"{5 * value} mg {times} times a {name}{suffix}")),
        doses(amount(value, "tablet") | timed, drug=PREDNISONE_5),
        doses(sig(f"take {value} tablets {times} times a {name}{suffix}"), drug=PREDNISONE_5),
        doses(sig(f"{value} tabs (5 mg each) by mouth {times} times per {name}{suffix}")),
    ]
    assert len({(one.low, one.high, one.peak, one.pattern, one.as_needed) for segments in told_so for one in segments}) == 1
    assert told_so[0][0].high == Fraction(5 * value * times, 1 if unit == "d" else 7)
