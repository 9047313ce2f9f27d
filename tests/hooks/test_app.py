"""What holds on every path: errors as OperationOutcomes, CORS, limits, health, and a log without patients."""

from __future__ import annotations

import json
import logging
from typing import Any

import orjson
import pytest

from cds_service.observe.logs import JsonLines
from tests.support.evaluations import lupus_patient
from tests.support.service import API, PATH, PATIENT, FakeEngine, bundle, client, hook_request, post, problems, trial

CHART = bundle(PATIENT)


def failing() -> FakeEngine:
    """An engine with a bug whose message quotes the chart."""

    def fault() -> None:
        raise ValueError("Smith, born 1950-01-01")

    return FakeEngine(fault=fault)


ERRORS = {
    400: lambda: post(client(), PATH, {}),
    404: lambda: client().get("/nothing/here"),
    405: lambda: client().get(PATH),
    412: lambda: post(client(), PATH, hook_request({})),
    413: lambda: post(client(body_limit=1000), PATH, b" " * 1001),
    415: lambda: post(client(), PATH, {}, content_type="text/plain"),
    500: lambda: post(client(failing()), API, CHART),
    503: lambda: client(FakeEngine(trials={})).get("/readyz"),
}


@pytest.mark.rule("31", "63")
@pytest.mark.parametrize("status", ERRORS)
def test_every_error_is_an_operation_outcome_that_browsers_may_read(status: int) -> None:
    """Each status carries one, with the CORS headers."""
    answer = ERRORS[status]()
    assert answer.status_code == status
    assert problems(answer)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_fault_of_the_service_tells_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    """500 names only the request; the log has the kind and place of the fault, not its message."""
    with caplog.at_level(logging.INFO):
        answer = ERRORS[500]()
    assert "Smith" not in answer.text + caplog.text
    assert answer.headers["X-Request-Id"] in problems(answer)
    (fault,) = [record.fields for record in caplog.records if record.getMessage() == "failed"]
    assert fault["error"] == "ValueError"
    assert ">fault:" in fault["at"]


def test_a_fault_in_one_trial_costs_its_card_alone(caplog: pytest.LogCaptureFixture) -> None:
    """An EHR switches a service off that fails; the others' cards are shown, and the log tells of the fault without its message."""
    engine = FakeEngine(trials={"broken": trial("broken"), "cc312": trial()})
    plain = engine.evaluate

    def evaluate(of: Any, *given: Any) -> Any:
        if of.id == "broken":
            raise ValueError("Smith, born 1950-01-01")
        return plain(of, *given)

    engine.evaluate = evaluate  # type: ignore[method-assign]
    with caplog.at_level(logging.INFO):
        answer = post(client(engine), PATH, hook_request())
    assert (answer.status_code, len(answer.get_json()["cards"])) == (200, 1)
    assert [record.fields["error"] for record in caplog.records if record.getMessage() == "failed"] == ["ValueError"]
    assert "Smith" not in answer.text + caplog.text


def test_a_wrong_method_says_which_are_right() -> None:
    """405 keeps its Allow header."""
    assert "POST" in ERRORS[405]().headers["Allow"]


@pytest.mark.rule("63")
@pytest.mark.parametrize("path", ["/cds-services", PATH, API, "/schemas/evaluation.json", "/livez"])
def test_a_preflight_is_answered_without_a_body_or_a_token(path: str) -> None:
    """OPTIONS of every path allows any browser client to post JSON with a token."""
    answer = client().options(path, headers={"Origin": "https://sandbox.example", "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "Content-Type"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))


@pytest.mark.rule("63")
@pytest.mark.parametrize(("origin", "allowed"), [("https://a.example", "https://a.example"), ("https://b.example", None), (None, None)])
def test_a_site_may_name_the_origins(origin: str | None, allowed: str | None) -> None:
    """Only these are let in, and caches are told that the answer depends on it."""
    headers = {"Origin": origin} if origin else {}
    answer = client(cors_origins=("https://a.example",)).get("/livez", headers=headers)
    assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("path", [PATH, API])
def test_a_body_at_the_limit_is_read_and_one_above_is_not(path: str) -> None:
    """413 counts bytes, not characters."""
    body = orjson.dumps(hook_request() if path == PATH else CHART)
    limit = len(body)
    assert post(client(body_limit=limit), path, body).status_code == 200
    assert post(client(body_limit=limit), path, body + b" ").status_code == 413


READY = {"status": "ready", "definitions": ["cc312@1.0.0"], "checks": {"definitions": "ok", "terminology": "ok"}}


@pytest.mark.parametrize(("path", "body"), [("/livez", {"status": "alive"}), ("/readyz", READY)])
def test_health(path: str, body: Any) -> None:
    """Alive always, ready with the definitions loaded."""
    answer = client().get(path)
    assert (answer.status_code, answer.get_json()) == (200, body)


def test_answers_are_not_kept_by_caches() -> None:
    """They tell of one patient."""
    answer = post(client(), PATH, hook_request())
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_call_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Request id, method, path template, status, milliseconds, bytes."""
    with caplog.at_level(logging.INFO):
        answer = post(client(FakeEngine(found=lupus_patient())), PATH, hook_request())
    (line,) = [orjson.loads(JsonLines().format(record)) for record in caplog.records if record.getMessage() == "call"]
    assert (line["request"], line["status"]) == (answer.headers["X-Request-Id"], answer.status_code)
    assert {"method", "route", "ms", "bytes"} <= set(line)


@pytest.mark.parametrize(
    ("prefetch", "reason"), [({"patient": "x"}, "invalid"), ({"patient": bundle(entry="x")}, "structure"), ({}, "processing")]
)
def test_why_a_call_was_refused_stands_in_its_line(prefetch: Any, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    """The issue's code, whichever part of the service found the fault."""
    caplog.set_level(logging.INFO)
    post(client(), PATH, hook_request(prefetch))
    (line,) = [json.loads(JsonLines().format(one)) for one in caplog.records if one.getMessage() == "call"]
    assert line["reason"] == reason
