"""The chain of audit events on SQLite and on PostgreSQL: what is written stays, and what was changed, moved or taken out shows."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from cds_service.store.chain import Chain, Draft
from cds_service.store.chain_check import check
from cds_service.store.database import Database
from cds_service.store.secret import Secret
from cds_service.store.tables import audit_events

SECRET = Secret(b"k" * 32)
DRAFT = Draft(100, "general", "hook", "0", "a" * 64, "{}")
ROOT = Path(__file__).resolve().parents[2]
APPENDING = """
import sys
from cds_service.store.chain import Chain, Draft
from cds_service.store.database import open_database
from cds_service.store.secret import Secret
chain = Chain.of(open_database(sys.argv[1]), Secret(b"k" * 32))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    chain.append(Draft(number, sys.argv[3], "hook", "0", None, "{}"))
"""


def filled(store: Database, *seconds: int) -> Chain:
    """A chain with an event recorded at each of these seconds."""
    chain = Chain.of(store, SECRET)
    for second in seconds:
        chain.append(replace(DRAFT, recorded=second))
    return chain


def run(store: Database, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(statement))


def tampered(store: Database, statement: str) -> None:
    """As whoever owns the database can: with the triggers out of the way."""
    with store.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            names = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _ in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text(statement))
            for _, sql in names:
                connection.exec_driver_sql(sql)
        else:
            connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER USER"))
            connection.execute(text(statement))
            connection.execute(text("ALTER TABLE audit_events ENABLE TRIGGER USER"))


def count(store: Database) -> int:
    with store.writing() as connection:
        return connection.execute(select(func.count()).select_from(audit_events)).scalar_one()


def test_events_are_numbered_without_gaps_and_check(store: Database) -> None:
    """Each append gives the next number, and a chain left alone has no fault."""
    chain = Chain.of(store, SECRET)
    assert [chain.append(DRAFT) for _ in range(3)] == [1, 2, 3]
    found = check([chain])
    assert (found.events, found.end[0], found.faults) == (3, 3, [])


def test_an_empty_chain_checks(store: Database) -> None:
    """Nothing written yet is no fault."""
    assert check([Chain.of(store, SECRET)]).faults == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET outcome = '8' WHERE id = 2",
        "DELETE FROM audit_events WHERE id = 2",
        "DELETE FROM audit_events",
        "INSERT OR REPLACE INTO audit_events SELECT id, 9, tenant, action, outcome, patient_key, json, previous, digest FROM audit_events",
        "TRUNCATE audit_events",
        "INSERT INTO audit_events SELECT * FROM audit_events WHERE id = 2 ON CONFLICT (id) DO UPDATE SET outcome = '8'",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event(store: Database, statement: str) -> None:
    """Whatever the statement, all three events are there as they were written."""
    chain = filled(store, 1, 2, 3)
    with pytest.raises(DatabaseError):
        run(store, statement)
    assert (count(store), check([chain]).faults) == (3, [])


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit_events SET tenant = 'other' WHERE id = 2", "event 2 is not as it was written"),
        ("UPDATE audit_events SET patient_key = NULL WHERE id = 3", "event 3 is not as it was written"),
        ("DELETE FROM audit_events WHERE id = 2", "event 3 does not follow event 1"),
        ("DELETE FROM audit_events WHERE id = 1", "event 2 does not follow the beginning"),
    ],
)
def test_what_the_databases_owner_changes_shows(store: Database, statement: str, words: str) -> None:
    """A changed column and a missing row are named by their number."""
    chain = filled(store, 1, 2, 3)
    tampered(store, statement)
    (fault,) = check([chain]).faults
    assert words in fault


def test_a_cut_off_end_shows_to_whoever_wrote_it_down(store: Database) -> None:
    """Nothing in the chain tells of rows that were its newest; the end noted elsewhere does."""
    chain = filled(store, 1, 2, 3)
    end = check([chain]).end
    assert check([chain], wanted=end).known
    tampered(store, "DELETE FROM audit_events WHERE id = 3")
    found = check([chain], wanted=end)
    assert (found.faults, found.known) == ([], False)


def test_without_the_secret_no_row_can_be_made(store: Database) -> None:
    """A row appended under another key is found; with both keys known, as after a change of the secret, both are sound."""
    chain, other = filled(store, 1), Chain.of(store, Secret(b"x" * 32))
    other.append(DRAFT)
    assert check([chain]).faults == ["event 2 is not as it was written"]
    assert check([chain, other]).faults == []


def test_retention_removes_the_oldest_and_the_chain_still_checks(store: Database) -> None:
    """Only what was recorded before the second goes, numbers go on, and nothing more can be removed after it."""
    chain = filled(store, 10, 20, 30, 40)
    assert chain.expired(30) == 2
    assert chain.remove_before(30) == 2
    assert (chain.append(replace(DRAFT, recorded=50)), check([chain]).faults) == (5, [])
    with pytest.raises(DatabaseError):
        run(store, "DELETE FROM audit_events WHERE id = 3")


def test_retention_never_makes_a_hole(store: Database) -> None:
    """Where a host's clock was behind, an old second among newer ones stays until those before it go."""
    chain = filled(store, 10, 50, 20)
    assert (chain.expired(30), chain.remove_before(30), count(store)) == (1, 1, 2)
    assert check([chain]).faults == []


def test_all_events_may_expire(store: Database) -> None:
    """An emptied chain goes on from where it stood, and checks; a second purge finds nothing."""
    chain = filled(store, 10, 20)
    end = check([chain]).end
    assert (chain.remove_before(99), chain.remove_before(99)) == (2, 0)
    assert check([chain], wanted=end).known
    assert (chain.append(DRAFT), check([chain]).faults) == (3, [])


def test_a_beginning_that_retention_did_not_make_shows(store: Database) -> None:
    """Whoever removes more and says so in retention's own table lacks the key to its seal."""
    chain = filled(store, 10, 20, 30)
    chain.remove_before(15)
    run(store, "UPDATE audit_purges SET last_id = 2, before = 25, digest = (SELECT digest FROM audit_events WHERE id = 2)")
    run(store, "DELETE FROM audit_events WHERE id = 2")
    assert check([chain]).faults == ["how far retention has removed events is not as it was written"]


def test_many_batches_are_removed_whole(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A purge of more rows than one transaction takes ends with all of them gone and the chain whole."""
    monkeypatch.setattr("cds_service.store.chain._BATCH", 2)
    chain = filled(store, 1, 2, 3, 4, 5, 9)
    assert (chain.remove_before(9), count(store), check([chain]).faults) == (5, 1, [])


def test_processes_append_to_one_chain(url: str, store: Database) -> None:
    """Two processes that append at the same time: every event is there once, and the chain checks."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen([sys.executable, "-c", APPENDING, url, "60", name], cwd=ROOT, **pipes) for name in ("one", "two")]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"  # both begin at the same moment
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("\n")
        worker.stdin.flush()
    said = [worker.communicate(timeout=60)[1] for worker in workers]
    assert [(worker.returncode, words) for worker, words in zip(workers, said, strict=True)] == [(0, ""), (0, "")]
    with store.writing() as connection:
        tenants = connection.execute(select(audit_events.c.tenant)).scalars().all()
    assert (tenants.count("one"), tenants.count("two")) == (60, 60)
    found = check([Chain.of(store, SECRET)])
    assert (found.events, found.end[0], found.faults) == (120, 120, [])
