"""What is learned of a request while it is answered into the fields of its log lines."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

_HELD: ContextVar[dict[str, object] | None] = ContextVar("held", default=None)


def begin(**fields: object) -> None:
    """A new request: forgets the one before, which may have run in the same thread."""
    _HELD.set(dict(fields))


def note(**fields: object) -> None:
    """Adds to the request being answered; outside of one it does nothing."""
    held = _HELD.get()
    if held is not None:
        held.update(fields)


def noted() -> Mapping[str, object]:
    return _HELD.get() or {}
