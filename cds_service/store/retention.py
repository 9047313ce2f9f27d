"""How long the store keeps what, as one rule a table, into the removal of what is older."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Table, delete, func, select, tuple_

from cds_service.store.chain import Chain
from cds_service.store.opening import Store
from cds_service.store.tables import audit_events, cohort_questions, feedback, served, used_tokens

DAY = 86_400
_BATCH = 2_000  # rows removed in one transaction: hooks wait for it


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows whose `time`, a second since 1970, lies more than `days` back are removed."""

    time: Column[int]
    days: int

    @property
    def table(self) -> Table:
        return self.time.table

    def second(self, now: float) -> int:
        """The first that is kept."""
        return int(now) - self.days * DAY


def rules(audit_days: int, card_days: int) -> tuple[Rule, ...]:
    """One a table that grows. A further table is a further rule; its time column needs an index."""
    return (
        Rule(used_tokens.c.until, 1),  # expired tokens are refused whether or not they are known; a day for clocks that jump
        Rule(audit_events.c.recorded, audit_days),
        Rule(cohort_questions.c.at, 30),  # so long they count against a further one
        Rule(feedback.c.at, card_days),
        Rule(served.c.at, card_days),  # with it a `no` for good is forgotten, since it is a card's
    )


def expired(store: Store, rule: Rule, now: float) -> int:
    """How many rows `remove` would remove. Raises StoreDown."""
    if rule.table is audit_events:
        return Chain.of(store.database, store.secret).expired(rule.second(now))
    with store.database.writing() as connection:
        return connection.execute(select(func.count()).select_from(rule.table).where(_is_old(rule, now))).scalar_one()


def remove(store: Store, rule: Rule, now: float) -> int:
    """Removes them, a batch at a time; gives how many. Raises StoreDown."""
    if rule.table is audit_events:
        return Chain.of(store.database, store.secret).remove_before(rule.second(now))
    keys = list(rule.table.primary_key)
    batch = select(*keys).where(_is_old(rule, now)).limit(_BATCH)
    removed = 0
    while True:
        with store.database.writing() as connection:
            count = connection.execute(delete(rule.table).where(tuple_(*keys).in_(batch))).rowcount
        if not count:
            return removed
        removed += count


def _is_old(rule: Rule, now: float) -> ColumnElement[bool]:
    return rule.time < rule.second(now)
