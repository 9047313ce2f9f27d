"""A JSON Web Key Set into the public keys that may verify a token, by their `kid`; what is unsafe is left out and named."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jose import jwk

# Asymmetric algorithms only: symmetric ones would make a published key a secret (CDS Hooks: HS* and none SHALL NOT).
ALGORITHMS: Mapping[str, str] = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA",
    "ES256": "P-256", "ES384": "P-384", "ES512": "P-521",
}  # fmt: skip
_MOST_KEYS = 100
_LEAST_BITS = 2048
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key that may verify, and the algorithms it is bound to. `key` is python-jose's, built once."""

    kid: str
    algorithms: frozenset[str]
    key: Any = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys by `kid`, and why others are not used."""

    keys: Mapping[str, PublicKey]
    refused: tuple[str, ...] = ()


def read_keys(document: object, algorithms: frozenset[str]) -> KeySet:
    """The keys of a JWKS that fit the `algorithms` an issuer may use. Raises ValueError for what is no JWKS, or holds a private key.

    A key of another type is passed over and never tried: python-jose would fail the whole set on it.
    """
    held = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(held, list) or len(held) > _MOST_KEYS:
        raise ValueError(f"no JSON Web Key Set of at most {_MOST_KEYS} keys")
    if any(isinstance(one, dict) and (one.get("kty") == "oct" or any(part in one for part in _PRIVATE)) for one in held):
        raise ValueError("the key set holds a private or symmetric key")
    keys: dict[str, PublicKey] = {}
    refused = []
    for number, one in enumerate(held):
        found = _key(one, algorithms)
        if isinstance(found, str):
            refused.append(f"key {number}: {found}")
        elif found.kid in keys:
            refused.append(f"key {number}: its kid is used twice")
        else:
            keys[found.kid] = found
    return KeySet(keys, tuple(refused))


def _key(one: object, algorithms: frozenset[str]) -> PublicKey | str:
    """The key, or why it is not used."""
    if not isinstance(one, dict) or not isinstance(one.get("kid"), str) or not one["kid"]:
        return "no kid"
    uses = one.get("key_ops", ["verify"])
    if one.get("use", "sig") != "sig" or not isinstance(uses, list) or "verify" not in uses:
        return "not for signatures"
    family = one.get("crv") if one.get("kty") == "EC" else one.get("kty")
    fitting = frozenset(name for name, wanted in ALGORITHMS.items() if wanted == family and name in algorithms)
    if isinstance(one.get("alg"), str):
        fitting &= {one["alg"]}
    if not fitting:
        return "its type or algorithm is not one that the issuer may use"
    if one.get("kty") == "RSA" and _bits(one.get("n")) < _LEAST_BITS:
        return f"RSA of fewer than {_LEAST_BITS} bits"
    try:
        return PublicKey(one["kid"], fitting, {name: jwk.construct(one, name) for name in fitting})
    except Exception:  # python-jose raises TypeError, binascii.Error … beside its own errors
        return "can't be read"


def _bits(modulus: object) -> int:
    if not isinstance(modulus, str):
        return 0
    try:
        return int.from_bytes(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4)), "big").bit_length()
    except (ValueError, binascii.Error):
        return 0
