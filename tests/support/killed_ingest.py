"""An ingest in a process of its own that is killed after so many files, and what is then in the store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import os, signal, sys
from pathlib import Path
from cds_service import files
from cds_service.cohort.prepared.ingest import Order, ingest

save, most, done = files.save, int(sys.argv[3]), 0
def counted(path, data):
    global done
    if done == most:
        os.kill(os.getpid(), signal.SIGKILL)
    done += 1
    save(path, data)
files.save = counted
changes = sys.argv[4] == "changes"
ingest(Order(Path(sys.argv[1]), Path(sys.argv[2]), workers=1, unit=60_000, part=200_000, quiet=True, changes=changes))
print(done)
"""


def ingested(source: Path, store: Path, writes: int | None = None, changes: bool = False) -> int:
    """How many files were saved; where the process was killed after so many, its exit status."""
    told = [str(source), str(store), str(-1 if writes is None else writes), "changes" if changes else "whole"]
    done = subprocess.run([sys.executable, "-c", _SCRIPT, *told], check=False, env=os.environ, timeout=120, capture_output=True)
    return done.returncode or int(done.stdout)


def bytes_of(store: Path) -> dict[str, bytes]:
    return {str(path.relative_to(store)): path.read_bytes() for path in sorted(store.rglob("*")) if path.is_file()}
