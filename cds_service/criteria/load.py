"""A definition file into a Trial: strict, with file and line, all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from cds_service.criteria.check import checked
from cds_service.criteria.fields import Fault, Names
from cds_service.criteria.model import Arm, Criterion, OpenQuestion, Registry, Standing, Trial
from cds_service.criteria.node import Node
from cds_service.criteria.read import read_node
from cds_service.criteria.source import DefinitionError, DefinitionFault, Source, items, pairs, parse, plain
from cds_service.criteria.suggest import suggestion
from fhir_mappings.dates import Duration
from fhir_mappings.terminology import ValueSet

STATES = ("recruiting", "paused", "full", "closed")
_TRIAL = {
    "id", "version", "title", "short_title", "summary", "phase", "registry", "state", "places",
    "answers_within", "windows", "groups", "questions", "arms", "criteria",
}  # fmt: skip
_OPTIONAL = {"places", "groups", "questions", "summary", "phase"}
_CRITERION = {"id", "kind", "text", "arm", "applies_if", "cure", "sensitive", "subject", "standing", "open_questions"}


def load_trial(path: Path, value_sets: Mapping[str, ValueSet]) -> Trial:
    """Reads and checks a definition. Raises DefinitionError with every fault, OSError where the file can't be read."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise DefinitionError([DefinitionFault(str(path), 1, "not UTF-8 text")]) from None
    return read_trial(text, str(path), value_sets)


def read_trial(text: str, file: str, value_sets: Mapping[str, ValueSet]) -> Trial:
    root, source = parse(text, file)
    given = _mapping(root, source, _TRIAL, _TRIAL - _OPTIONAL, "the definition")
    trial = _trial(given, root, source, value_sets) if given else None
    if trial is not None and not source.faults:
        source.faults += checked(trial, value_sets)
    if source.faults or trial is None:
        raise DefinitionError(source.faults)
    return trial


def _mapping(node: yaml.Node, source: Source, known: set[str], needed: set[str], what: str) -> dict[str, yaml.Node]:
    """The values of a mapping by key; unknown and missing keys are faults."""
    given: dict[str, yaml.Node] = {}
    for key, key_node, value in pairs(node, source):
        if key in known:
            given[key] = value
        else:
            source.fault(key_node, f"unknown key '{key}' in {what}{suggestion(key, known)}")
    for key in sorted(needed - set(given)):
        source.fault(node, f"{what} needs '{key}'")
    return given


def _trial(given: dict[str, yaml.Node], root: yaml.Node, source: Source, value_sets: Mapping[str, ValueSet]) -> Trial | None:
    windows = _windows(given.get("windows"), source)
    meanings = {name: one.title for name, one in value_sets.items()}
    names = Names({name: one.types for name, one in value_sets.items()}, {}, windows, _ids(given.get("arms")), meanings)
    names = replace(names, groups=_groups(given.get("groups"), source, names))
    criteria = _criteria(given.get("criteria"), source, names)
    broken = frozenset(_ids(given.get("criteria"))) - {one.id for one in criteria}
    arms = _arms(given.get("arms"), source, criteria, broken)
    text = {key: _words(given[key], source) for key in ("id", "version", "title", "short_title", "summary", "phase") if key in given}
    answers = _duration(given.get("answers_within"), source, windows)
    state = _one_of(given.get("state"), source, STATES)
    if source.faults:
        return None
    return Trial(
        id=text["id"], version=text["version"], title=text["title"], short_title=text["short_title"],
        summary=text.get("summary", ""), phase=text.get("phase", ""), registry=_registry(given["registry"], source),
        state=state, places=_places(given.get("places"), source), answers_within=answers, windows=windows,
        questions=_questions(given.get("questions"), source), arms=arms, criteria=criteria,
        resource_types=_types(criteria, value_sets), groups=names.groups, source=source.file,
    )  # fmt: skip


