"""The lines of an export into the parts of a store: first by patient into spools, then each part sorted, packed and indexed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from cds_service.cohort import source
from cds_service.cohort.collect import HOLE, READ, Collector, Everybody, place_of
from cds_service.cohort.find import LIBRARY, Found, undated
from cds_service.cohort.lines import Json, Unreadable, is_plain, parse, type_of
from cds_service.cohort.prepared.index import Index
from cds_service.cohort.prepared.layout import LOOSE, LOOSE_KINDS, Shelves
from cds_service.cohort.prepared.tables import Row, all_rows, concepts_at, packed, unpacked, write_index, write_loose, write_rows
from cds_service.cohort.source import Line, Unit, chunks_of, lines_in
from cds_service.cohort.work import Work
from cds_service.fhir.bulk_update import reference

KEPT = READ | {*LIBRARY}
_NAMING = READ - {*LIBRARY, "Patient"}  # what should name a patient


@dataclass(frozen=True, slots=True)
class Bench:
    """What one process holds while it sorts. `older`: a store of as many parts whose index holds for whom nothing has changed; `base`: one
    whose records are taken over."""

    work: Work
    units: tuple[Unit, ...]
    shelves: Shelves
    older: Shelves | None = None
    base: Shelves | None = None


def spool(bench: Bench, number: int) -> None:
    """Reads a unit and saves its lines by part, each as `id TAB line`."""
    sorter = Sorter(bench.shelves.parts)
    for chunk in chunks_of(bench.units[number]):
        for line in lines_in(chunk):
            sorter.read(line)
    save_rows(bench.work, number, sorter.collector.lines)
    save_loose(bench.work, number, {"asked": sorter.asked, "library": sorter.library, "counted": sorter.counted})
    bench.work.save_json(f"spool/{number}.json", sorter.found.to_json())


def save_rows(work: Work, number: int, lines: Mapping[int, Iterable[bytes]]) -> None:
    """By part, each as `id TAB line`."""
    for part, held in lines.items():
        work.save(f"lines/{part}/{number:06}", packed(held))


def save_loose(work: Work, number: int, kinds: Mapping[str, list[bytes]]) -> None:
    for kind, lines in kinds.items():
        if lines:
            work.save(f"{kind}/{number:06}", packed(lines))


class Sorter:
    """Each line where a run will look for it. `asked`: what no index can speak for, put to every trial: lines that can't be read or name
    nobody, and Patients who may have died. `counted`: the references of what is nowhere else. `found`: what all others say, whatever the
    trial."""

    def __init__(self, parts: int) -> None:
        self.collector = _Counting(Everybody(), parts)
        self.found = Found()
        self.asked: list[bytes] = []
        self.library: list[bytes] = []
        self.counted: list[bytes] = []

    def read(self, line: Line) -> None:
        kind = type_of(line.data)
        if line.long:  # is told by its length
            line = Line(line.data.ljust(source.LONGEST_LINE + 1), long=True)
        if kind is not None and kind not in KEPT:
            self._passed(kind, line)
            return
        self.collector.added = 0
        self.collector.read(line)
        try:
            resource = parse(line)
        except Unreadable:
            self.asked.append(line.data)
            return
        self._told(kind if kind not in (None, "Patient") and is_plain(line.data) else resource["resourceType"], resource, line)

    def _passed(self, kind: str, line: Line) -> None:
        """A type that nobody asks for is only counted."""
        if line.long or not line.data.endswith(b"}"):
            self.asked.append(line.data)
        else:
            self.found.types[kind] += 1
            self._counted(line)

    def _told(self, kind: str, resource: Json, line: Line) -> None:
        if kind in _NAMING and not self.collector.added:
            self.asked.append(line.data)
            return
        if kind == "Patient":
            number = undated(resource)
            if number is None:
                self.asked.append(line.data)
                return
            self.found.people.append(number)
        if kind in LIBRARY:
            self.library.append(line.data)
        elif not self.collector.added:
            self._counted(line)
        self.found.types[kind] += 1

    def _counted(self, line: Line) -> None:
        if named := reference(line.data):
            self.counted.append(named.encode())


class _Counting(Collector):
    """Knows in how many places it has put a line."""

    added = 0

    def add(self, patient: bytes, data: bytes) -> None:
        self.added += 1
        super().add(patient, data)


def shelve(bench: Bench, part: int) -> None:
    """Sorts a part by patient and saves its rows and its index."""
    rows = sorted(_rows(spools_in(bench.work.folder / "lines" / str(part))))
    index, settled = Index(), _unchanged(bench.older, part, rows)
    if bench.older and settled:
        index.take(concepts_at(bench.older.index(part)), settled)
    for place, _, line in rows:
        if place not in settled and not line.startswith(HOLE):
            index.add(place, line)
    write_rows(bench.shelves.rows(part), rows)
    write_index(bench.shelves.index(part), index.places)
    bench.work.save_json(f"shelve/{part}.json", {})


def _unchanged(older: Shelves | None, part: int, rows: list[Row]) -> set[int]:
    """The places of which the older store holds the very same rows."""
    if older is None:
        return set()
    before = {place: list(held) for place, held in groupby(all_rows(older.rows(part)), key=_place)}
    return {place for place, held in groupby(rows, key=_place) if before.get(place) == list(held)}


def _place(row: Row) -> int:
    return row[0]


def _rows(lines: Iterable[bytes]) -> Iterator[Row]:
    for one in lines:
        patient, _, data = one.partition(b"\t")
        yield place_of(patient)[0], patient, data


def shelve_loose(work: Work, shelves: Shelves) -> list[int]:
    """Saves what belongs to no part; returns in how many groups: what is asked, the library, what is counted."""
    return write_loose(shelves.folder / LOOSE, [spools_in(work.folder / kind) for kind in LOOSE_KINDS])


def spools_in(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.glob("*[0-9]")):
        yield from unpacked(path)
