"""An EHR with signed tokens against the shipped nginx and gunicorn with two workers, on each store: discovery, hooks, feedback, silence."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest

from cds_service.demo import generate
from cds_service.hooks.keys import KEYS
from cds_service.web.wire import hook_request
from fhir_mappings.chart import READ_TYPES, chart_of_bundle
from tests.security.test_tenants import file
from tests.store.conftest import cluster
from tests.support import tokens as t
from tests.support.cards import override
from tests.support.deployed import PATIENCE, ROOT, UNLIMITED, Answer, Stack, start
from tests.support.faulty_server import json
from tests.support.fhir_site import TOKEN, Hospital, hospital, page
from tests.support.postgres import frozen
from tests.support.service import PATH

__all__ = ["cluster"]
PATIENT, STATEMENTS = "sle-complete", "sle-statements"  # the second one's drugs stand in MedicationStatements alone
Json = dict[str, Any]


@dataclass
class Ehr:
    """What calls the service; every token is fresh, every call a new hookInstance."""

    stack: Stack
    environ: dict[str, str]
    hospital: Hospital
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def call(self, method: str, path: str, body: Any = None, alg: str = "RS384", token: str | None = None) -> Answer:
        sent = self.token(alg) if token is None else token
        return self.stack.call(method, path, orjson.dumps(body) if body else None, {"Authorization": f"Bearer {sent}"})

    def token(self, alg: str) -> str:
        now, head = int(time.time()), {"alg": alg, "kid": "rsa-1" if alg == "RS384" else "ec-1"}
        return t.token(head, iat=now - 5, exp=now + 200, jti=f"jti-{next(self.numbers)}-{os.urandom(8).hex()}")

    def cards(self, user: str, alg: str = "RS384", of: str = PATIENT, keys: Collection[str] | None = None, **more: Any) -> list[Json]:
        """What that user is shown; `keys` of the prefetch, all by default."""
        whole = hook_call(f"00000000-0000-4000-8000-{next(self.numbers):012}", of)
        body = {**whole, "context": {**whole["context"], "userId": f"Practitioner/{user}"}, **more}
        body["prefetch"] = {name: value for name, value in whole["prefetch"].items() if keys is None or name in keys}
        answer = self.call("POST", PATH, body, alg)
        assert answer.status == 200, answer.body
        found: list[Json] = answer.json["cards"]
        return found

    def command(self, *words: str) -> str:
        """The output of a command on the same store."""
        done = subprocess.run([sys.executable, "-m", "cds_service.cli", *words], cwd=ROOT, env=self.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ledger(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.command("cards"))))


def hook_call(instance: str, of: str = PATIENT) -> Json:
    (patient,) = [one for one in generate(date.today()) if one.id == of]
    return hook_request(chart_of_bundle(patient.bundle), KEYS, instance)


def fill(site: Hospital) -> None:
    """The FHIR server holds what a whole prefetch would bring."""
    (patient,) = [one for one in generate(date.today()) if one.id == PATIENT]
    chart = chart_of_bundle(patient.bundle)
    site.says(f"Patient/{PATIENT}", json(chart.patient.resource))
    for kind in READ_TYPES:
        found = [entry.resource for entry in chart.of(kind)]
        site.says(kind, page(*found, total=len(found)))


# PostgreSQL comes first: a test for it alone then stands among those for it, and nothing is started twice.
@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def ehr(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ehr]:
    folder: Path = tmp_path_factory.mktemp("hospital")
    postgres = request.param == "postgresql"
    url = f"postgresql://postgres@/postgres?host={request.getfixturevalue('cluster')}" if postgres else f"sqlite:///{folder}/store.db"
    (folder / "secret").write_bytes(b"k" * 48)
    with hospital() as site:
        fill(site)
        keys = {"jwks": {"keys": [t.rsa_jwk(), t.ec_jwk()]}}
        tenants = file(
            folder, issuer=keys, networks=["127.0.0.0/8"], fhir_servers=[f"{site.base}/"], alerts={"limits": {"patient_cards": 500}}
        )
        settings = {
            "TRIAL_CDS_TENANTS": str(tenants), "TRIAL_CDS_DATABASE": url, "TRIAL_CDS_SECRET_FILE": str(folder / "secret"),
        }  # fmt: skip
        environ = {name: value for name, value in os.environ.items() if not name.startswith("TRIAL_CDS_")} | settings
        by = [sys.executable, "-m", "cds_service.cli", "db"]
        subprocess.run([*by, "upgrade"], cwd=ROOT, env=environ, check=True)
        running = start(folder, rate=UNLIMITED, WEB_CONCURRENCY="2", **settings)
        yield Ehr(running, environ, site)
        running.stop()
        subprocess.run([*by, "downgrade", "--lose-everything"], cwd=ROOT, env=environ, check=True)


@pytest.mark.parametrize("alg", ["RS384", "ES384"])
def test_discovery_knows_its_callers(ehr: Ehr, alg: str) -> None:
    """Of either algorithm that SMART asks for; a token is good once over both workers, and nobody comes in without."""
    token = ehr.token(alg)
    assert [one["hook"] for one in ehr.call("GET", "/cds-services", token=token).json["services"]] == [
        "patient-view",
        "encounter-start",
        "order-sign",
    ]
    assert {ehr.call("GET", "/cds-services", token=token).status for _ in range(4)} == {401}
    assert ehr.stack.call("GET", "/cds-services").status == 401


def test_a_whole_prefetch_gives_the_card_once(ehr: Ehr) -> None:
    """And then silence for that user, from whichever worker."""
    assert len(ehr.cards("whole")) == 1
    assert [ehr.cards("whole", alg=alg) for alg in ("RS384", "ES384", "RS384", "ES384")] == [[]] * 4


def test_a_part_of_the_prefetch_gives_the_card(ehr: Ehr) -> None:
    """Patient, Observation, Condition and MedicationStatement alone are enough (interfaces.md)."""
    enough = ("patient", "conditions", "labs", "medicationStatements")
    assert len(ehr.cards("part", of=STATEMENTS, keys=enough)) == 1


def test_without_a_prefetch_the_chart_is_fetched(ehr: Ehr) -> None:
    """With the call's own token, from the server that the tenant names; without that server it is 412."""
    lent = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read", "subject": "c"}
    shown = ehr.cards("fetched", keys=(), fhirServer=f"{ehr.hospital.base}/", fhirAuthorization=lent)
    assert len(shown) == 1
    assert {one.headers["authorization"] for one in ehr.hospital.server.asked} == {f"Bearer {TOKEN}"}
    assert ehr.call("POST", PATH, {**hook_call("y"), "prefetch": {}}).status == 412


