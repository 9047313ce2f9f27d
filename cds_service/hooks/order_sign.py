"""Evaluations without and with the draft orders into what signing would cost: which criterion, from when, and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from cds_service.criteria.evaluation import ArmResult, CriterionResult, Evaluation
from cds_service.hooks.drafts import Draft

_STEPS = 4  # how often a day from which they may fit again is tried: a pulse is begun, is over, and then the dose is unchanged
_LATER_DAYS = 2  # of orders that begin later, the first days that are looked at

Evaluate = Callable[[date], Evaluation]


@dataclass(frozen=True, slots=True)
class Loss:
    """One criterion of an arm that the patient may fit now, which the orders would make fail or lean to fail from a day on."""

    arm: ArmResult
    criterion: CriterionResult
    since: date
    until: date | None = None  # the first day on which it would no longer speak against the patient, where the orders tell one
    drafts: tuple[Draft, ...] = ()

    def key(self, today: date) -> str:
        """What makes it the same news as another: one that comes later is other news."""
        return self.criterion.id if self.since == today else f"{self.criterion.id} from {self.since}"


@dataclass(frozen=True)
class Signing:
    """The patient as found today, and on any day without the orders and as if they were followed.

    `over`: days on which something that was ordered has ended.
    """

    found: Evaluation
    before: Evaluate
    after: Evaluate
    drafts: tuple[Draft, ...]
    over: Callable[[], tuple[date, ...]]

    def losses(self) -> tuple[Loss, ...]:
        """Each criterion once an arm, on the first day on which it is lost; what failed or leaned so before is no news."""
        today, after = self.found.as_of, cache(self.after)
        arms = {arm.id for arm in self.found.arms if arm.status == "potentially-eligible"}
        later = sorted({draft.begins for draft in self.drafts if draft.begins > today})[:_LATER_DAYS]
        found: dict[tuple[str, str], Loss] = {}
        for day in (today, *later):
            before = self.found if day == today else self.before(day)
            for arm, one in _newly_against(before, after(day), arms):
                if (arm.id, one.id) not in found:
                    until = self._until(day, arm.id, one, after)
                    found[arm.id, one.id] = Loss(arm, one, day, until, _causes(one, self.drafts))
        return tuple(found.values())

    def _until(self, day: date, arm: str, one: CriterionResult, after: Evaluate) -> date | None:
        """Day after day that may end it, until on one of them it no longer speaks against the patient."""
        reached = day
        for _ in range(_STEPS):
            ends = [one.recheck_on, *self.over()]
            following = min((end for end in ends if end and end > reached), default=None) if one.recheck_on is None else one.recheck_on
            if following is None or following <= reached:
                return None
            one, reached = _criterion(after(following), arm, one.id), following
            if not _is_against(one):
                return following
        return None


def _newly_against(old: Evaluation, new: Evaluation, arms: set[str]) -> Iterator[tuple[ArmResult, CriterionResult]]:
    for before, after in zip(old.arms, new.arms, strict=True):
        known = {one.id for one in before.criteria if _is_against(one)}
        if after.id in arms:
            yield from ((after, one) for one in after.criteria if _is_against(one) and one.id not in known)


def _is_against(one: CriterionResult) -> bool:
    return one.fails or one.leans_to_fail


def _criterion(evaluation: Evaluation, arm: str, identity: str) -> CriterionResult:
    return next(one for found in evaluation.arms if found.id == arm for one in found.criteria if one.id == identity)


def _causes(one: CriterionResult, drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """The orders whose records the criterion rests on; all of them where it cites none."""
    cited = {found.origin.reference for found in one.evidence}
    held = tuple(drafts)
    return tuple(draft for draft in held if cited & draft.references) or held


def days_over(ends: Iterable[date | None]) -> tuple[date, ...]:
    """The days after the last ones of what was ordered."""
    return tuple(sorted({end + timedelta(days=1) for end in ends if end and end < date.max}))
