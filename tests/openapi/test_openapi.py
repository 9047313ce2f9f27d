"""/openapi.json is valid OpenAPI 3.1, describes every path and no other, and real answers keep to it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from cds_service.alerts.policy import DEMO
from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.demo import generate
from cds_service.hooks.keys import asked
from cds_service.openapi.document import path_of
from cds_service.openapi.operations import OPERATIONS
from cds_service.security.gate import is_guarded, scope_of
from cds_service.web.wire import hook_request as wired
from fhir_mappings.chart import READ_TYPES, chart_of_bundle
from tests.generative.charts import COVERING, bundle
from tests.support.engine import engine
from tests.support.service import API, PATH, PATIENT, client, hook_request, post
from tests.trials.parts import dx

DAY = date(2026, 6, 15)
Json = dict[str, Any]


@cache
def document() -> Json:
    found: Json = client(engine(), metrics=True).get("/openapi.json").get_json()
    return found


def served() -> set[tuple[str, str]]:
    rules = create_app(Settings(metrics=True), engine()).url_map.iter_rules()
    return {(method, path_of(rule.rule)) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def described() -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, item in document()["paths"].items() for method in item}


def test_it_is_valid() -> None:
    """As the OpenAPI 3.1 schema and reference checks have it."""
    assert [error.message for error in OpenAPIV31SpecValidator(document()).iter_errors()] == []
    assert document()["openapi"].startswith("3.1")


def test_every_path_of_the_application_is_described() -> None:
    """A route without a description fails here."""
    assert served() - described() == set()


def test_every_path_that_is_described_is_served() -> None:
    """A description of what is not there fails here."""
    table = {(one.method, path_of(one.path)) for one in OPERATIONS}
    assert table <= served()
    assert described() == served() & table


def test_metrics_are_described_only_where_they_are_served() -> None:
    """The document tells what this installation answers."""
    assert "/metrics" not in client(engine()).get("/openapi.json").get_json()["paths"]


def faults(path: str, method: str, answer: Any) -> list[str]:
    """How an answer departs from what the document says of it."""
    responses = document()["paths"][path][method]["responses"]
    said = responses.get(str(answer.status_code), responses["default"])
    media = said["content"].get(answer.mimetype)
    if media is None:
        return [f"{answer.mimetype} is not described"]
    schema = {"components": document()["components"], **media.get("schema", {})}
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(answer.get_json())
    ]


@pytest.mark.parametrize(
    ("path", "method", "asked_for", "status"),
    [
        ("/cds-services", "get", "/cds-services", 200),
        ("/livez", "get", "/livez", 200),
        ("/readyz", "get", "/readyz", 200),
        ("/source-attributes/{trial}", "get", "/source-attributes/cc312", 200),
        ("/source-attributes/{trial}", "get", "/source-attributes/cc313", 404),
        ("/api/trials/{trial}/questionnaire", "get", "/api/trials/cc312/questionnaire", 200),
        ("/api/trials/{trial}/questionnaire", "get", "/api/trials/cc313/questionnaire", 404),
    ],
)
def test_what_is_asked_with_get_answers_as_described(path: str, method: str, asked_for: str, status: int) -> None:
    """Of the real engine."""
    answer = client(engine()).get(asked_for)
    assert (answer.status_code, faults(path, method, answer)) == (status, [])


@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        (hook_request(), {}, 200),
        ({}, {}, 400),
        (hook_request({}), {}, 412),
        (b"{", {"content_type": "text/plain"}, 415),
    ],
)
def test_a_hook_answers_as_described(body: Any, more: Any, status: int) -> None:
    """Cards and faults."""
    answer = post(client(engine()), PATH, body, **more)
    assert (answer.status_code, faults("/cds-services/{id}", "post", answer)) == (status, [])


def test_every_card_of_the_demo_is_as_described() -> None:
    """The made-up patients' own charts through the hook, of whom several get a card."""
    by, cards = create_app(Settings(), engine(), DEMO).test_client(), 0
    keys = asked(frozenset(READ_TYPES))
    for number, patient in enumerate(generate(engine().today())):
        body = wired(chart_of_bundle(patient.bundle), keys, f"00000000-0000-4000-8000-{number:012}")
        request_schema = {"components": document()["components"], "$ref": "#/components/schemas/HookRequest"}
        assert list(Draft202012Validator(request_schema).iter_errors(body)) == []
        answer = post(by, PATH, body)
        assert faults("/cds-services/{id}", "post", answer) == []
        cards += len(answer.get_json()["cards"])
    assert cards > 5


@pytest.mark.parametrize(("chart", "status"), [(bundle([dx("M32.10"), *COVERING]), 200), ({"resourceType": "Bundle", "entry": []}, 400)])
def test_an_evaluation_is_as_described(chart: Json, status: int) -> None:
    """The published schema stands in the document whole."""
    answer = post(client(engine()), f"{API}?asOf={DAY}", chart)
    assert (answer.status_code, faults("/api/trials/{trial}/evaluate", "post", answer)) == (status, [])


def test_an_answer_that_is_not_as_described_is_found() -> None:
    """The comparison can fail: one member more, one too few, another media type."""
    by = client(engine())
    answer = post(by, PATH, hook_request())
    assert faults("/livez", "get", answer) != []
    assert faults("/cds-services", "get", by.get("/schemas/evaluation.json")) == ["application/schema+json is not described"]


def test_paths_without_a_token_say_so() -> None:
    """Where the gate asks for one the document does, and nowhere else."""
    for method, path in described():
        asked = [name for scheme in document()["paths"][path][method.lower()]["security"] for name in scheme]
        kind = "apiToken" if scope_of(method, path) else "token"
        assert asked == ([kind] if is_guarded(method, path) else []), path


def test_it_names_no_host() -> None:
    """The address is the site's to say; a Host header is not believed."""
    found = client(engine()).get("/openapi.json", headers={"Host": "evil.example"})
    assert "evil.example" not in found.text
    assert found.get_json()["servers"] == [{"url": "/"}]
    assert PATIENT["id"] not in found.get_json()["paths"]
