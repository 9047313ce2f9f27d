"""A folder of records into the files to read and how whole each resource type in them is: absence counts where retrieval was whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cds_service.cohort.source import files_of
from cds_service.fhir.fetched import Fetched, read
from fhir_mappings.chart import READ_TYPES
from fhir_mappings.inputs import State

_WORDS = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Coverage:
    """`less`: the types that are not whole, each with its state."""

    less: tuple[tuple[str, State], ...] = ()

    def states(self) -> dict[str, State]:
        return {**dict.fromkeys(READ_TYPES, State.WHOLE), **dict(self.less)}

    def of(self, *states: State) -> set[str]:
        return {name for name, state in self.less if state in states}


@dataclass(frozen=True, slots=True)
class Export:
    """The names of the files, and what our own fetch says of them; without a fetch nothing says of what they are all. `files`: where they
    are, if on this machine's disk."""

    names: tuple[str, ...]
    fetched: Fetched | None = None
    files: list[Path] = field(default_factory=list)


def export_of(folder: Path) -> Export:
    """Raises SourceError, or FetchedError where a fetch is not finished or its files are no longer what they were."""
    fetched = read(folder) if folder.is_dir() else None
    files = files_of(folder) if fetched is None else sorted(folder / piece.name for piece in fetched.files)
    return Export(tuple(path.name for path in files), fetched, files)


def coverage_of(export: Export, lines: Mapping[str, int], whole: bool, left_out: Iterable[str]) -> Coverage:
    """`lines`: how many of each type there are; `whole`: the caller's word that a folder without a manifest lacks nothing; `left_out`:
    their word that it lacks these. A type without a file in a complete fetch is empty; without a manifest it is not provided."""
    named = {word for name in export.names for word in _WORDS.findall(name)}
    found = {}
    for name in (*READ_TYPES, "Patient"):
        if name in left_out:
            found[name] = State.NOT_PROVIDED
        elif export.fetched is not None:
            found[name] = export.fetched.state(name)
        else:
            found[name] = State.WHOLE if whole or lines.get(name) or name in named else State.NOT_PROVIDED
    return Coverage(tuple(sorted((name, state) for name, state in found.items() if state is not State.WHOLE)))
