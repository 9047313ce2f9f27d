"""Rows into true counts by arm: the funnel, each criterion alone and last, what is missing, when to look again, who fits.

Nothing here may be shown: `privacy` decides what of it is published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from cds_service.cohort.rows import Row
from cds_service.criteria.holding import held_by
from cds_service.criteria.model import Trial

FAILED, UNKNOWN, PASSED = 0, 1, 2
_PLACE = {"not-met": FAILED, "triggered": FAILED, "unknown": UNKNOWN, "met": PASSED, "clear": PASSED}
HORIZON = 90  # days ahead for which re-check dates are counted
Cells = list[int]  # failed, unknown, passed


@dataclass
class ArmTally:
    """Of the living in scope of one arm who are not on hold. `steps[k]`: of those who failed nothing before; `alone[k]`: of all."""

    criteria: tuple[str, ...]
    in_scope: int = 0
    steps: list[Cells] = field(init=False)
    alone: list[Cells] = field(init=False)
    only: Cells = field(init=False)
    statuses: Counter[str] = field(default_factory=Counter)
    tests_alone: Counter[tuple[str, str]] = field(default_factory=Counter)
    tests: Counter[tuple[str, str]] = field(default_factory=Counter)
    recheck: Counter[int] = field(default_factory=Counter)
    ages: Counter[int | None] = field(default_factory=Counter)
    sexes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.steps = [[0, 0, 0] for _ in self.criteria]
        self.alone = [[0, 0, 0] for _ in self.criteria]
        self.only = [0 for _ in self.criteria]

    def add(self, row: Row, arm: Row, as_of: date) -> None:
        places = [_PLACE[one["verdict"]] for one in arm["criteria"]]
        self.in_scope += 1
        self.statuses[arm["status"]] += 1
        self._verdicts(places)
        if arm["status"] == "needs-data":
            self._missing(arm)
        if arm["recheckOn"]:
            days = (date.fromisoformat(arm["recheckOn"]) - as_of).days
            self.recheck[max(days, 0) // 7 if days <= HORIZON else -1] += 1
        if arm["status"] == "potentially-eligible":
            self.ages[None if row["age"] is None else row["age"] // 10 * 10] += 1
            self.sexes[row["sex"]] += 1

    def _verdicts(self, places: list[int]) -> None:
        before = True
        for number, place in enumerate(places):
            self.alone[number][place] += 1
            if before:
                self.steps[number][place] += 1
                before = place != FAILED
        if places.count(FAILED) == 1:
            self.only[places.index(FAILED)] += 1

    def _missing(self, arm: Row) -> None:
        """What would settle the criteria that the arm hangs on; where one thing settles all of them, it decides alone."""
        wanted = {(one["id"], one["get"]) for one in arm["criteria"] if one["decisive"] and one["open"] == "data" and one["get"]}
        self.tests.update(wanted)
        if len(wanted) == 1 and not any(one["decisive"] and one["open"] == "person" for one in arm["criteria"]):
            self.tests_alone.update(wanted)


@dataclass
class Tally:
    """Of all rows. `issues` and `foreign` count patients, not records. `held`: the living on hold, who are in no arm."""

    arms: dict[str, ArmTally]
    issues: Counter[str] = field(default_factory=Counter)
    foreign: Counter[str] = field(default_factory=Counter)
    opted_out: int = 0
    held: int = 0


def tally(trial: Trial, rows: Iterable[Row], as_of: date) -> Tally:
    found = Tally({arm.id: ArmTally(tuple(one.id for one in trial.of_arm(arm.id))) for arm in trial.arms})
    for row in rows:
        found.issues.update(row["issues"])
        found.foreign.update(row["foreign"])
        found.opted_out += row["optedOut"]
        if held := held_by(row["holds"]):
            found.held += "deceased" not in held
            continue
        for arm in row["arms"]:
            if arm["status"] != "out-of-scope":
                found.arms[arm["id"]].add(row, arm, as_of)
    return found
