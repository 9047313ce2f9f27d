"""What the pair of nginx and gunicorn does to calls while clients are slow, a worker dies, or the service is told to reload."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import orjson
import pytest

from benchmarks.request import request
from tests.support.card_checker import faults
from tests.support.deployed import PATIENCE, UNLIMITED, Answer, Stack, wait_until
from tests.support.service import PATH

RATE = UNLIMITED
BODY = orjson.dumps(request(date.today()))  # a whole chart of 300 kB, with one card
CALLERS, CALLS = 6, 40


@contextmanager
def slow_clients(stack: Stack, count: int, sent: bytes) -> Iterator[None]:
    """Connections over TLS that have sent this much and say no more."""
    held: list[socket.socket] = []
    try:
        for _ in range(count):
            plain = socket.create_connection(("127.0.0.1", stack.tls), timeout=10)
            held.append(stack.trust().wrap_socket(plain, server_hostname="localhost"))
            held[-1].sendall(sent)
        yield
    finally:
        for one in held:
            one.close()


@pytest.mark.parametrize(
    "sent",
    [
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{{".encode(),
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nX-Slow".encode(),
    ],
    ids=["bodies", "headers"],
)
def test_64_slow_clients_stop_nobody(stack: Stack, sent: bytes) -> None:
    """While 64 requests stay unfinished, health and hook calls are answered."""
    with slow_clients(stack, 64, sent):
        for _ in range(6):
            assert stack.call("GET", "/livez").status == 200
            assert stack.call("POST", PATH, BODY).status == 200


def under_load(stack: Stack, disturb: Callable[[], None]) -> list[Answer]:
    """Every answer of CALLERS x CALLS hook calls; `disturb` runs once a quarter of them is answered. A call without answer raises."""
    answers: list[Answer] = []
    broken: list[BaseException] = []
    begun = threading.Event()

    def caller() -> None:
        try:
            for _ in range(CALLS):
                answers.append(stack.call("POST", PATH, BODY))
                if len(answers) >= CALLERS * CALLS // 4:
                    begun.set()
        except BaseException as error:
            broken.append(error)
            begun.set()

    threads = [threading.Thread(target=caller) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    assert begun.wait(PATIENCE)
    disturb()
    for thread in threads:
        thread.join(PATIENCE)
    assert not broken
    assert len(answers) == CALLERS * CALLS
    return answers


def statuses(answers: list[Answer]) -> Counter[int]:
    """How many of each, after checking that each is whole: a card that a client can show, or an OperationOutcome."""
    for answer in answers:
        if answer.status == 200:
            assert faults(answer.json) == []
            assert len(answer.json["cards"]) == 1
        else:
            assert answer.json["resourceType"] == "OperationOutcome"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return Counter(answer.status for answer in answers)


def test_a_worker_killed_under_load_loses_no_answer(stack: Stack) -> None:
    """Every call gets a whole answer; only those inside the killed worker are told 502, and another worker takes its place."""
    before = stack.workers()
    found = statuses(under_load(stack, lambda: os.kill(min(before), signal.SIGKILL)))
    assert set(found) <= {200, 502}
    assert found[502] <= CALLERS
    wait_until(lambda: len(stack.workers()) == len(before), stack)
    assert stack.workers() != before
    assert stack.call("POST", PATH, BODY).status == 200


def test_a_worker_told_to_end_under_load_finishes_its_calls(stack: Stack) -> None:
    """As at max_requests: no call sees it."""
    before = stack.workers()
    assert statuses(under_load(stack, lambda: os.kill(min(before), signal.SIGTERM))) == {200: CALLERS * CALLS}


def test_a_reload_under_load_is_seen_by_no_call(stack: Stack) -> None:
    """SIGHUP replaces all workers while every call is answered."""
    before = stack.workers()
    assert statuses(under_load(stack, lambda: stack.gunicorn.send_signal(signal.SIGHUP))) == {200: CALLERS * CALLS}
    wait_until(lambda: not stack.workers() & before, stack)


def test_without_the_service_the_proxy_says_so(stack: Stack) -> None:
    """502 or 504 as an OperationOutcome with Retry-After; the service's return is noticed at once. Stands last: it stops gunicorn."""
    stack.gunicorn.terminate()
    stack.gunicorn.wait(PATIENCE)
    answer = stack.call("POST", PATH, BODY)
    assert statuses([answer]) == {502: 1}
    assert answer.headers["Retry-After"] == "1"
