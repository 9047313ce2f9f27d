"""The body of a feedback call into what was said to each card, each item by itself: a faulty one never costs the others.

Epic writes `overrideReasons` and puts a site's own reasons into its `extension` (checklist 51); others misspell it. A comment is not
kept: it may name the patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cds_service.alerts.reasons import NONE, OTHER, SYSTEM, reason_of
from cds_service.errors import NotFound, Problem, RequestError
from cds_service.observe import metrics
from cds_service.observe.logs import event
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text

if TYPE_CHECKING:
    from cds_service.alerts.desk import Desk

MOST = 1000  # items in one call
_SPELLINGS = ("overrideReason", "overrideReasons", "overriddeReason")
_OUTCOMES = ("accepted", "overridden")
_FIRST = 946_684_800_000  # 2000-01-01 in milliseconds: what lies before is no time that a card was answered at


@dataclass(frozen=True, slots=True)
class Item:
    """What was said to one card. `said`: outcomeTimestamp in milliseconds since 1970; `reason`: a code of alerts/reasons.py."""

    card: str
    outcome: str
    said: int
    reason: str
    accepted: int
    commented: bool

    def row(self) -> dict[str, str | int]:
        values: dict[str, str | int] = {"card": self.card, "outcome": self.outcome, "said": self.said, "reason": self.reason}
        return {**values, "accepted": self.accepted, "commented": int(self.commented)}


def take(body: Mapping[str, Any], desk: Desk, tenant: str) -> None:
    """Writes down what can be, then tells what could not. Raises RequestError for faulty items, NotFound where no card is the tenant's."""
    items, problems = read_feedback(body, desk.policy(tenant).override_reasons)
    trials = desk.ledger.trials_of(tenant, (one.card for one in items))
    desk.ledger.record(one.row() for one in items if one.card in trials)
    for one in items:
        _tell(one, trials.get(one.card))
    if problems:
        raise RequestError(*problems)
    if not trials:
        raise NotFound(Problem("no card of this id was shown here", "feedback.card"))


def _tell(item: Item, trial: str | None) -> None:
    reason = item.reason.partition(".")[0] or item.outcome
    metrics.count_feedback(trial or "unknown-card", reason)
    event("feedback", trial=trial, outcome=item.outcome if trial else "unknown-card", reason=reason)


def read_feedback(body: Mapping[str, Any], mapped: Mapping[str, str]) -> tuple[list[Item], list[Problem]]:
    """The items, and what is wrong with the others. `mapped`: the site's own `system|code` -> ours. Raises RequestError without a list."""
    held = body.get("feedback")
    if not isinstance(held, list) or not held:
        raise RequestError(Problem("must be a list of at least one item", "feedback"))
    if len(held) > MOST:
        raise RequestError(Problem(f"has more than {MOST} items", "feedback"))
    items, problems = [], []
    for number, one in enumerate(held):
        found = list(_problems(one, f"feedback[{number}]"))
        problems += found
        if not found:
            items.append(_item(one, mapped))
    return items, problems


def _problems(one: object, place: str) -> Iterator[Problem]:
    if not isinstance(one, dict):
        yield Problem("must be an object", place)
        return
    card = one.get("card")
    if not isinstance(card, str) or not card.strip():
        yield Problem("is required", f"{place}.card")
    if one.get("outcome") not in _OUTCOMES:
        yield Problem(f"must be one of {', '.join(_OUTCOMES)}", f"{place}.outcome")
    if "outcomeTimestamp" in one and _time(one) is None:
        yield Problem("must be a date and time", f"{place}.outcomeTimestamp")


def _time(one: Json) -> int | None:
    """Without a zone it is UTC, as the specification asks for. It only tells repeats apart, so a client that leaves it out is understood:
    what counts is when the feedback came."""
    try:
        when = datetime.fromisoformat(one.get("outcomeTimestamp"))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    moment = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)
    return moment if moment > _FIRST else None


def _item(one: Json, mapped: Mapping[str, str]) -> Item:
    accepted = one["outcome"] == "accepted"
    given = [as_dict(one.get(name)) for name in _SPELLINGS] + [each for name in _SPELLINGS for each in as_dicts(one.get(name))]
    return Item(
        card=one["card"].strip()[:36],
        outcome=one["outcome"],
        said=_time(one) or 0,
        reason="" if accepted else _reason(given, mapped),
        accepted=len(as_dicts(one.get("acceptedSuggestions"))) if accepted else 0,
        commented=any(as_text(each.get("userComment")) for each in given),
    )


def _reason(given: list[Json], mapped: Mapping[str, str]) -> str:
    """The first that is ours, or that the site has mapped onto one of ours; else whether there was any."""
    codings = [coding for each in given for coding in _codings(each)]
    for coding in codings:
        system, code = as_text(coding.get("system")) or "", as_text(coding.get("code")) or ""
        code = code if system == SYSTEM else mapped.get(f"{system}|{code}", "")
        if reason_of(code):
            return code[:64]
    return OTHER if codings else NONE


def _codings(value: object) -> Iterator[Json]:
    """Every Coding in it: as a Coding, a CodeableConcept, or anywhere within an extension."""
    if isinstance(value, list):
        for one in value:
            yield from _codings(one)
    elif isinstance(value, dict):
        if as_text(value.get("code")):
            yield value
        for one in value.values():
            if isinstance(one, dict | list):
                yield from _codings(one)
