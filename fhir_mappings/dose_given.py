"""Single doses given again and again into the regimen that they follow: each lasts until the next, the last for one interval (spec 1.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from fhir_mappings.dates import Interval, add_days
from fhir_mappings.exposure_counting import LATE, MONTH, doubt_whether_taken, interval_between
from fhir_mappings.glucocorticoids import is_glucocorticoid
from fhir_mappings.inputs import DoseSegment, Exposure, Standing


def as_regimen(exposures: Sequence[Exposure]) -> list[Exposure]:
    """The exposures of one agent; doses that were given at least twice spread over their interval.

    A pulse of a glucocorticoid stays a dose of its day: it comes on top of what is swallowed.
    """
    given = {day for one in exposures if (day := _day(one)) is not None}
    interval = interval_between(sorted(given), exposures)
    if interval is None:
        return [_perhaps_lasting(one) for one in exposures] if given and any(map(_is_rough, exposures)) else list(exposures)
    lasting = dict(_lasting(sorted(given), interval))
    return [_spread(one, lasting[day], interval) if (day := _day(one)) is not None else one for one in exposures]


def _day(exposure: Exposure) -> date | None:
    """The day of a dose that can be read."""
    is_dose = exposure.kind == "MedicationAdministration" and not is_glucocorticoid(exposure.agent)
    if not is_dose or exposure.start is None or not exposure.start.exact or doubt_whether_taken(exposure) is not None:
        return None
    return exposure.start.first if len(exposure.doses) == 1 and exposure.doses[0].low is not None else None


def _is_rough(exposure: Exposure) -> bool:
    """A dose given on a day that is told to the month only, or in words only: with the others it may be one of a regimen."""
    is_dose = exposure.kind == "MedicationAdministration" and not is_glucocorticoid(exposure.agent)
    is_open = exposure.standing in (Standing.TEXT, Standing.UNCLEAR, Standing.UNCONFIRMED)
    return is_dose and exposure.start is not None and (is_open or not exposure.start.exact)


def _perhaps_lasting(exposure: Exposure) -> Exposure:
    """A dose that may last until the next of a regimen, which is then at most a month away."""
    if exposure.start is None or not (_is_rough(exposure) or _day(exposure)):
        return exposure
    last = add_days(exposure.start.last, MONTH + LATE)
    doses = tuple(replace(one, first=exposure.start, last=Interval(last, last)) for one in exposure.doses)
    return replace(exposure, end=Interval(exposure.start.first, last), partial_end=True, doses=doses)


def _lasting(days: Sequence[date], interval: int) -> Iterator[tuple[date, date]]:
    """(day, last day) of each dose: to the next where that comes in time, else for one interval."""
    in_time = max(interval + LATE, interval * 3 // 2) if interval > 1 else interval
    for day, following in pairwise(days):
        yield day, add_days(day, ((following - day).days if (following - day).days <= in_time else interval) - 1)
    yield days[-1], add_days(days[-1], interval - 1 + (LATE if interval > LATE else 0))


def _spread(exposure: Exposure, last: date, interval: int) -> Exposure:
    assert exposure.start is not None
    days = Interval(exposure.start.first, last)
    doses = tuple(_a_day(one, days, interval) for one in exposure.doses)
    return replace(exposure, end=Interval(last, last), doses=doses)


def _a_day(segment: DoseSegment, days: Interval, interval: int) -> DoseSegment:
    assert segment.low is not None
    assert segment.high is not None
    first, last = Interval(days.first, days.first), Interval(days.last, days.last)
    low, high = segment.low / Fraction(interval), segment.high / Fraction(interval)
    return replace(segment, first=first, last=last, low=low, high=high, pattern=f"{segment.pattern} every {interval} days", final=False)
