"""The laws of the logic, on generated criteria over generated charts."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from cds_service.criteria.node import Context, Node, evaluate_node
from cds_service.criteria.unspoken import Unspoken
from cds_service.criteria.value import Value
from cds_service.criteria.vocabulary import KINDS
from fhir_mappings.chart import READ_TYPES, assemble, bundle_parts, chart_of_bundle
from fhir_mappings.dates import Duration
from fhir_mappings.inputs import Inputs, State
from fhir_mappings.mapping import map_chart
from tests.generative import charts as g
from tests.generative.criteria import ARMS, lab_trees, record_trees, trees
from tests.support.engine import engine


def inputs_of(bundle: Any) -> Inputs:
    return map_chart(chart_of_bundle(bundle), engine().terminology, g.AS_OF, engine().zone)


def context_of(inputs: Inputs, arm: str = "sle", unspoken: Unspoken | None = None) -> Context:
    value_sets, registry = engine().terminology.value_sets, ("https://clinicaltrials.gov", "NCT07193810")
    return Context(inputs, value_sets, registry, Duration(days=28), arm, unspoken=unspoken)


def judged(node: Node, inputs: Inputs, arm: str = "sle") -> Value:
    return evaluate_node(node, context_of(inputs, arm))


@given(trees, g.charts, st.sampled_from(ARMS))
def test_a_value_is_sound(node: Node, items: list[Any], arm: str) -> None:
    """A decided value leans to itself, firmness never contradicts truth, and a lean comes with review or is the verdict."""
    value = judged(node, inputs_of(g.bundle(items)), arm)
    if value.truth is not None:
        assert value.lean is value.truth
    assert value.firm in (None, value.truth)
    if value.truth is None and value.lean is not None:
        assert value.review


@given(st.one_of(trees, record_trees), g.charts, g.charts, st.booleans(), st.sampled_from(ARMS))
def test_what_is_kept_of_one_patient_is_true_of_the_next(node: Node, items: list[Any], before: list[Any], short: bool, arm: str) -> None:
    """What a clause said where a chart held nothing that it reads is what it says of the next such chart, whoever the patient is."""
    kept = Unspoken()
    other = context_of(inputs_of(g.bundle(before[:3] if short else before, "male", "1930-01-01")), arm, kept)
    mine, alone = (context_of(inputs_of(g.bundle(items)), arm, unspoken) for unspoken in (kept, None))
    for clause in node.walk():
        evaluate_node(clause, other)
        assert evaluate_node(clause, mine) == evaluate_node(clause, alone)


@given(lab_trees, g.lab_charts, st.data())
def test_learning_a_value_never_overturns_a_random_criterion(node: Node, items: list[Any], data: st.DataObject) -> None:
    """Law 1 on random criteria: results whose values come in may decide, never overturn what was firmly decided."""
    results = [n for n, item in enumerate(items) if item["resourceType"] == "Observation"]
    gaps = data.draw(st.sets(st.sampled_from(results), min_size=1)) if results else set()
    before = judged(node, inputs_of(g.bundle([g.without_value(item) if n in gaps else item for n, item in enumerate(items)])))
    after = judged(node, inputs_of(g.bundle(items)))
    if before.firm is not None:
        assert after.truth is before.truth


@given(record_trees, g.charts)
def test_losing_everything_opens_every_random_criterion(node: Node, items: list[Any]) -> None:
    """Law 6 on random criteria: with every search failed, what was decided stays or opens."""
    parts, _ = bundle_parts(g.bundle(items))
    bare = assemble([part for part in parts if part[0]["resourceType"] == "Patient"], dict.fromkeys(READ_TYPES, State.FAILED))
    lost = judged(node, map_chart(bare, engine().terminology, g.AS_OF, engine().zone))
    whole = judged(node, inputs_of(g.bundle(items)))
    assert lost.truth in (None, whole.truth)


def test_the_strategy_reaches_every_kind_of_node() -> None:
    """No kind of node is left out of the laws."""
    seen: set[type[Node]] = set()

    @seed(1)
    @settings(max_examples=400, database=None, deadline=None)
    @given(trees)
    def record(node: Node) -> None:
        seen.update(type(one) for one in node.walk())

    record()
    assert seen == set(KINDS)


def test_nodes_are_frozen() -> None:
    """The model holds no state: every kind of node is a frozen dataclass."""
    assert all(dataclasses.is_dataclass(kind) and kind.__dataclass_params__.frozen for kind in KINDS)  # type: ignore[attr-defined]
