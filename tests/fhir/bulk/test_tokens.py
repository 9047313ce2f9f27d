"""Tokens of SMART Backend Services: asked for as a real server wants it, used while they are good, sent nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cds_service.errors import Unavailable
from cds_service.fhir.bulk_settings import ClientSettings
from cds_service.security.assertions import ClientKey, read_key
from tests.fhir.bulk.server import CLIENT, NOW, Exporter
from tests.support import tokens as t
from tests.support.faulty_server import HTML, body, json, raw, status

WELL_KNOWN = "/r4/.well-known/smart-configuration"


def rsa_key(folder: Path) -> ClientKey:
    (folder / "rsa.pem").write_bytes(t.rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return read_key(folder / "rsa.pem", "rsa")


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_server_that_checks_everything_gives_a_token(site: Exporter, tmp_path: Path, algorithm: str) -> None:
    """Signature by the registered key, kid, aud, iss, sub, exp within five minutes, jti; both algorithms."""
    key = rsa_key(tmp_path) if algorithm == "RS384" else site.keys[0]
    site.keys.append(key)
    tokens = site.calls(client=ClientSettings(CLIENT, key)).tokens
    assert tokens.header() == {"Authorization": "Bearer s3cret-1"}
    assert site.faults == []


@pytest.mark.parametrize(("form", "scope"), [("v2", "system/Patient.rs"), ("v1", "system/Patient.read")])
def test_scopes_are_asked_for_type_by_type(site: Exporter, form: str, scope: str) -> None:
    """In the server's version of the syntax, and for nothing that is not needed."""
    site.calls(client=ClientSettings(CLIENT, site.keys[0], scopes=form)).tokens.header()
    assert scope in parse_qs(site.asked("/auth")[0].content.decode())["scope"][0].split()
    assert "*" not in site.asked("/auth")[0].content.decode()


def test_a_token_is_used_until_shortly_before_its_end(site: Exporter) -> None:
    """One request for many calls, and a new one before the old one can end on the way."""
    tokens = site.calls().tokens
    for now, issued in ((0, 1), (269, 1), (271, 2), (300, 2)):
        site.clock.now = NOW + now
        assert tokens.header() == {"Authorization": f"Bearer s3cret-{issued}"}


@pytest.mark.parametrize(("lifetime", "after"), [(None, 270), ("3600", 270), (40, 20), (3600, 3570), (-5, 270), (True, 270)])
def test_how_long_a_token_is_good_is_read_with_care(site: Exporter, lifetime: object, after: int) -> None:
    """What is not said is five minutes; one that lives hardly longer than the margin is used for half its life."""
    site.lifetime = lifetime
    tokens = site.calls().tokens
    tokens.header()
    site.clock.now = NOW + after - 1
    tokens.header()
    assert len(site.asked("/auth")) == 1
    site.clock.now = NOW + after + 1
    tokens.header()
    assert len(site.asked("/auth")) == 2


def test_a_refused_token_is_renewed_once_by_whoever_sees_it_first(site: Exporter) -> None:
    """Two threads refused with one token bring one request for a new one."""
    tokens = site.calls().tokens
    old = tokens.header()["Authorization"]
    assert tokens.header(refused=old) == tokens.header(refused=old) == {"Authorization": "Bearer s3cret-2"}


def test_a_request_that_is_repeated_has_a_new_assertion(site: Exporter) -> None:
    """After an answer that was lost and one that was busy, as the server counts each jti once."""
    site.says("/auth/token", [raw(b""), status(503, Retry_After="7"), site.server.replies["/auth/token"]])  # type: ignore[list-item]
    assert site.calls().tokens.header() == {"Authorization": "Bearer s3cret-1"}
    sent = [parse_qs(one.content.decode())["client_assertion"][0] for one in site.asked("/auth")]
    assert len(set(sent)) == 3
    assert site.clock.waits == [1.0, 7.0]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (json({"error": "invalid_client", "error_description": "Jane"}, 400), r"no token \(400: invalid_client\)"),
        (json({"error": "Jane Roe"}, 401), r"no token \(401\)"),
        (HTML, "no bearer token"),
        (json({"access_token": "a b", "token_type": "bearer"}), "no bearer token"),
        (json({"access_token": "a", "token_type": "mac"}), "no bearer token"),
        (json([1]), "no bearer token"),
    ],
)
def test_why_there_is_no_token_is_told_in_our_words(site: Exporter, reply: object, why: str) -> None:
    """OAuth's own codes at most; nothing that was sent and nothing else that was said."""
    site.says("/auth/token", reply)  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match=why) as caught:
        site.calls().tokens.header()
    assert "Jane" not in str(caught.value)


