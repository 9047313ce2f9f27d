"""A request whose URL holds a checked address into a connection that must prove the name, and that is cut at its deadline."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class CutResponse(HTTPResponse):
    """What the connections here answer with. `cut`: the timer that ends it; cancel it once the body is read."""

    cut: threading.Timer
    sock: Any


def cut_in(response: CutResponse, seconds: float) -> None:
    """Another moment for it, for an answer that may take longer than its beginning."""
    response.cut.cancel()
    response.cut = _timer(response.sock, seconds)


class _Cut:
    """A timeout of a socket counts anew from each byte: a server that drips would hold it forever."""

    sock: Any
    timeout: float | None

    def getresponse(self) -> Any:
        sock = self.sock
        timer = _timer(sock, self.timeout or 0)
        try:
            response: Any = super().getresponse()  # type: ignore[misc]
        except BaseException:
            timer.cancel()
            raise
        response.cut, response.sock = timer, sock  # until the body is read, too
        return response


def _timer(sock: socket.socket, seconds: float) -> threading.Timer:
    timer = threading.Timer(max(seconds, 0), _shut, (sock,))
    timer.daemon = True
    timer.start()
    return timer


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:  # closed already
        return


class _Plain(_Cut, HTTPConnection):
    pass


class _Tls(_Cut, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class CheckedAdapter(HTTPAdapter):
    """As the URL holds an address, nothing looks up the name again: were the hook below not called, TLS would fail, not pass."""

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        super().init_poolmanager(*given, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """SNI and certificate are those of the name in Host."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = urlsplit(f"//{request.headers['Host']}").hostname
        return host, {**pool, "server_hostname": name} if host["scheme"] == "https" else pool


def is_authority(path: str) -> bool:
    """Whether the file holds certificates to trust."""
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError):
        return False
    return True
