"""The application onto a port with waitress, which waits out slow clients instead of giving each a worker."""

from __future__ import annotations

import ipaddress
import signal
import sys
import threading
from collections.abc import Callable

import waitress
from flask import Flask

from cds_service.errors import SettingsError

# Waitress reads a body before the application sees it. Up to this many times the limit the application itself says 413, as an
# OperationOutcome; beyond, waitress refuses without reading.
_SLACK = 4


def serve(app: Flask, host: str, port: int, insecure: bool = False, ready: Callable[[], None] = lambda: None) -> None:
    """Serves until stopped; calls `ready` once the port is open. Raises SettingsError where the port would be open to others although no
    caller is checked, OSError where it can't be opened."""
    refuse_open_bind(host, insecure)
    server = waitress.create_server(app, **options(app, host, port))
    ready()
    if threading.current_thread() is threading.main_thread():
        # A container's first process ignores SIGTERM unless it says what to do; waitress ends calls in progress first.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run()


def options(app: Flask, host: str, port: int) -> dict[str, object]:
    """What waitress is told."""
    limit = app.config["MAX_CONTENT_LENGTH"]
    return {"host": host, "port": port, "threads": 4, "ident": None, "max_request_body_size": limit * _SLACK}


def refuse_open_bind(host: str, insecure: bool) -> None:
    """Callers are not checked yet, so nobody but this machine may reach the port unless told so (interfaces.md, `serve`)."""
    if not insecure and not is_loopback(host):
        raise SettingsError(f"refusing to listen on '{host}': callers are not checked. Use 127.0.0.1, or --insecure to accept the risk")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
