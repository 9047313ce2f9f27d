"""What the doors leave in the audit: a row for each patient looked at, before the answer goes out."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cds_service.app import create_app
from cds_service.audit.events import Action, Event
from cds_service.audit.trail import Trail
from cds_service.config import Settings
from cds_service.errors import SettingsError, StoreDown
from cds_service.observe.logs import JsonLines
from cds_service.observe.metrics import exposition
from cds_service.store.chain_check import check
from tests.alerts.test_suppressors import CLOSED, HELD, WAYS, Way, person
from tests.security.test_gate import bearer
from tests.security.test_tenants import file
from tests.support.cards import Clinic
from tests.support.service import API, PATH, PATIENT, FakeEngine, bundle, client, hook_request, post, resource, trial
from tests.support.stores import audited, changes, settings_of, store_of

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def closed(folder: Path) -> None:
    """A store that can be read and takes no audit event."""
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'SECRET'); END")


def opened(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        connection.execute("DROP TRIGGER full")


def counted(action: str, outcome: str) -> float:
    samples = [one for family in text_string_to_metric_families(exposition().decode()) for one in family.samples]
    wanted = {"action": action, "outcome": outcome}
    return sum(one.value for one in samples if one.name == "trial_cds_audit_events_total" and one.labels == wanted)


def values_of(event: dict[str, Any]) -> dict[str, str]:
    return {one["type"]: one["valueString"] for entity in event["entity"] for one in entity.get("detail", ())}


def test_a_hook_call_leaves_one_event(tmp_path: Path) -> None:
    """With the caller's tenant, a patient key, the request's id, the status and that a card was due."""
    settings = settings_of(tmp_path)
    app = create_app(Settings(tenants=file(tmp_path), **settings), FakeEngine()).test_client()
    answer = post(app, PATH, hook_request(), headers=bearer())
    ((row, event),) = audited(settings["database"])
    assert (row["action"], row["tenant"], row["outcome"]) == ("hook-evaluated", "general", "0")
    assert f'"{answer.headers["X-Request-Id"]}"' in row["json"]
    assert len(answer.get_json()["cards"]) == 1
    assert values_of(event) == {"status": "potentially-eligible", "outcome": "card", "hook": "patient-view"}


def test_both_doors_give_one_patient_one_key(tmp_path: Path) -> None:
    """What was looked at by the hook and by the API is found under the same key; no id, date or token stands in any row."""
    settings = settings_of(tmp_path)
    app = client(**settings)
    post(app, PATH, hook_request(fhirAuthorization={"access_token": "TOKEN", "scope": "x"}))
    post(app, API, bundle(PATIENT))
    rows = [row for row, _ in audited(settings["database"])]
    assert [row["action"] for row in rows] == ["hook-evaluated", "api-evaluated"]
    assert rows[0]["patient_key"] == rows[1]["patient_key"] is not None
    written = str(rows)
    assert not [word for word in ("p1", "Practitioner/e1", "1988-05-04", "TOKEN", "Condition/") if word in written]


def test_a_call_that_looked_at_nobody_leaves_no_event(tmp_path: Path) -> None:
    """A prefetch without the minimum, a body that is none, and signing without orders evaluate nobody."""
    settings = settings_of(tmp_path)
    app = client(**settings)
    signing = hook_request(hook="order-sign", context={"patientId": "p1", "userId": "Practitioner/e1", "draftOrders": bundle()})
    assert post(app, PATH, hook_request({})).status_code == 412
    assert post(app, PATH, b"{").status_code == 400
    assert post(app, PATH.replace("patient-view", "order-sign"), signing).status_code == 200
    assert audited(settings["database"]) == []


def test_without_its_event_no_answer_goes_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The default with a store: a hook has no cards, the API answers 503; both are logged and counted, and nothing is quoted."""
    caplog.set_level(logging.INFO)
    app = client(**settings_of(tmp_path))
    closed(tmp_path)
    before = counted("hook-evaluated", "failed")
    assert post(app, PATH, hook_request()).get_json() == {"cards": []}
    answer = post(app, API, bundle(PATIENT))
    assert (answer.status_code, "SECRET" in answer.get_data(as_text=True)) == (503, False)
    assert counted("hook-evaluated", "failed") == before + 1
    lines = [JsonLines().format(record) for record in caplog.records]
    assert sum('"event":"audit-failed"' in line for line in lines) == 2
    assert not any("SECRET" in line for line in lines)


