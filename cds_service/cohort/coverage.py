"""A folder of records into the files to read and how whole each resource type in them is: absence counts where retrieval was whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cds_service.cohort.source import files_of
from cds_service.fhir.fetched import Fetched, read
from fhir_mappings.chart import READ_TYPES
from fhir_mappings.inputs import State

_WORDS = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Coverage:
    """`less`: the types that are not whole, each with its state. `holes`: those that are, but for some patients."""

    less: tuple[tuple[str, State], ...] = ()
    holes: tuple[tuple[str, frozenset[str]], ...] = ()

    def states(self, patient: str = "") -> dict[str, State]:
        own = {name: State.PARTIAL for name, patients in self.holes if patient in patients}
        return {**dict.fromkeys(READ_TYPES, State.WHOLE), **own, **dict(self.less)}

    def of(self, *states: State) -> set[str]:
        """The types that are so, for anybody."""
        holes = {name for name, _ in self.holes} if State.PARTIAL in states else set()
        return {name for name, state in self.less if state in states} | holes


@dataclass(frozen=True, slots=True)
class Export:
    """The files, and what our own fetch says of them; without a fetch nothing says of what they are all."""

    files: list[Path]
    fetched: Fetched | None = None


def export_of(folder: Path) -> Export:
    """Raises SourceError, or FetchedError where a fetch is not finished or its files are no longer what they were."""
    fetched = read(folder) if folder.is_dir() else None
    if fetched is None:
        return Export(files_of(folder))
    return Export(sorted(folder / piece.name for piece in fetched.files), fetched)


def coverage_of(export: Export, lines: Mapping[str, int], whole: bool, left_out: Iterable[str]) -> Coverage:
    """`lines`: how many of each type there are; `whole`: the caller's word that a folder without a manifest lacks nothing; `left_out`:
    their word that it lacks these. A type without a file in a complete fetch is empty; without a manifest it is not provided."""
    named = {word for path in export.files for word in _WORDS.findall(path.name)}
    holes = {name: patients for name, patients in holes_of(export).items() if name not in left_out}
    found = {}
    for name in (*READ_TYPES, "Patient"):
        if name in left_out:
            found[name] = State.NOT_PROVIDED
        elif export.fetched is not None:
            found[name] = State.WHOLE if name in holes else export.fetched.state(name)
        else:
            found[name] = State.WHOLE if whole or lines.get(name) or name in named else State.NOT_PROVIDED
    less = tuple(sorted((name, state) for name, state in found.items() if state is not State.WHOLE))
    return Coverage(less, tuple(sorted(holes.items())))


def holes_of(export: Export) -> dict[str, frozenset[str]]:
    """By type, the patients of whom alone something is missing."""
    types = export.fetched.types if export.fetched else {}
    return {name: frozenset(one.patients) for name, one in types.items() if one.state is State.PARTIAL and one.patients}


def unclear(export: Export, telling: Collection[str]) -> set[str]:
    """Of whom something is missing that may tell of a scope: as with a line that can't be read, they are evaluated."""
    return {patient for name, patients in holes_of(export).items() if name in telling for patient in patients}
