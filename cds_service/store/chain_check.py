"""A chain of audit events into what is wrong with it: rows whose contents were changed, and places where rows are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, select

from cds_service.store.chain import START, Chain
from cds_service.store.tables import audit_events, audit_purges

MOST = 20  # faults told: a wrong secret would make every row one


@dataclass(slots=True)
class Checked:
    """What was read. `end` is the newest row's id and digest: whoever wrote it down elsewhere can tell whether the end was cut off."""

    events: int = 0
    end: tuple[int, str] = (0, START)
    known: bool = False  # whether the row that was asked for is there as it was
    faults: list[str] = field(default_factory=list)

    def fault(self, words: str) -> None:
        if len(self.faults) < MOST:
            self.faults.append(words)


def check(chains: Sequence[Chain], wanted: tuple[int, str] | None = None) -> Checked:
    """Reads every row once. A row is sound under the key of any of the chains: a site may have changed its secret. Raises StoreDown."""
    found = Checked(known=wanted is None)
    with chains[0].database.reading() as connection:
        purge = connection.execute(select(audit_purges)).mappings().first()
        found.end = (purge["last_id"], purge["digest"]) if purge else (0, START)
        if purge and not any(chain.seal(purge["last_id"], purge["digest"], purge["before"]) == purge["seal"] for chain in chains):
            found.fault("how far retention has removed events is not as it was written")
        found.known |= found.end == wanted
        rows = connection.execution_options(yield_per=1000).execute(select(audit_events).order_by(audit_events.c.id))
        for row in rows.mappings():
            _look_at(row, chains, found)
            found.known |= found.end == wanted
    return found


def _look_at(row: RowMapping, chains: Sequence[Chain], found: Checked) -> None:
    """The row against the one before it, or against where retention stopped; and against its own digest."""
    if (row["id"] - 1, row["previous"]) != found.end:
        before = f"event {found.end[0]}" if found.end[0] else "the beginning"
        found.fault(f"event {row['id']} does not follow {before}: events between them are missing, or were moved")
    if not any(chain.digest(row) == row["digest"] for chain in chains):
        found.fault(f"event {row['id']} is not as it was written")
    found.events, found.end = found.events + 1, (row["id"], row["digest"])
