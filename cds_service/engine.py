"""The one way from a chart to an Evaluation, for every door: terminology, trials and the site's time zone held together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cds_service.criteria.evaluate import evaluate
from cds_service.criteria.evaluation import Evaluation
from cds_service.criteria.load import load_trial
from cds_service.criteria.model import Trial
from cds_service.criteria.unspoken import Unspoken
from cds_service.trials import shipped
from fhir_mappings.chart import Chart
from fhir_mappings.inputs import Inputs
from fhir_mappings.mapping import map_chart
from fhir_mappings.terminology import Terminology, load


@dataclass(frozen=True)
class Engine:
    """Trials by id, ready to evaluate charts. Safe to share between threads: nothing in it changes but what need not be computed again."""

    trials: Mapping[str, Trial]
    terminology: Terminology
    zone: ZoneInfo
    now: Callable[[ZoneInfo], datetime] = datetime.now
    _unspoken: Unspoken = field(default_factory=Unspoken, init=False, repr=False, compare=False)

    def evaluate(self, trial: Trial, chart: Chart, as_of: date, in_scope_only: bool = False) -> Evaluation:
        return self.judge(trial, self.map(chart, as_of), in_scope_only)

    def judge(self, trial: Trial, inputs: Inputs, in_scope_only: bool = False) -> Evaluation:
        """Of a chart that is mapped already, which several trials can share."""
        return evaluate(trial, inputs, self.terminology.value_sets, in_scope_only, self._unspoken)

    def map(self, chart: Chart, as_of: date) -> Inputs:
        return map_chart(chart, self.terminology, as_of, self.zone)

    def today(self) -> date:
        """Today in the site's time zone; the doors ask for it, the evaluation never does."""
        return self.now(self.zone).date()


def build_engine(zone: ZoneInfo, concept_maps: Iterable[Path] = (), definitions: Iterable[Path] = ()) -> Engine:
    """The shipped trials and those of `definitions`. Raises DefinitionError, TerminologyError or OSError."""
    maps = tuple(concept_maps)
    terminology = load().with_site_maps(maps) if maps else load()
    paths = [*shipped().values(), *definitions]
    trials = [load_trial(path, terminology.value_sets) for path in paths]
    return Engine({trial.id: trial for trial in trials}, terminology, zone)
