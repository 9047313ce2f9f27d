"""Signed tokens for tests: keys made once, a good header and good claims, and a tenant that trusts them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from cds_service.security.jwt import Verifier
from cds_service.security.keys import read_keys
from cds_service.security.tenants import Issuer, Tenant

Json = dict[str, Any]
NOW = 1_790_000_000
JKU = "https://ehr.example.org/keys"
ISS, AUD = "https://ehr.example.org/oauth", "https://cds.example.org/cds-services/trial-eligibility-patient-view"
_HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}


@cache
def _rsa(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return _rsa(bits)


@cache
def _ec(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key({"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}[name])


def ec_key(name: str = "P-384") -> ec.EllipticCurvePrivateKey:
    return _ec(name)


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _number(value: int, size: int = 0) -> str:
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def rsa_jwk(kid: str = "rsa-1", bits: int = 2048, **more: Any) -> Json:
    numbers = rsa_key(bits).public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "n": _number(numbers.n), "e": _number(numbers.e)} | more


def ec_jwk(kid: str = "ec-1", name: str = "P-384", **more: Any) -> Json:
    numbers = ec_key(name).public_key().public_numbers()
    size = {"P-256": 32, "P-384": 48}[name]
    return {"kty": "EC", "kid": kid, "crv": name, "x": _number(numbers.x, size), "y": _number(numbers.y, size)} | more


def ed_jwk(kid: str = "ed-1") -> Json:
    return {"kty": "OKP", "kid": kid, "crv": "Ed25519", "x": b64(ed_key().public_key().public_bytes_raw())}


def header(**more: Any) -> Json:
    return {"alg": "RS384", "kid": "rsa-1", "typ": "JWT"} | more


def claims(**more: Any) -> Json:
    """None takes a claim out."""
    given = {"iss": ISS, "aud": AUD, "iat": NOW - 10, "exp": NOW + 290, "jti": "a-1", **more}
    return {name: value for name, value in given.items() if value is not None}


def unsigned(head: Any, body: Any) -> str:
    return ".".join(b64(json.dumps(part).encode() if not isinstance(part, bytes) else part) for part in (head, body))


def sign(head: Json, body: Any, bits: int = 2048, curve: str = "P-384") -> str:
    """A token signed with our key, as its `alg` says."""
    text = unsigned(head, body)
    digest = _HASHES[str(head["alg"])[-3:]]()
    if str(head["alg"]).startswith("RS"):
        raw = rsa_key(bits).sign(text.encode(), padding.PKCS1v15(), digest)
    else:
        size = {"P-256": 32, "P-384": 48}[curve]
        r, s = utils.decode_dss_signature(ec_key(curve).sign(text.encode(), ec.ECDSA(digest)))
        raw = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    return f"{text}.{b64(raw)}"


def token(head: Json | None = None, **more: Any) -> str:
    """A good token but for what is given."""
    return sign(header(**(head or {})), claims(**more))


def issuer(*keys: Json, **more: Any) -> Issuer:
    algorithms = more.pop("algorithms", frozenset({"RS384", "ES384"}))
    found = read_keys({"keys": list(keys) or [rsa_jwk(), ec_jwk()]}, algorithms)
    return Issuer(ISS, frozenset({AUD}), algorithms, found, **{"jku": JKU, **more})


def verifier(one: Issuer | None = None, is_new: Callable[[str, str, int], bool] | None = None) -> Verifier:
    tenants = (Tenant("general", "General Hospital", (one or issuer(),)),)
    return Verifier(tenants, lambda each, fresh: each.keys, is_new or (lambda *_: True), lambda: float(NOW))
