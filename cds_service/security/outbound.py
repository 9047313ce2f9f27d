"""A URL that the site's own file allows into the answer of its server: the one way out, through which every call to another machine goes.

The name is resolved once, every address it leads to is checked, and the connection goes to a checked address, so that a name can't lead
elsewhere a moment later; Host, SNI and certificate stay those of the name. No redirect is followed, no cookie kept, no proxy or password
taken from the environment (operations 1.4). `pour` is for what is too large to hold: it hands on an answer as it came, piece by piece.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import cast

import requests
from urllib3.exceptions import NewConnectionError

from cds_service import __version__
from cds_service.errors import Refused, Unavailable
from cds_service.observe.logs import silence
from cds_service.security.addresses import Network, is_loopback, refusal
from cds_service.security.places import Place, place_of
from cds_service.security.transport import CheckedAdapter, CutResponse, cut_in

MOST_BYTES = 10_000_000
_LONGEST_CONNECT = 2.0  # seconds; a host that takes longer is taken as down
_CHUNK = 65_536
_LONGEST_SILENCE = 60.0  # seconds without a byte, where a deadline is hours away
_OWN_HEADERS = {"User-Agent": f"cds-service/{__version__}", "Accept-Encoding": "gzip", "Connection": "keep-alive"}

# Looking up a name can't be stopped, so it is waited for from outside, and at most so many wait at once.
_LOOKUPS = ThreadPoolExecutor(8, thread_name_prefix="lookup")

# What urllib3 logs holds URLs, and these hold a patient's id.
silence("urllib3")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment by which all is done, whatever it consists of."""

    at: float
    now: Callable[[], float] = time.monotonic

    @classmethod
    def within(cls, seconds: float, now: Callable[[], float] = time.monotonic) -> Deadline:
        return cls(now() + seconds, now)

    def left(self) -> float:
        return self.at - self.now()


