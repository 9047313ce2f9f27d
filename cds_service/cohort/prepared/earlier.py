"""The records of an older store into the spools of a newer one, without those that changes take; what they counted is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cds_service.cohort.collect import HOLE, bucket_of
from cds_service.cohort.crew import Crew
from cds_service.cohort.prepared.changes import Changes, gone_in, save_gone, together
from cds_service.cohort.prepared.layout import LOOSE, Content, Shelves, Store, StoreError
from cds_service.cohort.prepared.sorting import Bench, Sorter, save_loose, save_rows, spool
from cds_service.cohort.prepared.tables import all_rows, loose_at
from cds_service.cohort.source import Line
from cds_service.fhir.bulk_update import reference

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Onto:
    """The store that is there, and what changed since."""

    changes: Changes
    store: Store

    def spooled(self, crew: Crew, bench: Bench) -> list[Json]:
        """What is told of the files of the changes and of all pieces of the store. Raises StoreError, Unavailable."""
        save_gone(self.changes, bench.work)
        base = self.store.shelves
        numbers = range(len(bench.units) + base.parts + base.asked + base.library + base.counted)
        told = crew.every(bench, spool_onto, "spool", numbers)
        if any("Bundle" in one["types"] for one in told):
            raise StoreError(f"{self.changes.folder}: holds Bundles outside its folder `deleted`; what they mean is not known")
        return told

    def content(self, told: list[Json], names: list[str], size: int) -> Content:
        """What the newer store is of. `size`: the bytes of both."""
        known = frozenset(name for one in told for name in one.get("known", ()))
        size -= sum(one["lost"]["bytes"] for one in told if "lost" in one)
        names = sorted({*map(str, self.store.export.files), *names})
        counts = counted_together(self.store.told, told)
        return Content(names, together(self.changes, self.store, known), self.store.whole, max(size, 0), counts)


def spool_onto(bench: Bench, number: int) -> None:
    """The units of the changes, then the store's parts, then its groups of loose lines."""
    base = bench.base
    assert base is not None
    if number < len(bench.units):
        spool(bench, number)
    elif number < len(bench.units) + base.parts:
        _spool_part(bench, base, number)
    else:
        _spool_loose(bench, base, number)


def _spool_part(bench: Bench, base: Shelves, number: int) -> None:
    gone, lost = gone_in(bench.work), _Lost()
    kept: dict[int, list[bytes]] = {}
    for _, patient, line in all_rows(base.rows(number - len(bench.units))):
        if line.startswith(HOLE) or line not in gone:
            kept.setdefault(bucket_of(patient, bench.shelves.parts), []).append(patient + b"\t" + line)
        else:
            lost.row(patient, line)
    save_rows(bench.work, number, kept)
    bench.work.save_json(f"spool/{number}.json", lost.to_json())


def _spool_loose(bench: Bench, base: Shelves, number: int) -> None:
    group = number - len(bench.units) - base.parts
    kind = "asked" if group < base.asked else "library" if group < base.asked + base.library else "counted"
    gone, lost, kept = gone_in(bench.work), _Lost(), []
    for line in loose_at(base.folder / LOOSE, group):
        if not (gone.names(line) if kind == "counted" else line in gone):
            kept.append(line)
        elif kind == "counted":
            lost.counted(line)
        elif kind == "library":
            lost.line(line)
    save_loose(bench.work, number, {kind: kept})  # what was asked of every trial was never counted
    bench.work.save_json(f"spool/{number}.json", lost.to_json())


class _Lost:
    """What the lines that are taken had added to the counts: what sorting them would count again."""

    def __init__(self) -> None:
        self._sorter = Sorter(1)
        self._patients: set[str] = set()
        self._bytes = 0

    def row(self, patient: bytes, line: bytes) -> None:
        """A line stands with each patient that it mentions, and counts once."""
        alone = Sorter(1)
        alone.read(Line(line))
        if patient == min(held.partition(b"\t")[0] for held in alone.collector.lines[0]):
            self.line(line)
            name = reference(line) or ""
            self._patients.update([name] if name.startswith("Patient/") else [])

    def line(self, line: bytes) -> None:
        self._sorter.read(Line(line))
        self._bytes += len(line) + 1

    def counted(self, name: bytes) -> None:
        self._sorter.found.types[name.decode().partition("/")[0]] += 1

    def to_json(self) -> Json:
        found = self._sorter.found
        lost = {"people": found.people, "types": dict(found.types), "bytes": self._bytes}
        return {"people": [], "types": {}, "lost": lost, "known": sorted(self._patients)}


def counted_together(before: Json, told: Iterable[Json]) -> Json:
    """What an older store counted, with what was added and without what is gone."""
    people, types = Counter[int](before["people"]), Counter[str](before["types"])
    for one in told:
        people.update(one["people"])
        types.update(one["types"])
        lost = one.get("lost", {"people": (), "types": {}})
        people.subtract(lost["people"])
        types.subtract(lost["types"])
    return {**before, "people": list(people.elements()), "types": {name: number for name, number in types.items() if number}}
