"""A database URL into a Database: SQLite in WAL mode or PostgreSQL, its version, and the way to the newest one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, delete, event, insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from cds_service.config import PREFIX
from cds_service.errors import SettingsError, StoreDown
from cds_service.store.one_file import hold_to
from cds_service.store.pause import Pause
from cds_service.store.tables import metadata, used_tokens

_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
_LATER = "the store is of a later version than this service: run the later one, or restore a backup of before"
_NOT_ASKED = "NotAsked"  # of the shape that the log takes for a fault
_PROBES = 100  # rows, some 16 KB
_WAIT = 3  # seconds for a lock or a connection: an EHR that waits for a card gives up soon after
_FILE: dict[str, Any] = {"connect_args": {"timeout": 5}}  # its writers take turns
_SERVER: dict[str, Any] = {
    "connect_args": {"connect_timeout": _WAIT, "options": f"-c lock_timeout={_WAIT}s"},
    "pool_pre_ping": True,
    "pool_timeout": _WAIT,
}


@dataclass(frozen=True, slots=True)
class Database:
    """Connections are made when first needed, in each process its own: gunicorn's workers are forked from one."""

    engine: Engine
    pause: Pause = field(default_factory=Pause, repr=False)
    doubted: Event = field(default_factory=Event, repr=False)  # a transaction failed since writing was last seen to work

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction. Raises StoreDown, which says nothing of the statement or its values; IntegrityError is the caller's to read."""
        if self.pause.holds:
            raise StoreDown(_NOT_ASKED)
        try:
            with self.engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            self.pause.after(error)
            self.doubted.set()
            raise StoreDown(type(error).__name__) from None

    @contextmanager
    def alone(self, lock: int) -> Iterator[Connection]:
        """One transaction that no other with this lock runs beside, of whatever process; SQLite has one writer anyway. Raises StoreDown."""
        with self.writing() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if _is_sqlite(connection) else f"SELECT pg_advisory_xact_lock({lock})")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """All queries see the store as of one moment, whoever writes meanwhile. Raises StoreDown."""
        with self.writing() as connection:
            connection.exec_driver_sql("BEGIN" if _is_sqlite(connection) else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection

    def is_absent(self) -> bool:
        """A SQLite file that is not there yet: whoever connects makes it. Connects to nothing."""
        url = self.engine.url
        return url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).exists())

    def where(self) -> str:
        """For an administrator at the machine: what is asked, at which host or socket and as whom; never the password."""
        url = self.engine.url
        if url.get_backend_name() == "sqlite":
            return f"'{url.database}'"
        host = url.host or url.query.get("host", "the default host")
        as_whom = f", as '{url.username}'" if url.username else ""
        return f"'{url.database}' at {host}{f':{url.port}' if url.port else ''}{as_whom}"

    def version(self) -> str | None:
        """The step it stands at; None where it is empty. Raises StoreDown."""
        with self.writing() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def problem(self) -> str:
        """For an operator: what keeps it from being used, or ''. It makes no file where there is none."""
        if self.is_absent():
            return "its file is not there: run `cds-service db upgrade`"
        try:
            version = self.version()
        except StoreDown as error:
            why = "not asked: it did not answer a moment ago" if error.reason == _NOT_ASKED else error.reason
            return f"it can't be reached ({why})"
        if version == newest():
            return self._unwritable() if self.doubted.is_set() else ""
        return "it is not at this version: run `cds-service db upgrade`" if _is_known(version) else _LATER

    def _unwritable(self) -> str:
        """Why nothing can be written, or ''. Only after a fault: whoever asks for readiness must not make every store write. It takes as
        much room as a call does, since one row may fit where a call does not, and gives it back."""
        digests = [f"probe-{uuid4().hex}" for _ in range(_PROBES)]
        try:
            with self.writing() as connection:
                connection.execute(insert(used_tokens), [{"digest": one, "until": 0} for one in digests])
            with self.writing() as connection:
                connection.execute(delete(used_tokens).where(used_tokens.c.digest.in_(digests)))
        except StoreDown as error:
            return f"it can't be written ({error.reason})"
        self.doubted.clear()
        return ""

    def migrate(self, target: str = "head") -> None:
        """Up to a step, or down to it (`base` empties the store). Raises StoreDown; SettingsError for a store of a later version."""
        if not _is_known(self.version()):
            raise SettingsError(_LATER)
        with self.writing() as connection:
            config = _config()
            config.attributes["connection"] = connection
            step = command.downgrade if target == "base" else command.upgrade
            step(config, target)

    def close(self) -> None:
        """Forgets all connections: before a fork, and at the end."""
        self.engine.dispose()


def open_database(url: str, prompt: bool = False) -> Database:
    """Opens nothing yet. `prompt` for whoever is waited for: a server that hangs is then given up (patience.py), and a file that is gone is
    not made (one_file.py); a migration or a purge takes its time. Raises SettingsError without quoting the URL: it may hold a password."""
    try:
        made = make_url(url)
        made = made.set(drivername=_DRIVERS.get(made.drivername, made.drivername))
        if made.drivername not in _DRIVERS.values():
            raise SettingsError(f"{PREFIX}DATABASE: must be sqlite:///FILE or postgresql://…")
        is_sqlite = made.get_backend_name() == "sqlite"
        engine = create_engine(made, hide_parameters=True, **(_FILE if is_sqlite else _SERVER))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise SettingsError(f"{PREFIX}DATABASE: the URL can't be used ({type(error).__name__})") from None
    if is_sqlite:
        event.listen(engine, "connect", _durable)
        if prompt and made.database:
            hold_to(engine, made.database)
    return Database(engine, _given_up(engine) if prompt and not is_sqlite else Pause())


def _given_up(engine: Engine) -> Pause:
    from cds_service.store import patience  # its driver is there only where it is needed (pyproject.toml: production)

    event.listen(engine, "do_connect", patience.connect)
    return Pause(patience.kept_waiting)


def memory_database() -> Database:
    """For a service without a store: each process its own, forgotten with it. Its one connection is the database, so it is never closed,
    and its threads take turns."""
    options: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0, "hide_parameters": True}
    engine = create_engine("sqlite+pysqlite://", connect_args={"check_same_thread": False}, **options)
    event.listen(engine, "connect", lambda connection, _record: connection.executescript(_schema(engine)))
    return Database(engine)


def _schema(engine: Engine) -> str:
    statements: list[DDLElement] = []
    for table in metadata.sorted_tables:
        statements += [CreateTable(table), *map(CreateIndex, table.indexes)]
    return ";\n".join(str(statement.compile(engine)) for statement in statements)


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _durable(connection: Any, _record: object) -> None:
    """Readers beside one writer, and nothing lost that was answered, even when the power fails."""
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def newest() -> str | None:
    """The step that this version of the service needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _is_known(version: str | None) -> bool:
    return version is None or version in {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "cds_service.store:migrations")
    return config
