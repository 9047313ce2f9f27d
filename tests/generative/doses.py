"""Strategies for medication histories with doses, each of which can be written in several ways that mean the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tests.generative import charts as g

Json = dict[str, Any]

# (ingredient, clinical drug, milligrams of its tablet, brand by its words)
DRUGS = (("8640", "312617", 5), ("6851", "105585", Fraction(5, 2)), ("5521", "979092", 200), ("68149", "200060", 500))
_STARTS = [g.AS_OF - timedelta(days=days) for days in (400, 200, 99, 85, 84, 83, 61, 60, 59, 31, 30, 29, 12)]
_LENGTHS = (None, 10, 29, 40, 150, 400)
# (times a day, in so many days) and how a sig says it
OFTEN = ((1, 1, "every morning"), (2, 1, "twice a day"), (1, 2, "every other day"), (1, 7, "once a week"), (3, 1, "tid"))


@dataclass(frozen=True)
class Course:
    """One drug at one dose: `tablets` of its clinical drug each time."""

    drug: int
    start: date
    length: int | None
    tablets: int
    often: int
    needed: bool = False

    @property
    def end(self) -> date | None:
        return None if self.length is None else min(g.AS_OF, self.start + timedelta(days=self.length))

    @property
    def mg(self) -> Fraction:
        return Fraction(DRUGS[self.drug][2]) * self.tablets


courses = st.lists(
    st.builds(
        Course,
        drug=st.integers(0, len(DRUGS) - 1),
        start=st.sampled_from(_STARTS),
        length=st.sampled_from(_LENGTHS),
        tablets=st.integers(1, 5),
        often=st.integers(0, len(OFTEN) - 1),
        needed=st.booleans(),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: (one.drug, one.start),
)


def number(value: Fraction) -> Any:
    return int(value) if value.denominator == 1 else float(value)


def structured(course: Course, in_tablets: bool = False) -> Json:
    """Timing and doseQuantity, in milligrams or tablets."""
    times, days, _ = OFTEN[course.often]
    amount = {"value": course.tablets, "unit": "tablet"} if in_tablets else g.quantity(number(course.mg), "mg")
    repeat = {"frequency": times, "period": days, "periodUnit": "d"}
    return {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": amount}]} | ({"asNeededBoolean": True} if course.needed else {})


def written(course: Course) -> Json:
    """The same in words."""
    words = f"Take {number(course.mg)} mg by mouth {OFTEN[course.often][2]}" + (" as needed" if course.needed else "")
    return {"text": words}


def statement(course: Course, dosage: Json, code: int = 0) -> Json:
    return g.statement((g.RXNORM, str(DRUGS[course.drug][code])), course.start, course.end) | {"dosage": [dosage]}


def order(course: Course, *dosages: Json) -> Json:
    return g.order((g.RXNORM, str(DRUGS[course.drug][0])), course.start, course.end) | {"dosageInstruction": list(dosages)}
