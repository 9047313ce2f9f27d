"""Lines and an index into Parquet that can be read in small pieces, and back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cds_service import files

Row = tuple[int, bytes, bytes]  # the patient's place, the patient, the line
Concept = tuple[str, bytes]  # the type of the record, the concept as JSON
GROUP = 1_000_000  # bytes of lines read together: few patients, so that few others are read with one
_ROWS = pa.schema([("place", pa.uint32()), ("patient", pa.binary()), ("line", pa.binary())])
_INDEX = pa.schema([("type", pa.string()), ("concept", pa.binary()), ("places", pa.list_(pa.uint32()))])
_LOOSE = pa.schema([("line", pa.binary())])


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Rows in their order."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, _ROWS, compression="zstd", use_dictionary=["patient"], write_statistics=["place"]) as writer:
        for group in _groups(rows):
            writer.write_table(pa.table(list(zip(*group, strict=True)), schema=_ROWS))
    files.save(path, sink.getvalue())


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    held: list[Row] = []
    size = 0
    for row in rows:
        if held and size + len(row[2]) > GROUP and row[0] != held[-1][0]:
            yield held
            held, size = [], 0
        held.append(row)
        size += len(row[2])
    if held:
        yield held


def rows_at(path: Path, places: Sequence[int]) -> Iterator[Row]:
    """The rows of those places (sorted), and no other row group than theirs is read."""
    if not places:
        return
    with pq.ParquetFile(path) as source:
        for number in range(source.num_row_groups):
            about = source.metadata.row_group(number).column(0).statistics
            at = bisect_left(places, about.min)
            if at < len(places) and places[at] <= about.max:
                yield from _rows_in(source, number, frozenset(places))


def _rows_in(source: pq.ParquetFile, number: int, places: frozenset[int]) -> Iterator[Row]:
    table = source.read_row_group(number, use_threads=False)
    patients, lines = table.column("patient"), table.column("line")
    for at, place in enumerate(table.column("place").to_pylist()):
        if place in places:
            yield place, patients[at].as_py(), lines[at].as_py()


def all_rows(path: Path) -> Iterator[Row]:
    """Every row, in the order of their places."""
    with pq.ParquetFile(path) as source:
        for number in range(source.num_row_groups):
            columns = source.read_row_group(number, use_threads=False).columns
            yield from zip(*(column.to_pylist() for column in columns), strict=True)


def write_index(path: Path, index: Mapping[Concept, set[int]]) -> None:
    """Of each concept, in records of which type it stands, and at which patients' places."""
    held = sorted(index.items())
    columns = [[key[0] for key, _ in held], [key[1] for key, _ in held], [sorted(places) for _, places in held]]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=_INDEX), sink, compression="zstd")
    files.save(path, sink.getvalue())


def concepts_at(path: Path) -> Iterator[tuple[Concept, list[int]]]:
    """The whole index."""
    table = pq.read_table(path, use_threads=False, partitioning=None)
    kinds, concepts, places = (column.to_pylist() for column in table.columns)
    yield from zip(zip(kinds, concepts, strict=True), places, strict=True)


def places_in(path: Path, types: Iterable[str], wanted: Callable[[str, bytes], bool]) -> list[int]:
    """Where patients stand in whose records of those types there is a wanted concept. Sorted."""
    table = pq.read_table(path, filters=[("type", "in", sorted(types))], use_threads=False, partitioning=None)
    places, found = table.column("places"), set[int]()
    for at, (kind, concept) in enumerate(zip(table.column("type").to_pylist(), table.column("concept").to_pylist(), strict=True)):
        if wanted(kind, concept):
            found.update(places[at].as_py())
    return sorted(found)


def write_loose(path: Path, kinds: Sequence[Iterable[bytes]], group: int = 16 * GROUP) -> list[int]:
    """Lines of several kinds one after the other, each kind beginning a row group; returns how many groups each has."""
    counts = []
    part = path.with_name(f"{path.name}.part")
    with files.private(part) as sink, pq.ParquetWriter(sink, _LOOSE, compression="zstd", use_dictionary=False) as writer:
        for lines in kinds:
            counts.append(0)
            for held in _sized(lines, group):
                writer.write_table(pa.table([held], schema=_LOOSE))
                counts[-1] += 1
    part.replace(path)
    return counts


def _sized(lines: Iterable[bytes], most: int) -> Iterator[list[bytes]]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size > most:
            yield held
            held, size = [], 0
    if held:
        yield held


def loose_at(path: Path, number: int) -> list[bytes]:
    """The lines of one row group."""
    with pq.ParquetFile(path) as source:
        lines: list[bytes] = source.read_row_group(number, use_threads=False).column("line").to_pylist()
        return lines


def packed(lines: Iterable[bytes]) -> bytes:
    """Lines for a while on disk: they shrink to a tenth."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        for line in lines:
            stream.write(line)
            stream.write(b"\n")
    found: bytes = sink.getvalue().to_pybytes()
    return found


def unpacked(path: Path) -> list[bytes]:
    """The lines again."""
    with pa.OSFile(str(path)) as file, pa.CompressedInputStream(file, "zstd") as stream:
        lines: list[bytes] = stream.read().split(b"\n")
        return lines[:-1]
