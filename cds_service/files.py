"""Bytes into a file that is there whole or not at all, whenever the process dies, and that its owner alone may read."""

from __future__ import annotations

import os
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
