"""An exported folder into a prepared store, beside an older one until it is whole; a stopped ingest goes on where it was."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from cds_service import __version__, files
from cds_service.cohort.coverage import Export, export_of
from cds_service.cohort.crew import Crew, total
from cds_service.cohort.prepared import layout
from cds_service.cohort.prepared.layout import FETCHED, TOLD, Shelves, Store, StoreError
from cds_service.cohort.prepared.sorting import KEPT, Bench, shelve, shelve_loose, spool
from cds_service.cohort.source import UNIT, units_of, unpacked
from cds_service.cohort.work import Work, fingerprint
from cds_service.fhir import fetched

PART = 32_000_000  # bytes of lines that a process sorts at a time
_MOST = 512  # parts, each of which has a file for every unit while the lines are spread
_DATA = "data-"
_WORK = ".work"


@dataclass(frozen=True, slots=True)
class Order:
    """What to make of what. `whole`: a folder without a manifest lacks nothing."""

    source: Path
    store: Path
    whole: bool = False
    workers: int = 0  # 0: as many as there are processors
    unit: int = UNIT
    part: int = PART
    quiet: bool = False


def ingest(order: Order) -> Store:
    """Raises SourceError, FetchedError, StoreError. Until the end an older store at the place is as it was, and of patients of whom
    nothing has changed its index is taken over."""
    if layout.content(order.source) is not None:
        raise StoreError(f"{order.source}: is a store itself; name the folder that was exported or fetched")
    export = export_of(order.source)
    made_of = _made_of(order, export)
    held = _held(order.store)
    if held is None or held.get("made") != made_of:
        _refuse_foreign(order.store)
        _make(order, export, made_of, _older(order.store, held))
    made = layout.opened(order.store)
    if made is None:
        raise StoreError(f"{order.store}: was taken away while it was made")
    _tidy(order.store, made.shelves.folder)
    return made


def _made_of(order: Order, export: Export) -> dict[str, Any]:
    """What must be the same for a store to be up to date, and for an ingest to be continued."""
    return {
        "service": __version__,
        "holds": sorted(KEPT),
        "files": fingerprint(export.files),
        "fetched": sha256(orjson.dumps(asdict(export.fetched) if export.fetched else None)).hexdigest(),
        "whole": order.whole,
        "unit": order.unit,
        "part": order.part,
    }


def _held(folder: Path) -> dict[str, Any] | None:
    """What the store at the place says of itself, if this version can read it."""
    try:
        return layout.content(folder)
    except StoreError:
        return None


def _older(folder: Path, held: dict[str, Any] | None) -> Shelves | None:
    """An older store whose index means what this version's does."""
    if held is None or held.get("made", {}).get("service") != __version__:
        return None
    store = layout.opened(folder)
    return store.shelves if store else None


def _parts(size: int, part: int) -> int:
    """A power of two, so that a newer export mostly has as many as the older."""
    return min(_MOST, 1 << (size // part).bit_length())


def _refuse_foreign(folder: Path) -> None:
    """Nothing but a store is ever removed."""
    others = [path.name for path in folder.iterdir() if not path.name.startswith((layout.NAME, _DATA, _WORK))] if folder.is_dir() else []
    if others:
        raise StoreError(f"{folder}: holds other files than a store's; name a new folder")


def _make(order: Order, export: Export, made_of: dict[str, Any], older: Shelves | None) -> None:
    order.store.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = Work(order.store / _WORK)
    size = sum(unpacked(path.name, path.stat().st_size) for path in export.files)
    parts = _parts(size, order.part)
    work.open({**made_of, "parts": parts, "older": older.folder.name if older else None})
    shelves = Shelves(order.store / (_DATA + sha256(orjson.dumps(made_of)).hexdigest()[:16]), parts)
    shelves.folder.mkdir(mode=0o700, exist_ok=True)
    same = older if older and older.parts == parts else None
    bench = Bench(work, tuple(units_of(export.files, order.unit)), shelves, same)
    with Crew(order.workers, order.quiet) as crew:
        told = crew.every(bench, spool, "spool", range(len(bench.units)))
        crew.every(bench, shelve, "shelve", range(shelves.parts))
    asked, library = shelve_loose(work, shelves)
    files.save(shelves.folder / TOLD, orjson.dumps(_together(told)))
    if export.fetched is not None:
        fetched.write(shelves.folder, export.fetched, FETCHED)
    names = [str(path.relative_to(order.source)) for path in export.files]
    said = {"files": names, "whole": order.whole, "bytes": size, "made": made_of}
    layout.write(order.store, Shelves(shelves.folder, shelves.parts, asked, library), said)


def _together(told: list[dict[str, Any]]) -> dict[str, Any]:
    """One share of all: what they found of everybody."""
    people = [number for one in told for number in one["people"]]
    types: Counter[str] = total(one["types"] for one in told)
    return {"people": people, "dead": [], "selected": [], "types": types, "faults": {}, "regular": True}


def _tidy(store: Path, data: Path) -> None:
    """An older store's data, the spools and what a killed process had begun to write go once the new one counts; also after a kill
    just there."""
    for path in store.iterdir():
        if path.name == _WORK or (path.name.startswith(_DATA) and path != data):
            shutil.rmtree(path)
    for path in store.rglob("*.part"):
        path.unlink()
