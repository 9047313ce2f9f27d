"""The client's own private key into signed assertions that say who asks for a token (SMART Backend Services, private_key_jwt)."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import orjson
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jose import jwk, jwt

from cds_service.errors import SettingsError

ALGORITHMS = ("RS384", "ES384")  # what the specification has clients support; a server takes at least one of them
LIFETIME = 240  # seconds: five minutes are allowed, and the server's clock may be a minute behind
_LEAST_BITS = 2048
_MOST_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class ClientKey:
    """`pem` is private and shows nowhere; `public` is its JWK, as the server has it registered under `kid`."""

    algorithm: str
    kid: str
    public: Mapping[str, str]
    pem: str = field(repr=False)

    def assertion(self, client: str, audience: str, now: float, jku: str | None = None) -> str:
        """A new one for every request, also for a repeated one: a server takes each `jti` once."""
        claims = {"iss": client, "sub": client, "aud": audience, "exp": int(now) + LIFETIME, "jti": uuid.uuid4().hex}
        headers = {"kid": self.kid} | ({"jku": jku} if jku else {})
        return cast(str, jwt.encode(claims, self.pem, algorithm=self.algorithm, headers=headers))


def read_key(path: Path, kid: str | None = None) -> ClientKey:
    """From a PEM file, or a file of one private JWK. Raises SettingsError, which names the file and nothing in it.

    The algorithm is the key's: RS384 for RSA, ES384 for EC on P-384. Without a `kid` it is the JWK's own, else its thumbprint.
    """
    try:
        data = path.read_bytes()[: _MOST_BYTES + 1]
        key, own = _of_jwk(data) if data.lstrip().startswith(b"{") else (load_pem_private_key(data, None), None)
        return _checked(key, kid or own)
    except OSError as error:
        raise SettingsError(f"{path}: can't be read ({error.strerror})") from None
    except _Unfit as error:
        raise SettingsError(f"{path}: {error}") from None
    except TypeError:
        raise SettingsError(f"{path}: the key needs a passphrase; give it without one, readable by the service's account alone") from None
    except Exception:  # what the libraries raise may quote the key
        raise SettingsError(f"{path}: holds no private key in PEM, and no private JWK") from None


class _Unfit(ValueError):
    """A key that is read but may not be used."""


def _of_jwk(data: bytes) -> tuple[object, str | None]:
    """A JWK's key and `kid`. python-jose builds it, of private ones of the two families only."""
    one = orjson.loads(data)
    held = one.get("keys", [one])
    if len(held) != 1:
        raise _Unfit("holds more than one key; give a file of one")
    kind = held[0].get("kty")
    if kind not in ("RSA", "EC") or "d" not in held[0]:
        raise _Unfit("holds no private key of type RSA or EC")
    made = jwk.construct(held[0], "RS384" if kind == "RSA" else "ES384")
    kid = held[0].get("kid")
    return load_pem_private_key(made.to_pem(), None), kid if isinstance(kid, str) else None


def _checked(key: object, kid: str | None) -> ClientKey:
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < _LEAST_BITS:
            raise _Unfit(f"an RSA key of fewer than {_LEAST_BITS} bits")
        algorithm = "RS384"
    elif isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1):
        algorithm = "ES384"
    else:
        raise _Unfit("expected an RSA key (RS384) or an EC key on P-384 (ES384)")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = _public(pem, algorithm)
    return ClientKey(algorithm, kid or _thumbprint(public), public, pem)


def _public(pem: str, algorithm: str) -> dict[str, str]:
    """Only the members of a public key, by name: what is not named can't slip out."""
    whole: dict[str, Any] = jwk.construct(pem, algorithm).public_key().to_dict()
    names = ("kty", "n", "e") if algorithm == "RS384" else ("kty", "crv", "x", "y")
    return {name: _text(whole[name]) for name in names}


def _text(value: Any) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)


def _thumbprint(public: Mapping[str, str]) -> str:
    """RFC 7638: the same key always has the same one."""
    return base64.urlsafe_b64encode(sha256(orjson.dumps(dict(sorted(public.items())))).digest()).rstrip(b"=").decode()


def key_set(*keys: ClientKey) -> dict[str, Any]:
    """The JWKS to register with the server."""
    return {"keys": [{**one.public, "kid": one.kid, "alg": one.algorithm, "use": "sig", "key_ops": ["verify"]} for one in keys]}
