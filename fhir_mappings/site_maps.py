"""A site's FHIR ConceptMap files into what its local codes mean in the codes that the value sets name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from fhir_mappings.code_systems import normalise_code, normalise_system
from fhir_mappings.shapes import Json, as_text

Coding = tuple[str, str]

_DECISIVE = frozenset({"equal", "equivalent"})
_NOTHING = frozenset({"unmatched", "disjoint", "not-related-to"})  # says on purpose that the code means nothing here


class TerminologyError(ValueError):
    """A terminology file that cannot be used; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class SiteMap:
    """`meanings`: local coding -> codings of ours. `warnings`: mappings that were not taken, with their place."""

    meanings: dict[Coding, tuple[Coding, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_site_maps(paths: Iterable[Path]) -> SiteMap:
    """The ConceptMaps of the files together. Raises TerminologyError for a file that is no ConceptMap, OSError for an unreadable one."""
    meanings: dict[Coding, tuple[Coding, ...]] = {}
    warnings: list[str] = []
    for path in paths:
        for local, ours in _mappings(_concept_map(path), path.name, warnings):
            if ours not in meanings.get(local, ()):
                meanings[local] = (*meanings.get(local, ()), ours)
    return SiteMap(meanings, tuple(warnings))


def _concept_map(path: Path) -> Json:
    try:
        resource = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise TerminologyError(f"{path.name}:{error.lineno}: not JSON: {error.msg}") from error
    if not isinstance(resource, dict) or resource.get("resourceType") != "ConceptMap":
        raise TerminologyError(f"{path.name}: not a FHIR ConceptMap")
    return resource


def _mappings(resource: Json, file: str, warnings: list[str]) -> Iterator[tuple[Coding, Coding]]:
    for at, group in _each(resource, "group", f"{file}: ConceptMap"):
        source, target = _system(group, "source", at), _system(group, "target", at)
        for place, element in _each(group, "element", at):
            code = _text(element, "code", place)
            for spot, one in _each(element, "target", place):
                if _decides(one, spot, warnings):
                    ours = target, normalise_code(target, _text(one, "code", spot))
                    yield (source, normalise_code(source, code)), ours


def _decides(target: Json, place: str, warnings: list[str]) -> bool:
    """R4 says `equivalence`, R5 `relationship`. A wider, narrower or inexact target would decide what the local code does not say."""
    relation = _text(target, "relationship" if "relationship" in target else "equivalence", place)
    if relation not in _DECISIVE | _NOTHING:
        warnings.append(f"{place}: '{relation}' is not an equivalence, the mapping is left out")
    return relation in _DECISIVE


def _each(parent: Json, name: str, place: str) -> Iterator[tuple[str, Json]]:
    """The objects of an array with their places; an absent array is empty."""
    children: Any = parent.get(name, [])
    if not isinstance(children, list):
        raise TerminologyError(f"{place}.{name}: must be an array")
    for number, child in enumerate(children):
        if not isinstance(child, dict):
            raise TerminologyError(f"{place}.{name}[{number}]: must be an object")
        yield f"{place}.{name}[{number}]", child


def _system(group: Json, name: str, place: str) -> str:
    return normalise_system(_text(group, name, place))


def _text(parent: Json, name: str, place: str) -> str:
    text = as_text(parent.get(name))
    if text is None:
        raise TerminologyError(f"{place}.{name}: must be a non-empty string")
    return text
