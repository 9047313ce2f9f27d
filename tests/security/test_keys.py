"""Key sets: what may verify, what is passed over, and what makes the whole set unusable."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cds_service
from cds_service.security.keys import read_keys
from tests.support import tokens as t

BOTH = frozenset({"RS384", "ES384"})


def kids(*keys: Any) -> list[str]:
    return sorted(read_keys({"keys": list(keys)}, BOTH).keys)


def test_foreign_keys_are_passed_over() -> None:
    """An Ed25519 key before the RSA key does not take the hospital down."""
    assert kids(t.ed_jwk(), t.rsa_jwk(), t.ec_jwk()) == ["ec-1", "rsa-1"]


@pytest.mark.parametrize(
    ("label", "key", "reason"),
    [
        ("encryption", t.rsa_jwk(use="enc"), "not for signatures"),
        ("key_ops", t.rsa_jwk(key_ops=["encrypt"]), "not for signatures"),
        ("key_ops of null", t.rsa_jwk(key_ops=None), "not for signatures"),
        ("key_ops of a number", t.rsa_jwk(key_ops=5), "not for signatures"),
        ("alg of another algorithm", t.rsa_jwk(alg="RS256"), "not one that the issuer may use"),
        ("1024 bits", t.rsa_jwk(bits=1024), "fewer than 2048 bits"),
        ("no modulus", {"kty": "RSA", "kid": "x", "e": "AQAB"}, "fewer than"),
        ("a modulus of words", {"kty": "RSA", "kid": "x", "e": "AQAB", "n": "ä"}, "fewer than"),
        ("no kid", {**t.rsa_jwk(), "kid": None}, "no kid"),
        ("another curve", t.ec_jwk(name="P-256"), "not one that the issuer may use"),
        ("no point", {"kty": "EC", "kid": "x", "crv": "P-384"}, "can't be read"),
        ("no object", "key", "no kid"),
    ],
)
def test_a_key_that_is_not_fit_is_named_and_not_used(label: str, key: Any, reason: str) -> None:
    """The others of the set still are."""
    found = read_keys({"keys": [key, t.ec_jwk("good")]}, BOTH)
    assert sorted(found.keys) == ["good"]
    assert reason in found.refused[0]


def test_a_kid_stands_for_one_key() -> None:
    """Of two keys of one kid the second is not used."""
    found = read_keys({"keys": [t.rsa_jwk("same"), t.ec_jwk("same")]}, BOTH)
    assert found.keys["same"].algorithms == {"RS384"}
    assert "twice" in found.refused[0]


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"keys": "x"}, {"keys": [{}] * 101}, {"keys": [{"kty": "oct", "k": "", "kid": "x"}]}, {"keys": [t.rsa_jwk(d="AQAB")]}],
)
def test_what_is_no_set_of_public_keys_is_refused(document: Any) -> None:
    """A private or symmetric key among them spoils the whole."""
    with pytest.raises(ValueError, match="key"):
        read_keys(document, BOTH)


def _of_python_jose() -> Iterator[str]:
    """`module: name` of every import from it, and of every call that verifies without a list of algorithms."""
    root = Path(cds_service.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom | ast.Import):
                names = [one.name for one in node.names]
                module = node.module if isinstance(node, ast.ImportFrom) else None
                yield from (f"{path.stem}: {name}" for name in names if "jose" in (module or name).split("."))
            if isinstance(node, ast.Call) and "algorithms" not in {one.arg for one in node.keywords}:
                called = ast.unparse(node.func)
                yield from (f"{path.stem}: {called} without algorithms" for name in ("jws.verify", "jwt.decode") if called == name)


def test_no_more_of_python_jose_is_used_than_was_looked_at() -> None:
    """Its JWE has open faults, and without a list of algorithms it takes a public key for a secret."""
    assert set(_of_python_jose()) == {"jwt: jws", "keys: jwk", "assertions: jwk", "assertions: jwt"}
