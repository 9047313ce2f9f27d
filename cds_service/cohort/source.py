"""A folder of exported NDJSON files into lines: byte ranges that workers share, each line bounded, cleaned and whole."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from cds_service.errors import ServiceError, unreadable
from cds_service.files import below

LONGEST_LINE = 10_000_000  # bytes; what the reference Bulk Data client takes. No FHIR resource without a document inside comes near.
UNIT = 64_000_000  # bytes of a plain file that one task reads; a compressed file can't be entered in its middle and is one task
_BOM = b"\xef\xbb\xbf"
SUFFIXES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
STEP = 1 << 18  # bytes searched at a time


class SourceError(ServiceError):
    """The folder can't be used as an export: the message names a file, never what stands in it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A share of one file: the lines that begin in [start, end). `number` names its results."""

    number: int
    path: Path
    start: int
    end: int

    @property
    def compressed(self) -> bool:
        return self.path.suffix == ".gz"


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its ending. `long`: it goes on beyond what is read, and only its beginning is here."""

    data: bytes
    long: bool = False


def files_of(folder: Path) -> list[Path]:
    """The NDJSON files below a folder, in a stable order. Raises SourceError where there are none, or not all can be seen."""
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder")
    found = [path for path in below(folder, _refused) if path.name.endswith(SUFFIXES)]
    if not found:
        raise SourceError(f"{folder}: holds no file named *.ndjson, *.jsonl or the same with .gz")
    return found


def _refused(error: OSError) -> None:
    raise SourceError(f"{error.filename}: {unreadable(error, 'NDJSON')}") from None


def unpacked(name: str, size: int) -> int:
    """About how many bytes a file of that name holds: NDJSON shrinks to an eighth, as does a table of it."""
    return size * 8 if name.endswith((".gz", ".parquet")) else size


def units_of(files: list[Path], size: int = UNIT) -> list[Unit]:
    """The files cut into units of about `size` bytes."""
    units: list[Unit] = []
    for path in files:
        total = path.stat().st_size
        step = max(total, 1) if path.suffix == ".gz" else size
        units += [Unit(len(units) + at, path, start, min(start + step, total)) for at, start in enumerate(range(0, max(total, 1), step))]
    return units


def chunks_of(unit: Unit) -> Iterator[bytes]:
    """Whole lines together, about a step at a time, for searches over many lines at once; `lines_in` gives them one by one.

    Raises SourceError for a file that is damaged or can't be read.
    """
    try:
        with gzip.open(unit.path, "rb") if unit.compressed else unit.path.open("rb") as stream:
            yield from _chunks(cast(IO[bytes], stream), unit)
    except PermissionError as error:
        raise SourceError(f"{unit.path.name}: {unreadable(error, 'NDJSON')}") from None
    except (OSError, EOFError, zlib.error) as error:  # gzip.BadGzipFile is an OSError
        raise SourceError(f"{unit.path.name}: can't be read to its end ({type(error).__name__}); fetch it again") from None


def _chunks(stream: IO[bytes], unit: Unit) -> Iterator[bytes]:
    place, end = 0, None if unit.compressed else unit.end
    if unit.start and end is not None:
        stream.seek(unit.start - 1)
        place = unit.start - 1 + _skip(stream)
    while end is None or place < end:
        data = stream.read(STEP if end is None else min(STEP, end - place))
        if not data:
            return
        if not data.endswith(b"\n"):
            data += stream.readline(LONGEST_LINE + 1)
        place += len(data)
        if len(data) > LONGEST_LINE and not data.endswith(b"\n"):
            place += _skip(stream)
        yield data


def lines_in(chunk: bytes) -> Iterator[Line]:
    """The lines of a chunk, blank ones left out; of one that is too long only the beginning is there."""
    for data in chunk.split(b"\n"):
        clean = data.removeprefix(_BOM).strip()
        if clean:
            yield Line(clean, len(data) > LONGEST_LINE)


def lines_of(unit: Unit) -> Iterator[Line]:
    """The lines that begin in the unit. Raises SourceError."""
    for chunk in chunks_of(unit):
        yield from lines_in(chunk)


def _skip(stream: IO[bytes]) -> int:
    """Passes over the rest of the line in small steps; returns how many bytes that were."""
    passed = 0
    while data := stream.readline(STEP):
        passed += len(data)
        if data.endswith(b"\n"):
            break
    return passed
