"""A criterion of a definition into a Criterion, every fault of it told where it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml

from cds_service.criteria.fields import Names
from cds_service.criteria.model import Criterion, Standing
from cds_service.criteria.plain_values import flag, mapping, one_of, words_each, words_of
from cds_service.criteria.read import read_node
from cds_service.criteria.source import Source, items, pairs
from cds_service.criteria.suggest import suggestion

_CRITERION = {"id", "kind", "text", "arm", "applies_if", "cure", "sensitive", "subject", "standing", "open_questions"}


def criteria_of(node: yaml.Node | None, source: Source, names: Names) -> tuple[Criterion, ...]:
    criteria: list[Criterion] = []
    seen: set[str] = set()
    for one in items(node, source) if node is not None else ():
        criterion = _criterion(one, source, names, seen)
        criteria += [criterion] if criterion else []
    return tuple(criteria)


def _criterion(node: yaml.Node, source: Source, names: Names, seen: set[str]) -> Criterion | None:
    """None where it has faults. `seen` are the ids before it, and its own."""
    before = len(source.faults)
    own = {key: value for key, _, value in pairs(node, source) if key in _CRITERION}
    for key in ("id", "kind", "text"):
        if key not in own:
            source.fault(node, f"a criterion needs '{key}'")
    identity = words_of(own["id"], source) if "id" in own else ""
    if identity and identity in seen:
        source.fault(own["id"], f"criterion '{identity}' is given twice")
    seen.add(identity)
    _check_clauses(node, source, identity, set())
    logic = read_node(node, source, names, identity, frozenset(_CRITERION))
    parts: dict[str, Any] = {
        "text": words_of(own["text"], source) if "text" in own else "",
        "kind": one_of(own.get("kind"), source, ("inclusion", "exclusion")),
        "arm": one_of(own["arm"], source, names.arms) if "arm" in own else "",
        "cure": one_of(own["cure"], source, ("never", "date", "state")) if "cure" in own else "state",
        "sensitive": flag(own.get("sensitive"), source),
        "applies_if": read_node(own["applies_if"], source, names, identity) if "applies_if" in own else None,
        "subject": words_of(own["subject"], source) if "subject" in own else "",
        "standing": _standing(own.get("standing"), source, names, identity),
        "open_questions": _open_questions(own.get("open_questions"), source, names),
    }
    if logic is None or len(source.faults) > before:
        return None
    logic = logic if logic.link_id else replace(logic, link_id=identity)
    return Criterion(id=identity, logic=logic, place=source.place(node), **parts)


def _check_clauses(node: yaml.Node, source: Source, identity: str, seen: set[str]) -> None:
    """A person's answer is read back under the name of a clause: no two of the rule may have one, nor two standing ones."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "clause" and isinstance(value, yaml.ScalarNode):
            if value.value in seen:
                source.fault(value, f"clause '{value.value}' of {identity} is given twice")
            seen.add(value.value)
        _check_clauses(value, source, identity, set() if key.value == "standing" else seen)
    for one in node.value if isinstance(node, yaml.SequenceNode) else ():
        _check_clauses(one, source, identity, seen)


def _open_questions(node: yaml.Node | None, source: Source, names: Names) -> tuple[str, ...]:
    listed = words_each(node, source)
    for name, one in zip(listed, items(node, source) if node is not None else (), strict=True):
        if name and name not in names.questions:
            source.fault(one, f"unknown open question '{name}'{suggestion(name, names.questions)}")
    return listed


def _standing(node: yaml.Node | None, source: Source, names: Names, link: str) -> tuple[Standing, ...]:
    found = []
    for one in items(node, source) if node is not None else ():
        given = mapping(one, source, {"clause", "ask", "when"}, {"clause", "ask"}, "a standing clause")
        words = {key: words_of(given[key], source) for key in ("clause", "ask") if key in given}
        when = read_node(given["when"], source, names, link) if "when" in given else None
        found.append(Standing(words.get("clause", ""), words.get("ask", ""), when))
    return tuple(found)