def test_a_wrong_key_is_the_servers_to_refuse(site: Exporter, tmp_path: Path) -> None:
    """The test server does check: a key that is not registered gets nothing."""
    with pytest.raises(Unavailable, match="invalid_client"):
        site.calls(client=ClientSettings(CLIENT, rsa_key(tmp_path))).tokens.header()
    assert site.faults == ["key"]


@pytest.mark.parametrize(("late", "fault"), [(-70, "exp"), (241, "exp")])
def test_clocks_that_differ_too_much_are_seen_by_the_server(site: Exporter, late: int, fault: str) -> None:
    """A minute either way does; more does not, and is refused as a real server would."""
    calls = site.calls()
    server = site.clock
    ours = replace(server, now=NOW)
    calls.tokens.timing = ours.timing
    server.now = NOW + late
    with pytest.raises(Unavailable):
        calls.tokens.header()
    assert site.faults == [fault]
    server.now = NOW + (-55 if late < 0 else 200)
    assert calls.tokens.header()


def test_nothing_secret_is_sent_before_it_is_needed(site: Exporter) -> None:
    """Capability and configuration are public: asked for without a token."""
    site.calls().tokens.header()
    assert "authorization" not in site.asked(WELL_KNOWN)[0].headers


def test_a_server_that_takes_another_algorithm_is_told(site: Exporter) -> None:
    """Before an assertion goes out that it would refuse."""
    site.says(WELL_KNOWN, json({"token_endpoint": site.token_url, "token_endpoint_auth_signing_alg_values_supported": ["RS384"]}))
    with pytest.raises(Unavailable, match="does not take ES384"):
        site.calls().tokens.header()


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (status(404), "set client.token_url"),
        (json({}), "names no token_endpoint"),
        (json({"token_endpoint": "http://auth.example.org/token"}), "no https URL"),
        (json({"token_endpoint": "https://auth.example.org/token"}), "on auth.example.org; if that is right"),
        (body(b"x"), "names no token_endpoint"),
    ],
)
def test_an_assertion_goes_nowhere_that_the_settings_do_not_allow(site: Exporter, reply: object, why: str) -> None:
    """Whoever can change what the server says of itself must not be handed the key's word."""
    site.says(WELL_KNOWN, reply)  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match=why):
        site.calls().tokens.header()
    assert site.asked("/auth") == []


def test_a_configuration_that_can_not_be_had_for_a_while_is_asked_for_again(site: Exporter) -> None:
    """A fetch of a night does not end for one 503 at its start."""
    site.says(WELL_KNOWN, [status(503), raw(b""), site.server.replies[WELL_KNOWN]])  # type: ignore[list-item]
    assert site.calls().tokens.header()
    assert site.clock.waits == [1.0, 2.0]


def test_the_settings_may_name_the_endpoint(site: Exporter) -> None:
    """Then nothing is looked up, and its URL is the audience."""
    site.says(WELL_KNOWN, status(500))
    client = ClientSettings(CLIENT, site.keys[0], token_url=site.token_url)
    assert site.calls(client=client).tokens.header()
    assert site.asked(WELL_KNOWN) == []


def test_without_a_client_no_token_is_asked_for(site: Exporter) -> None:
    """An open server of a test site."""
    assert site.calls(client=None).tokens.header() == {}
    assert site.server.asked == []


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (None, []),
        ("system/*.rs", []),
        ("system/*.read", []),
        ("system/Patient.rs system/Condition.rs", ["Observation"]),
        ("system/Patient.rs system/Condition.rs system/Observation.rs?category=laboratory", ["Observation"]),
        ("", []),
    ],
)
def test_what_was_not_granted_is_known(site: Exporter, granted: str | None, missing: list[str]) -> None:
    """A narrower scope, or one for a part of a type; a server that says nothing of scopes granted what was asked (RFC 6749, 5.1)."""
    site.granted = granted
    assert site.calls().tokens.ungranted(("Condition", "Observation", "Patient")) == missing


def test_a_token_shows_in_no_representation(site: Exporter) -> None:
    """Of what holds it."""
    tokens = site.calls().tokens
    tokens.header()
    assert "s3cret" not in repr(tokens)
