"""What a fetch has done so far, in a file that survives its end at any moment: the next one goes on from there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from cds_service import files
from cds_service.errors import ServiceError
from cds_service.fhir.bulk_lines import Received
from cds_service.fhir.bulk_manifest import File

try:
    import fcntl
except ImportError:  # Windows: there two fetches into one folder are not kept apart
    fcntl = None  # type: ignore[assignment]

WORK = ".fetch"


class StateError(ServiceError):
    """The folder can't be used for this fetch. The message names the folder."""


@dataclass
class Entry:
    """One file of the manifest and, once it is here, what it holds. `name`: where, below the folder."""

    file: File
    name: str
    received: Received | None = None
    problem: str = ""


@dataclass
class State:
    """`status`: the export's URL. It and those of files may be passwords by themselves, so the file is its owner's alone and goes at
    the end; no token stands in it."""

    plan: dict[str, Any]
    status: str = ""
    started: float = 0.0
    time: str = ""
    needs_token: bool | None = None
    entries: list[Entry] = field(default_factory=list)
    types: list[str] = field(default_factory=list)  # that are asked for
    lacking: dict[str, tuple[str, str]] = field(default_factory=dict)  # those that are not: how whole, and why
    # Where patients are fetched one by one: the shares of them that are here, whose searches did not bring all (patient, search), and
    # how many of the list the server does not know.
    done: list[int] = field(default_factory=list)
    todo: list[list[str]] = field(default_factory=list)
    absent: int = 0

    @property
    def left(self) -> list[Entry]:
        return [one for one in self.entries if one.received is None]


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a fetch puts its files, and beside them its state."""

    path: Path

    @property
    def work(self) -> Path:
        return self.path / WORK

    def load(self, plan: dict[str, Any]) -> State:
        """The state of an earlier fetch of the same plan, or a new one. Raises StateError where the folder holds something else."""
        try:
            held = orjson.loads((self.work / "state.json").read_bytes())
        except FileNotFoundError:
            if any(one.name != WORK for one in self.path.iterdir()):
                raise StateError(f"{self.path}: is not empty; name a new folder") from None
            return State(plan)
        except (OSError, orjson.JSONDecodeError):
            raise StateError(f"{self.work}: can't be read; remove it to fetch anew") from None
        if held.get("plan") != plan:
            raise StateError(f"{self.path}: holds an unfinished fetch of something else; finish it, or remove {self.work}, or name another")
        entries = [_entry(one) for one in held.pop("entries")]
        for entry in entries:
            entry.received = entry.received if self._is_here(entry) else None
        return State(**held, entries=entries)

    def _is_here(self, entry: Entry) -> bool:
        path = self.path / entry.name
        return entry.received is not None and path.is_file() and path.stat().st_size == entry.received.bytes

    def save(self, state: State) -> None:
        files.save(self.work / "state.json", orjson.dumps(asdict(state), option=orjson.OPT_INDENT_2))

    def place(self, name: str) -> Path:
        """Where a file goes, in a folder that only its owner may read."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def forget(self, state: State) -> None:
        """Removes every file of the state, and the state: what comes is of another moment."""
        for entry in state.entries:
            (self.path / entry.name).unlink(missing_ok=True)
        shutil.rmtree(self.work, ignore_errors=True)

    def finish(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Raises StateError where another process is at work there."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if fcntl is None:
            yield
            return
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            if not _locks(descriptor):
                raise StateError(f"{self.path}: another process is fetching into it")
            yield
        finally:
            os.close(descriptor)


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _entry(held: dict[str, Any]) -> Entry:
    received = Received(**held["received"]) if held["received"] else None
    return Entry(File(**held["file"]), held["name"], received, held["problem"])
