"""What is kept from one patient to the next holds nothing of a patient."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from cds_service.criteria.node import Context, evaluate_node
from cds_service.criteria.unspoken import Unspoken
from cds_service.criteria.vocabulary import KINDS
from fhir_mappings.chart import chart_of_bundle
from fhir_mappings.dates import Duration, add_days
from fhir_mappings.inputs import Inputs
from fhir_mappings.mapping import map_chart
from tests.generative import charts as g
from tests.support.engine import engine

TRIAL = engine().trials["cc312"]
CLAUSES = [node for criterion in TRIAL.criteria for node in criterion.nodes()]
LOOK_FURTHER = {"age", "allergy", "anatomy", "consent", "takes_part"}


def inputs_of(items: list[Any], as_of: date = g.AS_OF) -> Inputs:
    return map_chart(chart_of_bundle(g.bundle(items)), engine().terminology, as_of, engine().zone)


def context_of(inputs: Inputs, arm: str, unspoken: Unspoken) -> Context:
    return Context(inputs, engine().terminology.value_sets, ("", ""), Duration(days=28), arm, unspoken=unspoken)


def test_the_kinds_that_look_further_than_their_inputs_are_these() -> None:
    """A kind of node says of itself that its inputs are all it looks at; the others look at the person, or at lists that say "none"."""
    assert {kind.KEY for kind in KINDS if not kind.ONLY_INPUTS} == LOOK_FURTHER


@pytest.mark.parametrize("arm", [arm.id for arm in TRIAL.arms])
def test_a_clause_that_is_kept_looks_at_nothing_of_a_patient(arm: str) -> None:
    """Without a record of its inputs it asks neither for the person nor for anything else: what is not there can't be asked for."""
    context = context_of(inputs_of([]), arm, Unspoken())
    held = context.inputs
    nobody: Any = SimpleNamespace(records={}, results={}, exposures={}, answers={}, recording_dates=held.recording_dates)
    context.inputs = nobody
    kept = [node for node in CLAUSES if node.only_inputs]
    assert len(kept) > 200
    for node in kept:
        evaluate_node(node, context)


@pytest.mark.parametrize("arm", [arm.id for arm in TRIAL.arms])
def test_what_is_kept_today_holds_tomorrow(arm: str) -> None:
    """The day is no part of what a value is kept under, and a service runs for months: no such value may hold a day."""
    kept = [node for node in CLAUSES if node.only_inputs]
    today, later = (
        [evaluate_node(node, context_of(inputs_of([], day), arm, Unspoken())) for node in kept] for day in (g.AS_OF, add_days(g.AS_OF, 400))
    )
    assert today == later


def test_what_is_kept_is_not_worked_out_again() -> None:
    """The next chart of which as much was searched is told the same value, not an equal one; one with a recent drug is another matter."""
    kept = Unspoken()
    clauses = [node for node in CLAUSES if node.only_inputs and not node.by_arm]
    first, second = (context_of(inputs_of([]), "sle", kept) for _ in range(2))
    assert all(evaluate_node(node, first) is evaluate_node(node, second) for node in clauses)
    treated = context_of(inputs_of([g.statement(g.DRUGS[0], g.AS_OF, None)]), "sle", kept)
    assert treated.searched != first.searched


def test_the_store_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ways in which searches fail are the caller's to choose: they don't fill the memory."""
    monkeypatch.setattr("cds_service.criteria.unspoken._MOST", 3)
    kept, context = Unspoken(), context_of(inputs_of([]), "sle", Unspoken())
    value = evaluate_node(CLAUSES[0], context)
    for number in range(20):
        kept.of(context.searched._replace(failed=frozenset({f"Type{number}"})))[number] = (CLAUSES[0], value)
    assert sum(map(len, kept._held.values())) <= 3
