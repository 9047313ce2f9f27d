"""Settings and an Engine into the Flask application: all routes, errors as OperationOutcomes, CORS, limits, the request's log and count."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from cds_service import api, health
from cds_service.alerts.desk import desk_of
from cds_service.alerts.ledger import Ledger
from cds_service.alerts.policy import Policy
from cds_service.audit.trail import recorder, settings_in_force
from cds_service.errors import Problem, RequestError, SettingsError, StoreDown, Unauthorized
from cds_service.hooks import routes as hooks
from cds_service.observe import context, metrics
from cds_service.observe.logs import event, failed
from cds_service.observe.readiness import Readiness
from cds_service.observe.request_ids import request_id, trace_id
from cds_service.outcomes import MEDIA_TYPE, outcome
from cds_service.security.api_tokens import tenant_of
from cds_service.security.gate import is_guarded, scope_of, verifier_of
from cds_service.security.tenants import Tenant, load_tenants
from cds_service.store.database import memory_database
from cds_service.store.opening import Store, open_store
from cds_service.store.patient_keys import PatientKeys
from cds_service.store.replay import StoredReplay
from cds_service.store.secret import passing_secret
from fhir_mappings.chart import ChartError

if TYPE_CHECKING:
    from cds_service.config import Settings
    from cds_service.engine import Engine

USUAL = Policy()
_TYPES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}
_WORDS = {
    404: "there is nothing at this path",
    405: "this path does not answer that method",
    413: "the body is too large",
}


def create_app(settings: Settings, engine: Engine, usual: Policy = USUAL) -> Flask:
    """The application factory. `app.extensions["readiness"].add(name, problem)` adds a check to /readyz. `usual` is the policy for cards
    where no tenants file has one."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # else `//` is redirected, by a page that repeats path and query
    # One more than allowed: of a body sent in chunks werkzeug reads up to this and stops in silence, so `json_object` must see the excess.
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit + 1
    store, tenants = _opened(settings)
    is_new = StoredReplay(store.database, store.secret, time.time).is_new if store else None
    readiness = app.extensions["readiness"] = Readiness()
    _add_frame(app, settings.cors_origins)
    if settings.tenants:
        _add_gate(app, tenants, is_new, settings.discovery == "open")
    health.add_checks(readiness, engine, tenants)
    if store:
        readiness.add("store", store.database.problem)
    kept = store or Store(memory_database(), passing_secret())
    ledger = Ledger(kept.database, PatientKeys.of(kept.secret), kept.secret, time.time)
    desk = desk_of(ledger, tenants, engine.trials, usual)
    record = recorder(settings.audit, store, settings_in_force(desk.file_modes, engine.trials.values()))
    app.register_blueprint(hooks.blueprint(settings, engine, desk, record))
    app.register_blueprint(api.blueprint(settings, engine, record))
    app.register_blueprint(health.blueprint(settings, engine, readiness))
    _add_errors(app)
    return app


def _opened(settings: Settings) -> tuple[Store | None, tuple[Tenant, ...]]:
    """What stands in files beside the environment. Raises SettingsError with the faults of both."""
    faults: list[str] = []
    store: Store | None = None
    tenants: tuple[Tenant, ...] = ()
    try:
        store = open_store(settings.database, settings.secret_file)
    except SettingsError as error:
        faults.append(str(error))
    try:
        tenants = load_tenants(settings.tenants) if settings.tenants else ()
    except SettingsError as error:
        faults.append(str(error))
    if faults:
        raise SettingsError("\n".join(faults))
    return store, tenants


def _add_gate(app: Flask, tenants: Sequence[Tenant], is_new: Callable[[str, str, int], bool] | None, open_discovery: bool) -> None:
    """Where the site has named its tenants, only their callers come to a patient's data."""
    verifier = verifier_of(tenants, is_new=is_new)

    @app.before_request
    def check() -> None:
        if is_guarded(request.method, request.path, open_discovery):
            sent, scope = request.headers.get("Authorization"), scope_of(request.method, request.path)
            g.tenant = tenant_of(tenants, sent, scope, time.time()) if scope else verifier.tenant_of(sent)
            context.note(tenant=g.tenant.id)


def _failed(status: int, code: str, *problems: Problem) -> Response:
    return Response(outcome(code, problems), status, mimetype=MEDIA_TYPE)


def _add_errors(app: Flask) -> None:
    @app.errorhandler(RequestError)
    def request_error(error: RequestError) -> Response:
        context.note(reason=error.code)
        return _failed(error.status, error.code, *error.problems)

    @app.errorhandler(Unauthorized)
    def unauthorized(error: Unauthorized) -> Response:
        event("refused", logging.WARNING, reason=metrics.count_auth_failure(error.reason))
        answer = _failed(error.status, error.code, *error.problems)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @app.errorhandler(StoreDown)
    def store_down(error: StoreDown) -> Response:
        event("store-down", logging.ERROR, error=error.reason)
        if request.endpoint == hooks.CALL:  # feedback is told, so that the EHR sends it again
            return Response(b'{"cards":[]}', mimetype="application/json")  # a clinician gets silence, not an error in the chart
        return _failed(error.status, error.code, *error.problems)

    @app.errorhandler(ChartError)
    def chart_error(error: ChartError) -> Response:
        context.note(reason="structure")
        return _failed(400, "structure", Problem(error.problem, error.place))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        answer = _failed(status, _TYPES.get(status, "invalid"), Problem(_WORDS.get(status, error.name.lower())))
        answer.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
        return answer

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        failed(error)
        return _failed(500, "exception", Problem(f"the service failed; its log tells more of request {g.request_id}"))


def _add_frame(app: Flask, origins: tuple[str, ...]) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id, g.started = request_id(request.headers.get("X-Request-Id")), time.perf_counter()
        context.begin(request=g.request_id, trace=trace_id(request.headers.get("traceparent")))

    @app.after_request
    def end(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = g.request_id
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "no-store"  # answers tell of one patient
        _allow_origin(answer, origins)
        _tell(answer.status_code, time.perf_counter() - g.started)
        return answer


def _tell(status: int, seconds: float) -> None:
    """One line and one count for each call."""
    route = request.url_rule.rule if request.url_rule else "-"  # the template: the path itself could hold anything
    method = metrics.known_method(request.method)
    event("call", method=method, route=route, status=status, ms=round(seconds * 1000, 1), bytes=request.content_length)
    metrics.count_request(method, route, status, seconds)
    held = context.noted()
    if "hook" in held:
        metrics.count_hook(str(held["hook"]), str(held.get("tenant", "none")), status, seconds)


def _allow_origin(answer: Response, origins: tuple[str, ...]) -> None:
    """The same for every path, method and status, errors too: browsers hide an answer without it (integrator-needs 14)."""
    origin = "*" if "*" in origins else request.headers.get("Origin", "")
    if origin != "*":
        answer.headers.add("Vary", "Origin")
        if origin not in origins:
            return
    answer.headers["Access-Control-Allow-Origin"] = origin
    answer.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    answer.headers["Access-Control-Allow-Headers"] = "Accept, Authorization, Content-Type, X-Request-Id, traceparent"
    answer.headers["Access-Control-Expose-Headers"] = "X-Request-Id"
    answer.headers["Access-Control-Max-Age"] = "600"
