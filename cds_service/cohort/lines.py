"""A raw line of NDJSON into what can be told of it without parsing: its type, the patients it mentions, why it can't be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from cds_service.cohort import source
from cds_service.cohort.source import Line

Json = dict[str, Any]
_TYPE = re.compile(rb'\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"')
_MENTION = b"Patient/"
_MENTIONED = re.compile(rb'Patient/([^"/|#?\s\\]+)')
_OPAQUE = b'"urn:uuid:'
_UUIDS = re.compile(rb'"urn:uuid:([0-9A-Fa-f-]{36})"')
_ENDS = re.compile(rb'["/|#?\s\\]')
# Where a slash or a letter of ASCII may be written as an escape, bytes can't be compared: such a line is parsed.
_ESCAPE = re.compile(rb"\\(?:/|u00[0-7])")


class Unreadable(ValueError):
    """A line that is no resource; `reason` is one of a few fixed words and never holds the line's text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(line: Line) -> Json:
    """The resource of a line. Raises Unreadable."""
    if line.long:
        raise Unreadable("too-long")
    try:
        value = orjson.loads(line.data)
    except orjson.JSONDecodeError:
        raise Unreadable("not-json" if line.data.endswith(b"}") else "cut-off") from None
    if not isinstance(value, dict):
        raise Unreadable("not-an-object")
    if not isinstance(value.get("resourceType"), str):
        raise Unreadable("no-resource-type")
    return value


def type_of(data: bytes) -> str | None:
    """The resource type where it is the line's first member, as every known server writes it; None: the line must be parsed."""
    found = _TYPE.match(data)
    return found[1].decode("ascii") if found else None


def is_plain(data: bytes) -> bool:
    """Whether no key and no reference of the line can be hidden behind an escape."""
    return _ESCAPE.search(data) is None


def is_opaque(data: bytes) -> bool:
    """Whether anything is referred to by urn:uuid, as in the Bundles of a transaction: whose line it is, only its subject tells."""
    return _OPAQUE in data


def regular(chunk: bytes) -> tuple[str, int] | None:
    """The type of all of a chunk's lines, and how many they are, where they are whole, of one type, plain and not opaque: then the
    chunk can be searched as one text."""
    kind = type_of(chunk)
    head = b'{"resourceType":"%b"' % (kind or "").encode()
    if kind is None or len(chunk) > source.LONGEST_LINE or not chunk.startswith(head) or not chunk.endswith(b"}\n"):
        return None
    lines = chunk.count(b"\n")
    same = chunk.count(b"}\n" + head) == lines - 1
    return (kind, lines) if same and is_plain(chunk) and not is_opaque(chunk) else None


def line_around(chunk: bytes, at: int) -> bytes:
    """The line of a chunk in which a place lies."""
    return chunk[chunk.rfind(b"\n", 0, at) + 1 : chunk.find(b"\n", at)]


def all_mentioned(chunk: bytes) -> list[bytes]:
    """The ids that a chunk's lines refer to, in their order."""
    return _MENTIONED.findall(chunk)


def mentioned(data: bytes) -> Iterator[bytes]:
    """The ids of all patients that a plain line refers to, whichever element it is: more than its subject, never less."""
    at = data.find(_MENTION)
    while at >= 0:
        start = at + len(_MENTION)
        end = data.find(b'"', start)
        held = data[start : end if end >= 0 else len(data)]
        yield held if held.replace(b"-", b"").isalnum() else _ENDS.split(held, maxsplit=1)[0]
        at = data.find(_MENTION, start)


def uuids(data: bytes) -> list[bytes]:
    """What a line refers to by urn:uuid: its subject, and much else."""
    return _UUIDS.findall(data)
