"""A hook's fhirServer and fhirAuthorization, and the tenant's own FHIR servers, into leave to fetch, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.fhir.scopes import Scopes, scopes_of
from cds_service.security.places import place_of
from cds_service.security.tenants import Tenant

_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9.-]{1,256}")  # FHIR says 64; EHRs have longer ones (integrator-needs 9)


@dataclass(frozen=True, slots=True)
class Access:
    """`base` as the tenants file spells it; `seconds` until the token expires. The token is for this one call and never kept."""

    base: str
    patient: str
    token: str = field(repr=False)
    scopes: Scopes
    seconds: float


def access_of(server: object, authorization: Mapping[str, Any], tenant: Tenant, patient: str) -> Access | str:
    """The reasons are for the log and hold nothing of the request. The server must be one that the site itself has named: the token is
    the EHR's, and whoever gets it can read the patient's record."""
    if not isinstance(server, str):
        return "the request names no fhirServer"
    base = _own(server, tenant)
    if base is None:
        return "fhirServer is not one of the tenant's"
    token, kind = authorization.get("access_token"), authorization.get("token_type", "Bearer")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or str(kind).lower() != "bearer":
        return "the request has no bearer access_token"
    seconds = _lifetime(authorization.get("expires_in"))
    if seconds <= 0:
        return "the access_token has expired"
    if not ID.fullmatch(patient):
        return "context.patientId is no FHIR id"
    if authorization.get("patient", patient) not in (patient, f"Patient/{patient}"):
        return "the access_token is for another patient"
    return Access(base, patient, token, scopes_of(authorization.get("scope")), seconds)


def _lifetime(said: object) -> float:
    """Seconds; what can't be read is left to the server to judge."""
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else float("inf")


def _own(server: str, tenant: Tenant) -> str | None:
    try:
        place = place_of(server)
    except ValueError:
        return None
    return next((base.rstrip("/") for base in tenant.fhir_servers if not place.query and place_of(base).same(place)), None)
