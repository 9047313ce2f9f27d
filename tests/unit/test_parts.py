"""`make test-all` says what ran and what did not, and lets nothing pass that failed."""

from __future__ import annotations

import sys

import pytest

from tests.support.parts import Outcome, Part, exit_status, run, table

FAILED = Outcome("types", "failed", 3.2, "exit status 1")
MISSING = Outcome("browser", "missing", note="no Chromium here")
PASSED = Outcome("lint", "passed", 1.0)


@pytest.mark.parametrize(
    ("outcomes", "strict", "status"),
    [
        ([PASSED], True, 0),
        ([PASSED, MISSING], False, 0),
        ([PASSED, MISSING], True, 1),
        ([PASSED, FAILED], False, 1),
    ],
)
def test_a_missing_part_fails_only_where_nothing_may_be_left_out(outcomes: list[Outcome], strict: bool, status: int) -> None:
    """A failed part always fails; a missing one fails under CI=true."""
    assert exit_status(outcomes, strict=strict) == status


def test_the_table_names_every_part_and_why_it_did_not_run() -> None:
    """Each outcome is one line with its state and its note."""
    assert [line.split() for line in table([PASSED, MISSING]).splitlines()] == [
        ["lint", "passed", "1", "s"],
        ["browser", "missing", "0", "s", "no", "Chromium", "here"],
    ]


@pytest.mark.parametrize(
    ("part", "state"),
    [
        (Part("x", [sys.executable, "-c", "pass"]), "passed"),
        (Part("x", [sys.executable, "-c", "raise SystemExit(1)"]), "failed"),
        (Part("x", [sys.executable, "-c", "raise SystemExit(5)"]), "failed"),
        (Part("x", [sys.executable, "-c", "raise SystemExit(5)", "pytest"]), "missing"),
        (Part("x", ["no-such-command"], lambda: "nowhere to be had"), "missing"),
    ],
)
def test_a_part_ends_in_one_of_three_states(part: Part, state: str) -> None:
    """The exit status decides; a part that is not ready is not run, and a test run without tests counts as missing."""
    assert run(part).state == state
