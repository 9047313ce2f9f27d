"""A Bulk Data server for every test here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fhir.bulk.server import Exporter, exporter


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Exporter]:
    with exporter(tmp_path) as running:
        yield running
