"""The ledger on SQLite, on PostgreSQL and in memory: each verdict once over all processes, feedback once, and nobody's name in it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from cds_service.alerts.ledger import Ledger, Serving
from cds_service.alerts.modes import ALL, Modes, set_mode
from cds_service.alerts.report import rows
from cds_service.errors import StoreDown
from cds_service.store.database import Database, memory_database, open_database
from cds_service.store.patient_keys import PatientKeys
from cds_service.store.secret import Secret
from cds_service.store.tables import served

SECRET, OTHER = Secret(b"k" * 32), Secret(b"x" * 32)
CARD = Serving("c1", "cc312", "cc312@1.0.0", "patient-view", "v1", "Location/l1")


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "memory":
        held = memory_database()
        yield held
        held.close()
        return
    is_file = request.param == "sqlite"
    held = open_database(
        f"sqlite:///{tmp_path}/l.db" if is_file else f"postgresql://postgres@/postgres?host={request.getfixturevalue('cluster')}"
    )
    held.migrate()
    yield held
    held.migrate("base")
    held.close()


def ledger(database: Database, now: float = 1000) -> Ledger:
    return Ledger(database, PatientKeys.of(SECRET), SECRET, lambda: now)


def feedback(**more: str | int) -> dict[str, str | int]:
    return {"card": "c1", "outcome": "overridden", "said": 5, "reason": "not-now", "accepted": 0, "commented": 0, **more}


@pytest.mark.parametrize("odd", ["\0", "c1\0", "c1'", "", "é" * 36, "c" * 100_000])
def test_what_can_be_no_cards_id_is_unknown_and_costs_the_others_nothing(database: Database, odd: str) -> None:
    """PostgreSQL refuses a NUL, which looked as if the store were down."""
    by = ledger(database)
    assert by.serve("a", by.past("a", "p1", "u1"), CARD)
    assert by.trials_of("a", [odd]) == {}
    assert by.trials_of("a", [odd, "c1"]) == {"c1": "cc312"}


def test_a_card_and_what_was_said_are_found_again(database: Database) -> None:
    """Under the patient, the user and the trial; another tenant's patient of the same id has no past."""
    by = ledger(database)
    assert by.serve("a", by.past("a", "p1", "u1"), CARD)
    by.record([feedback()])
    past = by.past("a", "p1", "u1")
    assert [(one.card, one.verdict, one.at) for one in past.shown] == [("c1", "v1", 1000)]
    assert [(one.code, one.user == past.user) for one in past.said] == [("not-now", True)]
    assert past.today == 1
    other = by.past("b", "p1", "u1")
    assert (other.shown, other.said, other.today) == ((), (), 0)


def test_a_verdict_is_served_once(database: Database) -> None:
    """Another card of the same verdict is refused; the same card again is not; another user's is not."""
    by = ledger(database)
    past = by.past("a", "p1", "u1")
    assert by.serve("a", past, CARD)
    assert by.serve("a", past, CARD)
    assert not by.serve("a", past, replace(CARD, card="c2"))
    assert by.serve("a", by.past("a", "p1", "u2"), replace(CARD, card="c3"))


def test_of_many_calls_at_once_one_is_shown(url: str, store: Database) -> None:
    """Sixteen calls over two pools, of two workers: one card."""
    other = open_database(url)
    ledgers = ledger(store), ledger(other)

    def call(number: int) -> bool:
        by = ledgers[number % 2]
        return by.serve("a", by.past("a", "p1", "u1"), replace(CARD, card=f"c{number}"))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(call, range(16))).count(True) == 1
    other.close()


def test_feedback_is_written_once(database: Database) -> None:
    """Clients repeat; a second thing said later is another one."""
    by = ledger(database)
    assert by.record([feedback(), feedback()]) == 1
    assert by.record([feedback(said=6)]) == 1


def test_another_tenants_cards_are_not_found(database: Database) -> None:
    """Whose card it is decides who may answer it."""
    by = ledger(database)
    by.serve("a", by.past("a", "p1", "u1"), CARD)
    assert by.trials_of("a", ["c1", "c9"]) == {"c1": "cc312"}
    assert by.trials_of("b", ["c1"]) == {}


def test_no_patient_and_no_user_stands_in_it(database: Database) -> None:
    """Digests, which differ by tenant and by secret."""
    by = ledger(database)
    by.serve("a", by.past("a", "Miller-4711", "Practitioner/Jones"), CARD)
    with database.writing() as connection:
        text = str(connection.execute(select(served)).all())
    assert "Miller" not in text
    assert "Jones" not in text
    keys = {by.past("a", "p", "p").patient, by.past("a", "p", "p").user, by.past("b", "p", "p").patient}
    keys.add(Ledger(database, PatientKeys.of(OTHER), OTHER, lambda: 0).past("a", "p", "p").patient)
    assert len(keys) == 4


def test_the_report_tells_each_card_and_each_answer(database: Database) -> None:
    """In order; a card that nobody answered was shown."""
    by = ledger(database)
    by.serve("a", by.past("a", "p1", "u1"), CARD)
    by.serve("a", by.past("a", "p2", "u1"), replace(CARD, card="c2"))
    by.record([feedback(), feedback(outcome="accepted", reason="", said=6)])
    with database.writing() as connection:
        told = [(row["card"], row["action"], row["reason"], row["shown"]) for row in rows(connection)]
        late = list(rows(connection, since=1001))
    assert told == [
        ("c1", "overridden", "not-now", "1970-01-01T00:16:40Z"),
        ("c1", "accepted", "", "1970-01-01T00:16:40Z"),
        ("c2", "shown", "", "1970-01-01T00:16:40Z"),
    ]
    assert late == []


def test_modes_are_set_and_taken_back(database: Database) -> None:
    """The newest for a scope counts, and a mode that this version does not know shows nothing."""
    by = ledger(database)
    with database.writing() as connection:
        set_mode(connection, ("a", ALL), "silent", 1)
        set_mode(connection, ("a", ALL), "pilot", 2)
        set_mode(connection, ("a", "cc312"), "louder", 2)
    assert by.past("a", "p", "u").modes == {("a", ALL): "pilot", ("a", "cc312"): "off"}
    with database.writing() as connection:
        set_mode(connection, ("a", ALL), None, 3)
    assert by.past("a", "p", "u").modes == {("a", "cc312"): "off"}


@pytest.mark.parametrize(
    ("file", "given", "mode"),
    [
        ({}, {}, "on"),
        ({("a", ALL): "silent"}, {}, "silent"),
        ({("a", ALL): "silent"}, {("a", ALL): "on"}, "on"),
        ({("a", ALL): "silent"}, {(ALL, ALL): "on"}, "silent"),
        ({}, {(ALL, ALL): "off", ("a", "cc312"): "on"}, "off"),
        ({}, {(ALL, "cc312"): "pilot", ("a", ALL): "silent"}, "silent"),
        ({("a", "cc312"): "pilot"}, {("a", "other"): "off"}, "pilot"),
    ],
)
def test_the_least_mode_counts(file: dict[tuple[str, str], str], given: dict[tuple[str, str], str], mode: str) -> None:
    """What was set at run time stands over the file for the same scope; between scopes the least decides."""
    assert Modes(file, given).of("a", "cc312") == mode


def test_without_its_tables_the_ledger_is_down(empty: Database) -> None:
    """Nothing is shown that can't be written down."""
    with pytest.raises(StoreDown):
        ledger(empty).past("a", "p1", "u1")
