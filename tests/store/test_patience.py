"""A PostgreSQL that takes what is sent and says nothing, as a stopped host or a hung disk does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from cds_service.errors import StoreDown
from cds_service.observe.fields import allowed
from cds_service.store.database import Database, open_database
from cds_service.store.patience import PromptConnection
from cds_service.store.pause import Pause
from tests.support.postgres import cluster_or_skip, frozen


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Path]:
    with cluster_or_skip() as folder:
        yield folder


@pytest.fixture
def prompt(own_cluster: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(PromptConnection, "LONGEST", 0.3)
    database = open_database(f"postgresql://postgres@/postgres?host={own_cluster}&connect_timeout=2", prompt=True)
    yield database
    database.close()


def _ask(database: Database) -> int:
    with database.writing() as connection:
        return int(connection.execute(text("SELECT 1")).scalar_one())


def test_a_server_that_hangs_is_given_up_and_used_again(prompt: Database, own_cluster: Path) -> None:
    """A connection in use fails with StoreDown, the next call does not wait and says why, and the server is used again once it answers."""
    assert _ask(prompt) == 1
    with frozen(own_cluster):
        with pytest.raises(StoreDown):
            _ask(prompt)
        assert prompt.pause.holds
        with pytest.raises(StoreDown, match="store") as caught:
            _ask(prompt)
        assert allowed({"error": caught.value.reason}) == {"error": "NotAsked"}
        assert prompt.problem() == "it can't be reached (not asked: it did not answer a moment ago)"
    prompt.pause.now = lambda: float("inf")
    assert _ask(prompt) == 1


def _write_and_hang(database: Database, cluster: Path) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO written VALUES (1)"))
        with frozen(cluster):
            connection.execute(text("SELECT 1"))


def test_a_transaction_that_hangs_half_way_leaves_nothing(prompt: Database, own_cluster: Path) -> None:
    """Frozen between two statements: the second fails, and what the first wrote is not there."""
    with prompt.writing() as connection:
        connection.execute(text("CREATE TABLE written (n int)"))
    with pytest.raises(StoreDown):
        _write_and_hang(prompt, own_cluster)
    prompt.pause.now = lambda: float("inf")
    with prompt.writing() as connection:
        assert connection.execute(text("SELECT count(*) FROM written")).scalar_one() == 0


def test_a_slow_statement_of_a_command_is_waited_for(own_cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only whoever is waited for gives up: a migration or a purge takes its time."""
    monkeypatch.setattr(PromptConnection, "LONGEST", 0.0)
    database = open_database(f"postgresql://postgres@/postgres?host={own_cluster}")
    with database.writing() as connection:
        assert connection.execute(text("SELECT 1 FROM pg_sleep(0.3)")).scalar_one() == 1
    database.close()


def test_only_a_wait_begins_a_pause() -> None:
    """A server that refuses at once is asked again by every call: nobody waits for it."""
    pause = Pause(lambda fault: isinstance(fault, TimeoutError), lambda: 10.0)
    pause.after(ConnectionRefusedError())
    assert not pause.holds
    waited = ConnectionError()
    waited.orig = TimeoutError()  # type: ignore[attr-defined]
    pause.after(waited)
    assert pause.holds
