"""What stands around a card's sections: summary, head, foot, and the reasons to decline it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fhir_mappings.inputs import DataIssue
from tests.support.card_sections import one_arm, shown
from tests.support.evaluations import arm, asked, criterion, evaluation, lupus_patient


def test_reasons_against_name_the_criterion_in_words() -> None:
    """`Does not fit` beside `Does not fit: SLE-1` could not be told apart: the protocol's words, cut, or the subject of an exclusion."""
    long = replace(asked("SLE-1", "?", review=True), text="Diagnosed with SLE according to the 2019 EULAR/ACR classification criteria;")
    found = shown(evaluation(arm("sle", long, criterion("E-17", review=True, reason="biopsy"))))
    assert [one["display"] for one in found["overrideReasons"] if one["code"].startswith("does-not-fit")] == [
        "Does not meet SLE-1: Diagnosed with SLE according to the 2019 EULAR/ACR…",
        "Excluded by E-17: recent surgery",
        "Does not fit",
    ]


def test_an_old_chart_is_told_at_the_head() -> None:
    """Who has not been seen for years may fit all the same: the card says first how old all of it is."""
    old = DataIssue("chart-stale", "Patient/p1", "the newest of the records received is 37 months old")
    found = replace(lupus_patient(), data_issues=(old,))
    assert shown(found)["detail"].split("\n\n")[1] == (
        "**Old chart:** the newest of the records received is 37 months old; what may have changed must be asked anew."
    )
    assert "Old chart" not in shown(lupus_patient())["detail"]


def test_an_empty_section_is_left_out() -> None:
    """With nothing to say of it, a heading would only cost time."""
    detail = one_arm()
    assert detail.count("**") == 2
    assert detail.endswith("version 1.0.0, as of 2026-11-22.")


@pytest.mark.parametrize(
    ("phase", "places", "begins"),
    [
        ("early phase 1", 6, "Early phase 1, planned for 6 patients in all. Not a decision"),
        ("early phase 1", None, "Early phase 1. Not a decision"),
        ("", 1, "Planned for 1 patient in all. Not a decision"),
        ("", None, "Not a decision"),
    ],
)
def test_the_footer_says_what_the_card_rests_on(phase: str, places: int | None, begins: str) -> None:
    """Phase and number of patients where known (not how many places are free), definition version and date; and that it decides nothing."""
    last = shown(lupus_patient(), phase=phase, places=places)["detail"].splitlines()[-1]
    assert last.startswith(begins)
    assert last.endswith("study team checks every criterion. Definition cc312, version 1.0.0, as of 2026-11-22.")


@pytest.mark.rule("33")
@pytest.mark.parametrize(
    ("name", "title", "expected"),
    [
        ("CC312 (a study)", "Lupus", "May fit trial CC312 (lupus): 1 to confirm"),
        ("CC312", "L" * 120, "May fit trial CC312 (SLE): 1 to confirm"),
        ("C" * 90, "L" * 120, f"May fit trial {'C' * 90} (SLE): 1 to confirm"),
        ("C" * 140, "L", "May fit a trial: 1 to confirm"),
    ],
)
def test_the_summary_is_always_short_enough(name: str, title: str, expected: str) -> None:
    """Below 140 characters: the arm's title gives way to its id, and the trial's name to none."""
    found = evaluation(arm("sle", asked("I-01", "?"), title=title))
    assert shown(found, short_title=name)["summary"] == expected
