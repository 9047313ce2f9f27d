"""The real mapping and evaluation behind the doors: faults inside resources become data issues and unknowns, never a 500."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from tests.hooks.test_hostile_bodies import BODIES, CHART, CONDITION, STRANGE, WRONG, at_both_doors, places, put
from tests.support.card_checker import faults
from tests.support.engine import engine
from tests.support.service import API, PATH, PATIENT, bundle, client, hook_request, post


@pytest.fixture(scope="module")
def service() -> FlaskClient:
    return client(engine())


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE.keys())
def test_one_strange_resource_is_a_data_issue_at_most(service: FlaskClient, strange: Any) -> None:
    """200 at both doors; the API says what could not be read."""
    for path, body in at_both_doors(PATIENT, CONDITION, strange):
        answer = post(service, path, body)
        assert answer.status_code == 200
        if path == API:
            assert all(set(issue) == {"code", "reference", "issue"} for issue in answer.get_json()["dataIssues"])


@pytest.mark.parametrize("name", ["no subject", "another's subject", "a date of no calendar"])
def test_what_could_not_be_used_is_told(service: FlaskClient, name: str) -> None:
    """The record is named in `dataIssues`."""
    answer = post(service, f"{API}?asOf=2026-11-22", bundle(PATIENT, CONDITION, STRANGE[name] | {"id": "odd"}, kind="collection"))
    assert any(issue["reference"].endswith("/odd") for issue in answer.get_json()["dataIssues"])


TARGETS = [(path, body, place) for path, body in BODIES for place in places(body)]


@settings(max_examples=300)
@given(st.sampled_from(TARGETS), WRONG)
def test_a_wrong_type_anywhere_is_never_a_500(target: tuple[str, Any, tuple[Any, ...]], wrong: Any) -> None:
    """Any value put anywhere in a good body gives an answer or an OperationOutcome."""
    path, body, place = target
    answer = post(client(engine()), path, put(body, place, wrong))
    assert answer.status_code in (200, 400, 412)
    if answer.status_code == 200 and path == PATH:
        assert faults(answer.get_json()) == []


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31", "2028-02-29"])
def test_the_first_and_last_days_that_may_be_asked_for(service: FlaskClient, day: str) -> None:
    """Windows and rechecks stay within the calendar."""
    answer = post(service, f"{API}?asOf={day}", bundle(PATIENT, CONDITION, kind="collection"))
    assert (answer.status_code, answer.get_json()["asOf"]) == (200, day)


@pytest.mark.rule("46")
def test_the_same_call_gives_the_same_bytes(service: FlaskClient) -> None:
    """At both doors."""
    for path, body in ((PATH, hook_request()), (f"{API}?asOf=2026-11-22", bundle(PATIENT, CONDITION, kind="collection"))):
        assert post(service, path, body).data == post(service, path, body).data


def test_what_the_real_engine_answers_keeps_to_the_published_schema(service: FlaskClient) -> None:
    """A chart with a lupus, a result and a drug, and one of the patient alone."""
    schema = Draft202012Validator(orjson.loads(service.get("/schemas/evaluation.json").data), format_checker=FormatChecker())
    for chart in (CHART, [PATIENT]):
        found = post(service, f"{API}?asOf=2026-11-22", bundle(*chart, kind="collection")).get_json()
        assert [error.message for error in schema.iter_errors(found)] == []
