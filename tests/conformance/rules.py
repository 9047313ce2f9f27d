"""The table of rules and the markers of the tests into the rules of CDS Hooks, each with the tests that show it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_name("rules.tsv")
BINDS = ("service", "client", "both")
VERDICTS = ("implemented", "not applicable", "deliberately not", "pending")
# Rules whose part of the service is still to come; only these may be without a verdict.
PENDING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. `why` says why not, or what the tests can't show."""

    number: str
    words: str
    binds: str
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A test that names a rule: `hooks/test_app.py::test_x`."""

    rule: str
    test: str


def rules() -> list[Rule]:
    """In the table's order. Raises ValueError where a line has not as many cells as there are columns."""
    head, *rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [Rule(**dict(zip(head, row, strict=True))) for row in rows]


@cache
def shown() -> tuple[Shown, ...]:
    """Every `@pytest.mark.rule("12", …)` on a test function, in the order of files and lines."""
    return tuple(one for path in sorted(TESTS.rglob("test_*.py")) for one in _of_file(path))


def _of_file(path: Path) -> Iterator[Shown]:
    source = path.read_text("utf-8")
    if "mark.rule" not in source:
        return
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for number in _numbers(node):
                yield Shown(number, f"{path.relative_to(TESTS).as_posix()}::{node.name}")


def _numbers(function: ast.FunctionDef) -> Iterator[str]:
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
            yield from (str(ast.literal_eval(argument)) for argument in mark.args)
