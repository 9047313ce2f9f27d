"""The base of every node of a criterion's logic tree, and the context (one chart, one arm) in which it yields a Value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache, cached_property
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.answers import settled_by_answers
from cds_service.criteria.evaluation import Evidence
from cds_service.criteria.fields import Window, declare
from cds_service.criteria.logic import doubted, hinted, weighed
from cds_service.criteria.unspoken import Searched, Unspoken
from cds_service.criteria.value import NEVER, STATE, Value
from fhir_mappings.dates import RECENT, Duration
from fhir_mappings.inputs import Inputs, Origin, State
from fhir_mappings.terminology import ValueSet

_CURES = {"never": NEVER, "state": STATE}


TypesOf = Callable[[frozenset[str]], tuple[str, ...]]


@dataclass(slots=True)
class Context:
    """What a node may look at. `memo` holds the values of nodes, by arm where they may differ between arms.

    Of some resource types, in order: `unsearched` are those whose retrieval was not whole (spec 0.2), `unreached` those of which
    nothing could be had, `failed` those whose search failed: what stands there may speak, `untold` those with a record of which
    can't be told what it is.
    """

    inputs: Inputs
    value_sets: Mapping[str, ValueSet]
    registry: tuple[str, str]
    answers_within: Duration
    arm: str = ""
    memo: dict[int | tuple[int, str], Value] = field(default_factory=dict)
    unspoken: Unspoken | None = None
    starts: dict[Window, date] = field(default_factory=dict)
    coverage: dict[Window, bool] = field(default_factory=dict)
    as_of: date = field(init=False)
    unsearched: TypesOf = field(init=False)
    unreached: TypesOf = field(init=False)
    failed: TypesOf = field(init=False)
    untold: TypesOf = field(init=False)
    searched: Searched = field(init=False)
    silence: dict[object, tuple[object, Value]] | None = field(init=False)
    recorded: frozenset[str] = field(init=False)  # the value sets, and the questions, of which the chart holds anything

    def __post_init__(self) -> None:
        held = self.inputs
        self.as_of = held.as_of
        self.searched = _searched(held)
        self.unsearched, self.unreached, self.failed, self.untold = map(_among, self.searched[:4])
        self.silence = self.unspoken.of(self.searched) if self.unspoken else None
        self.recorded = frozenset().union(held.records, held.results, held.exposures, held.answers)

    def opens(self, window: Window) -> date:
        """The first day of a window; the calendar's first for `ever`."""
        start = self.starts.get(window)
        if start is None:
            start = self.starts[window] = window.duration.before(self.as_of) if window.duration else date.min
        return start

    def lost(self, node: Node) -> bool:
        """Whether a search failed in which this clause's records would stand."""
        failed = self.searched.failed
        return bool(failed) and any(self.value_sets[name].types & failed for one in node.walk() for name in one.inputs())

    def covered(self, window: Window) -> bool:
        """Coverage: the chart was written in over the look-back and before it (spec 0.2)."""
        held = self.coverage.get(window)
        if held is None:
            held = self.coverage[window] = self._covered(window)
        return held

    def _covered(self, window: Window) -> bool:
        days = self.inputs.recording_dates
        if window.duration:
            return bool(days) and days[0] < self.opens(window) <= days[-1]
        return bool(days) and days[-1] >= RECENT.before(self.as_of) and days[0] <= RECENT.before(days[-1])


def _searched(inputs: Inputs) -> Searched:
    sources = inputs.sources.values()
    failed = frozenset(one.type for one in sources if one.state is State.FAILED)
    unreached = failed.union(one.type for one in sources if one.state is State.NOT_PROVIDED)
    unsearched = unreached.union(one.type for one in sources if one.state is State.PARTIAL)
    recent = RECENT.before(inputs.as_of)
    medicated = inputs.no_medication is not None or any(recent <= day <= inputs.as_of for day in reversed(inputs.medication_dates))
    return Searched(unsearched, unreached, failed, _untold(inputs), medicated)


def _untold(inputs: Inputs) -> frozenset[str]:
    """Their records are named in the data issues, never in the value of a clause: what is said of silence is kept for other patients."""
    return frozenset(one.reference.partition("/")[0] for one in inputs.issues if one.code == "code-unknown")


def _among(held: frozenset[str]) -> TypesOf:
    """Asked hundreds of times, of a dozen sets of types."""
    return cache(lambda types: tuple(sorted(types & held)))


