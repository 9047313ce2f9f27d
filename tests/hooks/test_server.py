"""The service over real HTTP, and where it refuses to listen."""

from __future__ import annotations

import http.client
import signal
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import waitress
from flask import Flask
from waitress.server import create_server

from cds_service import server
from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.errors import SettingsError
from tests.support.card_checker import faults
from tests.support.service import PATH, FakeEngine, hook_request


@pytest.fixture
def port() -> Iterator[int]:
    """The service in a thread, with a small limit for bodies."""
    app = create_app(Settings(body_limit=5000), FakeEngine())
    running = create_server(app, **server.options(app, "127.0.0.1", 0))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield running.effective_port
    # From its own thread's point of view, as a signal would stop it.
    running.trigger.pull_trigger(running.close)
    running.task_dispatcher.shutdown()
    thread.join(timeout=5)


def call(port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, headers or {}, encode_chunked=isinstance(body, list))
        answer = connection.getresponse()
        return answer.status, orjson.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.rule("6", "30")
def test_discovery_and_a_card_over_http(port: int) -> None:
    """A client finds the service and gets a card, also with a body sent in chunks; too large a body gets a 413 it can read."""
    json = {"Content-Type": "application/json"}
    status, found = call(port, "GET", "/cds-services")
    assert (status, found["services"][0]["id"]) == (200, PATH.rpartition("/")[2])
    body = orjson.dumps(hook_request())
    status, response = call(port, "POST", PATH, body, json)
    assert (status, faults(response), len(response["cards"])) == (200, [], 1)
    chunked = {**json, "Transfer-Encoding": "chunked"}
    assert call(port, "POST", PATH, [body[:50], body[50:]], chunked) == (200, response)
    for too_large in (b" " * 6000, [b" " * 3000] * 2):
        status, response = call(port, "POST", PATH, too_large, chunked if isinstance(too_large, list) else json)
        assert (status, response["resourceType"]) == (413, "OperationOutcome")


@pytest.mark.rule("1", "53")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.1.2.3", "ehr.example", "*", "fe80::1"])
def test_it_refuses_to_listen_beyond_this_machine(host: str) -> None:
    """Callers are not checked, so only `insecure` opens the port to others."""
    with pytest.raises(SettingsError, match="refusing to listen"):
        server.refuse_open_bind(host, insecure=False)
    server.refuse_open_bind(host, insecure=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "[::1]", "localhost"])
def test_it_listens_on_loopback(host: str) -> None:
    """Any spelling of this machine's own address."""
    server.refuse_open_bind(host, insecure=False)


def test_serving_hands_the_application_to_waitress(monkeypatch: pytest.MonkeyPatch) -> None:
    """With host, port and a limit above the application's own, and ends on SIGTERM as a container's first process must."""
    given: dict[str, Any] = {}
    handlers: dict[int, Any] = {}

    class Opened:
        def run(self) -> None:
            given["ran"] = True

    def opened(app: Flask, **options: Any) -> Opened:
        given.update(options, app=app)
        return Opened()

    monkeypatch.setattr(waitress, "create_server", opened)
    monkeypatch.setattr(signal, "signal", lambda number, handler: handlers.update({number: handler}))
    app = create_app(Settings(body_limit=1000), FakeEngine())
    server.serve(app, "127.0.0.1", 0, ready=lambda: given.update(ready="ran" not in given))
    assert given["ready"]
    assert given["ran"]
    assert (given["app"], given["host"], given["port"], given["max_request_body_size"]) == (app, "127.0.0.1", 0, 4004)
    with pytest.raises(SystemExit):
        handlers[signal.SIGTERM](signal.SIGTERM, None)


def test_serving_refuses_before_it_opens_anything() -> None:
    """No socket is bound."""
    with pytest.raises(SettingsError):
        server.serve(create_app(Settings(), FakeEngine()), "0.0.0.0", 0)
