"""Exposures with dose segments into the dose of each day: superseded orders, sources that tell of one intake, equivalents (spec 1.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from fhir_mappings.dates import add_days
from fhir_mappings.dose_courses import Course, Dose, courses_of
from fhir_mappings.exposure_counting import taken
from fhir_mappings.glucocorticoids import PLAIN, prednisone_factors
from fhir_mappings.inputs import Exposure

__all__ = ["Dose", "Factors", "Step", "daily_dose", "in_prednisone", "plain_mg", "steps"]

Agents = Mapping[str, Sequence[Exposure]]
Factors = Callable[[str], tuple[Fraction, ...]]

# What the patient takes, before what was ordered, before what was handed out (spec 1.1, order of trust).
_TRUST = ("MedicationStatement", "MedicationRequest", "MedicationDispense", "MedicationAdministration")
_PARENTERAL = ("route.intravenous", "route.intramuscular", "route.subcutaneous", "route.parenteral_nos")


def in_prednisone(agent: str) -> tuple[Fraction, ...]:
    """Doses as milligrams of prednisone."""
    return prednisone_factors(agent)


def plain_mg(agent: str) -> tuple[Fraction, ...]:
    """Doses as milligrams of the agent itself."""
    return PLAIN


@dataclass(frozen=True, slots=True)
class Step:
    """Days from `first` to `last` on which the recorded dose is the same."""

    first: date
    last: date
    dose: Dose

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def daily_dose(agents: Agents, day: date, as_of: date, factors: Factors = in_prednisone) -> Dose:
    """The dose of one day over all agents together."""
    return steps(agents, day, day, as_of, factors)[0].dose


def steps(agents: Agents, first: date, last: date, as_of: date, factors: Factors = in_prednisone) -> tuple[Step, ...]:
    """The days from `first` to `last` cut where the recorded dose may change; drugs that do not act on the whole body left out."""
    held = {agent: courses_of(taken(exposures), as_of) for agent, exposures in agents.items()}
    edges = {first}
    for courses in held.values():
        for course in courses:
            edges.update(day for day in course.edges() if first < day <= last)
    days = sorted(edges)
    ends = [add_days(day, -1) for day in days[1:]] + [last]
    return tuple(
        Step(day, end, _all_agents({agent: [one for one in courses if one.may(day)] for agent, courses in held.items()}, day, factors))
        for day, end in zip(days, ends, strict=True)
    )


def _all_agents(held: Mapping[str, list[Course]], day: date, factors: Factors) -> Dose:
    doses = [_equivalent(_of_agent(courses, day), agent, factors) for agent, courses in sorted(held.items()) if courses]
    return Dose.total(doses)


def _equivalent(dose: Dose, agent: str, factors: Factors) -> Dose:
    found = factors(agent)
    if not found:
        return dose if dose.is_zero else dose.unknown("no prednisone equivalent is known")
    return dose.times(min(found), max(found))


def _of_agent(courses: list[Course], day: date) -> Dose:
    """A pulse into a vein comes on top of what is swallowed; records of one way of giving tell of one intake."""
    infused = [one for one in courses if one.exposure.route in _PARENTERAL]
    swallowed = [one for one in courses if one.exposure.route not in _PARENTERAL]
    return Dose.total([_one_intake(group, day) for group in (swallowed, infused) if group])


def _one_intake(courses: list[Course], day: date) -> Dose:
    """The dose that records of several kinds tell of: those that can be read must agree."""
    given = [one for one in courses if one.exposure.kind == "MedicationAdministration"]
    if given and all(one.exposure.route in _PARENTERAL for one in courses):
        return Dose.total([one.dose_on(day) for one in given])  # an infusion that was given speaks for its order
    told = [_of_kind([one for one in courses if one.exposure.kind == kind], day) for kind in _TRUST]
    known = [dose for dose in told if dose is not None and dose.known]
    sure = [dose for dose in known if not dose.review]
    if sure:
        return _agreed(sure)
    if known:
        return _agreed(known)
    return next(dose for dose in told if dose is not None)


def _agreed(doses: list[Dose]) -> Dose:
    first = doses[0]
    if all(dose.same_as(first) for dose in doses[1:]):
        return first
    return Dose.between(doses, "the records of one drug name different doses")


def _of_kind(courses: list[Course], day: date) -> Dose | None:
    """Of overlapping orders of one drug the latest counts; those begun on one day are parts of one dose."""
    if not courses:
        return None
    latest = max(one.begun for one in courses)
    newest = _told_once(one for one in courses if one.begun == latest)
    dose = Dose.total([one.dose_on(day) for one in newest])
    if all(one.surely(day) for one in newest):
        return dose
    before = _of_kind([one for one in courses if one.begun < latest], day)
    if before is None or before.review:
        return dose.perhaps("; ".join(sorted({one.doubt(day) for one in newest if not one.surely(day)})))
    return Dose.between([before, dose], "a later order may have replaced it") if dose.known and before.known else before


def _told_once(courses: Iterable[Course]) -> list[Course]:
    """Two records of the same instruction from the same day are one fact from two sources (spec 0.4)."""
    found: dict[object, Course] = {}
    for one in courses:
        found.setdefault(one.regimen, one)
    return list(found.values())
