"""Paths given to a command into Bundles: JSON files, NDJSON files, folders of either, standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cds_service.bodies import BodyError, read_json
from cds_service.errors import unreadable
from fhir_mappings.chart import Chart, ChartError, chart_of_bundle


@dataclass(frozen=True, slots=True)
class Item:
    """One input: where it came from, and its chart or why it can't be read."""

    source: str
    chart: Chart | None = None
    error: str | None = None


def read_paths(paths: Iterable[str]) -> Iterator[Item]:
    """Every Bundle of the paths in order; an unreadable one is an Item with its error, the others still come."""
    for path in paths:
        if path == "-":
            yield from _standard_input(sys.stdin.buffer)
        else:
            yield from _path(Path(path))


def _path(path: Path) -> Iterator[Item]:
    try:
        if path.is_dir():
            yield from _folder(path)
        elif path.suffix == ".ndjson":
            with path.open("rb") as lines:
                yield from _lines(lines, str(path))
        else:
            yield _item(path.read_bytes(), str(path))
    except OSError as error:
        yield Item(str(path), error=unreadable(error, "JSON"))


def _folder(path: Path) -> Iterator[Item]:
    if not os.access(path, os.R_OK | os.X_OK):  # it would look empty
        yield Item(str(path), error=unreadable(PermissionError(), "JSON"))
        return
    found = sorted(one for one in path.rglob("*") if one.suffix in (".json", ".ndjson") and one.is_file())
    if not found:
        yield Item(str(path), error="the folder holds no .json or .ndjson file")
    for one in found:
        yield from _path(one)


def _lines(lines: Iterable[bytes], name: str) -> Iterator[Item]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _item(line, f"{name}:{number}")


def _standard_input(stream: BinaryIO) -> Iterator[Item]:
    """One Bundle, or one a line: a first line that is a whole JSON document by itself means NDJSON."""
    text = stream.read()
    first, _, rest = text.strip().partition(b"\n")
    if rest.strip() and first.strip().endswith(b"}"):
        try:
            read_json(first)
        except BodyError:
            yield _item(text, "-")
        else:
            yield from _lines(text.splitlines(), "-")
        return
    yield _item(text, "-")


def _item(text: bytes, source: str) -> Item:
    try:
        return Item(source, chart_of_bundle(read_json(text.removeprefix(b"\xef\xbb\xbf"))))
    except (BodyError, ChartError) as error:
        return Item(source, error=str(error))
