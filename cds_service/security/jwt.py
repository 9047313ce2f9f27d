"""A bearer token and the tenants into the Tenant whose caller signed it; anything else is refused, and why stands in the log only.

python-jose is used for the signature alone, with a key chosen by `kid` and bound to its algorithm: on its own it accepts tokens
without `exp` or `aud`, ignores `kid`, and raises errors that are not its own. Every claim is checked here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jose import jws

from cds_service.errors import StoreDown, Unauthorized
from cds_service.security.keys import KeySet, PublicKey
from cds_service.security.tenants import Issuer, Tenant

_LONGEST = 8192  # bytes of a token
_LONGEST_JTI = 255

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verifier:
    """`keys_of` gives an issuer's keys (`fresh`: fetched anew for a kid that is not known); `is_new` stores a token's id and says whether
    it was seen before, atomically; `now` is the time in seconds."""

    tenants: Sequence[Tenant]
    keys_of: Callable[[Issuer, bool], KeySet]
    is_new: Callable[[str, str, int], bool]
    now: Callable[[], float]

    def tenant_of(self, authorization: str | None) -> Tenant:
        """Raises Unauthorized, whose reason must not be told to the caller; StoreDown where used tokens can't be remembered."""
        token = _bearer(authorization)
        try:
            return self._verified(token)
        except (Unauthorized, StoreDown):
            raise
        except Exception as error:  # python-jose and json raise TypeError, OverflowError … for odd claims
            raise Unauthorized(f"unreadable token: {type(error).__name__}") from None

    def _verified(self, token: str) -> Tenant:
        header, claims = _parts(token)
        tenant, issuer = self._issuer(claims)
        key = self._key(header, issuer)
        _check_signature(token, header["alg"], key)
        _check_times(claims, issuer, self.now())
        _check_names(claims, issuer)
        # Last, so that only a token that is good in all else uses up its id.
        if not self.is_new(issuer.iss, claims["jti"], int(claims["exp"]) + issuer.skew):
            raise Unauthorized("jti was used before")
        return tenant

    def _issuer(self, claims: Claims) -> tuple[Tenant, Issuer]:
        """By `iss` and `aud`, exactly as configured; of several by the claim `tenant`, which is checked later. Raises Unauthorized."""
        audiences = claims.get("aud")
        named = {audiences} if isinstance(audiences, str) else _texts(audiences)
        ours = [(tenant, issuer) for tenant in self.tenants for issuer in tenant.issuers if issuer.iss == claims.get("iss")]
        if not ours:
            raise Unauthorized("unknown issuer")
        fitting = [(tenant, issuer) for tenant, issuer in ours if named & issuer.audiences]
        if not fitting:
            raise Unauthorized("aud is not one of the issuer's audiences")
        claimed = claims.get("tenant")
        return next((one for one in fitting if isinstance(claimed, str) and claimed in one[1].tenant_claims), fitting[0])

    def _key(self, header: Mapping[str, Any], issuer: Issuer) -> PublicKey:
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in issuer.algorithms:
            raise Unauthorized("alg is not one that the issuer may use")
        if not isinstance(kid, str):
            raise Unauthorized("no kid")
        if header.get("jku") not in (None, issuer.jku):
            raise Unauthorized("jku is not the issuer's")
        for fresh in (False, True):
            key = self.keys_of(issuer, fresh).keys.get(kid)
            if key is not None:
                break
        if key is None:
            raise Unauthorized("unknown kid")
        if algorithm not in key.algorithms:
            raise Unauthorized("alg does not fit the key")
        return key


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token or " " in token:
        raise Unauthorized("no bearer token")
    if len(token) > _LONGEST:
        raise Unauthorized("the token is too long")
    return token


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, not yet trusted. Raises Unauthorized."""
    pieces = token.split(".")
    if len(pieces) != 3:
        raise Unauthorized("not a signed token of three parts")
    header, claims = (_object(piece) for piece in pieces[:2])
    if str(header.get("typ", "")).upper() != "JWT":
        raise Unauthorized("typ is not JWT")
    if "crit" in header:
        raise Unauthorized("crit names extensions that are not understood")
    return header, claims


def _object(piece: str) -> dict[str, Any]:
    raw = base64.b64decode(piece + "=" * (-len(piece) % 4), altchars=b"-_", validate=True)
    value = json.loads(raw, object_pairs_hook=_once)
    if not isinstance(value, dict):
        raise Unauthorized("header or claims are no object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A member given twice could mean one thing here and another elsewhere."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise Unauthorized("a member stands twice")
    return dict(pairs)


def _check_signature(token: str, algorithm: str, key: PublicKey) -> None:
    try:
        jws.verify(token, key.key[algorithm], algorithms=[algorithm])
    except Exception:
        raise Unauthorized("the signature does not verify") from None


def _check_times(claims: Claims, issuer: Issuer, now: float) -> None:
    issued, expires, begins = (_seconds(claims, name) for name in ("iat", "exp", "nbf"))
    if issued is None or expires is None:
        raise Unauthorized("no iat or exp")
    if expires <= now - issuer.skew:
        raise Unauthorized("expired")
    if issued > now + issuer.skew or (begins is not None and begins > now + issuer.skew):
        raise Unauthorized("not valid yet")
    if not 0 < expires - issued <= issuer.lifetime + issuer.skew:
        raise Unauthorized("lives longer than the issuer's tokens may")


def _seconds(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise Unauthorized(f"{name} is not a time")
    return value


def _check_names(claims: Claims, issuer: Issuer) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise Unauthorized("no jti")
    if issuer.subjects and claims.get("sub") not in issuer.subjects:
        raise Unauthorized("sub is not one of the issuer's subjects")
    if issuer.tenant_claims and claims.get("tenant") not in issuer.tenant_claims:
        raise Unauthorized("tenant is not the tenant's")


def _texts(value: object) -> set[str]:
    """The members of an array of texts; none of an array that holds anything else."""
    return set(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else set()
