"""The funnel and the weeks ahead as pictures, and the ages below them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

import pytest

from cds_service.cohort.drawing import funnel_svg, weeks_svg
from cds_service.cohort.funnel import _ages, _recheck


def step(passed: int | None, unknown: int | None, remaining: int | None) -> dict[str, Any]:
    return {"passed": passed, "unknown": unknown, "remaining": remaining}


def arm(*steps: dict[str, Any]) -> dict[str, Any]:
    criteria = [{"id": f"E-{number:02}", "text": "words", "step": one} for number, one in enumerate(steps, 1)]
    return {"title": "SLE", "inScope": 60, "criteria": criteria}


def test_of_criteria_told_together_nothing_is_said_of_the_unknown() -> None:
    """What the last of them leaves unknown is not what they leave: a dash, and the pale bar of those who go on."""
    drawn = funnel_svg(arm(step(None, None, None), step(46, 0, 46)))
    assert 'class="number group-unknown">–<' in drawn
    assert "bar goes-on" in drawn
    assert "bar group-passes" not in drawn


def test_a_criterion_told_alone_is_drawn_in_three_parts() -> None:
    """Failed, unknown and passed apart."""
    drawn = funnel_svg(arm(step(30, 20, 50)))
    assert [f"bar {kind}" in drawn for kind in ("group-passes", "group-unknown", "group-fails", "goes-on")] == [True, True, True, False]
    assert 'class="number group-unknown">20<' in drawn


def weeks(*counts: int) -> list[dict[str, Any]]:
    """The weeks from a day on as the report gets them, those of few patients put together."""
    return _recheck(Counter(dict(enumerate(counts))), sum(counts), date(2026, 11, 29), 10)


def test_weeks_told_together_are_no_peak() -> None:
    """Their bar is as wide as they are long and as high as a week of them: twelve in two weeks stand half as high as twelve in one."""
    drawn = weeks_svg(weeks(6, 6, 12), "status-ineligible-now", "weeks")
    (long, low), (short, high) = [tuple(map(float, one)) for one in re.findall(r'<rect [^>]*width="([\d.]+)" height="([\d.]+)"', drawn)][:2]
    assert (long > 2 * short, high) == (True, 2 * low)


def test_a_bar_names_its_days_and_how_many_weeks_they_are() -> None:
    """On lines of their own, so that neighbours do not run into each other."""
    words = re.findall(r">([^<]+)</text>", weeks_svg(weeks(6, 6, 12), "status-ineligible-now", "weeks"))
    assert words[:7] == ["12", "11-29", "to 12-12", "2 weeks", "12", "12-13", "to 12-19"]


def test_without_weeks_there_is_no_drawing() -> None:
    """Nothing may be told, nothing is drawn; weeks without a patient are drawn flat."""
    assert weeks_svg([], "x", "weeks") == ""
    assert "nan" not in weeks_svg(weeks(0, 0), "x", "weeks")


@pytest.mark.parametrize(
    ("youngest", "ages", "first"),
    [
        (18, {10: 6, 20: 6, 30: 20}, (18, 29)),
        (18, {20: 12, 30: 20}, (18, 29)),
        (0, {10: 12, 20: 12}, (0, 19)),
        (18, {0: 12, 30: 20}, (0, 9)),
    ],
)
def test_the_first_ages_begin_where_the_trial_does(youngest: int, ages: dict[int | None, int], first: tuple[int, int]) -> None:
    """No group is named for ages that the trial does not take, unless there are such patients."""
    found = _ages(Counter(ages), sum(ages.values()), youngest, 10)
    assert (found[0]["from"], found[0]["to"]) == first
