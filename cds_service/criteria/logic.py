"""Kleene's three values over Values: at-least-k with lean, firmness, review, evidence, missing and cure travelling through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TypeVar

from cds_service.criteria.value import FALSE, STATE, Flip, Value

_T = TypeVar("_T")


def kleene(k: int, truths: Sequence[bool | None]) -> bool | None:
    """At least k of n: t >= k true, t + u < k false, else unknown (spec 0.1)."""
    true = truths.count(True)
    if true >= k:
        return True
    return False if true + truths.count(None) < k else None


def at_least(k: int, values: Sequence[Value]) -> Value:
    """At least k of the values hold. all_of is k = n, any_of is k = 1 (spec head, "How values combine")."""
    truth = kleene(k, [value.truth for value in values])
    carriers = [value for value in values if value.truth is truth]
    if truth is None:
        return _unknown(k, values, carriers)
    return Value(
        truth,
        truth,
        kleene(k, [value.firm for value in values]),
        silent=all(carrier.silent for carrier in carriers),
        answered=any(carrier.answered for carrier in carriers) and all(carrier.answered or carrier.silent for carrier in carriers),
        reasons=_once([carrier.reasons for carrier in _speaking(carriers)]),
        evidence=_once([carrier.evidence for carrier in carriers]),
        notes=_once([value.notes for value in values]),
        flip=_flip(k, sum(value.truth is True for value in values), truth, carriers),
        applicable=any(carrier.applicable for carrier in carriers) or not carriers,
    )


def _speaking(carriers: list[Value]) -> list[Value]:
    """Where some carriers cite a record, the merely presumed ones are not told."""
    citing = [carrier for carrier in carriers if carrier.evidence]
    return citing or carriers


def _unknown(k: int, values: Sequence[Value], carriers: list[Value]) -> Value:
    days = [carrier.recheck_on for carrier in carriers if carrier.recheck_on]
    lean = kleene(k, [value.lean for value in values])
    # What already points where the whole leans is told and cited too: the diagnosis, while its classification is asked.
    pointing = [value for value in values if value.truth is lean and value.evidence] if lean is not None else []
    ordered = [_as_settled(value) for value in pointing] + sorted(carriers, key=_order)
    return Value(
        None,
        lean,
        None,
        review=any(carrier.review for carrier in carriers),
        by_person=all(carrier.by_person for carrier in carriers),
        blank=all(carrier.blank for carrier in carriers),
        reasons=_once([carrier.reasons for carrier in ordered]),
        evidence=_once([carrier.evidence for carrier in ordered]),
        missing=_once([carrier.missing for carrier in ordered]),
        questions=_once([carrier.questions for carrier in ordered]),
        notes=_once([value.notes for value in values]),
        recheck_on=max(days) if days else None,
    )


def _order(value: Value) -> tuple[bool, ...]:
    """What a person must look at first, then what cites a record, then what waits for data."""
    return (not value.review, not value.evidence, value.by_person, value.blank)


def _as_settled(value: Value) -> Value:
    return value._replace(reasons=tuple([reason._replace(rests_on="settled") for reason in value.reasons]))


def _flip(k: int, true: int, truth: bool, carriers: list[Value]) -> Flip:
    """The flip that decides: of a true value t - k + 1 must turn false, of a false one k - t must turn true (spec, Cure)."""
    flips = sorted(carrier.flip for carrier in carriers)
    if not flips:
        return STATE
    needed = true - k + 1 if truth else k - true
    return flips[max(1, min(len(flips), needed)) - 1]


def all_of(values: Sequence[Value]) -> Value:
    return at_least(len(values), values)


def any_of(values: Sequence[Value]) -> Value:
    return at_least(1, values)


def negated(value: Value) -> Value:
    return value._replace(truth=_not(value.truth), lean=_not(value.lean), firm=_not(value.firm))


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _once(groups: Sequence[tuple[_T, ...]]) -> tuple[_T, ...]:
    """What stands in the groups, in order, each once. Most groups are empty."""
    return tuple(dict.fromkeys(chain.from_iterable(groups))) if any(groups) else ()


def hinted(value: Value, hints: Iterable[Value]) -> Value:
    """An unknown with what other records suggest: the first hint that speaks gives review and lean, never a decision.

    So a recorded classification score decides and a question stands in while there is none (ruling 14), and a
    protein/creatinine ratio points where no 24 h urine exists (E-01).
    """
    if value.truth is not None:
        return value
    hints = list(hints)
    if value.review:
        return value._replace(questions=value.questions + _once([one.questions for one in hints if one.blank]))
    # A question stands in only where no record speaks at all: a recorded score that does not settle it stays unknown.
    speaking = [one for one in hints if one.truth is True or (one.truth is None and (one.review or one.by_person or one.questions))]
    hint = next((one for one in speaking if value.blank or not one.by_person), None)
    if hint is None:
        return value
    return value._replace(
        lean=hint.lean,
        review=hint.review or hint.truth is not None,
        by_person=hint.by_person,
        blank=False,
        reasons=hint.reasons + value.reasons if hint.evidence else value.reasons,
        evidence=value.evidence + hint.evidence,
        # A person's answer settles it: there is nothing to obtain.
        missing=() if hint.by_person else value.missing,
        questions=value.questions + hint.questions,
        notes=value.notes + hint.notes,
    )


def doubted(value: Value, doubts: Iterable[Value]) -> Value:
    """What holds or leans so, beside a record that speaks against it (immunoglobulins before an antibody test): a review without lean.

    A record that may speak against it, in words only or of unclear status, leaves open what would hold.
    """
    against = [one for one in doubts if one.truth is True or (value.truth is True and one.truth is None and one.review)]
    if not against:
        return value
    told = tuple(reason._replace(text=f"but {reason.text}") for one in against for reason in one.reasons[:1])
    return value._replace(
        truth=None,
        lean=None,
        firm=None,
        review=True,
        reasons=value.reasons + told,
        evidence=value.evidence + _once([one.evidence for one in against]),
        notes=value.notes + _once([one.notes for one in against]),
    )


def weighed(value: Value, weight: str) -> Value:
    """What a true value is worth: `decide` as it is; `review`, `lean-true`, `lean-false` an unknown; `note` only a note."""
    if weight == "note" and value.truth is None and not value.review:
        return FALSE
    if weight == "decide" or value.truth is False or (value.truth is None and not value.review):
        return value
    if weight == "note":
        return value._replace(
            truth=False,
            lean=False,
            firm=False,
            silent=True,
            review=False,
            evidence=(),
            missing=(),
            notes=value.notes + _told_once(value),
        )
    points = True if value.truth is True else value.lean
    lean = {"review": None, "lean-true": points, "lean-false": False if points else None}[weight]
    return value._replace(truth=None, lean=lean, firm=None, review=True, by_person=False, blank=False)


def _told_once(value: Value) -> tuple[str, ...]:
    return tuple(reason.text for reason in value.reasons[:1])
