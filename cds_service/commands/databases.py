"""`cds-service db`: the store of the settings, its version, the steps up and down, and retention, told in a line each."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cds_service.audit.accounts import account
from cds_service.audit.events import Action, Event
from cds_service.audit.trail import Trail
from cds_service.commands.setting_up import settings_from_environ, tell
from cds_service.commands.stores import StoreUnusable, explained
from cds_service.config import PREFIX, Settings
from cds_service.doctor.advice import for_store
from cds_service.errors import SettingsError, StoreDown
from cds_service.store import retention
from cds_service.store.database import Database, open_database
from cds_service.store.opening import Store
from cds_service.store.secret import read_secret
from cds_service.store.tables import audit_events


def upgrade(arguments: argparse.Namespace) -> int:
    """Brings the store to this version; harmless where it is there already."""
    return on_database(lambda store, _: _migrated(store, "head"), makes=True)


def downgrade(arguments: argparse.Namespace) -> int:
    """Takes every table away, with all that is in it."""
    if not arguments.lose_everything:
        print("error: this removes every table and all it holds; say --lose-everything if that is meant", file=sys.stderr)
        return 2
    return on_database(lambda store, _: _migrated(store, "base"), makes=True)


def status(arguments: argparse.Namespace) -> int:
    """Status 0 where the store is at this version, else 1."""
    return on_database(lambda store, _: _told(store))


def purge(arguments: argparse.Namespace) -> int:
    """Removes what is older than the site keeps it; with --dry-run only tells how much that is."""
    return on_store(lambda store, settings: _purged(store, settings, time.time(), arguments.dry_run))


def _purged(store: Store, settings: Settings, now: float, dry_run: bool) -> int:
    for rule in retention.rules(settings.keep_audit, settings.keep_cards):
        count = (retention.expired if dry_run else retention.remove)(store, rule, now)
        print(f"{rule.table.name}: {count} rows older than {rule.days} days {'would be' if dry_run else 'were'} removed")
        if count and not dry_run and rule.table is audit_events:
            kept = datetime.fromtimestamp(rule.second(now), UTC).isoformat()
            Trail.of(store).record(Event(Action.PURGE, account=account(), details={"events": str(count), "before": kept}))
    return 0


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


def on_store(does: Callable[[Store, Settings], int]) -> int:
    """For what needs the secret too."""
    return on_database(lambda database, settings: does(Store(database, read_secret(settings.secret_file)), settings))


def on_database(does: Callable[[Database, Settings], int], makes: bool = False) -> int:
    """`makes`: it is for a store that may not be there yet."""
    settings = settings_from_environ()
    if settings is None:
        return 2
    if not settings.database:
        print(f"error: {PREFIX}DATABASE is not set: there is no store", file=sys.stderr)
        return 2
    try:
        store = open_database(settings.database)
        try:
            if makes:
                return does(store, settings)
            with explained(store):
                return does(store, settings)
        except StoreDown as error:
            problem = f"it can't be reached ({error.reason})"
            raise StoreUnusable(f"the store: {problem}\n  -> {for_store(problem)}") from None
        finally:
            store.close()
    except (SettingsError, StoreUnusable) as error:
        tell(error)
        return 1
