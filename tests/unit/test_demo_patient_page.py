"""The demo's page of a patient: every criterion once, in the right group, with all that was found."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from cds_service.criteria.evaluation import CriterionResult, Evaluation, Hold, Missing
from cds_service.looks import TAGS
from cds_service.web import views
from tests.support.demo_pages import Patient, demo, page
from tests.support.evaluations import arm, asked, criterion, evaluation, evidence, lacking, lupus_patient
from tests.support.service import PATIENT, bundle, outcome


def one_criterion(one: CriterionResult) -> str:
    return page(evaluation(arm("sle", one)))


@pytest.mark.parametrize(
    ("one", "group"),
    [
        (criterion("SLE-2", "not-met"), "fails"),
        (criterion("E-02", "triggered"), "fails"),
        (criterion("I-02", "met"), "passes"),
        (criterion("E-02", "clear", presumed=True), "passes"),
        (criterion("I-M", "met", applicable=False), "not-applicable"),
        (asked("I-01", "Signed?"), "person"),
        (criterion("E-01", review=True), "person"),
        (lacking("SLE-4", ("SLEDAI-2K", "obtain it")), "data"),
        (replace(criterion("E-06"), missing=(Missing("x", "surgery", "check the history for surgery", way="history"),)), "person"),
    ],
)
def test_a_criterion_stands_in_the_group_that_asks_the_right_thing(one: CriterionResult, group: str) -> None:
    """Fails, to confirm, missing, passes, does not apply: one group each."""
    assert views.group_of(one).id == group
    assert [found.look.id for found in views.groups(arm("sle", one))] == [group]


def test_things_are_told_apart_from_the_criteria_that_want_them() -> None:
    """Two criteria want one test: one is missing, as the card says, in two tiles. Where the numbers agree nothing is added."""
    want = ("urine protein", "obtain 24 h urine protein")
    text = page(evaluation(arm("sle", lacking("E-01", want), lacking("E-02", want), asked("I-01", "Is there a consent?"))))
    assert "1 missing in 2 criteria" in text
    assert text.count(" in 2 criteria") == 2
    assert "1 to confirm</a>" in text


def test_the_page_opens_with_the_best_arm() -> None:
    """The arm of which there is most to say stands first."""
    assert views.first_arm(evaluation(arm("sle", status="ineligible"), arm("ssc", status="needs-data"))) == "ssc"


def test_a_criterion_is_shown_with_all_that_was_found() -> None:
    """Reason, badges, evidence with its reference, what is missing, the question, the protocol's gap and its words."""
    one = replace(
        lacking("E-22", ("HIV antibody", "obtain HIV antibody"), review=True, lean="clear", sensitive=True, recheck_on=date(2027, 1, 2)),
        question="Any infection?", notes=("a note",), open_questions=("Q1", "Q99"), presumed=True,
        evidence=(evidence("read somewhere", "2026-11-20", "Observation/hiv", "parsed"), evidence("undated", None)),
    )  # fmt: skip
    text = one_criterion(one)
    for words in (
        "no record", "presumed", ">review<", "leans clear", "confidential", "<time>2027-01-02</time>", "HIV antibody",
        "→ obtain HIV antibody",
        "Any infection?", "a note", "Open question Q1", "Reading in use: 28 days", "Open question Q99",
        "<blockquote>Words of E-22.</blockquote>",
        'data-reference="Observation/hiv"', "read from text", "no date", 'class="cell group-person" aria-label="E-22: To confirm"',
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    ("act", "shown"),
    [
        ("check the chart: Any infection?", "check the chart"),
        ("check the chart: IgA", "check the chart: IgA"),
        ("obtain IgA", "obtain IgA"),
    ],
)
def test_a_question_is_not_asked_twice(act: str, shown: str) -> None:
    """Where what to do repeats the criterion's question, only what to do is left."""
    one = lacking("E-22", ("IgA", act), question="Any infection?")
    assert views.action(one.missing[0], one) == shown


def test_every_criterion_of_every_arm_is_on_the_page_once() -> None:
    """Each has a row and a cell of the overview that leads to it."""
    text = page()
    for part in lupus_patient().arms:
        for one in part.criteria:
            assert text.count(f'id="{part.id}-{one.id}"') == 1
            assert text.count(f'href="#{part.id}-{one.id}"') == 1


def test_ids_are_unique_and_every_label_exists() -> None:
    """Assistive technology can follow each reference."""
    text = page()
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    named = {name for names in re.findall(r'aria-(?:labelledby|controls)="([^"]+)"', text) for name in names.split()}
    assert named <= set(ids)


def test_the_tags_are_explained() -> None:
    """Each once, beside an example of it; a hold, which is a patient's, on the list."""
    text, listed = page(), demo().get("/").text
    for tag in TAGS.values():
        where = listed if tag.id == "hold" else text
        assert where.count(f'<span class="badge badge-{tag.id}">{tag.example}</span></dt><dd>{tag.means}</dd>') == 1


def test_a_verdict_reads_as_words() -> None:
    """On its tag, for who listens, and where the records lean; never as the code of the JSON."""
    text = page(evaluation(arm("sle", criterion("SLE-2", "not-met"), criterion("SLE-3", review=True, lean="not-met"))))
    assert ">inclusion: not met</li>" in text
    assert ", inclusion: not met</span>" in text
    assert ">leans not met</li>" in text
    assert "not-met" not in text


def test_sources_issues_and_holds_are_told() -> None:
    """What could not be read and why nobody should be approached."""
    found = evaluation(arm(), holds=[Hold("deceased", "the patient has died")])
    engine_page = page(found, Patient(bundle=bundle(PATIENT, {"resourceType": "Condition", "id": "lost"})))
    for words in ("Hold: deceased.", "The patient has died. Nobody", "subject-missing", 'data-reference="Condition/lost"', "whole"):
        assert words in engine_page


@pytest.mark.parametrize(
    ("found", "is_open", "words"),
    [
        (lupus_patient(), False, "not recruiting"),
        (evaluation(arm(), holds=[Hold("deceased", "the patient has died")]), True, "the patient has died"),
        (evaluation(arm(status="ineligible")), True, "does not fit"),
    ],
)
def test_the_viewer_is_told_why_there_is_no_card(found: Evaluation, is_open: bool, words: str) -> None:
    """The reason stands on the demo's page, not in any answer of the service."""
    assert words in views.silence(found, is_open)


def test_an_unknown_patient_gets_a_page() -> None:
    """A person reads it, so it is no OperationOutcome."""
    answer = demo().get("/patients/nobody")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "no such patient" in answer.text


def test_an_empty_chart_has_a_page() -> None:
    """A Patient alone, with a remark of the server, is shown as what it is."""
    assert "holds no problems" in page(None, Patient(bundle=bundle(PATIENT, outcome("warning"))))
