"""The printed manual is the one that the tables print today."""

from __future__ import annotations

from tests.spec.print_semantics import PAGE, page


def test_the_semantics_page_is_current() -> None:
    """docs/semantics.md is what `make docs` prints; a stale page fails."""
    assert PAGE.read_text("utf-8") == page()
