"""A plan into a finished run: find, collect, evaluate, each task once, in parallel, from where an earlier run was stopped."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import orjson
from tqdm import tqdm

from cds_service import __version__
from cds_service.cohort.collect import FEWEST, bucket_count, collect, fetch
from cds_service.cohort.coverage import Export, coverage_of, export_of, unclear
from cds_service.cohort.find import find
from cds_service.cohort.patients import evaluate
from cds_service.cohort.people import settled
from cds_service.cohort.rows import Row
from cds_service.cohort.source import UNIT, units_of, unpacked
from cds_service.cohort.task import Setup, Task, Tools, engine_of
from cds_service.cohort.work import Work, digest_of, fingerprint
from fhir_mappings.inputs import State

_MOST = 4096  # buckets, each of which is a folder of files


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: the engine's setup, the exported folder, and where results are kept until the run ends."""

    setup: Setup
    source: Path | str  # a text is what Spark calls a path: s3a://…, hdfs://…
    work: Path
    workers: int = 0  # 0: as many as there are processors
    unit: int = UNIT
    not_exported: frozenset[str] = frozenset()  # types that the export left out on purpose: what needs them is unknown
    whole: bool = False  # a folder without a manifest is the whole record all the same
    quiet: bool = False


@dataclass(frozen=True)
class Scan:
    """What is known of the whole folder. `rows` are read from disk one at a time."""

    tools: Tools
    patients: int
    dead: int
    evaluated: int
    types: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def told(self) -> frozenset[str]:
        """The types of which it matters how whole they are: what the trial reads, and the Consents that keep patients off lists."""
        return self.tools.trial.resource_types | {"Consent"}

    @property
    def not_exported(self) -> set[str]:
        return self.tools.coverage.of(State.NOT_PROVIDED) & self.told

    @property
    def incomplete(self) -> set[str]:
        return self.tools.coverage.of(State.PARTIAL, State.FAILED) & self.told

    @property
    def without_records(self) -> set[str]:
        """Types that were retrieved whole and of which there is no line: there are none."""
        return {name for name in self.told if not self.types[name]} - self.not_exported - self.incomplete

    @property
    def rows(self) -> Iterator[Row]:
        for number in range(self.tools.buckets):
            path = self.tools.work.folder / f"rows/{number}.ndjson"
            with path.open("rb") as stream:
                yield from (orjson.loads(line) for line in stream if line.strip())


def scan(plan: Plan) -> Scan:
    """Runs the plan to its end. Raises SourceError; killed at any moment, the same call goes on and gives the same result."""
    export = export_of(Path(plan.source))
    files = export.files
    units = tuple(units_of(files, plan.unit))
    work = Work(plan.work)
    work.open(_written(plan, export))
    tools = Tools(setup=plan.setup, work=work, units=units, buckets=FEWEST)
    engine_of(plan.setup)  # a definition that can't be used is told before any file is read
    with _Crew(plan) as crew:
        found = crew.every(tools, find, "find", range(len(units)))
        people = settled(found, unclear(export, tools.evidence.types))
        types = total(one["types"] for one in found)
        size = sum(unpacked(path.name, path.stat().st_size) for path in files)
        buckets = bucket_count(size, len(people.selected), people.patients, _MOST)
        tools = replace(tools, buckets=buckets, coverage=coverage_of(export, types, plan.whole, plan.not_exported))
        if not work.has("selected.json"):
            work.save_json("selected.json", people.selected)
        _fetch(crew, tools, crew.every(tools, collect, "collect", range(len(units))))
        rows = crew.every(tools, evaluate, "evaluate", range(tools.buckets))
    return Scan(
        tools,
        patients=people.patients,
        dead=people.dead,
        evaluated=sum(one["patients"] for one in rows),
        types=types,
        faults=total(one["faults"] for one in (*found, *rows)),
    )


def _written(plan: Plan, export: Export) -> dict[str, object]:
    """What must be the same for an earlier run to be continued."""
    setup = plan.setup
    definition = [setup.definition] if setup.definition else []
    return {
        "service": __version__,
        "trial": setup.trial,
        "asOf": setup.as_of.isoformat(),
        "zone": setup.zone,
        "definitions": digest_of([*setup.concept_maps, *definition]),
        "files": fingerprint(export.files),
        "fetched": asdict(export.fetched) if export.fetched else None,
        "unit": plan.unit,
        "notExported": sorted(plan.not_exported),
        "whole": plan.whole,
    }


class _Crew:
    """The processes of a run, started once and only if there is something to share."""

    def __init__(self, plan: Plan) -> None:
        self._workers = plan.workers or os.cpu_count() or 1
        self._quiet = plan.quiet
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def every(self, tools: Tools, task: Task, name: str, numbers: Iterable[int]) -> list[Row]:
        """The results of a task for all numbers; those that an earlier run left are not computed again."""
        numbers = list(numbers)
        left = [number for number in numbers if not tools.work.has(f"{name}/{number}.json")]
        with tqdm(total=len(numbers), initial=len(numbers) - len(left), desc=name, unit="part", disable=self._quiet or None) as bar:
            for _ in self._done(partial(_run, tools, task), left):
                bar.update()
        return [tools.work.load(f"{name}/{number}.json") for number in numbers]

    def _done(self, run: partial[None], numbers: list[int]) -> Iterator[None]:
        if min(self._workers, len(numbers)) <= 1:
            yield from map(run, numbers)
            return
        if self._pool is None:
            # Forked processes share the engine that is built already; elsewhere than on Linux forking is not safe.
            context = get_context("fork" if sys.platform == "linux" else "spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, _ends_with, (os.getpid(),))
        for future in as_completed([self._pool.submit(run, number) for number in numbers]):
            yield future.result()


def _fetch(crew: _Crew, tools: Tools, gathered: list[Row]) -> None:
    """Medications and studies, again where those point to others, until nothing new is wanted."""
    numbers = [number for number, one in enumerate(gathered) if one["library"]]
    wanted = {name for one in gathered for name in one["wanted"]}
    for _ in range(4):
        tools.work.save_json("wanted.json", sorted(wanted))
        further = crew.every(tools, fetch, "fetch", numbers)
        more = {name for one in further for name in one["wanted"]} - wanted
        if not more:
            return
        wanted |= more
        for number in numbers:
            (tools.work.folder / f"fetch/{number}.json").unlink()


def _ends_with(parent: int) -> None:
    """In a worker: when the run is killed nobody is left waiting for work, with copies of records in memory."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _run(tools: Tools, task: Task, number: int) -> None:
    """In a worker: the tools that it made before, with their caches, if they are of the same plan."""
    task(_MADE.setdefault(tools, tools), number)


_MADE: dict[Tools, Tools] = {}


def total(parts: Iterable[dict[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in parts:
        found.update(part)
    return found
