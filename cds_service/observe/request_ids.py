"""The headers of a request into the id under which it is logged, and the caller's trace."""

from __future__ import annotations

import re
from uuid import uuid4

# What a proxy makes (nginx `$request_id`: 32 hex digits) or a UUID. Free text is refused: it could hold anything.
_GIVEN = re.compile(r"[0-9a-f]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# W3C Trace Context, section 3.2: version, trace id, parent id, flags; ff is no version, all zeros no id.
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


def request_id(given: str | None) -> str:
    """The caller's `X-Request-Id` where it is well formed, so that logs can be joined; else a new one."""
    return given if given and _GIVEN.fullmatch(given) else uuid4().hex


def trace_id(traceparent: str | None) -> str | None:
    """The trace id of a `traceparent` header; None for what is none."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    return found.group(1) if found else None
