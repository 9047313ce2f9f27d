"""SIGHUP reads the tenants file again: a key goes out of use without a restart, and a faulty file changes nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deployed import ROOT, Stack, start, wait_until

PATH = "/cds-services"
BASE = "https://cds.example.org"


def caller(*options: str) -> str:
    """deploy/caller.py, the made-up EHR."""
    command = [sys.executable, str(ROOT / "deploy" / "caller.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def status(stack: Stack, key: Path) -> int:
    """What a call with a fresh token of that key is answered."""
    token = caller("token", f"{BASE}{PATH}", str(key))
    return stack.call("GET", PATH, headers={"Authorization": f"Bearer {token}"}).status


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Stack]:
    """Only the caller whose key is old.pem is known."""
    caller("tenant", BASE, str(tmp_path / "old.pem"), str(tmp_path / "tenants.yaml"))
    running = start(tmp_path, TRIAL_CDS_TENANTS=str(tmp_path / "tenants.yaml"), WEB_CONCURRENCY="2")
    yield running
    running.stop()


def reload(stack: Stack) -> None:
    before = stack.workers()
    stack.gunicorn.send_signal(signal.SIGHUP)
    wait_until(lambda: not stack.workers() & before, stack)


def test_a_reload_rotates_keys_and_refuses_a_faulty_file(guarded: Stack) -> None:
    """The new key is good and the old one is not; then a file that is no YAML leaves it so, and the log tells of it."""
    old, new, tenants = (guarded.folder / name for name in ("old.pem", "new.pem", "tenants.yaml"))
    assert status(guarded, old) == 200
    caller("tenant", BASE, str(new), str(tenants))
    reload(guarded)
    assert (status(guarded, old), status(guarded, new)) == (401, 200)
    tenants.write_text("tenants: [", encoding="utf-8")
    reload(guarded)
    assert (status(guarded, old), status(guarded, new)) == (401, 200)
    assert "reload-refused" in guarded.log