def test_a_card_that_the_audit_stopped_is_shown_the_next_time(tmp_path: Path) -> None:
    """It never stood in the ledger of cards that were shown."""
    app = client(**settings_of(tmp_path))
    closed(tmp_path)
    assert post(app, PATH, hook_request()).get_json()["cards"] == []
    opened(tmp_path)
    assert post(app, PATH, hook_request(hookInstance="0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d12")).get_json()["cards"]


def test_why_no_card_was_shown_is_audited(tmp_path: Path) -> None:
    """The second call for the same user and patient evaluates again, and shows nothing new."""
    settings = settings_of(tmp_path)
    app = client(**settings)
    for number in (1, 2):
        post(app, PATH, hook_request(hookInstance=f"0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d1{number}"))
    assert [values_of(event)["outcome"] for _, event in audited(settings["database"])] == ["card", "already-shown"]


@pytest.mark.parametrize("way", WAYS, ids=[f"{number}-{way.code}" for number, way in enumerate(WAYS)])
def test_whoever_is_held_back_is_audited_with_the_reason(way: Way, tmp_path: Path) -> None:
    """One event a call, the log's reason in it, for the patient and user of the call; it says whether the patient was evaluated."""
    settings = settings_of(tmp_path)
    clinic = Clinic(way.policy, way.engine(), Settings(**settings))
    way.before(clinic)
    before = len(audited(settings["database"]))
    clinic.cards(**way.call)
    ((row, event),) = audited(settings["database"])[before:]
    held = way in CLOSED + HELD
    assert row["action"] == ("hook-held" if held else "hook-evaluated")
    assert row["patient_key"]
    assert [agent["type"]["coding"][0]["code"] for agent in event["agent"]] == ["IRCP", "110153", "110152"]
    assert values_of(event)["outcome"] == way.code
    assert ("status" in values_of(event)) is not held


def test_trials_held_back_and_evaluated_stand_in_one_event(tmp_path: Path) -> None:
    """A call costs one row, however many trials there are."""
    settings = settings_of(tmp_path)
    engine = FakeEngine(trials={"cc312": trial(), "full": trial("full", open=False)})
    post(client(engine, **settings), PATH, hook_request())
    ((row, event),) = audited(settings["database"])
    trials = [one for one in event["entity"] if one["type"].get("display") == "System Object"]
    found = {one["what"]["identifier"]["value"]: one["detail"][-1]["valueString"] for one in trials}
    assert (row["action"], found) == ("hook-evaluated", {"cc312@1.0.0": "card", "full@1.0.0": "trial-not-open"})


def test_a_trial_that_failed_is_audited(tmp_path: Path) -> None:
    """The patient was being evaluated when a fault of ours took the card."""

    def fault() -> None:
        raise ZeroDivisionError

    settings = settings_of(tmp_path)
    post(client(FakeEngine(fault=fault), **settings), PATH, hook_request())
    ((row, event),) = audited(settings["database"])
    assert (row["action"], values_of(event)["outcome"]) == ("hook-held", "failed")


def test_signing_orders_for_whom_is_held_back_is_audited(tmp_path: Path) -> None:
    """As on opening the chart."""
    settings = settings_of(tmp_path)
    order = resource("MedicationRequest", "m", status="draft", intent="order", medicationCodeableConcept={"text": "x"})
    context = {"patientId": "p1", "userId": "Practitioner/e1", "draftOrders": bundle(order)}
    app = client(person(deceased=True)(), **settings)
    post(app, PATH.replace("patient-view", "order-sign"), hook_request(hook="order-sign", context=context))
    ((row, event),) = audited(settings["database"])
    assert (row["action"], values_of(event)) == ("hook-held", {"outcome": "deceased", "hook": "order-sign"})


def test_without_its_event_whoever_is_held_back_gets_the_same_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """No card was due, so none is missing; the log tells of the event."""
    caplog.set_level(logging.INFO)
    app = client(person(deceased=True)(), **settings_of(tmp_path))
    closed(tmp_path)
    answer = post(app, PATH, hook_request())
    assert (answer.status_code, answer.get_json()) == (200, {"cards": []})
    assert any('"event":"audit-failed"' in JsonLines().format(record) for record in caplog.records)


def test_signing_orders_is_audited(tmp_path: Path) -> None:
    """Who signs orders for a patient that fits has the patient looked at, also where nothing would be lost."""
    settings = settings_of(tmp_path)
    order = resource("MedicationRequest", "m", status="draft", intent="order", medicationCodeableConcept={"text": "x"})
    context = {"patientId": "p1", "userId": "Practitioner/e1", "draftOrders": bundle(order)}
    post(client(**settings), PATH.replace("patient-view", "order-sign"), hook_request(hook="order-sign", context=context))
    ((_, event),) = audited(settings["database"])
    assert values_of(event) == {"status": "potentially-eligible", "outcome": "nothing-lost", "hook": "order-sign"}


