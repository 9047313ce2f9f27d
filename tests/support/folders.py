"""A folder that this account may not look into, whoever runs the tests: root may look into all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest


def shut(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """From now on whoever lists it is refused, as the operating system would."""
    listed = os.scandir

    def scandir(path: Any = ".") -> Any:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
