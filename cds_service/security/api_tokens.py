"""The API's bearer tokens: of each the tenants file holds the digest alone, what it may do, and until when."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from cds_service.errors import Forbidden, Unauthorized
from cds_service.security.fields import Faults, date_of, members_of, text_of, texts_of

if TYPE_CHECKING:
    from cds_service.security.tenants import Tenant

SCOPES = ("evaluate", "read")  # charts in and Evaluations out; what tells of no patient, such as a Questionnaire
_PREFIX = "cdsapi_"  # so that a scanner for leaked secrets knows one when it sees it
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ApiToken:
    """`until` is the last day, in UTC, on which it is good."""

    name: str
    digest: str = field(repr=False)
    scopes: frozenset[str]
    until: date | None = None


def new_token() -> tuple[str, str]:
    """A token of 256 random bits, and its digest for the file. So long a one needs neither salt nor a slow digest."""
    token = _PREFIX + secrets.token_urlsafe(32)
    return token, digest_of(token)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def tenant_of(tenants: Iterable[Tenant], authorization: str | None, scope: str, now: float) -> Tenant:
    """Raises Unauthorized, whose reason must not be told, or Forbidden where the token is good for other things."""
    kind, _, token = (authorization or "").partition(" ")
    if kind.lower() != "bearer" or not token.startswith(_PREFIX):
        raise Unauthorized("no api token")
    digest, today = digest_of(token), datetime.fromtimestamp(now, UTC).date()
    for tenant in tenants:
        for one in tenant.api_tokens:
            if hmac.compare_digest(one.digest, digest):
                if one.until and today > one.until:
                    raise Unauthorized("api token has expired")
                if scope not in one.scopes:
                    raise Forbidden(scope)
                return tenant
    raise Unauthorized("unknown api token")


def read_api_tokens(held: object, place: str, faults: Faults) -> tuple[ApiToken, ...]:
    """Every fault is noted. A token itself in the file is one: whoever may read the file could use it."""
    if not isinstance(held, list):
        faults.add(place, "expected a list")
        return ()
    return tuple(_token(one, f"{place}[{number}]", faults) for number, one in enumerate(held))


def _token(one: object, place: str, faults: Faults) -> ApiToken:
    held = members_of(one, {"name", "sha256", "scopes", "until"}, place, faults)
    digest = text_of(held, "sha256", place, faults)
    if digest and not _DIGEST.fullmatch(digest):
        faults.add(f"{place}.sha256", "expected 64 hexadecimal digits; `cds-service api-token` makes a token and tells them")
    scopes = texts_of(held, "scopes", place, faults)
    if not scopes or scopes - set(SCOPES):
        faults.add(f"{place}.scopes", f"expected some of {', '.join(SCOPES)}")
    return ApiToken(text_of(held, "name", place, faults), digest, scopes, date_of(held, "until", place, faults))
