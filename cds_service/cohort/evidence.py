"""The scopes of a trial's arms into a test of raw lines: whether a line may speak for or against a patient's being in scope."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from cds_service.cohort.lines import line_around
from cds_service.criteria.model import Trial
from fhir_mappings.shapes import as_dicts, as_text, words
from fhir_mappings.terminology import Terminology

_CODE = re.compile(rb'"code"\s*:\s*\{')
_ODD = re.compile(rb'"code"(?!\s*:\s*[{"])')  # a code in a shape of its own: an array
_OBJECT = re.compile(rb'"code"(?::\{|(?!:"))')  # a code that is no string: an object right behind it, or what is asked line by line
_BRACE = ord("{")
_REMEMBERED = 200_000  # distinct codes with their words; a hospital has some ten thousand
# Observations speak through reports too, a drug through five types.
_TOGETHER = {"Observation": ("DiagnosticReport",)}


class ScopeEvidence:
    """Answers "may this line matter to any arm's scope?" with the mapping's own terminology, so that it can never be narrower.

    What a CodeableConcept means is asked once for each different spelling of it in bytes: a hospital repeats a few thousand codes
    over millions of lines. A code that stands in a value set of a scope, or whose words name one, makes the line evidence.
    """

    def __init__(self, trial: Trial, terms: Terminology) -> None:
        nodes = [node for arm in trial.arms for root in (arm.scope, *arm.also) for node in root.walk()]
        self.wanted = frozenset(name for node in nodes for name in node.inputs())
        read = {kind for name in self.wanted for kind in terms.value_sets[name].types} | {kind for node in nodes for kind in node.TYPES}
        self.types = frozenset(read | {other for kind in read for other in _TOGETHER.get(kind, ())})
        self._links = tuple(node.link_id.encode() for node in nodes if node.link_id)
        self._terms = terms
        self._known: dict[tuple[str, bytes], bool] = {}

    def speaks(self, kind: str, data: bytes) -> bool | None:
        """Whether a line of that type may matter; None where bytes can't tell and `speaks_of` must look at the parsed resource."""
        if kind == "QuestionnaireResponse":
            return any(link in data for link in self._links)
        if kind not in self.types:
            return False
        if kind not in ("Condition", "Observation"):
            return None
        if _ODD.search(data):
            return None
        verdict: bool | None = None
        for start in _codes(data):
            verdict = self._code(kind, data, start)
            if verdict is not False:
                return verdict
        return verdict

    def silent(self, kind: str) -> bool:
        """Whether no line of that type can matter."""
        return kind not in self.types and kind != "QuestionnaireResponse"

    def searched(self, kind: str | None) -> bool:
        """Whether `speaking` may answer for lines of that type."""
        return kind == "Observation" and kind in self.types

    def speaking(self, kind: str, chunk: bytes) -> list[tuple[bytes, bool | None]] | None:
        """(line, what `speaks` says) of the lines of a regular chunk that may matter; None where the lines must be asked one by one.

        Of a test that is met again, only the end of its code has to be found and looked up. Diagnoses are asked one by one: a line
        without a code that can be found may be broken, and that leaves a hole where absence decides.
        """
        if not self.searched(kind):
            return None
        known = self._known
        found: list[tuple[bytes, bool | None]] = []
        for one in _OBJECT.finditer(chunk):
            start = one.end() - 1
            if chunk[start] != _BRACE:
                return None
            held = known.get((kind, chunk[start : _end(chunk, start)]))
            if held is None:
                held = self._code(kind, chunk, start)
            if held is not False:
                found.append((line_around(chunk, start), held))
        return found

    def speaks_of(self, kind: str, resource: Mapping[str, Any]) -> bool:
        """The same of a parsed resource."""
        if kind == "QuestionnaireResponse":
            return True
        return kind in self.types and any(self._named(kind, one) for one in concepts(resource))

    def _code(self, kind: str, data: bytes, start: int) -> bool | None:
        """What the CodeableConcept that begins at `start` says. Only a whole JSON object is taken: its end can't lie elsewhere."""
        try:
            return self.names(kind, data[start : _end(data, start)])
        except orjson.JSONDecodeError:
            return None

    def names(self, kind: str, concept: bytes) -> bool:
        """Whether a concept, as JSON, in a record of that type may matter. Raises JSONDecodeError."""
        held = self._known.get((kind, concept))
        if held is None:
            value = orjson.loads(concept)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            held = self._known[kind, concept] = self._named(kind, value)
        return held

    def _named(self, kind: str, concept: object) -> bool:
        texts = words(concept) if isinstance(concept, dict) else [concept] if isinstance(concept, str) else []
        found = self._terms.members(concept) | self._terms.named(texts, kind) | (self._terms.may_be(concept) or frozenset())
        return not self.wanted.isdisjoint(found)


def _codes(data: bytes) -> Iterator[int]:
    """Where the objects under a key `code` begin; a coding's own code is a string."""
    for found in _CODE.finditer(data):
        yield found.end() - 1


def fragments(data: bytes) -> Iterator[object]:
    """What stands under the keys `code` of a line, as the search of bytes sees it."""
    for start in _codes(data):
        try:
            yield orjson.loads(data[start : _end(data, start)])
        except orjson.JSONDecodeError:  # then the line's whole resource is looked at
            continue


def _end(data: bytes, start: int) -> int:
    """The likely end of a CodeableConcept: after its array of codings, else the first brace."""
    first = data.find(b"}", start)
    opens = data.find(b"[", start, first)
    return first + 1 if opens < 0 else data.find(b"}", data.find(b"}]", opens) + 2) + 1  # names of tests hold brackets themselves


def concepts(value: object) -> Iterator[object]:
    """Every CodeableConcept (or Coding's holder) of a resource, however deep, and the words of a report's conclusion."""
    if isinstance(value, list):
        for one in value:
            yield from concepts(one)
    elif isinstance(value, dict):
        if "coding" in value or "text" in value:
            yield value
        if "system" in value and "code" in value:
            yield {"coding": as_dicts(value)}
        if conclusion := as_text(value.get("conclusion")):
            yield conclusion
        for one in value.values():
            if isinstance(one, dict | list):
                yield from concepts(one)
