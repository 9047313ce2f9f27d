"""Rows into what names patients: `verdicts.parquet`, Groups, the encrypted list of candidates.

Opt-outs, test patients and whoever is on hold are on none, nor whom the site itself leaves off.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.fernet import Fernet, InvalidToken

from cds_service.cohort.groups import member_groups
from cds_service.cohort.purpose import PurposeError
from cds_service.cohort.rows import CALLED, Row
from cds_service.criteria.holding import held_by
from cds_service.criteria.model import Trial

_ID = re.compile(r"(Patient/)?[A-Za-z0-9.-]{1,256}")
_BATCH = 500  # patients in one row group: what is held in memory
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("patient", "arm", "status", "criterion", "verdict", "lean", "open", "recheckOn")]
    + [(name, pa.bool_()) for name in ("review", "presumed")]
)
_COLUMNS = ("patient", "arm", "status", "age", "sex", "recheckOn", "toSettle", "inOtherResearch")
_IN_WORDS = ("toAsk", "toGet")  # too long for a screen


def listed(rows: Iterable[Row]) -> Iterator[Row]:
    """Those who may stand on a list at all."""
    return (row for row in rows if not row["optedOut"] and not row["test"] and not held_by(row["holds"]))


def read_left_off(path: Path) -> frozenset[str]:
    """The patients of a file, an id a line, with `Patient/` before it or without. Raises PurposeError, also where it holds none: a file
    that went wrong must not let anybody be called."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PurposeError(f"{path}: the list of whom to leave off can't be read ({type(error).__name__})") from None
    ids = [line.strip().removeprefix("Patient/") for line in lines if line.strip()]
    wrong = next((number for number, line in enumerate(lines, 1) if line.strip() and not _ID.fullmatch(line.strip())), 0)
    if wrong or not ids:
        raise PurposeError(f"{path}: expected a patient's id a line" + (f"; line {wrong} is none" if wrong else "; there is none"))
    return frozenset(f"Patient/{one}" for one in ids)


def write_verdicts(path: Path, rows: Iterable[Row]) -> int:
    """One line a patient, arm and criterion; returns how many patients."""
    source, patients = listed(rows), 0
    part = path.with_name(f"{path.name}.part")
    with _private(part), pq.ParquetWriter(part, _SCHEMA, compression="zstd") as writer:
        while batch := list(islice(source, _BATCH)):
            patients += len(batch)
            writer.write_table(pa.Table.from_pylist([line for row in batch for line in _verdicts(row)], schema=_SCHEMA))
    part.replace(path)
    return patients


def _verdicts(row: Row) -> Iterator[Row]:
    for arm in row["arms"]:
        for one in arm["criteria"]:
            yield {
                "patient": row["patient"], "arm": arm["id"], "status": arm["status"], "criterion": one["id"],
                **{name: one[name] for name in ("verdict", "lean", "open", "recheckOn", "review", "presumed")},
            }  # fmt: skip


def write_groups(path: Path, trial: Trial, rows: Iterable[Row], as_of: date) -> int:
    """One Group a line, validated; returns how many."""
    from fhir.resources.R4B.group import Group

    lines = [Group.model_validate(one).model_dump_json().encode() + b"\n" for one in member_groups(trial, listed(rows), as_of)]
    part = path.with_name(f"{path.name}.part")
    with _private(part):
        part.write_bytes(b"".join(lines))
    part.replace(path)
    return len(lines)


def write_candidates(path: Path, trial: Trial, rows: Iterable[Row], key: bytes) -> int:
    """Whom to call, best first, as an encrypted CSV; returns how many lines."""
    lines = _called(trial, rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, (*_COLUMNS, *_IN_WORDS), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in line.items()} for line in lines)
    part = path.with_name(f"{path.name}.part")
    with _private(part):
        part.write_bytes(Fernet(key).encrypt(text.getvalue().encode()))
    part.replace(path)
    return len(lines)


def lines_of_called(trial: Trial, rows: Iterable[Row]) -> Iterator[str]:
    """The same for a screen, a line each; what a terminal might take for a command is no more than a mark."""
    yield "  ".join(_COLUMNS)
    for line in _called(trial, rows):
        text = "  ".join("-" if line[name] in (None, "") else str(line[name]) for name in _COLUMNS)
        yield "".join(one if one.isprintable() else "?" for one in text)


def _called(trial: Trial, rows: Iterable[Row]) -> list[Row]:
    """Best first."""
    subjects = {one.id: one.subject for one in trial.criteria}
    lines = [line for row in listed(rows) for line in _candidates(row, subjects)]
    return sorted(lines, key=lambda line: (CALLED.index(line["status"]), line["toSettle"].count(" "), line["patient"], line["arm"]))


def _candidates(row: Row, subjects: Mapping[str, str]) -> Iterator[Row]:
    for arm in row["arms"]:
        if arm["status"] in CALLED:
            unknown = [one for one in arm["criteria"] if one["verdict"] == "unknown"]
            yield {
                "patient": row["patient"], "arm": arm["id"], "status": arm["status"], "age": row["age"], "sex": row["sex"],
                "recheckOn": arm["recheckOn"], "inOtherResearch": "yes" if row["inResearch"] else "", **_to_settle(unknown, subjects),
            }  # fmt: skip


def _to_settle(unknown: list[Row], subjects: Mapping[str, str]) -> Row:
    """The criteria by their ids, those of which people must say something or look at a record, and each thing to get once."""
    asked = [f"{one['id']} {subjects[one['id']]}".strip() for one in unknown if one["open"] == "person" or one["review"]]
    lacking = dict.fromkeys(one["get"] for one in unknown if one["open"] == "data" and one["get"])
    return {"toSettle": " ".join(one["id"] for one in unknown), "toAsk": "; ".join(asked), "toGet": "; ".join(lacking)}


def _cell(value: object) -> object:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


class _private:
    """The file exists, for its owner only, before anything is written to it; it is gone if the writing fails."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._path.unlink(missing_ok=True)


def read_key(path: Path) -> bytes:
    """The key of a file that `cohort key` made. Raises PurposeError."""
    try:
        key = path.read_bytes().strip()
        Fernet(key)
    except OSError as error:
        raise PurposeError(f"{path}: the key can't be read ({error.strerror})") from None
    except ValueError:
        raise PurposeError(f"{path}: is not a key; make one with: cds-service cohort key FILE") from None
    return key


def make_key(path: Path) -> None:
    """Writes a new key, never over an old one. Raises PurposeError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise PurposeError(f"{path}: the key can't be written ({error.strerror})") from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(Fernet.generate_key() + b"\n")


def decrypted(path: Path, key: bytes) -> bytes:
    """The CSV of an encrypted list. Raises PurposeError."""
    try:
        return Fernet(key).decrypt(path.read_bytes())
    except OSError as error:
        raise PurposeError(f"{path}: can't be read ({error.strerror})") from None
    except InvalidToken:
        raise PurposeError(f"{path}: was not encrypted with this key, or was changed") from None
