"""Bytes into a file that is there whole or not at all, whenever the process dies, and that its owner alone may read; a folder into its
files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def save(path: Path, data: bytes) -> None:
    """Makes its folder where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with private(part) as stream:
        stream.write(data)
    part.replace(path)


def private(path: Path) -> BinaryIO:
    """Opens a file for writing, anew and empty, for its owner only from the first moment."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def below(folder: Path, shut: Callable[[OSError], object]) -> list[Path]:
    """All files of a folder and of those in it, in a stable order. `shut` is given the fault of each folder that can't be looked into:
    what it holds must not seem not to be there."""
    found = (Path(place) / name for place, _, names in os.walk(folder, onerror=shut) for name in names)
    return sorted(path for path in found if _is_file(path))


def _is_file(path: Path) -> bool:
    """What may not be asked is taken for one: whoever opens it is told why not."""
    try:
        return path.is_file()
    except OSError:
        return True
