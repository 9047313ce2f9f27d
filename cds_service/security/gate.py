"""A request's path and Authorization into its Tenant: which paths need a caller that is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from cds_service.security.jwks import KeySets
from cds_service.security.jwt import Verifier
from cds_service.security.replay import Replay
from cds_service.security.tenants import Tenant

# Health is asked for by machines of the site's own; the schema tells of nobody.
_API, DISCOVERY = "/api/", "/cds-services"
_GUARDED = (DISCOVERY, _API)


def verifier_of(
    tenants: Sequence[Tenant], now: Callable[[], float] = time.time, is_new: Callable[[str, str, int], bool] | None = None
) -> Verifier:
    """With each issuer's keys from where the tenants file says. `is_new` remembers used tokens; without it this process does by itself."""
    return Verifier(tenants, KeySets(tenants).keys_of, is_new or Replay(now).is_new, now)


def is_guarded(method: str, path: str, open_discovery: bool = False) -> bool:
    """A browser's preflight carries no token (checklist 63); discovery carries none from some EHRs (operations.md 1.3)."""
    asks = open_discovery and method in ("GET", "HEAD") and path == DISCOVERY
    return method != "OPTIONS" and path.startswith(_GUARDED) and not asks


def scope_of(method: str, path: str) -> str:
    """What a token of the API must be good for; '' for the paths of CDS Hooks, which take an EHR's signed tokens."""
    if not path.startswith(_API):
        return ""
    return "read" if method in ("GET", "HEAD") else "evaluate"
