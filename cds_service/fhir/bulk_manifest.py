"""The answer of a finished export into Manifest: which files there are, of what type, where, and of what moment (Bulk Data 1 to 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cds_service.errors import Unavailable
from cds_service.fhir.bulk_calls import joined
from fhir_mappings.shapes import as_dicts, as_text

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
_TYPE = re.compile(r"[A-Za-z]{1,64}")
OUTPUT, DELETED, OUTCOME = KINDS = ("output", "deleted", "outcome")
_MEMBERS = {"output": OUTPUT, "deleted": DELETED, "error": OUTCOME, "outcome": OUTCOME}  # `error` is `outcome` from Bulk Data 4 on


@dataclass(frozen=True, slots=True)
class File:
    """One exported file. `count`: its lines, where the server says how many."""

    kind: str
    type: str
    url: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A manifest, or a part of one. `time`: the moment of which the data are. `needs_token`: None where the server does not say."""

    time: str
    needs_token: bool | None
    files: tuple[File, ...]
    next: str | None = None


def is_instant(text: str) -> bool:
    return _INSTANT.fullmatch(text) is not None


def read_page(value: Any, url: str) -> Page:
    """Unknown members are passed over, as the specification wants. A file that can't be understood is a fault: what it holds would be
    taken as absent. Raises Unavailable."""
    if not isinstance(value, dict):
        raise Unavailable("the answer of the finished export is no manifest")
    time = as_text(value.get("transactionTime")) or ""
    if not is_instant(time):
        raise Unavailable("the manifest has no transactionTime")
    if not isinstance(value.get("output"), list):
        raise Unavailable("the manifest has no list of outputs")
    if value.get("outputOrganizedBy"):
        raise Unavailable("the files are organised by resource, which was not asked for")
    files = [_file(kind, one, url) for name, kind in _MEMBERS.items() for one in _list(value, name)]
    needs = value.get("requiresAccessToken")
    return Page(time, needs if isinstance(needs, bool) else None, tuple(files), _next(value, url))


def _list(value: dict[str, Any], name: str) -> list[Any]:
    held = value.get(name)
    if held is not None and not isinstance(held, list):
        raise Unavailable(f"the manifest's `{name}` is no list")
    return held or []


def _file(kind: str, one: Any, url: str) -> File:
    held = one if isinstance(one, dict) else {}
    target = as_text(held.get("url"))
    name = as_text(held.get("type")) or ("OperationOutcome" if kind == OUTCOME else "Bundle" if kind == DELETED else "")
    if not target or not _TYPE.fullmatch(name):
        raise Unavailable(f"a file of the manifest's {kind} has no type or no url")
    count = held.get("count")
    return File(kind, name, joined(url, target), count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None)


def _next(value: dict[str, Any], url: str) -> str | None:
    for link in as_dicts(value.get("link")):
        if as_text(link.get("relation")) == "next":
            target = as_text(link.get("url"))
            if not target:
                raise Unavailable("the manifest's next page has no url")
            return joined(url, target)
    return None
