"""The store on SQLite and on PostgreSQL: its steps up and down, and tokens that are good once over all who share it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from cds_service.errors import SettingsError, StoreDown
from cds_service.store.database import Database, newest, open_database
from cds_service.store.migrations import versions
from cds_service.store.replay import SLACK, StoredReplay
from cds_service.store.secret import Secret, read_secret
from cds_service.store.tables import metadata, used_tokens

SECRET = Secret(b"k" * 32)


def replay(store: Database, now: float = 0) -> StoredReplay:
    return StoredReplay(store, SECRET, lambda: now)


def test_the_steps_lead_up_to_the_tables_and_down_to_nothing(empty: Database) -> None:
    """`db upgrade` makes exactly the tables that the code knows, a second time changes nothing, `downgrade` leaves none."""
    assert empty.version() is None
    assert "db upgrade" in empty.problem()
    empty.migrate()
    empty.migrate()
    assert empty.version() == newest()
    assert empty.problem() == ""
    with empty.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    empty.migrate("base")
    assert not set(inspect(empty.engine).get_table_names()) & set(metadata.tables)


def test_a_store_of_a_later_version_is_told_and_left_alone(store: Database) -> None:
    """An older service after a roll-back: neither a traceback nor a change of what it does not know."""
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for target in ("head", "base"):
        with pytest.raises(SettingsError, match="later version"):
            store.migrate(target)
    assert (store.version(), "later version" in store.problem()) == ("9999", True)
    with store.writing() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{newest()}'"))


def test_a_token_is_good_once(store: Database) -> None:
    """The same id of the same issuer is new once; of another issuer it is another id."""
    assert replay(store).is_new("a", "1", 10)
    assert not replay(store).is_new("a", "1", 10)
    assert replay(store).is_new("b", "1", 10)


def test_of_many_at_once_one_wins(url: str, store: Database) -> None:
    """Of 16 uses of one token at the same time, over two connections' pools, exactly one is the first."""
    other = open_database(url)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: replay((store, other)[n % 2]).is_new("a", "race", 10), range(16)))
    other.close()
    assert answers.count(True) == 1


def test_expired_tokens_are_forgotten(store: Database) -> None:
    """After a thousand further ids the expired ones are gone and the others are held."""
    later = replay(store, now=100 + SLACK)
    later.is_new("a", "old", 50)
    later.is_new("a", "young", 150)
    for number in range(1000):
        later.is_new("a", f"n{number}", 150)
    with store.writing() as connection:
        held = {row.until for row in connection.execute(select(used_tokens.c.until))}
    assert held == {150}


def test_a_clock_that_jumps_makes_no_used_token_new(store: Database) -> None:
    """Ahead by half a day, with all the sweeping that brings, and back."""
    moment = [0.0]
    by = StoredReplay(store, SECRET, lambda: moment[0])
    assert by.is_new("a", "used", 300)
    moment[0] = SLACK / 2
    for number in range(1001):
        by.is_new("a", f"n{number}", SLACK)
    moment[0] = 10.0
    assert not by.is_new("a", "used", 300)


def test_the_store_holds_no_token_id(store: Database) -> None:
    """What stands in the table is a keyed digest."""
    replay(store).is_new("https://ehr.example.org", "SECRET-ID", 10)
    with store.writing() as connection:
        (digest,) = connection.execute(select(used_tokens.c.digest)).scalars()
    assert (
        digest == SECRET.digest("https://ehr.example.org", "SECRET-ID") != Secret(b"x" * 32).digest("https://ehr.example.org", "SECRET-ID")
    )


def test_a_store_that_cannot_be_reached_is_told_without_its_address(tmp_path: Path) -> None:
    """StoreDown names the kind of fault and quotes neither URL nor statement."""
    for url in (f"sqlite:///{tmp_path}/no/SECRET.db", f"postgresql://u:SECRET@/x?host={tmp_path}/SECRET"):
        with pytest.raises(StoreDown) as caught:
            replay(open_database(url)).is_new("SECRET", "SECRET", 10)
        assert "SECRET" not in f"{caught.value} {caught.value.reason}"
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["mysql://u:SECRET@h/d", "SECRET", "sqlite+SECRET:///x"])
def test_other_databases_are_refused(url: str) -> None:
    """Only SQLite and PostgreSQL; the message does not quote the URL, which may hold a password."""
    with pytest.raises(SettingsError) as caught:
        open_database(url)
    assert "SECRET" not in str(caught.value)


def test_a_weak_or_missing_secret_stops_the_start(tmp_path: Path) -> None:
    """Fewer than 32 bytes, no file and no setting are told; the bytes are not."""
    weak = tmp_path / "weak"
    weak.write_bytes(b"KEY-BYTES")
    for path in (None, tmp_path / "none", weak):
        with pytest.raises(SettingsError, match="TRIAL_CDS_SECRET_FILE") as caught:
            read_secret(path)
        assert "KEY-BYTES" not in str(caught.value)


def test_a_step_up_only_adds() -> None:
    """The service of before goes on while `db upgrade` runs, so no step may change or drop what it uses (docs/deploy.md)."""
    steps = sorted(Path(versions.__path__[0]).glob("step_*.py"))
    assert len(steps) >= 4
    for step in steps:
        text = step.read_text(encoding="utf-8").partition("def downgrade")[0]
        assert set(re.findall(r"\bop\.(\w+)", text)) <= {"create_table", "create_index", "execute", "get_bind"}
        assert not re.search(r"\b(DROP|ALTER)\b", text)
