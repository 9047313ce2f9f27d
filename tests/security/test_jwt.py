"""Who may call: every hazard of python-jose and of tokens is refused, and good tokens of Epic's and the sandbox's make are let in."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import joserfc.jwk
import joserfc.jws
import jwt as pyjwt
import pytest

from cds_service.errors import Unauthorized
from cds_service.security.jwt import Verifier
from cds_service.security.tenants import Tenant
from tests.support import tokens as t

GOOD: tuple[tuple[str, str], ...] = (
    ("RS384", t.token()),
    ("ES384", t.token({"alg": "ES384", "kid": "ec-1"})),
    ("aud as an array", t.token(aud=["https://other.example.org", t.AUD])),
    ("nbf and sub, as Epic sends", t.token(nbf=t.NOW - 300, sub="client-7")),
    ("15 minutes, as Epic sends", t.token(exp=t.NOW + 890)),
    ("its own jku", t.token({"jku": t.JKU})),
    ("typ in lower case", t.token({"typ": "jwt"})),
    ("a clock a minute ahead", t.token(iat=t.NOW + 50)),
)


def symmetric(secret: bytes) -> str:
    """HS384 with a published key as the secret: algorithm confusion."""
    text = t.unsigned(t.header(alg="HS384"), t.claims())
    return f"{text}.{t.b64(hmac.new(secret, text.encode(), hashlib.sha384).digest())}"


def public_pem() -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return t.rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_der() -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return t.rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def twice(name: str) -> str:
    """Claims in which a member stands twice."""
    body = json.dumps(t.claims())[:-1] + f', "{name}": "{t.ISS}"}}'
    return t.sign(t.header(), body.encode())


HAZARDS: tuple[tuple[str, str, str], ...] = (
    ("alg none", t.unsigned(t.header(alg="none"), t.claims()) + ".", "alg"),
    ("HS384 with the public key as PEM", symmetric(public_pem()), "alg"),
    ("HS384 with the public key as DER (CVE-2026-85394)", symmetric(public_der()), "alg"),
    ("HS384 with an empty key (CVE-2026-120459)", symmetric(b""), "alg"),
    ("an algorithm that is not the issuer's", t.sign(t.header(alg="RS512"), t.claims()), "alg"),
    ("an algorithm that is not the key's", t.sign(t.header(alg="RS384", kid="ec-1"), t.claims()), "fit the key"),
    ("no kid", t.sign({"alg": "RS384", "typ": "JWT"}, t.claims()), "no kid"),
    ("another kid", t.token({"kid": "rsa-2"}), "unknown kid"),
    ("kid of another type", t.token({"kid": 7}), "no kid"),
    ("no typ", t.sign({"alg": "RS384", "kid": "rsa-1"}, t.claims()), "typ"),
    ("crit", t.token({"crit": ["b64"], "b64": False}), "crit"),
    ("jku of someone else", t.token({"jku": "https://evil.example.org/keys"}), "jku"),
    ("no aud", t.token(aud=None), "aud"),
    ("another aud", t.token(aud="https://cds.example.org/cds-services/other"), "aud"),
    ("aud with a trailing slash", t.token(aud=t.AUD + "/"), "aud"),
    ("aud in other case", t.token(aud=t.AUD.upper()), "aud"),
    ("aud as an object", t.token(aud={"url": t.AUD}), "aud"),
    ("aud as an array of odd things", t.token(aud=[t.AUD, 7]), "aud"),
    ("another issuer", t.token(iss="https://evil.example.org"), "issuer"),
    ("no issuer", t.token(iss=None), "issuer"),
    ("no exp", t.token(exp=None), "exp"),
    ("exp as text", t.token(exp=str(t.NOW + 100)), "exp"),
    ("exp null", t.sign(t.header(), t.claims() | {"exp": None}), "exp"),
    ("exp as a list", t.token(exp=[t.NOW + 100]), "exp"),
    ("exp beyond all numbers", t.sign(t.header(), json.dumps(t.claims()).replace(str(t.NOW + 290), "1e999").encode()), ""),
    ("expired", t.token(iat=t.NOW - 500, exp=t.NOW - 61), "expired"),
    ("ten years ahead", t.token(exp=t.NOW + 315_360_000), "longer"),
    ("exp before iat", t.token(iat=t.NOW, exp=t.NOW - 1), ""),
    ("no iat", t.token(iat=None), "iat"),
    ("issued tomorrow", t.token(iat=t.NOW + 86_400, exp=t.NOW + 86_700), "not valid yet"),
    ("valid from tomorrow", t.token(nbf=t.NOW + 86_400), "not valid yet"),
    ("iat true", t.token(iat=True), "iat"),
    ("no jti", t.token(jti=None), "jti"),
    ("jti of 300 characters", t.token(jti="x" * 300), "jti"),
    ("jti as a number", t.token(jti=7), "jti"),
    ("a claim twice", twice("iss"), "twice"),
    ("the claims changed after signing", t.token()[:40] + "A" + t.token()[41:], ""),
    ("the signature of another token", t.token().rsplit(".", 1)[0] + "." + t.token(jti="b").rsplit(".", 1)[1], "signature"),
    ("no signature", t.token().rsplit(".", 1)[0] + ".", "signature"),
    ("five parts (JWE)", "a.b.c.d.e", "three parts"),
    ("two parts", "a.b", "three parts"),
    ("claims that are no object", t.sign(t.header(), ["iss"]), "object"),
    ("a header that is no JSON", "x." + t.token().split(".", 1)[1], ""),
    ("a token of 9 KB", t.token(extra="x" * 9000), "too long"),
)  # fmt: skip


def refusal(authorization: str | None, by: Verifier | None = None) -> str:
    """The reason in the log; fails where the token is let in."""
    with pytest.raises(Unauthorized) as refused:
        (by or t.verifier()).tenant_of(authorization)
    assert str(refused.value) == "a valid bearer token is needed"  # the caller is told no more
    return refused.value.reason


@pytest.mark.rule("55", "56", "57", "58", "59")
@pytest.mark.parametrize(("label", "token"), GOOD, ids=[row[0] for row in GOOD])
def test_a_good_token_names_its_tenant(label: str, token: str) -> None:
    """By issuer and audience."""
    assert t.verifier().tenant_of(f"Bearer {token}").id == "general"


@pytest.mark.rule("55", "56", "57", "58", "59", "60", "61")
@pytest.mark.parametrize(("label", "token", "reason"), HAZARDS, ids=[row[0] for row in HAZARDS])
def test_a_hazard_is_refused(label: str, token: str, reason: str) -> None:
    """401 without detail; why stands in the reason for the log, which never holds the token."""
    told = refusal(f"Bearer {token}")
    assert reason in told
    assert token not in told


@pytest.mark.rule("54")
@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "bearer"])
def test_without_a_bearer_token_nobody_comes_in(authorization: str | None) -> None:
    """Any other Authorization is none."""
    assert refusal(authorization) == "no bearer token"


@pytest.mark.parametrize(("label", "token"), GOOD, ids=[row[0] for row in GOOD])
def test_other_libraries_agree_on_good_signatures(label: str, token: str) -> None:
    """PyJWT and joserfc verify what we verify."""
    head = pyjwt.get_unverified_header(token)
    key = (t.ec_key() if head["alg"] == "ES384" else t.rsa_key()).public_key()
    assert pyjwt.decode(
        token, key, algorithms=[head["alg"]], options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    )
    jwk = joserfc.jwk.import_key(t.ec_jwk() if head["alg"] == "ES384" else t.rsa_jwk())
    assert joserfc.jws.deserialize_compact(token, jwk, algorithms=[head["alg"]])


@pytest.mark.rule("58")
@pytest.mark.parametrize("label", [row[0] for row in HAZARDS if row[2] in ("alg", "signature")])
def test_other_libraries_refuse_bad_signatures(label: str) -> None:
    """What we refuse for its signature or algorithm PyJWT and joserfc refuse too, under the same allow-list."""
    token = next(row[1] for row in HAZARDS if row[0] == label)
    with pytest.raises(Exception):  # noqa: B017, PT011  each library has its own errors
        pyjwt.decode(token, t.rsa_key().public_key(), algorithms=["RS384"], options={"verify_aud": False})
    with pytest.raises(Exception):  # noqa: B017, PT011
        joserfc.jws.deserialize_compact(token, joserfc.jwk.import_key(t.rsa_jwk()), algorithms=["RS384"])


@pytest.mark.rule("60")
def test_a_token_is_good_once() -> None:
    """The second use of a jti is refused; a token that fails for another reason does not use its jti up."""
    seen: set[tuple[str, str]] = set()

    def is_new(iss: str, jti: str, until: int) -> bool:
        assert until == t.NOW + 290 + 60
        known = (iss, jti) in seen
        seen.add((iss, jti))
        return not known

    once = t.verifier(is_new=is_new)
    refusal(f"Bearer {t.token({'kid': 'rsa-2'})}", once)
    assert seen == set()
    assert once.tenant_of(f"Bearer {t.token()}").id == "general"
    assert refusal(f"Bearer {t.token()}", once) == "jti was used before"


def test_a_store_that_fails_lets_nobody_in() -> None:
    """Fail closed."""

    def broken(*_: Any) -> bool:
        raise OSError("disk full")

    assert "OSError" in refusal(f"Bearer {t.token()}", t.verifier(is_new=broken))


@pytest.mark.rule("56", "60")
def test_subject_and_tenant_claims_bind_where_they_are_configured() -> None:
    """Compared exactly."""
    bound = t.verifier(t.issuer(subjects=frozenset({"client-7"}), tenant_claims=frozenset({"north"})))
    assert bound.tenant_of(f"Bearer {t.token(sub='client-7', tenant='north')}").id == "general"
    assert "sub" in refusal(f"Bearer {t.token(tenant='north')}", bound)
    assert "tenant" in refusal(f"Bearer {t.token(sub='client-7', tenant='south')}", bound)


@pytest.mark.rule("60")
def test_one_issuer_signs_for_several_hospitals() -> None:
    """By the claim `tenant`; a claim of nobody's, none, or one that is no text lets nobody in."""
    north, south = (t.issuer(tenant_claims=frozenset({name})) for name in ("north", "south"))
    tenants = (Tenant("a", "A", (north,)), Tenant("b", "B", (south,)))
    both = replace(t.verifier(), tenants=tenants)
    assert [both.tenant_of(f"Bearer {t.token(tenant=name)}").id for name in ("north", "south")] == ["a", "b"]
    for claim in ("east", None, ["south"], {"south": 1}):
        assert refusal(f"Bearer {t.token(tenant=claim)}", both)


