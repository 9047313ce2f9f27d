"""Windows before the evaluation date: the days they hold, and the first day on which an event has left one."""

from __future__ import annotations

from datetime import date

from cds_service.criteria.fields import Window
from fhir_mappings.dates import LATEST, Duration, add_days

EVER = Window("ever", None)


def day_outside(event: date, duration: Duration, strictly: bool = False) -> date | None:
    """The first evaluation date on which `event` lies before the window; None beyond the calendar.

    Inclusive windows: 56 days after an event it is still inside, on day 57 it is out (E-01). With `strictly`
    the day exactly `duration` before is already outside (E-20: exactly 5 years).
    """
    day = duration.after(event)
    while day < LATEST and not _outside(event, duration.before(day), strictly):
        day = add_days(day, 1)
    return day if day < LATEST else None


def _outside(event: date, opens: date, strictly: bool) -> bool:
    return event <= opens if strictly else event < opens
