"""What every task of a run needs, small enough to hand to another process: its setup, and the engine that each process builds once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from cds_service.cohort.coverage import Coverage
from cds_service.cohort.evidence import ScopeEvidence
from cds_service.cohort.prepared.layout import Shelves
from cds_service.cohort.source import Unit
from cds_service.cohort.work import Work
from cds_service.criteria.model import Trial
from cds_service.engine import Engine, build_engine

_ALL = Coverage()


@dataclass(frozen=True, slots=True)
class Setup:
    """From which files and settings the engine is built. `trial` is an id; `definition` its file where it is not shipped."""

    trial: str
    as_of: date
    zone: str = "UTC"
    concept_maps: tuple[Path, ...] = ()
    definition: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Kit:
    """What lines and charts are judged with, wherever they come from."""

    setup: Setup
    coverage: Coverage = _ALL  # known once the first pass is over

    @cached_property
    def engine(self) -> Engine:
        return engine_of(self.setup)

    @cached_property
    def trial(self) -> Trial:
        return self.engine.trials[self.setup.trial]

    @cached_property
    def evidence(self) -> ScopeEvidence:
        return ScopeEvidence(self.trial, self.engine.terminology)


@dataclass(frozen=True, kw_only=True)
class Tools(Kit):
    """What one process of this machine holds while it works."""

    work: Work
    units: tuple[Unit, ...]
    buckets: int
    shelves: Shelves | None = None  # of a prepared store, in place of units


Task = Callable[[Tools, int], None]  # does the share of that number and leaves its result in the work folder


@lru_cache(maxsize=4)
def engine_of(setup: Setup) -> Engine:
    return build_engine(ZoneInfo(setup.zone), setup.concept_maps, [setup.definition] if setup.definition else [])
