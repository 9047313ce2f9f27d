"""A source into how a run reads it: an exported folder unit by unit, a prepared store part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from cds_service.cohort import collect, find
from cds_service.cohort.collect import FEWEST
from cds_service.cohort.coverage import Export, export_of
from cds_service.cohort.lines import Json
from cds_service.cohort.prepared import layout, passes
from cds_service.cohort.prepared.layout import StoreError
from cds_service.cohort.prepared.sorting import KEPT
from cds_service.cohort.source import units_of, unpacked
from cds_service.cohort.task import Setup, Task, Tools
from cds_service.cohort.work import Work, fingerprint

Numbers = Iterable[int]


@dataclass(frozen=True, slots=True)
class Reading:
    """The tasks of the passes with the numbers of their shares. `told`: what is known before any. `made_of`: what must be the same for
    a run to go on. `bytes`: about how much all lines are."""

    export: Export
    tools: Tools
    bytes: int
    made_of: object
    whole: bool
    find: tuple[Task, Numbers]
    collect: tuple[Task, Numbers]
    fetch: tuple[Task, Callable[[list[Json]], list[int]]]
    told: tuple[Json, ...] = ()


def reading_of(source: Path, setup: Setup, work: Work, unit: int) -> Reading:
    """Raises SourceError, FetchedError, StoreError."""
    store = layout.opened(source)
    if store and not store.holds >= KEPT:
        raise StoreError(f"{source}: was made before some types of records were read; make it again with `cohort ingest`")
    tools = Tools(setup=setup, work=work, units=(), buckets=FEWEST)
    return _of_folder(source, tools, unit) if store is None else _of_store(store, replace(tools, shelves=store.shelves))


def _of_folder(source: Path, tools: Tools, unit: int) -> Reading:
    export = export_of(source)
    units = tuple(units_of(export.files, unit))
    return Reading(
        export,
        replace(tools, units=units),
        bytes=sum(unpacked(path.name, path.stat().st_size) for path in export.files),
        made_of=fingerprint(export.files),
        whole=False,
        find=(find.find, range(len(units))),
        collect=(collect.collect, range(len(units))),
        fetch=(collect.fetch, lambda gathered: [number for number, one in enumerate(gathered) if one["library"]]),
    )


def _of_store(store: layout.Store, tools: Tools) -> Reading:
    shelves = store.shelves
    return Reading(
        store.export,
        tools,
        bytes=store.bytes,
        made_of=shelves.folder.name,
        whole=store.whole,
        find=(passes.find, range(shelves.parts + shelves.asked)),
        collect=(passes.collect, range(shelves.parts)),
        fetch=(passes.fetch, lambda _: list(range(shelves.library))),
        told=(store.told,),
    )
