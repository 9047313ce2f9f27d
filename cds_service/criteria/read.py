"""A YAML mapping into a node of the criteria language, reporting every fault where the value at fault stands."""

from __future__ import annotations

import dataclasses
from typing import Any

import yaml

from cds_service.criteria.fields import Kind, Names
from cds_service.criteria.node import Node
from cds_service.criteria.source import Fault, Source, items, pairs, plain
from cds_service.criteria.suggest import suggestion
from cds_service.criteria.vocabulary import BY_KEY, KINDS


def yaml_key(name: str) -> str:
    """A field's name in YAML: `for_` and `not_` avoid Python's own words; `weight` reads as `counts`."""
    return {"weight": "counts"}.get(name, name.rstrip("_"))


def kinds_of(kind: type[Node]) -> dict[str, tuple[dataclasses.Field[Any], Kind]]:
    """The YAML keys of a kind of node, with their fields."""
    declared = [(one, one.metadata["kind"]) for one in dataclasses.fields(kind) if "kind" in one.metadata]
    return {yaml_key(one.name): (one, kind_) for one, kind_ in declared}


def read_node(node: yaml.Node, source: Source, names: Names, link: str, reserved: frozenset[str] = frozenset()) -> Node | None:
    """The node that a mapping describes; None where it has faults. `reserved` keys belong to the surrounding criterion."""
    given = {key: (key_node, value) for key, key_node, value in pairs(node, source) if key not in reserved}
    kind = next((one for one in KINDS if one.KEY in given), None)
    if kind is None:
        found, (key_node, _) = next(iter(given.items()), ("", (node, node)))
        hint = suggestion(found, BY_KEY) if given else ""
        source.fault(key_node, f"no rule: expected one of {', '.join(sorted(BY_KEY))}{hint}")
        return None
    return _built(kind, given, node, source, names, link)


def _built(
    kind: type[Node], given: dict[str, tuple[yaml.Node, yaml.Node]], node: yaml.Node, source: Source, names: Names, link: str
) -> Node | None:
    known = kinds_of(kind)
    before = len(source.faults)
    values: dict[str, Any] = {}
    clause = given.get("clause")
    own_link = f"{link.split('/')[0]}/{clause[1].value}" if clause and isinstance(clause[1], yaml.ScalarNode) else ""
    primary = _primary(kind, given, names)
    for key, (key_node, value) in given.items():
        if key not in known:
            source.fault(key_node, f"unknown key '{key}' in '{kind.KEY}'{suggestion(key, known)}")
            continue
        declared, field_kind = known[key]
        values[declared.name] = _value(field_kind, value, source, dataclasses.replace(names, primary=primary), link)
    for key, (declared, _) in known.items():
        if key not in given and declared.default is dataclasses.MISSING:
            source.fault(node, f"'{kind.KEY}' needs '{key}'")
    if len(source.faults) > before:
        return None
    places = {key: tuple(source.place(one) for one in _listed(value)) for key, (_, value) in given.items()}
    built = kind(place=source.place(node), link_id=own_link, places=places, **values)
    _check_inputs(built, [value for key, (_, value) in given.items() if known[key][1].parts == "items"], source, names)
    return built


def _check_inputs(node: Node, given: list[yaml.Node], source: Source, names: Names) -> None:
    """An input must hold what the rule reads: a laboratory value set can't be an exposure."""
    for name in node.inputs():
        types = names.value_sets[name]
        if node.READS and types and not (types & node.READS):
            named = (one for value in given for one in _listed(value) if name in names.groups.get(str(one.value), (one.value,)))
            holds, reads = (", ".join(sorted(held)) for held in (types, node.READS))
            source.fault(next(named, given[0]), f"'{name}' holds {holds}, but '{node.KEY}' reads {reads}")


def _listed(node: yaml.Node) -> list[yaml.Node]:
    """The items of a list; what is no list is one by itself."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]


def _primary(kind: type[Node], given: dict[str, tuple[yaml.Node, yaml.Node]], names: Names) -> tuple[str, ...]:
    """The inputs that the node's own key names: their analyte gives its thresholds their units."""
    first = next((one.value for one in _listed(given[kind.KEY][1])), None)
    return names.groups.get(first, (first,)) if isinstance(first, str) else ()


def _value(kind: Kind, node: yaml.Node, source: Source, names: Names, link: str) -> Any:
    if kind.nodes == "one":
        return read_node(node, source, names, link)
    if kind.nodes == "many":
        listed = items(node, source)
        if isinstance(node, yaml.SequenceNode) and not listed:
            source.fault(node, "the list is empty")
        return tuple(read_node(one, source, names, link) for one in listed)
    return read_value(kind, node, source, names)


def read_value(kind: Kind, node: yaml.Node, source: Source, names: Names) -> Any:
    """The value of a field. A list or a mapping that is read part by part tells every fault, each where its part stands."""
    if kind.parts == "items" and isinstance(node, yaml.SequenceNode) and node.value:
        return tuple(dict.fromkeys(found for one in node.value for found in _part(kind, one, one, None, source, names)))
    if kind.parts == "pairs" and isinstance(node, yaml.MappingNode) and node.value:
        return tuple(sorted(found for key, at, value in pairs(node, source) for found in _part(kind, at, value, key, source, names)))
    try:
        return kind.read(plain(node), names)
    except Fault as fault:
        source.fault(node, str(fault))
        return None


def _part(kind: Kind, key_node: yaml.Node, node: yaml.Node, key: str | None, source: Source, names: Names) -> tuple[Any, ...]:
    """What one item of a list says, or one pair of a mapping."""
    try:
        raw = plain(node)
        return tuple(kind.read([raw] if key is None else {key: raw}, names))
    except Fault as fault:
        source.fault(key_node if fault.of_key else node, str(fault))
        return ()
