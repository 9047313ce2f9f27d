"""Results of some value sets sorted by a window: inside, perhaps inside, stale; and how stale or absent ones are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from cds_service.criteria.evaluation import Evidence, Missing
from cds_service.criteria.fields import Window
from cds_service.criteria.node import Context, Node, evidence_of
from cds_service.criteria.nodes.absence import searched_types
from cds_service.criteria.value import Value, blank, unsettled
from fhir_mappings.inputs import Result, Standing


@dataclass(frozen=True)
class Pool:
    """`inside`: certainly in the window. `perhaps`: undated or of a partial date. `stale`: before it. All oldest first."""

    inside: tuple[Result, ...]
    perhaps: tuple[Result, ...]
    stale: tuple[Result, ...]

    @cached_property
    def newest(self) -> tuple[Result, ...]:
        """Those inside that may be of the newest day; what only words name does not hide a coded result."""
        held = [one for one in self.inside if one.standing is not Standing.TEXT] or self.inside
        day = max((one.when.first for one in held if one.when), default=None)
        return tuple(one for one in held if day and one.when and one.when.last >= day)


_NOTHING = Pool((), (), ())


def pool(context: Context, sets: tuple[str, ...], window: Window) -> Pool:
    if context.inputs.results.keys().isdisjoint(sets):
        return _NOTHING
    found = {id(one): one for name in sets for one in context.inputs.results.get(name, ())}
    opens = context.opens(window)
    sorted_in: dict[bool | None, list[Result]] = {True: [], None: [], False: []}
    for one in sorted(found.values(), key=_order):
        if one.when is None:
            sorted_in[None].append(one)
        elif one.when.first <= context.as_of:
            sorted_in[one.when.within(opens, context.as_of)].append(one)
    return Pool(tuple(sorted_in[True]), tuple(sorted_in[None]), tuple(sorted_in[False]))


def _order(result: Result) -> tuple[date, str, str]:
    return (result.when.first if result.when else date.min, result.origin.reference, result.concept)


def cite(result: Result, told: str = "") -> Evidence:
    """`told`: what it says, in the criterion's words; the date is added."""
    return evidence_of(result.origin, result.when, None, f"{told}, {result.when}" if told and result.when else told)


def told(result: Result) -> str:
    return f"{result.origin.display} on {result.when}" if result.when else f"{result.origin.display} (undated)"


def sure(result: Result) -> bool:
    """Whether a result may decide: final, coded, and nothing suspicious about it."""
    return result.standing is Standing.CONFIRMED and not result.conflict


def contrary(found: Pool, truth: bool, test: Callable[[Result], bool | None]) -> list[Result]:
    """What only words name and is not of one mind with the coded results: it never decides, but it asks (spec 0.4).

    Older than the newest coded result it is harmless; where its value can't be read, also of the same day.
    """
    coded = [one for one in found.inside if one.standing is not Standing.TEXT]
    day = max((one.when.last for one in coded if one.when), default=None)
    if day is None:
        return []
    named = [(one, one.when, test(one)) for one in found.inside if one.standing is Standing.TEXT]
    return [
        one
        for one, when, said in named
        if said is not truth and when is not None and (when.last > day if said is None else when.last >= day)
    ]


def none_usable(node: Node, context: Context, sets: tuple[str, ...], found: Pool, window: Window) -> Value:
    """Unknown for want of a usable result: a source that failed, a stale value to repeat, or nothing at all (policy `open`)."""
    types = searched_types(context, sets)
    read = types & node.READS
    unreached = context.unreached(read)
    if found.stale:
        last = found.stale[-1]
        missing = Missing(sets[0], f"{node.topic} {_since(window)}", f"repeat {node.topic}")
        return unsettled(f"{told(last)} is older than {window}", (cite(last),), review=False, missing=missing)
    unavailable = unreached and len(unreached) == len(read)
    unsent = unreached if unavailable else ()
    missing = Missing(sets[0], f"{node.topic} {_since(window)}".strip(), f"obtain {node.topic}", unsent=unsent)
    if unavailable:
        return blank(f"source unavailable ({', '.join(unreached)})", node.topic, missing)
    return blank("no result", node.topic, missing)


def _since(window: Window) -> str:
    return f"from the last {window.duration}" if window.duration else ""


def unreadable(node: Node, sets: tuple[str, ...], results: tuple[Result, ...]) -> Value:
    """Results are there, but their values can't be read: unknown, saying why."""
    why = "; ".join(dict.fromkeys(one.problem or f"{one.origin.display} can't be read" for one in results))
    # Which result it is, with what it says and its date: a pregnancy test without a unit may be a high value.
    results_told = "; ".join(dict.fromkeys(told(one) for one in results))
    missing = Missing(sets[0], f"{node.topic}: {results_told}", f"check the result of {node.topic}")
    return unsettled(
        f"{node.topic}: {why}", tuple(cite(one) for one in results), review=any(one.conflict for one in results), missing=missing
    )
