"""An Event into a FHIR R4 AuditEvent, built and validated with fhir.resources, after IHE's Basic Audit Log Patterns (BALP).

It follows BALP's PatientQuery (agents, patient, X-Request-Id) but claims no profile: evaluating is no FHIR search, and there is no query to
hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from fhir.resources.R4B.auditevent import AuditEvent

from cds_service import __version__
from cds_service.audit.events import Action, Event, Finding

OURS = "urn:cds-service:audit"
PATIENT_KEY, USER_KEY, TENANT = "urn:cds-service:patient-key", "urn:cds-service:user-key", "urn:cds-service:tenant"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_TYPES = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_BALP = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Json = dict[str, Any]


def _coding(system: str, code: str, display: str) -> Json:
    return {"system": system, "code": code, "display": display}


@dataclass(frozen=True, slots=True)
class _Kind:
    """How FHIR and DICOM call an action: its type, C/R/U/D/E, and for what purpose data were used."""

    type: Json
    letter: str
    says: str
    purpose: Json | None = None


_REST = _coding(_TYPES, "rest", "RESTful Operation")
_LOG_USED = _coding(_DICOM, "110101", "Audit Log Used")
_TRIAL = _coding(_REASONS, "CLINTRCH", "clinical trial research")
_RESEARCH = _coding(_REASONS, "HRESCH", "healthcare research")
_RECIPIENT = _coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient")
_KINDS = {
    Action.HOOK: _Kind(_REST, "E", "a patient was evaluated for a CDS hook", _TRIAL),
    Action.HELD: _Kind(_REST, "E", "a CDS hook was answered without evaluating its patient", _TRIAL),
    Action.API: _Kind(_REST, "E", "a patient was evaluated for a caller of the API", _TRIAL),
    Action.COHORT: _Kind(_coding(_DICOM, "110112", "Query"), "E", "a cohort was queried", _RESEARCH),
    Action.FETCH: _Kind(_coding(_DICOM, "110107", "Import"), "R", "records of a cohort were fetched", _RESEARCH),
    Action.CHANGE: _Kind(_coding(_DICOM, "110113", "Security Alert"), "U", "a setting was changed"),
    Action.EXPORT: _Kind(_LOG_USED, "R", "audit events were exported"),
    Action.PURGE: _Kind(_LOG_USED, "D", "audit events were removed after their time"),
}


@dataclass(frozen=True, slots=True)
class Keys:
    """Under which keys the event's patient and user stand; '' for none."""

    patient: str = ""
    user: str = ""


def audit_event(event: Event, keys: Keys, recorded: datetime) -> str:
    """Its JSON, in FHIR's order. Raises pydantic's ValidationError, which may quote values: no caller may tell its text."""
    kind = _KINDS[event.action]
    found: Json = {
        "resourceType": "AuditEvent",
        "type": kind.type,
        "subtype": [_coding(OURS, event.action.value, kind.says)],
        "action": kind.letter,
        "recorded": _instant(recorded),
        "outcome": "0",
        **({"purposeOfEvent": [{"coding": [kind.purpose]}]} if kind.purpose else {}),
        "agent": list(_agents(event, keys)),
        "source": {
            "observer": {"display": f"cds-service {__version__}"},
            "type": [_coding("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")],
        },
    }
    if entities := list(_entities(event, keys)):
        found["entity"] = entities
    AuditEvent.model_validate(found)
    return orjson.dumps(found).decode()  # the model's own writer takes longer than validating does


def _instant(moment: datetime) -> str:
    """In UTC, to the millisecond."""
    told = moment.astimezone(UTC)
    return told.replace(microsecond=told.microsecond // 1000 * 1000).isoformat().replace("+00:00", "Z")


def _agents(event: Event, keys: Keys) -> Iterator[Json]:
    """A person where one is known, who then is the requestor; and the two machines. BALP names the caller's the source."""
    person = bool(keys.user or event.account)
    if keys.user:
        yield _agent(_RECIPIENT, {"identifier": {"system": USER_KEY, "value": keys.user}}, True)
    if event.account:
        yield _agent(_RECIPIENT, {"display": event.account}, True, {"name": event.account})
        yield _agent(_coding(_DICOM, "110150", "Application"), {"display": "cds-service"})
        return
    tenant = {"identifier": {"system": TENANT, "value": event.tenant}}
    yield _agent(_coding(_DICOM, "110153", "Source Role ID"), tenant, not person)
    yield _agent(_coding(_DICOM, "110152", "Destination Role ID"), {"display": "cds-service"})


def _agent(role: Json, who: Json, requestor: bool = False, name: Json | None = None) -> Json:
    return {"type": {"coding": [role]}, "who": who, **(name or {}), "requestor": requestor}


def _entities(event: Event, keys: Keys) -> Iterator[Json]:
    if keys.patient:
        yield {
            "what": {"type": "Patient", "identifier": {"system": PATIENT_KEY, "value": keys.patient}},
            "type": _coding(_ENTITY, "1", "Person"),
            "role": _coding("http://terminology.hl7.org/CodeSystem/object-role", "1", "Patient"),
        }
    if event.request:
        yield {"what": {"identifier": {"value": event.request}}, "type": {"system": _BALP, "code": "XrequestId"}}
    if _UUID.fullmatch(event.instance):  # anything else could hold anything
        yield {"what": {"identifier": {"value": event.instance}}, "type": _coding(OURS, "hook-instance", "hookInstance")}
    yield from map(_finding, event.findings)
    if details := [{"type": name, "valueString": value} for name, value in event.details.items() if value]:
        yield {"type": _coding(_ENTITY, "4", "Other"), "detail": details}


def _finding(one: Finding) -> Json:
    detail = [{"type": name, "valueString": value} for name, value in (("status", one.status), ("outcome", one.outcome)) if value]
    return {
        "what": {"identifier": {"system": "urn:cds-service:definition", "value": one.definition}},
        "type": _coding(_ENTITY, "2", "System Object"),
        **({"detail": detail} if detail else {}),
    }
