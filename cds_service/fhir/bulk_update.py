"""An earlier fetch and what changed since into one that is up to date: what was deleted or replaced goes, what is new joins."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson

from cds_service.errors import Unavailable
from cds_service.fhir.bulk_lines import pieces_of
from cds_service.fhir.bulk_state import Folder
from cds_service.fhir.fetched import Fetched, FetchedError, Kind, Piece, read
from fhir_mappings.inputs import State
from fhir_mappings.shapes import as_dict, as_dicts, as_text

_WORST = (State.NOT_PROVIDED, State.FAILED, State.PARTIAL, State.WHOLE)
_JOINED = "records from before a patient joined may be missing"
_NOBODY = "who joined the group without a change to their own record may be missing"


@dataclass(frozen=True, slots=True)
class Base:
    """The earlier fetch, and where it lies. It is only read."""

    folder: Path
    fetched: Fetched


def read_base(folder: Path, server: str, how: str) -> Base:
    """Raises FetchedError where it is no whole fetch of the same server and the same patients."""
    fetched = read(folder)
    if fetched is None or fetched.since is not None:
        raise FetchedError(f"{folder}: is no fetch that could be brought up to date")
    if (fetched.server, fetched.how) != (server, how):
        raise FetchedError(f"{folder}: was fetched from another server, or of other patients")
    return Base(folder, fetched)


def updated(
    base: Base, out: Folder, fresh: tuple[Piece, ...], deleted: Iterable[Path], kinds: Mapping[str, Kind]
) -> tuple[tuple[Piece, ...], dict[str, Kind]]:
    """(all files, how whole each type is). Deletions are of the earlier records alone: what was made anew since is among the fresh ones.
    Raises Unavailable where a list of deletions can't be read."""
    new = {name for piece in fresh for name in references(out.path / piece.name)}
    gone = new | {name for path in deleted for name in deletions(path)}
    kept = tuple(_kept(base.folder / piece.name, piece.type, number, out, gone) for number, piece in enumerate(base.fetched.files))
    people = {name for piece in base.fetched.files if piece.type == "Patient" for name in references(base.folder / piece.name)}
    joined = {one for one in new - people if one.startswith("Patient/")}
    return (*kept, *fresh), merged_kinds(base.fetched, kinds, tuple(sorted(one.partition("/")[2] for one in joined)))


def merged_kinds(base: Fetched, kinds: Mapping[str, Kind], joined: tuple[str, ...]) -> dict[str, Kind]:
    """No type is more whole than it was, nor than its changes are. A server may give the old records of who joined a group, or not."""
    found = {}
    for name, one in kinds.items():
        before = base.types.get(name, Kind(State.NOT_PROVIDED, ("the earlier fetch does not have it",)))
        if before.state is State.NOT_PROVIDED and one.state is State.WHOLE:
            before = Kind(State.PARTIAL, ("only what changed since the earlier fetch is here",))
        merged = _worse(before, one)
        found[name] = _with(merged, joined) if joined and name != "Patient" else merged
    if base.how.startswith("export of Group/") and "Patient" in found:
        found["Patient"] = _worse(found["Patient"], Kind(State.PARTIAL, (_NOBODY,), chosen=True))
    return found


def _worse(one: Kind, other: Kind) -> Kind:
    state = min(one.state, other.state, key=_WORST.index)
    why = tuple(dict.fromkeys(one.why + other.why))
    less = [each for each in (one, other) if each.state is not State.WHOLE]
    patients = {patient for each in less for patient in each.patients} if all(each.patients for each in less) else set()
    return Kind(state, why, bool(less) and all(each.chosen for each in less), tuple(sorted(patients)))


def _with(kind: Kind, joined: tuple[str, ...]) -> Kind:
    return _worse(kind, Kind(State.PARTIAL, (_JOINED,), True, joined))


def references(path: Path) -> Iterator[str]:
    """`Type/id` of a file's lines, as far as they can be read."""
    return filter(None, map(reference, pieces_of(path)))


def reference(line: bytes) -> str | None:
    """`Type/id` of a line; None where it can't be read or names none."""
    try:
        value = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    kind, identity = as_text(as_dict(value).get("resourceType")), as_text(as_dict(value).get("id"))
    return f"{kind}/{identity}" if kind and identity else None


def deletions(path: Path) -> Iterator[str]:
    """`Type/id` of what a file of the server's says was deleted. Raises Unavailable."""
    for line in pieces_of(path):
        if line.strip():
            yield from _of_bundle(line)


def _of_bundle(line: bytes) -> Iterator[str]:
    """One transaction a line: entries whose request is DELETE Type/id."""
    try:
        value = as_dict(orjson.loads(line.removeprefix(b"\xef\xbb\xbf")))
    except orjson.JSONDecodeError:
        value = {}
    if value.get("resourceType") != "Bundle":
        raise Unavailable("a list of what was deleted can't be read; fetch whole instead")
    for entry in as_dicts(value.get("entry")):
        request = as_dict(entry.get("request"))
        parts = (as_text(request.get("url")) or "").rstrip("/").split("/")
        if request.get("method") == "DELETE" and len(parts) >= 2:
            yield "/".join(parts[-2:])


def _kept(path: Path, kind: str, number: int, out: Folder, gone: set[str]) -> Piece:
    """The earlier file without what is gone. A line that can't be read stays: the cohort run counts it, and knows whom it may concern."""
    name = f"{kind}.earlier.{number:04}.ndjson"
    target, digest, size, lines, last = out.place(name), sha256(), 0, 0, b"\n"
    part = target.with_name(f"{name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        for piece in pieces_of(path):
            if piece.strip() and reference(piece) not in gone:
                written.write(piece)
                digest.update(piece)
                size, lines, last = size + len(piece), lines + piece.endswith(b"\n"), piece
    part.replace(target)
    return Piece(name, kind, size, lines + (not last.endswith(b"\n")), digest.hexdigest())
