"""Events as AuditEvents: after BALP, with keys in the place of ids, and with nothing that a field has no place for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from cds_service.audit.events import Action, Event, Finding, change
from cds_service.audit.resource import Keys, audit_event

INSTANCE = "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11"
HOOK = Event(
    Action.HOOK,
    "general",
    patient="MRN-77",
    user="Practitioner/SECRET",
    request="a" * 32,
    instance=INSTANCE,
    findings=(Finding("cc312@1.0.0", "needs-data"),),
    details={"hook": "patient-view", "cards": "0", "mode": ""},
)
KEYS = Keys("c" * 64, "d" * 64)
AT = datetime(2026, 11, 22, 12, 0, 0, 5000, UTC)


def made(event: Event = HOOK, keys: Keys = KEYS) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(audit_event(event, keys, AT))
    return found


def entity(of: dict[str, Any], code: str) -> dict[str, Any]:
    (one,) = [one for one in of["entity"] if one["type"]["code"] == code]
    return dict(one)


@pytest.mark.parametrize("action", Action)
def test_every_action_gives_a_valid_audit_event(action: Action) -> None:
    """fhir.resources accepts it, its subtype is the action's code, and somebody asked for it."""
    for event in (Event(action), Event(action, account="root", details={"purpose": "feasibility"})):
        text = audit_event(event, Keys(), AT)
        found = json.loads(text)
        assert AuditEvent.model_validate_json(text)
        assert found["subtype"][0]["code"] == action.value
        assert [agent["requestor"] for agent in found["agent"]].count(True) == 1


def test_a_hook_call_names_caller_user_patient_and_findings() -> None:
    """Patient and user by key, the request as in the log, the trial with its version and the patient's status."""
    found = made()
    who = {agent["type"]["coding"][0]["code"]: agent["who"] for agent in found["agent"]}
    assert who["110153"]["identifier"] == {"system": "urn:cds-service:tenant", "value": "general"}
    assert who["IRCP"]["identifier"] == {"system": "urn:cds-service:user-key", "value": "d" * 64}
    assert entity(found, "1")["what"] == {"type": "Patient", "identifier": {"system": "urn:cds-service:patient-key", "value": "c" * 64}}
    assert entity(found, "XrequestId")["what"]["identifier"]["value"] == "a" * 32
    assert entity(found, "hook-instance")["what"]["identifier"]["value"] == INSTANCE
    assert entity(found, "2")["what"]["identifier"]["value"] == "cc312@1.0.0"
    assert entity(found, "2")["detail"] == [{"type": "status", "valueString": "needs-data"}]
    assert [one["type"] for one in entity(found, "4")["detail"]] == ["hook", "cards"]


def test_ids_of_the_ehr_do_not_come_in() -> None:
    """Neither the patient's nor the user's, in the event and in what is printed of it."""
    for text in (json.dumps(made()), repr(HOOK)):
        assert "MRN-77" not in text
        assert "SECRET" not in text


@pytest.mark.parametrize("instance", ["", "John Smith 1980-01-01", INSTANCE + "x"])
def test_a_hook_instance_that_is_no_uuid_is_left_out(instance: str) -> None:
    """An EHR may put anything there."""
    found = made(Event(Action.HOOK, patient="p1", instance=instance))
    assert "hook-instance" not in [one["type"]["code"] for one in found["entity"]]


def test_the_moment_is_in_utc() -> None:
    """Whatever zone the clock was in."""
    at = AT.astimezone(timezone(timedelta(hours=8)))
    assert json.loads(audit_event(HOOK, KEYS, at))["recorded"].startswith("2026-11-22T12:00:00.005")


def test_a_change_holds_what_it_was_and_who_made_it() -> None:
    """The setting, both values, the tenant's account on the machine."""
    found = made(change("mode", "silent", "on", "root", "general"), Keys())
    values = {one["type"]: one["valueString"] for one in entity(found, "4")["detail"]}
    assert values == {"setting": "mode", "before": "silent", "after": "on", "tenant": "general"}
    assert found["agent"][0]["name"] == "root"
