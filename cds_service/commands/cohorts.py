"""`cds-service cohort`: an exported folder and a purpose into counts, lists and a report; keys for the lists."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from cds_service.audit.accounts import account
from cds_service.audit.events import Action, Event
from cds_service.audit.trail import Trail
from cds_service.cohort import lists, purpose
from cds_service.cohort.coverage import export_of
from cds_service.cohort.outputs import Order, produce
from cds_service.cohort.prepared import layout
from cds_service.cohort.repeats import Question, allow
from cds_service.cohort.run import Plan, Scan
from cds_service.cohort.run import scan as scan_here
from cds_service.cohort.source import SourceError
from cds_service.cohort.task import Setup
from cds_service.commands import fetching, ingesting
from cds_service.commands.setting_up import engine_from_environ, find_trial, is_file, settings_from_environ, tell
from cds_service.commands.stores import store_of
from cds_service.config import Settings
from cds_service.criteria.model import Trial
from cds_service.errors import ServiceError
from cds_service.trials import shipped
from fhir_mappings.chart import READ_TYPES


class EngineError(ServiceError):
    """The engine that was asked for can't be had."""


def run(arguments: argparse.Namespace) -> int:
    """Exit status 2: not allowed or not understood; 1: the folder can't be used."""
    settings = settings_from_environ()
    engine = engine_from_environ(arguments.trial, settings) if settings else None
    trial = find_trial(engine, arguments.trial) if engine else None
    if settings is None or engine is None or trial is None:
        return 2
    try:
        allowed, made = _answered(arguments, settings, trial, engine.today())
    except (purpose.PurposeError, EngineError) as error:
        return _told(error, 2)
    except (ServiceError, OSError) as error:
        return _told(error, 1)
    for path, what in made:
        print(f"{path}: {what}")
    if allowed.patients and not allowed.verdicts and _screen() is None:
        print(f"note: for --purpose {allowed.name} patients are shown on a terminal alone, and standard output is none", file=sys.stderr)
    return 0


def _answered(
    arguments: argparse.Namespace, settings: Settings, trial: Trial, today: date
) -> tuple[purpose.Purpose, list[tuple[Path, str]]]:
    """The files that were made, each with what it is, of a question that was allowed and written down first. Raises PurposeError,
    EngineError, ServiceError, OSError."""
    _apart(Path(arguments.source), arguments.out)
    key = lists.read_key(arguments.key_file) if arguments.key_file else None
    left_off = lists.read_left_off(arguments.leave_off) if arguments.leave_off else frozenset()
    keeps = [name for name, given in (("--group", arguments.group), ("--keep-work", arguments.keep_work)) if given]
    said, until = (arguments.attestation or "").strip(), arguments.attestation_until
    allowed = purpose.checked(purpose.Purpose(arguments.purpose, said, settings.preparatory_files, until), key, today, keeps)
    plan = _plan(arguments, settings, trial, today)
    scan = _engine(arguments.engine, dict(arguments.spark), arguments.source)
    _limited(settings, allowed, _question(arguments, settings, plan))
    asked = {"trial": trial.definition, "asOf": plan.setup.as_of.isoformat(), "source": str(arguments.source), "engine": arguments.engine}
    asked |= {"leftOff": str(len(left_off))} if left_off else {}
    _audited(settings, arguments, allowed, **asked)
    order = Order(plan, allowed, arguments.out, arguments.hide_up_to, key, arguments.keep_work, arguments.group, scan, _screen(), left_off)
    return allowed, produce(order)


def _apart(source: Path, out: Path) -> None:
    """Raises SourceError where results would lie among the records: the next run would read them as such."""
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise SourceError(f"{out}: is in the folder of the records; name another for the results")


