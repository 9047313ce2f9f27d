"""The types that a trial reads into those that the server has and the token opens, and why the others are not asked for."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.errors import Unavailable
from cds_service.fhir.bulk_calls import Calls
from cds_service.fhir.references import REFERRING
from cds_service.fhir.retry import json_of
from cds_service.security.outbound import Deadline
from fhir_mappings.inputs import State
from fhir_mappings.shapes import as_dicts, as_text

_TIMEOUT = 60.0
Lacking = dict[str, tuple[str, str]]


def with_referred(types: Iterable[str]) -> tuple[str, ...]:
    """The types, and those that their resources point to and say nothing without."""
    wanted = set(types)
    return tuple(sorted(wanted.union(*(REFERRING.get(one, {}).values() for one in wanted))))


def askable(calls: Calls, types: Iterable[str]) -> tuple[list[str], Lacking]:
    """(the types to ask for, why others are not). A type that the server does not have would fail the whole export; one that the token
    does not open whole would be missing without a word. Raises Unavailable."""
    wanted = sorted(types)
    known = _of_server(calls)
    lacking: Lacking = {}
    for one in wanted:
        if one in calls.source.leave_out:
            lacking[one] = (State.NOT_PROVIDED.value, "the settings leave it out")
        elif known is not None and one not in known:
            lacking[one] = (State.NOT_PROVIDED.value, "the server does not have this type")
    calls.tokens.types = tuple(one for one in wanted if one not in lacking)
    for one in calls.tokens.ungranted(calls.tokens.types):
        lacking.setdefault(one, (State.FAILED.value, "the server's token does not open all of this type"))
    if "Patient" in lacking:
        raise Unavailable(f"without patients nothing can be fetched: {lacking['Patient'][1]}")
    return [one for one in wanted if one not in lacking], lacking


def _of_server(calls: Calls) -> frozenset[str] | None:
    """The types that its CapabilityStatement names; None where it has none that says so."""
    try:
        url, accept = f"{calls.source.base}/metadata", {"Accept": "application/fhir+json"}
        answer = calls.again(lambda: calls.outbound.get(url, Deadline.within(_TIMEOUT), accept))
    except Unavailable:
        return None
    value = json_of(answer) if answer.status == 200 else None
    rests = as_dicts(value.get("rest")) if isinstance(value, dict) else []
    found = {as_text(one.get("type")) for rest in rests for one in as_dicts(rest.get("resource"))} - {None}
    return frozenset(name for name in found if name) if "Patient" in found else None
