"""A list of patients into a folder of NDJSON with its manifest, by searches: for servers whose export is missing or too slow.

Patients go by shares; a share that is in the folder is not asked for again, whenever the process dies. What did not come whole is asked
for once more at the end.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import orjson

from cds_service import files
from cds_service.errors import SettingsError, Unavailable
from cds_service.fhir import fetched as kept
from cds_service.fhir.access import ID
from cds_service.fhir.bulk import Unfinished
from cds_service.fhir.bulk_calls import Calls
from cds_service.fhir.bulk_job import Say
from cds_service.fhir.bulk_lines import Received
from cds_service.fhir.bulk_manifest import OUTPUT, File
from cds_service.fhir.bulk_state import Entry, Folder
from cds_service.fhir.bulk_state import State as Progress
from cds_service.fhir.bulk_types import askable, with_referred
from cds_service.fhir.crawl_patient import Record, Search, patient_of
from cds_service.fhir.fetched import Fetched, Kind, Piece
from fhir_mappings.inputs import State

SHARE = 50  # patients
_Wanted = tuple[str, tuple[Search, ...]]  # a patient, and what is asked of them
_REFERRED = "only what records point to was asked for"


@dataclass(frozen=True, slots=True)
class CrawlOrder:
    """`partial`: what can't be had is left out, and its type marked."""

    patients: tuple[str, ...]
    searches: tuple[Search, ...]
    folder: Path
    partial: bool = False
    share: int = SHARE

    @property
    def types(self) -> list[str]:
        return sorted({one.type for one in self.searches})