def _plan(arguments: argparse.Namespace, settings: Settings, trial: Trial, today: date) -> Plan:
    definition = Path(arguments.trial) if is_file(arguments.trial) else None
    setup = Setup(trial.id, arguments.as_of or today, settings.timezone.key, settings.concept_maps, definition)
    left_out = frozenset(arguments.not_exported)
    return Plan(setup, arguments.source, arguments.out / ".work", arguments.workers, not_exported=left_out, whole=arguments.whole)


def _question(arguments: argparse.Namespace, settings: Settings, plan: Plan) -> Question:
    """What makes it another question for the limit: whatever changes a count."""
    setup, left_out = plan.setup, str(sorted(plan.not_exported))
    parts = (setup.trial, setup.as_of.isoformat(), setup.zone, str(arguments.hide_up_to), left_out, str(plan.whole))
    return Question(arguments.source, parts, (*settings.concept_maps, setup.definition or shipped()[setup.trial]))


def _limited(settings: Settings, allowed: purpose.Purpose, question: Question) -> None:
    """Raises PurposeError where too many different questions were asked; ServiceError where the store can't be asked."""
    if allowed.name != purpose.FEASIBILITY:
        return
    with store_of(settings) as store:
        if store is None:
            print("note: TRIAL_CDS_DATABASE is not set, so it is not limited how many questions are asked", file=sys.stderr)
        else:
            allow(store, question, settings.cohort_questions, int(time.time()))


def _audited(settings: Settings, arguments: argparse.Namespace, allowed: purpose.Purpose, **question: str) -> None:
    """In the store where the site has one, else in a file; in both where a file is named. Raises ServiceError: then nothing runs."""
    with store_of(settings, settings.audit != "off") as store:
        if store:
            said = {"purpose": allowed.name, "attestation": allowed.attestation, **question}
            said |= {"attestationUntil": allowed.until.isoformat()} if allowed.until else {}
            Trail.of(store).record(Event(Action.COHORT, account=account(), details=said))
    if arguments.audit or not store:
        purpose.record(arguments.audit or arguments.out / purpose.AUDIT, datetime.now(UTC), allowed, **question)


def _screen() -> Callable[[str], object] | None:
    """Where patients may be shown: on a terminal. What is piped or redirected is a file."""
    return print if sys.stdout.isatty() else None


def _engine(name: str, settings: dict[str, str], source: str) -> Callable[[Plan], Scan]:
    """Raises EngineError, SourceError for a folder that holds no export, and StoreError for a store that Spark is given: here before half a
    minute of Spark's start."""
    if name == "local":
        if settings:
            raise EngineError("--spark goes with --engine spark")
        if layout.content(Path(source)) is None:
            export_of(Path(source))  # a wrong folder is told before anything is written down or made
        return scan_here
    if layout.content(Path(source)) is not None:
        raise layout.not_for_spark(source)
    try:
        from cds_service.cohort.spark.run import scan as scan_on_spark
    except ImportError as error:
        raise EngineError(f"--engine spark needs Java and the extra: pip install 'cds-service[spark]' ({error.name} is missing)") from None
    return partial(scan_on_spark, settings=settings)


def make_key(arguments: argparse.Namespace) -> int:
    try:
        lists.make_key(arguments.file)
    except purpose.PurposeError as error:
        return _told(error, 2)
    print(f"{arguments.file}: keep it away from the lists; without it they can't be read")
    return 0


def decrypt(arguments: argparse.Namespace) -> int:
    """Writes the list to standard output."""
    try:
        sys.stdout.buffer.write(lists.decrypted(arguments.file, lists.read_key(arguments.key_file)))
    except purpose.PurposeError as error:
        return _told(error, 2)
    return 0


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser], day: Callable[[str], date]) -> None:
    """The sub-commands and their options."""
    one = commands.add_parser("cohort", help="the same criteria over a whole hospital's export")
    actions = one.add_subparsers(required=True, metavar="ACTION")
    fetching.add_to(actions)
    ingesting.add_to(actions)
    query = actions.add_parser("run", help="count, explain and, where allowed, list who may fit a trial")
    _add_question(query, day)
    _add_data(query)
    query.set_defaults(command=run)
    _add_lists(actions)


