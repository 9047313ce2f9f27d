"""A plan into a finished run on Spark: find, collect, evaluate as stages of a cluster; the rows come home, and all after is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from cds_service import __version__
from cds_service.cohort.collect import bucket_count
from cds_service.cohort.coverage import coverage_of, unclear
from cds_service.cohort.crew import total
from cds_service.cohort.find import LIBRARY
from cds_service.cohort.people import People
from cds_service.cohort.run import Plan, Scan
from cds_service.cohort.spark import tasks
from cds_service.cohort.spark.session import SparkFault, spark_session
from cds_service.cohort.spark.source import lines_at
from cds_service.cohort.task import Tools, engine_of
from cds_service.cohort.work import Work

Json = dict[str, Any]
_MOST = 200_000  # buckets
_EACH = 4  # buckets a core at least, so that none waits long for another's
_PART = 1_000_000_000  # bytes of lines, of which shuffles move a few hundredths
_MOST_PARTS = 10_000
_LEVELS = 4  # a medication may be made of others


def scan(plan: Plan, settings: Mapping[str, str]) -> Scan:
    """Runs the plan to its end. Raises SourceError. What is computed twice is Spark's affair; a run that was killed begins again."""
    engine_of(plan.setup)  # a definition that can't be used is told before any file is read
    work = Work(plan.work)
    work.remove()
    work.open({"engine": "spark"})
    with spark_session(settings, str(plan.source)) as session:
        run = _Run(session, plan, work)
        try:
            return run.scan()
        finally:
            run.forget()