def read_patients(path: Path) -> tuple[str, ...]:
    """The FHIR ids of a file, one a line, `Patient/` before them or not. Raises SettingsError, which quotes none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: can't be read ({type(error).__name__})") from None
    found = [(number, line.strip().removeprefix("Patient/")) for number, line in enumerate(lines, 1) if line.strip()]
    for number, one in found:
        if not ID.fullmatch(one):
            raise SettingsError(f"{path}:{number}: is no FHIR id")
    if not found:
        raise SettingsError(f"{path}: holds no patient")
    return tuple(dict.fromkeys(one for _, one in found))


@dataclass
class Crawl:
    """One run of it."""

    calls: Calls
    order: CrawlOrder
    say: Say

    def run(self) -> Fetched:
        """Raises Unfinished, Unavailable, StateError."""
        order, folder = self.order, Folder(self.order.folder)
        with folder.locked():
            progress = folder.load(self._plan())
            if not progress.types:
                self._start(progress)
                folder.save(progress)
            self.calls.tokens.types = tuple(progress.types)
            shares = [order.patients[start : start + order.share] for start in range(0, len(order.patients), order.share)]
            for number, patients in enumerate(shares):
                if number not in progress.done:
                    every = self._searches(progress)
                    self._share(folder, progress, number, [(one, every) for one in patients])
                    self.say(f"{min((number + 1) * order.share, len(order.patients))} of {len(order.patients)} patients")
            return self._closed(folder, progress, len(shares))

    def _plan(self) -> dict[str, object]:
        listed = sha256("\n".join(self.order.patients).encode()).hexdigest()
        asked = [[one.name, one.target] for one in self.order.searches]
        return {"server": self.calls.source.base, "how": "searches", "patients": listed, "searches": asked, "share": self.order.share}

    def _start(self, progress: Progress) -> None:
        progress.types, progress.lacking = askable(self.calls, with_referred(self.order.types))
        for name, (_, why) in sorted(progress.lacking.items()):
            self.say(f"{name} is not asked for: {why}")
        progress.time = datetime.fromtimestamp(self.calls.timing.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _searches(self, progress: Progress) -> tuple[Search, ...]:
        return tuple(one for one in self.order.searches if one.type in progress.types)

    def _share(self, folder: Folder, progress: Progress, number: int, wanted: Sequence[_Wanted], partial: bool = False) -> None:
        """All files of a share, then the word that they are there: in that order, so that none is counted that is not."""
        records = dict(self._records(progress, wanted, partial))
        by_type: dict[str, list[bytes]] = {}
        for patient, _ in wanted:
            for resource in records[patient].resources:
                by_type.setdefault(resource["resourceType"], []).append(orjson.dumps(resource) + b"\n")
        entries = [_written(folder, name, number, lines) for name, lines in sorted(by_type.items())]
        again = {patient for patient, _ in wanted}
        progress.todo = [one for one in progress.todo if one[0] not in again]
        progress.todo += [[patient, name] for patient, one in sorted(records.items()) for name in sorted(one.missed)]
        progress.absent += sum(one.absent for one in records.values())
        progress.entries += entries
        progress.done.append(number)
        folder.save(progress)

    def _records(self, progress: Progress, wanted: Sequence[_Wanted], partial: bool) -> Iterator[tuple[str, Record]]:
        def one(patient: str, searches: tuple[Search, ...]) -> Record:
            return patient_of(self.calls, patient, searches, progress.types, partial)

        return _each(one, wanted, self.calls.source.search.concurrency)

    def _closed(self, folder: Folder, progress: Progress, shares: int) -> Fetched:
        self._again(folder, progress, shares)
        left: dict[str, set[str]] = {}
        for patient, name in progress.todo:
            left.setdefault(self._type(name), set()).add(patient)
        if left and not self.order.partial:
            told = ", ".join(f"{name} of {len(patients)} patients" for name, patients in sorted(left.items()))
            raise Unfinished(f"not all came: {told}; the same command tries them again")
        pieces = tuple(_piece(one) for one in progress.entries)
        found = Fetched(self.calls.source.base, "searches for listed patients", progress.time, self._kinds(progress, left), pieces)
        kept.write(folder.path, found)
        folder.finish()
        return found

    def _again(self, folder: Folder, progress: Progress, shares: int) -> None:
        """What did not come whole, once more a run, by patient; the numbers of its files follow those of the shares."""
        wanted: dict[str, list[Search]] = {}
        for patient, name in progress.todo:
            wanted.setdefault(patient, []).extend(one for one in self.order.searches if one.name == name)
        if wanted:
            self.say(f"{len(wanted)} patients once more, of whom not all came")
            number = max(shares, *(one + 1 for one in progress.done))
            last = [(patient, tuple(searches)) for patient, searches in sorted(wanted.items())]
            self._share(folder, progress, number, last, self.order.partial)

    def _type(self, name: str) -> str:
        return next((one.type for one in self.order.searches if one.name == name), name)

    def _kinds(self, progress: Progress, left: Mapping[str, set[str]]) -> dict[str, Kind]:
        found = {name: Kind(State(state), (why,)) for name, (state, why) in progress.lacking.items()}
        for name in progress.types:
            missing = tuple(sorted(left.get(name, ())))
            why = [f"of {len(missing)} patients not all came"] if missing else []
            why += [] if name in self.order.types else [_REFERRED]
            why += [f"the server does not know {progress.absent} of the patients listed"] if name == "Patient" and progress.absent else []
            state = State.PARTIAL if why else State.WHOLE
            found[name] = Kind(state, tuple(why), why == [_REFERRED], missing if len(why) == 1 else ())
        return dict(sorted(found.items()))


def _each(work: Callable[[str, tuple[Search, ...]], Record], wanted: Sequence[_Wanted], at_once: int) -> Iterator[tuple[str, Record]]:
    """The work for each, so many at once. The threads hold up no one who ends the process: what they do is then done again."""
    given: queue.SimpleQueue[_Wanted] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[str, Record | BaseException]] = queue.SimpleQueue()
    for one in wanted:
        given.put(one)

    def run() -> None:
        while True:
            try:
                patient, searches = given.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((patient, work(patient, searches)))
            except BaseException as error:  # told in the thread that waits
                done.put((patient, error))

    for _ in range(min(at_once, len(wanted))):
        threading.Thread(target=run, name="crawl", daemon=True).start()
    for _ in wanted:
        patient, result = done.get()
        if isinstance(result, BaseException):
            raise result
        yield patient, result


def _written(folder: Folder, kind: str, number: int, lines: list[bytes]) -> Entry:
    data, name = b"".join(lines), f"{kind}.{number:05}.ndjson"
    files.save(folder.place(name), data)
    return Entry(File(OUTPUT, kind, ""), name, Received(len(data), len(lines), sha256(data).hexdigest()))


def _piece(entry: Entry) -> Piece:
    received = entry.received
    if received is None:
        raise Unavailable(f"{entry.name}: is missing or not as it was fetched; remove the folder and fetch again")
    return Piece(entry.name, entry.file.type, received.bytes, received.lines, received.sha256)
