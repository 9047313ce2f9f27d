"""`cds-service cohort ingest`: an exported folder into a prepared store, from which later runs read only what they need."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cds_service.cohort.prepared.ingest import Order, ingest
from cds_service.commands.setting_up import settings_from_environ, tell
from cds_service.commands.stores import record_fetch
from cds_service.errors import ServiceError

_AGAIN = "the same command goes on where it was"


def run(arguments: argparse.Namespace) -> int:
    """Exit status 2: the settings can't be understood; 1: the folder can't be used."""
    settings = settings_from_environ()
    if settings is None:
        return 2
    if arguments.changes and arguments.whole:
        print("error: --whole goes with --source; what the store was made with goes on", file=sys.stderr)
        return 2
    try:
        source = arguments.changes or arguments.source
        record_fetch(settings, source=str(source), store=str(arguments.store))
        made = ingest(Order(source, arguments.store, arguments.whole, arguments.workers, changes=arguments.changes is not None))
    except KeyboardInterrupt:
        print(f"interrupted: {_AGAIN}", file=sys.stderr)
        return 130
    except (ServiceError, OSError) as error:
        tell(error)
        return 1
    records, parts = sum(made.told["types"].values()), made.shelves.parts
    then = "give it to `cohort run` as --source" if records else "is it FHIR NDJSON, a resource a line?"
    print(f"{arguments.store}: {records} records in {parts} part{'s' if parts > 1 else ''}; {then}")
    return 0


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The sub-command and its options."""
    one = actions.add_parser("ingest", help="prepare an export, so that later runs take seconds")
    what = one.add_mutually_exclusive_group(required=True)
    what.add_argument("--source", type=Path, metavar="DIR", help="a fetched folder, or any of FHIR NDJSON files, plain or .gz")
    what.add_argument(
        "--changes", type=Path, metavar="DIR", help="what changed since the store was made, such as `cohort fetch --since` leaves"
    )
    one.add_argument("--store", type=Path, required=True, metavar="DIR", help="the store: a new folder, or one to bring up to date")
    one.add_argument("--whole", action="store_true", help="a --source that `cohort fetch` did not make lacks nothing")
    one.add_argument("--workers", type=int, default=0, metavar="N", help="processes (default: one a processor)")
    one.set_defaults(command=run)
