"""A Spark of two threads in this process, for all tests here; without Java or PySpark they are skipped, and say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.parts import spark_missing

# A run of seconds is over before the optimising compiler pays.
QUICK = {"spark.driver.memory": "1g", "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
# PySpark leaves the sockets by which results came home to the garbage collector.
_SOCKETS = "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only of the tests in this folder."""
    why = spark_missing()
    for item in items:
        if item.path.parent.name == "spark":
            item.add_marker(pytest.mark.filterwarnings(_SOCKETS))
            if why:
                item.add_marker(pytest.mark.skip(reason=f"SPARK NOT TESTED: {why}"))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The session that every run of this process finds."""
    from cds_service.cohort.spark.session import spark_session

    kept = tmp_path_factory.mktemp("spark")
    settings = {"spark.master": "local[2]", "spark.sql.warehouse.dir": str(kept), "spark.local.dir": str(kept), **QUICK}
    with spark_session(settings, "") as session:
        yield session
    shutil.rmtree(kept, ignore_errors=True)
