"""A record into the concepts by which a trial may ask for it: all that `evidence` would look at in it, whatever the trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from cds_service.cohort.evidence import concepts, fragments
from cds_service.cohort.find import LIBRARY
from cds_service.cohort.lines import type_of
from cds_service.cohort.prepared.tables import Concept

ALWAYS = b""  # stands for what no index can tell: the record is read whenever its type is asked for
_LONGEST = 4000  # bytes of a coded concept that is kept: it comes back in many records
_LONGEST_WORDS = 400  # of words alone: notes and conclusions beyond are read again
_UNASKED = frozenset((*LIBRARY, "Patient"))
_BY_LINKS = "QuestionnaireResponse"  # asked for by the ids of its questions


class Index:
    """The concepts of many records, each with the places of the patients in whose records they stand."""

    def __init__(self) -> None:
        self.places: dict[Concept, set[int]] = {}

    def take(self, other: Iterable[tuple[Concept, list[int]]], places: set[int]) -> None:
        """What another index says of these places."""
        for concept, held in other:
            if same := places.intersection(held):
                self.places[concept] = same

    def add(self, place: int, data: bytes) -> None:
        """A line that can't be read says nothing here; it is put to every trial."""
        try:
            resource = orjson.loads(data)
        except orjson.JSONDecodeError:
            return
        if isinstance(resource, dict):
            for key in _keys(type_of(data) or str(resource.get("resourceType")), data, resource):
                self.places.setdefault(key, set()).add(place)


def _keys(kind: str, data: bytes, resource: dict[str, Any]) -> Iterator[Concept]:
    if kind in _UNASKED:
        return
    if kind == _BY_LINKS:
        yield kind, ALWAYS
        return
    for concept in (*concepts(resource), *fragments(data)):
        said = _said(concept)
        if said:
            longest = _LONGEST if b'"coding"' in said else _LONGEST_WORDS
            yield kind, said if len(said) <= longest else ALWAYS


def _said(concept: object) -> bytes:
    """Of a concept only what has a meaning; nothing where it has none."""
    if isinstance(concept, dict):
        kept = {name: concept[name] for name in ("coding", "text") if isinstance(concept.get(name), str | list | dict)}
        if set(kept) == {"text"} and not isinstance(kept["text"], str):  # a narrative
            return b""
        concept = kept
    return orjson.dumps(concept) if concept else b""
