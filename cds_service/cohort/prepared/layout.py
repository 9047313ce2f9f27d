"""A folder into a prepared store: what its `store.json` says of it, and where its parts lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from cds_service import files
from cds_service.cohort.coverage import Export
from cds_service.errors import ServiceError
from cds_service.fhir.fetched import Fetched, parsed

NAME = "store.json"
FETCHED, TOLD, LOOSE = "fetched.json", "told.json", "loose.parquet"
LOOSE_KINDS = ("asked", "library", "counted")  # in this order
_NUMBERS = ("parts", *LOOSE_KINDS)
_KIND = "trial-cds-store"
_VERSION = 3  # another one where the tables or the index come to mean something else


class StoreError(ServiceError):
    """The folder can't be used as a store. The message names the folder or a file."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where the data lie and in how many pieces: small enough for another process. Of the loose lines, which belong to no part, the
    first `asked` row groups are put to every trial, the next `library` hold medications and studies, and the last `counted` the references
    of records that are counted and no more: of what names no patient and what no trial reads."""

    folder: Path
    parts: int
    asked: int = 0
    library: int = 0
    counted: int = 0

    def rows(self, part: int) -> Path:
        return self.folder / f"{part:05}.rows.parquet"

    def index(self, part: int) -> Path:
        return self.folder / f"{part:05}.index.parquet"


@dataclass(frozen=True, slots=True)
class Store:
    """`export`: the files that it was made of and what their fetch says of them; they may be gone. `whole`: whoever made it said that a
    folder without a manifest lacked nothing. `told`: what the files say of everybody, whatever the trial. `holds`: of which types there
    are the lines and not only their number."""

    shelves: Shelves
    export: Export
    whole: bool
    bytes: int
    told: dict[str, Any]
    holds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Content:
    """What a new store is told to be of: see Store."""

    names: list[str]
    fetched: Fetched | None
    whole: bool
    bytes: int
    told: dict[str, Any]


def write(folder: Path, shelves: Shelves, made_of: Mapping[str, object]) -> None:
    """The store is what this file says, from the moment it is in its place."""
    pieces = {"data": shelves.folder.name, **{name: getattr(shelves, name) for name in _NUMBERS}}
    held = {"kind": _KIND, "version": _VERSION, **pieces, **made_of}
    files.save(folder / NAME, orjson.dumps(held, option=orjson.OPT_INDENT_2) + b"\n")


def opened(folder: Path) -> Store | None:
    """None where the folder is no store. Raises StoreError."""
    held = content(folder)
    if held is None:
        return None
    try:
        shelves = Shelves(folder / held["data"], **{name: held[name] for name in _NUMBERS})
        told = orjson.loads((shelves.folder / TOLD).read_bytes())
        export = Export([Path(name) for name in held["files"]], _fetched(shelves.folder))
        return Store(shelves, export, held["whole"], held["bytes"], told, frozenset(held["made"]["holds"]))
    except (KeyError, TypeError, OSError, orjson.JSONDecodeError):
        raise StoreError(f"{folder}: is not as it was written; make it again with `cohort ingest`") from None


def not_for_spark(source: str) -> StoreError:
    """One line: what it is, and what to do."""
    why = "is a prepared store, which --engine spark can't read"
    return StoreError(f"{source}: {why}; give it the folder that was exported or fetched, or leave --engine out")


def content(folder: Path) -> dict[str, Any] | None:
    """What `store.json` says. Raises StoreError where another version wrote it."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        held = parsed_content(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise StoreError(f"{path}: can't be read") from None
    if held is not None and held.get("version") != _VERSION:
        raise StoreError(f"{path}: was written by another version; make the store again with `cohort ingest`")
    return held


def parsed_content(data: bytes) -> dict[str, Any] | None:
    """What a `store.json` holds; None for another program's. Raises JSONDecodeError."""
    held = orjson.loads(data)
    return held if isinstance(held, dict) and held.get("kind") == _KIND else None


def _fetched(data: Path) -> Fetched | None:
    path = data / FETCHED
    return parsed(path.read_bytes(), str(path)) if path.is_file() else None