def _types(criteria: tuple[Criterion, ...], value_sets: Mapping[str, ValueSet]) -> frozenset[str]:
    """What the inputs are read from, and what coverage (Encounter) and answers (QuestionnaireResponse) are read from."""
    nodes = [node for criterion in criteria for node in criterion.nodes()]
    held = {kind for node in nodes for kind in node.TYPES} | {
        kind for node in nodes for name in node.inputs() for kind in value_sets[name].types
    }
    return frozenset(held | {"Patient", "Encounter", "QuestionnaireResponse"})


def _words(node: yaml.Node, source: Source) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        source.fault(node, "expected text")
        return ""
    return " ".join(node.value.split())


def _one_of(node: yaml.Node | None, source: Source, choices: tuple[str, ...]) -> str:
    if node is None:
        return choices[0]
    word = _words(node, source)
    if word and word not in choices:
        source.fault(node, f"expected one of {', '.join(choices)}{suggestion(word, choices)}")
    return word


def _places(node: yaml.Node | None, source: Source) -> int | None:
    raw = None if node is None else plain(node)
    if node is not None and (isinstance(raw, bool) or not isinstance(raw, int)):
        source.fault(node, "expected a whole number")
        return None
    return raw


def _duration(node: yaml.Node | None, source: Source, windows: Mapping[str, Duration]) -> Duration:
    word = _words(node, source) if node is not None else ""
    try:
        return windows[word] if word in windows else Duration.parse(word)
    except ValueError as error:
        if node is not None:
            source.fault(node, str(error))
        return Duration()


def _windows(node: yaml.Node | None, source: Source) -> dict[str, Duration]:
    return {key: _duration(value, source, {}) for key, _, value in pairs(node, source)} if node is not None else {}


def _groups(node: yaml.Node | None, source: Source, names: Names) -> dict[str, tuple[str, ...]]:
    from cds_service.criteria.fields import SETS

    groups: dict[str, tuple[str, ...]] = {}
    for key, _, value in pairs(node, source) if node is not None else ():
        try:
            # A group may name the groups above it.
            groups[key] = SETS.read(plain(value), replace(names, groups=groups))
        except Fault as fault:
            source.fault(value, str(fault))
    return groups


def _registry(node: yaml.Node, source: Source) -> Registry:
    keys = {"system", "value", "url"}
    given = _mapping(node, source, keys, keys, "the registry")
    words = {key: _words(value, source) for key, value in given.items()}
    return Registry(words.get("system", ""), words.get("value", ""), words.get("url", ""))


def _questions(node: yaml.Node | None, source: Source) -> tuple[OpenQuestion, ...]:
    questions = []
    for key, _, value in pairs(node, source) if node is not None else ():
        given = _mapping(value, source, {"gap", "reading"}, {"gap", "reading"}, f"question {key}")
        words = {name: _words(one, source) for name, one in given.items()}
        questions.append(OpenQuestion(key, words.get("gap", ""), words.get("reading", "")))
    return tuple(questions)


def _ids(node: yaml.Node | None) -> tuple[str, ...]:
    """The ids that stand in a list, sound or not."""
    found = []
    for one in node.value if isinstance(node, yaml.SequenceNode) else ():
        if isinstance(one, yaml.MappingNode):
            found += [str(value.value) for key, value in one.value if key.value == "id"]
    return tuple(found)


def _arms(node: yaml.Node | None, source: Source, criteria: tuple[Criterion, ...], broken: frozenset[str]) -> tuple[Arm, ...]:
    """`broken` criteria have faults of their own: that nothing of them can be named is no further one."""
    arms = []
    keys = {"id", "title", "text", "scope", "gate"}
    nodes = {one.link_id: one for criterion in criteria for one in criterion.nodes() if one.link_id}
    ids = {criterion.id for criterion in criteria}
    for one in items(node, source) if node is not None else ():
        given = _mapping(one, source, keys | {"facts"}, keys, "an arm")
        if not keys <= set(given):
            continue
        scope, *also = [_scope(each, nodes, source, broken) for each in _several(given["scope"])]
        gate, facts = (_named(given.get(key), source, ids, broken) for key in ("gate", "facts"))
        if scope is not None:
            name, title, text = (_words(given[key], source) for key in ("id", "title", "text"))
            arms.append(Arm(name, title, text, scope, gate, tuple(each for each in also if each is not None), facts))
    return tuple(arms)


