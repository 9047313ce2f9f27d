"""The doses of a window into whether they were unchanged, and exposures into whether a class was taken without a gap (spec 1.1, 1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from fhir_mappings.dates import Duration, add_days
from fhir_mappings.dose_series import Agents, Dose, Factors, Step, in_prednisone, steps
from fhir_mappings.dose_words import amount, change, number, rate
from fhir_mappings.exposure_counting import doubt_whether_counted, excluded_use, taken
from fhir_mappings.exposure_history import GAP, Stretch, history_of
from fhir_mappings.glucocorticoids import depot_doubt, is_depot
from fhir_mappings.inputs import Exposure
from fhir_mappings.table import read_table

__all__ = ["Continuity", "Stability", "amount", "continuous", "number", "stable"]

_SALTS = read_table("salts")
SMALL_GAP = 3  # days without a record between two equal doses that still count as the same regimen (spec 1.1)


@dataclass(frozen=True, slots=True)
class Stability:
    """`truth` None: open. `since`: the day of the last change where one is documented. `taken`: whether anything was taken at all."""

    truth: bool | None
    review: bool = False
    reason: str = ""
    since: date | None = None
    taken: bool = True
    switched: bool = False
    exposures: tuple[Exposure, ...] = ()


@dataclass(frozen=True, slots=True)
class Continuity:
    """`first`: the first day of the stretch that reaches the evaluation day."""

    truth: bool | None
    review: bool = False
    reason: str = ""
    first: date | None = None
    switched: bool = False
    exposures: tuple[Exposure, ...] = ()


def stable(agents: Agents, duration: Duration, as_of: date, factors: Factors = in_prednisone) -> Stability:
    """Whether the dose over all agents together is the same on every day of [as_of - duration, as_of].

    A change exactly `duration` ago is stable today. A documented change, start or stop within the window is False; a dose as
    needed, an injection of a depot, a gap or an unread instruction leaves it open.
    """
    first = duration.before(as_of)
    series = _without_small_gaps(steps(agents, first, as_of, as_of, factors))
    evidence = tuple({id(one): one for step in series for one in step.dose.exposures}.values())  # to hash whole records is dear
    depots = [one for exposures in agents.values() for one in taken(exposures) if _in_window(one, first, as_of)]
    if depots and series:
        words = "; ".join(dict.fromkeys(_no_daily_dose(one) for one in depots))
        return Stability(None, True, words, exposures=(*evidence, *depots))
    if all(step.dose.sure and step.dose.is_zero for step in series):
        return Stability(True, taken=False)
    change = _last_change(series)
    if change is not None:
        again = _perhaps_again(change, series, agents, as_of, factors)
        return again or _changed(change, series, agents, as_of, factors, evidence)
    doubts = [step.dose for step in series if not step.dose.sure]
    if doubts:
        reasons = "; ".join(dict.fromkeys(reason for dose in doubts for reason in dose.reasons))
        return Stability(None, any(dose.review for dose in doubts), reasons, exposures=evidence)
    return Stability(True, switched=_switched(series), exposures=evidence)


def _in_window(exposure: Exposure, first: date, as_of: date) -> bool:
    """A depot injected within the window, or an order of one that runs on into it."""
    last = exposure.end.last if exposure.end and not exposure.ongoing else as_of
    return is_depot(exposure) and last >= first and (exposure.start is None or exposure.start.first <= as_of)


def _no_daily_dose(depot: Exposure) -> str:
    """What was injected, with the instruction as it is worded."""
    said = "; ".join(dict.fromkeys(one.text for one in depot.doses if one.text))
    why = depot_doubt(depot) or "may not act as a daily dose"
    return f"{depot.origin.display}{f' (“{said}”)' if said else ''}: {why}"


def _without_small_gaps(series: Sequence[Step]) -> list[Step]:
    kept: list[Step] = []
    for place, step in enumerate(series):
        between = 0 < place < len(series) - 1
        if between and step.dose.sure and step.dose.is_zero and step.days <= SMALL_GAP and _alike(series[place - 1], series[place + 1]):
            continue
        kept.append(step)
    return kept


def _alike(one: Step, other: Step) -> bool:
    """The same mean and the same heaviest day, so that 10 mg a day and 20 mg every other day differ; in how many parts does not matter."""
    return one.dose.same_as(other.dose)


def _last_change(series: Sequence[Step]) -> tuple[Step, Step] | None:
    """The last two known doses next to each other that differ; what lies between may be unknown."""
    known = [step for step in series if step.dose.sure]
    return next(((one, other) for one, other in reversed(list(pairwise(known))) if not _alike(one, other)), None)


def _perhaps_again(change: tuple[Step, Step], series: Sequence[Step], agents: Agents, as_of: date, factors: Factors) -> Stability | None:
    """Open where a drug that was stopped is taken again by a record that alone can't show it: a gap, or a dose as before (spec 1.1)."""
    stop = change[1]
    doubtful = [step for step in series if stop.dose.is_zero and step.first > stop.last and not step.dose.sure]
    again = next((step for step in doubtful if _was_taken_before(agents, step.dose, stop.first, as_of, factors)), None)
    if again is None:
        return None
    words = f"no record of it from {stop.first} to {stop.last}, and whether it was taken again is open: {'; '.join(again.dose.reasons)}"
    return Stability(None, True, words, exposures=(*change[0].dose.exposures, *again.dose.exposures))


