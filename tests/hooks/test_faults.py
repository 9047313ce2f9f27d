"""What EHRs send that they should not, or that surprises: the answer to each, and no fault spoils more than it must."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from fhir_mappings.inputs import State
from tests.support.builders import without
from tests.support.service import API, PATH, PATIENT, FakeEngine, Json, bundle, client, hook_request, outcome, post, problems, resource

CONDITION, LAB = resource("Condition"), resource("Observation", "lab")
GOOD = {PATH: orjson.dumps(hook_request()), API: orjson.dumps(bundle(PATIENT, CONDITION, kind="collection"))}
NOT_PROVIDED, WHOLE, PARTIAL = State.NOT_PROVIDED, State.WHOLE, State.PARTIAL


@dataclass(frozen=True, slots=True)
class Body:
    """A fault of the bytes, at the hook and at the API alike: `made` of a good body, with these headers."""

    sent: str
    made: Callable[[bytes], bytes]
    status: int
    promise: str
    says: str = ""  # in the OperationOutcome
    media: str | None = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def _packed(encoding: str) -> Body:
    return Body(f"packed: `Content-Encoding: {encoding}`", gzip.compress, 415, "is told to send it plain", "compressed",
                headers={"Content-Encoding": encoding})  # fmt: skip


def _labelled(media: str | None) -> Body:
    return Body(f"labelled `{media}`" if media else "without a Content-Type", bytes, 415, "is told the type", "application/json", media)


def _broken(sent: str, made: Callable[[bytes], bytes], says: str = "not JSON") -> Body:
    return Body(sent, made, 400, "is told line and column, or what is wrong", says)


def _with(member: bytes) -> Callable[[bytes], bytes]:
    """One member more at the end."""
    return lambda good: good[:-1] + b',"x":' + member + b"}"


BODIES = (
    *map(_packed, ("gzip", "deflate", "br", "zstd", "gzip, identity")),
    *map(_labelled, (None, "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data")),
    Body("labelled with a charset", bytes, 200, "is read", media="application/json; charset=utf-8"),
    Body("labelled as FHIR", bytes, 200, "is read", media="application/fhir+json"),
    Body("a byte order mark before it", lambda good: b"\xef\xbb\xbf" + good, 200, "is read"),
    Body("blanks and line ends around it", lambda good: b"\r\n " + good + b" \n", 200, "is read"),
    Body("letters of any script, and escapes of them", _with('"Zoë 山 😀 \\ud83d\\ude00 \u202e"'.encode()), 200, "is read"),
    _broken("XML", lambda _: b"<Bundle xmlns='http://hl7.org/fhir'/>"),
    _broken("nothing", lambda _: b"", "empty"),
    _broken("blanks alone", lambda _: b" \r\n\t"),
    _broken("cut off", lambda good: good[:-5]),
    _broken("two documents", lambda good: good * 2),
    _broken("a trailing comma", lambda good: good[:-1] + b",}"),
    _broken("a comment", lambda good: good + b" // why"),
    _broken("100,000 arrays in each other", _with(b"[" * 100_000 + b"]" * 100_000), "not JSON"),
    _broken("900 objects in each other", _with(b'{"a":' * 900 + b"1" + b"}" * 900), "levels deep"),
    _broken("300 Bundles in each other", _with(b'{"resourceType":"Bundle","entry":[{"resource":' * 300 + b"{}" + b"}]}" * 300),
            "levels deep"),
    _broken("NaN", _with(b"NaN")),
    _broken("-Infinity", _with(b"-Infinity")),
    _broken("1e999", _with(b"1e999")),
    _broken("a number of 100,000 digits", _with(b"1" * 100_000)),
    _broken("half a surrogate pair", _with(b'"\\udead"')),
    _broken("bytes that are no UTF-8", _with(b'"\xc3\x28"'), "not UTF-8"),
    _broken("UTF-16", lambda good: good.decode().encode("utf-16"), "not UTF-8"),
    _broken("a NUL", _with(b'"\x00"')),
    _broken("a member twice", lambda good: b'{"extension":{},"extension":{},' + good[1:], "twice"),
    Body("a member twice deeper down", _with(b'{"a":1,"a":2}'), 200, "the last one counts, as for most readers"),
    _broken("an array", lambda _: b"[]", "found an array"),
    _broken("a string", lambda _: b'"Bundle"', "found a string"),
    _broken("a number", lambda _: b"1", "found a number"),
    _broken("null", lambda _: b"null", "found null"),
    Body("20 MB", lambda good: good.ljust(20_000_000), 413, "is told so; a site may choose another limit than 10 MB", "large"),
)  # fmt: skip


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("fault", BODIES, ids=lambda fault: fault.sent)
def test_a_body_is_answered_as_promised(fault: Body, path: str) -> None:
    """The status and words of the table, at both doors."""
    answer = post(client(), path, fault.made(GOOD[path]), content_type=fault.media, headers=dict(fault.headers))
    assert answer.status_code == fault.status
    assert answer.status_code == 200 or fault.says in problems(answer)


CHUNKED = ((0, 400, "in chunks of nothing"), (900, 200, "in chunks"), (2000, 413, "in chunks, more than the limit"))


@pytest.mark.parametrize(("size", "status", "sent"), CHUNKED)
def test_a_body_in_chunks_is_a_body(size: int, status: int, sent: str) -> None:
    """Without a Content-Length the bytes are counted as they come, to the same limit."""
    body = GOOD[PATH].ljust(size) if size else b""
    chunks: dict[str, Any] = {"input_stream": io.BytesIO(body), "environ_overrides": {"wsgi.input_terminated": True}}
    answer = client(body_limit=1000).post(PATH, content_type="application/json", headers={"Transfer-Encoding": "chunked"}, **chunks)
    assert answer.status_code == status


@dataclass(frozen=True, slots=True)
class Call:
    """A fault of a hook call. `states`: how whole each of these types is then, where the call is answered."""

    sent: str
    body: Json
    status: int
    promise: str
    says: str = ""
    states: Mapping[str, State] = field(default_factory=dict)
    path: str = PATH
    evaluated: bool = True


def _lacking(element: str) -> Call:
    body = hook_request()
    holder, _, name = element.rpartition(".")
    del (body[holder] if holder else body)[name]
    return Call(f"no `{element}`", body, 400, "the element is named", f"{element}: is required")


def _wrong(element: str, change: Json) -> Call:
    sent = change[element.partition(".")[0]]
    said = f"a wrong `{element}`: `{orjson.dumps(sent).decode()}`"
    return Call(said, hook_request(**change), 400, "the element is named", f"{element}: must be")


def _read(sent: str, **more: Any) -> Call:
    return Call(sent, hook_request(**more), 200, "is let be")


def _context(**more: Any) -> Json:
    return {"context": {"patientId": "p1", "userId": "Practitioner/e1", **more}}


LONG = "e" + "x.Y-3" * 40  # EHRs have ids of 190 characters
CALLS = (
    *map(_lacking, ("hook", "hookInstance", "context", "context.patientId", "context.userId")),
    _wrong("hook", {"hook": 5}),
    _wrong("hookInstance", {"hookInstance": ""}),
    _wrong("hookInstance", {"hookInstance": ["x"]}),
    _wrong("context", {"context": []}),
    _wrong("context.patientId", _context(patientId=7)),
    _wrong("context.userId", _context(userId=" ")),
    _wrong("prefetch", {"prefetch": []}),
    _wrong("prefetch", {"prefetch": "x"}),
    Call("another hook than the one offered there", hook_request(hook="order-sign"), 400, "the hook offered is named", "patient-view"),
    Call("a hook that is unknown", hook_request(hook="com.example.opened"), 400, "the hook offered is named", "patient-view"),
    Call("the id of no service", hook_request(), 404, "is told where they are listed", "no CDS service", path="/cds-services/other"),
    Call("a slash at the end of the URL", hook_request(), 404, "no redirect", "nothing at this path", path=f"{PATH}/"),
    Call("two slashes in the URL", hook_request(), 404, "no redirect", "nothing at this path", path=PATH.replace("s/", "s//")),
    _read("Epic's extensions, as objects and beside `extension`",
          extension={"com.epic.cdshooks.request.bpa-trigger-action": "60"}, **{"internal.epic": 1}),
    _read("`extension` within the context", **_context(extension={"a": {"b": []}}, encounterId="e1")),
    _read("members that no specification has", prefetchTemplates={}, user="x", **_context(selections=["x"])),
    _read("a `hookInstance` that is no UUID", hookInstance="not-a-uuid"),
    _read("a user who is a PractitionerRole", **_context(userId="PractitionerRole/e.1-x")),
    _read("an http `fhirServer`", fhirServer="http://ehr.example/r4", fhirAuthorization={"access_token": "x"}),
    _read("a `fhirServer` without an authorization", fhirServer="https://ehr.example/r4"),
    _read("an authorization without a `fhirServer`", fhirAuthorization={"access_token": "x"}),
    _read("a `fhirServer` that is no text", fhirServer=5, fhirAuthorization="x"),
    _read("null for what is optional", fhirServer=None, fhirAuthorization=None, extension=None),
    _read("`Patient/` before the id", **_context(patientId="Patient/p1")),
    _read("blanks around the id", **_context(patientId=" p1 ")),
)  # fmt: skip


def _charted(identity: str) -> Json:
    """A chart of a patient of that id."""
    subject = {"reference": f"https://ehr.example.org/api/FHIR/R4/Patient/{identity}"}
    return {"patient": {**PATIENT, "id": identity}, "conditions": bundle({**CONDITION, "subject": subject})}


def _prefetch(sent: str, value: Json, promise: str, **states: State) -> Call:
    return Call(sent, hook_request({"patient": PATIENT, "conditions": bundle(CONDITION), **value}), 200, promise, states=states)


def _refused(sent: str, value: Json, says: str, promise: str = "the place is named") -> Call:
    return Call(sent, hook_request({"patient": PATIENT, "conditions": None, **value}), 400, promise, says)


OTHER = {**PATIENT, "id": "p2"}
MIXED = "a mixed-up call never gets another patient's verdict"
PREFETCH = (
    Call("no `prefetch`", without(hook_request(), "prefetch"), 412, "the keys are named", "'patient'"),
    Call("`prefetch` null", {**hook_request(), "prefetch": None}, 412, "the keys are named", "'conditions'"),
    Call("`prefetch` empty", hook_request({}), 412, "the keys are named", "'conditions'"),
    Call("`{}` for the patient", hook_request({"patient": {}, "conditions": None}), 412, "as if it were absent", "'patient'"),
    _prefetch("`{}` for another key", {"labs": {}, "surveys": {}}, "as if it were absent: unknown", Observation=NOT_PROVIDED),
    _prefetch("a key that is absent", {}, "unknown", Observation=NOT_PROVIDED, Procedure=NOT_PROVIDED),
    _prefetch("a key of another name", {"problems2": bundle(resource("Procedure"))}, "read by the type of what it holds", Procedure=WHOLE),
    _prefetch("a key that nobody asked for", {"coverage": bundle(resource("Coverage"))}, "passed over", Condition=WHOLE),
    _prefetch("labs without surveys", {"labs": bundle(LAB)}, "the type is known in part", Observation=PARTIAL),
    _prefetch("an entry without a resource", {"procedures": {"resourceType": "Bundle", "type": "searchset", "entry": [{"fullUrl": "x"}]}},
              "passed over", Procedure=WHOLE),
    _prefetch("a number where a code should be", {"procedures": bundle(resource("Procedure", code=5))}, "that record is unknown",
              Procedure=WHOLE),
    _prefetch("records of another patient", {"procedures": bundle({**resource("Procedure"), "subject": {"reference": "Patient/p2"}})},
              "are set aside", Procedure=WHOLE),
    Call("an id of 200 characters, and absolute references", hook_request(_charted(LONG), **_context(patientId=LONG)), 200, "are read",
         states={"Condition": WHOLE}),
    *(Call(f"a patient's id such as `{odd}`", hook_request(_charted(odd), **_context(patientId=odd)), 200, "is read",
           states={"Condition": WHOLE}) for odd in ("e.3-x", "a%2Fb", "1_2")),
    Call("a patient's id that no FHIR server has", hook_request(_charted("Ä 1"), **_context(patientId="Ä 1")), 200,
         "records that refer to it can't be told to be theirs: unknown", states={"Condition": PARTIAL}),
    _refused("another patient", {"patient": OTHER}, "not context.patientId", MIXED),
    _refused("two patients", {"patient": bundle(PATIENT, OTHER)}, "not context.patientId", MIXED),
    _refused("a patient without an id", {"patient": {"resourceType": "Patient"}}, "not context.patientId", MIXED),
    _refused("a patient whose id is a number", {"patient": {**PATIENT, "id": 5}}, "not context.patientId", MIXED),
    _refused("a number for a value", {"labs": 5}, "prefetch.labs: must be a FHIR resource"),
    _refused("an array for a value", {"labs": []}, "prefetch.labs: must be a FHIR resource"),
    _refused("an object that is no resource", {"labs": {"resourceType": 5}}, "prefetch.labs: must be a FHIR resource"),
    _refused("the same under a key that could tell of a patient", {"Mr Smith, born 1950": 5}, "prefetch.?: must be",
             "the key is not repeated"),
    _refused("a Bundle whose `entry` is none", {"labs": {"resourceType": "Bundle", "entry": 5}}, "prefetch.labs.entry: must be"),
    _refused("an entry that is no object", {"labs": {"resourceType": "Bundle", "entry": [5]}}, "prefetch.labs.entry[0]: must be"),
    _refused("an entry's resource without a type", {"labs": {"resourceType": "Bundle", "entry": [{"resource": {}}]}},
             "prefetch.labs.entry[0].resource: must be"),
)  # fmt: skip


def _signing(sent: str, orders: Any, status: int, promise: str, says: str = "", evaluated: bool = True) -> Call:
    body = {**hook_request(hook="order-sign"), **_context(draftOrders=orders)}
    return Call(sent, body, status, promise, says, path=PATH.replace("patient-view", "order-sign"), evaluated=evaluated)


ORDER = {"resourceType": "MedicationRequest", "id": "d", "medicationCodeableConcept": {"text": "x"}}
SIGNING = (
    _signing("`draftOrders` without a type", {"resourceType": "Bundle", "entry": [{"resource": ORDER}]}, 200, "is read"),
    _signing("an order without status, intent, subject or code", bundle({"resourceType": "MedicationRequest"}), 200, "is read"),
    _signing("orders and the Medication beside them", bundle(ORDER, resource("Medication", "m")), 200, "are read"),
    _signing(
        "entries that are none",
        {"resourceType": "Bundle", "entry": [5, {}, {"resource": outcome()}]},
        200,
        "there is nothing to warn of",
        evaluated=False,
    ),
    _signing("no `draftOrders`", None, 400, "the element is named", "context.draftOrders: is required"),
    _signing("an array of orders", [ORDER], 400, "the element is named", "context.draftOrders: must be a Bundle"),
    _signing("an order in place of the Bundle", ORDER, 400, "the element is named", "context.draftOrders: must be a Bundle"),
)


@pytest.mark.rule("5", "19", "22", "23", "25", "28", "65")
@pytest.mark.parametrize("fault", [*CALLS, *PREFETCH, *SIGNING], ids=lambda fault: fault.sent)
def test_a_call_is_answered_as_promised(fault: Call) -> None:
    """The status and words of the table; what is answered is evaluated, with types as whole as they are."""
    engine = FakeEngine()
    answer = post(client(engine), fault.path, fault.body)
    assert answer.status_code == fault.status
    assert bool(engine.charts) is (fault.status == 200 and fault.evaluated)
    if fault.status != 200:
        assert fault.says in problems(answer)
    for name, state in fault.states.items():
        assert engine.charts[0].sources[name].state is state


def test_of_odd_ids_the_records_are_the_patients() -> None:
    """An absolute reference to the patient is one, whatever the id looks like."""
    engine = FakeEngine()
    post(client(engine), PATH, hook_request(_charted(LONG), **_context(patientId=LONG)))
    assert len(engine.charts[0].of("Condition")) == 1
