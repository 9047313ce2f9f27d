"""Criteria that wait for data into what is to be got, which records were not sent, and what everybody is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cds_service.criteria.evaluation import CriterionResult


@dataclass(frozen=True, slots=True)
class Group:
    """Things that are got in one way: `obtain`, and what."""

    action: str
    things: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsent:
    """Resource types that could not be had whole, and what would have stood in them."""

    types: tuple[str, ...]
    things: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion that every patient is asked about: nothing in the record speaks of it."""

    criterion: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """All that some criteria wait for."""

    groups: tuple[Group, ...]
    unsent: tuple[Unsent, ...]
    asked: tuple[Asked, ...]


def gaps(lacking: Iterable[CriterionResult], subjects: Mapping[str, str]) -> Gaps:
    """In the order given. Of a sensitive criterion only the definition's subject stands here, the same for every patient."""
    groups: dict[str, dict[str, None]] = {}
    unsent: dict[tuple[str, ...], dict[str, None]] = {}
    asked = []
    for one in lacking:
        subject = subjects.get(one.id, "")
        held_back = [gap for gap in one.missing if gap.unsent]
        # One name a criterion: what its clauses look for one by one would fill the card.
        several = len(held_back) > 1 and subject
        for gap in held_back:
            unsent.setdefault(gap.unsent, {})[subject if several else _named(one, subject, gap.what)] = None
        for action, what in _to_get(one, bool(held_back)):
            groups.setdefault(action, {})[_named(one, subject, what)] = None
        history = tuple(dict.fromkeys(_named(one, subject, gap.what) for gap in one.missing if gap.way == "history" and not gap.unsent))
        if history:
            asked.append(Asked(one.id, (subject,) if subject else history))
    return Gaps(
        tuple(Group(action, tuple(things)) for action, things in groups.items()),
        tuple(Unsent(types, tuple(things)) for types, things in unsent.items()),
        tuple(asked),
    )


def _named(one: CriterionResult, subject: str, what: str) -> str:
    """Which of its tests is missing would tell which are not (HIV): a sensitive criterion is named as for everybody."""
    return what if not one.sensitive else subject or f"what {one.id} names"


def _to_get(one: CriterionResult, is_held_back: bool) -> Iterator[tuple[str, str]]:
    """Ways and things. Without its records a question about them is not asked."""
    for gap in one.missing:
        if not gap.unsent and (gap.way == "obtain" or (gap.way == "question" and not is_held_back)):
            yield _parted(gap.action, gap.what)
    if not one.missing:
        yield "look into", one.reason


def _parted(action: str, what: str) -> tuple[str, str]:
    """The way without the thing: ("obtain", "IgA within 28 days") of "obtain IgA" and "IgA within 28 days", so that one line can name
    all to obtain. Of "check the chart: Are the doses stable?" the question is left to the Evaluation."""
    way, colon, _ = action.partition(": ")
    if colon:
        return way, what
    words = action.split()
    for position in range(1, len(words)):
        if what.startswith(" ".join(words[position:])):
            return " ".join(words[:position]), what
    return action, what
