"""A SQLite file that is taken away or replaced under a running service into a fault: what is written to a file without a name is lost."""

from __future__ import annotations

import os
import sqlite3
from typing import Any

from sqlalchemy import Engine, ExceptionContext, event
from sqlalchemy.exc import DisconnectionError

Identity = tuple[int, int]


def hold_to(engine: Engine, path: str) -> None:
    """Its connections are used for as long as the path leads to the file that they opened, and none makes one: the cards of a service whose
    file was deleted would stand nowhere, though each was written down. Nor is one used again that may only read: SQLite
    opens a file or its index that it may only read without a word, and that connection never writes."""
    event.listen(engine, "do_connect", lambda *_: _present(path))
    event.listen(engine, "connect", lambda _, record: record.info.update(file=_identity(path)))

    event.listen(engine, "handle_error", _lost)

    @event.listens_for(engine, "checkout")
    def same(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info["file"] != _identity(path):
            raise DisconnectionError  # SQLAlchemy closes it and connects anew


def _lost(fault: ExceptionContext) -> None:
    if str(getattr(fault.original_exception, "sqlite_errorname", "")).startswith("SQLITE_READONLY"):
        fault.is_disconnect = True


def _present(path: str) -> None:
    if _identity(path) is None:
        raise sqlite3.OperationalError("no file")


def _identity(path: str) -> Identity | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
