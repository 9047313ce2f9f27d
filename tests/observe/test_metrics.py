"""/metrics counts what happens; no caller can name a series, and none tells of a patient."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.observe import metrics
from cds_service.observe.metrics import METRICS, PREFIX, Bounded
from tests.security.test_tenants import file
from tests.support.evaluations import lupus_patient
from tests.support.service import API, PATH, PATIENT, FakeEngine, bundle, client, hook_request, post, trial

ROOT = Path(__file__).resolve().parents[2]
Series = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def scraped(by: FlaskClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every series of ours by name and labels."""
    text = by.get("/metrics").get_data(as_text=True)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith(PREFIX)
    }


def risen(before: Series, after: Series, name: str) -> dict[tuple[str, ...], float]:
    """Label values -> how much a metric has grown."""
    return {
        tuple(value for _, value in labels): value - before.get((found, labels), 0)
        for (found, labels), value in after.items()
        if found == PREFIX + name and value > before.get((found, labels), 0)
    }


def test_a_hook_call_is_counted() -> None:
    """By route, hook and tenant; its card, its evaluation, its criteria and its sources."""
    by = client(FakeEngine(found=lupus_patient()), metrics=True)
    before = scraped(by)
    assert len(post(by, PATH, hook_request()).get_json()["cards"]) == 1
    after = scraped(by)
    assert risen(before, after, "requests_total")["POST", "/cds-services/<identifier>", "200"] == 1
    assert risen(before, after, "hook_calls_total") == {("patient-view", "200", "none"): 1}
    assert risen(before, after, "hook_seconds_count") == {("patient-view",): 1}
    assert risen(before, after, "cards_total") == {("shown", "cc312"): 1}
    assert risen(before, after, "evaluations_total") == {("potentially-eligible", "cc312"): 1}
    assert sum(risen(before, after, "criteria_total").values()) == sum(len(arm.criteria) for arm in lupus_patient().arms)
    assert sum(risen(before, after, "sources_total").values()) == len(lupus_patient().sources)


def test_a_card_that_is_held_back_is_counted_with_its_reason() -> None:
    """The outcome is the evaluation's status, or whatever the policy calls it."""
    by = client(FakeEngine(found=replace(lupus_patient(), status="needs-data")), metrics=True)
    before = scraped(by)
    post(by, PATH, hook_request())
    metrics.count_card("cc312", "user-quota")
    assert risen(before, scraped(by), "cards_total") == {("needs-data", "cc312"): 1, ("user-quota", "cc312"): 1}


def test_unreadable_records_are_counted_by_reason() -> None:
    """Over the API too."""
    by = client(FakeEngine(found=lupus_patient()), metrics=True)
    before = scraped(by)
    post(by, API, bundle(PATIENT, {"resourceType": "Condition", "id": "x", "subject": {"reference": "Patient/other"}}))
    assert sum(risen(before, scraped(by), "data_issues_total").values()) == 1


def test_refused_callers_are_counted_by_reason(tmp_path: Path) -> None:
    """The reason is a code of ours."""
    by = create_app(Settings(tenants=file(tmp_path), metrics=True), FakeEngine()).test_client()
    before = scraped(by)
    by.get("/cds-services")
    by.get("/cds-services", headers={"Authorization": "Bearer x"})
    found = risen(before, scraped(by), "auth_failures_total")
    assert found == {("no-bearer-token",): 1, ("not-a-signed-token-of-three-parts",): 1}


def test_outbound_calls_and_feedback_have_their_functions() -> None:
    """For the parts that make them."""
    by = client(metrics=True)
    before = scraped(by)
    metrics.count_outbound("fhir", "timeout")
    metrics.count_feedback("cc312", "overridden")
    after = scraped(by)
    assert risen(before, after, "outbound_calls_total") == {("timeout", "fhir"): 1}
    assert risen(before, after, "feedback_total") == {("overridden", "cc312"): 1}


def test_the_checks_are_gauges_of_this_moment() -> None:
    """A scrape runs them, whether or not anybody probes /readyz."""
    app, wrong = create_app(Settings(metrics=True), FakeEngine()), ["gone", ""]
    app.extensions["readiness"].add("store", lambda: wrong.pop(0))
    name = (PREFIX + "check_up", (("check", "store"),))
    assert [scraped(app.test_client())[name] for _ in range(2)] == [0, 1]


