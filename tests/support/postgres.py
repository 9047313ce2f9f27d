"""A PostgreSQL of the tests' own, from the machine's installed programs, on a Unix socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_INSTALLED = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The newest version's programs; None where there are none, or no right to start them as another user."""
    found = sorted(_INSTALLED.glob("*/bin/initdb"))
    return found[-1].parent if found and os.geteuid() == 0 else None


def start_database() -> Path:
    """A cluster run as `nobody`, for root may not run one; gives the socket's folder."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    shutil.chown(folder, "nobody")
    settings = f"-k {folder} -c listen_addresses= -c fsync=off"
    _as_nobody("initdb", "--auth=trust", "--username=postgres", "-D", f"{folder}/data")
    _as_nobody("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", settings, "start")
    return folder


def stop_database(folder: Path) -> None:
    _as_nobody("pg_ctl", "-D", f"{folder}/data", "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder)


@contextmanager
def cluster_or_skip() -> Iterator[Path]:
    """A cluster of its own, stopped at the end; without its programs the tests that ask for it are skipped, which is told."""
    if programs() is None:
        pytest.skip("NO POSTGRESQL HERE: its programs are not installed, or the tests may not run them as another user")
    folder = start_database()
    try:
        yield folder
    finally:
        stop_database(folder)


@contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """The server and all its sessions stopped, as a machine or a disk that hangs: it takes what is sent and says nothing."""
    postmaster = int((folder / "data/postmaster.pid").read_text().split()[0])
    everyone = [postmaster, *map(int, Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split())]
    for process in everyone:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in everyone:
            os.kill(process, signal.SIGCONT)


def _as_nobody(name: str, *options: str) -> None:
    path = programs()
    assert path is not None
    subprocess.run([str(path / name), *options], user="nobody", cwd="/", stdout=subprocess.DEVNULL, check=True)
