"""The gate over HTTP: nobody comes to a patient's data without a token of a tenant, and the answer says no more than that."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.errors import SettingsError
from cds_service.observe.logs import JsonLines
from cds_service.store.database import open_database
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


@pytest.mark.rule("11", "50", "53", "54", "61")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/cds-services"),
        ("POST", PATH),
        ("POST", f"{PATH}/feedback"),
        ("POST", API),
        ("GET", "/api/trials/cc312/questionnaire"),
    ],
)
def test_without_a_token_every_door_is_shut(guarded: FlaskClient, method: str, path: str) -> None:
    """401, an OperationOutcome without detail, and CORS headers all the same."""
    answer = guarded.open(path, method=method)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.get_json()["issue"][0]["diagnostics"] == "a valid bearer token is needed"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.rule("11", "54", "60")
def test_a_good_token_opens_the_door_once(guarded: FlaskClient) -> None:
    """The same token a second time is refused."""
    token = bearer()
    assert guarded.get("/cds-services", headers=token).status_code == 200
    assert guarded.get("/cds-services", headers=token).status_code == 401


def test_discovery_can_be_opened_and_nothing_with_it(tmp_path: Path) -> None:
    """Some EHRs ask for it without a token; hooks and API stay shut."""
    by = create_app(Settings(tenants=file(tmp_path), discovery="open"), FakeEngine()).test_client()
    assert by.get("/cds-services").status_code == 200
    assert [by.post(path).status_code for path in (PATH, "/cds-services", f"{PATH}/feedback", API)] == [401] * 4
    assert by.get(PATH).status_code == 401


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/schemas/evaluation.json"])
def test_health_and_schema_need_no_token(guarded: FlaskClient, path: str) -> None:
    """They tell of no patient."""
    assert guarded.get(path).status_code == 200


@pytest.mark.rule("63")
def test_a_preflight_needs_no_token(guarded: FlaskClient) -> None:
    """Browsers send none with it."""
    assert guarded.options(PATH).status_code == 200


@pytest.mark.rule("61")
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


def stored(tmp_path: Path, migrated: bool = True) -> Settings:
    """Settings with a SQLite store and its secret."""
    (tmp_path / "secret").write_bytes(b"k" * 32)
    url = f"sqlite:///{tmp_path}/store.db"
    if migrated:
        open_database(url).migrate()
    return Settings(tenants=file(tmp_path), database=url, secret_file=tmp_path / "secret")


@pytest.mark.rule("60")
def test_with_a_store_a_token_is_good_once_over_all_processes(tmp_path: Path) -> None:
    """Two applications over one store take a token once between them."""
    one, other = (create_app(stored(tmp_path), FakeEngine()).test_client() for _ in "ab")
    token = bearer()
    assert one.get("/cds-services", headers=token).status_code == 200
    assert other.get("/cds-services", headers=token).status_code == 401


def test_an_old_store_is_told_by_readiness(tmp_path: Path) -> None:
    """503 with the command that mends it, then 200."""
    settings = stored(tmp_path, migrated=False)
    client = create_app(settings, FakeEngine()).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "cds-service db upgrade" in answer.get_json()["issue"][0]["diagnostics"]
    open_database(settings.database).migrate()
    assert client.get("/readyz").status_code == 200


def test_where_the_store_is_gone_nobody_gets_a_card(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A hook answers 200 without cards, discovery and readiness 503, the schema as ever; the log names the kind of fault alone."""
    settings = stored(tmp_path)
    gone = replace(settings, database=f"sqlite:///{tmp_path}/SECRET/store.db")
    client = create_app(gone, FakeEngine()).test_client()
    hook = client.post(PATH, json={}, headers=bearer())
    assert (hook.status_code, hook.get_json()) == (200, {"cards": []})
    assert client.get("/cds-services", headers=bearer()).status_code == 503
    assert client.get("/readyz").status_code == 503
    assert client.get("/schemas/evaluation.json").status_code == 200
    written = "\n".join(map(JsonLines().format, caplog.records))
    assert '"event":"store-down"' in written
    assert '"error":"OperationalError"' in written
    assert "SECRET" not in written + caplog.text


def test_a_store_without_a_secret_stops_the_start(tmp_path: Path) -> None:
    """Digests without a key would be no protection."""
    with pytest.raises(SettingsError, match="secret file"):
        create_app(replace(stored(tmp_path), secret_file=None), FakeEngine())
