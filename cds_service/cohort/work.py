"""The work folder of a run: results of its tasks by name, written whole or not at all, so that a killed run goes on where it was."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from cds_service import files

_PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Work:
    """A folder that only its owner may read: it holds copies of patients' records until the run ends."""

    folder: Path

    def open(self, plan: object) -> bool:
        """Makes the folder ready for this plan; True where an earlier run of the same plan can be continued."""
        text = orjson.dumps(plan, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
        held = self.folder / _PLAN
        if held.is_file() and held.read_bytes() == text:
            return True
        self.remove()
        self.folder.mkdir(parents=True, mode=0o700)
        self.save(_PLAN, text)
        return False

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def save(self, name: str, data: bytes) -> None:
        """The file is there whole or not at all, whenever the process dies."""
        files.save(self.folder / name, data)

    def save_json(self, name: str, value: object) -> None:
        self.save(name, orjson.dumps(value))

    def load(self, name: str) -> Any:
        return orjson.loads((self.folder / name).read_bytes())

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def fingerprint(found: Iterable[Path]) -> list[list[object]]:
    """What tells a folder's content from an earlier one: names, sizes and times of change."""
    return [[str(path), (stat := path.stat()).st_size, stat.st_mtime_ns] for path in found]


def digest_of(found: Iterable[Path]) -> str:
    """The content of small files (definitions, concept maps) as one number."""
    total = hashlib.sha256()
    for path in found:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