def _named(node: yaml.Node | None, source: Source, ids: set[str], broken: frozenset[str]) -> tuple[str, ...]:
    """The criteria that a list names."""
    if not isinstance(node, yaml.SequenceNode):
        return ()
    names = tuple(str(name) for name in plain(node))
    for name in names if ids else ():
        if name not in ids | broken:
            source.fault(node, f"unknown criterion '{name}'{suggestion(name, ids)}")
    return names


def _several(node: yaml.Node) -> list[yaml.Node]:
    """One clause, or a list of them."""
    return node.value if isinstance(node, yaml.SequenceNode) and node.value else [node]


def _scope(node: yaml.Node, nodes: Mapping[str, Node], source: Source, broken: frozenset[str]) -> Node | None:
    name = _words(node, source)
    if name not in nodes and nodes and name.partition("/")[0] not in broken:
        source.fault(node, f"unknown clause '{name}'{suggestion(name, nodes)}: the scope is the clause of the arm's diagnosis")
    return nodes.get(name)


def _criteria(node: yaml.Node | None, source: Source, names: Names) -> tuple[Criterion, ...]:
    criteria: list[Criterion] = []
    seen: set[str] = set()
    for one in items(node, source) if node is not None else ():
        criterion = _criterion(one, source, names)
        if criterion is None:
            continue
        if criterion.id in seen:
            source.fault(one, f"criterion '{criterion.id}' is given twice")
        seen.add(criterion.id)
        criteria.append(criterion)
    return tuple(criteria)


def _criterion(node: yaml.Node, source: Source, names: Names) -> Criterion | None:
    before = len(source.faults)
    own = {key: value for key, _, value in pairs(node, source) if key in _CRITERION}
    for key in ("id", "kind", "text"):
        if key not in own:
            source.fault(node, f"a criterion needs '{key}'")
    if len(source.faults) > before:
        return None
    identity = _words(own["id"], source)
    logic = read_node(node, source, names, identity, frozenset(_CRITERION))
    parts: dict[str, Any] = {
        "kind": _one_of(own["kind"], source, ("inclusion", "exclusion")),
        "arm": _one_of(own["arm"], source, names.arms) if "arm" in own else "",
        "cure": _one_of(own["cure"], source, ("never", "date", "state")) if "cure" in own else "state",
        "sensitive": _flag(own.get("sensitive"), source),
        "applies_if": read_node(own["applies_if"], source, names, identity) if "applies_if" in own else None,
        "subject": _words(own["subject"], source) if "subject" in own else "",
        "standing": _standing(own.get("standing"), source, names, identity),
        "open_questions": _listed(own.get("open_questions"), source),
    }
    if logic is None or len(source.faults) > before:
        return None
    logic = logic if logic.link_id else replace(logic, link_id=identity)
    return Criterion(id=identity, text=_words(own["text"], source), logic=logic, place=source.place(node), **parts)


def _flag(node: yaml.Node | None, source: Source) -> bool:
    raw = False if node is None else plain(node)
    if node is not None and not isinstance(raw, bool):
        source.fault(node, "expected true or false")
    return bool(raw)


def _listed(node: yaml.Node | None, source: Source) -> tuple[str, ...]:
    return tuple(_words(one, source) for one in items(node, source)) if node is not None else ()


def _standing(node: yaml.Node | None, source: Source, names: Names, link: str) -> tuple[Standing, ...]:
    found = []
    for one in items(node, source) if node is not None else ():
        given = _mapping(one, source, {"clause", "ask", "when"}, {"clause", "ask"}, "a standing clause")
        if {"clause", "ask"} <= set(given):
            when = read_node(given["when"], source, names, link) if "when" in given else None
            found.append(Standing(_words(given["clause"], source), _words(given["ask"], source), when))
    return tuple(found)
