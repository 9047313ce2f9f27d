"""Definition YAML into plain values that remember their file, line and column, and the faults found in them."""

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
    column: int
    problem: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


def fault_at(place: str, problem: str) -> DefinitionFault:
    """A fault at `file:line:column`."""
    file, line, column = place.rsplit(":", 2)
    return DefinitionFault(file, int(line), int(column), problem)


class Fault(ValueError):
    """A value can't be read; the message says what was expected. `of_key`: the key that it stands under is at fault."""

    def __init__(self, problem: str, of_key: bool = False) -> None:
        super().__init__(problem)
        self.of_key = of_key


class DefinitionError(ValueError):
    """A definition can't be used. Holds every fault, in file order."""

    def __init__(self, faults: list[DefinitionFault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(slots=True)
class Source:
    """A file being read: its name and the faults met so far."""

    file: str
    faults: list[DefinitionFault] = field(default_factory=list)

    def fault(self, node: yaml.Node, problem: str) -> None:
        self.faults.append(fault_at(self.place(node), problem))

    def place(self, node: yaml.Node) -> str:
        return f"{self.file}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def parse(text: str, file: str) -> tuple[yaml.Node, Source]:
    """The YAML tree. Raises DefinitionError where it is not YAML or is empty."""
    source = Source(file)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        why = getattr(error, "problem", None) or "unreadable"
        raise DefinitionError([DefinitionFault(file, line, column, f"not YAML: {why}")]) from None
    if root is None:
        raise DefinitionError([DefinitionFault(file, 1, 1, "the file is empty")])
    return root, source


def plain(node: yaml.Node) -> Any:
    """A YAML node as Python values; quantities and durations stay text. Raises Fault where it is none (a tag, a day that is no day)."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (ValueError, yaml.YAMLError) as error:
        raise Fault(f"can't be read: {getattr(error, 'problem', None) or error}") from None
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
