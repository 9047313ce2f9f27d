"""Settings and an Engine into the Flask application: all routes, errors as OperationOutcomes, CORS, limits and the request log."""

from __future__ import annotations

import logging
import re
import time
import traceback
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from cds_service import api
from cds_service.errors import Problem, RequestError, StoreDown, Unauthorized
from cds_service.hooks import routes as hooks
from cds_service.outcomes import MEDIA_TYPE, outcome
from cds_service.security.gate import is_guarded, verifier_of
from cds_service.security.tenants import load_tenants
from cds_service.store.database import open_database
from cds_service.store.replay import StoredReplay
from cds_service.store.secret import read_secret
from fhir_mappings.chart import ChartError

if TYPE_CHECKING:
    from cds_service.config import Settings
    from cds_service.engine import Engine
    from cds_service.store.database import Database

log = logging.getLogger(__name__)

_TYPES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}
_WORDS = {
    404: "there is nothing at this path",
    405: "this path does not answer that method",
    413: "the body is too large",
}


def create_app(settings: Settings, engine: Engine) -> Flask:
    """The application factory."""
    app = Flask(__name__, static_folder=None)
    # One more than allowed: of a body sent in chunks werkzeug reads up to this and stops in silence, so `json_object` must see the excess.
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit + 1
    database = open_database(settings.database) if settings.database else None
    _add_frame(app, settings.cors_origins)
    _add_gate(app, settings, database)
    app.register_blueprint(hooks.blueprint(settings, engine))
    app.register_blueprint(api.blueprint(settings, engine))
    _add_health(app, engine, database)
    _add_errors(app)
    return app


def _add_gate(app: Flask, settings: Settings, database: Database | None) -> None:
    """Where the site has named its tenants, only their callers come to a patient's data. Raises SettingsError for a faulty file."""
    if settings.tenants is None:
        return
    is_new = StoredReplay(database, read_secret(settings.secret_file), time.time).is_new if database else None
    verifier = verifier_of(load_tenants(settings.tenants), is_new=is_new)

    @app.before_request
    def check() -> None:
        if is_guarded(request.method, request.path):
            g.tenant = verifier.tenant_of(request.headers.get("Authorization"))


def _add_health(app: Flask, engine: Engine, database: Database | None) -> None:
    @app.get("/livez")
    def live() -> Response:
        return Response(b'{"status":"alive"}', mimetype="application/json")

    @app.get("/readyz")
    def ready() -> Response:
        definitions = sorted(trial.definition for trial in engine.trials.values())
        if not definitions:
            return _failed(503, "transient", Problem("no trial definition is loaded"))
        if database and not database.is_current():  # raises StoreDown, which is 503 too
            return _failed(503, "transient", Problem("the store is not at this version: run `cds-service db upgrade`"))
        return Response(orjson.dumps({"status": "ready", "definitions": definitions}), mimetype="application/json")


def _failed(status: int, code: str, *problems: Problem) -> Response:
    return Response(outcome(code, problems), status, mimetype=MEDIA_TYPE)


def _add_errors(app: Flask) -> None:
    @app.errorhandler(RequestError)
    def request_error(error: RequestError) -> Response:
        return _failed(error.status, error.code, *error.problems)

    @app.errorhandler(Unauthorized)
    def unauthorized(error: Unauthorized) -> Response:
        log.warning("request=%s refused=%s", g.request_id, error.reason)
        answer = _failed(error.status, error.code, *error.problems)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @app.errorhandler(StoreDown)
    def store_down(error: StoreDown) -> Response:
        log.error("request=%s store=%s", g.request_id, error.reason)
        if request.method == "POST" and request.path.startswith("/cds-services/"):
            return Response(b'{"cards":[]}', mimetype="application/json")  # a clinician gets silence, not an error in the chart
        return _failed(error.status, error.code, *error.problems)

    @app.errorhandler(ChartError)
    def chart_error(error: ChartError) -> Response:
        return _failed(400, "structure", Problem(error.problem, error.place))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        answer = _failed(status, _TYPES.get(status, "invalid"), Problem(_WORDS.get(status, error.name.lower())))
        answer.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
        return answer

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        # Neither the message nor the values of a fault may leave or be logged: they can hold what a chart holds. Its place can't.
        places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
        log.error("request=%s error=%s at=%s", g.request_id, type(error).__name__, ">".join(places))
        return _failed(500, "exception", Problem(f"the service failed; its log tells more of request {g.request_id}"))


def _add_frame(app: Flask, origins: tuple[str, ...]) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id, g.started = _request_id(request.headers.get("X-Request-Id", "")), time.perf_counter()

    @app.after_request
    def end(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = g.request_id
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "no-store"  # answers tell of one patient
        _allow_origin(answer, origins)
        rule = request.url_rule.rule if request.url_rule else "-"  # the template: the path itself could hold anything
        took = (time.perf_counter() - g.started) * 1000
        log.info("request=%s route=%s status=%d ms=%.1f", g.request_id, rule, answer.status_code, took)
        return answer


def _request_id(given: str) -> str:
    """The proxy's, so that its log and ours can be joined, where it looks like one; anything else could hold anything."""
    return given if re.fullmatch("[0-9a-f]{32}", given) else uuid4().hex


def _allow_origin(answer: Response, origins: tuple[str, ...]) -> None:
    """The same for every path, method and status, errors too: browsers hide an answer without it (integrator-needs 14)."""
    origin = "*" if "*" in origins else request.headers.get("Origin", "")
    if origin != "*":
        answer.headers.add("Vary", "Origin")
        if origin not in origins:
            return
    answer.headers["Access-Control-Allow-Origin"] = origin
    answer.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    answer.headers["Access-Control-Allow-Headers"] = "Accept, Authorization, Content-Type"
    answer.headers["Access-Control-Expose-Headers"] = "X-Request-Id"
    answer.headers["Access-Control-Max-Age"] = "600"
