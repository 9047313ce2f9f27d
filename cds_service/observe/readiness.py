"""Named checks into whether the service can answer: what stands behind `GET /readyz`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from cds_service.observe import metrics
from cds_service.observe.logs import event

Problem = Callable[[], str]


class Readiness:
    """Checks by name, run in the order in which they were added."""

    def __init__(self) -> None:
        self._checks: dict[str, Problem] = {}

    def add(self, name: str, problem: Problem) -> None:
        """`problem` says what is wrong, in words for an operator without anything of a patient, or '' where all is well. It is run with
        every probe and must be quick. A second check of a name takes the place of the first."""
        self._checks[name] = problem

    def run(self) -> dict[str, str]:
        """What each check says, '' where all is well; counted, and logged where it fails."""
        found = {name: _said(problem) for name, problem in self._checks.items()}
        for name, says in found.items():
            metrics.set_check(name, not says)
            if says:
                event("not-ready", logging.WARNING, check=name)
        return found


def _said(problem: Problem) -> str:
    try:
        return problem()
    except Exception as error:  # a check that fails says so; what the fault quotes stays unsaid
        return f"the check failed: {type(error).__name__}"
