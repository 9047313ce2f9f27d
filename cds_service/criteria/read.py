"""A YAML mapping into a node of the criteria language, reporting every fault with its line."""

from __future__ import annotations

import dataclasses
from typing import Any

import yaml

from cds_service.criteria.fields import Fault, Kind, Names
from cds_service.criteria.node import Node
from cds_service.criteria.source import Source, items, pairs, plain
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
    return kind(place=source.place(node), link_id=own_link, **values) if len(source.faults) == before else None


def _primary(kind: type[Node], given: dict[str, tuple[yaml.Node, yaml.Node]], names: Names) -> tuple[str, ...]:
    """The inputs that the node's own key names: their analyte gives its thresholds their units."""
    raw = plain(given[kind.KEY][1])
    first = raw[0] if isinstance(raw, list) and raw else raw
    return names.groups.get(first, (first,)) if isinstance(first, str) else ()


def _value(kind: Kind, node: yaml.Node, source: Source, names: Names, link: str) -> Any:
    if kind.nodes == "one":
        return read_node(node, source, names, link)
    if kind.nodes == "many":
        listed = items(node, source)
        if isinstance(node, yaml.SequenceNode) and not listed:
            source.fault(node, "the list is empty")
        return tuple(read_node(one, source, names, link) for one in listed)
    try:
        return kind.read(plain(node), names)
    except Fault as fault:
        source.fault(node, str(fault))
        return None
