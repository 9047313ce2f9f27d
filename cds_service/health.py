"""Settings, an Engine and readiness checks into the paths that machines ask: /livez, /readyz, /metrics and /openapi.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, current_app

from cds_service.errors import Problem
from cds_service.observe import metrics
from cds_service.openapi.document import document
from cds_service.outcomes import MEDIA_TYPE, outcome

if TYPE_CHECKING:
    from cds_service.config import Settings
    from cds_service.engine import Engine
    from cds_service.observe.readiness import Readiness
    from cds_service.security.tenants import Tenant


def add_checks(readiness: Readiness, engine: Engine, tenants: Sequence[Tenant]) -> None:
    """What the service cannot answer without. Where callers are not checked there is no check `tenants`."""
    readiness.add("definitions", lambda: "" if engine.trials else "no trial definition is loaded")
    readiness.add("terminology", lambda: "" if engine.terminology.value_sets else "no value set is loaded")
    if tenants:
        readiness.add("tenants", lambda: _without_keys(tenants))


def _without_keys(tenants: Sequence[Tenant]) -> str:
    lacking = [one.id for one in tenants if not any(issuer.keys.keys or issuer.jku for issuer in one.issuers)]
    return f"no usable key of tenant {', '.join(lacking)}" if lacking else ""


def blueprint(settings: Settings, engine: Engine, readiness: Readiness) -> Blueprint:
    """None of these needs a token: they tell of no patient and of no caller."""
    routes = Blueprint("health", __name__)
    for trial in engine.trials.values():
        metrics.set_definition(trial.id, trial.version, trial.state)

    @routes.get("/livez")
    def live() -> Response:
        return Response(b'{"status":"alive"}', mimetype="application/json")

    @routes.get("/readyz")
    def ready() -> Response:
        found = readiness.run()
        failing = [Problem(f"check {name}: {says}") for name, says in found.items() if says]
        if failing:
            return Response(outcome("transient", failing), 503, mimetype=MEDIA_TYPE)
        definitions = sorted(trial.definition for trial in engine.trials.values())
        answer = {"status": "ready", "definitions": definitions, "checks": dict.fromkeys(found, "ok")}
        return Response(orjson.dumps(answer), mimetype="application/json")

    @routes.get("/openapi.json")
    def openapi() -> Response:
        served = {(method, rule.rule) for rule in current_app.url_map.iter_rules() for method in rule.methods or ()}
        return Response(orjson.dumps(document(served, engine.trials.keys())), mimetype="application/json")

    if settings.metrics:

        @routes.get("/metrics")
        def scraped() -> Response:
            readiness.run()  # the checks' gauges are of this moment, whether or not anybody probes
            return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)

    return routes
