"""Procedures: status, the day that counts, categories, words (spec 0.4, E-17)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Record, Standing, State
from tests.support.builders import BIOPSY, ME, SNOMED, Json, concept, inputs_of, issues_of, procedure

SURGERY = (SNOMED, "387713003")


def record(resource: Json, name: str = "proc.skin_biopsy") -> Record:
    (found,) = inputs_of(resource).records[name]
    return found


@pytest.mark.parametrize("status", ["completed", "in-progress", "completed ", "Completed"])
def test_what_was_done_is_evidence(status: str) -> None:
    """Done, or being done."""
    assert record(procedure(status=status)).standing is Standing.CONFIRMED


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "entered-in-error "])
def test_what_was_not_done_is_nothing(status: str) -> None:
    """Though its code stands there."""
    found = inputs_of(procedure(status=status))
    assert (found.records, found.issues) == ({}, ())


@pytest.mark.parametrize("performed", [{}, {"performedDateTime": "2026-12-01"}, {"performedDateTime": "2026-10-01"}])
def test_what_is_being_prepared_is_a_plan(performed: Json) -> None:
    """Whatever day it is for, and no evidence that it was done."""
    assert record(procedure(status="preparation", **({"performedDateTime": None} | performed))).planned


def ordered(**more: Any) -> Json:
    held = {"status": "active", "intent": "order", "code": concept(BIOPSY), "subject": ME, "authoredOn": "2026-11-01"}
    return {"resourceType": "ServiceRequest", "id": "sr1", **held, **more}


@pytest.mark.parametrize(
    ("elements", "when", "dated_by"),
    [
        ({"occurrenceDateTime": "2026-12-10"}, "2026-12-10", "event"),
        ({"occurrencePeriod": {"start": "2026-12-10", "end": "2026-12-11"}}, "2026-12-11", "event"),
        ({}, "2026-11-01", "recorded"),
        ({"status": "on-hold", "intent": "plan"}, "2026-11-01", "recorded"),
    ],
)
def test_an_order_of_a_procedure_is_a_plan(elements: Json, when: str, dated_by: str) -> None:
    """For its day, or of the day that it was written."""
    found = record(ordered(**elements))
    assert (found.planned, str(found.when), found.dated_by) == (True, when, dated_by)


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "revoked"}, {"status": "completed"}, {"status": "draft"}, {"status": None}, {"intent": "proposal"}, {"intent": 7},
        {"doNotPerform": True}, {"authoredOn": "2025-11-01"}, {"authoredOn": "2026-12-24"}, {"code": None},
    ],
)  # fmt: skip
def test_an_order_that_plans_nothing(elements: Json) -> None:
    """Done, withdrawn, not yet made, only proposed, forbidden, of no day and more than a year old, or written later."""
    assert inputs_of(ordered(**elements)).records == {}


@pytest.mark.parametrize("status", ["stopped", "on-hold", "unknown", "done", None, 7])
def test_another_status_is_unclear_and_named(status: Any) -> None:
    """Review, never a verdict, and a data issue; a procedure without status too."""
    found = inputs_of(procedure(status=status))
    assert found.records["proc.skin_biopsy"][0].standing is Standing.UNCLEAR
    assert issues_of(found) == [("status-unknown", "Procedure/pr1")]


def test_a_modifier_extension_makes_it_unclear() -> None:
    """It may say that nothing was done; what is nothing stays nothing."""
    modifier = [{"url": "urn:x"}]
    found = inputs_of(procedure(modifierExtension=modifier))
    assert found.records["proc.skin_biopsy"][0].standing is Standing.UNCLEAR
    assert issues_of(found) == [("modifier-unknown", "Procedure/pr1")]
    assert inputs_of(procedure(modifierExtension=modifier, status="not-done")).records == {}


@pytest.mark.parametrize(
    ("performed", "when", "planned"),
    [
        ({"performedDateTime": "2026-11-10"}, "2026-11-10", False),
        ({"performedDateTime": "2026-12-01"}, "2026-12-01", True),
        ({"performedPeriod": {"start": "2026-10-01", "end": "2026-10-03"}}, "2026-10-03", False),
        ({"performedPeriod": {"start": "2026-10-01"}}, "2026-10-01", False),
        ({"performedPeriod": {"end": "2026-10-03"}}, "2026-10-03", False),
        ({"performedPeriod": {"start": "2026-11-21", "end": "2026-11-30"}}, "2026-11-21", False),
        ({"performedPeriod": {"start": "2026-11-24", "end": "2026-11-30"}}, "2026-11-24", True),
        ({"performedString": "January 2012"}, "2012-01", False),
        ({"performedAge": {"value": 30, "code": "a"}}, "2015-03-15..2016-03-14", False),
    ],
)
def test_the_day_is_the_end_of_what_was_performed(performed: Json, when: str, planned: bool) -> None:
    """The end of a period (E-17); the start while it goes on; dated later, it is a plan."""
    found = record(procedure(**performed))
    assert (str(found.when), found.dated_by, found.planned) == (when, "event", planned)


def test_a_procedure_may_be_undated() -> None:
    """It was done on no day that is known."""
    found = record(procedure(performedDateTime=None))
    assert (found.when, found.dated_by, found.planned) == (None, None, False)


@pytest.mark.parametrize("performed", [{"performedDateTime": "x"}, {"performedString": "as a child"}, {"performedPeriod": {"end": 7}}])
def test_a_day_that_cannot_be_read_is_named(performed: Json) -> None:
    """Undated, with a data issue."""
    found = inputs_of(procedure(**performed))
    assert (found.records["proc.skin_biopsy"][0].when, issues_of(found)) == (None, [("date-unreadable", "Procedure/pr1")])


@pytest.mark.parametrize(
    ("codes", "text", "concepts", "standing"),
    [
        ((BIOPSY,), None, {"proc.skin_biopsy", "proc.surgery"}, Standing.CONFIRMED),
        ((("urn:site", "1"),), None, {"proc.surgery"}, Standing.CONFIRMED),
        ((), "CAR-T cell therapy", {"proc.cart", "proc.surgery"}, Standing.TEXT),
    ],
)
def test_a_category_names_a_concept_too(
    codes: tuple[tuple[str, str], ...], text: str | None, concepts: set[str], standing: Standing
) -> None:
    """Beside the code, or alone; beside words only, the whole is a review."""
    found = record(procedure(*codes, text=text or "x", category=concept(SURGERY)), "proc.surgery")
    assert (found.concepts, found.standing) == (frozenset(concepts), standing)


def test_a_procedure_of_no_concept_is_nothing() -> None:
    """Its status is not looked at either."""
    found = inputs_of(procedure(("urn:site", "1"), status="stopped") | {"code": {"text": "Dressing change"}})
    assert (found.records, found.issues) == ({}, ())


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (concept(("urn:site", "1")), State.PARTIAL),
        (concept(("urn:site", "PX12"), text="PX12"), State.PARTIAL),
        ({}, State.PARTIAL),
        (concept(("urn:site", "1"), text="Dressing change"), State.WHOLE),
        (concept(("http://www.ama-assn.org/go/cpt", "99213")), State.WHOLE),
        (concept(("urn:oid:2.16.840.1.113883.6.4", "0DTJ4ZZ")), State.WHOLE),
        (concept(BIOPSY), State.WHOLE),
    ],
)
def test_a_procedure_that_cannot_be_told_leaves_a_hole(code: Any, state: State) -> None:
    """A bare code of no set may be any procedure (spec 0.2); one of a system that is listed whole is another procedure."""
    found = inputs_of(procedure() | {"code": code})
    assert found.sources["Procedure"].state is state
    assert [one.code for one in found.issues] == (["code-unknown"] if state is State.PARTIAL else [])


def test_the_modifiers_of_a_billing_code_are_no_part_of_it() -> None:
    """`50360-50` is a kidney transplant of both sides."""
    assert inputs_of(procedure(("http://www.ama-assn.org/go/cpt", "50360-50"))).records["tx.organ"]
