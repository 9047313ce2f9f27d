"""One Exposure into whether it counts as treatment with its agent, and how long a dose of it lasts (spec 1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median_low

from fhir_mappings.glucocorticoids import depot_doubt
from fhir_mappings.inputs import Exposure, Standing
from fhir_mappings.table import read_table

_STANDINGS = {
    Standing.REFUTED: "recorded as not taken",
    Standing.UNCONFIRMED: "not confirmed",
    Standing.TEXT: "named in words only",
    Standing.CLASS: "its code tells only the class of drug, it may be any of it",
    Standing.DISPUTED: "its own words say that it is not taken",
    Standing.UNCLEAR: "its status does not say whether it was taken",
}

LATE = 3  # days by which a dose of a regimen may come late: a longer gap is one (spec 1.1)
MONTH = 35  # two doses alone show a regimen where they are no further apart
ORDERED = "ordered, but no administration is recorded"


@dataclass(frozen=True, slots=True)
class LongActing:
    """A row of tables/long_acting.tsv; `interval` and `course` in days, None where no dosing interval is added."""

    agent: str
    route: str
    interval: int | None
    course: int | None
    clinic: bool


def _number(cell: str) -> int | None:
    return int(cell) if cell else None


_LONG_ACTING = {
    row["agent"]: LongActing(row["agent"], row["route"], _number(row["interval_days"]), _number(row["course_days"]), row["clinic"] == "yes")
    for row in read_table("long_acting")
}
_REASONS = tuple((row["agent"], row["reason"], row["counts"]) for row in read_table("counting"))


def long_acting(exposure: Exposure) -> LongActing | None:
    """The row for this agent as it was given; an administration without a route is taken to be the clinic's."""
    row = _LONG_ACTING.get(exposure.agent)
    if row is None or row.route in ("", exposure.route):
        return row
    return row if exposure.route in (None, "route.parenteral_nos") and exposure.kind == "MedicationAdministration" else None


def interval_between(days: Sequence[date], exposures: Iterable[Exposure]) -> int | None:
    """Days from one dose to the next, as a rule, of doses given on these days in order; None where no regimen is shown."""
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if not gaps:
        return None
    rows = [row.interval for one in exposures if (row := long_acting(one)) is not None and row.interval is not None]
    usual = median_low(gaps)
    return usual if len(gaps) > 1 or usual <= max(rows, default=MONTH) + LATE else None


def is_order_only(exposure: Exposure) -> bool | None:
    """An order of a drug that a clinic gives: it does not show that the drug was given (E-11). None where the route would tell."""
    if exposure.kind != "MedicationRequest":
        return False
    row = _LONG_ACTING.get(exposure.agent)
    if row is None or not row.clinic or exposure.origin.grade == "reported":
        return False
    if row.route in ("", exposure.route):
        return True
    return None if exposure.route in (None, "route.parenteral_nos") else False


def excluded_use(exposure: Exposure) -> bool | None:
    """Whether this use does not count as treatment of the disease: True not counted, False counted, None to be reviewed."""
    if exposure.systemic is False:
        return True
    if exposure.reason:
        rules = {_rule(exposure, reason) for reason in exposure.reason}
        if "" not in rules:  # for nothing but such reasons
            return None if "review" in rules else True
    return None if exposure.systemic is None else False


def _rule(exposure: Exposure, reason: str) -> str:
    return next((counts for agent, start, counts in _REASONS if agent == exposure.agent and reason.startswith(start)), "")


def taken(exposures: Iterable[Exposure]) -> tuple[Exposure, ...]:
    """Without plans and without drugs that do not act on the whole body (topical, inhaled, in the eye …)."""
    return tuple([one for one in exposures if not one.planned and one.systemic is not False])


def doubt_whether_taken(exposure: Exposure) -> str | None:
    """Why this record can't show by itself that the patient took the drug; None where it can."""
    if exposure.standing is not Standing.CONFIRMED:
        return _STANDINGS[exposure.standing]
    if is_order_only(exposure):
        return ORDERED
    if exposure.kind == "MedicationRequest" and exposure.denial:  # never begun, or stopped: the order can't tell
        return f"ordered, but {exposure.denial.words}"
    if depot := depot_doubt(exposure):
        return depot
    if exposure.systemic is None:
        return f"{(exposure.route or 'route').removeprefix('route.').replace('_', ' ')}: may not act on the whole body"
    return None


def doubt_whether_counted(exposure: Exposure) -> str | None:
    """Why this record can't show by itself that the disease was treated with the drug; None where it can."""
    if excluded_use(exposure) is None and exposure.systemic is not None:
        return "given for a reason other than the disease"
    return doubt_whether_taken(exposure)
