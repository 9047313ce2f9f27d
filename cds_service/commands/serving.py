"""`cds-service serve`, `demo`, `demo-data` and `demo-request`: the HTTP service, and the made-up patients to try it with."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import orjson

from cds_service.commands.setting_up import engine_from_environ, settings_from_environ, tell
from cds_service.config import PREFIX, Settings, SettingsError
from cds_service.criteria.suggest import suggestion
from cds_service.store.opening import open_store
from fhir_mappings.chart import chart_of_bundle


def serve(arguments: argparse.Namespace) -> int:
    from cds_service.app import create_app
    from cds_service.server import serve as run
    from cds_service.warm_up import warmed

    settings = settings_from_environ()
    engine = engine_from_environ(settings=settings) if settings else None
    if settings is None or engine is None:
        return 2
    log_to_stderr(settings.log)
    host, port = arguments.host or settings.host, settings.port if arguments.port is None else arguments.port
    try:
        app = create_app(settings, warmed(engine))
    except SettingsError as error:
        tell(error)
        return 2
    # Where callers are checked the port may be open to others.
    is_open = arguments.insecure or settings.insecure or settings.tenants is not None
    warn_of_store(settings)
    where = f"serving {', '.join(sorted(engine.trials))} on http://{host}:{port}/cds-services"
    return _until_stopped(lambda: run(app, host, port, is_open, lambda: print(where, file=sys.stderr, flush=True)), port, f"{PREFIX}PORT")


def demo(arguments: argparse.Namespace) -> int:
    """The service with made-up patients and a page, on loopback only."""
    from cds_service.alerts.policy import DEMO
    from cds_service.app import create_app
    from cds_service.demo import generate
    from cds_service.server import serve as run
    from cds_service.web.demo import create_demo_blueprint

    settings = settings_from_environ()
    engine = engine_from_environ(settings=settings) if settings else None
    if settings is None or engine is None:
        return 2
    app = create_app(settings, engine, DEMO)
    app.register_blueprint(create_demo_blueprint(engine, generate(engine.today())))
    port: int = settings.port if arguments.port is None else arguments.port
    where = f"Open http://127.0.0.1:{port}/ in a browser. Stop with Ctrl-C."
    return _until_stopped(lambda: run(app, "127.0.0.1", port, ready=lambda: print(where, flush=True)), port, "make demo PORT=8081")


def demo_data(arguments: argparse.Namespace) -> int:
    from cds_service.demo import write
    from cds_service.demo.export import write_export

    engine = engine_from_environ()
    if engine is None:
        return 2
    if arguments.copies and not arguments.ndjson:
        print("error: --copies goes with --ndjson", file=sys.stderr)
        return 2
    as_of = arguments.as_of or engine.today()
    if arguments.folder is None:
        return _listed(as_of, arguments.ndjson)
    try:
        written = write_export(arguments.folder, as_of, arguments.copies or 1) if arguments.ndjson else write(arguments.folder, as_of)
    except OSError as error:
        print(f"error: {arguments.folder}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"wrote {written} made-up patients to {arguments.folder}")
    return 0


def _listed(as_of: date, ndjson: bool) -> int:
    """The made-up patients, each with what it shows."""
    from cds_service.demo import generate

    if ndjson:
        print("error: --ndjson needs DIR, a folder to write to", file=sys.stderr)
        return 2
    patients = generate(as_of)
    width = max(len(one.id) for one in patients)
    print("\n".join(f"{one.id:{width}}  {one.shows}" for one in patients))
    return 0


def demo_request(arguments: argparse.Namespace) -> int:
    """The call that an EHR would post on opening a made-up patient's chart."""
    from cds_service.demo import generate
    from cds_service.hooks.keys import asked
    from cds_service.web.wire import hook_request

    engine = engine_from_environ()
    if engine is None:
        return 2
    bundles = {patient.id: patient.bundle for patient in generate(engine.today())}
    if arguments.patient not in bundles:
        known = f"{suggestion(arguments.patient, bundles)}; `cds-service demo-data` lists them all"
        print(f"error: there is no made-up patient '{arguments.patient}'{known}", file=sys.stderr)
        return 2
    types = frozenset(name for trial in engine.trials.values() for name in trial.resource_types)
    call = hook_request(chart_of_bundle(bundles[arguments.patient]), asked(types), str(uuid4()))
    print(orjson.dumps(call, option=orjson.OPT_INDENT_2).decode())
    return 0


def _until_stopped(run: Callable[[], None], port: int, elsewhere: str) -> int:
    try:
        run()
    except SettingsError as error:
        tell(error)
        return 2
    except OSError as error:
        print(f"error: port {port} can't be opened: {error.strerror}; choose another with --port, or {elsewhere}", file=sys.stderr)
        return 1
    return 0


def warn_of_store(settings: Settings) -> None:
    """One line at the start; the service starts all the same, says so at /readyz, and is ready as soon as the store is."""
    store = open_store(settings.database, settings.secret_file)
    if store is None:
        return
    if problem := store.database.problem():
        print(f"warning: the store: {problem}; until then nobody gets a card", file=sys.stderr)
    store.database.close()


def log_to_stderr(form: str = "") -> None:
    """Here, so that no other command turns logging on."""
    from cds_service.observe.logs import to_stderr

    to_stderr(form)
