"""How a run of its own sets Spark up."""

from __future__ import annotations

from typing import Any

import pytest


def test_on_one_machine_no_port_is_open_to_others(spark: Any) -> None:
    """What Spark's parts tell one another are records: on this machine they listen on loopback, and Spark's page is off."""
    held = spark.sparkContext.getConf()
    assert (held.get("spark.driver.host"), held.get("spark.driver.bindAddress")) == ("127.0.0.1", "127.0.0.1")
    assert (held.get("spark.ui.enabled"), held.get("spark.io.encryption.enabled")) == ("false", "true")
    assert spark.sparkContext.uiWebUrl is None


@pytest.mark.parametrize(
    ("given", "submitted", "master", "loopback"),
    [
        ({}, False, "local[*]", True),
        ({}, True, None, False),
        ({"spark.master": "local[4]"}, False, "local[4]", True),
        ({"spark.master": "spark://host:7077"}, False, "spark://host:7077", False),
    ],
)
def test_the_master_is_the_one_that_was_named(
    given: dict[str, str], submitted: bool, master: str | None, loopback: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any it is this machine, except under spark-submit, which names its own; only this machine is kept to loopback."""
    from cds_service.cohort.spark.session import placed

    monkeypatch.delenv("PYSPARK_GATEWAY_PORT", raising=False)
    if submitted:
        monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")
    found = placed(given)
    assert found.get("spark.master") == master
    assert ("spark.driver.bindAddress" in found) is loopback
