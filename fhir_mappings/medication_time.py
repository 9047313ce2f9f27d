"""The dates of a medication resource into when the drug was started and stopped, and when that was recorded (spec 1.2, ruling 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from fhir_mappings.dates import EARLIEST, Interval, read_date
from fhir_mappings.medication_supply import Span, bounds_of, supplied, times
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_number


@dataclass(slots=True)
class Dates:
    """Reads the dates of one resource and keeps what could not be read; `lost_end` is an end that is there and unreadable."""

    zone: ZoneInfo
    unreadable: list[str] = field(default_factory=list)
    lost_end: bool = False

    def day(self, holder: Json, element: str) -> Interval | None:
        """The date in `element`; None where absent or unreadable."""
        value = holder.get(element)
        found = read_date(value, self.zone)
        if found is None and value is not None:
            self.unreadable.append(f"{element} can't be read as a date")
            self.lost_end = self.lost_end or element == "end"
        return found

    def period(self, holder: Json, element: str) -> Span:
        """The bounds of the Period in `element`; (None, None) where absent or unreadable."""
        value = holder.get(element)
        if value is None:
            return None, None
        if not isinstance(value, dict):
            self.unreadable.append(f"{element} can't be read as a period")
            self.lost_end = True
        inner = as_dict(value)
        return self.day(inner, "start"), self.day(inner, "end")


@dataclass(frozen=True, slots=True)
class Course:
    """`end` None with `ongoing`: open. `end` with `ongoing`: certainly until then, and perhaps still.

    `refilled`: it runs on over several supplies, each of which its instruction may count anew ("for 90 days", 3 refills).
    `partial_end`: `end` is stated, to the month or the year (spec 0.3); else an `end` of many days is merely one since the start.
    """

    start: Interval | None
    end: Interval | None
    ongoing: bool
    recorded: Interval | None
    dated: bool = True  # whether `start` is an event's date and not the day on which it was told
    unreadable: tuple[str, ...] = ()
    refilled: bool = False
    partial_end: bool = False


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a record states, before its status is looked at. `actual` ends were observed, `planned` and `supply` ends ordered.

    `renewed`: the planned end, the instruction being followed anew with each of the `repeats`.
    """

    start: Interval | None
    recorded: Iterable[Interval | None]
    actual: tuple[Interval, ...] = ()
    planned: tuple[Interval, ...] = ()
    supply: tuple[Interval, ...] = ()
    dated: bool = True
    renewed: tuple[Interval, ...] = ()
    repeats: int = 0
    taken_on: bool = False  # `start` is a day on which it was taken, whenever it was begun


def course_of(resource: Json, kind: str, reading: str, zone: ZoneInfo, as_of: date, replaced: Interval | None = None) -> Course:
    """When the drug was taken. `replaced` is the day of a later order that names this record as its prior prescription."""
    dates = Dates(zone)
    stated = _READERS[kind](resource, dates, as_of)
    if replaced is not None:
        stated = replace(stated, actual=(*stated.actual, replaced))
        reading = "ended" if reading == "active" else reading
    if stated.taken_on and stated.start and reading == "active":
        stated = replace(stated, start=Interval(EARLIEST, stated.start.last))
    reading = "active" if reading == "not-taken" else reading  # it too runs on unless it has an end
    ending = "dispensed" if kind == "MedicationDispense" else reading
    end, ongoing = _end(stated, ending, dates, as_of)
    is_told = not (dates.lost_end or _is_untold(stated, ending, as_of))
    if end is not None and stated.start is not None and end.last < stated.start.first:
        dates.unreadable.append("it ends before it starts")
        end, ongoing, is_told = _some_day(stated.start, as_of), False, False
    is_partial = is_told and end is not None and not end.exact
    is_refilled = reading == "active" and stated.repeats > 0
    return Course(stated.start, end, ongoing, latest(stated.recorded), stated.dated, tuple(dates.unreadable), is_refilled, is_partial)


def latest(days: Iterable[Interval | None]) -> Interval | None:
    """The last of several days, each of which may be uncertain."""
    known = [day for day in days if day is not None]
    if len(known) == 1:
        return known[0]
    return Interval(max([day.first for day in known]), max([day.last for day in known])) if known else None


def _earliest(days: Iterable[Interval]) -> Interval:
    known = list(days)
    if len(known) == 1:
        return known[0]
    return Interval(min(day.first for day in known), min(day.last for day in known))


