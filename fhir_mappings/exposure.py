"""Exposures into what a criterion asks of them: how long, whether now, when last, whether only together (spec 1.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from fhir_mappings.dates import Duration, Interval, add_days
from fhir_mappings.exposure_counting import (
    ORDERED,
    doubt_whether_counted,
    doubt_whether_taken,
    excluded_use,
    is_order_only,
    long_acting,
    taken,
)
from fhir_mappings.exposure_history import GAP, History, Records, Stretch, certain_span, evidence_day, history_of, possible_span
from fhir_mappings.inputs import Exposure

__all__ = [
    "GAP",
    "Exposed",
    "History",
    "LastDose",
    "On",
    "Stretch",
    "combined_regimen",
    "currently_on",
    "excluded_use",
    "exposed_at_least",
    "history_of",
    "last_dose",
    "taken",
]


@dataclass(frozen=True, slots=True)
class Exposed:
    """`truth` is True or None: records that are too short or missing never show that a drug was not taken longer elsewhere.

    `documented`: the certain records are whole and too short; `days` is their longest stretch.
    """

    truth: bool | None
    review: bool = False
    reason: str = ""
    documented: bool = False
    days: int = 0


@dataclass(frozen=True, slots=True)
class On:
    """Whether the drug is taken on the evaluation day; `exposures` are the records that say so or leave it open."""

    truth: bool | None
    review: bool = False
    reason: str = ""
    exposures: tuple[Exposure, ...] = ()


@dataclass(frozen=True, slots=True)
class LastDose:
    """The days on which the last dose may have been given; None without a dose. With `review` no record shows that one was given."""

    interval: Interval | None
    review: bool = False
    reason: str = ""
    exposures: tuple[Exposure, ...] = ()


def exposed_at_least(exposures: Iterable[Exposure], duration: Duration, as_of: date, strictly: bool = False, gap: int = GAP) -> Exposed:
    """Whether one agent was taken without interruption for `duration` (`strictly`: longer). Duration() asks for any exposure."""
    used = tuple([one for one in taken(exposures) if excluded_use(one) is not True])
    sure = tuple([one for one in used if doubt_whether_counted(one) is None])
    history = history_of(sure, as_of, gap)
    days = history.longest.days if history.longest else 0
    is_ever = duration == Duration() and not strictly
    if (is_ever and sure) or any(one.lasts(duration, strictly) and not one.single_course for one in history.certain):
        return Exposed(True, days=days)
    reason = _why_not(history, used, sure, duration, as_of, strictly, gap)
    return Exposed(None, True, reason, days=days) if reason else Exposed(None, False, _short(days, sure), bool(sure), days)


def _short(days: int, sure: tuple[Exposure, ...]) -> str:
    """How long it was documented and why it was stopped: a drug not tolerated was no adequate trial."""
    because = _joined(one.stopped_because for one in sure)
    return f"documented for {days} days{f', stopped: {because}' if because else ''}" if sure else "no record"


def _why_not(
    history: History, used: tuple[Exposure, ...], sure: tuple[Exposure, ...], duration: Duration, as_of: date, strictly: bool, gap: int
) -> str | None:
    """Why a person must look; None where the certain records are simply too short."""
    if any(one.single_course for one in history.certain):
        return "a single course, whose effect lasts longer than its doses"
    if _adds_up(history.certain, duration, strictly):
        return f"interrupted for more than {gap} days; long enough in sum"
    if any(one.lasts(duration, strictly) for one in history.possible):
        return "start or end is uncertain"
    doubts = _joined(doubt_whether_counted(one) for one in used)
    if doubts and (not sure or any(one.lasts(duration, strictly) for one in history_of(used, as_of, gap).possible)):
        return doubts
    return None


def _adds_up(stretches: tuple[Stretch, ...], duration: Duration, strictly: bool) -> bool:
    if len(stretches) < 2:
        return False
    first = stretches[0].first
    return Stretch(first, add_days(first, sum(one.days for one in stretches))).lasts(duration, strictly)


def _joined(reasons: Iterable[str | None]) -> str:
    return "; ".join(sorted({reason for reason in reasons if reason}))


def currently_on(exposures: Iterable[Exposure], as_of: date) -> On:
    """Whether the records cover `as_of`."""
    used = Records(taken(exposures))
    states = [(one, *_covers(one, used, as_of)) for one in used]
    on = tuple([one for one, covers, _ in states if covers is True])
    if on:
        return On(True, exposures=on)
    doubts = [(one, reason) for one, covers, reason in states if covers is None]
    if doubts:
        return On(None, True, _joined(reason for _, reason in doubts), tuple(one for one, _ in doubts))
    return On(False)


def _covers(exposure: Exposure, records: Records, as_of: date) -> tuple[bool | None, str | None]:
    """(True, False or None, why it is open) of one record."""
    span = certain_span(exposure, records, as_of)
    doubt = doubt_whether_taken(exposure)
    if span is not None and span.last >= as_of:
        return (True, None) if doubt is None else (None, doubt)
    reason = _perhaps(exposure, records, as_of)
    return (False, None) if reason is None else (None, _joined((doubt, reason)))


def _perhaps(exposure: Exposure, records: Records, as_of: date) -> str | None:
    """Why the record may still cover `as_of` though it does not show it; None where it does not."""
    if exposure.denial and (exposure.ongoing or exposure.end is None or exposure.end.last >= as_of):
        return exposure.denial.words
    if exposure.kind == "MedicationAdministration" and _may_be_given_on(exposure, as_of):
        return "the day on which it was given is not known"
    if exposure.agent in records.loose and possible_span(exposure, records, as_of).last >= as_of:
        return "how often it is given is not known"
    if exposure.ongoing and exposure.end is None:
        evidence = evidence_day(exposure, records)
        return f"assumed continuing: last evidence {evidence}" if evidence else "active, but not dated"
    if exposure.ongoing:
        return f"not recorded as stopped; the supply is known until {exposure.end}"
    if exposure.end is not None and (exposure.end.last > as_of or _may_end_on(exposure, as_of)):
        return f"its end is uncertain ({exposure.end})"
    if exposure.kind == "MedicationDispense" and exposure.end is not None and add_days(exposure.end.last, GAP) >= as_of:
        return f"the last supply ended {exposure.end}"
    return None


def _may_end_on(exposure: Exposure, day: date) -> bool:
    """Whether an end that is told to the month or the year may be of this day, which is then still one on the drug (spec 0.3)."""
    return exposure.partial_end and exposure.end is not None and exposure.end.first <= day <= exposure.end.last


def _may_be_given_on(exposure: Exposure, day: date) -> bool:
    """Whether a dose whose day is not certain ("2026-06") may be of this day."""
    return exposure.start is None or (not exposure.start.exact and exposure.start.first <= day <= exposure.start.last)


def last_dose(exposures: Iterable[Exposure], as_of: date) -> LastDose:
    """When a dose was last given, over records of one or several agents, for whatever reason it was given."""
    records = Records(taken(exposures))
    used = [(one, _last_day(one, records, as_of), _dose_doubt(one)) for one in records if not _is_served(one, records)]
    sure = [day for _, day, doubt in used if doubt is None]
    least = max((day.first for day in sure), default=None)  # a dose was given on this day or later
    telling = [row for row in used if least is None or row[1].last >= least]
    if not telling:
        return LastDose(None)
    last = max(day.last for _, day, _ in telling)
    first = least if least is not None else max(day.first for _, day, _ in telling)
    reasons = [doubt or _open_end(one, records, as_of) for one, _, doubt in telling]
    return LastDose(Interval(first, last), least is None, _joined(reasons), tuple(one for one, _, _ in telling))


def _open_end(exposure: Exposure, records: Records, as_of: date) -> str | None:
    span = certain_span(exposure, records, as_of)
    return None if span is not None and span.last >= as_of else _perhaps(exposure, records, as_of)


def _is_served(exposure: Exposure, records: Records) -> bool:
    """An order of a drug that a clinic gives, followed by a record that it was given: that record speaks for it."""
    if is_order_only(exposure) is False or exposure.start is None:
        return False
    shown = records.shown.get(exposure.agent)
    return shown is not None and shown >= exposure.start.first


def _dose_doubt(exposure: Exposure) -> str | None:
    """Why the record does not show that a dose was given; None where it does."""
    return doubt_whether_taken(exposure) or (ORDERED if is_order_only(exposure) is None else None)


def _last_day(exposure: Exposure, records: Records, as_of: date) -> Interval:
    """The days on which the last dose of one record may have been given."""
    most = possible_span(exposure, records, as_of)
    least = certain_span(exposure, records, as_of)
    last = max(most.first, min(most.dosed, as_of))
    if least is None:
        return Interval(most.first, last)
    if exposure.ongoing and exposure.end is None and least.last < as_of:  # assumed continuing
        return Interval(evidence_day(exposure, records) or least.first, last)
    row = long_acting(exposure)
    is_dose = exposure.kind == "MedicationAdministration" or not exposure.ongoing
    if row is None or is_dose:
        return Interval(min(least.dosed, last), last)
    # On an infused drug today means a dose within one dosing interval, not today.
    since = most.first if row.interval is None else max(most.first, add_days(least.dosed, -row.interval))
    return Interval(min(since, last), last)


def combined_regimen(a: Iterable[Exposure], b: Iterable[Exposure], as_of: date, gap: int = GAP) -> bool:
    """Whether two agents may have been taken only together: both begun and both ended within `gap` days of each other."""
    left, right = _hull(a, as_of), _hull(b, as_of)
    if left is None or right is None:
        return False
    return all(_days_apart(one, other) <= gap for one, other in zip(left, right, strict=True))


def _hull(exposures: Iterable[Exposure], as_of: date) -> tuple[Interval, Interval] | None:
    """(start, end) over all records of one agent that show by themselves that it was taken."""
    records = Records(one for one in taken(exposures) if doubt_whether_taken(one) is None)
    most = [possible_span(one, records, as_of) for one in records]
    least = [span for one in records if (span := certain_span(one, records, as_of))]
    if not most:
        return None
    first, last = min(span.first for span in most), max(span.last for span in most)
    begun = min((span.first for span in least), default=last)
    ended = max((span.last for span in least), default=first)
    return Interval(first, max(first, begun)), Interval(min(ended, last), last)


def _days_apart(one: Interval, other: Interval) -> int:
    """The fewest days that may lie between two uncertain days."""
    return max(0, (max(one.first, other.first) - min(one.last, other.last)).days)
