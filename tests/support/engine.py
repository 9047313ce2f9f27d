"""The real engine for tests, built once: packaged terminology, shipped trials, UTC."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from cds_service.criteria.evaluation import CriterionResult, Evaluation
from cds_service.engine import Engine, build_engine
from fhir_mappings.chart import Chart, chart_of_bundle


@cache
def engine() -> Engine:
    return build_engine(ZoneInfo("UTC"))


def evaluate(bundle: Any, as_of: date, trial: str = "cc312") -> Evaluation:
    return evaluate_chart(chart_of_bundle(bundle), as_of, trial)


def evaluate_chart(chart: Chart, as_of: date, trial: str = "cc312") -> Evaluation:
    return engine().evaluate(engine().trials[trial], chart, as_of)


def verdicts(evaluation: Evaluation) -> dict[tuple[str, str], CriterionResult]:
    """Results by (arm, criterion)."""
    return {(arm.id, one.id): one for arm in evaluation.arms for one in arm.criteria}


def criterion(evaluation: Evaluation, arm: str, identity: str) -> CriterionResult:
    return verdicts(evaluation)[arm, identity]
