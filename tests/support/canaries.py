"""A chart, a call and a server with a word of its own in every place where a person could be recognised, and what of them has leaked."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from typing import Any

from cds_service.demo import generate
from tests.support.engine import engine
from tests.support.faulty_server import Reply, body, raw
from tests.support.faulty_server import json as answers
from tests.trials.test_doors import prefetch_of

Json = dict[str, Any]
WORD = "zqcanary"  # letters alone, so that no allow-list of shapes hides it
BORN = "1983-09-17"  # of the age that the trial takes
HTML = "http://www.w3.org/1999/xhtml"


def canary(place: str) -> str:
    return f"{WORD}{place}"


def leaked(written: str | bytes) -> list[str]:
    """The canaries in it, plain or in base64, and the date of birth."""
    text = written.decode("utf-8", "replace") if isinstance(written, bytes) else written
    return re.findall(rf"{WORD}\w*|{BORN}|{'|'.join(_encoded())}", text, re.IGNORECASE)


@cache
def _encoded() -> tuple[str, ...]:
    """What of the word's base64 does not depend on what stands around it."""
    return tuple(base64.b64encode(b" " * shift + WORD.encode()).decode()[4 if shift else 0 : 8] for shift in range(3))


@cache
def _fitting() -> str:
    """A made-up patient who gets a card, as JSON."""
    return json.dumps(next(one.bundle for one in generate(engine().today()) if one.id == "sle-complete"))


def chart() -> Json:
    """That patient under an id of ours, every resource with all that identifies, and records that can't be read."""
    bundle: Json = json.loads(_fitting().replace("sle-complete", canary("id")))
    resources = [entry["resource"] for entry in bundle["entry"]]
    more = [_odd(number, one) for number, one in enumerate(ODD)]
    entries = [_entry(number, _named(one)) for number, one in enumerate([*resources, *more])]
    return {**bundle, "id": canary("bundle"), "identifier": {"value": canary("bundleidentifier")}, "entry": entries}


def _entry(number: int, resource: Json) -> Json:
    return {"fullUrl": f"https://ehr.example.org/{resource['resourceType']}/{canary('url')}{number}", "resource": resource}


def _named(resource: Json) -> Json:
    """With narrative, identifiers, a note, extensions; the patient with name, address and the rest."""
    held = {
        **resource,
        "text": {"status": "generated", "div": f'<div xmlns="{HTML}">{canary("narrative")}</div>'},
        "identifier": [{"system": "https://ehr.example.org/mrn", "value": canary("mrn")}],
        "extension": [{"url": f"https://ehr.example.org/{canary('extensionurl')}", "valueString": canary("extension")}],
        "note": [{"text": canary("note"), "authorString": canary("author")}],
        "contained": [{"resourceType": "Practitioner", "id": "c", "name": [{"family": canary("contained")}]}],
    }
    return held | (PERSON if resource["resourceType"] == "Patient" else {})


PERSON: Json = {
    "birthDate": BORN,
    "name": [{"family": canary("family"), "given": [canary("given")], "text": canary("nametext")}],
    "telecom": [{"system": "phone", "value": canary("phone")}, {"system": "email", "value": f"{canary('mail')}@example.org"}],
    "address": [{"line": [canary("street")], "city": canary("city"), "postalCode": canary("postcode")}],
    "contact": [{"name": {"text": canary("contact")}}],
    "photo": [{"url": f"https://ehr.example.org/photo?of={canary('photo')}"}],
    "generalPractitioner": [{"display": canary("doctor")}],
}
ODD: tuple[Json, ...] = (
    {"resourceType": "Observation", "valueQuantity": {"value": 7, "unit": canary("unit")}, "code": {"text": canary("local")}},
    {"resourceType": "Observation", "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]}, "valueString": canary("result")},
    {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": canary("drug")}, "authoredOn": canary("date"),
     "dosageInstruction": [{"text": canary("sig")}], "requester": {"display": canary("requester")}},
    {"resourceType": "MedicationRequest", "medicationReference": {"reference": f"https://ehr.example.org/Medication?of={canary('query')}"}},
    {"resourceType": "Condition", "code": {"text": canary("diagnosis")}, "onsetString": canary("onset")},
    {"resourceType": "Immunization", "vaccineCode": {"text": canary("vaccine")}, "lotNumber": canary("lot")},
    {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "I-01", "answer": [{"valueString": canary("answer")}]}]},
    {"resourceType": "DocumentReference", "content": [{"attachment": {"data": base64.b64encode(canary("document").encode()).decode()}}]},
    {"resourceType": "Observation", "subject": {"reference": f"Patient/{canary('other')}"}, "code": {"text": canary("others")}},
)  # fmt: skip


