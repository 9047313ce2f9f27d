"""docs/coverage.md is current, and no criterion is left to a blanket unknown."""

from __future__ import annotations

import pytest

from tests.support.engine import engine
from tests.trials.print_coverage import PAGE, page, shown

IDS = [one.id for one in engine().trials["cc312"].criteria]


def test_the_coverage_page_is_current() -> None:
    """docs/coverage.md is what `make docs` prints; a stale page fails."""
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.parametrize("identity", IDS)
def test_some_built_chart_settles_or_leans_each_criterion(identity: str) -> None:
    """Every criterion says more than `unknown` on a chart built for it."""
    assert set(shown().get(identity, ())) - {"unknown", "not applicable"}
