"""AdverseEvents: what is suspected, what only might have happened, and the day that counts."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Record, Standing
from tests.support.builders import ANAPHYLAXIS, ME, RITUXIMAB, Json, concept, inputs_of, issues_of, medication_statement


def event(**more: Any) -> Json:
    """An anaphylaxis that happened, the Medication `m1` suspected."""
    suspect = [{"instance": {"reference": "Medication/m1"}}]
    held = {"actuality": "actual", "event": concept(ANAPHYLAXIS), "suspectEntity": suspect, "subject": ME, "date": "2026-02-01"}
    return {"resourceType": "AdverseEvent", "id": "ae1", **held, **more}


MEDICATION = {"resourceType": "Medication", "id": "m1", "code": concept(RITUXIMAB)}


def record(*resources: Json, name: str = "drug.rtx") -> Record:
    (found,) = inputs_of(*resources).records[name]
    return found


def test_a_report_is_no_confirmed_allergy() -> None:
    """It names the reaction and the suspected drug, and asks."""
    found = record(event(), MEDICATION)
    assert (found.standing, found.type, found.about) == (Standing.UNCONFIRMED, "AdverseEvent", frozenset({"ae.anaphylaxis"}))


def test_the_suspect_may_be_a_record_of_the_drug() -> None:
    """A MedicationStatement is read by its drug."""
    suspect = [{"instance": {"reference": "MedicationStatement/ms1"}}]
    assert record(event(suspectEntity=suspect), medication_statement(RITUXIMAB)).about


def test_what_might_have_happened_is_nothing() -> None:
    """`potential` is a near miss."""
    assert inputs_of(event(actuality="potential"), MEDICATION).records == {}


@pytest.mark.parametrize("given", [{}, {"date": None, "detected": "2026-02-01"}, {"date": None, "recordedDate": "2026-02-01"}])
def test_the_day_of_the_event(given: Json) -> None:
    """The day it happened before the day it was seen, before the day it was recorded."""
    assert str(record(event(**given), MEDICATION).when) == "2026-02-01"


def test_a_suspect_that_cannot_be_told_is_kept_as_such() -> None:
    """An allergic event of an unknown drug may be one of any."""
    assert record(event(), name="ae.suspect_unknown").about


@pytest.mark.parametrize("junk", [7, "x", [], [[]], {"coding": 3}, {"reference": {}}])
@pytest.mark.parametrize("element", ["event", "suspectEntity", "date", "actuality"])
def test_any_shape_is_survived(element: str, junk: Any) -> None:
    """What can't be read costs only itself."""
    found = inputs_of(event(**{element: junk}), MEDICATION)
    assert {code for code, _ in issues_of(found)} <= {"date-unreadable"}


def test_an_event_of_another_patient_is_not_used() -> None:
    """Its subject must be this patient; the type has no state of retrieval."""
    found = inputs_of(event(subject={"reference": "Patient/other"}), MEDICATION)
    assert found.records == {}
    assert "AdverseEvent" not in found.sources
