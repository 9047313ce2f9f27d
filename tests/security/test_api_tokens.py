"""The API's own tokens: what they open, until when, and that nothing of them stands anywhere but in their owner's hands."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.cli import main
from cds_service.config import Settings
from cds_service.errors import SettingsError
from cds_service.security.api_tokens import digest_of, new_token
from cds_service.security.tenants import load_tenants
from tests.security.test_tenants import file
from tests.support import tokens as t
from tests.support.service import API, PATIENT, FakeEngine, bundle, post, problems

TOKEN = "cdsapi_" + "x" * 43
CHART = bundle(PATIENT)
QUESTIONS = "/api/trials/cc312/questionnaire"


def entry(**more: Any) -> dict[str, Any]:
    return {"name": "warehouse", "sha256": digest_of(TOKEN), "scopes": ["evaluate"], **more}


def site(folder: Path, **more: Any) -> FlaskClient:
    return create_app(Settings(tenants=file(folder, api_tokens=[entry(**more)])), FakeEngine()).test_client()


def bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_evaluates_as_often_as_it_likes(tmp_path: Path) -> None:
    """It is no one-time token: a program keeps it."""
    by = site(tmp_path)
    assert [post(by, API, CHART, headers=bearer()).status_code for _ in "ab"] == [200, 200]


def test_a_token_does_what_its_scopes_say(tmp_path: Path) -> None:
    """403 tells a known caller what is lacking."""
    answer = site(tmp_path).get(QUESTIONS, headers=bearer())
    assert answer.status_code == 403
    assert "'read'" in problems(answer)
    assert post(site(tmp_path, scopes=["read"]), API, CHART, headers=bearer()).status_code == 403


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}y", f"Bearer {TOKEN[:-1]}", "Bearer cdsapi_", f"Bearer {digest_of(TOKEN)}"],
)
def test_any_other_token_is_refused_without_detail(tmp_path: Path, authorization: str) -> None:
    """Its digest is no token either."""
    answer = post(site(tmp_path), API, CHART, headers={"Authorization": authorization})
    assert (answer.status_code, problems(answer)) == (401, "a valid bearer token is needed")


def test_hooks_and_api_do_not_share_tokens(tmp_path: Path) -> None:
    """A token that leaks from one place does not open the other."""
    by, now = site(tmp_path), int(time.time())
    signed = t.token(iat=now - 5, exp=now + 200)
    assert post(by, API, CHART, headers=bearer(signed)).status_code == 401
    assert by.get("/cds-services", headers=bearer()).status_code == 401


@pytest.mark.parametrize(("days", "status"), [(-1, 401), (0, 200), (1, 200)])
def test_a_token_is_good_until_its_last_day(tmp_path: Path, days: int, status: int) -> None:
    """In UTC, the last day included."""
    until = (datetime.fromtimestamp(time.time(), UTC) + timedelta(days=days)).date()
    assert post(site(tmp_path, until=until), API, CHART, headers=bearer()).status_code == status


@pytest.mark.parametrize(
    ("held", "problem"),
    [
        ({"sha256": TOKEN}, "64 hexadecimal digits"),
        ({"scopes": []}, "some of evaluate, read"),
        ({"scopes": ["all"]}, "some of evaluate, read"),
        ({"until": "soon"}, "expected a date"),
        ({"name": ""}, "needs `name`"),
        ({"token": TOKEN}, "unknown member 'token'"),
    ],
)
def test_a_fault_of_the_file_is_told(tmp_path: Path, held: dict[str, Any], problem: str) -> None:
    """And a token itself in it is one."""
    with pytest.raises(SettingsError, match="api_tokens") as told:
        load_tenants(file(tmp_path, api_tokens=[entry(**held)]))
    assert problem in str(told.value)


def test_two_entries_of_one_token_are_a_fault(tmp_path: Path) -> None:
    """Which scopes would count?"""
    with pytest.raises(SettingsError, match="API token"):
        load_tenants(file(tmp_path, api_tokens=[entry(), entry(name="other")]))


def test_the_command_prints_a_token_and_the_line_for_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The token alone on standard output, and a line that opens the door to it."""
    assert main(["api-token", "warehouse", "--scope", "evaluate", "--until", "2099-01-01"]) == 0
    out, err = capsys.readouterr()
    token = out.strip()
    assert digest_of(token) in err
    assert token not in err
    (read,) = load_tenants(file(tmp_path, api_tokens=[entry(sha256=digest_of(token), until=date(2099, 1, 1))]))[0].api_tokens
    assert (read.name, read.until) == ("warehouse", date(2099, 1, 1))
    assert new_token() != new_token()
