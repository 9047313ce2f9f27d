"""docs/faults.md is what the tables of faults print today."""

from __future__ import annotations

from tests.conformance.print_faults import PAGE, page


def test_the_page_is_current() -> None:
    """A stale page fails."""
    assert PAGE.read_text("utf-8") == page()
