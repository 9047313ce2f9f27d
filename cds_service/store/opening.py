"""The settings of a store into the Store: its database, and the secret that keys what stands in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cds_service.store.database import Database, open_database
from cds_service.store.secret import Secret, read_secret


@dataclass(frozen=True, slots=True)
class Store:
    """Both belong together: what one process writes under a key, another must find under the same."""

    database: Database
    secret: Secret = field(repr=False)


def open_store(url: str, secret_file: Path | None) -> Store | None:
    """None where no database is set. Opens no connection yet. Raises SettingsError."""
    return Store(open_database(url, prompt=True), read_secret(secret_file)) if url else None
