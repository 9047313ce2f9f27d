"""The one way out: it goes only where the site's file says, to an address that was checked, within its limits, and tells no secrets."""

from __future__ import annotations

import gzip
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cds_service.errors import Unavailable
from cds_service.security import outbound as outbound_module
from cds_service.security.addresses import network_of
from cds_service.security.outbound import Deadline, Outbound, Reach, SinkError
from cds_service.security.places import place_of
from tests.support.certificates import authority
from tests.support.faulty_server import HTML, Faulty, Handler, body, bomb, broken, faulty, raw, status

LOOPBACK = (network_of("127.0.0.0/8"),)
SECRET = {"Authorization": "Bearer s3cret"}


@pytest.fixture
def site() -> Iterator[Faulty]:
    with faulty() as running:
        yield running


def outbound(site: Faulty, path: str = "/r4", addresses: tuple[str, ...] = ("127.0.0.1",), **reach: object) -> Outbound:
    allowed = {"places": (place_of(site.url + path),), "networks": LOOPBACK, **reach}
    return Outbound(Reach(**allowed), lambda host, port: addresses)  # type: ignore[arg-type]


def soon(seconds: float = 5) -> Deadline:
    return Deadline.within(seconds)


def test_an_answer_comes_back_whatever_its_status(site: Faulty) -> None:
    """Status, headers in lower case, and body."""
    site.replies["/r4/a"] = body(b"hello", 503, Retry_After="1")
    answer = outbound(site).get(f"{site.url}/r4/a?b=c%7Cd", soon(), SECRET)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (503, "1", b"hello")
    assert (site.asked[0].target, site.asked[0].headers["authorization"]) == ("/r4/a?b=c%7Cd", "Bearer s3cret")
    assert site.asked[0].headers["host"] == f"127.0.0.1:{site.port}"


@pytest.mark.parametrize("path", ["/other", "/r4x", "/r4/../other", "//127.0.0.1/r4"])
def test_nothing_is_asked_of_another_place(site: Faulty, path: str) -> None:
    """Not even a connection."""
    with pytest.raises(Unavailable, match="refused"):
        outbound(site).get(site.url + path, soon(), SECRET)
    assert site.connections == 0


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1", "169.254.169.254"), ("10.0.0.1",), ("::ffff:127.0.0.1",), ("0.0.0.0",), ("fe80::1%lo",), ("127.0.0.1", "10.1.1.1")],
)
def test_one_bad_address_spoils_the_name(site: Faulty, addresses: tuple[str, ...]) -> None:
    """A name that leads there now could lead only there next."""
    with pytest.raises(Unavailable, match="an address of the host"):
        outbound(site, addresses=addresses).get(f"{site.url}/r4", soon(), SECRET)
    assert site.connections == 0


def test_this_machine_is_reached_only_where_its_network_is_named(site: Faulty) -> None:
    """Naming the URL alone is not enough."""
    with pytest.raises(Unavailable, match="is loopback"):
        outbound(site, networks=()).get(f"{site.url}/r4", soon())
    assert site.connections == 0


def test_http_never_leaves_this_machine() -> None:
    """Though `localhost` were made to lead elsewhere."""
    reach = Reach((place_of("http://localhost/r4"),))
    with pytest.raises(Unavailable, match="http beyond this machine"):
        Outbound(reach, lambda *_: ["8.8.8.8"]).get("http://localhost/r4", soon())


def test_a_redirect_is_an_answer_and_not_followed(site: Faulty) -> None:
    """Neither to another place nor within the same."""
    site.replies |= {"/r4/a": status(302, Location=f"{site.url}/r4/b"), "/r4/b": body(b"x")}
    assert outbound(site).get(f"{site.url}/r4/a", soon(), SECRET).status == 302
    assert site.targets() == ["/r4/a"]


