"""Definition YAML into plain values that remember their file and line, and the faults found in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, order=True)
class DefinitionFault:
    """One fault of a definition: where and what."""

    file: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}"


def fault_at(place: str, problem: str) -> DefinitionFault:
    """A fault at `file:line`."""
    file, _, line = place.rpartition(":")
    return DefinitionFault(file, int(line), problem)


class DefinitionError(ValueError):
    """A definition can't be used. Holds every fault, in file order."""

    def __init__(self, faults: list[DefinitionFault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(slots=True)
class Source:
    """A file being read: its name and the faults met so far."""

    file: str
    faults: list[DefinitionFault] = field(default_factory=list)

    def fault(self, node: yaml.Node, problem: str) -> None:
        self.faults.append(DefinitionFault(self.file, node.start_mark.line + 1, problem))

    def place(self, node: yaml.Node) -> str:
        return f"{self.file}:{node.start_mark.line + 1}"


def parse(text: str, file: str) -> tuple[yaml.Node, Source]:
    """The YAML tree. Raises DefinitionError where it is not YAML or is empty."""
    source = Source(file)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise DefinitionError([DefinitionFault(file, line, f"not YAML: {getattr(error, 'problem', None) or 'unreadable'}")]) from None
    if root is None:
        raise DefinitionError([DefinitionFault(file, 1, "the file is empty")])
    return root, source


def plain(node: yaml.Node) -> Any:
    """A YAML node as Python values; quantities and durations stay text."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def pairs(node: yaml.Node, source: Source) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """(key, key node, value node) of a mapping; a repeated key or a value that is no mapping is a fault."""
    if not isinstance(node, yaml.MappingNode):
        source.fault(node, "expected a mapping of keys and values")
        return
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in seen:
            source.fault(key_node, f"'{key}' is given twice")
            continue
        seen.add(key)
        yield key, key_node, value_node


def items(node: yaml.Node, source: Source) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        source.fault(node, "expected a list")
        return []
    return list(node.value)