@dataclass(frozen=True, slots=True)
class Reach:
    """Where calls may go: under these places, and of private addresses only to those in these networks. `ca`: a file of the site's own
    certificate authorities, used instead of the public ones."""

    places: tuple[Place, ...]
    networks: tuple[Network, ...] = ()
    ca: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class SinkError(Exception):
    """What a sink raises to end a call: it passes through as it is."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One request; `most` bytes of its answer are held, or all of it goes to the `sink`."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    most: int
    content: bytes | None = field(default=None, repr=False)
    sink: Callable[[bytes], None] | None = None


def lookup(host: str, port: int) -> Sequence[str]:
    """Every address of a name, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Outbound:
    """Safe to share between threads; keeps connections open for the next call."""

    def __init__(self, reach: Reach, lookup: Callable[[str, int], Sequence[str]] = lookup) -> None:
        self.reach = reach
        self._lookup = lookup
        self._adapter = CheckedAdapter(pool_maxsize=16)

    def get(self, url: str, deadline: Deadline, headers: Mapping[str, str] | None = None, most: int = MOST_BYTES) -> Answer:
        """Whatever the status. Raises Unavailable, which names no URL and nothing that was sent or received."""
        return self._send(_Call("GET", url, headers or {}, most), deadline)

    def send(self, method: str, url: str, deadline: Deadline, headers: Mapping[str, str], content: bytes | None = None) -> Answer:
        """As `get`. What may have arrived is not sent a second time."""
        return self._send(_Call(method, url, headers, MOST_BYTES, content), deadline)

    def pour(self, url: str, deadline: Deadline, headers: Mapping[str, str], sink: Callable[[bytes], None]) -> Answer:
        """As `get`, but what a server answers with 200 goes to `sink` as it came, still packed; a SinkError ends the call.

        The answer's body is then empty. After an Unavailable the sink may have had a part.
        """
        return self._send(_Call("GET", url, headers, MOST_BYTES, sink=sink), deadline)

    def _send(self, call: _Call, deadline: Deadline) -> Answer:
        place = self._allowed(call.url)
        for address in self._addresses(place, deadline):
            if deadline.left() <= 0:
                break
            try:
                return self._call(place, address, deadline, call)
            except (Unavailable, SinkError):
                raise
            except requests.exceptions.SSLError:
                raise Unavailable("the TLS connection was refused: certificate, name or version") from None
            except requests.exceptions.ConnectionError as error:
                if call.method == "GET" or isinstance(error, requests.exceptions.ConnectTimeout) or _is_unmade(error):
                    continue  # this address does not answer; the name's next one may
                raise Unavailable("no answer: the connection was cut") from None
            except Exception as error:  # urllib3, http.client and ssl raise ValueError, AttributeError … where a connection is cut
                if deadline.left() > 0:
                    raise Unavailable(f"the answer can't be read: {type(error).__name__}") from None
        raise Unavailable("timed out" if deadline.left() <= 0 else "no connection")

    def _allowed(self, url: str) -> Place:
        try:
            place = place_of(url)
        except ValueError as error:
            raise Refused(f"refused, the URL {error}") from None
        if not any(known.holds(place) for known in self.reach.places):
            raise Refused("refused, the URL is not one that the site allows")
        return place

    def _addresses(self, place: Place, deadline: Deadline) -> Sequence[str]:
        """All checked: one that must not be reached spoils the name, for the next look could give that one alone."""
        if deadline.left() <= 0:  # no fault of the name's
            raise Unavailable("timed out")
        try:
            found = _LOOKUPS.submit(self._lookup, place.host, place.port).result(max(deadline.left(), 0))
        except TimeoutError:
            raise Unavailable("timed out looking up the name") from None
        except (OSError, UnicodeError):
            raise Unavailable("the name can't be found") from None
        for address in found:
            why = refusal(address, self.reach.networks)
            if why:
                raise Refused(f"refused, an address of the host {why}")
            if place.scheme == "http" and not is_loopback(address):
                raise Refused("refused, http beyond this machine")
        return found

    def _call(self, place: Place, address: str, deadline: Deadline, call: _Call) -> Answer:
        given = {**_OWN_HEADERS, **call.headers, "Host": place.authority}
        request = requests.Request(call.method, place.at(address) + place.target, headers=given, data=call.content).prepare()
        left = deadline.left()
        silence = left if call.sink is None else min(left, _LONGEST_SILENCE)
        answer = self._adapter.send(request, stream=True, timeout=(min(left, _LONGEST_CONNECT), silence), verify=self.reach.ca or True)
        raw = cast(CutResponse, answer.raw)
        try:
            if call.sink is not None and answer.status_code == 200:
                cut_in(raw, deadline.left())
                body = _poured(raw, deadline, call.sink)
            else:
                body = _body(raw, deadline, call.most)
        finally:
            raw.cut.cancel()
            answer.close()
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, body)


@cache
def outbound_of(reach: Reach) -> Outbound:
    """One a Reach, so that its connections are used again."""
    return Outbound(reach)


def _body(raw: CutResponse, deadline: Deadline, most: int) -> bytes:
    """Counted after unpacking, so that a bomb is small here too."""
    parts, size = [], 0
    while part := raw.read1(_CHUNK, decode_content=True):
        size += len(part)
        if size > most:
            raise Unavailable(f"the answer has more than {most} bytes")
        parts.append(part)
    if deadline.left() <= 0:  # cut: what came may be a part
        raise Unavailable("timed out")
    return b"".join(parts)


def _poured(raw: CutResponse, deadline: Deadline, sink: Callable[[bytes], None]) -> bytes:
    """Not unpacked here: who unpacks can tell a packed answer that was cut from one that ended."""
    while part := raw.read1(_CHUNK, decode_content=False):
        sink(part)
    if deadline.left() <= 0:  # cut: what came may be a part
        raise Unavailable("timed out")
    return b""


def _is_unmade(error: requests.exceptions.ConnectionError) -> bool:
    """Whether no connection came about, so that nothing can have arrived."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError)
