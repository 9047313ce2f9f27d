"""The passes of a run over a prepared store: the same functions as over raw files, fed with the lines that can matter."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.cohort.collect import HOLE, Collector, chosen_in, place_of, save
from cds_service.cohort.collect import shelve as shelve_wanted
from cds_service.cohort.evidence import ScopeEvidence
from cds_service.cohort.find import Found, found_in
from cds_service.cohort.prepared.index import ALWAYS
from cds_service.cohort.prepared.layout import LOOSE, Shelves
from cds_service.cohort.prepared.tables import loose_at, places_in, rows_at
from cds_service.cohort.task import Tools

_TOGETHER = 1 << 18  # bytes searched at a time


def find(tools: Tools, number: int) -> None:
    """The parts first, then the lines that are put to every trial."""
    shelves = _shelves(tools)
    if number < shelves.parts:
        rows = rows_at(shelves.rows(number), possible(shelves, number, tools.evidence))
        told = found_in(tools, _chunks(line for _, _, line in rows if not line.startswith(HOLE)))
        found = Found(selected=told.selected)  # all else they say was counted when the store was made
    else:
        found = found_in(tools, (line + b"\n" for line in loose_at(shelves.folder / LOOSE, number - shelves.parts)))
    tools.work.save_json(f"find/{number}.json", found.to_json())


def possible(shelves: Shelves, part: int, evidence: ScopeEvidence) -> list[int]:
    """Where in a part patients stand in whose records a concept may speak for a disease of the trial. Sorted."""
    asked = [kind for kind in (*evidence.types, "QuestionnaireResponse") if not evidence.silent(kind)]
    return places_in(shelves.index(part), asked, lambda kind, concept: concept == ALWAYS or evidence.names(kind, concept))


def collect(tools: Tools, number: int) -> None:
    """Saves the lines of a part's selected patients as the pass over raw files does."""
    shelves, selected = _shelves(tools), chosen_in(tools.work)
    collector = Collector(selected, tools.buckets)
    places = sorted({place for place in map(_place, selected) if place * shelves.parts >> 32 == number})
    for _, patient, line in rows_at(shelves.rows(number), places):
        if patient in selected:
            collector.add(patient, line)
    save(tools.work, number, collector, library=False)


def fetch(tools: Tools, number: int) -> None:
    """Looks through one group of the medications and studies."""
    shelves = _shelves(tools)
    shelve_wanted(tools, number, loose_at(shelves.folder / LOOSE, shelves.asked + number))


def _shelves(tools: Tools) -> Shelves:
    assert tools.shelves is not None
    return tools.shelves


def _place(patient: bytes) -> int:
    return place_of(patient)[0]


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line + b"\n")
        size += len(line)
        if size > _TOGETHER:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