def _changed(
    change: tuple[Step, Step], series: Sequence[Step], agents: Agents, as_of: date, factors: Factors, evidence: tuple[Exposure, ...]
) -> Stability:
    before, after = change
    gap = _gap(change, series)
    if gap is not None and _was_taken_before(agents, after.dose, gap.first, as_of, factors):
        which = "record" if gap.dose.sure else "record that is sure"
        words = f"no {which} of it from {gap.first} to {gap.last}: stopped, or only a refill that is missing"
        return Stability(None, True, words, exposures=evidence)
    if names := _other_salt(before.dose, after.dose):
        words = f"{_change(before.dose, after.dose)} on {after.first}: {names}, an equal dose of the other or a change"
        return Stability(None, True, words, exposures=evidence)
    return Stability(False, False, _told(before, after), after.first, exposures=evidence)


def _gap(change: tuple[Step, Step], series: Sequence[Step]) -> Step | None:
    """The days without a dose before the later of two doses, or those on which perhaps none was taken: an end told to the month only."""
    before, after = change
    if before.dose.is_zero:
        return before
    between = [step for step in series if before.last < step.first < after.first]
    return next((step for step in between if step.dose.review and not step.dose.low), None)


def _told(before: Step, after: Step) -> str:
    """The change with its day; a single dose that was given, its effect over by the day after, is told as such."""
    given = {one.start.first for one in before.dose.exposures if one.start and one.kind == "MedicationAdministration"}
    if after.dose.is_zero and len(given) == 1 and before.days == 1:
        return f"{_names(before.dose)}: a single dose of {number(before.dose.peak or before.dose.high or Fraction(0))} mg on {before.first}"
    return f"{_change(before.dose, after.dose)} on {after.first}"


def _other_salt(before: Dose, after: Dose) -> str | None:
    """The two substances of one agent whose milligrams the two doses may be: a switch between them is no change of dose."""
    if before.agents != after.agents or len(before.agents) != 1 or not before.high or not after.high:
        return None
    ratio = after.high / before.high
    rows = [row for row in _SALTS if row["agent"] in before.agents]
    return next((row["names"] for row in rows if ratio in (_ratio(row), 1 / _ratio(row))), None)


def _ratio(row: dict[str, str]) -> Fraction:
    return Fraction(row["equal_mg"]) / Fraction(row["mg"])


def _names(dose: Dose) -> str:
    return ", ".join(dict.fromkeys(one.origin.display for one in dose.exposures))


def _was_taken_before(agents: Agents, dose: Dose, day: date, as_of: date, factors: Factors) -> bool:
    """Whether the same dose may have been taken in the year before a gap: then records are missing rather than a drug begun."""
    earlier = steps(agents, Duration(months=12).before(day), add_days(day, -1), as_of, factors)
    return any(_may_be(step.dose, dose) for step in earlier)


def _may_be(earlier: Dose, dose: Dose) -> bool:
    """Whether an earlier dose, perhaps not known, not sure or a range, may have been this one."""
    if earlier.low is None or earlier.high is None or dose.low is None or dose.high is None:
        return True
    if earlier.sure and earlier.low == earlier.high and dose.low == dose.high:
        return earlier.same_as(dose)
    return earlier.low <= dose.high and dose.low <= earlier.high and not earlier.is_zero


