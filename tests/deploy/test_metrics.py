"""Metrics of all of gunicorn's processes, in a folder that the shipped settings make at each start."""

from __future__ import annotations

import os
import shutil
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.support.deployed import Stack, start, wait_until
from tests.support.service import PATH, hook_request


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Stack]:
    """A folder that is not there yet, as all below /run after a start of the machine."""
    if not shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"):
        pytest.skip("NGINX IS MISSING: nothing of deploy/ was tried (Debian: apt-get install nginx)")
    running = start(tmp_path, TRIAL_CDS_METRICS="on", PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "run" / "metrics"), WEB_CONCURRENCY="2")
    yield running
    running.stop()


def exposed(stack: Stack) -> str:
    """What Prometheus gets at the service's own port."""
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.service}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def test_the_definitions_are_told_and_a_reload_loses_no_count(counted: Stack) -> None:
    """The master tells of the definitions before it has workers; the alert on a paused one needs that line."""
    assert counted.call("POST", PATH, orjson.dumps(hook_request())).status == 200
    before = counted.workers()
    counted.gunicorn.send_signal(signal.SIGHUP)
    wait_until(lambda: not counted.workers() & before, counted)
    page = exposed(counted)
    assert 'trial_cds_definition_info{state="recruiting",trial="cc312"' in page
    assert 'trial_cds_hook_calls_total{hook="patient-view",status="200",tenant="none"} 1.0' in page