def test_the_definition_in_use_is_told() -> None:
    """With its version and state: a paused trial explains missing cards."""
    labels = (("state", "recruiting"), ("trial", "cc312"), ("version", "1.0.0"))
    assert scraped(client(metrics=True))[PREFIX + "definition_info", labels] == 1


def test_a_definition_that_was_paused_and_resumed_is_no_longer_paused() -> None:
    """An alert on paused trials must end."""
    for state in ("recruiting", "paused", "recruiting"):
        by = client(FakeEngine(trials={"cc312": trial(state=state)}), metrics=True)
    found = {
        dict(labels)["state"]: value
        for (name, labels), value in scraped(by).items()
        if name == PREFIX + "definition_info" and ("trial", "cc312") in labels
    }
    assert (found["paused"], found["recruiting"]) == (0, 1)


def test_nothing_that_a_caller_sends_becomes_a_series() -> None:
    """Hostile paths, methods, hooks, ids, hosts and headers: no new series after the first of each kind."""
    by = client(metrics=True)

    def attack(number: int) -> None:
        word = f"CANARY{number}"
        by.get(f"/{word}/{word}?{word}={word}")
        by.open("/livez", method=f"X{number}")
        by.open(PATH, method="PROPFIND", headers={"X-Request-Id": word, "Host": f"{word}.example"})
        post(by, f"/cds-services/{word}", hook_request())
        post(by, f"/api/trials/{word}/evaluate", bundle(PATIENT))
        post(by, PATH, hook_request(hook=word, hookInstance=word))
        post(by, PATH, hook_request(context={"patientId": word, "userId": word}))

    attack(0)
    before = scraped(by)
    for number in range(1, 40):
        attack(number)
    after = scraped(by)
    assert set(after) == set(before)
    assert "CANARY" not in by.get("/metrics").get_data(as_text=True)


@pytest.mark.parametrize("value", ["", "a b", "x" * 65, 'a"b', "a\nb", "ü", "-x"])
def test_a_value_that_is_no_name_is_other(value: str) -> None:
    """Names are short and plain."""
    assert Bounded(10)(value) == "other"


def test_of_too_many_values_the_further_ones_are_other() -> None:
    """The first stay what they are."""
    bounded = Bounded(3)
    assert [bounded(f"v{number}") for number in range(5)] == ["v0", "v1", "v2", "other", "other"]
    assert bounded("v1") == "v1"


def test_no_label_could_name_a_patient_or_a_user() -> None:
    """What metrics are broken down by is on a short list."""
    labels = {label for metric in METRICS for label in metric.labels}
    assert labels <= {"method", "route", "status", "hook", "tenant", "trial", "outcome", "verdict", "reason", "type", "state", "target",
                      "check", "version", "action"}  # fmt: skip


def test_without_the_setting_there_is_no_such_path() -> None:
    """A site says so first."""
    assert client().get("/metrics").status_code == 404


def test_metrics_need_no_token(tmp_path: Path) -> None:
    """Prometheus has none; the proxy in front does not pass the path on."""
    by = create_app(Settings(tenants=file(tmp_path), metrics=True), FakeEngine()).test_client()
    answer = by.get("/metrics")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")


_WORKER = """
import os, sys
from cds_service.observe import metrics
for _ in range(int(sys.argv[1])):
    metrics.count_card("cc312", "shown")
metrics.set_check("store", sys.argv[2] == "1")
if len(sys.argv) > 3:
    print(metrics.exposition().decode())
"""


def test_the_counts_of_several_processes_are_summed(tmp_path: Path) -> None:
    """PROMETHEUS_MULTIPROC_DIR, as under gunicorn; a gauge is that of the process that looked last."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    for arguments in (["2", "0"], ["3", "1"], ["0", "1", "print"]):
        found = subprocess.run(
            [sys.executable, "-c", _WORKER, *arguments], env=environment, capture_output=True, text=True, check=True, timeout=60
        )
    assert re.search(r'^trial_cds_cards_total\{outcome="shown",trial="cc312"\} 5\.0$', found.stdout, re.MULTILINE)
    assert re.search(r'^trial_cds_check_up\{check="store"\} 1\.0$', found.stdout, re.MULTILINE)
