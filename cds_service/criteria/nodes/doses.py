"""Doses of drugs over time into a Value: `daily_dose`, `peak_dose`, `high_dose_days` (spec 1.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.evaluation import Evidence, Missing
from cds_service.criteria.fields import Window, declare
from cds_service.criteria.node import Context, Node
from cds_service.criteria.nodes.drugs import MEDICATION, Used, cite, no_drug, not_taken, not_whole, used_of
from cds_service.criteria.nodes.pool import cite as cite_result
from cds_service.criteria.nodes.pool import pool, sure
from cds_service.criteria.nodes.windows import EVER, day_outside
from cds_service.criteria.value import STATE, Flip, Value, decided, on_date, unsettled
from fhir_mappings.dates import Duration, add_days
from fhir_mappings.dose_series import Dose, Step, in_prednisone, plain_mg, steps
from fhir_mappings.dose_stability import amount, number
from fhir_mappings.inputs import Exposure, Result

_A_DAY = "mg of prednisone a day"
Weighed = tuple[Fraction, Step, Result]  # mg per kg that are sure, the days of the dose, the weight near them


def given_by(routes: tuple[str, ...], used: Used) -> Used:
    """What was given by one of the routes, or by one that is not said; all of it where there are none."""
    if not routes:
        return used
    found = {agent: tuple(one for one in held if one.route is None or one.route in routes) for agent, held in used.items()}
    return {agent: held for agent, held in found.items() if held}


def why(doses: Sequence[Dose]) -> str:
    return "; ".join(dict.fromkeys(reason for dose in doses for reason in dose.reasons))


def worded(what: str, exposures: Iterable[Exposure]) -> str:
    """What is asked for, with the instructions that could not be read in their own words (spec 1.1, item 3)."""
    told = [segment.text for one in exposures for segment in one.doses if segment.low is None and segment.text]
    return what + (f", recorded as {' and '.join(f'“{text}”' for text in dict.fromkeys(told))}" if told else "")


def evidence_of_doses(doses: Sequence[Dose]) -> tuple[Exposure, ...]:
    return tuple({id(one): one for dose in doses for one in dose.exposures}.values())  # to hash whole records is dear


@dataclass(frozen=True, kw_only=True)
class DailyDoseNode(Node):
    """Milligrams of prednisone (or equivalent) a day against a limit, today or `throughout` a period up to today.

    A dose that varies from day to day asks where the mean and its heaviest or emptiest day differ. `literal`: the protocol
    names these drugs only; a limit that another drug reaches by its equivalent alone asks (IIM-6). Not taken is met.
    """

    KEY: ClassVar[str] = "daily_dose"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"MedicationRequest", "MedicationStatement"})
    TYPES: ClassVar[frozenset[str]] = MEDICATION
    daily_dose: tuple[str, ...] = declare(kinds.SETS)
    at_least: Decimal | None = declare(kinds.NUMBER, None, _A_DAY)
    at_most: Decimal | None = declare(kinds.NUMBER, None, _A_DAY)
    routes: tuple[str, ...] = declare(kinds.SETS, ())
    throughout: Duration | None = declare(kinds.DURATION, None)
    literal: bool = declare(kinds.FLAG, False)

    def inputs(self) -> tuple[str, ...]:
        return self.daily_dose

    def judge(self, context: Context) -> Value:
        used = given_by(self.routes, used_of(context, self.daily_dose))
        first = self.throughout.before(context.as_of) if self.throughout else context.as_of
        series = steps(used, first, context.as_of, context.as_of) if used else ()
        if all(step.dose.sure and step.dose.is_zero for step in series):
            return not_taken(self, context, self.daily_dose, used)
        doses = [step.dose for step in series]
        verdicts = {self._test(dose) for dose in doses}
        evidence = cite(evidence_of_doses(doses))
        words = f"{amount(series[-1].dose)} of prednisone a day" if series[-1].dose.known else "dose not known"
        if False in verdicts:
            return decided(False, _against(next(step for step in series if self._test(step.dose) is False), context), evidence)
        if None in verdicts:
            return self._open(series, words, evidence)
        if all(map(_may_be_bare, doses)) and (silence := no_drug(self, context, self.daily_dose, "closed")).truth is None:
            return silence  # nothing is sure to be taken, and the chart tells too little of drugs to presume it
        if failed := context.failed(MEDICATION):
            return not_whole(self, words, evidence, failed)
        if self.literal and self._by_equivalence(used, context):
            return unsettled(f"{words}, by equivalence alone", evidence)
        return decided(True, words, evidence, notes=_equivalents(doses))

    def _test(self, dose: Dose) -> bool | None:
        if dose.low is None or dose.high is None or dose.peak is None:
            return None
        heavy = dose.peak if not dose.every_day else dose.high
        light = dose.low if dose.every_day else Fraction(0)
        tests = []
        if self.at_most is not None:
            tests.append(True if heavy <= self.at_most_ else False if dose.low > self.at_most_ else None)
        if self.at_least is not None:
            low = dose.high < self.at_least_ and not _may_be_bare(dose)
            tests.append(True if light >= self.at_least_ else False if low else None)
        return False if False in tests else None if None in tests else True

    @property
    def at_most_(self) -> Fraction:
        return Fraction(self.at_most or 0)

    @property
    def at_least_(self) -> Fraction:
        return Fraction(self.at_least or 0)

    def _open(self, series: Sequence[Step], words: str, evidence: tuple[Evidence, ...]) -> Value:
        doses, bare = [step.dose for step in series], [step for step in series if _is_bare(step.dose)]
        what = worded(f"{self.topic} today", evidence_of_doses(doses))
        missing = Missing(self.daily_dose[0], what, f"ask for {self.topic}")
        known = all(dose.known for dose in doses)
        gap = f"{words}, but none is recorded until {bare[-1].last}" if bare else ""
        reasons = why(doses) or gap or f"{words}: the days differ, or two tables of equivalents do"
        return unsettled(reasons, evidence, review=known or any(dose.review for dose in doses), missing=missing)

    def _by_equivalence(self, used: Used, context: Context) -> bool:
        plain = steps(used, context.as_of, context.as_of, context.as_of, plain_mg)[0].dose
        return self._test(plain) is not True


def _is_bare(dose: Dose) -> bool:
    """Nothing was taken by the record: that shows no dose that was too low."""
    return dose.sure and dose.is_zero


def _may_be_bare(dose: Dose) -> bool:
    """Whether perhaps nothing was taken: no record says for sure that it was, on the day."""
    return _is_bare(dose) or (dose.review and not dose.low)


def _against(step: Step, context: Context) -> str:
    """The dose that is out of bounds, with its last day where that is over."""
    return f"{amount(step.dose)} of prednisone a day" + (f" until {step.last}" if step.last < context.as_of else "")


def _equivalents(doses: list[Dose]) -> tuple[str, ...]:
    """A note where milligrams were converted."""
    others = sorted({one.origin.display for one in evidence_of_doses(doses) if in_prednisone(one.agent) != plain_mg(one.agent)})
    return (f"{', '.join(others)} counted as the equivalent of prednisone",) if others else ()


@dataclass(frozen=True, kw_only=True)
class PeakDoseNode(Node):
    """Whether the dose was ever above so many milligrams of prednisone per kilogram a day (IIM-3 a, Q5).

    The weight is the nearest within `weight_within` of the day. Never reached leans false, exactly reached asks; where doses
    or weights are missing it is unknown: a higher dose may have been given elsewhere.
    """

    KEY: ClassVar[str] = "peak_dose"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"MedicationRequest", "MedicationStatement"})
    TYPES: ClassVar[frozenset[str]] = MEDICATION | {"Observation"}
    peak_dose: tuple[str, ...] = declare(kinds.SETS)
    above_per_kg: Decimal = declare(kinds.NUMBER, unit="mg/kg of prednisone a day")
    body_weight: tuple[str, ...] = declare(kinds.SETS)
    weight_within: Duration = declare(kinds.DURATION)

    def inputs(self) -> tuple[str, ...]:
        return self.peak_dose

    def judge(self, context: Context) -> Value:
        used = used_of(context, self.peak_dose)
        if not used:
            return no_drug(self, context, self.peak_dose, "open")
        begun = min(one.start.first for held in used.values() for one in held if one.start) if _dated(used) else context.as_of
        series = [step for step in steps(used, begun, context.as_of, context.as_of) if not step.dose.is_zero]
        weights = [one for one in pool(context, self.body_weight, EVER).inside if sure(one) and one.value and one.value.exact and one.when]
        ratios = [found for step in series if step.dose.known for found in self._ratios(step, weights)]
        missing = Missing(self.peak_dose[0], f"{self.topic} with body weight", f"look for earlier doses and the weight: {self.topic}")
        if not ratios:
            words = why([step.dose for step in series]) or f"no weight within {self.weight_within} of a dose"
            return unsettled(words, cite(evidence_of_doses([step.dose for step in series])), review=False, missing=missing)
        highest = max(ratios, key=lambda ratio: ratio[0])
        unsettled_days = self._perhaps_higher(series, [step for _, step, _ in ratios])
        if highest[0] < Fraction(self.above_per_kg) and unsettled_days:
            words = "; ".join(dict.fromkeys(self._not_compared(step) for step in unsettled_days))
            return unsettled(words, cite(evidence_of_doses([step.dose for step in unsettled_days])), review=False, missing=missing)
        return self._compared(highest, max(ratios, key=_top), missing)

    def _perhaps_higher(self, series: Sequence[Step], weighed: Sequence[Step]) -> list[Step]:
        """The days whose dose is not known, or is higher than any that has a weight: the peak may lie there."""
        most = max(step.dose.high or Fraction(0) for step in weighed)
        return [step for step in series if step not in weighed and (step.dose.high is None or step.dose.high > most)]

    def _not_compared(self, step: Step) -> str:
        if step.dose.high is None:
            return why([step.dose]) or f"the dose from {step.first} is not known"
        return f"{amount(step.dose)} of prednisone a day from {step.first}: no weight within {self.weight_within} of it"

    def _ratios(self, step: Step, weights: list[Result]) -> list[Weighed]:
        """(mg per kg, step, weight) on the days of a step that have a weight near them."""
        found = []
        for day in sorted({step.first, *(min(max(one.when.first, step.first), step.last) for one in weights if one.when)}):
            nearest = self._nearest(day, weights)
            if nearest is not None and nearest.value is not None and nearest.value.exact and step.dose.low is not None:
                found.append((step.dose.low / Fraction(nearest.value.exact), step, nearest))
        return found

    def _nearest(self, day: date, weights: list[Result]) -> Result | None:
        opens, closes = self.weight_within.before(day), self.weight_within.after(day)
        near = [one for one in weights if one.when and opens <= one.when.first <= closes]
        return min(near, key=lambda one: abs((one.when.first - day).days) if one.when else 0, default=None)

    def _compared(self, highest: Weighed, perhaps: Weighed, missing: Missing) -> Value:
        """`highest` for sure, `perhaps` at the most: a dose in words only may be more than any that is sure."""
        limit = Fraction(self.above_per_kg)
        if highest[0] > limit:
            return decided(True, *_highest(highest))
        if _top(perhaps) >= limit:
            return unsettled(*_highest(perhaps), lean=None, missing=missing)
        return unsettled(*_highest(highest), lean=False, missing=missing)


def _top(weighed: Weighed) -> Fraction:
    """The most mg per kg that the dose may be."""
    ratio, step, weight = weighed
    return step.dose.high / Fraction(weight.value.exact) if step.dose.high is not None and weight.value and weight.value.exact else ratio


def _highest(weighed: Weighed) -> tuple[str, tuple[Evidence, ...]]:
    ratio, step, weight = weighed
    per_kg = dict.fromkeys(number(one) for one in (ratio or _top(weighed), _top(weighed)))
    words = f"highest dose: {amount(step.dose)} of prednisone a day ({' to '.join(per_kg)} mg/kg) from {step.first}"
    return words, (*cite(step.dose.exposures), cite_result(weight))


def _dated(used: Used) -> bool:
    return any(one.start for held in used.values() for one in held)


@dataclass(frozen=True, kw_only=True)
class HighDoseDaysNode(Node):
    """Whether the dose was at least so high on so many days of the window: in a row it decides, scattered it asks (E-01 e)."""

    KEY: ClassVar[str] = "high_dose_days"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"MedicationRequest", "MedicationStatement"})
    TYPES: ClassVar[frozenset[str]] = MEDICATION
    high_dose_days: tuple[str, ...] = declare(kinds.SETS)
    at_least: Decimal = declare(kinds.NUMBER, unit=_A_DAY)
    days: int = declare(kinds.INTEGER)
    within: Window = declare(kinds.WINDOW)

    def inputs(self) -> tuple[str, ...]:
        return self.high_dose_days

    def judge(self, context: Context) -> Value:
        used = used_of(context, self.high_dose_days)
        series = steps(used, context.opens(self.within), context.as_of, context.as_of) if used else ()
        if all(step.dose.sure and step.dose.is_zero for step in series):
            return no_drug(self, context, self.high_dose_days, "closed")
        certain = [step for step in series if step.dose.low is not None and step.dose.low >= Fraction(self.at_least)]
        run = max(_runs(certain), key=_days, default=[])
        evidence = cite(evidence_of_doses([step.dose for step in series]))
        if _days(run) >= self.days:
            return decided(True, f"{_days(run)} days in a row until {run[-1].last}", evidence, self._flip(run))
        possible = [step for step in series if step.dose.high is None or step.dose.high >= Fraction(self.at_least)]
        if _days(certain) >= self.days:
            return unsettled(f"{_days(certain)} days, not in a row", evidence)
        if _days(possible) >= self.days:
            words = why([step.dose for step in possible]) or f"up to {_days(possible)} days"
            review = any(step.dose.known or step.dose.review for step in possible)
            missing = Missing(self.high_dose_days[0], f"{self.topic} in the last {self.within.duration}", f"ask about {self.topic}")
            return unsettled(words, evidence, review=review, missing=missing)
        silence = no_drug(self, context, self.high_dose_days, "closed")
        said = f"{_days(certain)} days of {number(Fraction(self.at_least))} {_A_DAY} or more"
        return silence if silence.truth is None else decided(False, said, evidence)

    def _flip(self, run: list[Step]) -> Flip:
        """The first day on which fewer than so many days of the run lie in the window."""
        if self.within.duration is None:
            return STATE
        return on_date(day_outside(add_days(run[-1].last, 1 - self.days), self.within.duration))


def _runs(series: list[Step]) -> list[list[Step]]:
    """Steps that follow each other without a day between."""
    runs: list[list[Step]] = []
    for step in series:
        if runs and add_days(runs[-1][-1].last, 1) == step.first:
            runs[-1].append(step)
        else:
            runs.append([step])
    return runs


def _days(series: Sequence[Step]) -> int:
    return sum(step.days for step in series)
