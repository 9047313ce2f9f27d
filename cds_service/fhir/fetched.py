"""`manifest.json` of a fetched folder: what was fetched, file by file, and how whole each resource type is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from cds_service import files
from cds_service.errors import ServiceError
from cds_service.fhir.bulk_state import WORK
from fhir_mappings.inputs import State

NAME = "manifest.json"
UNFINISHED = f"{WORK}/state.json"
_KIND = "trial-cds-fetch"
_VERSION = 1


class FetchedError(ServiceError):
    """The folder's manifest can't be used. The message names the folder or a file."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One NDJSON file below the folder."""

    name: str
    type: str
    bytes: int
    lines: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource type: how whole, and why not. `chosen`: because no more was asked for. `patients`: where something is missing of these
    alone, so that it is whole for all others."""

    state: State
    why: tuple[str, ...] = ()
    chosen: bool = False
    patients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """`time`: of which moment the data are, as the server says it. `since`: only what changed after it was asked for, and `deleted` are the
    lists of what was deleted."""

    server: str
    how: str
    time: str
    types: Mapping[str, Kind]
    files: tuple[Piece, ...]
    since: str | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)  # severity and code of what the server says did not go well
    deleted: tuple[Piece, ...] = ()

    @property
    def faulty(self) -> list[str]:
        """The types of which more was asked for than came."""
        return [name for name, one in self.types.items() if one.state in (State.PARTIAL, State.FAILED) and not one.chosen]

    def state(self, resource_type: str) -> State:
        """A type that was not asked for is not known."""
        found = self.types.get(resource_type)
        return found.state if found else State.NOT_PROVIDED


def write(folder: Path, fetched: Fetched, name: str = NAME) -> None:
    held = {"kind": _KIND, "version": _VERSION, **asdict(fetched)}
    files.save(folder / name, orjson.dumps(held, option=orjson.OPT_INDENT_2) + b"\n")


def read(folder: Path) -> Fetched | None:
    """None where the folder was not fetched by us. Raises FetchedError where the fetch is not finished, or its files are not those that
    were fetched: what is missing would be taken as absent."""
    path = folder / NAME
    if (folder / UNFINISHED).is_file():
        raise unfinished(str(folder))
    try:
        fetched = parsed(path.read_bytes(), str(path))
    except FileNotFoundError:
        return None
    except OSError:
        raise FetchedError(f"{path}: can't be read") from None
    if fetched is not None:
        check(fetched, lambda name: (folder / name).stat().st_size if (folder / name).is_file() else None)
    return fetched


def unfinished(folder: str) -> FetchedError:
    return FetchedError(f"{folder}: its fetch is not finished; give the same `cohort fetch` again")


def parsed(data: bytes, place: str) -> Fetched | None:
    """A manifest's content. None for another program's. Raises FetchedError."""
    try:
        held = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise FetchedError(f"{place}: can't be read") from None
    if not isinstance(held, dict) or held.get("kind") != _KIND:
        return None
    if held.get("version") != _VERSION:
        raise FetchedError(f"{place}: was written by another version; fetch again")
    return _fetched(place, held)


def check(fetched: Fetched, size_of: Callable[[str], int | None]) -> None:
    """`size_of`: by a file's name its bytes, or None where it is not there. Raises FetchedError."""
    for piece in (*fetched.files, *fetched.deleted):
        if size_of(piece.name) != piece.bytes:
            raise FetchedError(f"{piece.name}: is missing or not as it was fetched; fetch again")


def _fetched(place: str, held: dict[str, Any]) -> Fetched:
    try:
        types = {
            name: Kind(State(one["state"]), tuple(one["why"]), one["chosen"], tuple(one["patients"])) for name, one in held["types"].items()
        }
        pieces, deleted = (tuple(Piece(**one) for one in found) for found in (held["files"], held.get("deleted", ())))
        return Fetched(held["server"], held["how"], held["time"], types, pieces, held["since"], held["outcomes"], deleted)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise FetchedError(f"{place}: is not as it was written") from None
