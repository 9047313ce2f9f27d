"""A definition file into a Trial: strict, every fault where the value at fault stands, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from cds_service.criteria.check import checked
from cds_service.criteria.fields import SETS, Names
from cds_service.criteria.model import Arm, Criterion, OpenQuestion, Registry, Trial
from cds_service.criteria.node import Node
from cds_service.criteria.plain_values import duration, ids, keys_of, mapping, one_of, whole_number, words_each, words_of
from cds_service.criteria.read import read_value
from cds_service.criteria.read_criteria import criteria_of
from cds_service.criteria.source import DefinitionError, DefinitionFault, Source, items, pairs, parse
from cds_service.criteria.suggest import suggestion
from fhir_mappings.dates import Duration
from fhir_mappings.terminology import ValueSet

STATES = ("recruiting", "paused", "full", "closed")
_TRIAL = {
    "id", "version", "title", "short_title", "summary", "phase", "registry", "state", "places",
    "answers_within", "windows", "groups", "questions", "arms", "criteria",
}  # fmt: skip
_OPTIONAL = {"places", "groups", "questions", "summary", "phase"}


def load_trial(path: Path, value_sets: Mapping[str, ValueSet]) -> Trial:
    """Reads and checks a definition. Raises DefinitionError with every fault, OSError where the file can't be read."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise DefinitionError([DefinitionFault(str(path), 1, 1, "not UTF-8 text")]) from None
    return read_trial(text, str(path), value_sets)


def read_trial(text: str, file: str, value_sets: Mapping[str, ValueSet]) -> Trial:
    root, source = parse(text, file)
    given = mapping(root, source, _TRIAL, _TRIAL - _OPTIONAL, "the definition")
    trial = _trial(given, root, source, value_sets) if given else None
    if trial is not None and not source.faults:
        source.faults += checked(trial, value_sets)
    if source.faults or trial is None:
        raise DefinitionError(source.faults)
    return trial


def _trial(given: dict[str, yaml.Node], root: yaml.Node, source: Source, value_sets: Mapping[str, ValueSet]) -> Trial | None:
    windows = _windows(given.get("windows"), source)
    meanings = {name: one.title for name, one in value_sets.items()}
    names = Names(
        {name: one.types for name, one in value_sets.items()},
        {},
        windows,
        ids(given.get("arms")),
        keys_of(given.get("questions")),
        meanings,
    )
    names = replace(names, groups=_groups(given.get("groups"), source, names))
    criteria = criteria_of(given.get("criteria"), source, names)
    broken = frozenset(ids(given.get("criteria"))) - {one.id for one in criteria}
    arms = _arms(given.get("arms"), source, criteria, broken)
    text = {key: words_of(given[key], source) for key in ("id", "version", "title", "short_title", "summary", "phase") if key in given}
    answers = duration(given.get("answers_within"), source, windows)
    state = one_of(given.get("state"), source, STATES)
    registry, places = _registry(given.get("registry"), source), whole_number(given.get("places"), source)
    questions = _questions(given.get("questions"), source)
    if source.faults:
        return None
    return Trial(
        id=text["id"], version=text["version"], title=text["title"], short_title=text["short_title"],
        summary=text.get("summary", ""), phase=text.get("phase", ""), registry=registry,
        state=state, places=places, answers_within=answers, windows=windows,
        questions=questions, arms=arms, criteria=criteria,
        resource_types=_types(criteria, value_sets), groups=names.groups, source=source.file,
    )  # fmt: skip


def _types(criteria: tuple[Criterion, ...], value_sets: Mapping[str, ValueSet]) -> frozenset[str]:
    """What the inputs are read from, and what coverage (Encounter) and answers (QuestionnaireResponse) are read from."""
    nodes = [node for criterion in criteria for node in criterion.nodes()]
    held = {kind for node in nodes for kind in node.TYPES} | {
        kind for node in nodes for name in node.inputs() for kind in value_sets[name].types
    }
    return frozenset(held | {"Patient", "Encounter", "QuestionnaireResponse"})


def _windows(node: yaml.Node | None, source: Source) -> dict[str, Duration]:
    return {key: duration(value, source, {}) for key, _, value in pairs(node, source)} if node is not None else {}


def _groups(node: yaml.Node | None, source: Source, names: Names) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for key, _, value in pairs(node, source) if node is not None else ():
        # A group may name the groups above it. One with a fault stands for the rest of it: that it is named is no further fault.
        groups[key] = read_value(SETS, value, source, replace(names, groups=groups)) or ()
    return groups


def _registry(node: yaml.Node | None, source: Source) -> Registry:
    keys = {"system", "value", "url"}
    given = mapping(node, source, keys, keys, "the registry") if node is not None else {}
    words = {key: words_of(value, source) for key, value in given.items()}
    return Registry(words.get("system", ""), words.get("value", ""), words.get("url", ""))


def _questions(node: yaml.Node | None, source: Source) -> tuple[OpenQuestion, ...]:
    questions = []
    for key, _, value in pairs(node, source) if node is not None else ():
        given = mapping(value, source, {"gap", "reading"}, {"gap", "reading"}, f"question {key}")
        words = {name: words_of(one, source) for name, one in given.items()}
        questions.append(OpenQuestion(key, words.get("gap", ""), words.get("reading", "")))
    return tuple(questions)


def _arms(node: yaml.Node | None, source: Source, criteria: tuple[Criterion, ...], broken: frozenset[str]) -> tuple[Arm, ...]:
    """`broken` criteria have faults of their own: that nothing of them can be named is no further one."""
    arms: list[Arm] = []
    keys = {"id", "title", "text", "scope", "gate"}
    nodes = {one.link_id: one for criterion in criteria for one in criterion.nodes() if one.link_id}
    sound = {criterion.id for criterion in criteria}
    for one in items(node, source) if node is not None else ():
        given = mapping(one, source, keys | {"facts"}, keys, "an arm")
        words = {key: words_of(given[key], source) for key in ("id", "title", "text") if key in given}
        scope, *also = [_scope(each, nodes, source, broken) for each in _several(given["scope"])] if "scope" in given else [None]
        gate, facts = (_named(given.get(key), source, sound, broken) for key in ("gate", "facts"))
        if words.get("id") in [arm.id for arm in arms]:
            source.fault(given["id"], f"arm '{words['id']}' is given twice")
        if scope is not None and keys <= set(given):
            more = tuple(each for each in also if each is not None)
            arms.append(Arm(**words, scope=scope, gate=gate, also=more, facts=facts, place=source.place(given["gate"])))
    return tuple(arms)


def _named(node: yaml.Node | None, source: Source, sound: set[str], broken: frozenset[str]) -> tuple[str, ...]:
    """The criteria that a list names."""
    listed = words_each(node, source)
    for name, one in zip(listed, items(node, source), strict=True) if node is not None and sound else ():
        if name and name not in sound | broken:
            source.fault(one, f"unknown criterion '{name}'{suggestion(name, sound)}")
    return listed


def _several(node: yaml.Node) -> list[yaml.Node]:
    """One clause, or a list of them."""
    return node.value if isinstance(node, yaml.SequenceNode) and node.value else [node]


def _scope(node: yaml.Node, nodes: Mapping[str, Node], source: Source, broken: frozenset[str]) -> Node | None:
    name = words_of(node, source)
    if name not in nodes and nodes and name.partition("/")[0] not in broken:
        source.fault(node, f"unknown clause '{name}'{suggestion(name, nodes)}: the scope is the clause of the arm's diagnosis")
    return nodes.get(name)
