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
_WORD = re.compile(r"[A-Za-z]+")
_OPENING = re.compile(rb"\s*:\s*[\[{]")
_CLOSING = re.compile(rb"[\]}]\s*\}\s*\Z")
_NEAR = 64  # bytes at the end in which the last two brackets are looked for
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
    brackets = _brackets(text)
    if _deeper(brackets, MAX_DEPTH):
        raise BodyError(Problem(f"the body is nested more than {MAX_DEPTH} levels deep"))
    if isinstance(value, dict) and value:
        _refuse_repeats(value, text, brackets)
    return value


def _why(error: json.JSONDecodeError) -> str:
    """The parser's own words, which never quote the text."""
    if "zero-length" in error.msg:
        return "the body is empty"
    if "UTF-8" in error.msg:
        return "the body is not UTF-8"
    return f"the body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"


def _brackets(text: bytes) -> bytes:
    """The brackets of valid JSON without those within strings, all of it in C."""
    bare = text.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in text else text
    frame = bare.translate(None, _ALL_BUT_FRAME).replace(b'""', b"")
    return b"".join(frame.split(b'"')[::2])


def _deeper(brackets: bytes, limit: int) -> bool:
    """Whether they nest deeper than that, counted up and down."""
    if not _unpaired(brackets, limit // 2):
        return False
    steps = memoryview(brackets.translate(_STEPS)).cast("b")
    return max(accumulate(steps), default=0) > limit


def _unpaired(brackets: bytes, rounds: int) -> bytes:
    """What is left once innermost pairs were taken away so many times, at most two levels a round: of a real body soon nothing."""
    for _ in range(rounds):
        if not brackets:
            break
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return brackets


def _refuse_repeats(value: dict[str, Any], text: bytes, brackets: bytes) -> None:
    """Two members of one name at the top (two contexts, two prefetches): readers differ in which one counts."""
    # Searching is quicker than a second parse, for the few members that a request or a Bundle has.
    few = len(value) <= 32
    if few and (b"\\" not in text or b"\\u" not in text):
        searched = _before_last(next(reversed(value)), text, brackets)
        if all(searched.count(f'"{name}"'.encode()) <= 1 for name in value):
            return
    names = [name for name, _ in json.loads(text, object_pairs_hook=list)]
    if len(names) != len(value):
        raise BodyError(Problem("a member of the body's top level stands there twice"))


def _before_last(name: str, text: bytes, brackets: bytes) -> bytes:
    """The text before the last member's value, where that is an array or an object with nothing behind it, as a prefetch or the entries of
    a Bundle are: all names of the top stand there. Else the whole text."""
    place = text.find(f'"{name}"'.encode()) if _WORD.fullmatch(name) else -1
    opening = _OPENING.match(text, place + len(name) + 2) if place >= 0 else None
    before = text[: opening.end()] if opening else text
    if opening is None or b"\\" in before or not _CLOSING.search(text, len(text) - _NEAR):
        return text
    # What stands between this bracket and the last but one pairs off: so those two are a pair, right within the outermost.
    return text if _unpaired(brackets[len(_brackets(before)) : -2], MAX_DEPTH) else before


def _kind(value: object) -> str:
    names: dict[type, str] = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
