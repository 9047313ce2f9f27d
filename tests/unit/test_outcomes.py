"""Errors leave as FHIR OperationOutcomes."""

from __future__ import annotations

import orjson
import pytest

from cds_service.errors import BodyError, MediaError, MissingData, NotFound, Problem, RequestError, TooLarge
from cds_service.outcomes import outcome


@pytest.mark.rule("4", "31")
def test_each_problem_is_an_issue_with_its_place() -> None:
    """The place stands in `expression` and in the words; without a place there is no `expression`."""
    built = orjson.loads(outcome("invalid", [Problem("is required", "hookInstance"), Problem("the body is empty")]))
    assert built == {
        "resourceType": "OperationOutcome",
        "issue": [
            {"severity": "error", "code": "invalid", "diagnostics": "hookInstance: is required", "expression": ["hookInstance"]},
            {"severity": "error", "code": "invalid", "diagnostics": "the body is empty"},
        ],
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [(RequestError, 400), (BodyError, 400), (NotFound, 404), (MissingData, 412), (TooLarge, 413), (MediaError, 415)],
)
def test_each_error_has_its_status(error: type[RequestError], status: int) -> None:
    """The tree says what each fault answers with, and its text is all its problems."""
    raised = error(Problem("a", "b"), Problem("c"))
    assert (raised.status, str(raised)) == (status, "b: a; c")
