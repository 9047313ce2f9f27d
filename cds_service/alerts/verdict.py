"""An Evaluation into what its card would say, as one text: the same text is not shown twice to one user."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from cds_service.criteria.evaluation import Evaluation


def verdict_of(evaluation: Evaluation, loss: Iterable[str] = ()) -> str:
    """The definition, the arms that fit, and the criteria still open in them: a new result that settles one makes a new verdict, another
    value of the same meaning does not. `loss`: what orders would cost, which is said again on another day."""
    arms = [
        [arm.id, [one.id for one in arm.criteria if one.verdict == "unknown"]]
        for arm in evaluation.arms
        if arm.status == "potentially-eligible"
    ]
    lost = sorted(loss)
    return orjson.dumps([evaluation.definition, arms, lost, evaluation.as_of.isoformat() if lost else ""]).decode()
