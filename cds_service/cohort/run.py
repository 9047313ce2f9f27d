"""A plan into a finished run: find, collect, evaluate, each task once, in parallel, from where an earlier run was stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson

from cds_service import __version__
from cds_service.cohort.collect import bucket_count
from cds_service.cohort.coverage import coverage_of, unclear
from cds_service.cohort.crew import Crew, total
from cds_service.cohort.patients import evaluate
from cds_service.cohort.people import settled
from cds_service.cohort.reading import Reading, reading_of
from cds_service.cohort.rows import Row
from cds_service.cohort.source import UNIT
from cds_service.cohort.task import Setup, Tools, engine_of
from cds_service.cohort.work import Work, digest_of
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
    work = Work(plan.work)
    reading = reading_of(Path(plan.source), plan.setup, work, plan.unit)
    export, tools = reading.export, reading.tools
    work.open(_written(plan, reading))
    engine_of(plan.setup)  # a definition that can't be used is told before any file is read
    with Crew(plan.workers, plan.quiet) as crew:
        task, numbers = reading.find
        found = [*reading.told, *crew.every(tools, task, "find", numbers)]
        people = settled(found, unclear(export, tools.evidence.types))
        types = total(one["types"] for one in found)
        buckets = bucket_count(reading.bytes, len(people.selected), people.patients, _MOST)
        whole = plan.whole or reading.whole
        tools = replace(tools, buckets=buckets, coverage=coverage_of(export, types, whole, plan.not_exported))
        if not work.has("selected.json"):
            work.save_json("selected.json", people.selected)
        task, numbers = reading.collect
        _fetch(crew, tools, reading, crew.every(tools, task, "collect", numbers))
        rows = crew.every(tools, evaluate, "evaluate", range(tools.buckets))
    return Scan(
        tools,
        patients=people.patients,
        dead=people.dead,
        evaluated=sum(one["patients"] for one in rows),
        types=types,
        faults=total(one["faults"] for one in (*found, *rows)),
    )


def _written(plan: Plan, reading: Reading) -> dict[str, object]:
    """What must be the same for an earlier run to be continued."""
    setup = plan.setup
    definition = [setup.definition] if setup.definition else []
    return {
        "service": __version__,
        "trial": setup.trial,
        "asOf": setup.as_of.isoformat(),
        "zone": setup.zone,
        "definitions": digest_of([*setup.concept_maps, *definition]),
        "files": reading.made_of,
        "fetched": asdict(reading.export.fetched) if reading.export.fetched else None,
        "unit": plan.unit,
        "notExported": sorted(plan.not_exported),
        "whole": plan.whole,
    }


def _fetch(crew: Crew, tools: Tools, reading: Reading, gathered: list[Row]) -> None:
    """Medications and studies, again where those point to others, until nothing new is wanted."""
    task, among = reading.fetch
    numbers = among(gathered)
    wanted = {name for one in gathered for name in one["wanted"]}
    for _ in range(4):
        tools.work.save_json("wanted.json", sorted(wanted))
        further = crew.every(tools, task, "fetch", numbers)
        more = {name for one in further for name in one["wanted"]} - wanted
        if not more:
            return
        wanted |= more
        for number in numbers:
            (tools.work.folder / f"fetch/{number}.json").unlink()
