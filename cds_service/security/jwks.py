"""An issuer of the tenants file into its keys: those the file gives, and those of the jku it names, never from where a token points.

What was fetched is kept for as long as its Cache-Control says, within limits. A key that is not known is looked for once, and then not
again for a while, whoever asks; of several threads one fetches. Where a fetch fails or brings no key set, the keys known so far serve on
for a day.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cds_service.bodies import BodyError, read_json
from cds_service.errors import Unavailable
from cds_service.observe import metrics
from cds_service.observe.fields import code
from cds_service.observe.logs import event
from cds_service.security.keys import KeySet, read_keys
from cds_service.security.outbound import Answer, Deadline, Outbound, outbound_of
from cds_service.security.tenants import Issuer, Tenant

_NONE = KeySet({})
_NEVER = float("-inf")
MOST_BYTES = 64_000
TIMEOUT = 3.0  # seconds: it holds up the one call that needs the key
PAUSE = 30.0  # seconds between two fetches for keys that are not known, and after a failed one
_LEAST_AGE, _USUAL_AGE, _MOST_AGE = 60.0, 3600.0, 86_400.0
_STALE = 86_400.0  # seconds that keys serve beyond their age while no new ones can be had: a withdrawn one must not serve for ever
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])")


@dataclass
class _Held:
    """What is known of one issuer's keys; times are those of `now`."""

    keys: KeySet = _NONE
    until: float = _NEVER  # they are of age then
    tried: float = _NEVER
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeySets:
    """Safe to share between threads."""

    def __init__(
        self,
        tenants: Iterable[Tenant],
        now: Callable[[], float] = time.monotonic,
        way: Callable[[Tenant, str], Outbound] = lambda tenant, url: outbound_of(tenant.reach(url)),
    ) -> None:
        self._now = now
        pairs = [(tenant, issuer, issuer.jku) for tenant in tenants for issuer in tenant.issuers if issuer.jku]
        self._ways = {_name(issuer): way(tenant, jku) for tenant, issuer, jku in pairs}
        self._held = {_name(issuer): _Held() for _, issuer, _ in pairs}

    def keys_of(self, issuer: Issuer, fresh: bool) -> KeySet:
        """`fresh`: for a kid that the keys given before do not hold."""
        held = self._held.get(_name(issuer))
        if held is None or (issuer.keys.keys and not fresh and held.tried == _NEVER):
            return issuer.keys  # those of the file need no fetch until they do not do
        if self._is_due(held, fresh):
            self._refresh(issuer, held, fresh)
        fetched = held.keys if self._now() < held.until + _STALE else _NONE
        return KeySet({**fetched.keys, **issuer.keys.keys}, fetched.refused)

    def _is_due(self, held: _Held, fresh: bool) -> bool:
        now = self._now()
        return now >= held.tried + PAUSE and (fresh or now >= held.until)

    def _refresh(self, issuer: Issuer, held: _Held, fresh: bool) -> None:
        """One thread fetches. Who can do with the keys held does; the others wait for it, and then need not fetch themselves."""
        if not held.lock.acquire(blocking=fresh or not held.keys.keys):
            return
        try:
            if self._is_due(held, fresh):
                self._fetch(issuer, held)
        finally:
            held.lock.release()

    def _fetch(self, issuer: Issuer, held: _Held) -> None:
        try:
            answer = self._ways[_name(issuer)].get(str(issuer.jku), Deadline.within(TIMEOUT), {"Accept": "application/json"}, MOST_BYTES)
            keys = _keys(answer, issuer.algorithms)
        except Unavailable as error:
            metrics.count_outbound("jwks", "kept-old-keys")
            event("outbound", logging.WARNING, target="jwks", outcome="kept-old-keys", reason=code(str(error)))
        else:
            metrics.count_outbound("jwks", "ok")
            held.keys, held.until = keys, self._now() + _age(answer)
        finally:  # also after a fault that nobody foresaw: else each token would ask the server again
            held.tried = self._now()


def _name(issuer: Issuer) -> tuple[str, frozenset[str], frozenset[str]]:
    """What stands in one tenant only (load_tenants)."""
    return issuer.iss, issuer.audiences, issuer.tenant_claims


def _keys(answer: Answer, algorithms: frozenset[str]) -> KeySet:
    """A set without usable keys is the issuer's word, too: all are withdrawn. Raises Unavailable for what is no set of public keys."""
    if answer.status != 200:
        raise Unavailable(f"status {answer.status}")
    try:
        return read_keys(read_json(answer.body), algorithms)
    except (BodyError, ValueError) as error:
        raise Unavailable(str(error)) from None


def _age(answer: Answer) -> float:
    """Seconds for which the keys are good without asking."""
    said = answer.headers.get("cache-control", "").lower()
    if "no-store" in said or "no-cache" in said:
        return _LEAST_AGE
    found = _MAX_AGE.search(said)
    return min(max(float(found[1]), _LEAST_AGE), _MOST_AGE) if found else _USUAL_AGE
