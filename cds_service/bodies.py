"""The bytes of a request body into JSON, strictly: what two readers could read differently is refused, with line and column."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any

import orjson

from cds_service.errors import BodyError, MediaError, Problem, TooLarge

__all__ = ["MAX_DEPTH", "BodyError", "json_object", "read_json"]

# FHIR resources nest about 12 levels deep, a hook request with Bundles below 30. Python code that walks a value
# recursively fails near 1,000, and orjson itself stops only at 1,024.
MAX_DEPTH = 64

# Lengths of strings and counts of entries have no limit of their own: an attachment may be megabytes long and a chart may hold
# thousands of results, so the body's size is the limit. A number that no double holds (1e400, 400 digits) is refused by orjson.

_JSON = re.compile(r"application/(?:[a-z0-9.-]+\+)?json", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"
_ALL_BUT_FRAME = bytes(set(range(256)) - set(b'{}[]"'))
_STEPS = bytes.maketrans(b"{[}]", b"\x01\x01\xff\xff")  # read as signed: one up, one down


def json_object(media_type: str, encoding: str, data: bytes, limit: int) -> dict[str, Any]:
    """The JSON object of a request's body. Raises TooLarge, MediaError or BodyError."""
    if len(data) > limit:
        raise TooLarge(Problem(f"the body must not be larger than {limit} bytes"))
    if encoding.strip().lower() not in ("", "identity"):
        # An inflated body could be a thousand times its size; no EHR is known to compress what it posts.
        raise MediaError(Problem("the body must not be compressed (Content-Encoding: identity)"))
    if not _JSON.fullmatch(media_type):
        raise MediaError(Problem("the body must be JSON (Content-Type: application/json or application/fhir+json)"))
    value = read_json(data)
    if not isinstance(value, dict):
        raise BodyError(Problem(f"the body must be a JSON object, found {_kind(value)}"))
    return value


def read_json(data: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises BodyError; NaN, lone surrogates and repeated top-level names are no JSON here."""
    text = data.removeprefix(_BOM)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BodyError(Problem(_why(error))) from None
    if _deeper(text, MAX_DEPTH):
        raise BodyError(Problem(f"the body is nested more than {MAX_DEPTH} levels deep"))
    if isinstance(value, dict):
        _refuse_repeats(value, text)
    return value


def _why(error: json.JSONDecodeError) -> str:
    """The parser's own words, which never quote the text."""
    if "zero-length" in error.msg:
        return "the body is empty"
    if "UTF-8" in error.msg:
        return "the body is not UTF-8"
    return f"the body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"


def _deeper(text: bytes, limit: int) -> bool:
    """Whether valid JSON nests deeper than that: strings are cut away, then brackets counted up and down, all of it in C."""
    bare = text.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in text else text
    frame = bare.translate(None, _ALL_BUT_FRAME).replace(b'""', b"")
    brackets = b"".join(frame.split(b'"')[::2])
    # Real bodies are shallow: taking innermost pairs away, at most two levels a round, soon leaves nothing.
    left = brackets
    for _ in range(limit // 2):
        left = left.replace(b"{}", b"").replace(b"[]", b"")
        if not left:
            return False
    steps = memoryview(brackets.translate(_STEPS)).cast("b")
    return max(accumulate(steps), default=0) > limit


def _refuse_repeats(value: dict[str, Any], text: bytes) -> None:
    """Two members of one name at the top (two contexts, two prefetches): readers differ in which one counts."""
    # Searching is quicker than a second parse, for the few members that a request or a Bundle has.
    few = len(value) <= 32
    if few and (b"\\" not in text or b"\\u" not in text) and all(text.count(f'"{name}"'.encode()) <= 1 for name in value):
        return
    names = [name for name, _ in json.loads(text, object_pairs_hook=list)]
    if len(names) != len(value):
        raise BodyError(Problem("a member of the body's top level stands there twice"))


def _kind(value: object) -> str:
    names: dict[type, str] = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
