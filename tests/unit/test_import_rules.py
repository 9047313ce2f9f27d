"""The import rules of docs/architecture.md hold, and each rule has been seen to catch a planted breach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.imports import circles, faults, imports

ROOT = Path(__file__).resolve().parents[2]


def plant(root: Path, sources: dict[str, str]) -> Path:
    """A small source tree with the given modules, every folder a package."""
    for name, text in sources.items():
        path = root.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for folder in {parent for path in root.rglob("*.py") for parent in path.parents if parent.is_relative_to(root) and parent != root}:
        (folder / "__init__.py").touch()
    return root


def test_the_import_rules_hold() -> None:
    """No module breaks a rule, stands in a circle or is too long to read; all breaches are named at once."""
    found = faults(ROOT)
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ({"fhir_mappings.units": "from cds_service import errors"}, "imports nothing of cds_service"),
        ({"fhir_mappings.chart": "", "cds_service.criteria.nodes.pool": "from fhir_mappings import chart"}, "knows the typed inputs"),
        ({"cds_service.criteria.nodes.pool": "from cds_service.config import Settings"}, "but its errors"),
        ({"cds_service.demo": "import flask"}, "know Flask"),
        ({"fhir_mappings.units": "def late():\n    import requests"}, "opens sockets"),
        ({"cds_service.hooks.prefetch": "from urllib.request import urlopen"}, "opens sockets"),
        ({"cds_service.fhir.client": "import requests"}, "opens sockets"),
        ({"cds_service.cohort.run": "def late():\n    from pyspark.sql import SparkSession"}, "knows Spark"),
        ({"cds_service.hooks.cards": "from cds_service.cohort import scan"}, "never meet"),
        ({"cds_service.cohort.run": "from cds_service.hooks.cards import Card"}, "never meet"),
        ({"cds_service.hooks.cards": "from ..app import create_app", "cds_service.app": ""}, "an upward import"),
        ({"cds_service.hooks.a": "from .b import x", "cds_service.hooks.b": "from . import a"}, "a circle of modules"),
        (
            {"cds_service.fhir.a": "import cds_service.store.b", "cds_service.store.c": "import cds_service.fhir.d"},
            "folders that import each other",
        ),
        ({"cds_service.app": "\n" * 301}, "over 300"),
        ({"cds_service.elsewhere": ""}, "stands in no layer"),
    ],
)
def test_each_rule_catches_its_breach(tmp_path: Path, sources: dict[str, str], words: str) -> None:
    """A planted breach is named in the words of its rule."""
    found = faults(plant(tmp_path, sources))
    assert any(words in fault for fault in found), found


@pytest.mark.parametrize(
    "sources",
    [
        {"cds_service.criteria.nodes.pool": "from fhir_mappings.inputs import Result\nfrom fhir_mappings.exposure import peak"},
        {"cds_service.criteria.load": "from cds_service.errors import TrialError"},
        {"cds_service.security.outbound": "import requests", "cds_service.app": "import flask"},
        {"cds_service.hooks.prefetch": "from urllib.parse import urlsplit"},
        {"cds_service.app": "from cds_service import __version__"},
        {
            "fhir_mappings.a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from fhir_mappings.b import B",
            "fhir_mappings.b": "import fhir_mappings.a",
        },
    ],
)
def test_what_the_rules_allow_passes(tmp_path: Path, sources: dict[str, str]) -> None:
    """The allowed neighbours, URL parsing and imports for type checkers are no breach."""
    assert faults(plant(tmp_path, sources)) == []


def test_imports_are_resolved_to_the_modules_they_name(tmp_path: Path) -> None:
    """Relative imports and names taken from a package end at the module where there is one."""
    cards = "from . import links\nfrom .links import x\nfrom ..config import Settings\nimport json"
    root = plant(tmp_path, {"cds_service.hooks.cards": cards, "cds_service.hooks.links": "", "cds_service.config": ""})
    assert imports(root)["cds_service.hooks.cards"] == {"cds_service.hooks.links", "cds_service.config", "json"}


def test_a_circle_of_three_is_found_and_a_diamond_is_none() -> None:
    """Circles of any length are found whole; two ways to one place are no circle."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []
