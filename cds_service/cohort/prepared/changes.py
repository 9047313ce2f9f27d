"""A folder of what changed since a store was made into what that takes from the store: records given anew, and records deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import orjson

from cds_service.cohort.coverage import Export, export_of
from cds_service.cohort.lines import is_plain
from cds_service.cohort.prepared.layout import Store, StoreError
from cds_service.cohort.work import Work
from cds_service.fhir.bulk_update import deletions, merged_kinds, reference, references
from cds_service.fhir.fetched import Fetched, Kind
from fhir_mappings.inputs import State

_DELETED = "deleted"  # the folder in which clients of Bulk Data, ours among them, put lists of deletions
_GONE = "gone.json"
_IDS = re.compile(rb'"id"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Changes:
    """`export`: the files of records given anew; `deleted`: the lists of what was deleted."""

    folder: Path
    export: Export
    deleted: tuple[Path, ...]


def changes_of(folder: Path) -> Changes:
    """Raises SourceError, FetchedError."""
    export = export_of(folder)
    if export.fetched is not None:
        return Changes(folder, export, tuple(folder / one.name for one in export.fetched.deleted))
    deleted = [path for path in export.files if _DELETED in path.relative_to(folder).parts[:-1]]
    return Changes(folder, Export([path for path in export.files if path not in deleted]), tuple(deleted))


def check(changes: Changes, store: Store) -> None:
    """Raises StoreError where the changes are not those of the store's records, or do not join on to them."""
    new, old = changes.export.fetched, store.export.fetched
    if new is None and old is None:
        return
    if new is None or old is None:
        raise StoreError(
            f"{changes.folder}: was made by `cohort fetch` and the store's export was not, or the reverse; ingest a whole export"
        )
    if new.since is None:
        raise StoreError(f"{changes.folder}: is a whole fetch; give it as --source")
    if (new.server, new.how) != (old.server, old.how):
        raise StoreError(f"{changes.folder}: was fetched from another server, or of other patients, than the store's records")
    if not _joins(new, old):
        raise StoreError(
            f"{changes.folder}: is of what changed from {new.since} to {new.time}, and the store is of {old.time}; "
            "fetch again with --since that moment"
        )


def _joins(new: Fetched, old: Fetched) -> bool:
    """No moment lies between the two, and what the store holds is not the newer."""
    try:
        since, then, now = map(datetime.fromisoformat, (new.since or "", old.time, new.time))
        return since <= then <= now
    except (ValueError, TypeError):  # no instant, or one without its zone
        return False


def save_gone(changes: Changes, work: Work) -> None:
    """By `Type/id`, what the changes take from the store. Raises Unavailable where a list of deletions can't be read."""
    if not work.has(_GONE):
        gone = {name for path in changes.export.files for name in references(path)}
        gone.update(name for path in changes.deleted for name in deletions(path))
        work.save_json(_GONE, sorted(gone))


class Gone:
    """What is taken, asked of lines."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._ids = frozenset(name.partition("/")[2].encode() for name in self._names)

    def __contains__(self, line: bytes) -> bool:
        """Few lines are parsed: those in which an id of what is gone stands."""
        if is_plain(line) and self._ids.isdisjoint(_IDS.findall(line)):
            return False
        return reference(line) in self._names

    def names(self, counted: bytes) -> bool:
        """Of a record of which only the reference is known."""
        return counted.decode() in self._names


def gone_in(work: Work) -> Gone:
    path = work.folder / _GONE
    return _gone(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _gone(path: Path, written: int) -> Gone:
    """Kept by a process from one share to the next, as long as the file is the same."""
    return Gone(orjson.loads(path.read_bytes()))


def together(changes: Changes, store: Store, known: frozenset[str]) -> Fetched | None:
    """What a fetch of the whole would say. `known`: of the patients who are given anew, those whom the store has."""
    new, old = changes.export.fetched, store.export.fetched
    if new is None or old is None:
        return None
    people = {name for piece in new.files if piece.type == "Patient" for name in references(changes.folder / piece.name)}
    joined = tuple(sorted(name.partition("/")[2] for name in people - known if name.startswith("Patient/")))
    asked = {name: _asked_since(one, new.since or "") for name, one in new.types.items()}
    kinds = merged_kinds(old, asked, joined)
    return replace(new, types=kinds, files=(), since=None, deleted=())


def _asked_since(kind: Kind, since: str) -> Kind:
    """How whole the changes are, as changes: that no more was asked for is no fault of theirs."""
    why = tuple(one for one in kind.why if not one.startswith(f"only what changed since {since}"))
    if kind.state is State.PARTIAL and not why:
        return Kind(State.WHOLE)
    return replace(kind, why=why)
