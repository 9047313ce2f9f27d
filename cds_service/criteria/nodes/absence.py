"""What finding no record means: presumed absence, nothing known, or a source that could not be read (spec 0.2)."""

from __future__ import annotations

from cds_service.criteria.evaluation import Missing
from cds_service.criteria.fields import Window
from cds_service.criteria.node import Context, Node
from cds_service.criteria.value import Value, blank, presumed, silent

POLICIES = ("closed", "open", "quiet", "listed", "beside")


def searched_types(context: Context, sets: tuple[str, ...], extra: frozenset[str] = frozenset()) -> frozenset[str]:
    """The resource types in which records of these value sets stand."""
    found = set(extra)
    for name in sets:
        found |= context.value_sets[name].types
    return frozenset(found)


def absent(node: Node, context: Context, sets: tuple[str, ...], types: frozenset[str], policy: str, window: Window) -> Value:
    """The value of a clause for which no usable record was found."""
    unsearched = context.failed(types) if policy == "beside" else context.unsearched(types)
    missing = Missing(
        sets[0] if sets else node.KEY, node.topic, f"check the history for {node.topic}", way="history", unsent=tuple(unsearched)
    )
    if unsearched:
        lost = context.unreached(types)
        why = f"source unavailable ({', '.join(lost)})" if lost else f"records incomplete ({', '.join(unsearched)})"
        return blank(why, node.topic, missing)
    if policy in ("quiet", "listed", "beside"):
        return silent(node.topic)
    if policy == "closed":
        return _closed(node, context, sets, window, missing)
    return blank("no record", node.topic, missing)


def _closed(node: Node, context: Context, sets: tuple[str, ...], window: Window, missing: Missing) -> Value:
    partial = [name for name in sets if not context.value_sets[name].complete]
    if partial:
        return blank("no record, but not every code for it is known here", node.topic, missing)
    if not context.covered(window):
        return blank("no record, but the chart does not cover the period", node.topic, missing)
    return presumed(node.topic)
