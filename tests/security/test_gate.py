"""The gate over HTTP: nobody comes to a patient's data without a token of a tenant, and the answer says no more than that."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.errors import SettingsError
from cds_service.observe.logs import JsonLines
from tests.security.test_tenants import file
from tests.support import tokens as t
from tests.support.service import API, PATH, FakeEngine


@pytest.fixture
def guarded(tmp_path: Path) -> FlaskClient:
    return create_app(Settings(tenants=file(tmp_path)), FakeEngine()).test_client()


def bearer(**more: object) -> dict[str, str]:
    """A token of this moment."""
    now = int(time.time())
    return {"Authorization": f"Bearer {t.token(iat=now - 5, exp=now + 200, **more)}"}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/cds-services"), ("POST", PATH), ("POST", API), ("GET", "/api/trials/cc312/questionnaire")]
)
def test_without_a_token_every_door_is_shut(guarded: FlaskClient, method: str, path: str) -> None:
    """401, an OperationOutcome without detail, and CORS headers all the same."""
    answer = guarded.open(path, method=method)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.get_json()["issue"][0]["diagnostics"] == "a valid bearer token is needed"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_good_token_opens_the_door_once(guarded: FlaskClient) -> None:
    """The same token a second time is refused."""
    token = bearer()
    assert guarded.get("/cds-services", headers=token).status_code == 200
    assert guarded.get("/cds-services", headers=token).status_code == 401


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/schemas/evaluation.json"])
def test_health_and_schema_need_no_token(guarded: FlaskClient, path: str) -> None:
    """They tell of no patient."""
    assert guarded.get(path).status_code == 200


def test_a_preflight_needs_no_token(guarded: FlaskClient) -> None:
    """Browsers send none with it."""
    assert guarded.options(PATH).status_code == 200


def test_the_reason_stands_in_the_log_and_the_token_nowhere(guarded: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever runs the service can see why, nobody can use what the log holds."""
    token = bearer(aud="https://cds.example.org/other")
    with caplog.at_level(logging.INFO):
        guarded.get("/cds-services", headers=token)
    written = "\n".join(map(JsonLines().format, caplog.records))
    assert '"reason":"aud-is-not-one-of-the-issuers-audiences"' in written
    assert token["Authorization"][7:] not in written + caplog.text


def test_a_faulty_tenants_file_stops_the_start(tmp_path: Path) -> None:
    """No service with a door that is open by mistake."""
    with pytest.raises(SettingsError):
        create_app(Settings(tenants=file(tmp_path, mode="loud")), FakeEngine())
