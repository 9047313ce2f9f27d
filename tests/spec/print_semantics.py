"""The spec tables into docs/semantics.md: what the rules mean, row by row, as the tests hold it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

PAGE = Path(__file__).resolve().parents[2] / "docs" / "semantics.md"
FOLDERS = ("tests/spec", "tests/trials")


def table_modules() -> list[ModuleType]:
    """The test modules that hold a table: those with a TITLE."""
    root = PAGE.parents[1]
    names = [f"{folder.replace('/', '.')}.{path.stem}" for folder in FOLDERS for path in sorted((root / folder).glob("test_*.py"))]
    modules = [importlib.import_module(name) for name in names]
    return [module for module in modules if hasattr(module, "TITLE")]


def page() -> str:
    parts = ["# What the rules mean", "", "Printed by `make docs` from the tests that hold each row; a stale page fails `make test`.", ""]
    for module in table_modules():
        parts += _section(module)
    return "\n".join(parts).rstrip() + "\n"


def _section(module: ModuleType) -> Iterator[str]:
    yield f"## {module.TITLE}"
    yield ""
    yield " ".join((module.__doc__ or "").split())
    yield ""
    yield row(module.COLUMNS)
    yield row("---" for _ in module.COLUMNS)
    for one in module.printed():
        yield row(one)
    yield ""


def row(cells: object) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"  # type: ignore[attr-defined]


def main() -> None:
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    sys.exit(main())
