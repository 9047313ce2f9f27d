"""gunicorn's answers into one send each: headers leave with the body's first part (deploy/gunicorn.conf.py).

Apart, a worker killed between the two sends leaves the proxy a 200 whose body never comes, and it can no longer turn that into a 502."""

from __future__ import annotations

from typing import Any

from gunicorn.http import wsgi


class Response(wsgi.Response):  # type: ignore[misc]  # gunicorn has no types
    """As gunicorn's, with one `sendall` for headers and first part."""

    sock: Any

    def write(self, arg: bytes) -> None:
        if self.headers_sent:
            super().write(arg)
            return
        sock, held = self.sock, _Held()
        self.sock = held
        try:
            super().write(arg)
        finally:
            self.sock = sock
        sock.sendall(bytes(held))


class _Held(bytearray):
    """What a socket is to gunicorn's Response while it writes."""

    def sendall(self, data: bytes) -> None:
        self.extend(data)


def install() -> None:
    """Makes gunicorn's workers answer so. Before the first request."""
    wsgi.Response = Response
