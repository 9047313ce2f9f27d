"""Problems into a FHIR R4 OperationOutcome, built and validated with fhir.resources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fhir.resources.R4B.operationoutcome import OperationOutcome

from cds_service.errors import Problem

MEDIA_TYPE = "application/fhir+json"


def outcome(code: str, problems: Iterable[Problem]) -> bytes:
    """The OperationOutcome's JSON: one error issue a problem, its place as `expression`. `code` is an IssueType."""
    issues = [_issue(code, problem) for problem in problems]
    built = OperationOutcome.model_validate({"resourceType": "OperationOutcome", "issue": issues})
    return built.model_dump_json().encode()


def _issue(code: str, problem: Problem) -> dict[str, Any]:
    issue: dict[str, Any] = {"severity": "error", "code": code, "diagnostics": str(problem)}
    return {**issue, "expression": [problem.place]} if problem.place else issue
