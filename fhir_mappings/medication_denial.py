"""Statements that a drug is not taken, set against the exposures that they contradict (spec 0.4, 1.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from fhir_mappings.dates import EARLIEST, LATEST, Interval
from fhir_mappings.inputs import Denial, Exposure, Origin
from fhir_mappings.medication_time import Course


@dataclass(frozen=True, slots=True)
class Denying:
    """A statement with its drug's agents and the day on which it was told; None where no date says when."""

    agents: frozenset[str]
    denial: Denial
    told: date | None


def denying(agents: frozenset[str], origin: Origin, course: Course) -> Denying:
    """From the day that the statement names on, or the day on which it was told; to its end where it has one."""
    told = course.recorded.last if course.recorded else None
    begun = course.start if course.dated else course.recorded
    last = LATEST if course.end is None else course.end.last
    words = origin._replace(display=f"{origin.display}, recorded as not taken")
    return Denying(agents, Denial(words, Interval(begun.first if begun else EARLIEST, last)), told)


def contradicted(exposure: Exposure, found: Iterable[Denying]) -> Exposure:
    """The exposure with the first statement against it: one told on its day or later, about days that it may still cover."""
    against = [one.denial for one in found if exposure.agent in one.agents and _speaks_against(one, exposure)]
    return replace(exposure, denial=min(against, key=_order)) if against else exposure


def _speaks_against(one: Denying, exposure: Exposure) -> bool:
    if exposure.planned or exposure.kind == "MedicationAdministration":  # a dose that was given was given
        return False
    is_over = exposure.end is not None and not exposure.ongoing and exposure.end.last < one.denial.days.first
    begins_later = exposure.start is not None and exposure.start.first > one.denial.days.last
    # The end of a record is no later word on it: it may be told together with its beginning.
    is_newer = exposure.end is None and exposure.recorded is not None and one.told is not None and exposure.recorded.first > one.told
    return not (is_over or begins_later or is_newer)


def _order(denial: Denial) -> tuple[date, str]:
    return denial.days.first, denial.origin.reference
