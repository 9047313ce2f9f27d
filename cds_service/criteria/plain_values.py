"""The plain values of a definition, outside its rules, into Python: words, numbers, durations, lists and mappings with known keys."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from cds_service.criteria.fields import FLAG, INTEGER, Names
from cds_service.criteria.read import read_value
from cds_service.criteria.source import Source, items, pairs
from cds_service.criteria.suggest import suggestion
from fhir_mappings.dates import Duration

_NOTHING = Names({}, {}, {}, ())


def mapping(node: yaml.Node, source: Source, known: set[str], needed: set[str], what: str) -> dict[str, yaml.Node]:
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


def words_of(node: yaml.Node, source: Source) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        source.fault(node, "expected text")
        return ""
    return " ".join(node.value.split())


def one_of(node: yaml.Node | None, source: Source, choices: tuple[str, ...]) -> str:
    if node is None:
        return choices[0]
    word = words_of(node, source)
    if word and word not in choices:
        source.fault(node, f"expected one of {', '.join(choices)}{suggestion(word, choices)}")
    return word


def duration(node: yaml.Node | None, source: Source, windows: Mapping[str, Duration]) -> Duration:
    word = words_of(node, source) if node is not None else ""
    try:
        return windows[word] if word in windows else Duration.parse(word)
    except ValueError as error:
        if node is not None:
            source.fault(node, str(error))
        return Duration()


def whole_number(node: yaml.Node | None, source: Source) -> int | None:
    found: int | None = None if node is None else read_value(INTEGER, node, source, _NOTHING)
    return found


def flag(node: yaml.Node | None, source: Source) -> bool:
    return node is not None and bool(read_value(FLAG, node, source, _NOTHING))


def words_each(node: yaml.Node | None, source: Source) -> tuple[str, ...]:
    return tuple(words_of(one, source) for one in items(node, source)) if node is not None else ()


def ids(node: yaml.Node | None) -> tuple[str, ...]:
    """The ids that stand in a list, sound or not."""
    found = []
    for one in node.value if isinstance(node, yaml.SequenceNode) else ():
        if isinstance(one, yaml.MappingNode):
            found += [str(value.value) for key, value in one.value if key.value == "id"]
    return tuple(found)


def keys_of(node: yaml.Node | None) -> tuple[str, ...]:
    """The keys of a mapping, sound or not."""
    return tuple(str(key.value) for key, _ in node.value) if isinstance(node, yaml.MappingNode) else ()
