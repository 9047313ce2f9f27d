"""A Trial into plain words, as `cds-service trials describe` prints it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from cds_service.criteria.model import Criterion, Trial
from cds_service.criteria.node import Node
from cds_service.criteria.read import yaml_key
from fhir_mappings.terminology import ValueSet

_WORTH = {
    "review": "asks for review, decides nothing",
    "lean-true": "leans to this, to be confirmed",
    "lean-false": "leans against, to be confirmed",
    "note": "is noted only",
}
_HEADS = {"all_of": "all of", "any_of": "any of", "not": "not", "at_least": "at least {n} of"}
_SKIP = {"label", "clause", "weight", "binds", "hints", "cure", "note", "place", "link_id"}


def describe(trial: Trial, value_sets: Mapping[str, ValueSet]) -> str:
    lines = [
        f"{trial.title} ({trial.definition})",
        f"{trial.registry.value}, {trial.state}" + (f", {trial.places} places" if trial.places else ""),
    ]
    lines += [f"{name}: the {duration} up to the evaluation date" for name, duration in trial.windows.items()]
    for criterion in trial.criteria:
        lines += ["", *_criterion(criterion, value_sets)]
    lines += ["", "Open questions of the protocol and the reading in use:"]
    lines += [f"  {one.id}: {one.gap} Reading: {one.reading}." for one in trial.questions]
    return "\n".join(lines)


def _criterion(criterion: Criterion, value_sets: Mapping[str, ValueSet]) -> Iterator[str]:
    scope = f" ({criterion.arm} only)" if criterion.arm else ""
    yield f"{criterion.id}  {criterion.kind}{scope}"
    yield from wrap(criterion.text, 100, initial_indent="  “", subsequent_indent="   ")
    if criterion.applies_if:
        yield "  applies if:"
        yield from _node(criterion.applies_if, 2, value_sets)
    yield "  is met by:" if criterion.kind == "inclusion" else "  is triggered by:"
    yield from _node(criterion.logic, 2, value_sets)
    for one in criterion.standing:
        yield f"  always asked ({one.clause}): {one.ask}"
    if criterion.open_questions:
        yield f"  rests on the reading of {', '.join(criterion.open_questions)}"


def _node(node: Node, depth: int, value_sets: Mapping[str, ValueSet]) -> Iterator[str]:
    pad = "  " * depth
    own = {one.name: getattr(node, one.name) for one in dataclasses.fields(node) if one.name not in _SKIP}
    children = [child for child in node.children() if child not in node.hints]
    yield f"{pad}- {_head(node, own, bool(children), value_sets)}{_tail(node)}"
    for child in children:
        yield from _node(child, depth + 1, value_sets)
    if node.hints:
        yield f"{pad}  while that is unknown, in this order:"
        for hint in node.hints:
            yield from _node(hint, depth + 1, value_sets)


def _head(node: Node, own: dict[str, Any], parent: bool, value_sets: Mapping[str, ValueSet]) -> str:
    clause = f"({node.clause}) " if node.clause else ""
    if node.KEY in _HEADS and parent:
        return clause + _HEADS[node.KEY].format(n=own.get("at_least"))
    if node.KEY == "ask":
        return f"{clause}a person says: {own['ask']}"
    named = f"{node.label}: " if node.label else ""
    own = dict(sorted(own.items(), key=lambda one: yaml_key(one[0]) != node.KEY))  # the node's own key first
    defaults = {one.name: one.default for one in dataclasses.fields(node)}
    parts = [f"{yaml_key(name).replace('_', ' ')} {_words(value, value_sets)}" for name, value in own.items() if value != defaults[name]]
    return clause + named + ", ".join(parts)


def _tail(node: Node) -> str:
    parts = [_WORTH[node.weight]] if node.weight in _WORTH else []
    if node.binds:
        parts.append(", ".join(f"{mode} in {arm}" for arm, mode in node.binds))
    if node.note:
        parts.append(f"note: {node.note}")
    return f"  [{'; '.join(parts)}]" if parts else ""


def _words(value: Any, value_sets: Mapping[str, ValueSet]) -> str:
    if isinstance(value, tuple):
        return " or ".join(_words(one, value_sets) for one in value)
    if isinstance(value, str) and value in value_sets:
        return str(value_sets[value].title)
    return "yes" if value is True else str(getattr(value, "text", value))
