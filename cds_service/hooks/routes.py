"""The CDS Hooks paths: discovery and the services, as a Flask blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, g, request

from cds_service.audit.events import NO_TENANT
from cds_service.audit.trail import Record, unrecorded
from cds_service.bodies import json_object
from cds_service.errors import MissingData
from cds_service.hooks.discovery import discovery
from cds_service.hooks.feedback import take
from cds_service.hooks.services import answer, find_service
from cds_service.observe.context import note

if TYPE_CHECKING:
    from cds_service.alerts.desk import Desk
    from cds_service.config import Settings
    from cds_service.engine import Engine
    from cds_service.security.tenants import Tenant

CALL = "cds_hooks.call"  # the endpoint of a hook call


def blueprint(settings: Settings, engine: Engine, desk: Desk, record: Record = unrecorded) -> Blueprint:
    """The routes over one engine and one desk. `record` takes what is to be audited before the answer goes out."""
    routes = Blueprint("cds_hooks", __name__)
    types = frozenset(name for trial in engine.trials.values() for name in trial.resource_types)
    document = orjson.dumps(discovery(types))

    @routes.get("/cds-services")
    def discover() -> Response:
        return _json(document)

    @routes.post("/cds-services/<identifier>")
    def call(identifier: str) -> Response:
        service = find_service(identifier)
        note(hook=service.hook)
        body = _body(settings)
        try:
            return _json(orjson.dumps(answer(service, body, engine, desk, g.get("tenant"), record)))
        except MissingData:
            if settings.missing_minimum == "empty":
                return _json(b'{"cards":[]}')
            raise

    @routes.post("/cds-services/<identifier>/feedback")
    def feedback(identifier: str) -> Response:
        find_service(identifier)
        tenant: Tenant | None = g.get("tenant")
        take(_body(settings), desk, tenant.id if tenant else NO_TENANT)
        return _json(b"{}")

    return routes


def _body(settings: Settings) -> dict[str, Any]:
    encoding = request.headers.get("Content-Encoding", "")
    return json_object(request.mimetype, encoding, request.get_data(cache=False), settings.body_limit)


def _json(body: bytes) -> Response:
    return Response(body, mimetype="application/json")