class _Run:
    def __init__(self, session: SparkSession, plan: Plan, work: Work) -> None:
        self._session, self._plan, self._work = session, plan, work
        self._shipped = tasks.shipment(plan.setup)
        self._kept: list[DataFrame] = []

    def scan(self) -> Scan:
        self._same_version()
        lines = lines_at(self._session, str(self._plan.source))
        parts = self._parts(lines.size)
        found = self._keep(_mapped(lines.frame, partial(tasks.found, self._shipped, parts), tasks.FOUND))
        told = [orjson.loads(row["data"]) for row in found.where(f.col("part") == tasks.TOLD).select("data").collect()]
        types = total(one["types"] for one in told)
        coverage = coverage_of(lines.export, types, self._plan.whole, self._plan.not_exported)
        shipped = replace(self._shipped, coverage=coverage)
        tools = Tools(setup=self._plan.setup, work=self._work, units=(), buckets=0, coverage=coverage)
        people = _people(found.where(f.col("part") != tasks.TOLD), parts, unclear(lines.export, tools.evidence.types))
        cores = self._session.sparkContext.defaultParallelism
        buckets = max(_EACH * cores, bucket_count(lines.size, len(people.selected), people.patients, _MOST))
        collected = self._collected(lines.frame, people.selected, buckets)
        shelf, collected = collected.where(f.col("bucket") == tasks.SHELF), collected.where(f.col("bucket") != tasks.SHELF)
        library = self._library(shelf, collected) if types.keys() & {*LIBRARY} else None
        rows = self._save(_evaluated(shipped, collected, library, buckets), buckets)
        return Scan(
            replace(tools, buckets=buckets),
            patients=people.patients,
            dead=people.dead,
            evaluated=sum(one["patients"] for one in rows),
            types=types,
            faults=total(one["faults"] for one in (*told, *rows)),
        )

    def _parts(self, size: int) -> int:
        """Into how many parts shuffles cut: one a core, more where there is more; Spark's own default, 200, suits neither."""
        parts: int = max(self._session.sparkContext.defaultParallelism, min(size // _PART, _MOST_PARTS))
        self._session.conf.set("spark.sql.shuffle.partitions", str(parts))
        return parts

    def forget(self) -> None:
        """Takes what was kept from the executors' disks."""
        for frame in self._kept:
            frame.unpersist()

    def _keep(self, frame: DataFrame) -> DataFrame:
        """Computed once, on the executors' disks."""
        self._kept.append(frame.persist(StorageLevel.DISK_ONLY))
        return self._kept[-1]

    def _same_version(self) -> None:
        """Other code on the executors would give other verdicts."""
        cores = self._session.sparkContext.defaultParallelism
        asked = _mapped(self._session.range(0, cores, 1, cores).select("id"), tasks.versions, tasks.VERSION)
        others = {str(row["version"]) for row in asked.distinct().collect()} - {__version__}
        if others:
            raise SparkFault(f"Spark: its executors run version {', '.join(sorted(others))} of this service, and this is {__version__}")

    def _collected(self, lines: DataFrame, selected: list[str], buckets: int) -> DataFrame:
        told = self._session.sparkContext.broadcast(frozenset(one.encode() for one in selected))

        def task(batches: tasks.Batches) -> Iterator[Any]:
            yield from tasks.collected(told.value, buckets, batches)

        return self._keep(_mapped(lines, task, tasks.COLLECTED))

    def _library(self, shelf: DataFrame, collected: DataFrame) -> DataFrame:
        """(bucket, data) of the medications and studies that a bucket's records point to, and of what those point to."""
        named = self._keep(_mapped(shelf.select("data"), tasks.shelved, tasks.SHELVED))
        wanted = self._keep(_mapped(collected, tasks.pointed, tasks.POINTED).distinct())
        held, known = [], wanted
        for _ in range(_LEVELS):
            hits = self._keep(wanted.join(named, "name").select("bucket", "data").distinct())
            held.append(hits)
            wanted = self._keep(_mapped(hits.select("bucket", f.concat(f.lit(b"\t"), "data").alias("data")), tasks.pointed, tasks.POINTED))
            wanted = self._keep(wanted.distinct().join(known, ["name", "bucket"], "left_anti"))
            if wanted.isEmpty():
                break
            known = known.unionAll(wanted)
        found = held[0]
        for one in held[1:]:
            found = found.unionAll(one)
        return found.distinct()

    def _save(self, evaluated: DataFrame, buckets: int) -> list[Json]:
        """The rows of each bucket to this machine's disk, as the local run leaves them; returns what was told beside them."""
        for bucket in range(buckets):
            self._work.save(f"rows/{bucket}.ndjson", b"")
        kept = self._keep(evaluated)
        kept.count()  # all at once; one after the other they only come home
        told = []
        for row in kept.toLocalIterator(prefetchPartitions=True):
            self._work.save(f"rows/{row['bucket']}.ndjson", bytes(row["lines"]))
            told.append(orjson.loads(row["told"]))
        return told


def _mapped(frame: DataFrame, task: Callable[[tasks.Batches], Iterator[Any]], schema: Any) -> DataFrame:
    def safe(batches: tasks.Batches) -> Iterator[Any]:
        yield from tasks.guarded(task, batches)

    return frame.mapInArrow(safe, _ddl(schema))


def _people(found: DataFrame, parts: int, also: set[str]) -> People:
    """Each part holds all that any share found of its patients, so that what is told of the parts can be added up."""
    settled = _mapped(found.repartition(parts, "part").select("data"), tasks.settled_part, tasks.PEOPLE).collect()
    selected = sorted({*also, *(identity for row in settled for identity in orjson.loads(row["selected"]))})
    return People(sum(row["patients"] for row in settled), sum(row["dead"] for row in settled), selected)


def _evaluated(shipped: tasks.Shipment, collected: DataFrame, library: DataFrame | None, buckets: int) -> DataFrame:
    lines = collected.select("bucket", f.lit(tasks.LINE).alias("kind"), "data")
    if library is not None:
        lines = lines.unionAll(library.select("bucket", f.lit(tasks.LIBRARY).alias("kind"), "data"))

    def task(table: Any) -> Any:
        return tasks.evaluated(shipped, table)

    return lines.repartition(buckets, "bucket").groupBy("bucket").applyInArrow(task, _ddl(tasks.ROWS))


_DDL = {"int32": "int", "int64": "bigint", "binary": "binary", "string": "string"}


def _ddl(schema: Any) -> str:
    return ", ".join(f"{field.name} {_DDL[str(field.type)]}" for field in schema)
