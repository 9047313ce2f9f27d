"""`cds-service db`: the store of the settings, its version, and the steps up and down, told in a line each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from cds_service.commands.setting_up import settings_from_environ
from cds_service.config import PREFIX
from cds_service.errors import SettingsError, StoreDown
from cds_service.store.database import Database, open_database


def upgrade(arguments: argparse.Namespace) -> int:
    """Brings the store to this version; harmless where it is there already."""
    return on_store(lambda store: _migrated(store, "head"))


def downgrade(arguments: argparse.Namespace) -> int:
    """Takes every table away, with all that is in it."""
    if not arguments.lose_everything:
        print("error: this removes every table and all it holds; say --lose-everything if that is meant", file=sys.stderr)
        return 2
    return on_store(lambda store: _migrated(store, "base"))


def status(arguments: argparse.Namespace) -> int:
    """Status 0 where the store is at this version, else 1."""
    return on_store(_told)


def _migrated(store: Database, target: str) -> int:
    before = store.version()
    store.migrate(target)
    after = store.version()
    print(f"store at {_words(after)}" + (", as before" if after == before else f", from {_words(before)}"))
    return 0


def _told(store: Database) -> int:
    version, problem = store.version(), store.problem()
    print(f"store at {_words(version)}" + (f"; {problem}" if problem else ""))
    return 1 if problem else 0


def _words(version: str | None) -> str:
    return version or "nothing"


def on_store(does: Callable[[Database], int]) -> int:
    settings = settings_from_environ()
    if settings is None:
        return 2
    if not settings.database:
        print(f"error: {PREFIX}DATABASE is not set: there is no store", file=sys.stderr)
        return 2
    try:
        store = open_database(settings.database)
        try:
            return does(store)
        finally:
            store.close()
    except (SettingsError, StoreDown) as error:
        reason = f" ({error.reason})" if isinstance(error, StoreDown) else ""
        print(f"error: {error}{reason}", file=sys.stderr)
        return 1
