"""Settings into a Spark session, and what goes wrong in Spark into a message that holds nothing of any record."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from cds_service.cohort.source import SourceError

# `--spark KEY=VALUE` overrides these, and may set anything else that Spark knows.
_OURS = {
    "spark.app.name": "cds-service cohort",
    "spark.io.encryption.enabled": "true",  # what is shuffled or spilled are patients' records
    "spark.ui.enabled": "false",  # its page would be open to the network
}
_NO_PACKAGE = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
_TASK = re.compile(r"TaskFault: ([\w.:, ]+)")
_DAMAGED = ("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER", "EOFException", "ZipException", "ZlibException")
_FILE = re.compile(r"reading file \S*/([^/\s]+?)\.?(?:\s|$)")


class SparkFault(SourceError):
    """Spark could not be used or stopped; the message names the kind of fault, Spark's own log its place."""


@contextmanager
def spark_session(settings: Mapping[str, str], source: str) -> Iterator[SparkSession]:
    """The session that is there, or a new one that ends with the run. Raises SparkFault for all that Spark says."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    held = SparkSession.getActiveSession()
    try:
        session = held or _new(settings)
        try:
            yield session
        finally:
            if held is None:
                session.stop()
    except (PySparkException, Py4JError) as error:
        raise _told(error, source) from None


def _new(settings: Mapping[str, str]) -> SparkSession:
    builder = SparkSession.builder
    for key, value in {**_OURS, "spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower(), **placed(settings)}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def placed(settings: Mapping[str, str]) -> dict[str, str]:
    """Where nothing else is said, and nobody's spark-submit has said it, this machine, where no port is open to others."""
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    given = settings if submitted else {"spark.master": "local[*]", **settings}
    if not given.get("spark.master", "").startswith("local"):
        return dict(given)
    return {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", **given}


def _told(error: Exception, source: str) -> SparkFault:
    text = str(error)
    if found := _NO_PACKAGE.search(text):
        return SparkFault(f"Spark: the Python of its executors lacks the package {found[1]}; install this service there (docs/scale.md)")
    if "PATH_NOT_FOUND" in text:
        return SparkFault(f"{source}: no such folder")
    if any(one in text for one in _DAMAGED):
        named = _FILE.search(text)
        return SparkFault(f"{named[1] if named else 'a file'}: can't be read to its end (by Spark); fetch it again")
    if found := _TASK.search(text):
        return SparkFault(f"Spark: a task failed ({found[1]})")
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    return SparkFault(f"Spark stopped ({condition or type(error).__name__}); its log says where")
