"""Paths given to a command into Bundles: JSON files, NDJSON files, folders of either, standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from cds_service.bodies import BodyError, read_json
from cds_service.errors import unreadable
from cds_service.files import below
from fhir_mappings.chart import Chart, ChartError, chart_of_bundle
from fhir_mappings.units import clip


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
            yield from _ndjson(path)
        else:
            yield _item(path.read_bytes(), str(path))
    except OSError as error:
        yield Item(str(path), error=unreadable(error, "JSON"))


def _folder(folder: Path) -> Iterator[Item]:
    shut: list[OSError] = []
    found = [one for one in below(folder, shut.append) if one.suffix in (".json", ".ndjson")]
    yield from (Item(str(error.filename), error=unreadable(error, "JSON")) for error in shut)
    if not found and not shut:
        yield Item(str(folder), error="the folder holds no .json or .ndjson file")
    for one in found:
        yield from _path(one)


def _ndjson(path: Path) -> Iterator[Item]:
    """Its Bundles; a file of an export is one error, not one a line. Raises OSError."""
    kind = _exported(path)
    if kind:
        yield Item(str(path), error=f"holds {kind} resources and no Bundle: an export is for `cds-service cohort run`")
        return
    with path.open("rb") as lines:
        yield from _lines(lines, str(path))


def _exported(path: Path) -> str | None:
    """The type of the first resource of a file in which no line can be a Bundle, as in an export. Raises OSError."""
    with path.open("rb") as lines:
        first = next((line for line in lines if line.strip()), b"")
        if any(b'"Bundle"' in line for line in chain([first], lines)):
            return None
    try:
        body = read_json(first)
    except BodyError:
        return None
    kind = body.get("resourceType") if isinstance(body, dict) else None
    return clip(kind) if isinstance(kind, str) else None


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
