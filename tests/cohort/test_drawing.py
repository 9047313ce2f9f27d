"""The funnel as a picture."""

from __future__ import annotations

from typing import Any

from cds_service.cohort.drawing import funnel_svg


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
