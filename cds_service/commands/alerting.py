"""`cds-service mode` and `cds-service cards`: what is shown where, switched at run time; and what was shown and said, as CSV."""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from cds_service.alerts.desk import file_modes, policies_of
from cds_service.alerts.modes import ALL, Modes, Scope, in_words, modes_set, set_mode
from cds_service.alerts.report import rows
from cds_service.audit.accounts import account
from cds_service.audit.events import NO_TENANT
from cds_service.audit.trail import Trail
from cds_service.commands.databases import on_database
from cds_service.commands.setting_up import engine_from_environ, settings_from_environ, tell
from cds_service.config import Settings
from cds_service.errors import SettingsError
from cds_service.security.tenants import MODES, Tenant, load_tenants
from cds_service.store.database import Database
from cds_service.store.opening import Store
from cds_service.store.secret import read_secret

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

HEAD = ("TENANT", "TRIAL", "MODE")  # `none` is the tenant of a service that names none
COLUMNS = ("shown", "tenant", "location", "hook", "trial", "definition", "card", "user", "patient", "action", "reason", "said")


def mode(arguments: argparse.Namespace) -> int:
    """Shows, sets or takes back; status 2 for a tenant or a trial that is not there."""
    settings = settings_from_environ()
    engine = engine_from_environ(settings=settings) if settings else None
    if settings is None or engine is None:
        return 2
    try:
        tenants = load_tenants(settings.tenants) if settings.tenants else ()
        file = file_modes(tenants, policies_of(tenants, engine.trials))
    except SettingsError as error:
        tell(error)
        return 2
    scope = (arguments.tenant or ALL, arguments.trial or ALL)
    for what, name, known in (("tenant", arguments.tenant, _ids(tenants)), ("trial", arguments.trial, sorted(engine.trials))):
        if name and name not in known:
            print(f"error: there is no {what} '{name}'; known: {', '.join(known)}", file=sys.stderr)
            return 2
    wanted = arguments.mode

    def switch(database: Database, _: Settings) -> int:
        """First it works and is told, then it is audited: a kill switch must not wait for its log, nor for the secret of that."""
        if wanted:
            _set(database, wanted, scope)
        _tell(database, file, _ids(tenants), engine.trials)
        if wanted and settings.audit != "off":
            trail = Trail.of(Store(database, read_secret(settings.secret_file)))
            trail.record_change(f"mode of {in_words(scope)}", wanted, account())
        return 0

    return on_database(switch)


def _ids(tenants: Iterable[Tenant]) -> list[str]:
    return [one.id for one in tenants] or [NO_TENANT]


def _set(database: Database, wanted: str, scope: Scope) -> None:
    with database.writing() as connection:
        set_mode(connection, scope, None if wanted == "unset" else wanted, int(time.time()))


def _tell(database: Database, file: dict[Scope, str], tenants: list[str], trials: Iterable[str]) -> None:
    with database.writing() as connection:
        found = Modes(file, modes_set(connection))
    lines = [HEAD, *((tenant, trial, found.of(tenant, trial)) for tenant in tenants for trial in sorted(trials))]
    widths = [max(len(line[at]) for line in lines) for at in (0, 1)]
    for tenant, trial, mode in lines:
        print(f"{tenant:{widths[0]}}  {trial:{widths[1]}}  {mode}")
    for scope, one in sorted(found.set.items()):
        print(f"set here: {one} for {in_words(scope)}")


def cards(arguments: argparse.Namespace) -> int:
    """CSV on stdout, a line for each card and each thing said to it; users and patients as keyed digests."""

    def write(database: Database, _: Settings) -> int:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(COLUMNS)
        since = int(datetime.combine(arguments.since, datetime.min.time(), UTC).timestamp()) if arguments.since else 0
        with database.writing() as connection:
            for row in rows(connection, since):
                out.writerow([row[name] for name in COLUMNS])
        return 0

    return on_database(write)


def add_to(commands: _Commands, day: Callable[[str], date]) -> None:
    one = commands.add_parser("mode", help="what is shown where: tell it, or switch it at run time")
    one.add_argument("mode", nargs="?", choices=[*MODES, "unset"], help="`unset` takes back what was set, so that the settings file counts")
    one.add_argument("--tenant", metavar="ID", help="for this tenant alone (default: every tenant)")
    one.add_argument("--trial", metavar="ID", help="for this trial alone (default: every trial)")
    one.set_defaults(command=mode)
    told = commands.add_parser("cards", help="the cards that were shown and what was said to them, as CSV")
    told.add_argument("--since", type=day, metavar="DATE", help="from this day on, in UTC")
    told.set_defaults(command=cards)
