"""A card says what is missing, by how to get it, and what was only presumed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cds_service.criteria.evaluation import Missing
from fhir_mappings.inputs import SourceState, State
from tests.support.card_sections import one_arm, section, shown
from tests.support.evaluations import arm, criterion, evaluation, evidence, lacking

PRESUMED: dict[str, Any] = {"presumed": True, "evidence": ()}


def test_what_is_missing_is_grouped_by_how_to_get_it() -> None:
    """At most five lines, at most four things each; the rest is counted, and the summary counts them all."""
    found = shown(
        evaluation(
            arm(
                "sle",
                lacking("E-08", *((f"test {n} at screening", f"obtain test {n}") for n in range(6))),
                lacking("E-15", ("an allergy list", "take the allergy history")),
                lacking("E-16", ("stable doses", "check the chart: Have all doses been unchanged for 30 days?"), way="question"),
                criterion("E-12", reason="source unavailable (MedicationRequest)"),
                *(lacking(f"E-2{n}", (f"thing {n}", f"way {n}")) for n in range(3, 5)),
            )
        )
    )
    assert section(found["detail"], "Missing") == [
        "Obtain: test 0 at screening; test 1 at screening; test 2 at screening; test 3 at screening; and 2 more",
        "Take the allergy history: an allergy list",
        "Check the chart: stable doses",
        "Look into: source unavailable (MedicationRequest)",
        "and 2 things more",
    ]
    assert found["summary"].endswith(": 11 missing")


def test_records_that_were_not_sent_are_one_line_a_type() -> None:
    """It says which, and what to ask for in their place; a question about records that are not there is not asked."""
    sent = [
        lacking("E-05", ("transplantation", "check"), way="history", unsent=("Procedure",)),
        lacking("E-17", ("surgery", "check"), ("minor procedure", "check"), way="history", unsent=("Procedure",)),
        replace(
            lacking("E-14", ("antibiotics", "take"), way="history", unsent=("MedicationRequest",)),
            missing=(
                Missing("x", "antibiotics", "take", "history", ("MedicationRequest",)),
                Missing("y", "severity", "check the chart: Severe?", "question"),
            ),
        ),
    ]
    found = evaluation(arm("sle", *sent))
    failed = replace(found, sources=(SourceState("MedicationRequest", State.FAILED, 0), SourceState("Procedure", State.NOT_PROVIDED, 0)))
    detail = shown(failed)
    assert section(detail["detail"], "Missing") == [
        "Procedures were not sent: ask for transplantation, recent surgery",
        "Drug orders could not be fetched: ask for antibiotics",
    ]
    assert detail["summary"].endswith(": 2 missing")


@pytest.mark.parametrize(
    ("criteria", "told"),
    [
        ([], ""),
        ([criterion("E-17", "clear")], ""),
        ([criterion("E-17", presumed=True)], ""),
        (
            [criterion("E-01", "clear", **PRESUMED), criterion("E-17", "clear", **PRESUMED)],
            "severe lupus nephritis, recent surgery and other exclusions",
        ),
        ([criterion("E-16", "clear", sensitive=True, **PRESUMED)], "other exclusions"),
        ([criterion("E-16", "clear", sensitive=True), criterion("E-17", "clear", **PRESUMED)], "recent surgery and other exclusions"),
        ([criterion("E-17", "clear", presumed=True, evidence=(evidence("biopsy"),))], "other exclusions"),
        ([criterion("SLE-6", "met", **PRESUMED)], ""),
    ],
    ids=["nothing", "a negative record", "unknown", "two", "a sensitive one", "beside a sensitive one", "an old record", "an inclusion"],
)
def test_what_is_only_presumed_is_not_told_as_checked(criteria: list[Any], told: str) -> None:
    """What passes because nothing was found stands apart, by name (spec 0.2); of a sensitive one neither presence nor absence is told."""
    expected = f"**No excluding record found, not verified:** {told}." if told else ""
    assert ([line for line in one_arm(*criteria).splitlines() if "not verified" in line] or [""]) == [expected]


@pytest.mark.parametrize(
    ("action", "after_consent"),
    [("obtain IgA", True), ("repeat IgA", True), ("check or repeat IgA", True), ("ask for IgA", False), ("check the result of IgA", False)],
)
def test_a_test_for_the_trial_is_no_order_of_today(action: str, after_consent: bool) -> None:
    """Once in the heading of what is missing, and beside what a record asks for; not where somebody is only asked."""
    words = "for the trial: at screening, after consent)"
    missing = one_arm(lacking("E-07", ("IgA", action)))
    assert (f"**Missing** (tests {words}\n" in missing) is after_consent
    (line,) = section(one_arm(criterion("E-07", review=True, reason="IgA low", missing=(Missing("x", "IgA", action),))), "To confirm")
    assert (words in line) is after_consent
