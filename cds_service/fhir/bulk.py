"""A Bulk Data export into a folder of NDJSON with its manifest; ended at any moment, the same call goes on where it was."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from cds_service.errors import ServiceError, Unavailable
from cds_service.fhir import fetched as kept
from cds_service.fhir.bulk_calls import Calls
from cds_service.fhir.bulk_files import Expired, receive
from cds_service.fhir.bulk_job import Gone, Say, Wanted, delete, kick_off, manifest
from cds_service.fhir.bulk_lines import Received
from cds_service.fhir.bulk_manifest import DELETED, KINDS, OUTCOME, OUTPUT, File, Page
from cds_service.fhir.bulk_outcomes import summed
from cds_service.fhir.bulk_settings import Source
from cds_service.fhir.bulk_state import Entry, Folder, State
from cds_service.fhir.bulk_types import askable
from cds_service.fhir.bulk_update import Base, read_base, updated
from cds_service.fhir.bulk_wholeness import kinds
from cds_service.fhir.fetched import Fetched, Piece

_PLACES = {OUTPUT: "", DELETED: "deleted/", OUTCOME: "errors/"}


class Unfinished(ServiceError):
    """Something could not be had. What is there is kept, and the same call tries the rest again."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to fetch and where to. `partial`: what can't be had is left out, and its type marked. `base`: an earlier fetch, of which only
    what changed since is asked for."""

    wanted: Wanted
    folder: Path
    partial: bool = False
    base: Path | None = None


@dataclass
class BulkFetch:
    """One run of it."""

    calls: Calls
    order: Order
    say: Say
    _base: Base | None = field(default=None, init=False)

    def run(self) -> Fetched:
        """Raises Unfinished, Unavailable, StateError, FetchedError, DiskError."""
        self._base = read_base(self.order.base, self.calls.source.base, self._how) if self.order.base else None
        folder, plan = Folder(self.order.folder), self._plan()
        with folder.locked():
            state = folder.load(plan)
            try:
                return self._through(folder, state)
            except Gone as error:
                self.say(f"{error}; a new export is started")
                folder.forget(state)
                return self._through(folder, State(plan))

    @property
    def _how(self) -> str:
        return how_of(self.calls.source)

    @property
    def _since(self) -> str | None:
        """Of an update the earlier fetch's own moment, which is the server's: never that of a clock of ours."""
        return self._base.fetched.time if self._base else self.order.wanted.since

    def _plan(self) -> dict[str, object]:
        """What must be the same for a fetch to be continued."""
        wanted = self.order.wanted
        return {
            "server": self.calls.source.base, "how": self._how, "types": list(wanted.types), "since": self._since,
            "filters": list(wanted.filters), "update": self._base is not None,
        }  # fmt: skip

    def _through(self, folder: Folder, state: State) -> Fetched:
        self.calls.tokens.types = tuple(state.types)
        if not state.status:
            self._start(state)
            folder.save(state)
            self.say("the export is started")
        if not state.time:
            self._know(state, manifest(self.calls, state.status, state.started, self.say))
            folder.save(state)
            self.say(f"{len(state.entries)} files, as of {state.time}")
        for entry in list(state.left):
            self._have(folder, state, entry)
            folder.save(state)
        return self._closed(folder, state)

    def _start(self, state: State) -> None:
        wanted = self.order.wanted
        state.types, state.lacking = askable(self.calls, wanted.types)
        for name, (_, why) in sorted(state.lacking.items()):
            self.say(f"{name} is not asked for: {why}")
        state.status = kick_off(self.calls, replace(wanted, types=tuple(state.types), since=self._since))
        state.started = self.calls.timing.now()

    def _know(self, state: State, page: Page) -> None:
        state.time, state.needs_token = page.time, page.needs_token
        state.entries = [Entry(one, _name(one, number)) for number, one in enumerate(_own(page, state.types))]

    def _have(self, folder: Folder, state: State, entry: Entry) -> None:
        """The file, or its problem in its place. Raises Gone where the export is there no longer."""
        try:
            entry.received = self._received(folder, state, entry)
        except Unavailable as error:
            entry.problem = str(error)
            self.say(f"{entry.name}: {error}")
            if isinstance(error, Gone):
                raise
            return
        entry.problem = ""
        self.say(f"{entry.name}: {entry.received.lines} lines; {len(state.left)} files left")

    def _received(self, folder: Folder, state: State, entry: Entry) -> Received:
        path = folder.place(entry.name)
        try:
            return receive(self.calls, entry.file, state.needs_token, path)
        except Expired:
            self._renew(state)
            return receive(self.calls, entry.file, state.needs_token, path)

    def _renew(self, state: State) -> None:
        """Fresh URLs from a fresh manifest, of the same files: those of another export are of another moment."""
        page = manifest(self.calls, state.status, self.calls.timing.now(), self.say)
        own = _own(page, state.types)
        same = [(one.kind, one.type, one.count) for one in own] == [(one.file.kind, one.file.type, one.file.count) for one in state.entries]
        if page.time != state.time or not same:
            raise Gone("the server now gives another export than the one begun")
        state.needs_token = page.needs_token
        for entry, file in zip(state.entries, own, strict=True):
            entry.file = file

    def _closed(self, folder: Folder, state: State) -> Fetched:
        """The manifest, once nothing is left; then the server may clear up. Not before: it could be needed again."""
        if state.left and not self.order.partial:
            raise Unfinished(f"{len(state.left)} of {len(state.entries)} files could not be had; the same command tries them again")
        found = self._gathered(folder, state)
        kept.write(folder.path, found)
        delete(self.calls, state.status)
        folder.finish()
        return found

    def _gathered(self, folder: Folder, state: State) -> Fetched:
        wanted, paths = self.order.wanted, _paths(folder, state)
        outcomes = summed(paths[OUTCOME], state.types)
        pieces, deleted = _pieces(state, OUTPUT), _pieces(state, DELETED) if wanted.since else ()
        types = kinds(state, wanted, outcomes)
        if self._since and any(one.file.kind == DELETED for one in state.left):
            raise Unfinished("what was deleted since could not be had; the same command tries again")
        if self._base:
            pieces, types = updated(self._base, folder, pieces, paths[DELETED], types)
        counts = dict(sorted(outcomes.counts.items()))
        return Fetched(self.calls.source.base, self._how, state.time, types, pieces, wanted.since, counts, deleted)


def how_of(source: Source) -> str:
    """What is exported, in words."""
    return {"group": f"export of Group/{source.group}", "patient": "export of all patients", "system": "export of everything"}[source.level]


def _paths(folder: Folder, state: State) -> dict[str, list[Path]]:
    """By kind, the files that are here."""
    return {kind: [folder.path / one.name for one in state.entries if one.received and one.file.kind == kind] for kind in KINDS}


def _own(page: Page, types: list[str]) -> list[File]:
    """Files of types that were not asked for are left where they are: some servers export all they have."""
    return [one for one in page.files if one.kind != OUTPUT or one.type in types]


def _name(file: File, number: int) -> str:
    return f"{_PLACES[file.kind]}{file.type}.{number:04}.ndjson"


def _pieces(state: State, kind: str) -> tuple[Piece, ...]:
    """The files of a kind that are here."""
    return tuple(_piece(one.name, one.file.type, one.received) for one in state.entries if one.file.kind == kind and one.received)


def _piece(name: str, kind: str, received: Received) -> Piece:
    return Piece(name, kind, received.bytes, received.lines, received.sha256)
