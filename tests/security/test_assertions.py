"""What the service says of itself to a token endpoint: signed as the specification wants, once each, and with no word of the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joserfc.jwk
import joserfc.jwt
import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from cds_service.errors import SettingsError
from cds_service.security.assertions import key_set, read_key
from tests.support import tokens as t

NOW = 1_790_000_000.5
URL = "https://auth.example.org/token"


def pem(folder: Path, key: Any, passphrase: bytes | None = None) -> Path:
    hidden = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    path = folder / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))
    return path


def jwk_file(folder: Path, key: Any, **more: Any) -> Path:
    kind: Any = joserfc.jwk.RSAKey if isinstance(key, rsa.RSAPrivateKey) else joserfc.jwk.ECKey
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "key.json"
    path.write_text(json.dumps(kind.import_key(data).as_dict(private=True) | more))
    return path


KEYS = {"RS384": t.rsa_key, "ES384": t.ec_key}


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("form", [pem, jwk_file])
def test_header_and_claims_are_those_of_the_specification(tmp_path: Path, algorithm: str, form: Any) -> None:
    """typ, alg, kid, jku; iss and sub the client, aud the token endpoint, exp within five minutes, a jti; nothing else."""
    key = read_key(form(tmp_path, KEYS[algorithm]()), "2026-01")
    token = key.assertion("client-7", URL, NOW, "https://cds.example.org/jwks.json")
    assert pyjwt.get_unverified_header(token) == {
        "typ": "JWT", "alg": algorithm, "kid": "2026-01", "jku": "https://cds.example.org/jwks.json",
    }  # fmt: skip
    claims = pyjwt.decode(token, KEYS[algorithm]().public_key(), [algorithm], audience=URL, options={"verify_exp": False})
    assert claims == {"iss": "client-7", "sub": "client-7", "aud": URL, "exp": 1_790_000_240, "jti": claims["jti"]}


@pytest.mark.parametrize("algorithm", KEYS)
def test_others_verify_it_by_the_registered_key_set(tmp_path: Path, algorithm: str) -> None:
    """The published set is public, names its key, and joserfc accepts the assertion by it."""
    key = read_key(pem(tmp_path, KEYS[algorithm]()))
    published = key_set(key)
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & published["keys"][0].keys()
    found = joserfc.jwt.decode(key.assertion("c", URL, NOW), joserfc.jwk.KeySet.import_key_set(published), algorithms=[algorithm])
    assert found.header["kid"] == published["keys"][0]["kid"]


def test_no_two_assertions_are_alike(tmp_path: Path) -> None:
    """A server refuses a jti that it has seen, also from a request that was repeated."""
    key = read_key(pem(tmp_path, t.ec_key()))
    assert len({pyjwt.decode(key.assertion("c", URL, NOW), options={"verify_signature": False})["jti"] for _ in range(20)}) == 20


def test_a_key_without_a_kid_is_named_by_its_thumbprint(tmp_path: Path) -> None:
    """RFC 7638, as joserfc computes it; a JWK's own kid goes before it, and the setting's before that."""
    path = pem(tmp_path, t.rsa_key())
    assert read_key(path).kid == joserfc.jwk.RSAKey.import_key(path.read_bytes()).thumbprint()
    assert read_key(jwk_file(tmp_path, t.rsa_key(), kid="own")).kid == "own"
    assert read_key(jwk_file(tmp_path, t.rsa_key(), kid="own"), "set").kid == "set"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lambda p: pem(p, rsa.generate_private_key(65537, 1024)), "fewer than 2048 bits"),
        (lambda p: pem(p, ec.generate_private_key(ec.SECP256R1())), "EC key on P-384"),
        (lambda p: pem(p, t.ed_key()), "EC key on P-384"),
        (lambda p: pem(p, t.ec_key(), b"secret"), "needs a passphrase"),
        (lambda p: jwk_file(p, t.ec_key(), kty="oct"), "type RSA or EC"),
        (lambda p: jwk_file(p, t.ec_key("P-256")), "no private key|P-384"),
        (lambda p: p / "absent", "can't be read"),
    ],
    ids=["short", "curve", "ed25519", "encrypted", "symmetric", "jwk curve", "absent"],
)
def test_a_key_that_does_not_do_is_told_by_its_file(tmp_path: Path, content: Any, why: str) -> None:
    """The reason, never a part of the key."""
    with pytest.raises(SettingsError, match=why) as caught:
        read_key(content(tmp_path))
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"keys": []}', '{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}', "-----BEGIN X"])
def test_what_is_no_private_key_is_told(tmp_path: Path, text: str) -> None:
    """A public key, half a file, another file."""
    (tmp_path / "k").write_text(text)
    with pytest.raises(SettingsError, match="key"):
        read_key(tmp_path / "k")


def test_the_private_part_shows_nowhere(tmp_path: Path) -> None:
    """Not in a representation that a traceback or a log could hold."""
    assert "PRIVATE" not in repr(read_key(pem(tmp_path, t.ec_key())))
