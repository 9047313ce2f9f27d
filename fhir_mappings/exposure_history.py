"""Exposures to one agent into the stretches of days on it: those that are certain and those that are possible (spec 1.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from operator import attrgetter

from fhir_mappings.dates import EARLIEST, Duration, add_days
from fhir_mappings.exposure_counting import LATE, MONTH, LongActing, doubt_whether_taken, interval_between, long_acting
from fhir_mappings.glucocorticoids import is_glucocorticoid
from fhir_mappings.inputs import Exposure, Standing

GAP = 30  # days from the last day of one record to the first of the next that still count as continuous
_GIVEN = ("MedicationDispense", "MedicationAdministration")
CONTINUES = Duration(months=12)  # an open record is believed for so long after its last evidence


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on a drug without a longer gap. `single_course`: one course of a cyclic drug, whose effect outlasts its doses."""

    first: date
    last: date
    single_course: bool = False

    @property
    def days(self) -> int:
        return (self.last - self.first).days

    def lasts(self, duration: Duration, strictly: bool) -> bool:
        """Ruling 8: the last day is on or after the first + duration; strictly later for "more than"."""
        reached = duration.after(self.first)
        return self.last > reached if strictly else self.last >= reached


class Records(tuple[Exposure, ...]):
    """What all records say together is worked out once, not for each of them: a chart may hold thousands of one drug."""

    @cached_property
    def given(self) -> Mapping[str, date]:
        """The last day on which an agent was dispensed or administered."""
        return _latest(one for one in self if one.kind in _GIVEN and one.standing is Standing.CONFIRMED)

    @cached_property
    def shown(self) -> Mapping[str, date]:
        """The last day on which a record that is no order shows that an agent was taken."""
        return _latest(one for one in self if one.kind != "MedicationRequest" and doubt_whether_taken(one) is None)

    @cached_property
    def spacing(self) -> Mapping[str, tuple[int, frozenset[int]]]:
        """The days between administrations of an agent: as a rule, 0 where there is none, and each that occurs."""
        held: dict[str, list[Exposure]] = {}
        for one in self:
            if one.kind == "MedicationAdministration" and one.start:
                held.setdefault(one.agent, []).append(one)
        return {agent: _spaced(given) for agent, given in held.items()}

    @cached_property
    def loose(self) -> frozenset[str]:
        """The agents given several times, once on a day that is not known ("2026-05"): perhaps at regular intervals."""
        given = Counter(one.agent for one in self if one.kind == "MedicationAdministration")
        rough = {one.agent for one in self if one.kind == "MedicationAdministration" and not (one.start and one.start.exact)}
        return frozenset(agent for agent in rough if given[agent] > 1 and not is_glucocorticoid(agent))


def _latest(exposures: Iterable[Exposure]) -> dict[str, date]:
    found: dict[str, date] = {}
    for one in exposures:
        if one.start is not None:
            found[one.agent] = max(found.get(one.agent, one.start.first), one.start.first)
    return found


def _spaced(given: list[Exposure]) -> tuple[int, frozenset[int]]:
    days = [one.start for one in given if one.start]
    doses = sorted({day.first for day in days if day.exact})
    if not doses or any(doses[0] <= day.last and day.first <= doses[-1] for day in days if not day.exact):
        return 0, frozenset()  # one more dose lies between these, and it is not known where
    return interval_between(doses, given) or 0, frozenset((later - earlier).days for earlier, later in pairwise(doses))


@dataclass(frozen=True)
class History:
    """`certain` holds for every possible day of start and end, `possible` for some: each is worked out where it is asked for."""

    records: Records
    as_of: date
    gap: int

    @cached_property
    def certain(self) -> tuple[Stretch, ...]:
        spans = [certain_span(one, self.records, self.as_of) for one in self.records]
        return _merged([span for span in spans if span], self.gap)

    @cached_property
    def possible(self) -> tuple[Stretch, ...]:
        return _merged([possible_span(one, self.records, self.as_of) for one in self.records], self.gap)

    @property
    def longest(self) -> Stretch | None:
        """The longest certain stretch."""
        return max(self.certain, key=lambda stretch: stretch.days, default=None)


