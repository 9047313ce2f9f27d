"""CC312's criteria on charts built for them, verdict, review and lean: the inclusions of every arm, by what is registered (spec 2 and 3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.generative.charts import AS_OF, COVERING, bundle
from tests.support.engine import criterion, evaluate
from tests.trials import parts as p
from tests.trials.verdicts import Row, holds, ids_of, told

TITLE = "CC312: inclusions of every arm"
COLUMNS = ("criterion", "arm", "chart", "verdict")

ROWS: tuple[Row, ...] = (
    ("I-01", "sle", "no consent recorded", [], "unknown"),
    ("I-01", "sle", "on this trial with an active consent", p.subject("on-study", registry="NCT07193810", consent="active"), "met"),
    ("I-01", "sle", "consent rejected", p.subject("candidate", registry="NCT07193810", consent="rejected"), "not-met"),
    ("I-01", "sle", "withdrawn from this trial", p.subject("withdrawn", registry="NCT07193810"), "not-met"),
    ("I-01", "sle", "consent still proposed", p.subject("candidate", registry="NCT07193810", consent="proposed"), "unknown"),
    ("I-01", "sle", "a person recorded yes", [p.answer("I-01", True)], "met"),
    ("I-01", "sle", "two answers of one day differ", [p.answer("I-01", True), p.answer("I-01", False)], "unknown, review"),
    ("I-01", "sle", "an answer of last year no longer counts", [p.answer("I-01", True, 400)], "unknown"),
    ("I-01", "sle", "a person does not know", [p.answer("I-01", "UNK")], "unknown"),
    ("I-02", "sle", "36 years old", [], "met"),
    ("I-F", "sle", "a woman of childbearing potential", [], "unknown"),
    ("I-F", "sle", "hysterectomy", [p.procedure("236886002", 900)], "not applicable"),
    ("I-F", "sle", "contraception assured", [p.answer("I-F", "Y")], "met"),
    ("I-M", "sle", "a woman", [], "not applicable"),
)  # fmt: skip


MEN: tuple[Row, ...] = (
    ("I-M", "sle", "a man", [], "unknown"),
    ("I-M", "sle", "a man, contraception assured", [p.answer("I-M", "Y")], "met"),
    ("I-M", "sle", "a man with a pregnancy on record", [p.dx("Z33.1", 500, clinical="resolved")], "unknown"),
    ("I-F", "sle", "a man", [], "not applicable"),
    ("I-F", "sle", "a man with a pregnancy on record", [p.dx("Z33.1", 500, clinical="resolved")], "unknown"),
    ("E-21", "sle", "a man", [], "not applicable"),
    ("E-21", "sle", "registered as a man, pregnancy test positive", [p.serology("2118-8", "positive")], "unknown, leans triggered"),
    ("E-21", "sle", "a man with a pregnancy on record", [p.dx("Z33.1", 500, clinical="resolved")], "unknown"),
)


def printed() -> list[tuple[str, ...]]:
    return told((*ROWS, *MEN))


@pytest.mark.parametrize("row", ROWS, ids=ids_of(ROWS))
def test_the_criterion_says_what_the_table_says(row: Row) -> None:
    """Each row's chart gives the row's verdict."""
    holds(row)


@pytest.mark.parametrize("row", MEN, ids=[f"{row[0]}-{row[2]}" for row in MEN])
def test_what_a_man_is_asked(row: Row) -> None:
    """Contraception and pregnancy by the anatomy that is registered, unless a record contradicts it (spec 0.5)."""
    holds(row, gender="male")


AGES = (
    ("18th birthday today", "2008-06-15", "met", None),
    ("18th birthday tomorrow", "2008-06-16", "not-met", AS_OF + timedelta(days=1)),
    ("65 years and 364 days", "1960-06-16", "met", None),
    ("66th birthday today", "1960-06-15", "not-met", None),
    ("born in 1990, day unknown", "1990", "met", None),
    ("born in 2008, day unknown", "2008", "unknown", None),
)


@pytest.mark.parametrize(("label", "birth", "expected", "recheck"), AGES, ids=[row[0] for row in AGES])
def test_the_age_rule_at_its_edges(label: str, birth: str, expected: str, recheck: Any) -> None:
    """65 lasts until the day before the 66th birthday; a minor has a date to look again (I-02)."""
    one = criterion(evaluate(bundle(COVERING, birth=birth), AS_OF), "sle", "I-02")
    assert (one.verdict, one.recheck_on) == (expected, recheck)


def test_a_male_patient_is_asked_for_his_own_contraception_only() -> None:
    """Exactly one of I-F and I-M is asked where anatomy is known."""
    evaluation = evaluate(bundle(COVERING, gender="male"), AS_OF)
    assert not criterion(evaluation, "sle", "I-F").applicable
    assert criterion(evaluation, "sle", "I-M").question
    assert not criterion(evaluation, "sle", "E-21").applicable


def test_unknown_anatomy_asks_both() -> None:
    """Where anatomy is not recorded both are asked, and the pregnancy test stays open."""
    evaluation = evaluate(bundle(COVERING, gender="unknown"), AS_OF)
    assert criterion(evaluation, "sle", "I-F").question
    assert criterion(evaluation, "sle", "I-M").question
    assert criterion(evaluation, "sle", "E-21").verdict == "unknown"
