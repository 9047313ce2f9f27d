"""Drafts of audit events into rows that hold the keyed digest of the row before: what was changed, moved or taken out shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from cds_service.errors import StoreDown
from cds_service.store.database import Database
from cds_service.store.secret import Secret
from cds_service.store.tables import audit_events, audit_purges, known_settings

START = "0" * 64  # what the first row holds as the digest before
_LOCK = 0x617564  # PostgreSQL's number of the lock under which rows are appended: one chain over all processes
_BATCH = 2_000  # rows removed in one transaction: hooks wait for it


@dataclass(frozen=True, slots=True)
class Draft:
    """An event as its row will hold it. `patient_key` is a key already (store/patient_keys.py)."""

    recorded: int  # the second, since 1970
    tenant: str
    action: str
    outcome: str
    patient_key: str | None
    json: str


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain a store, over all tenants and processes: a lock keeps its order, and a row more costs the next one nothing."""

    database: Database
    key: Secret = field(repr=False)

    @classmethod
    def of(cls, database: Database, secret: Secret) -> Chain:
        return cls(database, secret.derived("audit-chain"))

    def append(self, draft: Draft) -> int:
        """Gives the row's id. Raises StoreDown."""
        with self._locked() as connection:
            return self._append(connection, draft)

    def append_change(self, name: str, value: str, draft: Callable[[str], Draft]) -> int | None:
        """Where a setting is not as it was last known; `draft` is given what it was, '' at first. None where it is. Raises StoreDown."""
        columns = known_settings.c
        with self._locked() as connection:
            before = connection.execute(select(columns.value).where(columns.name == name)).scalar()
            if before == value:
                return None
            if before is None:
                connection.execute(insert(known_settings).values(name=name, value=value))
            else:
                connection.execute(update(known_settings).where(columns.name == name).values(value=value))
            return self._append(connection, draft(before or ""))

    @contextmanager
    def _locked(self) -> Iterator[Connection]:
        try:
            with self.database.alone(_LOCK) as connection:
                yield connection
        except IntegrityError as error:
            raise StoreDown(type(error).__name__) from None

    def _append(self, connection: Connection, draft: Draft) -> int:
        number, before = _end(connection)
        values = {"id": number + 1, **_values(draft), "previous": before}
        connection.execute(_APPEND, {**values, "digest": self.digest(values)})
        return number + 1

    def digest(self, values: Mapping[str, object] | RowMapping) -> str:
        """Over every column but itself, whatever its type as text."""
        return self.key.digest(*(str(values[name]) for name in _SEALED))

    def remove_before(self, second: int) -> int:
        """Removes the oldest events recorded before that second, a batch at a time; gives how many. Raises StoreDown."""
        removed = 0
        while True:
            with self._locked() as connection:
                batch = _expired(connection, second)
                if not batch:
                    return removed
                removed += self._remove(connection, *batch[-1], second)

    def _remove(self, connection: Connection, last: int, digest: str, before: int) -> int:
        connection.execute(delete(audit_purges))
        seal = self.seal(last, digest, before)
        connection.execute(insert(audit_purges).values(last_id=last, digest=digest, before=before, seal=seal))
        return connection.execute(delete(audit_events).where(audit_events.c.id <= last)).rowcount

    def seal(self, last: int, digest: str, before: int) -> str:
        return self.key.digest("purge", str(last), digest, str(before))

    def between(self, since: int, until: int | None = None, patient_key: str | None = None) -> Iterator[str]:
        """The AuditEvents recorded from one second to before another, the oldest first. Raises StoreDown."""
        columns = audit_events.c
        wanted = select(columns.json).where(columns.recorded >= since).order_by(columns.id)
        wanted = wanted if until is None else wanted.where(columns.recorded < until)
        wanted = wanted if patient_key is None else wanted.where(columns.patient_key == patient_key)
        with self.database.reading() as connection:
            yield from connection.execution_options(yield_per=1000).execute(wanted).scalars()

    def expired(self, second: int) -> int:
        """How many `remove_before` would remove. Raises StoreDown."""
        with self.database.writing() as connection:
            id_ = audit_events.c.id
            kept = connection.execute(select(id_).where(audit_events.c.recorded >= second).order_by(id_).limit(1)).scalar()
            older = select(func.count()).select_from(audit_events)
            return connection.execute(older if kept is None else older.where(id_ < kept)).scalar_one()


_COLUMNS = tuple(column.name for column in audit_events.columns)
_SEALED = tuple(name for name in _COLUMNS if name != "digest")
_APPEND = insert(audit_events)
_ENDS = tuple(
    select(number, table.c.digest).order_by(number.desc()).limit(1)
    for table, number in ((audit_events, audit_events.c.id), (audit_purges, audit_purges.c.last_id))
)


def _values(draft: Draft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in Draft.__slots__}


def _expired(connection: Connection, second: int) -> list[tuple[int, str]]:
    """Of the oldest rows those before the first that must stay: what remains is still one chain, whatever the hosts' clocks said."""
    columns = audit_events.c
    oldest = connection.execute(select(columns.id, columns.digest, columns.recorded).order_by(columns.id).limit(_BATCH))
    return [(row.id, row.digest) for row in takewhile(lambda row: row.recorded < second, oldest)]


def _end(connection: Connection) -> tuple[int, str]:
    """The newest row's id and digest; where there is none, those of the newest that was removed."""
    for newest in _ENDS:
        found = connection.execute(newest).first()
        if found:
            return found[0], found[1]
    return 0, START
