"""The outcome files of an export into counts by severity and code, and the types of which something is missing. No word of the server's
goes further: it may name a patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from cds_service.fhir.bulk_lines import pieces_of
from cds_service.fhir.retry import ISSUE_CODES
from fhir_mappings.shapes import Json, as_dicts, as_text

_SEVERITIES = ("fatal", "error", "warning", "information")
_HARMLESS = ("warning", "information")


@dataclass
class Outcomes:
    """`hit`: the types that an error names in its `expression`; `all`: an error may be about any type."""

    counts: Counter[str] = field(default_factory=Counter)
    hit: set[str] = field(default_factory=set)
    all: bool = False


def summed(paths: Iterable[Path], types: Iterable[str]) -> Outcomes:
    """What can't be read counts as an error about anything."""
    found, known = Outcomes(), frozenset(types)
    for path in paths:
        for line in pieces_of(path):
            if line.strip():
                _add(found, line, known)
    return found


def _add(found: Outcomes, line: bytes, known: frozenset[str]) -> None:
    try:
        value = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        value = None
    issues = as_dicts(value.get("issue")) if isinstance(value, dict) and value.get("resourceType") == "OperationOutcome" else []
    for issue in issues or [{"severity": "error", "code": "unreadable"}]:
        severity, code = _word(issue.get("severity"), _SEVERITIES, "error"), as_text(issue.get("code")) or ""
        found.counts[f"{severity} {code if code in ISSUE_CODES else 'other'}"] += 1
        if severity not in _HARMLESS:
            hit = {name.partition(".")[0] for name in _expressions(issue)} & known
            found.hit |= hit
            found.all = found.all or not hit


def _expressions(issue: Json) -> list[str]:
    held = issue.get("expression")
    return [one for one in held if isinstance(one, str)] if isinstance(held, list) else []


def _word(value: object, known: tuple[str, ...], other: str) -> str:
    return value if isinstance(value, str) and value in known else other
