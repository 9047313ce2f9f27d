"""A URL into the Place it names: scheme, host, port and path, so that one may be compared with those the tenants file allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

_PORTS = {"https": 443, "http": 80}
_LOCAL = ("localhost", "127.0.0.1", "::1")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")  # what two readers of a URL could read differently


@dataclass(frozen=True, slots=True)
class Place:
    """`query` is without its question mark."""

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""

    def holds(self, other: Place) -> bool:
        """Whether the other is of the same origin and at this path or under it: one host may serve several hospitals."""
        same = (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)
        return same and f"{other.path}/".startswith(f"{self.path.rstrip('/')}/")

    def same(self, other: Place) -> bool:
        """Whether both are one place, but for a trailing slash."""
        return self.holds(other) and other.holds(self)

    @property
    def authority(self) -> str:
        """As the Host header names it."""
        return self.at(self.host).partition("://")[2]

    def at(self, host: str) -> str:
        """The origin with another host in it: the address that was checked."""
        name = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{name}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    @property
    def target(self) -> str:
        """Path and query."""
        return (self.path or "/") + (f"?{self.query}" if self.query else "")


def place_of(url: str) -> Place:
    """Raises ValueError with what is wrong, which never quotes the URL: its query may tell of a patient."""
    if _UNSAFE.search(url):
        raise ValueError("holds a blank, a control character or a backslash")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is no URL") from None
    host = parts.hostname or ""
    if not host or not host.isascii() or parts.fragment or "@" in parts.netloc or not _is_secure(parts):
        raise ValueError("expected an https URL without user information or fragment (http for this machine only)")
    if {".", ".."}.intersection(re.split(r"[/\\]", unquote(parts.path))):
        raise ValueError("holds a step upwards in its path")
    return Place(parts.scheme, host, _PORTS[parts.scheme] if port is None else port, parts.path, parts.query)


def _is_secure(parts: SplitResult) -> bool:
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
