"""An empty store on each database that the service supports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cds_service.store.database import Database, open_database
from tests.support.postgres import cluster_or_skip


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    with cluster_or_skip() as folder:
        yield folder


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return f"postgresql://postgres@/postgres?host={request.getfixturevalue('cluster')}"


@pytest.fixture
def empty(url: str) -> Iterator[Database]:
    """Without tables, and without them again after the test: the cluster is shared."""
    database = open_database(url)
    yield database
    database.migrate("base")
    database.close()


@pytest.fixture
def store(empty: Database) -> Database:
    empty.migrate()
    return empty
