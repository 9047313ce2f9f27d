"""A PostgreSQL that does not answer into an error in good time: connections with a deadline for each exchange."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.errors import ConnectionTimeout

if TYPE_CHECKING:
    from psycopg.abc import PQGen

_INTERVAL = 0.1  # how often a wait looks at the deadline
Answer = TypeVar("Answer")


class Unanswered(psycopg.OperationalError):
    """The server took a query and said nothing."""


class PromptConnection(psycopg.Connection[Any]):
    """No exchange takes longer than `LONGEST` seconds. A server that is stopped, or whose disk hangs, still takes what is sent to it:
    no setting of its own and none of TCP's ends that wait."""

    LONGEST = 4.0  # more than a lock is waited for, so that a lock is told as one

    def wait(self, gen: PQGen[Answer], interval: float = _INTERVAL, timeout: float | None = None) -> Answer:
        try:
            return super().wait(_until(gen, time.monotonic() + self.LONGEST), interval, timeout)
        except Unanswered:
            self.pgconn.finish()  # its answer may yet come, to a question that nobody asks any more
            raise


def _until(gen: PQGen[Answer], deadline: float) -> Generator[Any, Any, Answer]:
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > deadline:
                raise Unanswered("no answer in time")
            wanted = gen.send(ready)
    except StopIteration as end:
        answer: Answer = end.value
        return answer


def connect(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> PromptConnection:
    """For SQLAlchemy's event `do_connect`."""
    return PromptConnection.connect(*arguments, **options)


def kept_waiting(fault: BaseException | None) -> bool:
    """Whether the driver's fault is a wait that was given up, for a connection or for an answer."""
    return isinstance(fault, Unanswered | ConnectionTimeout)