def test_the_environment_adds_nothing(site: Faulty, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy and no password of a .netrc; and cookies are not kept, they could be another user's."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    for name, value in {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1", "NETRC": str(tmp_path / ".netrc")}.items():
        monkeypatch.setitem(os.environ, name, value)
    site.replies["/r4"] = body(b"x", Set_Cookie="who=another")
    way = outbound(site)
    for _ in range(2):
        assert way.get(f"{site.url}/r4", soon()).status == 200
    assert not {"cookie", "authorization"}.intersection(*(one.headers for one in site.asked))


def test_connections_are_used_again(site: Faulty) -> None:
    """A handshake is the dearest part of a small call."""
    site.replies["/r4"] = body(b"x")
    way = outbound(site)
    for _ in range(3):
        way.get(f"{site.url}/r4", soon())
    assert site.connections == 1


def test_the_next_address_is_tried_where_one_does_not_answer(site: Faulty) -> None:
    """A host with two addresses is up while one of them is."""
    site.replies["/r4"] = body(b"x")
    assert outbound(site, addresses=("127.0.0.99", "127.0.0.1")).get(f"{site.url}/r4", soon()).status == 200


@pytest.mark.parametrize("kind", ["bomb", "plain", "without length"])
def test_bytes_are_counted_after_unpacking(site: Faulty, kind: str) -> None:
    """A packed answer of a kilobyte may be a megabyte."""
    plain = b"x" * 1_000_000
    site.replies["/r4"] = {"bomb": bomb(1_000_000), "plain": body(plain), "without length": raw(b"HTTP/1.1 200 OK\r\n\r\n" + plain)}[kind]
    with pytest.raises(Unavailable, match="more than 100000 bytes"):
        outbound(site).get(f"{site.url}/r4", soon(), most=100_000)


def test_a_packed_answer_is_unpacked(site: Faulty) -> None:
    """FHIR's JSON packs to a tenth."""
    site.replies["/r4"] = body(gzip.compress(b"hello" * 1000), Content_Encoding="gzip")
    assert outbound(site).get(f"{site.url}/r4", soon()).body == b"hello" * 1000


@pytest.mark.parametrize("kind", ["silence", "headers", "body", "chunks", "status line"])
def test_the_whole_call_has_one_deadline(site: Faulty, kind: str) -> None:
    """A server that sends a byte now and then keeps a socket's own time-out from ever ending."""
    head = b"HTTP/1.1 200 OK\r\n"
    site.replies["/r4"] = {
        "silence": site.silence,
        "headers": site.drip(),
        "body": site.drip(head + b"Content-Length: 1000000\r\n\r\n"),
        "chunks": site.drip(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 3 + b"ffffff\r\n"),
        "status line": site.drip(b"HTTP/1.1 200 "),
    }[kind]
    start = time.monotonic()
    with pytest.raises(Unavailable, match="timed out"):
        outbound(site).get(f"{site.url}/r4", soon(0.3), SECRET)
    assert time.monotonic() - start < 2


def test_looking_up_a_name_is_within_the_deadline(site: Faulty) -> None:
    """A resolver that hangs can't be stopped, only left."""

    def hanging(host: str, port: int) -> list[str]:
        site.stopped.wait(5)
        return []

    way = Outbound(outbound(site).reach, hanging)
    with pytest.raises(Unavailable, match="looking up"):
        way.get(f"{site.url}/r4", soon(0.1))
    site.stopped.set()


def test_a_deadline_that_has_passed_is_not_the_names_fault(site: Faulty) -> None:
    """An operator who reads of a look-up would look at the resolver; and nothing is looked up any more."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with pytest.raises(Unavailable, match=r"^timed out$"):
        Outbound(outbound(site).reach, resolver).get(f"{site.url}/r4", soon(-0.1))
    assert asked == []


@pytest.mark.parametrize(
    "reply",
    [
        broken(["x" * 99]),
        raw(b""),
        raw(b"nonsense\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 9\r\n\r\n"),
    ],
)
def test_what_is_no_whole_answer_is_unavailable(site: Faulty, reply: object) -> None:
    """One kind of error whatever the fault, without a chain that could hold the URL or the token."""
    site.replies["/r4/Patient/p-77"] = reply  # type: ignore[assignment]
    with pytest.raises(Unavailable) as told:
        outbound(site).get(f"{site.url}/r4/Patient/p-77?x=p-77", soon(1), SECRET)
    assert told.value.__cause__ is None
    assert told.value.__context__ is None or told.value.__suppress_context__
    assert not any(word in repr(told.value) for word in ("p-77", "s3cret", "127.0.0.1"))


def test_nothing_of_a_url_is_logged(site: Faulty, caplog: pytest.LogCaptureFixture) -> None:
    """The library below logs paths, with a patient's id in them, also as a warning where headers are odd."""
    site.replies["/r4/Patient/p-77"] = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nno header at all\r\n\r\n")
    with caplog.at_level(logging.DEBUG):
        outbound(site).get(f"{site.url}/r4/Patient/p-77", soon(), SECRET)
    assert not any(word in caplog.text for word in ("p-77", "s3cret"))


def test_the_name_must_be_proved_though_an_address_is_called(tmp_path: Path) -> None:
    """Host, SNI and certificate are the name's; an authority of the site's own is trusted where its file says so, and no other."""
    ca, context = authority(tmp_path, "fhir.hospital.example")
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with faulty(context) as site:
        site.replies["/r4"] = body(b"x")

        def call(name: str, trusted: str | None) -> int:
            url = f"https://{name}:{site.port}/r4"
            way = Outbound(Reach((place_of(url),), LOOPBACK, trusted), lambda *_: ["127.0.0.1"])
            return way.get(url, soon()).status

        assert call("fhir.hospital.example", str(ca)) == 200
        assert site.asked[0].headers["host"] == f"fhir.hospital.example:{site.port}"
        assert names == ["fhir.hospital.example"]
        for name, trusted in (("other.hospital.example", str(ca)), ("fhir.hospital.example", None)):
            with pytest.raises(Unavailable, match="TLS"):
                call(name, trusted)
        assert len(site.asked) == 1


def test_an_html_page_is_an_answer_too(site: Faulty) -> None:
    """What it means is for the caller to say."""
    site.replies["/r4"] = HTML
    assert outbound(site).get(f"{site.url}/r4", soon()).body.startswith(b"<html>")


def test_what_is_sent_arrives_by_its_method(site: Faulty) -> None:
    """A form by POST with its headers, and DELETE without content."""
    site.replies["/r4/a"] = body(b"ok")
    for method, content in (("POST", b"a=b"), ("DELETE", None)):
        assert outbound(site).send(method, f"{site.url}/r4/a", soon(), SECRET, content).body == b"ok"
    assert [(one.method, one.content) for one in site.asked] == [("POST", b"a=b"), ("DELETE", b"")]


def test_what_may_have_arrived_is_not_sent_again(site: Faulty) -> None:
    """A connection that is cut after the request was sent: the next address could be the same server. One never made is no such case."""
    site.replies["/r4/a"] = raw(b"")
    with pytest.raises(Unavailable, match="cut"):
        outbound(site, addresses=("127.0.0.1", "127.0.0.1")).send("POST", f"{site.url}/r4/a", soon(), SECRET, b"a=b")
    assert len(site.asked) == 1
    site.replies["/r4/a"] = body(b"ok")
    assert outbound(site, addresses=("127.0.0.99", "127.0.0.1")).send("POST", f"{site.url}/r4/a", soon(), SECRET).body == b"ok"


def test_a_large_answer_is_poured_as_it_came(site: Faulty) -> None:
    """More than is ever held, still packed."""
    packed, parts = gzip.compress(os.urandom(300_000)), list[bytes]()
    site.replies["/r4/a"] = body(packed, Content_Encoding="gzip")
    answer = outbound(site).pour(f"{site.url}/r4/a", soon(), SECRET, parts.append)
    assert (answer.status, answer.body, b"".join(parts)) == (200, b"", packed)
    assert len(parts) > 1


def test_another_status_is_not_poured(site: Faulty) -> None:
    """The page of an error is no part of a file."""
    site.replies["/r4/a"], parts = body(b"gone", 410), list[bytes]()
    answer = outbound(site).pour(f"{site.url}/r4/a", soon(), SECRET, parts.append)
    assert (answer.status, answer.body, parts) == (410, b"gone", [])


@pytest.mark.parametrize("kind", ["half", "drip"])
def test_what_was_poured_in_part_is_told(site: Faulty, kind: str) -> None:
    """Cut before its announced end, or not ended by the deadline."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    site.replies["/r4/a"] = {"half": broken(["x" * 99]), "drip": site.drip(head)}[kind]
    with pytest.raises(Unavailable):
        outbound(site).pour(f"{site.url}/r4/a", soon(0.3), SECRET, lambda _: None)


def test_a_file_may_take_longer_than_any_silence(site: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is cut off after its own deadline, or where nothing comes for a while; not because it is long."""
    monkeypatch.setattr(outbound_module, "_LONGEST_SILENCE", 0.5)

    def slowly(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n")
        for _ in range(40):
            site.stopped.wait(0.02)
            handler.wfile.write(b"x")

    site.replies["/r4/a"], parts = slowly, list[bytes]()
    outbound(site).pour(f"{site.url}/r4/a", soon(30), SECRET, parts.append)
    assert b"".join(parts) == b"x" * 40


def test_a_server_that_falls_silent_is_cut_off(site: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a file, long before the file's deadline."""
    monkeypatch.setattr(outbound_module, "_LONGEST_SILENCE", 0.2)

    def half(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nx")
        site.stopped.wait(20)

    site.replies["/r4/a"], start = half, time.monotonic()
    with pytest.raises(Unavailable):
        outbound(site).pour(f"{site.url}/r4/a", soon(30), SECRET, lambda _: None)
    assert time.monotonic() - start < 10


def test_a_sink_ends_the_call_with_its_own_error(site: Faulty) -> None:
    """A disk that is full is no fault of the server."""

    def full(_: bytes) -> None:
        raise SinkError("full")

    site.replies["/r4/a"] = body(b"x")
    with pytest.raises(SinkError, match="full"):
        outbound(site).pour(f"{site.url}/r4/a", soon(), SECRET, full)
