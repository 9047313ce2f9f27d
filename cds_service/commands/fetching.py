"""`cds-service cohort fetch`: a source's settings and a trial into a folder of records; and the keys to register with the source."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path

import orjson

from cds_service.commands.setting_up import engine_from_environ, find_trial, settings_from_environ, tell
from cds_service.commands.stores import record_fetch
from cds_service.criteria.model import Trial
from cds_service.errors import ServiceError, SettingsError
from cds_service.fhir.backend_services import Tokens
from cds_service.fhir.bulk import BulkFetch, Order, how_of
from cds_service.fhir.bulk_calls import Calls
from cds_service.fhir.bulk_job import Wanted
from cds_service.fhir.bulk_manifest import is_instant
from cds_service.fhir.bulk_settings import Source, load_source
from cds_service.fhir.bulk_types import with_referred
from cds_service.fhir.crawl import Crawl, CrawlOrder, read_patients
from cds_service.fhir.crawl_patient import Search
from cds_service.fhir.fetched import Fetched
from cds_service.fhir.retry import Timing
from cds_service.hooks.keys import asked
from cds_service.security.assertions import key_set
from cds_service.security.outbound import Outbound

CONSENT = Search("consents", "Consent", "Consent?patient={patient}")  # who opted out of research stands on no list
_AGAIN = "what is here is kept; the same command goes on where it was"


def timing() -> Timing:
    """The machine's clock, and chance so that many clients do not come at once."""
    return Timing(draw=random.random)


def fetch(arguments: argparse.Namespace) -> int:
    """Exit status 0: all that was asked for is here, or its lack was accepted; 1: not all is here; 2: not understood."""
    settings = settings_from_environ()
    engine = engine_from_environ(arguments.trial, settings) if settings else None
    trial = find_trial(engine, arguments.trial) if engine else None
    if settings is None or trial is None:
        return 2
    try:
        source = load_source(arguments.settings)
        run = _fetching(arguments, source, trial)
    except SettingsError as error:
        tell(error)
        return 2
    try:
        how = f"patients of {arguments.patients}" if arguments.patients else how_of(source)
        record_fetch(settings, server=source.base, how=how, trial=trial.definition, out=str(arguments.out))
        found = run()
    except KeyboardInterrupt:
        print(f"interrupted: {_AGAIN}", file=sys.stderr)
        return 130
    except (ServiceError, OSError) as error:
        tell(error)
        print(_AGAIN, file=sys.stderr)
        return 1
    _tell(found)
    return 1 if found.faulty and not arguments.accept_partial else 0


def print_keys(arguments: argparse.Namespace) -> int:
    """The public JWKS."""
    try:
        source = load_source(arguments.settings)
        if source.client is None:
            raise SettingsError(f"{arguments.settings}: names no client")
    except SettingsError as error:
        tell(error)
        return 2
    print(orjson.dumps(key_set(source.client.key), option=orjson.OPT_INDENT_2).decode())
    return 0


def _fetching(arguments: argparse.Namespace, source: Source, trial: Trial) -> Callable[[], Fetched]:
    """Raises SettingsError."""
    outbound, clock = Outbound(source.reach), timing()
    calls = Calls(source, outbound, Tokens(source, outbound, clock), clock)
    searches = searches_of(trial)
    if arguments.patients:
        if arguments.since or arguments.update:
            raise SettingsError("--since and --update go with an export; patients are fetched whole")
        return Crawl(calls, CrawlOrder(read_patients(arguments.patients), searches, arguments.out, arguments.accept_partial), _say).run
    if source.level == "group" and not source.group:
        raise SettingsError(f"{arguments.settings}: an export needs `group`, or `level: patient` or `system`; or give --patients")
    wanted = Wanted(with_referred({one.type for one in searches}), arguments.since, source.type_filters)
    return BulkFetch(calls, Order(wanted, arguments.out, arguments.accept_partial, arguments.update), _say).run


def searches_of(trial: Trial) -> tuple[Search, ...]:
    """What a hook would want of a patient, and the Consents."""
    keys = asked(trial.resource_types)
    return (*(Search(key.name, key.type, key.template.replace("{{context.patientId}}", "{patient}")) for key in keys), CONSENT)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _tell(found: Fetched) -> None:
    lines = dict.fromkeys(found.types, 0)
    for piece in found.files:
        lines[piece.type] = lines.get(piece.type, 0) + piece.lines
    print(f"{found.how}, as of {found.time}")
    for name, one in found.types.items():
        print(f"  {name:26} {one.state.value:13} {lines[name]:>9}  {'; '.join(one.why)}".rstrip())
    for what, count in found.outcomes.items():
        print(f"the server says: {what}, {count} times", file=sys.stderr)


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The sub-commands and their options."""
    one = actions.add_parser("fetch", help="get the records that a trial needs: by Bulk Data export, or patient by patient")
    one.add_argument("trial", help="a trial's id, or a definition file")
    one.add_argument("--settings", type=Path, required=True, metavar="FILE", help="the source: its server and our client (docs/cohort.md)")
    one.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder; run again with the same to continue")
    less = one.add_mutually_exclusive_group()
    less.add_argument("--since", type=_instant, metavar="INSTANT", help="only what changed since then; nothing is then known to be absent")
    less.add_argument("--update", type=Path, metavar="DIR", help="an earlier fetch: --out becomes it, brought up to date")
    one.add_argument("--patients", type=Path, metavar="FILE", help="FHIR ids, one a line: fetched by searches instead of an export")
    one.add_argument("--accept-partial", action="store_true", help="leave out what can't be had; its type is marked")
    one.set_defaults(command=fetch)
    keys = actions.add_parser("client-keys", help="print the public keys to register with the source")
    keys.add_argument("--settings", type=Path, required=True, metavar="FILE")
    keys.set_defaults(command=print_keys)


def _instant(text: str) -> str:
    if not is_instant(text):
        raise argparse.ArgumentTypeError("must be an instant such as 2026-11-22T00:00:00Z")
    return text
