"""A request's path and Authorization into its Tenant: which paths need a caller that is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from cds_service.security.jwt import Verifier
from cds_service.security.keys import KeySet
from cds_service.security.replay import Replay
from cds_service.security.tenants import Issuer, Tenant

# Health is asked for by machines of the site's own; the schema tells of nobody.
_GUARDED = ("/cds-services", "/api/")


def verifier_of(
    tenants: Sequence[Tenant], now: Callable[[], float] = time.time, is_new: Callable[[str, str, int], bool] | None = None
) -> Verifier:
    """With each issuer's keys as the tenants file gives them. `is_new` remembers used tokens; without it this process does by itself."""
    return Verifier(tenants, _given_keys, is_new or Replay(now).is_new, now)


def _given_keys(issuer: Issuer, fresh: bool) -> KeySet:
    return issuer.keys


def is_guarded(method: str, path: str) -> bool:
    """A browser's preflight carries no token (checklist 63)."""
    return method != "OPTIONS" and path.startswith(_GUARDED)
