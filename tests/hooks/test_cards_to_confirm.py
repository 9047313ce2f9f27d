"""A card says in five lines what is to be confirmed: what the records raise first, what everybody is asked last."""

from __future__ import annotations

from dataclasses import replace

from cds_service.criteria.evaluation import Missing
from tests.support.card_sections import one_arm, section, shown
from tests.support.evaluations import SSC, arm, asked, criterion, evaluation, evidence, lacking


def test_the_records_come_first_and_what_everybody_is_asked_last() -> None:
    """What the record raises, then the gate's judgement, then the arm's own questions; what everybody is asked is one line. The
    standing question of a criterion that passes is for the sign-off list."""
    criteria = [
        criterion("E-13", "clear", question="planned?"),
        asked("I-01", "consent?"),
        asked("SLE-6", "dose?"),
        criterion("E-01", review=True, reason="urine protein 3 g/g"),
        asked("SLE-1", "classified?", review=True, lean="met"),
        lacking("E-17", ("surgery", "check the history for surgery"), ("minor procedure", "check for it"), way="history"),
        asked("E-24", "other?"),
        asked("E-19", "severe?", sensitive=True),
    ]
    assert section(one_arm(*criteria), "To confirm") == [
        "Severe lupus nephritis: urine protein 3 g/g (E-01)",
        "Classified? (SLE-1)",
        "Dose? (SLE-6)",
        "Ask as for everybody (4, none is a finding): consent, recent surgery, other severe disease, the investigator's judgement "
        "(I-01, E-17, E-19, E-24)",
    ]


def test_a_question_never_stands_in_for_the_record() -> None:
    """The record is told, then what would settle it, then the question; "no" to "any other?" would else leave the finding unseen."""
    gaps = (Missing("x", "ECG", "obtain ECG"), Missing("y", "heart failure", "check the history for heart failure", "history"))
    line = criterion(
        "E-18",
        review=True,
        reason="Atrial fibrillation (2026-09-03); no record, but not every code for it is known here: heart failure",
        finding="Atrial fibrillation (2026-09-03)",
        question="Is there any other cardiac condition?",
        missing=gaps,
    )
    assert section(one_arm(line), "To confirm") == [
        "Atrial fibrillation (2026-09-03). Obtain ECG (for the trial: at screening, after consent). "
        "Is there any other cardiac condition? (E-18)"
    ]


def test_a_long_record_keeps_its_line_and_the_question_gives_way() -> None:
    """A line is read at a glance: what does not fit behind the record is left to the Evaluation."""
    one = criterion("E-18", review=True, reason="r" * 150, question="q" * 60)
    assert section(one_arm(one), "To confirm") == ["R" + "r" * 149 + " (E-18)"]


def test_what_is_settled_is_told_with_its_question_where_no_fact_tells_it() -> None:
    """Which drugs were tried stands beside "was the response inadequate?"; the diagnosis, told above, does not stand twice."""
    one = asked(
        "SLE-3", "Inadequate?", review=True, lean="met", settled="azathioprine: each at least 3 months", evidence=(evidence("aza"),)
    )
    assert section(one_arm(one, facts=("SLE-3",)), "To confirm") == ["Inadequate? (SLE-3)"]
    facts = [criterion(f"SLE-{n}", "met", evidence=(evidence(f"fact {n}"),)) for n in (1, 2, 4)]
    assert section(one_arm(*facts, one, facts=("SLE-1", "SLE-2", "SLE-4")), "To confirm") == [
        "Azathioprine: each at least 3 months. Inadequate? (SLE-3)"
    ]


def test_five_lines_at_most_and_none_is_lost() -> None:
    """What has no line of its own is named on the last one, so that the summary's number can be counted."""
    records = [criterion(f"E-{n:02}", review=True, reason=f"record {n}") for n in range(1, 8)]
    secret = asked("E-16", "?", sensitive=True, review=True)
    found = shown(
        evaluation(arm("sle", asked("I-01", "consent?"), *records[:3], secret, asked("SLE-6", "dose?"), asked("SLE-7", "alone?")))
    )
    assert section(found["detail"], "To confirm")[3:] == [
        "Ask as for everybody (1, none is a finding): consent (I-01)", "and 2 more (SLE-6, SLE-7); 1 confidential, see chart (E-16)",
    ]  # fmt: skip
    crowded = section(one_arm(asked("I-01", "consent?"), *records, secret), "To confirm")
    assert [line.rpartition(" ")[2] for line in crowded[:4]] == ["(E-01)", "(E-02)", "(E-03)", "(E-04)"]
    assert crowded[4:] == ["and 3 more (E-05, E-06, E-07); 1 as for everybody (I-01); 1 confidential, see chart (E-16)"]


def test_a_criterion_of_several_arms_counts_once() -> None:
    """A common criterion that two arms ask about is one question, told where it is still open."""
    both = asked("E-16", "substance use?")
    decided = criterion("E-13", "clear", question="planned?")
    found = shown(evaluation(arm("sle", both, decided), arm("ssc", both, asked("E-13", "planned?"), title=SSC)))
    assert section(found["detail"], "To confirm") == ["Substance use? (E-16)", "Planned? (E-13)"]
    assert "2 to confirm" in found["summary"]


def test_a_finding_that_asks_ends_with_one_mark() -> None:
    """`a trial or not? Is the patient …`"""
    asks = replace(asked("E-09", "Is the patient in another trial?"), review=True, finding="a study that can't be read: a trial or not?")
    assert "a trial or not? Is the patient in another trial? (E-09)" in one_arm(asks)
