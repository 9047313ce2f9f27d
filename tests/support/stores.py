"""A store on SQLite for tests, and what stands in its audit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cds_service.store.database import Database, open_database
from cds_service.store.opening import Store
from cds_service.store.secret import Secret
from cds_service.store.tables import audit_events

SECRET = b"k" * 32
Json = dict[str, Any]


def settings_of(folder: Path) -> Json:
    """The settings of a migrated store in that folder."""
    secret, url = folder / "secret", f"sqlite:///{folder}/store.db"
    secret.write_bytes(SECRET)
    store = open_database(url)
    store.migrate()
    store.close()
    return {"database": url, "secret_file": secret}


def store_of(folder: Path) -> Store:
    return Store(open_database(settings_of(folder)["database"]), Secret(SECRET))


def audited(database: Database | str) -> list[tuple[Json, Json]]:
    """Each row with its AuditEvent, the oldest first; without those of the settings, which stand before the first of a process."""
    store = open_database(database) if isinstance(database, str) else database
    with store.writing() as connection:
        rows = [dict(row) for row in connection.execute(select(audit_events).order_by(audit_events.c.id)).mappings()]
    if isinstance(database, str):
        store.close()
    return [(row, json.loads(row["json"])) for row in rows if row["action"] != "setting-changed"]


def changes(database: str) -> list[Json]:
    """The details of the events of changed settings, the oldest first."""
    store = open_database(database)
    with store.writing() as connection:
        wanted = select(audit_events.c.json).where(audit_events.c.action == "setting-changed").order_by(audit_events.c.id)
        events = [json.loads(text) for text in connection.execute(wanted).scalars()]
    store.close()
    return [{one["type"]: one["valueString"] for one in event["entity"][0]["detail"]} for event in events]
