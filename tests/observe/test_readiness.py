"""/readyz runs named checks, which other parts add, and says which fail."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.observe.logs import JsonLines
from tests.security.test_tenants import file
from tests.support.service import FakeEngine, client, problems


def test_a_check_that_is_added_is_run() -> None:
    """The store's own part says whether it is there."""
    app = create_app(Settings(), FakeEngine())
    app.extensions["readiness"].add("store", lambda: "")
    assert app.test_client().get("/readyz").get_json()["checks"] == {"definitions": "ok", "terminology": "ok", "store": "ok"}


def test_every_failing_check_is_named() -> None:
    """503 with an OperationOutcome, one issue a check; what a fault quotes is not told."""

    def broken() -> str:
        raise OSError("host=db password=secret")

    app = create_app(Settings(), FakeEngine(trials={}))
    app.extensions["readiness"].add("store", broken)
    app.extensions["readiness"].add("migrations", lambda: "")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert [issue["code"] for issue in answer.get_json()["issue"]] == ["transient", "transient"]
    assert problems(answer) == "check definitions: no trial definition is loaded check store: the check failed: OSError"


def test_a_check_that_recovers_is_ready_again() -> None:
    """Nothing of the failure sticks."""
    app, states = create_app(Settings(), FakeEngine()), ["the database does not answer", ""]
    app.extensions["readiness"].add("store", lambda: states.pop(0))
    assert [app.test_client().get("/readyz").status_code for _ in range(2)] == [503, 200]


def test_tenants_and_their_keys_are_checked_where_callers_are(tmp_path: Path) -> None:
    """Without a tenants file there is no such check."""
    app = create_app(Settings(tenants=file(tmp_path)), FakeEngine())
    assert app.test_client().get("/readyz").get_json()["checks"]["tenants"] == "ok"
    assert "tenants" not in client().get("/readyz").get_json()["checks"]


def test_a_failing_check_is_logged_by_name(caplog: pytest.LogCaptureFixture) -> None:
    """The operator's alert reads the log or the gauge."""
    with caplog.at_level(logging.INFO):
        client(FakeEngine(trials={})).get("/readyz")
    assert any('"check":"definitions"' in JsonLines().format(record) for record in caplog.records)