def _change(before: Dose, after: Dose) -> str:
    """`prednisone from 20 mg to 15 mg a day`, begun, or stopped."""
    old, new = _names(before), _names(after)
    if before.is_zero or not old:
        return f"{new} begun at {rate(after)}"
    if after.is_zero or not new:
        return f"{old} stopped"
    names = new if old == new else f"{old} to {new}"
    return f"{names} {change(before, after)}"


def _switched(series: Sequence[Step]) -> bool:
    drugs = {step.dose.agents for step in series if not step.dose.is_zero}
    return len(drugs) > 1


def continuous(agents: Agents, duration: Duration, as_of: date, whole: bool, gap: int = GAP) -> Continuity:
    """Whether at least one of the agents was taken on every day of [as_of - duration, as_of]; one may take over from another.

    Where retrieval was `whole` and no earlier record stands, a first drug begun later is a documented shortfall (ruling 15).
    """
    used = [one for exposures in agents.values() for one in taken(exposures) if excluded_use(one) is not True]
    if not used:
        return Continuity(None)
    sure = [one for one in used if doubt_whether_counted(one) is None]
    history = history_of(sure, as_of, gap)
    reaching = next((one for one in history.certain if one.last >= as_of), None)
    opens = duration.before(as_of)
    evidence = tuple(_since(used, opens))
    if reaching is not None and reaching.first <= opens:
        return Continuity(True, first=reaching.first, switched=_several(sure, opens, as_of), exposures=evidence)
    possible = next((one for one in history_of(used, as_of, gap).possible if one.last >= as_of), None)
    if possible is not None and possible.first <= opens:
        words = _doubts(evidence) or "start, end or dose given is uncertain"
        return Continuity(None, True, words, first=reaching.first if reaching else None, exposures=evidence)
    if reaching is None:
        return _not_now(possible, history.certain, evidence or tuple(used))
    return _too_short(reaching, history.certain, used, whole, evidence)


def _doubts(exposures: Iterable[Exposure]) -> str:
    """Why each record may not count, in its own words."""
    found = [(one, doubt_whether_counted(one) or (one.denial.words if one.denial else None)) for one in exposures]
    return "; ".join(dict.fromkeys(f"{one.origin.display}: {doubt}" for one, doubt in found if doubt))


def _not_now(possible: Stretch | None, certain: Sequence[Stretch], evidence: tuple[Exposure, ...]) -> Continuity:
    if possible is not None or not certain:
        return Continuity(None, True, _doubts(evidence) or "whether it is still taken is not recorded", exposures=evidence)
    return Continuity(False, reason=f"ended {certain[-1].last}", exposures=evidence)


def _too_short(
    reaching: Stretch, certain: Sequence[Stretch], used: Sequence[Exposure], whole: bool, evidence: tuple[Exposure, ...]
) -> Continuity:
    """Begun within the window: a shortfall where it was the first, else a gap that records may only seem to show."""
    words = f"without a gap since {reaching.first}"
    earlier = any(one.start is None or one.start.first < reaching.first for one in used)
    if earlier or len(certain) > 1:
        return Continuity(None, True, words + ", earlier records end before", reaching.first, exposures=evidence)
    if all(one.kind == "MedicationDispense" for one in used if one.start and one.start.last == reaching.first):
        # The first supply on record is not the drug's beginning: others may have been handed out elsewhere.
        return Continuity(None, True, words + " by supplies handed out, earlier ones may be missing", reaching.first, exposures=evidence)
    if not whole:
        return Continuity(None, False, words + ", earlier records may be missing", reaching.first, exposures=evidence)
    return Continuity(False, False, words, reaching.first, exposures=evidence)


def _since(exposures: Iterable[Exposure], day: date) -> list[Exposure]:
    return [one for one in exposures if one.end is None or one.end.last >= day]


def _several(exposures: Sequence[Exposure], opens: date, as_of: date) -> bool:
    """Whether no agent alone reaches from before the window to today."""
    begun = {one.agent for one in exposures if one.start and one.start.first <= opens}
    return not any(one.agent in begun for one in exposures if one.end is None or one.end.last >= as_of)
