"""The settings of a store into the store that a command uses; where it can't be used, the doctor's words for that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cds_service.audit.accounts import account
from cds_service.audit.events import Action, Event
from cds_service.audit.trail import Trail
from cds_service.config import Settings
from cds_service.doctor.advice import for_store
from cds_service.errors import ServiceError, StoreDown
from cds_service.store.database import Database
from cds_service.store.opening import Store, open_store


class StoreUnusable(ServiceError):
    """The store can't be used, and what to do."""


@contextmanager
def explained(database: Database) -> Iterator[None]:
    """Looks at the store only where using it failed: a store of another version may still do for what is asked. Raises StoreUnusable."""
    try:
        if database.is_absent():  # asking it would make an empty file, of this account
            raise StoreDown("no file")
        yield
    except StoreDown as error:
        problem = database.problem() or f"it takes what it is told no longer ({error.reason})"
        raise StoreUnusable(f"the store: {problem}\n  -> {for_store(problem)}") from None


@contextmanager
def store_of(settings: Settings, wanted: bool = True) -> Iterator[Store | None]:
    """None where the site has none, or it is not wanted. Raises SettingsError, StoreUnusable."""
    store = open_store(settings.database, settings.secret_file) if wanted else None
    if store is None:
        yield None
        return
    try:
        with explained(store.database):
            yield store
    finally:
        store.database.close()


def record_fetch(settings: Settings, **what: str) -> None:
    """That patients' records are about to be copied, in the audit of a site that keeps one. Raises ServiceError: then nothing is copied."""
    with store_of(settings, settings.audit != "off") as store:
        if store:
            Trail.of(store).record(Event(Action.FETCH, account=account(), details=what))
