"""One nginx and gunicorn for the tests of this folder; without nginx they are skipped, loudly."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.support.deployed import SHIPPED_RATE, Stack, start


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """As shipped, but for the rate that a module names in RATE."""
    if not shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"):
        pytest.skip("NGINX IS MISSING: nothing of deploy/ was tried (Debian: apt-get install nginx)")
    rate = getattr(request.module, "RATE", SHIPPED_RATE)
    running = start(tmp_path_factory.mktemp("deployed"), rate=rate, TRIAL_CDS_CORS_ORIGINS="*", WEB_CONCURRENCY="2")
    yield running
    running.stop()
