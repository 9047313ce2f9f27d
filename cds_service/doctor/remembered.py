"""The store of an installation, and what was switched in it at run time, into findings."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.alerts.modes import in_words, modes_set
from cds_service.doctor.advice import for_store
from cds_service.doctor.model import FAIL, OK, WARN, Finding, Scene
from cds_service.errors import SettingsError
from cds_service.store.database import Database
from cds_service.store.opening import open_store


def store(scene: Scene) -> Iterator[Finding]:
    """Whether the service, started now by this account, could use it."""
    try:
        held = open_store(scene.settings.database, scene.settings.secret_file)
    except SettingsError as error:
        yield Finding("store", FAIL, str(error), "correct the setting; the service does not start with it")
        return
    if held is None:
        yield Finding("store", OK, "none: a run-time switch, an audit and memory between calls need TRIAL_CDS_DATABASE")
        return
    try:
        yield from _looked(held.database)
    finally:
        held.database.close()


def _looked(database: Database) -> Iterator[Finding]:
    if problem := database.problem():
        asked = "" if database.is_absent() else f": {database.where()}"
        yield Finding("store", FAIL, f"{problem}{asked}", for_store(problem))
    else:
        yield Finding("store", OK, f"it answers, at {database.version()}")
        yield from _switched(database)


def _switched(database: Database) -> Iterator[Finding]:
    with database.writing() as connection:
        found = modes_set(connection)
    for scope, mode in sorted(found.items()):
        if mode != "on":
            says = f"switched at run time: {mode} for {in_words(scope)}"
            yield Finding("store", WARN, says, "`cds-service mode unset` with the same --tenant and --trial shows cards again")
