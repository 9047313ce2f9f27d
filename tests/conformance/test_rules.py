"""Every rule of CDS Hooks that binds a service has a test that names it, and docs/conformance.md says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.print_conformance import PAGE, page
from tests.conformance.rules import BINDS, PENDING, TESTS, VERDICTS, Rule, _of_file, rules, shown


def test_the_page_is_current() -> None:
    """docs/conformance.md is what `make docs` prints; a stale page fails."""
    assert PAGE.read_text("utf-8") == page()


def test_the_rules_are_the_checklists() -> None:
    """65 of them, each once, in order."""
    assert [rule.number for rule in rules()] == [str(number) for number in range(1, 66)]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.number)
def test_a_rule_is_shown_or_says_why_not(rule: Rule) -> None:
    """What is implemented has a test, what is not has a reason, and only what is known to be coming is pending."""
    assert rule.binds in BINDS
    assert rule.verdict in VERDICTS
    assert rule.words.endswith(".")
    assert (rule.verdict == "pending") is (rule.number in PENDING)
    if rule.verdict == "implemented":
        assert any(one.rule == rule.number for one in shown())
    elif rule.verdict != "pending":
        assert rule.why


def test_every_marker_names_a_rule() -> None:
    """A misspelt number would show nothing."""
    assert {one.rule for one in shown()} <= {rule.number for rule in rules()}


def test_no_marker_is_overlooked() -> None:
    """Markers stand as decorators of test functions at the top of a module, where the page finds them."""
    for path in TESTS.rglob("test_*.py"):
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        written = sum(line.startswith("@pytest.mark.rule(") for line in lines)
        read = len({one.test for one in _of_file(path)})
        assert written == read, path.name


def test_a_marker_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several numbers on one test, and none of a helper."""
    monkeypatch.setattr("tests.conformance.rules.TESTS", tmp_path)
    path = tmp_path / "test_x.py"
    path.write_text('@pytest.mark.rule("1", "2")\ndef test_a(): ...\n\n\n@pytest.mark.rule("3")\ndef helper(): ...\n', "utf-8")
    assert [(one.rule, one.test) for one in _of_file(path)] == [("1", "test_x.py::test_a"), ("2", "test_x.py::test_a")]
