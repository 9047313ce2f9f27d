"""The JSON of a hook call into a HookRequest: what the service needs of it is checked, all else is let be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.errors import Problem, RequestError
from fhir_mappings.shapes import as_dict


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A CDS Hooks call. `patient` is the id alone. `authorization` holds a token: it is used for this call and stands nowhere else."""

    hook: str
    instance: str
    context: Mapping[str, Any]
    prefetch: Mapping[str, Any]
    server: object = None  # fhirServer, as it was sent
    authorization: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def patient(self) -> str:
        # The specification wants the bare id; clients that send `Patient/id` mean the same.
        return str(self.context["patientId"]).strip().removeprefix("Patient/")

    @property
    def user(self) -> str:
        """`Practitioner/id`, `PractitionerRole/id` or the like, as the EHR has it."""
        return str(self.context["userId"]).strip()


def read_request(body: Mapping[str, Any], hook: str, needed: tuple[str, ...]) -> HookRequest:
    """Raises RequestError that names every faulty element. Unknown members and `extension` are ignored (checklist 5, 65).

    `hookInstance` need not look like a UUID: nothing depends on its form, and a refusal would help nobody. An empty object in the prefetch
    is no value (checklist 2) and says no more than a key that is absent.
    """
    problems = [_text(body, name) for name in ("hook", "hookInstance")]
    context, prefetch = body.get("context"), body.get("prefetch")
    if isinstance(context, dict):
        problems += [_text(context, name, "context.") for name in needed]
    else:
        problems.append(_wrong("context", context, "an object"))
    if not isinstance(prefetch, dict | None):
        problems.append(_wrong("prefetch", prefetch, "an object"))
    found = [problem for problem in problems if problem]
    if found:
        raise RequestError(*found)
    if body["hook"] != hook:
        raise RequestError(Problem(f"this service answers the hook {hook}", "hook"))
    given = {name: value for name, value in (prefetch or {}).items() if value != {}}
    return HookRequest(hook, body["hookInstance"], context or {}, given, body.get("fhirServer"), as_dict(body.get("fhirAuthorization")))


def _text(of: Mapping[str, Any], name: str, path: str = "") -> Problem | None:
    value = of.get(name)
    return None if isinstance(value, str) and value.strip() else _wrong(path + name, value, "a non-empty string")


def _wrong(place: str, value: object, wanted: str) -> Problem:
    return Problem("is required" if value is None else f"must be {wanted}", place)
