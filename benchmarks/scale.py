"""What a cohort run on Spark costs as the export grows: CPU time of Java and of Python, bytes read, shuffled and brought home.

    python -m benchmarks.scale FOLDER PATIENTS [PATIENTS …]

makes an export of so many patients in FOLDER (0.01 of them with a disease of the trial), runs feasibility on two threads of this machine
with Spark's event log on, prints a line of totals and one for each of Spark's stages that took a second, and removes what it made.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from benchmarks.cohort import into_page_cache
from benchmarks.hospital import AS_OF, write

_TICKS = os.sysconf("SC_CLK_TCK")


def main(folder: Path, sizes: list[int]) -> None:
    print("patients  source MB   wall s   Java s Python s  tasks s  read MB  shuffled MB")
    each = []
    for patients in sizes:
        try:
            each.append(_measured(folder, patients) / patients)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"scale ratio {each[-1] / each[0]:.2f}")  # of what a patient costs: the last size beside the first


def _measured(folder: Path, patients: int) -> float:
    """Seconds of processor time of the run."""
    source, log = folder / "in", folder / "log"
    size = write(source, patients)
    log.mkdir()
    into_page_cache(source)
    began = time.perf_counter()
    java, python = _cpu_seconds(_run(source, folder / "out", log))
    wall = time.perf_counter() - began
    stages = _stages(log)
    sums = sum(stages.values(), Counter())
    numbers = (wall, java, python, sums["seconds"], sums["read"] / 1e6, sums["shuffled"] / 1e6)
    print(f"{patients:8} {size / 1e6:10.0f} " + " ".join(f"{one:8.1f}" for one in numbers), flush=True)
    for stage, held in sorted(stages.items()):
        if held["seconds"] >= 1:
            read, shuffled = held["read"] / 1e6, held["shuffled"] / 1e6
            print(f"    stage {stage}: {held['tasks']} tasks, {held['seconds']:.1f} s, {read:.0f} MB read, {shuffled:.1f} MB shuffled")
    return java + python


def _run(source: Path, out: Path, log: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "cds_service.cli",
        "cohort",
        "run",
        "cc312",
        "--engine",
        "spark",
        "--whole",
        "--purpose",
        "feasibility",
    ]
    settings = {"spark.master": "local[2]", "spark.eventLog.enabled": "true", "spark.eventLog.dir": log.as_uri()}
    settings |= {"spark.eventLog.compress": "false", "spark.eventLog.rolling.enabled": "false"}
    given = [word for key, value in settings.items() for word in ("--spark", f"{key}={value}")]
    command += ["--source", str(source), "--out", str(out), "--as-of", AS_OF.isoformat(), *given]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    )


def _cpu_seconds(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """Of Java and of Python: the process and all that it started (Linux), as last seen of each."""
    seen: dict[int, tuple[str, float]] = {}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            seen.update(_ticks(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    done.set()
    watcher.join()
    assert code == 0, code
    java = sum(seconds for name, seconds in seen.values() if name == "java")
    return java, sum(seconds for _, seconds in seen.values()) - java


def _ticks(root: int) -> dict[int, tuple[str, float]]:
    found: dict[int, tuple[str, float]] = {}
    left = [root]
    while left:
        pid = left.pop()
        try:
            name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
            held = rest.split()
            for thread in Path(f"/proc/{pid}/task").iterdir():
                left += [int(one) for one in (thread / "children").read_text().split()]
        except OSError:
            continue
        found[pid] = (name, (int(held[11]) + int(held[12])) / _TICKS)
    return found


def _stages(log: Path) -> dict[int, Counter[str]]:
    """Of Spark's event log: seconds that tasks ran, bytes of the source (and of what was kept of an earlier pass), bytes shuffled."""
    found: dict[int, Counter[str]] = {}
    for line in next(one for one in log.rglob("*") if one.is_file()).open():
        event = json.loads(line)
        if event["Event"] == "SparkListenerTaskEnd":
            held, metrics = found.setdefault(event["Stage ID"], Counter()), event["Task Metrics"]
            held["tasks"] += 1
            held["seconds"] += metrics["Executor Run Time"] / 1000
            held["read"] += metrics["Input Metrics"]["Bytes Read"]
            held["shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(one) for one in sys.argv[2:]])
