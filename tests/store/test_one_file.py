"""A store's file that is deleted, moved or replaced while the service runs: no card goes out that stands nowhere."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.alerts.policy import Limits, Policy
from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.store.database import open_database
from tests.support.service import PATH, FakeEngine, hook_request, post
from tests.support.stores import audited, settings_of

FILES = ("store.db", "store.db-wal", "store.db-shm")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(**settings_of(tmp_path))


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    """Of a service that has its connections already."""
    found = create_app(settings, FakeEngine(), Policy(limits=Limits(patient_cards=1000))).test_client()
    assert shown(found, "first") == 1
    return found


def shown(client: FlaskClient, user: str) -> int:
    answer = post(client, PATH, hook_request(hookInstance=user, context={"patientId": "p1", "userId": f"Practitioner/{user}"}))
    assert answer.status_code == 200
    return len(answer.get_json()["cards"])


def ready(client: FlaskClient) -> int:
    return client.get("/readyz").status_code


def delete(folder: Path) -> None:
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def move(folder: Path) -> None:
    (folder / "away").mkdir()
    for name in FILES:
        if (folder / name).exists():
            (folder / name).rename(folder / "away" / name)


@pytest.mark.parametrize("take", [delete, move])
def test_without_its_file_nothing_is_shown_and_none_is_made(tmp_path: Path, client: FlaskClient, take: Callable[[Path], None]) -> None:
    """Open connections would write on, to what is lost with the process."""
    take(tmp_path)
    assert (shown(client, "second"), ready(client)) == (0, 503)
    assert not any((tmp_path / name).exists() for name in FILES)


def test_a_file_that_comes_back_is_used_with_what_it_held(tmp_path: Path, client: FlaskClient, settings: Settings) -> None:
    """Without a restart."""
    move(tmp_path)
    assert shown(client, "second") == 0
    shutil.copytree(tmp_path / "away", tmp_path, dirs_exist_ok=True)
    assert (ready(client), shown(client, "first"), shown(client, "second")) == (200, 1, 1)  # the first call's card, told again
    assert len(audited(str(settings.database))) == 3


def test_a_new_file_in_its_place_is_the_one_written_to(tmp_path: Path, client: FlaskClient, settings: Settings) -> None:
    """As readiness tells the operator to make it."""
    delete(tmp_path)
    made = open_database(str(settings.database))
    made.migrate()
    made.close()
    assert (ready(client), shown(client, "second")) == (200, 1)
    assert len(audited(str(settings.database))) == 1


def test_a_file_that_may_be_written_to_again_is(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite opened it for reading alone, and went on so when its rights were mended."""

    def read_only(file: str, *_: Any, **options: Any) -> sqlite3.Connection:
        return connect(f"file:{file}?mode=ro", uri=True, check_same_thread=False)

    connect = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3.dbapi2, "connect", read_only)
        client = create_app(settings, FakeEngine()).test_client()
        assert (shown(client, "first"), ready(client)) == (0, 503)
    assert (ready(client), shown(client, "first")) == (200, 1)
