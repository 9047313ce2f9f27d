"""Patients on hold in a cohort: in no arm and on no list, and the report says that they are missing."""

from __future__ import annotations

from datetime import date

import pytest

from cds_service.cohort.lists import listed
from cds_service.cohort.report import report
from cds_service.cohort.rows import Row, row_of
from cds_service.cohort.tally import tally
from cds_service.demo import generate
from fhir_mappings.chart import chart_of_bundle
from tests.support.engine import engine

AS_OF = date(2026, 11, 22)
TRIAL = engine().trials["cc312"]


def _rows(*names: str) -> list[Row]:
    charts = {one.id: chart_of_bundle(one.bundle) for one in generate(AS_OF)}
    return [row_of(engine().evaluate(TRIAL, charts[name], AS_OF), charts[name], engine(), TRIAL, AS_OF) for name in names]


def test_whoever_is_on_hold_is_in_no_arm_and_on_no_list() -> None:
    """Of the two the living one is counted as held back: the other is among the dead."""
    rows = _rows("sle-complete", "replaced-record", "deceased")
    found = tally(TRIAL, rows, AS_OF)
    assert (found.held, [arm.in_scope for arm in found.arms.values()]) == (1, [1, 0, 0])
    assert [row["patient"] for row in listed(rows)] == ["Patient/sle-complete"]


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (1200, "Of these, 1 200 are held back and in no count of an arm: their records were merged"),
        (None, "Some may be held back and in no count of an arm, since their records were merged"),
        (0, ""),
    ],
)
def test_the_report_says_how_many_are_held_back(held: int | None, words: str) -> None:
    """The number, or that it is not shown; nothing where there is nobody."""
    data = {name: {} for name in ("resources", "unreadableLines")}
    data |= {name: [] for name in ("issues", "foreignCodes", "notExported", "incomplete", "withoutFile")}
    names = {"title": "T", "hiddenUpTo": 10, "purpose": "feasibility", "asOf": "2026-11-22", "definition": "x"}
    page = report({**names, "patients": 3000, "deceased": 0, "heldBack": held, "arms": [], "data": data})
    lead = page.partition('<p class="lead">')[2].partition("</p>")[0].replace("\u202f", " ").replace("\u00a0", " ")
    assert words in lead
    assert ("in no count of an arm" in lead) is bool(words)
