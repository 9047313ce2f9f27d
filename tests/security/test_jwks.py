"""Keys fetched from the jku of the tenants file: kept, renewed, rotated, and the old ones kept whatever the server does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cds_service.errors import Unauthorized
from cds_service.observe.logs import JsonLines
from cds_service.security import jwks
from cds_service.security.addresses import network_of
from cds_service.security.jwks import PAUSE, KeySets
from cds_service.security.jwt import Verifier
from cds_service.security.keys import KeySet
from cds_service.security.outbound import Outbound
from cds_service.security.tenants import Issuer, Tenant
from tests.support import tokens as t
from tests.support.faulty_server import HTML, Faulty, Reply, body, faulty, json, status

HOUR, DAY = 3600.0, 86_400.0
OLD, NEW = t.rsa_jwk("old"), t.ec_jwk("new")


@dataclass
class Clock:
    """Time that passes when told."""

    time: float = 1000.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Site:
    """An issuer whose keys are where `server` says, and what asks for them."""

    server: Faulty
    issuer: Issuer
    sets: KeySets
    clock: Clock

    def kids(self, fresh: bool = False) -> list[str]:
        return sorted(self.sets.keys_of(self.issuer, fresh).keys)

    def says(self, reply: Reply | list[Reply]) -> None:
        self.server.replies["/keys"] = reply

    @property
    def fetches(self) -> int:
        return len(self.server.asked)


def keys(*held: Any, **headers: str) -> Reply:
    return json({"keys": list(held)}, **headers)


def own(tenant: Tenant, url: str) -> Outbound:
    return Outbound(tenant.reach(url))


@pytest.fixture
def site() -> Iterator[Site]:
    with faulty() as server:
        issuer = replace(t.issuer(), keys=KeySet({}), jku=f"{server.url}/keys")
        tenant = Tenant("general", "General", (issuer,), networks=(network_of("127.0.0.0/8"),))
        clock = Clock()
        one = Site(server, issuer, KeySets([tenant], clock, own), clock)
        one.says(keys(OLD))
        yield one


@pytest.mark.rule("62")
def test_keys_are_fetched_once_and_kept(site: Site) -> None:
    """For an hour, where the server says nothing of it."""
    assert [site.kids() for _ in range(3)] == [["old"]] * 3
    site.clock.time += HOUR - 1
    assert (site.kids(), site.fetches) == (["old"], 1)
    site.says(keys(NEW))
    site.clock.time += 1
    assert (site.kids(), site.fetches) == (["new"], 2)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=600", 600),
        ("public, max-age=1", 60),
        ("max-age=99999999", DAY),
        ("no-store", 60),
        ("s-maxage=5", HOUR),
        ("max-age=x", HOUR),
    ],
)
def test_the_servers_word_on_age_counts_within_limits(site: Site, header: str, seconds: float) -> None:
    """From a minute to a day."""
    site.says(keys(OLD, Cache_Control=header))
    site.kids()
    site.clock.time += seconds - 1
    assert (site.kids(), site.fetches) == (["old"], 1)
    site.clock.time += 1
    assert (site.kids(), site.fetches) == (["old"], 2)


@pytest.mark.rule("62")
def test_a_rotated_key_is_found_at_once(site: Site) -> None:
    """A kid that is not known is looked for though the keys are of age yet."""
    site.kids()
    site.clock.time += PAUSE
    site.says(keys(OLD, NEW))
    assert site.kids() == ["old"]
    assert site.kids(fresh=True) == ["new", "old"]


@pytest.mark.rule("62")
def test_a_flood_of_unknown_kids_is_one_fetch_a_while(site: Site) -> None:
    """Anyone can write a kid into a token; the EHR's server must not feel it."""
    for _ in range(200):
        site.kids()
        site.kids(fresh=True)
    assert site.fetches == 1
    site.clock.time += PAUSE
    for _ in range(200):
        site.kids(fresh=True)
    assert site.fetches == 2


@pytest.mark.rule("62")
@pytest.mark.parametrize(
    "reply",
    [
        status(500), status(404), status(302, Location="/other"), HTML, body(b""), body(b"\xff\xfe"), body(b"[" * 100_000),
        json([OLD]), json({"keys": 7}), json({"keys": [{**NEW, "d": "AQAB"}]}),
        json({"keys": [OLD, {"kty": "oct", "kid": "k", "k": "AAAA"}]}),
        json({"keys": [NEW] * 101}), json({"keys": [NEW], "more": "x" * 70_000}), body(b'{"keys":[],"keys":[]}'), json("x"), json(None),
    ],
)  # fmt: skip
def test_a_faulty_or_poisoned_answer_keeps_the_old_keys(site: Site, reply: Reply) -> None:
    """An error, a page, too much, what is no key set, and a set with a private key in it."""
    site.kids()
    site.says(reply)
    site.clock.time += HOUR
    assert (site.kids(), site.kids(fresh=True), site.fetches) == (["old"], ["old"], 2)