def _odd(number: int, resource: Json) -> Json:
    whose = "patient" if resource["resourceType"] == "Immunization" else "subject"
    return {"id": f"{canary('odd')}{number}", whose: {"reference": f"Patient/{canary('id')}", "display": canary("subject")}, **resource}


def call(prefetch: Json | None = None, **more: Any) -> Json:
    """A hook call of that patient, by a user and from a server that could be recognised too."""
    return {
        "hook": "patient-view",
        "hookInstance": canary("instance"),
        "context": {"patientId": canary("id"), "userId": f"Practitioner/{canary('user')}", "encounterId": canary("encounter")},
        "prefetch": prefetch_of(chart()) if prefetch is None else prefetch,
        "fhirServer": f"https://{canary('server')}.example.org/r4?x={canary('serverquery')}",
        "fhirAuthorization": {"access_token": canary("token"), "token_type": "Bearer", "scope": canary("scope"), "subject": canary("sub")},
        "extension": {"com.example": canary("hookextension")},
        **more,
    }


TWO = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": canary(one)}} for one in "ab"]}


def quoting(chart: Any, *_: Any) -> Any:
    """In place of a part of the service: a fault whose text quotes the whole chart, raised while another one was handled."""
    assert leaked(repr(chart))
    try:
        raise KeyError(repr(chart))
    except KeyError as error:
        raise ValueError(repr(chart)) from error


def said(card: str) -> Json:
    """Feedback in which a clinician writes of the patient, with reasons of the site's own."""
    coding = {"system": canary("system"), "code": canary("code"), "display": canary("display")}
    override = {"reason": coding, "userComment": canary("comment"), "extension": {"com.example": [coding]}}
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z", "overrideReasons": override}


HEADERS = {
    "User-Agent": canary("agent"), "Referer": f"https://ehr.example.org/?x={canary('referrer')}", "Cookie": f"x={canary('cookie')}",
    "X-Request-Id": canary("request"), "traceparent": canary("trace"), "X-Forwarded-For": canary("forwarded"), "Origin": canary("origin"),
}  # fmt: skip

_WORDS = f"{canary('echo')} Patient/{canary('id')} {canary('token')}"
_SAID = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing", "diagnostics": _WORDS}]}
# A FHIR server that says again what it was asked, wherever it can.
ECHOES: dict[str, Reply] = {
    "an outcome": answers(_SAID, 500),
    "an outcome as the answer": answers(_SAID),
    "a page": body(f"<html>{_WORDS}</html>".encode(), Content_Type="text/html"),
    "a redirect": body(b"", 302, Location=f"https://ehr.example.org/?x={canary('location')}"),
    "a status line": raw(f"HTTP/1.1 403 {_WORDS}\r\nContent-Length: 0\r\n\r\n".encode()),
    "a header that is none": raw(f"HTTP/1.1 200 OK\r\n{_WORDS}\r\n\r\n".encode()),
    "no HTTP": raw(_WORDS.encode()),
    "a type": answers({"resourceType": canary("type")}),
    "a broken Bundle": answers({"resourceType": "Bundle", "entry": [_WORDS]}),
    "a next page": answers({"resourceType": "Bundle", "entry": [], "link": [{"relation": "next", "url": f"https://x.org/?{_WORDS}"}]}),
    "half of JSON": body(f'{{"resourceType": "{_WORDS}'.encode()),
    "Retry-After": body(_WORDS.encode(), 429, Retry_After=canary("retry")),
}
