"""What a FHIR server may do wrong makes just that key unavailable, and is over by the deadline."""

from __future__ import annotations

import threading
import time
from email.utils import formatdate
from typing import Any

import pytest

from cds_service.errors import Unavailable
from cds_service.fhir import client as clients
from cds_service.fhir.client import Client
from cds_service.hooks.prefetch import chart_of_prefetch
from cds_service.security.outbound import Deadline, Outbound
from fhir_mappings.inputs import State
from tests.support.faulty_server import HTML, Reply, body, bomb, broken, faulty, json, raw, status
from tests.support.fhir_site import TOKEN, Hospital, conditions, page
from tests.support.service import bundle, outcome, resource

FAILED, PARTIAL, WHOLE = State.FAILED, State.PARTIAL, State.WHOLE
FAULTS: dict[str, Reply] = {
    "token refused": status(401),
    "not allowed": status(403),
    "no such type": status(404),
    "gone": status(410),
    "busy": status(429),
    "busy for long": status(429, Retry_After="60"),
    "broken": status(500),
    "down": status(503),
    "an outcome with an error status": json(outcome(), 400),
    "an outcome as the answer": json(outcome()),
    "moved": status(307, Location="https://evil.example.org/r4"),
    "a page for people": HTML,
    "no content": status(204),
    "nothing": body(b""),
    "half of it": broken(bundle(resource("Procedure"))),
    "not JSON": body(b'{"resourceType": "Bundle", "entry": ['),
    "NaN": body(b'{"resourceType": "Bundle", "total": NaN}'),
    "nested": body(b"[" * 5000 + b"]" * 5000),
    "twice": body(b'{"resourceType": "Bundle", "resourceType": "Patient"}'),
    "an array": json([bundle()]),
    "another resource": json(resource("Procedure")),
    "entries that are none": json({"resourceType": "Bundle", "entry": 7}),
    "an entry that is none": json({"resourceType": "Bundle", "entry": [7]}),
    "a resource that is none": json({"resourceType": "Bundle", "entry": [{"resource": {"id": "x"}}]}),
    "the connection ends": raw(b""),
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "too large": body(b" " * 10_000_001),
    "too large, packed": bomb(10_000_001),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_of_one_key_alone(site: Hospital, fault: str) -> None:
    """That type is failed, all others are whole."""
    site.says("Procedure", FAULTS[fault])
    states = site.states()
    assert states["Procedure"] is FAILED
    assert {states[name] for name in ("Condition", "Observation", "MedicationStatement", "Encounter")} == {WHOLE}


@pytest.mark.rule("32")
@pytest.mark.parametrize("kind", ["silent", "a byte now and then"])
def test_a_slow_server_is_left_at_the_deadline(site: Hospital, kind: str) -> None:
    """What the others gave is used."""
    site.limits(deadline=0.4)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    site.says("Procedure", site.server.silence if kind == "silent" else site.server.drip(head))
    start = time.monotonic()
    states = site.states()
    assert time.monotonic() - start < 2
    assert (states["Procedure"], states["Condition"]) == (FAILED, WHOLE)


def test_a_server_that_is_not_there(site: Hospital) -> None:
    """The keys of the prefetch are all there is."""
    given = {"patient": resource("Patient", "p1"), "conditions": bundle(resource("Condition"))}
    with faulty() as gone:
        site.server.port, gone.port = gone.port, site.server.port
    assert site.completed(given).prefetch == given


def test_a_token_that_expires_soon_shortens_the_time(site: Hospital) -> None:
    """No call is begun with a token that has expired."""
    site.limits(deadline=10)
    site.says("Procedure", site.server.silence)
    start = time.monotonic()
    assert site.states(expires_in=1)["Procedure"] is FAILED
    assert time.monotonic() - start < 3


def test_calls_are_made_at_once_but_not_more_than_allowed(site: Hospital) -> None:
    """Of six keys, three and three: each is answered only once three are under way, and there are never four."""
    site.limits(concurrency=3, deadline=5)
    gate, fourth, lock, under_way = threading.Barrier(3), threading.Event(), threading.Lock(), [0, 0]

    def answer(handler: Any) -> None:
        with lock:
            under_way[:] = under_way[0] + 1, max(under_way[1], under_way[0] + 1)
        if under_way[0] > 3:
            fourth.set()
        gate.wait(4)
        fourth.wait(0.2)  # time for one too many to come
        with lock:
            under_way[0] -= 1
        (json(resource("Patient", "p1")) if "Patient" in handler.path else page())(handler)

    for target in ("Patient/p1", "Condition", "Procedure", "Encounter", "Immunization", "AllergyIntolerance"):
        site.says(target, answer)
    request = site.completed(types=iter(["Procedure", "Encounter", "Immunization", "AllergyIntolerance"]))
    assert {value["resourceType"] for value in request.prefetch.values()} == {"Patient", "Bundle"}
    assert under_way == [0, 3]


def client(site: Hospital, slept: list[float], seconds: float = 5) -> Client:
    way = Outbound(site.tenant.reach(site.base))
    return Client(way, site.base, TOKEN, Deadline.within(seconds), slept.append, lambda: 1_000_000_000.0)


@pytest.mark.parametrize(
    ("said", "waited"),
    [("0", [0.0]), ("2", [2.0]), (formatdate(1_000_000_003, usegmt=True), [3.0]), (formatdate(999_999_000, usegmt=True), [0.0])],
)
@pytest.mark.parametrize("code", [429, 503])
def test_a_server_that_says_when_is_asked_again(site: Hospital, said: str, waited: list[float], code: int) -> None:
    """Seconds or a date, if the deadline is later."""
    slept: list[float] = []
    site.says("Procedure", [status(code, Retry_After=said), page(resource("Procedure"))])
    assert len(client(site, slept).bundle(f"{site.base}/Procedure")["entry"]) == 1
    assert slept == waited


@pytest.mark.parametrize("said", ["", "soon", "-1", "5", "99999999999999", "Tue, 99 Foo 2026", "1e3", "٣"])
def test_a_server_that_says_never_or_nonsense_is_not(site: Hospital, said: str) -> None:
    """One call, and the reason."""
    slept: list[float] = []
    site.says("Procedure", raw(f"HTTP/1.1 429 X\r\nRetry-After: {said}\r\nContent-Length: 0\r\n\r\n".encode()))
    with pytest.raises(Unavailable, match="status 429"):
        client(site, slept).bundle(f"{site.base}/Procedure")
    assert (slept, len(site.server.asked)) == ([], 1)


def test_a_server_that_is_always_busy_is_asked_three_times(site: Hospital) -> None:
    """Then it is busy."""
    slept: list[float] = []
    site.says("Procedure", status(429, Retry_After="0"))
    with pytest.raises(Unavailable, match="status 429"):
        client(site, slept).bundle(f"{site.base}/Procedure")
    assert len(site.server.asked) == 3


def test_all_answers_together_have_a_limit_too(site: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many pages of the allowed size are no way around it."""
    monkeypatch.setattr(clients, "_MOST_IN_ALL", 1000)
    site.says("Procedure", page(*(resource("Procedure", str(number)) for number in range(5)), next_="Procedure?page=2"))
    one = client(site, [])
    one.bundle(f"{site.base}/Procedure")
    with pytest.raises(Unavailable, match="in all"):
        one.bundle(f"{site.base}/Procedure")


def test_a_condition_that_was_read_before_the_fault_counts(site: Hospital) -> None:
    """The chart holds it, and says that there may be more."""
    site.says("Condition", page(*conditions(1, 2), next_=f"{site.base}/Condition?page=2"))
    site.says("Condition?page=2", status(500))
    chart = chart_of_prefetch(site.completed().prefetch, "p1")
    assert (len(chart.of("Condition")), chart.sources["Condition"].state) == (2, PARTIAL)
