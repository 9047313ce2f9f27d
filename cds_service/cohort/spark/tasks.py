"""What an executor does with its share, as batches of Arrow in and out: each task calls what the local run calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import extract_tb
from typing import Any

import orjson
import pyarrow as pa

from cds_service import __version__
from cds_service.cohort.collect import Collector, library_names, outward
from cds_service.cohort.coverage import Coverage
from cds_service.cohort.find import LIBRARY as LIBRARY_TYPES
from cds_service.cohort.find import found_in
from cds_service.cohort.lines import regular
from cds_service.cohort.patients import rows_of
from cds_service.cohort.people import parted, settled
from cds_service.cohort.source import STEP, lines_in
from cds_service.cohort.task import Kit, Setup
from cds_service.errors import ServiceError

Batches = Iterable[Any]  # of pyarrow.RecordBatch, which has no types
TOLD = -1  # the part under which a share's counts stand
SHELF = -1  # the bucket of what stands in no patient's record
LINE, LIBRARY = 0, 1
FOUND = pa.schema([("part", pa.int32()), ("data", pa.binary())])
PEOPLE = pa.schema([("patients", pa.int64()), ("dead", pa.int64()), ("selected", pa.binary())])
COLLECTED = pa.schema([("bucket", pa.int32()), ("data", pa.binary())])
POINTED = pa.schema([("name", pa.string()), ("bucket", pa.int32())])
SHELVED = pa.schema([("name", pa.string()), ("data", pa.binary())])
ROWS = pa.schema([("bucket", pa.int32()), ("lines", pa.binary()), ("told", pa.binary())])
VERSION = pa.schema([("version", pa.string())])


_ALL = Coverage()


class TaskFault(RuntimeError):
    """What went wrong where, without any of the data: executors' logs are kept in places of their own."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """A setup with the content of its files, which stand on the driver's disk only."""

    setup: Setup
    coverage: Coverage = _ALL  # known once the first pass is over
    definition: bytes | None = None
    concept_maps: tuple[bytes, ...] = ()


def shipment(setup: Setup) -> Shipment:
    definition = setup.definition.read_bytes() if setup.definition else None
    return Shipment(setup, definition=definition, concept_maps=tuple(path.read_bytes() for path in setup.concept_maps))


@lru_cache(maxsize=2)
def kit_of(shipped: Shipment) -> Kit:
    """Built once a process; its files are read and gone before it is used."""
    with TemporaryDirectory() as folder:
        maps = tuple(_file(Path(folder) / f"map{number}.json", data) for number, data in enumerate(shipped.concept_maps))
        definition = _file(Path(folder) / "trial.yaml", shipped.definition) if shipped.definition is not None else None
        kit = Kit(setup=replace(shipped.setup, concept_maps=maps, definition=definition), coverage=shipped.coverage)
        assert kit.engine
    return kit


def _file(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def guarded(task: Callable[[Batches], Iterator[Any]], batches: Batches) -> Iterator[Any]:
    """The task's batches; of an unforeseen exception only its kind and place, since its text may hold what it was about."""
    try:
        yield from task(batches)
    except ServiceError:
        raise
    except Exception as error:
        place = extract_tb(error.__traceback__)[-1]
        raise TaskFault(f"{type(error).__name__}, {Path(place.filename).name}:{place.lineno}") from None


def versions(batches: Batches) -> Iterator[Any]:
    for _ in batches:
        yield pa.RecordBatch.from_pylist([{"version": __version__}], VERSION)


def found(shipped: Shipment, parts: int, batches: Batches) -> Iterator[Any]:
    """What a share's lines tell: the counts, and its patients by parts that can be settled apart."""
    share = found_in(kit_of(shipped), chunks(batches)).to_json()
    told = {name: share[name] for name in ("types", "faults")}
    lines = [(TOLD, told), *parted(share, parts)]
    yield pa.RecordBatch.from_pylist([{"part": part, "data": orjson.dumps(one)} for part, one in lines], FOUND)


def settled_part(batches: Batches) -> Iterator[Any]:
    people = settled([orjson.loads(data) for batch in batches for data in batch.column("data").to_pylist()])
    selected = orjson.dumps(people.selected)
    yield pa.RecordBatch.from_pylist([{"patients": people.patients, "dead": people.dead, "selected": selected}], PEOPLE)


def collected(selected: frozenset[bytes], buckets: int, batches: Batches) -> Iterator[Any]:
    """The lines of selected patients by bucket, each as `id TAB line`; those that records may point to, under SHELF."""
    for chunk in chunks(batches):
        (kind, _), collector = regular(chunk) or (None, 0), Collector(selected, buckets)
        collector.search(chunk, kind not in (None, "Patient"))
        lines = [{"bucket": bucket, "data": line} for bucket, held in collector.lines.items() for line in held]
        if kind is None or kind in LIBRARY_TYPES:
            lines += [{"bucket": SHELF, "data": line.data} for line in lines_in(chunk) if not line.long and library_names(line.data)]
        if lines:
            yield pa.RecordBatch.from_pylist(lines, COLLECTED)


def pointed(batches: Batches) -> Iterator[Any]:
    """The names of medications and studies that a bucket's lines point to."""
    for batch in batches:
        pairs = zip(batch.column("bucket").to_pylist(), batch.column("data").to_pylist(), strict=True)
        names = {(name, bucket) for bucket, data in pairs for name in outward(data.partition(b"\t")[2])}
        yield pa.RecordBatch.from_pylist([{"name": name, "bucket": bucket} for name, bucket in sorted(names)], POINTED)


def shelved(batches: Batches) -> Iterator[Any]:
    """Medications and studies, each under every name that may point to it."""
    for batch in batches:
        pairs = [(name, data) for data in batch.column("data").to_pylist() for name in sorted(library_names(data))]
        if pairs:
            yield pa.RecordBatch.from_pylist([{"name": name.decode("utf-8", "replace"), "data": data} for name, data in pairs], SHELVED)


def evaluated(shipped: Shipment, table: Any) -> Any:
    """A bucket's collected lines and its library into the rows of its patients."""
    held: dict[int, list[bytes]] = {LINE: [], LIBRARY: []}
    for kind, data in zip(table.column("kind").to_pylist(), table.column("data").to_pylist(), strict=True):
        held[kind].append(data)
    bucket = table.column("bucket")[0].as_py()
    del table
    rows = rows_of(kit_of(shipped), held[LINE], held[LIBRARY])
    return pa.Table.from_pylist([{"bucket": bucket, "lines": rows.lines, "told": orjson.dumps(rows.told)}], ROWS)


def chunks(batches: Batches) -> Iterator[bytes]:
    """Whole lines together, about a step at a time, as the local run reads them."""
    for batch in batches:
        data = b"".join(batch.column(0).to_pylist())
        start = 0
        while start < len(data):
            end = data.find(b"\n", start + STEP) + 1 or len(data)
            yield data[start:end]
            start = end
