"""Nothing by which a person or a token could be recognised gets into a log, a metric, an error, a header or the store, by any door."""

from __future__ import annotations

import http.client
import io
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from waitress.server import create_server

from cds_service import engine as engines
from cds_service import server
from cds_service.app import create_app
from cds_service.cli import main
from cds_service.config import Settings
from cds_service.observe.logs import TextLines, to_stderr
from cds_service.security.api_tokens import digest_of
from cds_service.store.database import open_database
from tests.security.test_tenants import file
from tests.support import tokens as t
from tests.support.canaries import ECHOES, HEADERS, TWO, WORD, call, canary, chart, leaked, quoting, said
from tests.support.engine import engine
from tests.support.fhir_site import Hospital
from tests.support.fhir_site import hospital as running_hospital
from tests.support.service import API, PATH

ORDER_SIGN = PATH.replace("patient-view", "order-sign")
API_SECRET = f"cdsapi_{canary('api')}"
API_TOKEN = {"Authorization": f"Bearer {API_SECRET}"}
Json = dict[str, Any]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """What the service's own logging wrote, in both its forms, at the most talkative level; the logging of before is put back."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    for handler in handlers:
        root.removeHandler(handler)  # basicConfig would close pytest's own
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        to_stderr("json")
    words = logging.StreamHandler(stream)
    words.setFormatter(TextLines())
    root.addHandler(words)
    root.setLevel(logging.DEBUG)
    yield stream.getvalue
    logging.captureWarnings(False)
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)


@dataclass
class Site:
    """The whole service: callers checked, a store, metrics, a FHIR server, the real engine."""

    app: Flask
    hospital: Hospital
    database: Path
    used: int = 0

    def bearer(self, head: Json | None = None, **more: Any) -> dict[str, str]:
        """Of this moment, with a subject and an id that could be recognised."""
        now, self.used = int(time.time()), self.used + 1
        claims = {"iat": now - 5, "exp": now + 200, "sub": canary("sub"), "jti": f"{canary('jti')}{self.used}"}
        return {"Authorization": f"Bearer {t.token(head, **{**claims, **more})}"}

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None, media: str = "application/json") -> Any:
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        by = headers if headers is not None else API_TOKEN if path.startswith("/api/") else self.bearer()
        return self.app.test_client().post(f"{path}?x={canary('url')}", data=data, headers=HEADERS | by, content_type=media)

    def fetching(self) -> Json:
        """A call without a prefetch, of a server that is known."""
        token = {"access_token": canary("token"), "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read", "subject": "c"}
        return call({}, fhirServer=self.hospital.base, fhirAuthorization=token)


@pytest.fixture(scope="module")
def hospital() -> Iterator[Hospital]:
    with running_hospital() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, hospital: Hospital) -> Site:
    return build(tmp_path_factory.mktemp("site"), hospital)


def build(folder: Path, hospital: Hospital, *, store: bool = True) -> Site:
    (folder / "secret").write_bytes(b"k" * 32)
    url = f"sqlite:///{folder}/store.db"
    if store:
        open_database(url).migrate()
    tokens = [{"name": "warehouse", "sha256": digest_of(API_SECRET), "scopes": ["evaluate"]}]
    tenants = file(folder, fhir_servers=[hospital.base], networks=["127.0.0.0/8"], api_tokens=tokens)
    settings = Settings(tenants=tenants, database=url, secret_file=folder / "secret", metrics=True, body_limit=2_000_000)
    return Site(create_app(settings, engine()), hospital, folder / "store.db")


def replayed(site: Site) -> Any:
    token = site.bearer()
    site.post(PATH, call(), token)
    return site.post(PATH, call(), token)


def drafts(*resources: Json) -> Json:
    orders = {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}
    body = call(hook="order-sign")
    return {**body, "context": {**body["context"], "draftOrders": orders}}


def feedback(site: Site, *more: Any) -> Any:
    (card,) = site.post(PATH, call()).get_json()["cards"]
    return site.post(f"{PATH}/feedback", {"feedback": [said(card["uuid"]), *more]})


RITUXIMAB = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "121191", "display": canary("drafted")}]}
DRAFT = {"resourceType": "MedicationRequest", "id": canary("draft"), "medicationCodeableConcept": RITUXIMAB}
DOORS: dict[str, tuple[int, Callable[[Site], Any]]] = {
    "a card": (200, lambda site: site.post(PATH, call())),
    "a warning": (200, lambda site: site.post(ORDER_SIGN, drafts(DRAFT))),
    "the API": (200, lambda site: site.post(API, chart())),
    "feedback": (200, feedback),
    "feedback with faults": (400, lambda site: feedback(site, canary("item"), {**said(canary("card")), "outcome": canary("outcome")})),
    "feedback on no card of ours": (404, lambda site: site.post(f"{PATH}/feedback", {"feedback": [said(canary("card"))]})),
    "another hook": (400, lambda site: site.post(PATH, call(hook=canary("hook")))),
    "no context": (400, lambda site: site.post(PATH, call(context=canary("context")))),
    "another patient": (400, lambda site: site.post(PATH, call(context={"patientId": canary("x"), "userId": canary("y")}))),
    "a prefetch that is no FHIR": (400, lambda site: site.post(PATH, call({"labs": canary("labs")}))),
    "a Bundle that is none": (400, lambda site: site.post(PATH, call({"labs": {"resourceType": "Bundle", "entry": [canary("entry")]}}))),
    "drafts that are none": (400, lambda site: site.post(ORDER_SIGN, call(hook="order-sign"))),
    "two patients": (400, lambda site: site.post(API, TWO)),
    "a key that tells of a patient": (400, lambda site: site.post(PATH, call({f"{canary('key')} x": 5}))),
    "a day that is none": (400, lambda site: site.app.test_client().post(f"{API}?asOf={canary('day')}", headers=HEADERS | API_TOKEN)),
    "two slashes": (404, lambda site: site.post(f"/cds-services//{canary('slashes')}", call())),
    "half of JSON": (400, lambda site: site.post(PATH, orjson.dumps(call())[:-9])),
    "a member twice": (400, lambda site: site.post(PATH, b'{"hook":"%s",' % WORD.encode() + orjson.dumps(call())[1:])),
    "text": (415, lambda site: site.post(PATH, canary("body").encode(), media=f"text/{canary('media')}")),
    "too much": (413, lambda site: site.post(PATH, orjson.dumps(call()) + b" " * 2_000_000)),
    "no such service": (404, lambda site: site.post(f"/cds-services/{canary('service')}", call())),
    "no such trial": (404, lambda site: site.post(f"/api/trials/{canary('trial')}/evaluate", chart())),
    "no such path": (404, lambda site: site.post(f"/{canary('path')}", call())),
    "no such method": (405, lambda site: site.app.test_client().delete(f"{PATH}?x={canary('url')}", headers=HEADERS | site.bearer())),
    "a wrong audience": (401, lambda site: site.post(PATH, call(), site.bearer(aud=canary("aud")))),
    "a wrong issuer": (401, lambda site: site.post(PATH, call(), site.bearer(iss=canary("iss")))),
    "an unknown key": (401, lambda site: site.post(PATH, call(), site.bearer({"kid": canary("kid")}))),
    "an expiry that is none": (401, lambda site: site.post(PATH, call(), site.bearer(exp=canary("exp")))),
    "no token": (401, lambda site: site.post(PATH, call(), {"Authorization": canary("authorization")})),
    "a token again": (401, replayed),
    "nothing to fetch from": (412, lambda site: site.post(PATH, call({}))),
    "a patient who is not there": (412, lambda site: site.post(PATH, site.fetching())),
}


@pytest.mark.rule("21", "61")
@pytest.mark.parametrize("door", DOORS)
def test_no_door_leaks(site: Site, written: Callable[[], str], door: str) -> None:
    """Log, metrics, headers and the store hold no canary; nor does an answer that is no card and no Evaluation."""
    status, play = DOORS[door]
    answer = play(site)
    assert answer.status_code == status
    assert_clean(site, written(), answer)


def assert_clean(site: Site, log: str, answer: Any) -> None:
    assert '"event":"call"' in log
    assert "INFO    call" in log
    assert leaked(log) == []
    assert leaked(str(answer.headers)) == []
    assert leaked(site.app.test_client().get("/metrics").data) == []
    assert leaked(b"".join(path.read_bytes() for path in site.database.parent.glob("store.db*"))) == []
    if answer.status_code != 200:
        assert leaked(answer.data) == []


def test_the_canaries_are_there_to_be_seen(site: Site) -> None:
    """The chart gets a card and names its records over the API, the store remembers the token: nothing above is for want of them."""
    assert len(site.post(PATH, call()).get_json()["cards"]) == 1
    assert leaked(site.post(API, chart()).data)
    assert leaked(t.unsigned({}, {"a": canary("x")}))
    assert site.database.stat().st_size > 0
    (warned,) = site.post(ORDER_SIGN, drafts(DRAFT)).get_json()["cards"]
    assert "E-11" in warned["detail"]


@pytest.mark.rule("21")
@pytest.mark.parametrize("echo", ECHOES)
def test_no_server_makes_it_leak(site: Site, written: Callable[[], str], echo: str) -> None:
    """A FHIR server that says again what it was asked, in its status, headers, pages, outcomes and links."""
    for target in ("Condition", "Procedure", "Observation", f"Patient/{canary('id')}"):
        site.hospital.says(target, ECHOES[echo])
    answer = site.post(PATH, site.fetching())
    assert answer.status_code == 412
    assert any(canary("token") in one.headers["authorization"] for one in site.hospital.server.asked)
    assert_clean(site, written(), answer)


@pytest.mark.parametrize(("path", "body"), [(PATH, call()), (API, chart())])
def test_a_fault_of_the_service_does_not_leak(
    site: Site, written: Callable[[], str], monkeypatch: pytest.MonkeyPatch, path: str, body: Json
) -> None:
    """An exception whose text quotes the whole chart, raised while another one was handled."""
    monkeypatch.setattr(engines, "map_chart", quoting)
    answer = site.post(path, body)
    assert answer.status_code == 500
    assert_clean(site, written(), answer)


@pytest.mark.parametrize(("command", "holds"), [("cards", "overridden"), ("audit export --since 2020-01-01", "AuditEvent")])
def test_what_is_kept_names_nobody(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, holds: str
) -> None:
    """Users and patients are digests in the list of cards and in the audit, also where they were spoken of."""
    feedback(site)
    monkeypatch.setenv("TRIAL_CDS_DATABASE", f"sqlite:///{site.database}")
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", str(site.database.with_name("secret")))
    assert main(command.split()) == 0
    told = capsys.readouterr().out
    assert holds in told
    assert leaked(told) == []


def test_a_store_that_is_gone_does_not_leak(tmp_path: Path, hospital: Hospital, written: Callable[[], str]) -> None:
    """What could not be written is not told."""
    site = build(tmp_path, hospital, store=False)
    answer = site.post(PATH, call())
    assert answer.get_json() == {"cards": []}
    assert_clean(site, written(), answer)


@pytest.mark.parametrize(
    "head",
    [
        f"POST {PATH}?x={canary('query')} HTTP/9.9\r\n\r\n",
        f"POST {PATH} HTTP/1.1\r\n{canary('header')}\r\n\r\n",
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {canary('length')}\r\n\r\n",
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {canary('coding')}\r\n\r\n",
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{canary('a')} : {canary('b')}\r\n\r\n",
        f"GET http://[{canary('host')}/ HTTP/1.1\r\nHost: {canary('host')}\r\n\r\n",
    ],
)
def test_what_is_no_http_does_not_leak(site: Site, written: Callable[[], str], head: str) -> None:
    """Over a real connection, below the application."""
    running = create_server(site.app, **server.options(site.app, "127.0.0.1", 0))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", running.effective_port, timeout=10)
    connection.connect()
    connection.sock.sendall(head.encode())
    connection.sock.settimeout(10)
    answer = connection.sock.recv(65_536)
    connection.close()
    running.trigger.pull_trigger(running.close)
    running.task_dispatcher.shutdown()
    thread.join(timeout=5)
    assert leaked(answer) == []
    assert leaked(written()) == []
