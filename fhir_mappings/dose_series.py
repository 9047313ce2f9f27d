"""Exposures with dose segments into the dose of each day: superseded orders, sources that tell of one intake, equivalents (spec 1.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import combinations

from fhir_mappings.dates import EARLIEST, add_days
from fhir_mappings.dose_courses import Course, Dose, courses_of
from fhir_mappings.dose_given import as_regimen
from fhir_mappings.dose_words import rate
from fhir_mappings.exposure_counting import taken
from fhir_mappings.glucocorticoids import PLAIN, is_glucocorticoid, prednisone_factors
from fhir_mappings.inputs import Exposure, Standing

__all__ = ["Dose", "Factors", "Step", "daily_dose", "in_prednisone", "plain_mg", "steps"]

Agents = Mapping[str, Sequence[Exposure]]
Factors = Callable[[str], tuple[Fraction, ...]]

# What the patient takes, before what was ordered, before what was handed out (spec 1.1, order of trust).
_TRUST = ("MedicationStatement", "MedicationRequest", "MedicationDispense", "MedicationAdministration")
_TOLD = ("MedicationStatement", "MedicationRequest")
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
    held = {agent: courses_of(as_regimen(taken(exposures)), as_of) for agent, exposures in agents.items()}
    edges = {day for courses in held.values() for one in courses for day in one.edges()} if first < last else frozenset[date]()
    days = [first, *sorted(day for day in edges if first < day <= last)]
    ends = [add_days(day, -1) for day in days[1:]] + [last]
    return tuple(Step(day, end, _all_agents(held, day, factors)) for day, end in zip(days, ends, strict=True))


def _all_agents(held: Mapping[str, list[Course]], day: date, factors: Factors) -> Dose:
    doses = []
    for agent, courses in sorted(held.items()):
        perhaps = [one for one in courses if one.possible.first <= day <= one.possible.last]
        if perhaps:
            doses.append(_equivalent(_of_agent(perhaps, agent, day), agent, factors))
    return Dose.total(doses)


def _equivalent(dose: Dose, agent: str, factors: Factors) -> Dose:
    found = factors(agent)
    if not found:
        return dose if dose.is_zero else dose.unknown("no prednisone equivalent is known")
    return dose.times(min(found), max(found))


def _of_agent(courses: list[Course], agent: str, day: date) -> Dose:
    """A pulse of a glucocorticoid comes on top of what is swallowed; of other drugs a new route is a switch (methotrexate by injection)."""
    if not is_glucocorticoid(agent):
        return _one_intake(courses, day)
    infused = [one for one in courses if one.exposure.route in _PARENTERAL]
    swallowed = [one for one in courses if one.exposure.route not in _PARENTERAL]
    return Dose.total([_one_intake(group, day) for group in (swallowed, infused) if group])


def _one_intake(courses: list[Course], day: date) -> Dose:
    """The dose that records of several kinds tell of: those that can be read must agree."""
    given = [one for one in courses if one.exposure.kind == "MedicationAdministration"]
    if given and all(one.exposure.route in _PARENTERAL for one in courses):
        return Dose.total([_given(one, day) for one in given])  # an infusion that was given speaks for its order
    current = [one for one in courses if one.exposure.kind != "MedicationDispense" or not _is_outdated(one, courses, day)]
    kinds = {one.exposure.kind for one in current}
    found = {kind: _of_kind([one for one in current if one.exposure.kind == kind], day) for kind in _TRUST if kind in kinds}
    told = {kind: dose for kind, dose in found.items() if dose is not None}
    instructed = {kind: dose for kind, dose in told.items() if dose.known and not dose.supplied}
    supplied = [dose for dose in told.values() if dose.known and dose.supplied]
    if unread := _unread_since(current, day):
        return unread
    if instructed:
        return _agreed(_telling(instructed, current, day), supplied, current)
    return _by_supply(supplied[0]) if supplied else next(iter(told.values()))


def _given(course: Course, day: date) -> Dose:
    dose = course.dose_on(day)
    return dose if course.surely(day) else dose.perhaps(course.doubt(day))


def _is_outdated(course: Course, courses: list[Course], day: date) -> bool:
    """What was handed out before the dose was told anew says nothing of it."""
    later = [one for one in courses if one.exposure.kind in _TOLD and one.told > course.begun]
    return any(one.surely(day) and one.dose_on(day).known for one in later)


def _unread_since(courses: list[Course], day: date) -> Dose | None:
    """The newest word on the dose where it can't be read: an older record that can does not say what is taken now.

    A new order may have changed the dose though it names none; a list that names none only says that the drug is taken.
    """
    known = [one for one in courses if one.dose_on(day).known]
    is_list_enough = any(one.surely(day) for one in known)
    unread = [one for one in courses if one.exposure.kind in _TOLD and not one.dose_on(day).known]
    speaking = [one for one in unread if one.exposure.doses or one.exposure.kind == "MedicationRequest" or not is_list_enough]
    told = [one for one in speaking if one.surely(day) or one.is_for(day)]
    since = [one for one in told if known and one.last_word(day) > max(other.told_by(day) for other in known)]
    if not since:
        return None
    newest = max(since, key=lambda one: one.told)
    return newest.dose_on(day) if newest.surely(day) else newest.dose_on(day).perhaps(newest.doubt(day))


def _telling(instructed: Mapping[str, Dose], courses: list[Course], day: date) -> list[Dose]:
    """The doses that are sure, with what a weaker record says otherwise since; where none is sure, all.

    Words alone, a dose as needed or an unclear status can't decide, but they tell of a conflict (spec 0.4, 1.1).
    """
    told = {kind: dose for kind, dose in instructed.items() if dose.sure or (dose.beside and not _is_settled(kind, courses, day))}
    weaker = [kind for kind, dose in instructed.items() if kind not in told and not dose.beside] if told else []
    if not weaker:
        return list((told or instructed).values())
    since = max(one.told_by(day) for one in courses if one.exposure.kind in told)
    otherwise = [_weaker(instructed[kind], [one for one in courses if one.exposure.kind == kind], since, day) for kind in weaker]
    return [*told.values(), *(dose for dose in otherwise if dose and not any(dose.supports(one) for one in told.values()))]


def _weaker(dose: Dose, courses: list[Course], since: date, day: date) -> Dose | None:
    """The dose of records of one kind that can't decide, where some are for the day.

    One in words, as needed or of unclear status gives way to a newer that can; one whose dates alone are partial does not (spec 0.3).
    """
    telling = [one for one in courses if one.is_for(day)]
    newest = [one for one in telling if one.begun == max(other.begun for other in telling)]
    gives_way = dose.as_needed or all(one.not_taken for one in newest)
    if not newest or (gives_way and max(one.last_word(day) for one in newest) < since):
        return None
    return replace(dose, low=courses[0].dose_on(day).low) if len(courses) == 1 else dose  # it or the other, not nothing


def _is_settled(kind: str, courses: list[Course], day: date) -> bool:
    """Of orders: whether a statement of the dose is as new as the newest: then it says which of different tablets are taken."""
    if kind != "MedicationRequest":
        return False
    newest = max(one.begun for one in courses)
    statements = [one for one in courses if one.exposure.kind == "MedicationStatement" and one.told >= newest]
    return any(one.surely(day) and one.dose_on(day).known for one in statements)


def _by_supply(dose: Dose) -> Dose:
    """Tablets over days of supply only support or contradict a dose (spec 1.1, 4): alone they leave it open."""
    words = f"{rate(dose)} by the supply handed out, no instruction is recorded"
    return replace(dose, review=True).unknown(words)


def _agreed(doses: list[Dose], supplied: list[Dose], courses: list[Course]) -> Dose:
    """One dose where all tell the same; else one of them or, where they tell of different tablets, all together."""
    first = doses[0]
    if all(dose.same_as(first) for dose in doses[1:]) and all(dose.supports(first) for dose in supplied):
        return first
    beside = any(one.is_other_product(other) for one, other in combinations(courses, 2)) or any(dose.as_needed for dose in doses)
    apart = list({(dose.low, dose.high, dose.peak): dose for dose in reversed(doses)}.values())
    sums = [Dose.total(apart)] if beside and len(apart) > 1 and not any(dose.beside for dose in doses) else []
    told = ", ".join(dict.fromkeys(rate(dose) for dose in (*doses, *supplied)))
    return Dose.between([*doses, *supplied, *sums], f"{_names(first)}: the records differ ({told})")


def _of_kind(courses: list[Course], day: date) -> Dose | None:
    """Of overlapping orders of one drug the latest counts; those begun on one day are parts of one dose."""
    if len(courses) < 2:
        return _latest(courses, [], day) if courses else None
    since = {id(one): one.since(day) for one in courses}
    latest = max(since.values(), key=lambda days: (days.first, -days.last.toordinal()))
    newest = _told_once([one for one in courses if since[id(one)] == latest])
    earlier = [one for one in courses if since[id(one)] != latest]
    dose = _unless_later(_latest(newest, earlier, day), [one for one in earlier if since[id(one)].last >= latest.first], day)
    beside = _of_kind([one for one in earlier if any(one.is_other_product(other) for other in newest)], day)
    if beside is None or (beside.sure and beside.is_zero):
        return dose
    both = Dose.total([dose, beside])
    words = f"{_names(both)}: {rate(both)} if both are taken, {rate(dose)} if the later replaced the earlier"
    return replace(Dose.between([dose, both], words), beside=True)


def _unless_later(dose: Dose, rivals: list[Course], day: date) -> Dose:
    """The dose of the latest orders, or that of records that may be later still: nothing tells when they began."""
    telling = [one for one in rivals if one.is_for(day) or one.surely(day)]
    other = _of_kind(telling, day)
    if other is None or other.supports(dose):
        return dose
    words = f"{_names(other)}: {rate(other)}, and whether this is the latest record is not known"
    other = replace(other, reasons=())
    sums = [Dose.total([dose, other])] if any(one.since(day).first > EARLIEST for one in telling) else []  # begun on one day: both
    return Dose.between([dose, other, *sums], words)


def _names(dose: Dose) -> str:
    return " and ".join(dict.fromkeys(one.origin.display for one in dose.exposures))


def _latest(newest: list[Course], earlier: list[Course], day: date) -> Dose:
    """The dose of the latest orders; where they may be over, or were never begun, perhaps still that of the earlier ones."""
    dose = Dose.total([one.dose_on(day) for one in newest])
    if all(one.surely(day) for one in newest):
        return dose
    before = _of_kind(earlier, day)
    if before is not None and before.sure and dose.supports(before) and all(one.is_for(day) for one in newest):
        return before  # the same dose told again by a weaker record
    if before is None or (before.review and not any(one.surely(day) for one in earlier)):
        return dose.perhaps("; ".join(sorted({one.doubt(day) for one in newest if not one.surely(day)})))
    return Dose.between([before, dose], "a later order may have replaced it")


def _told_once(courses: Iterable[Course]) -> list[Course]:
    """Two records of the same instruction from the same day are one fact from two sources (spec 0.4)."""
    found: dict[object, Course] = {}
    for one in sorted(courses, key=lambda one: one.exposure.standing is Standing.TEXT):  # a copy in words takes nothing from its original
        found.setdefault(one.regimen, one)
    return list(found.values())
