"""An answer leaves gunicorn in one send, so that a killed worker leaves a whole answer or none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cds_service.one_send import Response


class Sends:
    """A socket that keeps what each `sendall` got."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.parts.append(bytes(data))


def answer(headers: list[tuple[str, str]], *parts: bytes, method: str = "POST") -> list[bytes]:
    """What reaches the socket, a send each."""
    request: Any = SimpleNamespace(version=(1, 1), method=method, should_close=lambda: False)
    sends = Sends()
    response = Response(request, sends, SimpleNamespace(is_ssl=False))
    response.start_response("200 OK", headers)
    for part in parts:
        response.write(part)
    response.close()
    return sends.parts


def test_headers_and_body_are_one_send() -> None:
    """Status line, headers and body together."""
    (sent,) = answer([("Content-Length", "2")], b"{}")
    assert sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert sent.endswith(b"\r\n\r\n{}")


def test_later_parts_follow_as_they_come() -> None:
    """A body in several parts keeps its order, and a chunked one its end."""
    first, second, end = answer([], b"{", b"}")
    assert first.endswith(b"\r\n\r\n1\r\n{\r\n")
    assert (second, end) == (b"1\r\n}\r\n", b"0\r\n\r\n")


@pytest.mark.parametrize("parts", [(), (b"",)])
def test_an_answer_without_body_is_sent_too(parts: tuple[bytes, ...]) -> None:
    """OPTIONS and HEAD: the headers alone."""
    (sent,) = answer([("Content-Length", "0")], *parts)
    assert sent.endswith(b"Content-Length: 0\r\n\r\n")
