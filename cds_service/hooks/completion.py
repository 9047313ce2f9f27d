"""A hook request into the same with what its prefetch lacks, fetched from the caller's own FHIR server where the site allows it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cds_service.fhir.access import access_of
from cds_service.fhir.fetch import REFERRED, Fetch, Wanted
from cds_service.fhir.search import Found, has_next
from cds_service.hooks.keys import KEYS, Key, asked
from cds_service.hooks.request import HookRequest
from cds_service.observe import metrics
from cds_service.observe.fields import code
from cds_service.observe.logs import event
from fhir_mappings.chart import ChartError, bundle_parts
from fhir_mappings.shapes import Json

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial
    from cds_service.security.tenants import Tenant


def complete(request: HookRequest, tenant: Tenant | None, trials: Iterable[Trial]) -> HookRequest:
    """Keys that open trials need and the prefetch does not have, further pages of Bundles it does have, and what orders refer to.

    A key that is there is never asked for again, whatever its value (checklist 25, 29). Without a tenant, or without leave, the request
    stays as it is. What could not be had is an OperationOutcome, as a client would have sent it.
    """
    if tenant is None:
        return request
    keys = asked(name for trial in trials if trial.open for name in trial.resource_types)
    access = access_of(request.server, request.authorization, tenant, request.patient)
    if isinstance(access, str):
        if any(key.name not in request.prefetch for key in keys):
            event("fetch", outcome="none", reason=code(access))
        return request
    start, fetch = time.perf_counter(), Fetch(access, tenant)
    found = fetch.keys(_wanted(keys, request), _unfinished(keys, request.prefetch))
    drafts = {"draftOrders": request.context.get("draftOrders")}  # what they refer to is needed as well
    found |= fetch.referred({**drafts, **request.prefetch, **_values(found)}, {key.type for key in keys})
    _log(found, time.perf_counter() - start)
    return replace(request, prefetch={**request.prefetch, **_values(found)})


def _values(found: Mapping[str, Found]) -> dict[str, Json]:
    return {name: one.value for name, one in found.items()}


def _wanted(keys: Iterable[Key], request: HookRequest) -> list[Wanted]:
    absent = [key for key in keys if key.name not in request.prefetch]
    return [Wanted(key.name, key.template.replace("{{context.patientId}}", request.patient)) for key in absent]


def _unfinished(keys: Iterable[Key], prefetch: Mapping[str, Any]) -> dict[str, Json]:
    """Bundles of which there is more, and of types that are read: under whatever key."""
    types = {key.type for key in keys}
    return {name: value for name, value in prefetch.items() if isinstance(value, dict) and has_next(value) and _holds(value, types)}


def _holds(bundle: Json, types: set[str]) -> bool:
    try:
        parts, _ = bundle_parts(bundle)
    except ChartError:  # for the chart to tell the client
        return False
    return any(resource["resourceType"] in types for resource, _ in parts)


def _log(found: Mapping[str, Found], seconds: float) -> None:
    """Keys and reasons, nothing of the patient. A key of the client's own is not named: it could be anything."""
    ours = {key.name for key in KEYS} | {REFERRED}
    for name, one in found.items():
        outcome = code(one.fault) if one.fault else "ok"
        metrics.count_outbound("fhir", outcome)
        if one.fault:
            event("outbound", logging.WARNING, target="fhir", key=name if name in ours else "other", outcome=outcome)
    event("fetch", outcome="done", count=len(found), ms=round(seconds * 1000, 1))
