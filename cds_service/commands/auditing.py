"""`cds-service audit`: the store's audit events checked against tampering, or written out for those who may read them."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from cds_service.audit.accounts import account
from cds_service.audit.events import NO_TENANT, Action, Event
from cds_service.audit.trail import Trail
from cds_service.commands.databases import on_store
from cds_service.errors import SettingsError
from cds_service.store.chain import Chain
from cds_service.store.chain_check import MOST, Checked, check
from cds_service.store.opening import Store
from cds_service.store.secret import secret_of


def verify(arguments: argparse.Namespace) -> int:
    """Status 1 where an event was changed, moved or taken out."""
    return on_store(lambda store, _: _verified(store, arguments))


def export(arguments: argparse.Namespace) -> int:
    """One AuditEvent a line on standard output. That it was done is an event itself, written first."""
    return on_store(lambda store, _: _exported(store, arguments))


def _verified(store: Store, arguments: argparse.Namespace) -> int:
    secrets = [store.secret, *(secret_of(path, "--old-secret") for path in arguments.old_secret)]
    found = check([Chain.of(store.database, secret) for secret in secrets], arguments.expect)
    faults = [*found.faults, *([] if found.known else [f"event {arguments.expect[0]} with that digest is not there: the end was cut off"])]
    for fault in faults:
        print(f"fault: {fault}")
    print(f"{found.events} events; end {found.end[0]}:{found.end[1]}; {_summary(found, faults)}")
    return 1 if faults else 0


def _summary(found: Checked, faults: list[str]) -> str:
    if not faults:
        return "as they were written"
    if len(found.faults) >= min(found.events, MOST):
        return "every one is at fault: is the secret file the one they were written with? See --old-secret"
    return f"{len(faults)} faults" + (" or more" if len(found.faults) == MOST else "")


def _exported(store: Store, arguments: argparse.Namespace) -> int:
    trail = Trail.of(store)
    patient = _patient(arguments.patient_file)
    asked = {"since": str(arguments.since), "until": str(arguments.until or "")}
    trail.record(Event(Action.EXPORT, arguments.tenant, patient=patient, account=account(), details=asked))
    until = _second(arguments.until + timedelta(days=1)) if arguments.until else None
    key = trail.keys.patient_key(arguments.tenant, patient) if patient else None
    for line in trail.chain.between(_second(arguments.since), until, key):
        print(line)
    return 0


def _second(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _patient(path: Path | None) -> str:
    """From a file or standard input: a command line stands in the machine's list of processes and in the shell's history."""
    if path is None:
        return ""
    try:
        found = (sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")).strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"the patient's id can't be read ({type(error).__name__})") from None
    if not found:
        raise SettingsError("the file of the patient's id is empty")
    return found


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser], day: Callable[[str], date]) -> None:
    """The sub-commands and their options."""
    one = commands.add_parser("audit", help="who looked at whom: check the store's audit events, or write them out")
    actions = one.add_subparsers(required=True, metavar="ACTION")
    checking = actions.add_parser("verify", help="check that no event was changed, moved or taken out; status 1 where one was")
    checking.add_argument("--expect", type=_end, metavar="N:DIGEST", help="an end that was printed before: it must still be there")
    checking.add_argument("--old-secret", type=Path, action="append", default=[], metavar="FILE", help="a secret file that was used before")
    checking.set_defaults(command=verify)
    writing = actions.add_parser("export", help="print the events as FHIR AuditEvents, one a line; this leaves an event too")
    writing.add_argument("--since", type=day, required=True, metavar="DATE", help="from the beginning of this day, in UTC")
    writing.add_argument("--until", type=day, metavar="DATE", help="to the end of this day, in UTC (default: all)")
    writing.add_argument("--tenant", default=NO_TENANT, metavar="ID", help="whose patient it is (with --patient-file)")
    writing.add_argument(
        "--patient-file", type=Path, metavar="FILE", help="only of the patient whose id stands in it; - reads standard input"
    )
    writing.set_defaults(command=export)


def _end(text: str) -> tuple[int, str]:
    found = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text)
    if not found:
        raise argparse.ArgumentTypeError("expected the end that `audit verify` printed, such as 17:3f…")
    return int(found[1]), found[2]
