"""The CDS Hooks paths: discovery and the services, as a Flask blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, g, request

from cds_service.audit.events import NO_TENANT, Action, Event, findings_of
from cds_service.audit.trail import Record, unrecorded
from cds_service.bodies import json_object
from cds_service.errors import MissingData
from cds_service.hooks.discovery import discovery
from cds_service.hooks.services import Answer, answer, find_service
from cds_service.observe.context import note

if TYPE_CHECKING:
    from cds_service.config import Settings
    from cds_service.engine import Engine
    from cds_service.security.tenants import Tenant


def blueprint(settings: Settings, engine: Engine, record: Record = unrecorded) -> Blueprint:
    """The routes over one engine. `record` takes what is to be audited before the answer goes out."""
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
        encoding = request.headers.get("Content-Encoding", "")
        body = json_object(request.mimetype, encoding, request.get_data(cache=False), settings.body_limit)
        tenant = g.get("tenant")
        try:
            found = answer(service, body, engine, tenant)
        except MissingData:
            if settings.missing_minimum == "empty":
                return _json(b'{"cards":[]}')
            raise
        if found.evaluations:
            record(_event(found, tenant))
        return _json(orjson.dumps(found.to_json()))

    return routes


def _event(found: Answer, tenant: Tenant | None) -> Event:
    """Who was looked at, for whom, in which trials and with what result; nothing of the chart."""
    call = found.request
    return Event(
        Action.HOOK,
        tenant.id if tenant else NO_TENANT,
        patient=call.patient,
        user=str(call.context["userId"]),
        request=g.request_id,
        instance=call.instance,
        findings=findings_of(found.evaluations),
        details={"hook": call.hook, "cards": str(len(found.cards))},
    )


def _json(body: bytes) -> Response:
    return Response(body, mimetype="application/json")
