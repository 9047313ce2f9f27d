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
from cds_service.cohort.prepared.changes import changes_of, check
from cds_service.cohort.prepared.earlier import Onto
from cds_service.cohort.prepared.layout import FETCHED, TOLD, Content, Shelves, Store, StoreError
from cds_service.cohort.prepared.sorting import KEPT, Bench, shelve, shelve_loose, spool
from cds_service.cohort.source import UNIT, units_of, unpacked
from cds_service.cohort.work import Work, fingerprint
from cds_service.fhir import fetched
from cds_service.fhir.fetched import Fetched

PART = 32_000_000  # bytes of lines that a process sorts at a time
_MOST = 512  # parts, each of which has a file for every unit while the lines are spread
_DATA = "data-"
_WORK = ".work"


@dataclass(frozen=True, slots=True)
class Order:
    """What to make of what. `whole`: a folder without a manifest lacks nothing. `changes`: the source is what changed since the store at
    the place was made."""

    source: Path
    store: Path
    whole: bool = False
    workers: int = 0  # 0: as many as there are processors
    unit: int = UNIT
    part: int = PART
    quiet: bool = False
    changes: bool = False


def ingest(order: Order) -> Store:
    """Raises SourceError, FetchedError, StoreError, Unavailable. Until the end an older store at the place is as it was, and of patients of
    whom nothing has changed its index is taken over."""
    if layout.content(order.source) is not None:
        raise StoreError(f"{order.source}: is a store itself; name the folder that was exported or fetched")
    (_bring_up if order.changes else _whole)(order)
    made = layout.opened(order.store)
    if made is None:
        raise StoreError(f"{order.store}: was taken away while it was made")
    _tidy(order.store, made.shelves.folder)
    return made


def _whole(order: Order) -> None:
    """The store of an export."""
    export = export_of(order.source)
    made_of = _made_of(order, export.files, export.fetched, order.whole)
    held = _held(order.store)
    if held is None or held.get("made") != made_of:
        _refuse_foreign(order.store)
        if (order.store / layout.NAME).is_file() and export.fetched and export.fetched.since:
            raise StoreError(
                f"{order.source}: holds only what changed since {export.fetched.since}; give it as --changes instead of --source"
            )
        _make(order, export, made_of, _older(order.store, held))


def _bring_up(order: Order) -> None:
    """The store that is there and what changed since. The changes that it was last brought up to date with are not taken again."""
    base, held = layout.opened(order.store), layout.content(order.store)
    if base is None or held is None:
        raise StoreError(f"{order.store}: is no store that could be brought up to date; make one with --source")
    changes = changes_of(order.source)
    given = [*changes.export.files, *changes.deleted]
    made_of = _made_of(order, given, changes.export.fetched, base.whole)
    if held["made"] != {**made_of, "onto": held["made"].get("onto")}:
        check(changes, base)
        if (held["made"]["service"], base.holds) != (__version__, KEPT):
            raise StoreError(f"{order.store}: was made by another version; make it again of a whole export")
        _make(order, changes.export, {**made_of, "onto": base.shelves.folder.name}, base.shelves, Onto(changes, base))


def _made_of(order: Order, given: list[Path], said: Fetched | None, whole: bool) -> dict[str, Any]:
    """What must be the same for a store to be up to date, and for an ingest to be continued."""
    return {
        "service": __version__,
        "holds": sorted(KEPT),
        "files": fingerprint(given),
        "fetched": sha256(orjson.dumps(asdict(said) if said else None)).hexdigest(),
        "whole": whole,
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


def _make(order: Order, export: Export, made_of: dict[str, Any], older: Shelves | None, onto: Onto | None = None) -> None:
    order.store.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = Work(order.store / _WORK)
    size = sum(unpacked(path.name, path.stat().st_size) for path in export.files) + (onto.store.bytes if onto else 0)
    parts = _parts(size, order.part)
    work.open({**made_of, "parts": parts, "older": older.folder.name if older else None})
    shelves = Shelves(order.store / (_DATA + sha256(orjson.dumps(made_of)).hexdigest()[:16]), parts)
    shelves.folder.mkdir(mode=0o700, exist_ok=True)
    same = older if older and older.parts == parts else None
    bench = Bench(work, tuple(units_of(export.files, order.unit)), shelves, same, onto.store.shelves if onto else None)
    with Crew(order.workers, order.quiet) as crew:
        told = onto.spooled(crew, bench) if onto else crew.every(bench, spool, "spool", range(len(bench.units)))
        crew.every(bench, shelve, "shelve", range(shelves.parts))
    asked, library, counted = shelve_loose(work, shelves)
    shelves = Shelves(shelves.folder, parts, asked, library, counted)
    names = [str(path.relative_to(order.source)) for path in export.files]
    content = Content(names, export.fetched, order.whole, size, _together(told))
    _close(order.store, shelves, made_of, onto.content(told, names, size) if onto else content)


def _close(folder: Path, shelves: Shelves, made_of: dict[str, Any], content: Content) -> None:
    """The store counts from here on."""
    files.save(shelves.folder / TOLD, orjson.dumps(content.told))
    if content.fetched is not None:
        fetched.write(shelves.folder, content.fetched, FETCHED)
    layout.write(folder, shelves, {"files": content.names, "whole": content.whole, "bytes": content.bytes, "made": made_of})


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
