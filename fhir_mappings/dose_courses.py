"""One Exposure into its dose on a day: certain, possible or unreadable, with the instruction's own words where it can't be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from fhir_mappings.dates import EARLIEST, LATEST, Interval, add_days
from fhir_mappings.exposure_counting import doubt_whether_taken
from fhir_mappings.exposure_history import Days, Records, certain_span, possible_span
from fhir_mappings.glucocorticoids import is_depot
from fhir_mappings.inputs import DoseSegment, Exposure, Standing

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Dose:
    """Milligrams a day. `low` to `high` is the mean over the regimen, `peak` the most on one day; None where it is not known.

    `review`: a person must look (as needed, sources that differ, whether it is still taken). `agents`: what is
    taken. `supplied`: told by what was handed out over the days it lasts, which only supports or contradicts (spec 1.1).
    `beside`: orders of different tablets, side by side or one after the other.
    """

    low: Fraction | None = _NOTHING
    high: Fraction | None = _NOTHING
    peak: Fraction | None = _NOTHING
    review: bool = False
    reasons: tuple[str, ...] = ()
    agents: frozenset[str] = frozenset()
    exposures: tuple[Exposure, ...] = ()
    supplied: bool = False
    beside: bool = False

    @property
    def known(self) -> bool:
        return self.low is not None

    @property
    def sure(self) -> bool:
        return self.known and not self.review

    @property
    def is_zero(self) -> bool:
        return self.high == 0

    @property
    def every_day(self) -> bool:
        """Whether each day has the mean dose: no day without, no day with more."""
        return self.peak == self.high

    def same_as(self, other: Dose) -> bool:
        return (self.low, self.high, self.peak) == (other.low, other.high, other.peak)

    def supports(self, other: Dose) -> bool:
        """The same dose, whether or not it is sure that this one is taken."""
        return (self.high, self.peak) == (other.high, other.peak) and (self.low == other.low or (self.review and not self.low))

    @property
    def as_needed(self) -> bool:
        return self.review and any(segment.as_needed for one in self.exposures for segment in one.doses)

    def unknown(self, reason: str) -> Dose:
        return replace(self, low=None, high=None, peak=None, reasons=(*self.reasons, reason))

    def perhaps(self, reason: str) -> Dose:
        """Whether it is taken is open: from nothing to all of it."""
        low = None if self.low is None else _NOTHING
        return replace(self, low=low, review=True, reasons=(*self.reasons, reason) if reason else self.reasons)

    def times(self, least: Fraction, most: Fraction) -> Dose:
        if self.low is None or self.high is None or self.peak is None or (least == 1 and most == 1):
            return self
        return replace(self, low=self.low * least, high=self.high * most, peak=self.peak * most)

    @staticmethod
    def total(doses: Sequence[Dose]) -> Dose:
        """Doses taken side by side."""
        if len(doses) < 2:
            return doses[0] if doses else Dose()
        return Dose(
            _sum(dose.low for dose in doses),
            _sum(dose.high for dose in doses),
            _sum(dose.peak for dose in doses),
            any(dose.review for dose in doses),
            tuple(dict.fromkeys(reason for dose in doses for reason in dose.reasons)),
            frozenset().union(*(dose.agents for dose in doses)),
            tuple(one for dose in doses for one in dose.exposures),
            any(dose.supplied for dose in doses),
            any(dose.beside for dose in doses),
        )

    @staticmethod
    def between(doses: Sequence[Dose], reason: str) -> Dose:
        """One of several doses, and it is not known which."""
        whole = Dose.total(doses)
        if not all(dose.known for dose in doses):
            return replace(whole, review=True, reasons=(*whole.reasons, reason))
        low = min(dose.low for dose in doses if dose.low is not None)
        high = max(dose.high for dose in doses if dose.high is not None)
        peak = max(dose.peak for dose in doses if dose.peak is not None)
        return replace(whole, low=low, high=high, peak=peak, review=True, reasons=(*whole.reasons, reason))


def _sum(amounts: Iterable[Fraction | None]) -> Fraction | None:
    total = _NOTHING
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


@dataclass(frozen=True, slots=True)
class Course:
    """One record with the days on which it is certainly and possibly followed."""

    exposure: Exposure
    certain: Days | None
    possible: Days
    begun: date
    not_taken: str | None  # why the record can't show by itself that the drug was taken
    runs_on: bool = False  # nothing says that it was ended
    asked: dict[date, Dose] = field(default_factory=dict, compare=False, repr=False)  # the doses of days that were asked for

    @property
    def told(self) -> date:
        """The day from which the record speaks: a statement of today tells of a drug begun years ago."""
        recorded = self.exposure.recorded
        return max(self.begun, recorded.first) if recorded else self.begun

    def told_by(self, day: date) -> date:
        """The same as it was on a day: what was recorded later speaks of it only from when it says that it began."""
        return self.told if self.told <= day else self.begun

    def since(self, day: date) -> Interval:
        """When its word on the dose of the day may have begun to hold. Of a record that tells no beginning: the day on which it was
        told or, before that day and where no date says when, any day. A day on which it ended does not say when it was told."""
        start, recorded = self.exposure.start, self.exposure.recorded
        if start is not None and start.first > EARLIEST:
            return Interval(min(start.first, day), min(start.last, day))
        is_told = recorded is not None and self.exposure.end is None and EARLIEST < recorded.first <= recorded.last <= day
        return recorded if recorded is not None and is_told else Interval(EARLIEST, day)

    def last_word(self, day: date) -> date:
        """The last day from which its word on the dose of the day may be."""
        return max(self.told_by(day), self.since(day).last)

    @property
    def regimen(self) -> object:
        """What makes two records of one day the same instruction."""
        return tuple((one.pattern, one.first, one.last) if one.low is not None else id(self) for one in self.exposure.doses) or id(self)

    def is_other_product(self, other: Course) -> bool:
        """Other tablets of the same drug, given the same way: taken together (5 mg beside 20 mg), or one in place of the other."""
        one, two = self.exposure, other.exposure
        same_way = one.route == two.route or None in (one.route, two.route)
        return same_way and one.product is not None and two.product is not None and one.product != two.product

    def surely(self, day: date) -> bool:
        return self.not_taken is None and self._runs(day)

    def _runs(self, day: date) -> bool:
        return self.certain is not None and self.certain.first <= day <= self.certain.last

    def is_for(self, day: date) -> bool:
        """Whether it tells a dose for the day, though perhaps too weak to show that it is taken; not where it says that it is not."""
        is_against = self.exposure.standing in (Standing.DISPUTED, Standing.REFUTED)
        runs = self._runs(day) or self._may_have_begun(day) or self._may_not_be_over(day)
        return runs and not is_against and any(_holds(one, day) for one in self.exposure.doses)

    def _may_have_begun(self, day: date) -> bool:
        """Whether only its beginning is open: it was not over by the day."""
        is_before = self.certain is None or day < self.certain.first
        lasts = self.exposure.ongoing or (self.exposure.end is not None and self.exposure.end.first >= day)
        return is_before and lasts and self.possible.first <= day

    def _may_not_be_over(self, day: date) -> bool:
        """Whether its end, told to the month or the year only, may be of the day or later; where no end is told, nothing says so."""
        end = self.exposure.end
        return self.exposure.partial_end and end is not None and end.first <= day <= end.last and self.possible.first <= day

    def doubt(self, day: date) -> str:
        return f"{self.exposure.origin.display}: {self.not_taken or self._open(day)}"

    def _open(self, day: date) -> str:
        if self.exposure.denial:
            return self.exposure.denial.words
        if self.exposure.kind == "MedicationAdministration":
            return "the day on which it was given is not known"
        return "since when it is taken is not recorded" if self._may_have_begun(day) else "whether it is still taken is not recorded"

    def edges(self) -> list[date]:
        """Days on which the dose may differ from the day before."""
        found = [self.possible.first, _day_after(self.possible.last)]
        if self.certain is not None:
            found += self.certain.first, _day_after(self.certain.last)
        for segment in self.exposure.doses:
            if segment.first is not None:
                found.append(segment.first.first)
            if segment.last is not None:
                found.append(_day_after(segment.last.last))
        return found

    def dose_on(self, day: date) -> Dose:
        """The dose of the instructions that hold on the day; a day between the steps of a taper has none."""
        found = self.asked.get(day)
        if found is None:
            found = self.asked[day] = self._dose_on(day)
        return found

    def _dose_on(self, day: date) -> Dose:
        evidence = (self.exposure,)
        if not self.exposure.doses:
            return Dose(None, None, None, reasons=(f"{self.exposure.origin.display}: no dose is recorded",), exposures=evidence)
        held = [one for one in self.exposure.doses if _holds(one, day)]
        found = Dose.total([self._segment(one) for one in held]) if held else self._after(day)
        return found if found.exposures == evidence else replace(found, exposures=evidence)

    def _after(self, day: date) -> Dose:
        """The dose once all instructions are over: nothing or, where the record was not ended, perhaps still that of the last."""
        ends = [one.last.last for one in self.exposure.doses if one.last]
        if not self.runs_on or len(ends) < len(self.exposure.doses) or day <= max(ends):
            return Dose()
        latest = [one for one in self.exposure.doses if one.last and one.last.last == max(ends)]
        if any(one.final for one in latest):
            return Dose()
        why = f"{self.exposure.origin.display}: its instruction was for the days to {max(ends)}, and it is not recorded as stopped"
        return Dose.total([self._segment(one) for one in latest]).perhaps(why)

    def _segment(self, segment: DoseSegment) -> Dose:
        name, evidence = self.exposure.origin.display, (self.exposure,)
        if segment.low is None:
            why = segment.problem or "the dose can't be read"
            told = f"{name}: {why}" + (f" (“{segment.text}”)" if segment.text else "")
            return Dose(None, None, None, reasons=(told,), exposures=evidence)
        reasons = (f"{name} is taken as needed",) if segment.as_needed else ()
        agents, supplied = frozenset({self.exposure.agent}), segment.grade == "supply"
        return Dose(segment.low, segment.high, segment.peak, segment.as_needed, reasons, agents, evidence, supplied)


def courses_of(exposures: Sequence[Exposure], as_of: date) -> list[Course]:
    """The records that tell of a dose that acts on the whole body; a depot or a joint injection is no daily dose."""
    records = Records(exposures)
    return [_course(one, records, as_of) for one in records if not is_depot(one)]


def _course(exposure: Exposure, records: Records, as_of: date) -> Course:
    certain, possible = certain_span(exposure, records, as_of), possible_span(exposure, records, as_of)
    return Course(exposure, certain, possible, possible.first, doubt_whether_taken(exposure), _runs_on(exposure, as_of))


def _runs_on(exposure: Exposure, as_of: date) -> bool:
    """A record that ended on a day that is not stated ended with its instruction at the latest."""
    if exposure.kind not in ("MedicationRequest", "MedicationStatement"):
        return False
    if exposure.ongoing or exposure.end is None or exposure.start is None:
        return True
    return exposure.end.last >= as_of and exposure.end.first > exposure.start.first


def _holds(segment: DoseSegment, day: date) -> bool:
    return (segment.first is None or segment.first.first <= day) and (segment.last is None or day <= segment.last.last)


def _day_after(day: date) -> date:
    return add_days(day, 1) if day < LATEST else day
