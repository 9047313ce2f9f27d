"""A server's URL into how far one gets to it: name, connection, TLS, and what time it is there."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

UNTRUSTED = "its certificate is not trusted"
UNKNOWN = "the name can't be resolved"


@dataclass(frozen=True, slots=True)
class Reached:
    """`problem` says where the way ends, '' where it does not. `skew`: our clock minus theirs, in seconds, where they told theirs."""

    problem: str = ""
    tls: str = ""
    certificate_days: int | None = None
    skew: float | None = None


def reach(url: str, ca: str | None = None, timeout: float = 5.0) -> Reached:
    """One HEAD request, without a token and without following where it is sent. It trusts whom the service's calls trust
    (security/outbound.py): `ca`, else the public authorities. Never raises for what a server or a network does."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        trusted = ssl.create_default_context(cafile=ca or DEFAULT_CA_BUNDLE_PATH)
        connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=trusted)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=timeout)
    try:
        return _asked(connection, parts.path or "/")
    except (OSError, http.client.HTTPException) as error:
        return Reached(_words(error))
    finally:
        connection.close()


def _asked(connection: http.client.HTTPConnection, path: str) -> Reached:
    connection.connect()
    tls, days = "", None
    if isinstance(connection.sock, ssl.SSLSocket):
        tls, days = connection.sock.version() or "", _days(connection.sock.getpeercert())
    connection.request("HEAD", path)
    date = connection.getresponse().getheader("Date")
    return Reached("", tls, days, _skew(date))


def _days(certificate: object) -> int | None:
    ends = certificate.get("notAfter") if isinstance(certificate, dict) else None
    return int((ssl.cert_time_to_seconds(ends) - time.time()) // 86400) if isinstance(ends, str) else None


def _skew(date: str | None) -> float | None:
    try:
        return time.time() - parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError):
        return None


def _words(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return UNKNOWN
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{UNTRUSTED}: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "no TLS connection"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "the connection is refused"
    return f"no answer: {type(error).__name__}"
