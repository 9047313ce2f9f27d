"""`POST /api/trials/{trial}/evaluate`: a Bundle in, an Evaluation of the published shape out."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from cds_service.criteria.evaluation import Evaluation, Hold
from tests.support.evaluations import AS_OF, SSC, arm, asked, criterion, evaluation, lupus_patient
from tests.support.service import API, PATIENT, FakeEngine, bundle, client, post, problems, resource

CHART = bundle(PATIENT, resource("Condition"), kind="collection")


def schema() -> dict[str, Any]:
    """As it is served."""
    return orjson.loads(client().get("/schemas/evaluation.json").data)


def faults(evaluation: Any) -> list[str]:
    """Every breach of the schema."""
    return [error.message for error in Draft202012Validator(schema(), format_checker=FormatChecker()).iter_errors(evaluation)]


def test_a_bundle_gives_an_evaluation_in_the_order_of_the_interface() -> None:
    """The members stand in the order of the documentation; the day is today in the site's time zone."""
    engine = FakeEngine()
    answer = post(client(engine), API, CHART)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert list(answer.get_json())[:7] == ["trial", "definition", "asOf", "patient", "status", "holds", "arms"]
    assert engine.days == [AS_OF]
    assert engine.charts[0].sources["Procedure"].state.value == "whole"


def test_the_day_may_be_given() -> None:
    """`asOf` is the day of evaluation."""
    engine = FakeEngine()
    assert post(client(engine), f"{API}?asOf=2026-02-28", CHART).get_json()["asOf"] == "2026-02-28"
    assert engine.days == [date(2026, 2, 28)]


@pytest.mark.parametrize(
    "query",
    [
        "asOf=2026-13-45", "asOf=2026-02-29", "asOf=", "asOf=today", "asOf=20261122", "asOf=2026-W47-7", "asOf=0001-01-01",
        "asOf=9999-12-31", "asOf=2026-11-22T00:00:00Z", "asOf=%D9%A2026-11-22", "asOf=2026-11-22&asOf=2026-11-23",
    ],
)  # fmt: skip
def test_a_day_that_is_none_is_refused(query: str) -> None:
    """400 naming the parameter; nothing is evaluated."""
    engine = FakeEngine()
    answer = post(client(engine), f"{API}?{query}", CHART)
    assert answer.status_code == 400
    assert "asOf: must be one day" in problems(answer)
    assert engine.charts == []


def test_an_unknown_trial_is_not_found() -> None:
    """404 naming the trials there are, not the one asked for."""
    answer = post(client(), "/api/trials/zz9/evaluate", CHART)
    assert answer.status_code == 404
    assert "known: cc312" in problems(answer)
    assert "zz9" not in problems(answer)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (bundle(), "Bundle"),
        (bundle(PATIENT, {**PATIENT, "id": "p2"}), "Bundle"),
        (PATIENT, "Bundle"),
        ({}, "Bundle"),
        ({"resourceType": "Bundle", "entry": {}}, "Bundle.entry"),
        ({"resourceType": "Bundle", "entry": [CHART["entry"][0], 5]}, "Bundle.entry[1]"),
        ({"resourceType": "Bundle", "entry": [{"resource": "x"}]}, "Bundle.entry[0].resource"),
    ],
)
def test_what_is_no_chart_is_refused_with_its_place(body: Any, place: str) -> None:
    """400 with the place as the issue's expression."""
    answer = post(client(), API, body)
    assert answer.status_code == 400
    assert place in problems(answer)
    assert answer.get_json()["issue"][0]["expression"] == [place]


def test_the_schema_is_a_json_schema() -> None:
    """Draft 2020-12, served as such."""
    answer = client().get("/schemas/evaluation.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/schema+json")
    Draft202012Validator.check_schema(orjson.loads(answer.data))


@pytest.mark.parametrize(
    "found",
    [
        lupus_patient(),
        evaluation(arm(status="ineligible"), holds=[Hold("deceased", "the patient has died")]),
        evaluation(arm("sle", criterion("SLE-2", "not-met", recheck_on=AS_OF), status="ineligible-now"), arm("ssc", title=SSC)),
    ],
)
def test_an_evaluation_keeps_to_the_schema(found: Evaluation) -> None:
    """What the API answers is what it publishes."""
    assert faults(post(client(FakeEngine(found=found)), API, CHART).get_json()) == []


def changed(**members: Any) -> dict[str, Any]:
    """An Evaluation whose one criterion has these members."""
    found = evaluation(arm("sle", asked("SLE-1", "?"))).to_json()
    found["arms"][0]["criteria"][0].update(members)
    return found


@pytest.mark.parametrize(
    "wrong",
    [
        {**evaluation(arm()).to_json(), "more": 1},
        {**evaluation(arm()).to_json(), "status": "eligible"},
        {**evaluation(arm()).to_json(), "asOf": "2026-13-45"},
        {**evaluation(arm()).to_json(), "arms": []},
        {name: value for name, value in evaluation(arm()).to_json().items() if name != "holds"},
        changed(verdict="clear", open=None),
        changed(verdict="met", open=None),
        changed(verdict="met", open=None, presumed=True, missing=[{"input": "x", "what": "x", "action": "x"}]),
        changed(lean="met"),
        changed(review=True, lean="triggered"),
        changed(open=None),
        changed(presumed=True),
        changed(applicable=False),
        changed(sensitive=None),
        changed(recheckOn="soon"),
        changed(more=1),
    ],
)
def test_the_schema_refuses_what_the_interface_excludes(wrong: Any) -> None:
    """Unknown members, a status "eligible", an exclusion's word on an inclusion, a lean without review, a decided verdict without
    evidence, and the like."""
    assert faults(wrong)
