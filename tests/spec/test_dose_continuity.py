"""Whether a class was taken for 84 days without a gap (spec 1.2, rulings 8 and 15)."""

from __future__ import annotations

import pytest

from fhir_mappings.dates import Duration
from fhir_mappings.dose_stability import continuous
from tests.generative.charts import AS_OF
from tests.support.dose_records import MMF, MTX, NOT_TAKEN, PRED, Json, agents, order
from tests.trials import parts as p

TITLE = "Doses without a gap"
COLUMNS = ("question", "records", "answer")

# (rule, records, 84 days of background?)
CONTINUOUS: tuple[tuple[str, list[Json], bool, str], ...] = (
    ("exactly 84 days", [p.takes(PRED, 84)], True, "yes"),
    ("83 days, nothing earlier recorded", [p.takes(PRED, 83)], True, "no, since 83 days"),
    ("recorded as not taken 20 days ago", [p.takes(PRED, 300), NOT_TAKEN], True, "open, review"),
    ("ordered a year ago, recorded as not taken 20 days ago", [order(PRED, 300, None, 15), NOT_TAKEN], True, "open, review"),
    ("the first supply on record handed out 83 days ago", [p.handed("312617", 83, 90, 90)], True, "open, review"),
    ("83 days, medication records incomplete", [p.takes(PRED, 83)], False, "open"),
    ("83 days, an earlier drug ended 150 days ago", [p.takes(MMF, 400, 150), p.takes(PRED, 83)], True, "open, review"),
    ("8 weeks of one, then 6 weeks of another", [p.takes(MTX, 98, 43), p.takes(MMF, 42)], True, "yes, switched"),
    ("a gap of 30 days", [p.takes(PRED, 300, 60), p.takes(PRED, 30)], True, "yes"),
    ("a gap of 31 days", [p.takes(PRED, 300, 60), p.takes(PRED, 29)], True, "open, review"),
    ("ended 40 days ago", [p.takes(PRED, 300, 40)], True, "no"),
    ("active, last evidence 13 months ago", [p.takes(PRED, 400)], True, "open, review"),
    ("depot injections alone", [order("1358610", 300, None, 80)], True, "open, review"),
    ("nothing recorded", [], True, "open"),
    ("on the skin only", [p.takes(PRED, 300) | {"dosage": [p.by("6064005")]}], True, "open"),
)


def continuity_told(items: list[Json], whole: bool) -> str:
    one = continuous(agents(items), Duration(days=84), AS_OF, whole)
    if one.truth is True:
        return "yes, switched" if one.switched else "yes"
    if one.truth is False:
        return f"no, since {(AS_OF - one.first).days} days" if one.first else "no"
    return "open, review" if one.review else "open"


def printed() -> list[tuple[str, ...]]:
    return [("84 days without a gap", label, expected) for label, _, _, expected in CONTINUOUS]


@pytest.mark.parametrize(("label", "items", "whole", "expected"), CONTINUOUS, ids=[row[0] for row in CONTINUOUS])
def test_whether_a_class_was_taken_without_a_gap(label: str, items: list[Json], whole: bool, expected: str) -> None:
    """A shortfall must be documented."""
    assert continuity_told(items, whole) == expected