@pytest.mark.rule("62")
def test_an_unknown_kid_asks_once_for_fresh_keys() -> None:
    """A rotated key is found on the second look; keys are not asked for again when they are known."""
    old, new = t.issuer(t.rsa_jwk()), t.issuer(t.rsa_jwk(), t.ec_jwk())
    asked: list[bool] = []

    def keys_of(one: Any, fresh: bool) -> Any:
        asked.append(fresh)
        return new.keys if fresh else old.keys

    rotating = Verifier(t.verifier().tenants, keys_of, lambda *_: True, lambda: float(t.NOW))
    assert rotating.tenant_of(f"Bearer {t.token({'alg': 'ES384', 'kid': 'ec-1'})}").id == "general"
    assert asked == [False, True]


@pytest.mark.rule("62")
@pytest.mark.parametrize("kid", ["a/B+c==", "ключ", "2026-01 ", "x" * 200])
def test_a_kid_is_any_text(kid: str) -> None:
    """Epic's hold `/`, `+` and `=`; it is compared as it is."""
    by = t.verifier(t.issuer(t.rsa_jwk(kid)))
    assert by.tenant_of(f"Bearer {t.token({'kid': kid})}").id == "general"
    assert refusal(f"Bearer {t.token({'kid': kid.strip('=').strip() + '!'})}", by) == "unknown kid"
