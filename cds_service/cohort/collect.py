"""The second pass: the lines of the patients to evaluate, spread over files small enough to hold one at a time; then what they point to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import orjson

from cds_service.cohort.find import LIBRARY, patient_of
from cds_service.cohort.lines import Json, Unreadable, all_mentioned, is_opaque, is_plain, mentioned, parse, type_of, uuids
from cds_service.cohort.source import Line, chunks_of, lines_in, lines_of
from cds_service.cohort.task import Tools
from cds_service.cohort.work import Work
from fhir_mappings.chart import READ_BESIDE, READ_TYPES
from fhir_mappings.identity import token

READ = frozenset((*READ_TYPES, *READ_BESIDE, "Patient"))
_OUTWARD = re.compile(rb'(?:Medication|ResearchStudy)/([^"/|#?\s]+)')
_NAMES = re.compile(rb'"(?:id|value)"\s*:\s*"([^"\\]+)"')
_LOGICAL = re.compile(rb'"(?:medicationReference|itemReference|instance|study|reference)"\s*:\s*\{')
_POINTING = frozenset(
    (
        "AdverseEvent",
        "List",
        "Medication",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationRequest",
        "MedicationStatement",
        "ResearchSubject",
    )
)
HOLE = b"!"
BUCKET = 24_000_000  # bytes of selected lines that a process is meant to hold at a time
FEWEST = 8


def place_of(patient: bytes) -> tuple[int, bytes]:
    """Where a patient stands among the rows: the same for every engine, process, run and number of buckets."""
    return crc32(patient), patient


def bucket_of(patient: bytes, buckets: int) -> int:
    """Where a patient's lines are kept: bucket after bucket, patients stand in the order of their places."""
    return crc32(patient) * buckets >> 32


def bucket_count(size: int, selected: int, people: int, most: int) -> int:
    """As many as hold what a process is meant to take at a time, if the selected have as much of `size` bytes as everybody."""
    return max(FEWEST, min(most, size * selected // max(people, 1) // BUCKET + 1))


def collect(tools: Tools, number: int) -> None:
    """Reads a unit and saves the lines of selected patients by bucket, each as `id TAB line`."""
    found = tools.work.load(f"find/{number}.json")
    collector = Collector(chosen_in(tools.work), tools.buckets)
    for chunk in chunks_of(tools.units[number]):
        collector.search(chunk, found["regular"])
    save(tools.work, number, collector, library=not {*LIBRARY}.isdisjoint(found["types"]))


def save(work: Work, number: int, collector: Collector, library: bool) -> None:
    """What a share told. `library`: whether medications or studies stand in it."""
    for bucket, lines in collector.lines.items():
        work.save(f"lines/{bucket}/{number}", b"\n".join(lines))
    result = {"buckets": sorted(collector.lines), "wanted": sorted(collector.wanted), "library": library}
    work.save_json(f"collect/{number}.json", result)


def chosen_in(work: Work) -> frozenset[bytes]:
    """Whose lines are collected."""
    chosen = work.folder / "selected.json"
    return _selected(chosen, chosen.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _selected(path: Path, written: int) -> frozenset[bytes]:
    """Kept by a process from one share to the next, as long as the file is the same."""
    return frozenset(one.encode() for one in orjson.loads(path.read_bytes()))


class Everybody(frozenset[bytes]):
    """The ids of whoever there is."""

    def __contains__(self, patient: object) -> bool:
        return True


def _passed(kind: str) -> bool:
    """Whether lines of that type belong to nobody's record here."""
    return kind in LIBRARY or kind not in READ


class Collector:
    """The lines of selected patients by bucket, and what they point to."""

    def __init__(self, selected: frozenset[bytes], buckets: int) -> None:
        self.lines: dict[int, list[bytes]] = {}
        self.wanted: set[str] = set()
        self._selected, self._buckets = selected, buckets

    def search(self, chunk: bytes, regular: bool) -> None:
        """A regular chunk that refers to nobody selected is passed over whole."""
        if not regular:
            for line in lines_in(chunk):
                self.read(line)
        elif not _passed(kind := type_of(chunk) or "") and not self._selected.isdisjoint(all_mentioned(chunk)):
            for line in lines_in(chunk):
                self._plain(line, kind)

    def read(self, line: Line) -> None:
        data, kind = line.data, type_of(line.data)
        if kind is not None and _passed(kind):
            return
        if kind is None or kind == "Patient" or not is_plain(data):
            self._parsed(line)
        elif is_opaque(data):
            if self._theirs(data):
                self._parsed(line)
        else:
            self._plain(line, kind)

    def _plain(self, line: Line, kind: str) -> None:
        for patient in {one for one in mentioned(line.data) if one in self._selected}:
            self._keep(patient, line, kind)

    def _parsed(self, line: Line) -> None:
        try:
            resource = parse(line)
        except Unreadable:
            for patient in self._theirs(line.data):
                self._hole(patient, type_of(line.data))
            return
        owner = (owner_of(resource) or "").encode()
        if owner in self._selected:
            self._keep(owner, line, resource["resourceType"])

    def _theirs(self, data: bytes) -> set[bytes]:
        """The selected among all that a line refers to."""
        return {one for one in (*mentioned(data), *uuids(data)) if one in self._selected}

    def _keep(self, patient: bytes, line: Line, kind: str) -> None:
        if line.long or not line.data.endswith(b"}"):
            self._hole(patient, kind)
            return
        self.add(patient, line.data)

    def _hole(self, patient: bytes, kind: str | None) -> None:
        self.add(patient, HOLE + (kind or "").encode())

    def add(self, patient: bytes, data: bytes) -> None:
        """A line of a patient, or a hole where one can't be read."""
        if not data.startswith(HOLE):
            self.wanted.update(outward(data))
        self.lines.setdefault(bucket_of(patient, self._buckets), []).append(patient + b"\t" + data)


def owner_of(resource: Json) -> str | None:
    """Whose record a resource belongs to; a Patient's is its own."""
    return token(resource.get("id")) if resource["resourceType"] == "Patient" else patient_of(resource)


def outward(data: bytes) -> set[str]:
    """Ids (or values of identifiers) of the medications and studies that a line points to; rather too many than too few."""
    kind = type_of(data)
    if kind is not None and kind not in _POINTING:
        return set()
    found = set(_OUTWARD.findall(data))
    if _LOGICAL.search(data) and (b'"identifier"' in data or b"\\/" in data):
        found.update(_NAMES.findall(data))
    if is_opaque(data):
        found.update(uuids(data))
    return {one.decode("utf-8", "replace") for one in found}


def library_names(data: bytes) -> set[bytes]:
    """What a medication or a study may be pointed to with: rather too many names than too few; none of other types."""
    return set(_NAMES.findall(data)) if type_of(data) in (*LIBRARY, None) else set()


def fetch(tools: Tools, number: int) -> None:
    """Reads a unit again for its medications and studies."""
    shelve(tools, number, (line.data for line in lines_of(tools.units[number])))


def shelve(tools: Tools, number: int, lines: Iterable[bytes]) -> None:
    """Saves those of the medications and studies that a selected patient's record points to."""
    wanted = frozenset(one.encode() for one in tools.work.load("wanted.json"))
    kept, further = [], set()
    for data in lines:
        if library_names(data) & wanted:
            kept.append(data)
            further |= outward(data)
    tools.work.save(f"library/{number}", b"\n".join(kept))
    tools.work.save_json(f"fetch/{number}.json", {"wanted": sorted(further)})
