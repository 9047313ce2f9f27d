"""A run that is killed and started again: the result of a run that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cohort.test_same_as_elsewhere import DEMO
from tests.support.exports import export

_KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from cds_service.cohort.run import Plan, scan
from cds_service.cohort.task import Setup
from cds_service.cohort.work import Work

save, left = Work.save, int(sys.argv[3])
def counted(self, name, data):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    save(self, name, data)
Work.save = counted
scan(Plan(Setup("cc312", date(2026, 11, 22)), Path(sys.argv[1]), Path(sys.argv[2]), workers=1, unit=60_000, quiet=True))
"""


def _run(source: Path, work: Path, writes: int) -> int:
    return subprocess.run(
        [sys.executable, "-c", _KILLED, str(source), str(work), str(writes)], check=False, env=os.environ, timeout=120
    ).returncode


def _results(work: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((work / "rows").glob("*.ndjson"))}


@pytest.mark.parametrize("writes", [4, 25, 60])
def test_killed_and_continued_is_the_same(tmp_path: Path, writes: int) -> None:
    """kill -9 while files are found, collected or evaluated, then the same command: the same rows, byte for byte."""
    source = export(tmp_path / "in", [one for chart in DEMO[:10] for one in chart])
    assert _run(source, tmp_path / "whole", 10**6) == 0
    assert _run(source, tmp_path / "killed", writes) == -signal.SIGKILL
    assert _run(source, tmp_path / "killed", 10**6) == 0
    assert _results(tmp_path / "killed") == _results(tmp_path / "whole")
