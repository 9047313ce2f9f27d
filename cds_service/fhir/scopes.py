"""The scopes of an access token (SMART App Launch) into what it may read and search: whole, in part, or not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl

# patient/Observation.read (version 1), user/*.rs, system/Observation.rs?category=...|laboratory (version 2)
_SCOPE = re.compile(r"(?:patient|user|system)/(\*|[A-Za-z]+)\.(\*|read|write|c?r?u?d?s?)(?:\?(\S*))?")


class Extent(Enum):
    """How much of a type a token lets be seen."""

    WHOLE = "whole"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class _Grant:
    type: str
    may: str  # of `r` and `s`
    only: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Scopes:
    """No grants at all: nothing was said that is understood, so the server is left to say."""

    grants: tuple[_Grant, ...]

    def reads(self, resource_type: str) -> Extent:
        return self._extent(resource_type, "r", frozenset())

    def searches(self, resource_type: str, parameters: Mapping[str, str]) -> Extent:
        """A grant for a category alone is enough for a search of just that category; else what it brings is a part, and looks whole."""
        return self._extent(resource_type, "s", frozenset((name, _code(value)) for name, value in parameters.items()))

    def _extent(self, resource_type: str, way: str, asked: frozenset[tuple[str, str]]) -> Extent:
        if not self.grants:
            return Extent.WHOLE
        fitting = [one for one in self.grants if one.type in ("*", resource_type) and way in one.may]
        if not fitting:
            return Extent.NONE
        return Extent.WHOLE if any(one.only <= asked for one in fitting) else Extent.PART


def scopes_of(text: object) -> Scopes:
    """Of the `scope` of a token; what is no scope for FHIR data is passed over."""
    words = text.split() if isinstance(text, str) else []
    return Scopes(tuple(_grants(words)))


def _grants(words: Iterable[str]) -> Iterable[_Grant]:
    for word in words:
        found = _SCOPE.fullmatch(word)
        if found and found[2]:
            may = "rs" if found[2] in ("*", "read") else "" if found[2] == "write" else found[2]
            yield _Grant(
                found[1], may, frozenset((name, _code(value)) for name, value in parse_qsl(found[3] or "", keep_blank_values=True))
            )


def _code(value: str) -> str:
    """A token without its system."""
    return value.rpartition("|")[2]
