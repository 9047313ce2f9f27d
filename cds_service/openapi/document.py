"""The table of operations and the paths that an application serves into its OpenAPI 3.1 document."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from cds_service import __version__
from cds_service.hooks.services import SERVICES
from cds_service.openapi.operations import ERRORS, FHIR, JSON, OPERATIONS, Operation
from cds_service.openapi.schemas import Json, components, ref

# The specification's own name of a service's id; in Python `id` is taken.
_NAMES = {"identifier": "id"}
_INFO = {
    "title": "cds-service",
    "version": __version__,
    "summary": "Which patients may fit a clinical trial, from FHIR R4 records.",
    "description": "CDS Hooks services and an API for charts. It helps to find people to ask; it decides nothing about anyone's care.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "As CDS Hooks says under Trusting CDS Clients; needed where the site has named its tenants. Each token is good once.",
}
_API_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A tenant's token for the API, of which the tenants file holds the digest and the scopes: `evaluate`, `read`.",
}


def document(served: Collection[tuple[str, str]], trials: Collection[str]) -> Json:
    """`served`: the methods and Flask rules that the application answers; `trials`: the ids it knows."""
    paths: dict[str, Json] = {}
    for one in OPERATIONS:
        if (one.method, one.path) in served:
            paths.setdefault(path_of(one.path), {})[one.method.lower()] = _operation(one, sorted(trials))
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        # Relative: where the service is to be found is the site's to say, and never taken from a Host header.
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components(), "securitySchemes": {"token": _TOKEN, "apiToken": _API_TOKEN}},
    }


def path_of(rule: str) -> str:
    """A Flask rule as OpenAPI writes it: `/cds-services/<identifier>` is `/cds-services/{id}`."""
    return re.sub(r"<([a-z_]+)>", lambda found: "{" + _NAMES.get(found[1], found[1]) + "}", rule)


def _operation(one: Operation, trials: list[str]) -> Json:
    found: Json = {"operationId": one.id, "tags": [one.tag], "summary": one.says, "responses": dict(_responses(one))}
    parameters = [*_in_path(one.path, trials), *_in_query(one)]
    if parameters:
        found["parameters"] = parameters
    if one.body:
        found["requestBody"] = {"required": True, "content": {kind: {"schema": ref(one.body)} for kind in (JSON, FHIR)}}
    # Either: a site without tenants does not check.
    found["security"] = [{"apiToken" if one.scope else "token": []}, {}] if one.guarded else []
    return found


def _responses(one: Operation) -> Iterator[tuple[str, Json]]:
    content = {kind: {"schema": ref(schema)} if schema else {} for kind, schema in one.answer.items()}
    yield "200", {"description": "The answer.", "content": content}
    for status in sorted({*one.errors, *([401] if one.guarded else []), *([403] if one.scope else [])}):
        yield str(status), _error(ERRORS[status])
    yield "default", _error("Any other fault.")


def _error(says: str) -> Json:
    return {"description": says, "content": {FHIR: {"schema": ref("OperationOutcome")}}}


def _in_path(rule: str, trials: list[str]) -> Iterator[Json]:
    values: dict[str, list[Any]] = {"id": [service.id for service in SERVICES], "trial": trials}
    for name in re.findall(r"\{([a-z_]+)\}", path_of(rule)):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "enum": values[name]}}


def _in_query(one: Operation) -> Iterator[Json]:
    for name, says in one.query.items():
        yield {"name": name, "in": "query", "description": says, "schema": {"type": "string", "format": "date"}}
