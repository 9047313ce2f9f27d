"""A dose into the words of a reason: `15 mg`, `0 to 10 mg`."""

from __future__ import annotations

from fractions import Fraction

from fhir_mappings.dose_courses import Dose


def amount(dose: Dose) -> str:
    if dose.low is None or dose.high is None:
        return "unknown dose"
    low, high = number(dose.low), number(dose.high)
    return f"{high} mg" if low == high else f"{low} to {high} mg"


def number(value: Fraction) -> str:
    """At most two places, as a person writes it."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