def history_of(exposures: Iterable[Exposure], as_of: date, gap: int = GAP) -> History:
    """The stretches of one agent up to `as_of`."""
    return History(Records(exposures), as_of, gap)


@dataclass(frozen=True, slots=True)
class Days:
    """The days that one record shows. `dosed` is the day of the last dose, before a dosing interval is added."""

    first: date
    last: date
    dosed: date
    cyclic: LongActing | None


def evidence_day(exposure: Exposure, records: Records) -> date | None:
    """The last evidence of an open record: its own dates, or a later dispense or administration of the agent."""
    days = [day.first for day in (exposure.recorded, exposure.start) if day is not None]
    known = [day for day in (*days, records.given.get(exposure.agent, EARLIEST)) if day > EARLIEST]
    return max(known, default=None)


def certain_span(exposure: Exposure, records: Records, as_of: date) -> Days | None:
    """The days on which the drug was taken whatever the uncertain dates are; None where there is no such day."""
    if exposure.start is None or exposure.start.first > as_of:
        return None
    first = min(exposure.start.last, as_of)
    last = _certain_end(exposure, records, as_of)
    return _days(exposure, first, last, records, as_of) if last is not None and first <= last else None


def _certain_end(exposure: Exposure, records: Records, as_of: date) -> date | None:
    if exposure.end is not None:
        last = min(exposure.end.first, as_of)
    elif evidence := evidence_day(exposure, records):
        last = min(CONTINUES.after(evidence), as_of)
    else:
        return None
    if exposure.denial is None or (denied := exposure.denial.days.first) > last:
        return last
    return add_days(denied, -1) if denied > EARLIEST else None


def possible_span(exposure: Exposure, records: Records, as_of: date) -> Days:
    """The most days on which the drug may have been taken."""
    first = min(exposure.start.first, as_of) if exposure.start else EARLIEST
    last = as_of if exposure.ongoing or exposure.end is None else min(exposure.end.last, as_of)
    found = _days(exposure, first, max(first, last), records, as_of)
    if exposure.kind != "MedicationAdministration" or found.cyclic or exposure.agent not in records.loose:
        return found
    return replace(found, last=max(found.last, min(add_days(found.dosed, MONTH + LATE), as_of)))


def _days(exposure: Exposure, first: date, last: date, records: Records, as_of: date) -> Days:
    row = long_acting(exposure)
    cyclic = row if row is not None and row.interval is not None else None
    if exposure.kind != "MedicationAdministration":
        return Days(first, last, last, cyclic)
    return Days(first, min(add_days(last, _spacing(exposure, cyclic, records)), as_of), last, cyclic)


def _spacing(exposure: Exposure, row: LongActing | None, records: Records) -> int:
    """The dosing interval: the table's, or the patient's own where the doses came closer; without a table's, that of the regimen.

    A pulse of a glucocorticoid stays a dose of its day.
    """
    usual, gaps = records.spacing.get(exposure.agent, (0, frozenset()))
    if row is None or row.interval is None:
        return 0 if is_glucocorticoid(exposure.agent) else usual
    # Doses of one course tell of no interval.
    return min(row.interval, max((gap for gap in gaps if gap > (row.course or 0)), default=row.interval))


def _merged(spans: list[Days], gap: int) -> tuple[Stretch, ...]:
    groups: list[list[Days]] = []
    reached = date.min
    for span in sorted(spans, key=attrgetter("first", "last")):
        if groups and span.first <= add_days(reached, gap):
            groups[-1].append(span)
            reached = max(reached, span.last)
        else:
            groups.append([span])
            reached = span.last
    return tuple(_stretch(group) for group in groups)


def _stretch(group: list[Days]) -> Stretch:
    first, last = group[0].first, max(span.last for span in group)
    courses = [span.cyclic.course for span in group if span.cyclic and span.cyclic.course is not None]
    dosed = max(span.dosed for span in group)
    return Stretch(first, last, len(courses) == len(group) and (dosed - first).days <= max(courses))
