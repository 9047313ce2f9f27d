"""The CDS Hooks paths: discovery and the services, as a Flask blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, g, request

from cds_service.bodies import json_object
from cds_service.errors import MissingData
from cds_service.hooks.discovery import discovery
from cds_service.hooks.services import answer, find_service
from cds_service.observe.context import note

if TYPE_CHECKING:
    from cds_service.config import Settings
    from cds_service.engine import Engine


def blueprint(settings: Settings, engine: Engine) -> Blueprint:
    """The routes over one engine."""
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
        try:
            return _json(orjson.dumps(answer(service, body, engine, g.get("tenant"))))
        except MissingData:
            if settings.missing_minimum == "empty":
                return _json(b'{"cards":[]}')
            raise

    return routes


def _json(body: bytes) -> Response:
    return Response(body, mimetype="application/json")
