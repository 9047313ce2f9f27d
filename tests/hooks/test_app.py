"""What holds on every path: errors as OperationOutcomes, CORS, limits, health, and a log without patients."""

from __future__ import annotations

import io
import logging
from typing import Any

import orjson
import pytest

from cds_service.observe.logs import JsonLines, TextLines
from tests.support.evaluations import lupus_patient
from tests.support.service import API, PATH, PATIENT, FakeEngine, bundle, client, hook_request, post, problems, resource

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


@pytest.mark.parametrize(("size", "status"), [(0, 400), (900, 200), (2000, 413)])
def test_a_body_in_chunks_has_the_same_limit(size: int, status: int) -> None:
    """Without a Content-Length the bytes are counted as they come."""
    body = orjson.dumps(hook_request()).ljust(size) if size else b""
    answer = client(body_limit=1000).post(
        PATH,
        input_stream=io.BytesIO(body),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == status


@pytest.mark.parametrize("path", [PATH, API])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity"])
def test_a_compressed_body_is_refused(path: str, encoding: str) -> None:
    """415 before it is looked at."""
    assert post(client(), path, b"\x1f\x8b", headers={"Content-Encoding": encoding}).status_code == 415


@pytest.mark.parametrize("media", [None, "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize("path", [PATH, API])
def test_a_body_that_is_not_labelled_json_is_refused(path: str, media: str | None) -> None:
    """415 says what is wanted."""
    answer = post(client(), path, hook_request(), content_type=media)
    assert answer.status_code == 415
    assert "application/json" in problems(answer)


def test_a_charset_on_the_media_type_is_let_be() -> None:
    """Clients add one, although JSON has none."""
    assert post(client(), PATH, hook_request(), content_type="application/json; charset=utf-8").status_code == 200


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


CANARY = "CANARY7391"


@pytest.mark.parametrize(
    ("path", "body", "more"),
    [
        (PATH, hook_request({"patient": {**PATIENT, "name": [{"text": CANARY}]}, "conditions": None}), {}),
        (PATH, hook_request(context={"patientId": CANARY, "userId": CANARY}, hookInstance=CANARY), {}),
        (PATH, hook_request({CANARY + " x": CANARY}), {}),
        (PATH, hook_request(hook=CANARY), {}),
        (PATH, f'{{"hook":"{CANARY}" {CANARY}'.encode(), {}),
        (f"/cds-services/{CANARY}?x={CANARY}", hook_request(), {}),
        (f"/api/trials/{CANARY}/evaluate", CHART, {}),
        (f"{API}?asOf={CANARY}", CHART, {}),
        (API, bundle(PATIENT, resource("Condition", code={"text": CANARY})), {}),
        (f"/{CANARY}", {}, {"headers": {"X-Request-Id": CANARY, "traceparent": CANARY, "Authorization": CANARY, "Origin": CANARY}}),
    ],
)
def test_neither_log_nor_error_holds_what_was_sent(path: str, body: Any, more: Any, caplog: pytest.LogCaptureFixture) -> None:
    """One line a call: request id, path template, status, milliseconds."""
    with caplog.at_level(logging.DEBUG):
        answer = post(client(FakeEngine(found=lupus_patient())), path, body, **more)
    written = "\n".join(form.format(record) for record in caplog.records for form in (JsonLines(), TextLines()))
    assert CANARY not in caplog.text + written + answer.text
    (line,) = [orjson.loads(JsonLines().format(record)) for record in caplog.records if record.getMessage() == "call"]
    assert (line["request"], line["status"]) == (answer.headers["X-Request-Id"], answer.status_code)
    assert {"method", "route", "ms"} <= set(line)