def test_what_is_said_to_a_card_silences_it_for_all(ehr: Ehr) -> None:
    """A patient who declined is not asked about by anybody. Stands last but one: no card follows."""
    (card,) = ehr.cards("declines")
    said = {"feedback": [{"card": card["uuid"], **override("patient-declined")}]}
    for _ in range(3):
        answer = ehr.call("POST", f"{PATH}/feedback", said, "ES384")
        assert (answer.status, answer.json) == (200, {})
    assert [ehr.cards(f"later-{number}") for number in range(4)] == [[]] * 4
    rows = [row for row in ehr.ledger() if row["card"] == card["uuid"]]
    assert [(row["tenant"], row["action"], row["reason"]) for row in rows] == [("general", "overridden", "patient-declined")]


def test_ledger_and_audit_are_whole_after_a_worker_was_killed(ehr: Ehr) -> None:
    """Every card that reached the EHR stands in the ledger, once, and the chain of audit events holds."""
    ehr.command("mode", "on")  # a change at run time, which the audit holds too
    shown: list[str] = []
    whole = hook_call("", STATEMENTS)

    def caller(name: int) -> None:
        for number in range(15):
            instance, user = f"00000000-0000-4000-9000-{name:06}{number:06}", f"Practitioner/k{name}-{number}"
            body = {**whole, "hookInstance": instance, "context": {**whole["context"], "userId": user}}
            answer = ehr.call("POST", PATH, body)
            assert answer.status in (200, 502)
            shown.extend(card["uuid"] for card in answer.json.get("cards", []))

    _together(caller, 4, lambda: os.kill(min(ehr.stack.workers()), signal.SIGKILL), lambda: len(shown) > 10)
    held = [row["card"] for row in ehr.ledger()]
    assert len(shown) > 40
    assert set(shown) <= set(held)
    assert len(held) == len(set(held))
    assert "as they were written" in ehr.command("audit", "verify")


@pytest.mark.parametrize("ehr", ["postgresql"], indirect=True)
def test_a_database_that_hangs_costs_cards_not_calls(ehr: Ehr, request: pytest.FixtureRequest) -> None:
    """It takes what is sent and answers nothing: no call waits for the proxy's own limit, none gets a card, and health is told.

    For PostgreSQL only: a file has no server that could hang.
    """
    whole = hook_call("", STATEMENTS)
    with frozen(request.getfixturevalue("cluster")):
        begun = time.monotonic()
        answers = [ehr.call("POST", PATH, {**whole, "hookInstance": f"00000000-0000-4000-a000-{number:012}"}) for number in range(6)]
        ready, alive = ehr.stack.call("GET", "/readyz"), ehr.stack.call("GET", "/livez")
        took = time.monotonic() - begun
    assert [(one.status, one.json) for one in answers] == [(200, {"cards": []})] * 6
    assert (ready.status, alive.status) == (503, 200)
    assert took < 30  # what nginx waits for one of them
    _until_shown(ehr)


def _until_shown(ehr: Ehr) -> None:
    """By itself, once the database answers again and the pause is over."""
    deadline = time.monotonic() + PATIENCE
    while not (shown := ehr.cards(f"again-{next(ehr.numbers)}", of=STATEMENTS)) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert len(shown) == 1


def test_a_mode_set_at_run_time_counts_for_every_worker(ehr: Ehr) -> None:
    """No restart: the next call is silent. Stands last."""
    ehr.command("mode", "off", "--tenant", "general")
    before = len(ehr.ledger())
    assert [ehr.cards(f"off-{number}") for number in range(4)] == [[]] * 4
    assert len(ehr.ledger()) == before


def _together(caller: Callable[[int], None], callers: int, disturb: Callable[[], None], begun: Callable[[], bool]) -> None:
    """Runs them at once, and disturbs when it has begun. An exception in one of them is ours."""
    broken: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            caller(number)
        except BaseException as error:
            broken.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + PATIENCE
    while not begun() and not broken and time.monotonic() < end:
        time.sleep(0.01)
    disturb()
    for thread in threads:
        thread.join(120)
    assert broken == []
