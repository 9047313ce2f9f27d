"""What procedures and drugs were for: a question about that condition, on that day."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Record, Standing
from tests.support.builders import ICD10CM, Json, concept, inputs_of, medication_request, medication_statement, procedure

LYMPHOMA = (ICD10CM, "C83.30")
FOR_LYMPHOMA = {"reasonCode": [concept(LYMPHOMA)]}


def record(resource: Json) -> Record:
    (found,) = inputs_of(resource).records["ca.malignancy"]
    return found


@pytest.mark.parametrize(
    ("resource", "when", "reason_of"),
    [
        (procedure(**FOR_LYMPHOMA), "2026-11-10", "procedure"),
        (medication_request(**FOR_LYMPHOMA), "2026-06-01", "drug"),
        (medication_statement(**FOR_LYMPHOMA), "2026-01-01", "drug"),
    ],
)
def test_a_reason_asks_on_its_day(resource: Json, when: str, reason_of: str) -> None:
    """It is not confirmed, and says nothing of later days."""
    found = record(resource)
    assert (found.standing, str(found.when), str(found.end), found.reason_of) == (Standing.UNCONFIRMED, when, when, reason_of)


def test_a_reason_in_words_asks_too() -> None:
    """As a diagnosis in words does."""
    assert record(procedure(reasonCode=[{"text": "Lymphoma"}])).standing is Standing.TEXT


@pytest.mark.parametrize(
    "resource",
    [
        procedure(status="not-done", **FOR_LYMPHOMA),
        procedure(status="preparation", **FOR_LYMPHOMA),
        medication_request(status="entered-in-error", **FOR_LYMPHOMA),
        medication_request(intent="proposal", **FOR_LYMPHOMA),
    ],
)
def test_the_reason_of_what_was_not_done_is_nothing(resource: Json) -> None:
    """Nobody acted on it."""
    assert "ca.malignancy" not in inputs_of(resource).records


@pytest.mark.parametrize("junk", [7, "x", [[]], {"coding": 3}, [{"reference": 4}]])
@pytest.mark.parametrize("element", ["reasonCode", "reasonReference"])
def test_any_shape_is_survived(element: str, junk: Any) -> None:
    """What can't be read costs only itself."""
    assert "ca.malignancy" not in inputs_of(procedure(**{element: junk})).records
