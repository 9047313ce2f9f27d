"""A small HTTP server on loopback that does by path what a test tells it, also what no server should, and remembers what it was asked."""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

Handler = BaseHTTPRequestHandler
Reply = Callable[[Handler], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived; `target` is path and query."""

    target: str
    headers: dict[str, str]
    method: str = "GET"
    content: bytes = b""


@dataclass
class Faulty:
    """`replies` by target, or by path alone; what has none is answered 404. A list is answered in turn, its last one again and again."""

    port: int = 0
    scheme: str = "http"
    replies: dict[str, Reply | list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def targets(self) -> list[str]:
        return [one.target for one in self.asked]

    def reply(self, target: str) -> Reply:
        found = self.replies.get(target) or self.replies.get(target.partition("?")[0]) or status(404)
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    def drip(self, first: bytes = b"HTTP/1.1 200 OK\r\nX: ") -> Reply:
        """A byte every hundredth of a second, without end."""

        def answer(handler: Handler) -> None:
            handler.wfile.write(first)
            while not self.stopped.wait(0.01):
                handler.wfile.write(b"x")

        return answer

    def silence(self, handler: Handler) -> None:
        """No answer until the test is over."""
        self.stopped.wait(30)
        handler.close_connection = True


def raw(text: bytes) -> Reply:
    """These bytes, then the end of the connection."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(text)
        handler.close_connection = True

    return answer


def body(content: bytes, code: int = 200, **headers: str) -> Reply:
    """An answer of this content; underscores in the names of headers are hyphens."""

    def answer(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def json(value: Any, code: int = 200, **headers: str) -> Reply:
    return body(orjson.dumps(value), code, Content_Type="application/fhir+json", **headers)


def status(code: int, **headers: str) -> Reply:
    return body(b"", code, **headers)


HTML = body(b"<html><body>Please log in</body></html>", Content_Type="text/html")


def bomb(size: int) -> Reply:
    """So many blanks, packed."""
    return body(gzip.compress(b" " * size), Content_Encoding="gzip")


def broken(value: Any) -> Reply:
    """Half of what was announced, then the end."""
    content = orjson.dumps(value)
    return raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content[: len(content) // 2])


@contextmanager
def faulty(context: ssl.SSLContext | None = None) -> Iterator[Faulty]:
    """The server, running; with TLS where a context is given."""
    site = Faulty(scheme="https" if context else "http")

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each small answer waits 40 ms

        def setup(self) -> None:
            site.connections += 1
            super().setup()

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            content = self.rfile.read(int(headers.get("content-length", "0")))
            site.asked.append(Asked(self.path, headers, self.command, content))
            with suppress(OSError):  # the client has gone
                site.reply(self.path)(self)

        do_POST = do_DELETE = do_GET

        def log_message(self, *_: Any) -> None:
            return

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            return  # a client that breaks off is what some tests are about

        def finish_request(self, request: Any, client_address: Any) -> None:
            if context:
                request = context.wrap_socket(request, server_side=True)
            try:
                super().finish_request(request, client_address)
            finally:
                if context:
                    request.close()

    server = Quiet(("127.0.0.1", 0), Answering)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
