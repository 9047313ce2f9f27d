"""A dose into the words of a reason: `15 mg`, `0 to 10 mg`; with its time `15 mg a day`, `15 mg a week`, `750 mg every 28 days`."""

from __future__ import annotations

from fractions import Fraction

from fhir_mappings.dose_courses import Dose


def amount(dose: Dose) -> str:
    if dose.low is None or dose.high is None:
        return "unknown dose"
    low, high = number(dose.low), number(dose.high)
    return f"{high} mg" if low == high else f"{low} to {high} mg"


def rate(dose: Dose) -> str:
    """The amount with its time, as it is ordered: methotrexate by the week, never by the day."""
    figure, time = _timed(dose)
    return f"{figure} {time}"


def change(before: Dose, after: Dose) -> str:
    """`from 20 mg to 15 mg a day`, the time told once where it is the same."""
    (old, its_time), (new, time) = _timed(before), _timed(after)
    return f"from {old} to {new} {time}" if its_time == time else f"from {old} {its_time} to {new} {time}"


def _timed(dose: Dose) -> tuple[str, str]:
    if dose.low is None or dose.high is None or dose.peak is None or dose.low != dose.high or not dose.high or dose.peak < 3 * dose.high:
        return amount(dose), "a day"
    days = dose.peak / dose.high
    if days.denominator == 1 and days > 7:
        return f"{number(dose.peak)} mg", f"every {days} days"
    return f"{number(dose.high * 7)} mg", "a week"


def number(value: Fraction) -> str:
    """At most two places, as a person writes it."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
