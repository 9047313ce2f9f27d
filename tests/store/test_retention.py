"""How long the store keeps what: only what is older goes, and a purge that is only tried removes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select

from cds_service.store import retention
from cds_service.store.chain import Chain, Draft
from cds_service.store.chain_check import check
from cds_service.store.database import Database
from cds_service.store.opening import Store
from cds_service.store.retention import DAY, Rule, expired, remove, rules
from cds_service.store.secret import Secret
from cds_service.store.tables import audit_events, metadata, used_tokens

NOW = 1_000 * DAY
SECRET = Secret(b"k" * 32)
TOKENS, AUDIT, *_ = rules(30, 30)


@pytest.fixture
def filled(store: Database) -> Store:
    """Tokens that expire before, at and after now; events of 31, 30 and no days ago."""
    with store.writing() as connection:
        for number, until in enumerate((NOW - DAY - 2, NOW - DAY - 1, NOW - DAY, NOW - DAY + 1)):
            connection.execute(insert(used_tokens).values(digest=str(number), until=until))
    for days in (31, 30, 0):
        Chain.of(store, SECRET).append(Draft(NOW - days * DAY, "general", "hook-evaluated", "0", None, "{}"))
    return Store(store, SECRET)


def held(store: Store, rule: Rule) -> int:
    with store.database.writing() as connection:
        return connection.execute(select(func.count()).select_from(rule.table)).scalar_one()


@pytest.mark.parametrize(("rule", "old", "kept"), [(TOKENS, 2, 2), (AUDIT, 1, 2)], ids=["tokens", "audit"])
def test_only_what_is_older_goes(filled: Store, rule: Rule, old: int, kept: int) -> None:
    """Counting removes nothing and says what removing will; what is exactly as old as allowed stays."""
    assert (expired(filled, rule, NOW), held(filled, rule)) == (old, old + kept)
    assert (remove(filled, rule, NOW), held(filled, rule)) == (old, kept)
    assert (expired(filled, rule, NOW), remove(filled, rule, NOW)) == (0, 0)
    assert check([Chain.of(filled.database, SECRET)]).faults == []


def test_more_than_one_batch_is_removed_whole(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table larger than one transaction takes is emptied of all that is old."""
    monkeypatch.setattr(retention, "_BATCH", 1)
    assert (remove(filled, TOKENS, NOW), held(filled, TOKENS)) == (2, 2)


def test_every_table_that_grows_has_a_rule() -> None:
    """A table without one would grow for ever; audit_purges holds one row, known_settings one a setting."""
    assert {rule.table.name for rule in rules(30, 30)} == set(metadata.tables) - {"audit_purges", "known_settings", "modes"}


def test_time_columns_are_indexed() -> None:
    """Finding what is old must not read the whole table."""
    for rule in rules(30, 30):
        assert rule.time.name in {column.name for index in rule.table.indexes for column in index.columns}, rule.table.name


def test_the_audit_is_kept_for_days(store: Database) -> None:
    """The number of days is the setting's."""
    assert {rule.table: rule.days for rule in rules(77, 30)}[audit_events] == 77
