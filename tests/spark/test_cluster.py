"""The command on a real cluster, a master and a worker of their own processes on loopback: the local command's files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cohort.test_same_as_elsewhere import DEMO
from tests.spark.conftest import QUICK
from tests.support.exports import export

ROOT = Path(__file__).resolve().parents[2]
_MASTER, _WORKER = re.compile(r"Starting Spark master at (spark://\S+)"), re.compile(r"Successfully registered with master")


def _environment(folder: Path) -> dict[str, str]:
    held = {key: value for key, value in os.environ.items() if key not in ("SPARK_HOME", "SPARK_CONF_DIR")}
    paths = {"SPARK_LOCAL_DIRS": str(folder / "local"), "SPARK_WORKER_DIR": str(folder / "worker"), "SPARK_LOG_DIR": str(folder)}
    return {**held, **paths, "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable,
            "TRIAL_CDS_PREPARATORY_FILES": "on"}  # fmt: skip


@contextmanager
def _started(folder: Path, name: str, said: re.Pattern[str], *words: str) -> Iterator[str]:
    """Runs the process; what it says when it is ready. The rest of its log is read by a thread, and let go."""
    import pyspark

    program = str(Path(pyspark.__file__).parent / "bin" / "spark-class")
    command = [program, f"org.apache.spark.deploy.{name.lower()}.{name}", "--host", "127.0.0.1", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment(folder)) as process:
        assert process.stdout is not None
        heard, found = [], None
        for line in process.stdout:
            heard.append(line)
            if found := said.search(line):
                break
        rest = threading.Thread(target=deque, args=(process.stdout, 0))
        rest.start()
        try:
            assert found, f"{name} did not start: {''.join(heard)[-2000:]}"
            yield found[found.lastindex or 0]
        finally:
            process.terminate()
            rest.join()


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a master with one worker of two cores."""
    folder = tmp_path_factory.mktemp("cluster")
    with _started(folder, "Master", _MASTER, "--port", "0", "--webui-port", "0") as address:
        words = ("--cores", "2", "--memory", "2g", "--webui-port", "0", address)
        with _started(folder, "Worker", _WORKER, *words):
            yield address


def _cohort(folder: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    given = ["--source", str(folder / "in"), "--out", str(out), "--as-of", "2026-11-22", "--purpose", "prep-to-research"]
    command = [sys.executable, "-m", "cds_service.cli", "cohort", "run", "cc312", *given, "--attestation", "to plan a protocol", "--group"]
    return subprocess.run([*command, *more], env=_environment(folder), capture_output=True, text=True, timeout=500, check=False, cwd=folder)


def test_a_cluster_writes_the_files_of_the_local_run(master: str, tmp_path: Path) -> None:
    """Counts, report, verdicts and Groups byte for byte; nothing of a record is left, and no id stands in what Spark said."""
    export(tmp_path / "in", [one for chart in DEMO for one in chart])
    assert _cohort(tmp_path, tmp_path / "local", "--workers", "1").returncode == 0
    settings = {"spark.master": master, "spark.executor.memory": "1g", **QUICK}
    words = [word for key, value in settings.items() for word in ("--spark", f"{key}={value}")]
    done = _cohort(tmp_path, tmp_path / "spark", "--engine", "spark", *words)
    assert done.returncode == 0, done.stderr[-3000:]
    names = sorted(path.name for path in (tmp_path / "local").iterdir())
    assert sorted(path.name for path in (tmp_path / "spark").iterdir()) == names
    for name in set(names) - {"cohort-audit.jsonl"}:
        assert (tmp_path / "spark" / name).read_bytes() == (tmp_path / "local" / name).read_bytes(), name
    ids = [one["id"] for chart in DEMO for one in chart if one["resourceType"] == "Patient"]
    assert not [name for name in ids if name in done.stdout + done.stderr]


def test_what_spark_refuses_is_told_in_a_line(tmp_path: Path) -> None:
    """Status 1 and one line that says that Spark stopped, no trace of the program."""
    export(tmp_path / "in", DEMO[0])
    done = _cohort(tmp_path, tmp_path / "out", "--engine", "spark", "--spark", "spark.master=nothing-of-the-kind")
    assert done.returncode == 1
    assert "error: Spark stopped" in done.stderr
    assert 'File "' not in done.stderr