@dataclass(frozen=True, kw_only=True)
class Node:
    """One node of the tree. Every kind of node may carry these attributes beside its own."""

    KEY: ClassVar[str] = ""  # the YAML key that names this kind of node
    VARIES: ClassVar[bool] = False  # whether its own rule looks at the arm
    TYPES: ClassVar[frozenset[str]] = frozenset()  # resource types read beside those of its inputs
    READS: ClassVar[frozenset[str]] = frozenset()  # resource types, one of which each of its inputs must hold
    # Whether its rule looks at nothing of a patient but the records of its inputs: without any it says the same of everybody whose
    # searches and look-backs were as whole.
    ONLY_INPUTS: ClassVar[bool] = False
    place: str = ""  # file:line:column, for messages
    # Of each of its keys where the value stands, of each item of a list where that does, in order.
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    link_id: str = ""  # `SLE-3/d`: where a person's recorded answer to this clause is read
    clause: str = declare(kinds.TEXT, "")
    label: str = declare(kinds.TEXT, "")
    weight: str = declare(kinds.choice(*kinds.WEIGHTS), "decide")
    binds: tuple[tuple[str, str], ...] = declare(kinds.BINDS, ())
    hints: tuple[Node, ...] = declare(kinds.NODES, ())
    doubted_by: tuple[Node, ...] = declare(kinds.NODES, ())
    worth: int = declare(kinds.INTEGER, 1, "points")  # points of the node within `at_least … of`
    cure: str = declare(kinds.choice(*_CURES), "")
    note: str = declare(kinds.TEXT, "")

    def judge(self, context: Context) -> Value:
        """The value of this node's own rule, before answers, hints, weight and binding."""
        raise NotImplementedError(f"{type(self).__name__} has no rule")

    def place_of(self, key: str, item: int = 0) -> str:
        """Where the value of a key stands, or an item of its list."""
        held = self.places.get(key, ())
        return held[item] if item < len(held) else self.place

    def unit(self, name: str) -> str:
        """The unit of the number in a field, as people say it (`mg of prednisone a day`); '' where it has none, or has its own."""
        return next((one.metadata.get("unit", "") for one in fields(self) if one.name == name), "")

    def children(self) -> Iterator[Node]:
        for one in fields(self):
            nodes = one.metadata["kind"].nodes if "kind" in one.metadata else ""
            held = getattr(self, one.name)
            if nodes == "many":
                yield from held
            elif nodes == "one" and held is not None:
                yield held

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children():
            yield from child.walk()

    @cached_property
    def by_arm(self) -> bool:
        """Whether the value may differ between arms; else it is computed once."""
        return any(node.VARIES or node.binds for node in self.walk())

    @cached_property
    def only_inputs(self) -> bool:
        """Whether that holds of the whole clause."""
        return all(node.ONLY_INPUTS for node in self.walk())

    @cached_property
    def read(self) -> frozenset[str]:
        """The value sets and the questions that the whole clause looks up in a chart."""
        names = {name for node in self.walk() for name in (*node.inputs(), node.link_id)}
        return frozenset(names - {""})

    @cached_property
    def look_backs(self) -> tuple[Window, ...]:
        """The windows of the whole clause, over which it may presume that something did not happen."""
        held = (getattr(node, one.name) for node in self.walk() for one in fields(node))
        return tuple(dict.fromkeys(one for one in held if isinstance(one, Window)))

    @cached_property
    def bare(self) -> bool:
        """Whether its own rule is all there is of it: `_finished` would change nothing."""
        after = (self.link_id, self.doubted_by, self.hints, self.cure, self.note, self.binds)
        return self.weight == "decide" and not any(after)

    @cached_property
    def topic(self) -> str:
        """What the node is about, in the words of a person."""
        return self.label or self.KEY.replace("_", " ")

    @property
    def question(self) -> str:
        """What the node asks a person; '' where it asks nothing."""
        return ""

    def inputs(self) -> tuple[str, ...]:
        """The value sets that the node itself reads."""
        return ()


def evaluate_node(node: Node, context: Context) -> Value:
    """The node's value in this context: its own rule, then answers, doubts, hints, cure, weight and binding, in that order."""
    key = (id(node), context.arm) if node.by_arm else id(node)
    held = context.memo.get(key)
    if held is None:
        is_silent = context.silence is not None and node.only_inputs and node.read.isdisjoint(context.recorded)
        held = context.memo[key] = _unspoken(node, context) if is_silent else _judged(node, context)
    return held


def _unspoken(node: Node, context: Context) -> Value:
    """Of a clause of whose inputs the chart holds nothing."""
    assert context.silence is not None
    key = (id(node), context.arm if node.by_arm else "", *map(context.covered, node.look_backs))
    kept = context.silence.get(key)
    if kept is None or kept[0] is not node:
        kept = context.silence[key] = (node, _judged(node, context))
    return kept[1]


def _judged(node: Node, context: Context) -> Value:
    value = node.judge(context)
    return value if node.bare else _finished(node, value, context)


def _finished(node: Node, value: Value, context: Context) -> Value:
    if node.link_id and (answers := context.inputs.answers.get(node.link_id)):
        value = settled_by_answers(value, answers, context.as_of, context.answers_within)
    if node.doubted_by and (value.truth or value.lean) and not value.answered:
        value = doubted(value, [evaluate_node(one, context) for one in node.doubted_by])
    if node.hints and value.truth is None:
        value = hinted(value, [evaluate_node(hint, context) for hint in node.hints])
    if node.cure and value.truth is not None:
        value = value._replace(flip=_CURES[node.cure])
    if node.note and value.truth is not False and not value.blank:
        value = value._replace(notes=(*value.notes, node.note))
    if node.weight != "decide" and not value.answered:  # a person settled what the records alone only point to
        value = weighed(value, node.weight)
    return _bound(node, value, context) if node.binds else value


def _bound(node: Node, value: Value, context: Context) -> Value:
    """An exclusion written for one disease decides there; elsewhere it asks, asks only where a record shows it (`flag`), or is only
    noted (spec 3, scope)."""
    mode = dict(node.binds).get(context.arm, "note")
    if mode == "decide" or (mode == "flag" and value.truth is None and context.lost(node)):
        return value  # a search that failed could have shown what a flag asks about
    if mode == "review" or (mode == "flag" and (value.truth is True or value.review)):
        bound = weighed(value, "review")
        return bound._replace(lean=None) if bound.truth is None else bound
    noted = weighed(value, "note")
    return Value(False, False, False, applicable=False, notes=noted.notes if noted is not value else ())


def evidence_of(origin: Origin, day: object, display: str | None = None, told: str = "", dating: str = "") -> Evidence:
    """A record as evidence: the interval or day on which it is dated, and its own words."""
    return Evidence(origin, None if day is None else str(day), display or origin.display, told, dating)