def test_best_effort_answers_without_the_event(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The card is shown, and the log says that its event is missing."""
    caplog.set_level(logging.INFO)
    app = client(**settings_of(tmp_path), audit="best-effort")
    closed(tmp_path)
    assert post(app, PATH, hook_request()).get_json()["cards"]
    assert any('"event":"audit-failed"' in JsonLines().format(record) for record in caplog.records)


def test_off_writes_nothing(tmp_path: Path) -> None:
    """The store is there for used tokens alone."""
    settings = settings_of(tmp_path)
    assert post(client(**settings, audit="off"), PATH, hook_request()).get_json()["cards"]
    assert audited(settings["database"]) == []


def test_an_audit_that_is_required_needs_a_store() -> None:
    """The service does not start and pretend; without the setting no store means no audit."""
    with pytest.raises(SettingsError, match="TRIAL_CDS_DATABASE"):
        client(audit="required")
    assert post(client(), PATH, hook_request()).get_json()["cards"]


def test_an_event_that_is_no_fhir_is_told_without_its_words(tmp_path: Path) -> None:
    """A value that fhir.resources refuses is not quoted by what is raised."""
    trail = Trail.of(store_of(tmp_path), now=lambda: AT)
    with pytest.raises(StoreDown) as caught:
        trail.record(Event(Action.HOOK, patient="p1", details={"hook": "SECRET\ud800"}))
    assert "SECRET" not in f"{caught.value} {caught.value.reason}"
    assert caught.value.__cause__ is None


def test_events_are_recorded_at_the_given_moment_and_chained(tmp_path: Path) -> None:
    """Row and resource hold the same second, and what the trail wrote checks."""
    store = store_of(tmp_path)
    trail = Trail.of(store, now=lambda: AT)
    trail.record(Event(Action.HOOK, "general", patient="p1"))
    ((row, event),) = audited(store.database)
    assert (row["recorded"], event["recorded"][:19]) == (int(AT.timestamp()), "2026-11-22T12:00:00")
    assert check([trail.chain]).faults == []
    store.database.close()


def test_settings_are_audited_when_they_are_not_what_they_were(tmp_path: Path) -> None:
    """Once for each value: neither a second call nor a second process under the same settings tells them again."""
    settings = settings_of(tmp_path)
    for state in ("recruiting", "recruiting", "paused"):
        app = client(FakeEngine(trials={"cc312": trial(state=state)}), **settings)
        for _ in range(2):
            post(app, API, bundle(PATIENT))
    told = [one for one in changes(settings["database"]) if one["setting"] == "definitions"]
    assert [(one.get("before"), one["after"]) for one in told] == [
        (None, "cc312@1.0.0=recruiting"),
        ("cc312@1.0.0=recruiting", "cc312@1.0.0=paused"),
    ]


def test_tenants_and_their_modes_are_among_the_settings(tmp_path: Path) -> None:
    """Which hospitals are served, and whether cards are shown there."""
    settings = settings_of(tmp_path)
    app = create_app(Settings(tenants=file(tmp_path), **settings), FakeEngine()).test_client()
    post(app, PATH, hook_request(), headers=bearer())
    assert {"setting": "modes", "after": "general/*=on"} in changes(settings["database"])


def test_a_change_names_who_made_it_and_for_whom(tmp_path: Path) -> None:
    """What is known of one tenant's setting is not taken for another's."""
    store = store_of(tmp_path)
    trail = Trail.of(store, now=lambda: AT)
    for tenant in ("general", "other", "general"):
        trail.record_change("mode", "silent", "root", tenant)
    store.database.close()
    told = changes(f"sqlite:///{tmp_path}/store.db")
    assert [one["tenant"] for one in told] == ["general", "other"]


def test_a_change_that_was_not_written_is_told_with_the_next_event(tmp_path: Path) -> None:
    """Where a store that was full takes events again, nothing of the settings is missing."""
    settings = settings_of(tmp_path)
    app = client(**settings, audit="best-effort")
    closed(tmp_path)
    post(app, API, bundle(PATIENT))
    opened(tmp_path)
    assert changes(settings["database"]) == []
    post(app, API, bundle(PATIENT))
    assert {one["setting"] for one in changes(settings["database"])} == {"modes", "definitions"}
