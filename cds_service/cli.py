"""The command line: Bundles in, verdicts out (a table for people, one Evaluation a line with --json); and the service's start."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cds_service import __version__
from cds_service.commands import (
    alerting,
    auditing,
    cohorts,
    comparing,
    databases,
    definitions,
    doctoring,
    evaluating,
    input_list,
    registering,
    serving,
)  # fmt: skip
from cds_service.commands.parser import one_line_parser
from cds_service.observe.logs import kind_and_place
from cds_service.security.api_tokens import SCOPES

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Exit status 0: all well; 1: some input or definition had faults; 2: the command was not understood."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.command
    try:
        return command(arguments)
    except BrokenPipeError:
        # The reader (head, less) has gone: that is no error. Closing stderr keeps Python from complaining at exit.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        # A traceback would print the exception's text, which may quote a chart.
        print(f"error: the command failed: {kind_and_place(error)}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = one_line_parser("cds-service", "Trial eligibility from FHIR R4 data: evaluate, check definitions, serve.")
    parser.add_argument("--version", action="version", version=f"cds-service {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_evaluate(commands)
    _add_compare(commands)
    _add_trials(commands)
    cohorts.add_to(commands, _day)
    _add_serving(commands)
    alerting.add_to(commands, _day)
    _add_databases(commands)
    auditing.add_to(commands, _day)
    _add_setting_up(commands)
    return parser


def _add_evaluate(commands: _Commands) -> None:
    one = commands.add_parser("evaluate", help="evaluate FHIR Bundles against a trial")
    one.add_argument("trial", help="a trial's id, or a definition file")
    one.add_argument(
        "paths", nargs="+", metavar="PATH", help="Bundle files, .ndjson files of Bundles, folders of either, or - for standard input"
    )
    one.add_argument("--as-of", type=_day, metavar="DATE", help="evaluate as of this day (default: today in the site's time zone)")
    one.add_argument("--json", action="store_true", help="one Evaluation a line")
    one.add_argument("--full", action="store_true", help="every criterion of every arm, not only what decides")
    one.set_defaults(command=evaluating.evaluate)


def _add_compare(commands: _Commands) -> None:
    one = commands.add_parser("compare", help="what changed between two runs of evaluate --json")
    one.add_argument("before", type=Path, metavar="BEFORE")
    one.add_argument("after", type=Path, metavar="AFTER")
    one.set_defaults(command=comparing.compare)


def _add_trials(commands: _Commands) -> None:
    one = commands.add_parser("trials", help="list, check or describe trial definitions")
    one.set_defaults(command=definitions.list_trials)
    actions = one.add_subparsers(metavar="ACTION")
    listed = actions.add_parser("list", help="list them")
    listed.set_defaults(command=definitions.list_trials)
    form = actions.add_parser("questionnaire", help="print the FHIR Questionnaire of what only people can say")
    form.add_argument("trial", help="a trial's id, or a definition file")
    form.set_defaults(command=definitions.print_questionnaire)
    attributes = actions.add_parser("attributes", help="print the source attributes of the decision support (45 CFR 170.315(b)(11))")
    attributes.add_argument("trial", help="a trial's id, or a definition file")
    _add_forms(attributes)
    attributes.set_defaults(command=definitions.print_attributes)
    check = actions.add_parser("check", help="check definition files and report every fault")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.set_defaults(command=definitions.check)
    describe = actions.add_parser("describe", help="print a definition in plain words")
    describe.add_argument("trial", help="a trial's id, or a definition file")
    describe.set_defaults(command=definitions.describe_trial)
    compare = actions.add_parser("compare", help="what changed between two definitions, in plain words")
    compare.add_argument("before", type=Path, metavar="OLD", help="a trial's id, or a definition file")
    compare.add_argument("after", type=Path, metavar="NEW", help="the same")
    compare.set_defaults(command=definitions.compare)
    inputs = actions.add_parser("inputs", help="list what a definition may name: value sets with their codes and units")
    inputs.add_argument("--find", metavar="WORD", help="only those with this word in id, meaning or codes, and all about them")
    inputs.set_defaults(command=input_list.list_inputs)
    export = actions.add_parser("export", help="print a definition for other systems")
    export.add_argument("trial", help="a trial's id, or a definition file")
    export.add_argument("--fhir", action="store_true", required=True, help="as FHIR R4: a ResearchStudy, and a Group for each arm")
    export.set_defaults(command=definitions.export)
    schema = actions.add_parser("schema", help="print the JSON Schema of definitions, for editors")
    schema.set_defaults(command=definitions.schema)


def _add_forms(one: argparse.ArgumentParser) -> None:
    forms = one.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="as JSON")
    forms.add_argument("--html", action="store_true", help="as a page")


def _add_serving(commands: _Commands) -> None:
    serve = commands.add_parser("serve", help="run the HTTP service")
    serve.add_argument("--host", default=None, help="default 127.0.0.1")
    serve.add_argument("--port", type=_port, default=None, help="default 8080")
    serve.add_argument("--insecure", action="store_true", help="bind beyond loopback without trust settings")
    serve.set_defaults(command=serving.serve)
    demo = commands.add_parser("demo", help="the service with made-up patients and a page to try it; loopback only")
    demo.add_argument("--port", type=_port, help="else TRIAL_CDS_PORT, else 8080")
    demo.set_defaults(command=serving.demo)
    data = commands.add_parser("demo-data", help="list the made-up patients, or write them as Bundles or as an export")
    data.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="where to write them; without it they are listed")
    data.add_argument("--ndjson", action="store_true", help="a file a resource type, as `cohort run` and `cohort ingest` read them")
    data.add_argument("--copies", type=_count, metavar="N", help="with --ndjson: each patient so many times, under other ids")
    data.add_argument("--as-of", type=_day, metavar="DATE")
    data.set_defaults(command=serving.demo_data)
    call = commands.add_parser("demo-request", help="print a CDS Hooks call for a made-up patient, to post with curl")
    call.add_argument("patient", nargs="?", default="sle-complete", metavar="PATIENT", help="its id (default: sle-complete)")
    call.set_defaults(command=serving.demo_request)


def _add_databases(commands: _Commands) -> None:
    one = commands.add_parser("db", help="the store: its version, and the steps to this one")
    actions = one.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("upgrade", help="bring it to this version").set_defaults(command=databases.upgrade)
    actions.add_parser("status", help="tell its version; status 1 where it is not this one").set_defaults(command=databases.status)
    purging = actions.add_parser("purge", help="remove what is older than the site keeps it")
    purging.add_argument("--dry-run", action="store_true", help="only tell how much that is")
    purging.set_defaults(command=databases.purge)
    down = actions.add_parser("downgrade", help="remove every table and all it holds")
    down.add_argument("--lose-everything", action="store_true", help="yes, all of it")
    down.set_defaults(command=databases.downgrade)


def _add_setting_up(commands: _Commands) -> None:
    doctor = commands.add_parser("doctor", help="check this installation and say what to do")
    doctor.add_argument("--network", action="store_true", help="also connect to the tenants' servers, and compare clocks with them")
    doctor.add_argument("--json", action="store_true", help="as JSON")
    doctor.set_defaults(command=doctoring.doctor)
    sheet = commands.add_parser("registration", help="print what a hospital's IT has to set in its EHR")
    sheet.add_argument("--ehr", choices=["epic", "oracle", "athena", "generic"], default="generic")
    sheet.add_argument("--base-url", type=registering.base_url, required=True, metavar="URL", help="where callers reach the service")
    sheet.add_argument("--tenant", metavar="ID", help="a tenant of TRIAL_CDS_TENANTS, whose own settings then stand on the sheet")
    sheet.add_argument("--html", action="store_true", help="as a page")
    sheet.set_defaults(command=registering.registration)
    token = commands.add_parser("api-token", help="make a token for the API: printed once, its digest for the tenants file")
    token.add_argument("name", help="whom it is for; stands in the tenants file")
    token.add_argument("--scope", action="append", choices=SCOPES, required=True, help="what it may do; may stand twice")
    token.add_argument("--until", type=_day, metavar="DATE", help="the last day on which it is good, in UTC")
    token.set_defaults(command=registering.api_token)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port from 1 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to 1000")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date such as 2026-11-22") from None


if __name__ == "__main__":
    raise SystemExit(main())
