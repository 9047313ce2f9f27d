"""Which Observations count, and for how much: their status, and whom they are about (spec 0.4)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Standing
from tests.support.observations import HB, issues, mapped, observation, only, quantity


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("final", Standing.CONFIRMED),
        ("amended", Standing.CONFIRMED),
        ("corrected", Standing.CONFIRMED),
        ("final ", Standing.CONFIRMED),
        ("preliminary", Standing.UNCONFIRMED),
        ("unknown", Standing.UNCLEAR),
        ("signed", Standing.UNCLEAR),
        (None, Standing.UNCLEAR),
        (7, Standing.UNCLEAR),
    ],
)
def test_status(status: Any, standing: Standing) -> None:
    """The status says what a result is worth (spec 0.4); one that is not listed is named in the issues."""
    source = observation("718-7", HB, status=status)
    assert only(source).standing is standing
    assert ("status-unknown" in dict(issues(source))) == (standing is Standing.UNCLEAR)


@pytest.mark.parametrize("status", ["entered-in-error", "entered-in-error ", "cancelled", "registered"])
def test_status_that_is_no_evidence(status: str) -> None:
    """These are dropped without an issue."""
    assert mapped(observation("718-7", HB, status=status)) == ({}, [])


def test_issues_only_for_what_is_read() -> None:
    """An Observation of no value set raises no issue at all."""
    assert mapped(observation("8867-4", quantity(70), effectiveDateTime=None, status="unknown")) == ({}, [])


def test_focus() -> None:
    """About someone else: set aside with an issue; about the patient: read."""
    other = observation("718-7", HB, focus=[{"reference": "Patient/baby"}])
    assert mapped(other)[0] == {}
    assert issues(other) == [("focus-other", "the focus is not this patient; the resource is not used")]
    assert only(observation("718-7", HB, focus=[{"reference": "Patient/p1"}]))
    assert only(observation("718-7", HB, focus=[{"reference": "http://ehr/fhir/Patient/p1"}]))
