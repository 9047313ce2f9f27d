"""Two Evaluations, without and with the draft orders, into a card where signing would cost the patient a place in a trial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from cds_service.alerts.reasons import offered
from cds_service.criteria.evaluation import ArmResult, CriterionResult, Evaluation
from cds_service.hooks.cards import MAX_SUMMARY, source_of
from cds_service.hooks.markdown import plain

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial


@dataclass(frozen=True, slots=True)
class Loss:
    """One criterion of an arm that the patient may fit now, which the orders would make fail or lean to fail."""

    arm: ArmResult
    criterion: CriterionResult

    @property
    def until(self) -> date | None:
        return self.criterion.recheck_on


def losses(before: Evaluation, after: Evaluation) -> tuple[Loss, ...]:
    """Of arms that are potentially eligible without the orders; what failed or leaned so before is no news."""
    return tuple(loss for old, new in zip(before.arms, after.arms, strict=True) for loss in _of_arm(old, new))


def _of_arm(old: ArmResult, new: ArmResult) -> Iterator[Loss]:
    if old.status != "potentially-eligible":
        return
    against = {one.id for one in old.criteria if one.fails or one.leans_to_fail}
    for one in new.criteria:
        if (one.fails or one.leans_to_fail) and one.id not in against:
            yield Loss(new, one)


def warning(found: tuple[Loss, ...], evaluation: Evaluation, trial: Trial, uuid: str) -> dict[str, Any]:
    """A card that says what would be lost, by which criterion, and from when the patient would fit again."""
    return {
        "uuid": uuid,
        "summary": _summary(found, trial),
        "detail": "\n".join(["**If these orders are signed**", "", *_lines(found), "", _footer(trial)]),
        "indicator": "warning",
        "source": source_of(trial),
        "links": [{"label": f"{trial.registry.value} in the trial registry", "url": trial.registry.url, "type": "absolute"}],
        "overrideReasons": offered(()),
    }


def _summary(found: tuple[Loss, ...], trial: Trial) -> str:
    name, again = trial.short_title.partition(" (")[0], _again(found)
    text = f"These orders would keep the patient out of trial {name}{again}"
    return text if len(text) <= MAX_SUMMARY else f"These orders would keep the patient out of a trial{again}"


def _again(found: tuple[Loss, ...]) -> str:
    """The day on which the last of them has passed, where all of them pass with time."""
    days = [loss.until for loss in found]
    return f" until {max(day for day in days if day)}" if days and all(days) else ""


def _lines(found: tuple[Loss, ...]) -> Iterator[str]:
    told: dict[str, str] = {}
    for loss in found:
        one = loss.criterion
        how = "fails" if one.fails else "would probably fail"
        when = f"; fits again from {one.recheck_on}" if one.recheck_on else ""
        why = "" if one.sensitive else f": {plain(one.reason)}"
        told.setdefault(one.id, f"- {plain(one.id)} {how}{why}{when}")
    yield from told.values()


def _footer(trial: Trial) -> str:
    says = "The patient may fit this trial now. Care comes first: this is no advice against an order."
    return f"{says} Definition {plain(trial.id)}, version {plain(trial.version)}."