def test_one_odd_key_takes_down_neither_the_others_nor_the_server(site: Site) -> None:
    """`key_ops` of null or a number: the set's other keys serve, and a flood of unknown kids is still one fetch."""
    site.says(keys({**OLD, "key_ops": None}, {**OLD, "kid": "odd", "key_ops": 5}, NEW))
    assert [site.kids(fresh=True) for _ in range(5)] == [["new"]] * 5
    assert site.fetches == 1


def test_old_keys_serve_for_a_day_and_no_longer(site: Site) -> None:
    """A withdrawn key must not serve for ever because someone keeps the server from being asked."""
    site.kids()
    site.says(status(503))
    site.clock.time += HOUR + DAY - 1
    assert site.kids() == ["old"]
    site.clock.time += 1
    assert site.kids() == []


def test_after_a_failure_there_is_a_pause_and_then_another_try(site: Site) -> None:
    """A server that is down is not hammered, and one that is back is found."""
    site.says(status(503))
    for _ in range(50):
        assert site.kids() == site.kids(fresh=True) == []
    assert site.fetches == 1
    site.says(keys(OLD))
    site.clock.time += PAUSE
    assert (site.kids(), site.fetches) == (["old"], 2)


def test_a_server_that_is_gone_is_a_failure_like_another(site: Site) -> None:
    """No connection at all."""
    gone = replace(site.issuer, jku="http://127.0.0.1:9/keys")
    tenant = Tenant("general", "General", (gone,), networks=(network_of("127.0.0.0/8"),))
    assert dict(KeySets([tenant], site.clock, own).keys_of(gone, True).keys) == {}


def test_a_slow_server_is_waited_for_so_long_and_no_longer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that sends a byte now and then."""
    monkeypatch.setattr(jwks, "TIMEOUT", 0.2)
    for reply in (site.server.silence, site.server.drip()):
        site.says(reply)
        site.clock.time += PAUSE
        start = time.monotonic()
        assert site.kids(fresh=True) == []
        assert time.monotonic() - start < 2


def test_an_empty_set_withdraws_all_keys(site: Site) -> None:
    """It is the issuer's word, unlike an answer that is no set."""
    site.kids()
    site.says(keys())
    site.clock.time += HOUR
    assert site.kids() == []


def test_many_threads_are_one_fetch(site: Site) -> None:
    """All wait for it and have its keys."""
    arrived, seen = threading.Barrier(8), list[list[str]]()

    def ask() -> None:
        arrived.wait()
        seen.append(site.kids(fresh=True))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen, site.fetches) == ([["old"]] * 8, 1)


def test_while_one_thread_renews_the_others_go_on_with_the_old_keys(site: Site) -> None:
    """A renewal that hangs holds up one call, not all."""
    site.kids()
    asked = threading.Event()
    site.says(lambda handler: (asked.set(), site.server.silence(handler))[1])
    site.clock.time += HOUR
    slow = threading.Thread(target=site.kids)
    slow.start()
    assert asked.wait(5)
    assert site.kids() == ["old"]
    assert slow.is_alive()
    assert site.fetches == 2
    site.server.stopped.set()
    slow.join()


@pytest.mark.rule("59")
def test_keys_of_the_file_need_no_fetch_until_they_do_not_do(site: Site) -> None:
    """Where the file gives both: its own first, and those of the jku for a kid beyond them."""
    both = replace(site.issuer, keys=t.issuer(NEW).keys)
    assert (sorted(site.sets.keys_of(both, False).keys), site.fetches) == (["new"], 0)
    assert (sorted(site.sets.keys_of(both, True).keys), site.fetches) == (["new", "old"], 1)


@pytest.mark.rule("59")
def test_a_token_of_a_fetched_key_is_good_and_its_own_jku_is_never_asked(site: Site) -> None:
    """End to end: the key of the configured jku verifies; a jku elsewhere is refused without a call."""
    site.says(keys(t.rsa_jwk()))
    tenant = Tenant("general", "General", (site.issuer,), networks=(network_of("127.0.0.0/8"),))
    verifier = Verifier([tenant], site.sets.keys_of, lambda *_: True, lambda: float(t.NOW))
    good = t.token({"jku": site.issuer.jku})
    assert verifier.tenant_of(f"Bearer {good}").id == "general"
    for elsewhere in (f"{site.server.url}/evil", "http://127.0.0.1:9/keys", f"{site.issuer.jku}/", 7):
        with pytest.raises(Unauthorized):
            verifier.tenant_of(f"Bearer {t.token({'jku': elsewhere}, jti=str(elsewhere))}")
    assert site.server.targets() == ["/keys"]


def test_a_failure_is_logged_without_what_was_received(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """The site can see why; the log takes nothing from a server's page."""
    site.says(body(b'{"keys": "<b>s3cret</b>"}'))
    with caplog.at_level(logging.DEBUG):
        site.kids()
    written = "\n".join(map(JsonLines().format, caplog.records))
    assert '"outcome":"kept-old-keys"' in written
    assert "s3cret" not in written + caplog.text