def _some_day(start: Interval | None, as_of: date) -> Interval:
    """An end that is not stated: between the start and the evaluation day."""
    first = start.first if start else EARLIEST
    return Interval(first, max(first, as_of))


def _end(stated: _Stated, reading: str, dates: Dates, as_of: date) -> tuple[Interval | None, bool]:
    """(end, ongoing) by what is stated and the status (spec 1.2: the earliest stated end; none stated is [start, as_of])."""
    ends = (*stated.actual, *stated.planned, *stated.supply)
    if dates.lost_end:
        return _some_day(stated.start, as_of), False
    if reading == "dispensed":
        return (_earliest(ends), False) if ends else (stated.start, True)
    if reading == "active":
        return _active_end(stated, as_of)
    if _is_untold(stated, reading, as_of):
        return _some_day(stated.start, as_of), False
    end = _earliest(ends)
    return (Interval(end.first, as_of), False) if end.first <= as_of < end.last else (end, False)


def _is_untold(stated: _Stated, reading: str, as_of: date) -> bool:
    """Whether it ended on a day that nothing tells: no end is stated, or a plan was cut short."""
    ends = (*stated.actual, *stated.planned, *stated.supply)
    is_over = reading not in ("active", "dispensed")
    return is_over and (not ends or (reading in ("stopped", "on-hold") and not stated.actual and _earliest(ends).last > as_of))


def _active_end(stated: _Stated, as_of: date) -> tuple[Interval | None, bool]:
    """Still active: neither days that were planned nor a supply that ran out show that the drug was stopped."""
    if stated.actual:
        return _earliest((*stated.actual, *stated.renewed)), False
    ordered = (*stated.renewed, *stated.supply)
    if ordered:
        end = _earliest(ordered)
        is_one_day = bool(stated.renewed) and stated.start is not None and end.last <= stated.start.first
        return end, end.last < as_of and not is_one_day
    return None, True


def _request(resource: Json, dates: Dates, as_of: date) -> _Stated:
    authored = dates.day(resource, "authoredOn")
    order = as_dict(resource.get("dispenseRequest"))
    valid_from, valid_to = dates.period(order, "validityPeriod")
    begun = latest([authored, valid_from])  # nothing is dispensed before the validity starts
    repeats = _repeats(order)
    bounds, renewed = bounds_of(as_dicts(resource.get("dosageInstruction")), begun, dates.period, repeats)
    start = bounds.start or begun
    supply = [valid_to, times(start, supplied(order.get("expectedSupplyDuration"), 1 + repeats))]
    return _Stated(
        start,
        (authored,),
        planned=(bounds.end,) if bounds.end else (),
        supply=tuple(day for day in supply if day),
        renewed=(renewed.end,) if renewed.end else (),
        repeats=repeats,
    )


def _repeats(order: Json) -> int:
    told = as_number(order.get("numberOfRepeatsAllowed"))
    return max(0, int(told)) if told is not None and abs(told) < 1000 else 0


def _statement(resource: Json, dates: Dates, as_of: date) -> _Stated:
    begun, ended = dates.period(resource, "effectivePeriod")
    start = begun or dates.day(resource, "effectiveDateTime")
    asserted = dates.day(resource, "dateAsserted")
    actual = (ended,) if ended else ()
    recorded = (start, asserted, _past(ended, as_of))
    if start is None and (asserted or ended):  # told on that day: begun then or on some day before
        return _Stated(Interval(EARLIEST, (ended or asserted or _some_day(None, as_of)).last), recorded, actual, dated=ended is not None)
    return _Stated(start, recorded, actual, taken_on=begun is None)


def _administration(resource: Json, dates: Dates, as_of: date) -> _Stated:
    begun, ended = dates.period(resource, "effectivePeriod")
    start = begun or dates.day(resource, "effectiveDateTime") or ended
    end = ended or start
    return _Stated(start, (start, _past(ended, as_of)), (end,) if end else ())


def _dispense(resource: Json, dates: Dates, as_of: date) -> _Stated:
    handed = dates.day(resource, "whenHandedOver")
    until = times(handed, supplied(resource.get("daysSupply"), 1))
    return _Stated(handed, (handed,), supply=(until,) if until else ())


def _past(day: Interval | None, as_of: date) -> Interval | None:
    """A period's end as a recording date: not one that lies ahead."""
    return day if day is not None and day.last <= as_of else None


_READERS: dict[str, Callable[[Json, Dates, date], _Stated]] = {
    "MedicationRequest": _request,
    "MedicationStatement": _statement,
    "MedicationDispense": _dispense,
    "MedicationAdministration": _administration,
}
