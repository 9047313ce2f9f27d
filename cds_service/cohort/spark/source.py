"""A path that Spark can read into lines: NDJSON, plain or gzip, and Parquet, whose rows are lines or resources in columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import BinaryType, StringType

from cds_service.cohort.coverage import Export
from cds_service.cohort.prepared import layout
from cds_service.cohort.source import SUFFIXES, SourceError, unpacked
from cds_service.fhir.fetched import NAME, UNFINISHED, Fetched, check, parsed, unfinished

_NDJSON = f"*{{{','.join(SUFFIXES)}}}"
_LETTERS = re.compile(r"[A-Za-z]*")


@dataclass(frozen=True, slots=True)
class Lines:
    """One binary column `line`, each with a newline at its end. `size`: about how many bytes they are; `export`: the files they are of."""

    frame: DataFrame
    size: int
    export: Export


def lines_at(session: SparkSession, source: str) -> Lines:
    """Every line below the path, in no order; of a fetched folder those of the files that were fetched. Raises SourceError where nothing
    there can be read, StoreError for a prepared store, FetchedError where a fetch is not finished or its files are no longer what they
    were."""
    _refuse_store(session, source)
    fetched, files = _fetched(session, source, _files(session, source))
    names = {path: path.rpartition("/")[2] for path in files}
    texts = sorted(path for path, name in names.items() if name.endswith(SUFFIXES))
    parts = [_text(session, source if fetched is None else texts)] if texts else []
    parts += [_rows(_table(session, *group)) for group in _tables(path for path in files if path.endswith(".parquet"))]
    if not parts:
        raise SourceError(f"{source}: holds no file named *.ndjson, *.jsonl, the same with .gz, or *.parquet")
    size = sum(unpacked(name, files[path]) for path, name in names.items() if name.endswith((*SUFFIXES, ".parquet")))
    read = sorted(Path(name) for name in names.values() if name.endswith((*SUFFIXES, ".parquet")))
    return Lines(reduce(DataFrame.unionAll, parts), size, Export(read, fetched))


def _refuse_store(session: SparkSession, source: str) -> None:
    """Its tables hold a record once for each patient that it mentions, and holes in place of what can't be read."""
    place = f"{source.rstrip('/')}/{layout.NAME}"
    if _is_there(session, place) and _is_store(_content(session, place)[1]):
        raise layout.not_for_spark(source)


def _is_store(data: bytes) -> bool:
    try:
        return layout.parsed_content(data) is not None
    except orjson.JSONDecodeError:
        return False


def _content(session: SparkSession, place: str) -> tuple[str, bytes]:
    """A small file's whole path and its bytes."""
    row = session.read.format("binaryFile").load(place).select("path", "content").collect()[0]
    return row["path"], bytes(row["content"])


def _fetched(session: SparkSession, source: str, files: dict[str, int]) -> tuple[Fetched | None, dict[str, int]]:
    """What a manifest at the top says, and the files that it names; without one, all."""
    place = f"{source.rstrip('/')}/{NAME}"
    if _is_there(session, f"{source.rstrip('/')}/{UNFINISHED}"):
        raise unfinished(source)
    if not _is_there(session, place):
        return None, files
    path, data = _content(session, place)
    fetched = parsed(data, place)
    if fetched is None:
        return None, files
    top = _plain(path).removesuffix(NAME)
    check(fetched, lambda name: files.get(top + name))
    return fetched, {top + piece.name: piece.bytes for piece in fetched.files}


def _is_there(session: SparkSession, place: str) -> bool:
    """Spark lists no file that begins with a dot, so the store itself is asked."""
    java: Any = session.sparkContext._jvm  # None only where no session runs
    path = java.org.apache.hadoop.fs.Path(place)
    return bool(path.getFileSystem(session.sparkContext._jsc.hadoopConfiguration()).exists(path))


def _files(session: SparkSession, source: str) -> dict[str, int]:
    """Paths with lengths, without reading what the files hold. A scan passes over empty files, which say that there is none of a type."""
    listed = session.read.format("binaryFile").option("recursiveFileLookup", "true").load(source)
    lengths = {row["path"]: row["length"] for row in listed.select("path", "length").collect()}
    return {**dict.fromkeys(map(_plain, listed.inputFiles()), 0), **{_plain(path): length for path, length in lengths.items()}}


def _plain(path: str) -> str:
    """`file:///a` and `file:/a` are one path, and a name may be percent-encoded in one of them."""
    return unquote(re.sub(r"^file:/+", "file:/", path))


def _text(session: SparkSession, source: str | list[str]) -> DataFrame:
    """Spark takes the bytes of a line as they are, UTF-8 or not."""
    reader = session.read.format("text").option("lineSep", "\n").option("recursiveFileLookup", "true")
    return _ended(reader.option("pathGlobFilter", _NDJSON).load(source), f.col("value").cast("binary"))


def _tables(paths: Iterator[str]) -> list[tuple[str, str]]:
    """(folder, pattern of names): tables of one folder are read together if their names begin with the same word, as types' do."""
    found = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        word = _LETTERS.match(name)
        found.add((folder, f"{word[0] if word else ''}[!A-Za-z]*parquet"))
    return sorted(found)


def _table(session: SparkSession, folder: str, pattern: str) -> DataFrame:
    return session.read.option("pathGlobFilter", pattern).parquet(folder)


def _rows(table: DataFrame) -> DataFrame:
    """One column of text: a resource a row. Else the columns are a resource's members. Raises SourceError for other tables."""
    texts = [field.name for field in table.schema.fields if isinstance(field.dataType, StringType | BinaryType)]
    if table.columns == texts and len(texts) == 1:
        text = f.col(f"`{texts[0]}`").cast("string")
    elif "resourceType" in table.columns:
        members = ["resourceType", *(name for name in table.columns if name != "resourceType")]
        text = f.to_json(f.struct(*(f.col(f"`{name}`") for name in members)), {"ignoreNullFields": "true"})
    else:
        raise SourceError("a Parquet table must have a column resourceType, or one column alone with a resource's JSON")
    return _ended(table, f.translate(text, "\r\n", "  ").cast("binary"))  # between members only: in a string they are escapes


def _ended(frame: DataFrame, line: Column) -> DataFrame:
    return frame.select(f.concat(line, f.lit(b"\n")).alias("line")).where(f.col("line").isNotNull())
