"""Unknown criteria into what people must confirm and what must be got; the card, the pages and the command line count by this alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cds_service.criteria.evaluation import CriterionResult, Evaluation
from cds_service.hooks.gaps import Asked, Gaps, gaps

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial


@dataclass(frozen=True, slots=True)
class Left:
    """`confirm`: criteria that a person settles; `missing`: things to get, of which records that were not sent are one."""

    confirm: int
    missing: int

    @property
    def words(self) -> str:
        """What people must say, and what must be got, apart; nothing where nothing is left."""
        return ", ".join(f"{count} {what}" for count, what in ((self.confirm, "to confirm"), (self.missing, "missing")) if count)


@dataclass(frozen=True, slots=True)
class SortedOut:
    """Each criterion under what settles it."""

    confirm: tuple[CriterionResult, ...]
    everybody: tuple[Asked, ...]
    confidential: tuple[str, ...]
    missing: Gaps

    @property
    def left(self) -> Left:
        things = sum(len(group.things) for group in self.missing.groups)
        return Left(len(self.confirm) + len(self.everybody) + len(self.confidential), things + len(self.missing.unsent))


def sorted_out(unknown: Sequence[CriterionResult], subjects: Mapping[str, str]) -> SortedOut:
    """In the order given."""
    shown = [one for one in unknown if not _withheld(one)]
    common = [one for one in shown if _asked_of_everybody(one, subjects)]
    own = [one for one in shown if not _asked_of_everybody(one, subjects)]
    lacking = gaps((one for one in own if not _judged(one)), subjects)
    return SortedOut(
        tuple(one for one in own if _judged(one)),
        (*(Asked(one.id, (subjects[one.id],)) for one in common), *lacking.asked),
        tuple(one.id for one in unknown if _withheld(one)),
        lacking,
    )


def left_of(criteria: Iterable[CriterionResult], trial: Trial) -> Left:
    """Of criteria of one arm or of several, each counted once."""
    unknown: dict[str, CriterionResult] = {}
    for one in criteria:
        if one.verdict == "unknown":
            unknown.setdefault(one.id, one)
    return sorted_out(list(unknown.values()), {one.id: one.subject for one in trial.criteria if one.subject}).left


def left_to_settle(evaluation: Evaluation, trial: Trial) -> Left:
    """The headline: over the arms that the patient may fit."""
    return left_of((one for arm in evaluation.arms if arm.status == "potentially-eligible" for one in arm.criteria), trial)


def is_to_confirm(one: CriterionResult) -> bool:
    """Whether an unknown criterion is one of those that a person settles: by judging, or by asking for what no chart shows."""
    return _judged(one) or _withheld(one) or any(gap.way == "history" and not gap.unsent for gap in one.missing)


def _judged(one: CriterionResult) -> bool:
    return one.open == "person" or one.review


def _withheld(one: CriterionResult) -> bool:
    """A record speaks and may not stand on a card; where none does, nothing is confidential."""
    return one.sensitive and (one.review or bool(one.evidence))


def _asked_of_everybody(one: CriterionResult, subjects: Mapping[str, str]) -> bool:
    """Only a person can settle it, and nothing in the record makes it this patient's question."""
    return one.open == "person" and not one.review and not one.evidence and one.id in subjects