def _add_question(query: argparse.ArgumentParser, day: Callable[[str], date]) -> None:
    """What is asked, for what purpose, and where the answer goes."""
    query.add_argument("trial", help="a trial's id, or a definition file")
    query.add_argument(
        "--source",
        type=_source,
        required=True,
        metavar="DIR",
        help="folder of FHIR NDJSON files, plain or .gz, or a store that `cohort ingest` made; for Spark any path it reads",
    )
    query.add_argument("--out", type=Path, required=True, metavar="DIR", help="where results go; run again with the same to continue")
    query.add_argument("--purpose", choices=purpose.PURPOSES, required=True, help="feasibility gives counts only")
    query.add_argument("--attestation", metavar="TEXT", help="IRB or waiver number, or the researcher's representation; goes to the audit")
    query.add_argument("--attestation-until", type=day, metavar="DATE", help="the last day of the IRB's approval or waiver")
    query.add_argument("--as-of", type=day, metavar="DATE", help="evaluate as of this day (default: today in the site's time zone)")
    query.add_argument("--group", action="store_true", help="also write FHIR Groups of patients, where the purpose allows it")
    query.add_argument("--key-file", type=Path, metavar="FILE", help="encrypts the list of candidates; made by `cohort key`")
    query.add_argument(
        "--leave-off", type=Path, metavar="FILE", help="patients who stand on no list: the site's own opt-outs, an id a line"
    )
    query.add_argument(
        "--hide-up-to", type=_threshold, default=10, metavar="N", help="counts from 1 to N are hidden (default and least: 10)"
    )
    query.add_argument(
        "--audit", type=Path, metavar="FILE", help=f"the audit file (default: the store; without one {purpose.AUDIT} in the output folder)"
    )


def _add_data(query: argparse.ArgumentParser) -> None:
    """What of the records is there, and how they are read."""
    query.add_argument("--engine", choices=["local", "spark"], default="local", help="where it runs: this machine, or Apache Spark")
    query.add_argument(
        "--spark", type=_setting, action="append", default=[], metavar="KEY=VALUE", help="a setting of Spark, such as spark.master=…"
    )
    query.add_argument(
        "--not-exported",
        action="append",
        default=[],
        choices=READ_TYPES,
        metavar="TYPE",
        help="a resource type that the export leaves out: what needs it is unknown",
    )
    query.add_argument(
        "--whole", action="store_true", help="a folder that `cohort fetch` did not make lacks nothing: a type without a file is empty"
    )
    query.add_argument("--workers", type=int, default=0, metavar="N", help="processes (default: one a processor)")
    query.add_argument("--keep-work", action="store_true", help="keep the work folder, which holds copies of records")


def _add_lists(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    key = actions.add_parser("key", help="make a key for lists of candidates")
    key.add_argument("file", type=Path, metavar="FILE")
    key.set_defaults(command=make_key)
    reading = actions.add_parser("decrypt", help="print an encrypted list")
    reading.add_argument("file", type=Path, metavar="FILE")
    reading.add_argument("--key-file", type=Path, required=True, metavar="FILE")
    reading.set_defaults(command=decrypt)


def _source(text: str) -> str:
    """As it was given: the audit file holds it."""
    if "@" in urlsplit(text).netloc:
        raise argparse.ArgumentTypeError("must hold no user or password; give them to Spark in its own settings")
    return text


def _setting(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.startswith("spark."):
        raise argparse.ArgumentTypeError("must be KEY=VALUE with a key that begins with spark.")
    return key, value


def _threshold(text: str) -> int:
    if not text.isdecimal() or not 10 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError("must be a whole number from 10 to 1000")
    return int(text)


def _told(error: Exception, status: int) -> int:
    tell(error)
    return status
