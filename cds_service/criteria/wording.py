"""A Trial into warnings: limits of its logic that none of its words name, so that text, question and rule don't part unseen."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from decimal import Decimal

from cds_service.criteria.fields import Limit, Window
from cds_service.criteria.model import Criterion, Trial
from cds_service.criteria.node import Node
from cds_service.criteria.questionnaire import questions
from cds_service.criteria.read import yaml_key
from cds_service.criteria.source import DefinitionFault, fault_at
from fhir_mappings.dates import Duration

_LIMITS = (
    "above", "above_per_kg", "age", "agents", "at_least", "at_most", "below", "days", "for_", "longer_than", "where_true", "within",
)  # fmt: skip
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTS = {word: str(number) for number, word in enumerate(_WORDS, 1)}


def warnings(trial: Trial) -> list[DefinitionFault]:
    """Of each criterion's own rule, what decides; a hint, a doubt or a quiet clause is the reader's and may have limits of its own."""
    readings = {one.id: f"{one.gap} {one.reading}" for one in trial.questions}
    found = [one for criterion in trial.criteria for one in _unnamed(criterion, readings)]
    return sorted([*found, *(one for criterion in trial.criteria for node in criterion.nodes() for one in _unasked(node))])


def _unnamed(criterion: Criterion, readings: dict[str, str]) -> Iterator[DefinitionFault]:
    known = [criterion.text, *questions(criterion).values(), *(readings.get(name, "") for name in criterion.open_questions)]
    said = _numbers(" ".join(known))
    for node in _deciding(criterion.logic):
        for key, place, written, forms in _limits(node):
            if not forms & said:
                yield fault_at(place, f"{criterion.id}: '{key}' is {written}, which neither text, question nor reading names")


def _unasked(node: Node) -> Iterator[DefinitionFault]:
    """A question that stands in for the node and names other numbers than its limits."""
    for question in (hint.question for hint in node.hints if hint.question):
        said = _numbers(question)
        for key, place, written, forms in _limits(node):
            if said and not forms & said:
                yield fault_at(place, f"'{key}' is {written}, but the question says: {question}")


def _deciding(node: Node) -> Iterator[Node]:
    if node.weight != "decide" or getattr(node, "policy", "") == "quiet":
        return
    yield node
    for child in node.children():
        if child not in (*node.hints, *node.doubted_by):
            yield from _deciding(child)


def _limits(node: Node) -> Iterator[tuple[str, str, str, set[str]]]:
    """Key, where its value stands, how that is written, and the forms in which words may name it."""
    for one in dataclasses.fields(node):
        value = getattr(node, one.name)
        if one.name in _LIMITS and value not in (None, ()) and value != one.default:
            key = yaml_key(one.name)
            for item, limit in enumerate(value if isinstance(value, tuple) else (value,)):
                for number, forms in _told(limit):
                    written = f"{number} {node.unit(one.name)}".strip() if isinstance(limit, int | Decimal) else number
                    yield key, node.place_of(key, item), written, forms


def _told(limit: object) -> Iterator[tuple[str, set[str]]]:
    if isinstance(limit, Window):
        limit = limit.duration if limit.name.startswith("P") else None  # a named window is named by its name
    if isinstance(limit, Duration):
        yield str(limit), _lengths(limit)
    elif isinstance(limit, Limit):
        yield limit.text, _numbers(limit.text.split()[0])
    elif isinstance(limit, int | Decimal) and limit != 1:  # once the upper limit, one of them: nobody writes the 1
        yield str(limit), _numbers(str(limit))


def _lengths(duration: Duration) -> set[str]:
    """`P28D` is 28 days or 4 weeks, `P1Y` a year or 12 months."""
    months = 12 * duration.years + duration.months
    forms = [duration.days, duration.days / 7, months, months / 12]
    return {str(int(form)) for form in forms if form and form == int(form)}


def _numbers(text: str) -> set[str]:
    digits = {one.rstrip("0").rstrip(".") if "." in one else one for one in re.findall(r"\d+(?:\.\d+)?", text)}
    return digits | {_COUNTS[word] for word in re.findall(r"[a-z]+", text.casefold()) if word in _COUNTS}
