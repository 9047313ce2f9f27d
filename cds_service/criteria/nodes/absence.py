"""What finding no record means: presumed absence, nothing known, or a source that could not be read (spec 0.2)."""

from __future__ import annotations

from functools import lru_cache

from cds_service.criteria.evaluation import Missing
from cds_service.criteria.fields import Window
from cds_service.criteria.node import Context, Node
from cds_service.criteria.value import CONSTANTS, Value, blank, presumed, silent

POLICIES = ("closed", "open", "quiet", "listed", "beside")
_NONE: frozenset[str] = frozenset()


def searched_types(context: Context, sets: tuple[str, ...], extra: frozenset[str] = _NONE) -> frozenset[str]:
    """The resource types in which records of these value sets stand."""
    return extra.union(*[context.value_sets[name].types for name in sets])


def absent(node: Node, context: Context, sets: tuple[str, ...], types: frozenset[str], policy: str, window: Window) -> Value:
    """The value of a clause for which no usable record was found."""
    unsearched = context.failed(types) if policy == "beside" else context.unsearched(types)
    if unsearched:
        return _not_searched(node.topic, _asked_for(node, sets), unsearched, context.unreached(types), context.untold(types))
    if policy in ("quiet", "listed", "beside"):
        return silent(node.topic)
    if policy == "closed":
        return _closed(node, context, sets, window)
    return _not_recorded(node.topic, _asked_for(node, sets), "no record")


def _asked_for(node: Node, sets: tuple[str, ...]) -> str:
    return sets[0] if sets else node.KEY


def _closed(node: Node, context: Context, sets: tuple[str, ...], window: Window) -> Value:
    if not all(context.value_sets[name].complete for name in sets):
        return _not_recorded(node.topic, _asked_for(node, sets), "no record, but not every code for it is known here")
    if not context.covered(window):
        return _not_recorded(node.topic, _asked_for(node, sets), "no record, but the chart does not cover the period")
    return presumed(node.topic)


@lru_cache(CONSTANTS)
def _not_searched(topic: str, name: str, unsearched: tuple[str, ...], lost: tuple[str, ...], untold: tuple[str, ...]) -> Value:
    if lost:
        why = f"source unavailable ({', '.join(lost)})"
    elif set(unsearched) <= set(untold):
        why = f"a record can't be told what it is ({', '.join(unsearched)}; see the data issues)"
    else:
        why = f"records incomplete ({', '.join(unsearched)})"
    return _not_recorded(topic, name, why, unsearched)


@lru_cache(CONSTANTS)
def _not_recorded(topic: str, name: str, why: str, unsent: tuple[str, ...] = ()) -> Value:
    return blank(why, topic, Missing(name, topic, f"check the history for {topic}", way="history", unsent=unsent))
