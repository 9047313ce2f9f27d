"""A hospital's Bulk Data server on loopback, with its authorization server: it checks what a real one checks, and errs where a test says.

Its clock is the client's, and stands still but for the client's own waiting.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt as pyjwt
import orjson
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cds_service.fhir.backend_services import Tokens
from cds_service.fhir.bulk import BulkFetch, Order
from cds_service.fhir.bulk_calls import Calls
from cds_service.fhir.bulk_job import Say, Wanted
from cds_service.fhir.bulk_settings import ClientSettings, Source
from cds_service.fhir.fetched import Fetched
from cds_service.fhir.retry import Timing
from cds_service.security.assertions import ClientKey, key_set, read_key
from cds_service.security.outbound import Outbound
from tests.support import tokens as t
from tests.support.exports import lines
from tests.support.faulty_server import Faulty, Handler, Reply, body, faulty, json, status
from tests.support.fhir_site import LOOPBACK

Json = dict[str, Any]
NOW = 1_790_000_000.0
TIME = "2026-11-20T03:00:00Z"
CLIENT = "trial-cds"
TYPES = ("Condition", "Observation", "Patient")
WANTED = Wanted(TYPES)


def _silent(_: str) -> None:
    return


@dataclass
class Clock:
    """What the client waits is written down instead of waited."""

    now: float = NOW
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    @property
    def timing(self) -> Timing:
        return Timing(lambda: self.now, self.sleep, lambda: 1.0)


def client_key(folder: Path, kid: str = "2026-01") -> ClientKey:
    path = folder / "key.pem"
    path.write_bytes(t.ec_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return read_key(path, kid)


def patient(number: int) -> Json:
    return {"resourceType": "Patient", "id": f"p{number}", "birthDate": "1980-01-01"}


def condition(number: int, of: int = 1) -> Json:
    return {"resourceType": "Condition", "id": f"c{number}", "subject": {"reference": f"Patient/p{of}"}}


def two_files() -> list[tuple[str, list[Json]]]:
    return [("Patient", [patient(1), patient(2)]), ("Condition", [condition(1)])]


@dataclass
class Exporter:
    """`files`: what the manifest names, as (type, resources); members of the manifest and replies of single paths can be set besides."""

    server: Faulty
    clock: Clock
    keys: list[ClientKey]
    files: list[tuple[str, list[Json]]] = field(
        default_factory=lambda: [("Patient", [patient(1), patient(2)]), ("Condition", [condition(1)])]
    )
    manifest: Json = field(default_factory=dict)
    polls: list[Reply] = field(default_factory=list)  # before the manifest
    granted: str | None = None  # scopes; None: as asked
    lifetime: Any = 300
    open: bool = False  # asks for no token
    faults: list[str] = field(default_factory=list)  # why a token was refused
    jobs: int = 0
    deleted: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _live: dict[str, float] = field(default_factory=dict)
    _issued: int = 0

    def __post_init__(self) -> None:
        self.says("/r4/metadata", json(capabilities(*TYPES, "Consent")))
        self.says("/r4/.well-known/smart-configuration", json({"token_endpoint": self.token_url}))
        self.says("/auth/token", self._token)
        for path in ("/r4/Group/g1/$export", "/r4/Patient/$export", "/r4/$export"):
            self.says(path, self.guarded(self._kick_off))

    def says(self, path: str, reply: Reply | list[Reply]) -> None:
        self.server.replies[path] = reply

    @property
    def base(self) -> str:
        return f"{self.server.url}/r4"

    @property
    def token_url(self) -> str:
        return f"{self.server.url}/auth/token"

    def asked(self, path: str) -> list[Any]:
        """The requests to paths that begin so."""
        return [one for one in self.server.asked if one.target.startswith(path)]

    def guarded(self, reply: Reply) -> Reply:
        """The reply to who brings a token that is good, and 401 to everybody else."""

        def answer(handler: Handler) -> None:
            word, _, token = handler.headers.get("Authorization", "").partition(" ")
            good = word == "Bearer" and self._live.get(token, 0) > self.clock.now
            (reply if good or self.open else status(401))(handler)

        return answer

    def withdraw(self) -> None:
        """No token that was given is good any more."""
        self._live.clear()

    def _token(self, handler: Handler) -> None:
        form = {name: held[0] for name, held in parse_qs(self.server.asked[-1].content.decode()).items()}
        fault = self._fault(form)
        if fault:
            self.faults.append(fault)
            json({"error": "invalid_client", "error_description": "s3cret"}, 400)(handler)
            return
        self._issued += 1
        token = f"s3cret-{self._issued}"
        lifetime = self.lifetime if isinstance(self.lifetime, int) else 300
        self._live[token] = self.clock.now + lifetime
        granted = form["scope"] if self.granted is None else self.granted
        json({"access_token": token, "token_type": "bearer", "expires_in": self.lifetime, "scope": granted}, Cache_Control="no-store")(
            handler
        )

    def _fault(self, form: dict[str, str]) -> str:
        """What a server has to check of a client's assertion (SMART, "Issue access token"); '' where all is well."""
        expected = {"grant_type": "client_credentials", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
        if {name: form.get(name) for name in expected} != expected or "scope" not in form:
            return "form"
        head = pyjwt.get_unverified_header(form["client_assertion"])
        found = [one for one in key_set(*self.keys)["keys"] if one["kid"] == head.get("kid") and one["alg"] == head["alg"]]
        if head.get("typ") != "JWT" or not found:
            return "key"
        try:
            claims = pyjwt.decode(
                form["client_assertion"], pyjwt.PyJWK(found[0]).key, [head["alg"]], audience=self.token_url, options={"verify_exp": False}
            )
        except pyjwt.InvalidTokenError as error:
            return type(error).__name__
        if (claims["iss"], claims["sub"]) != (CLIENT, CLIENT):
            return "client"
        if not self.clock.now < claims["exp"] <= self.clock.now + 300:
            return "exp"
        if claims["jti"] in self._seen:
            return "jti"
        self._seen.add(claims["jti"])
        return ""

    def _kick_off(self, handler: Handler) -> None:
        asked = self.server.asked[-1]
        if "respond-async" not in asked.headers.get("prefer", "") or asked.headers.get("accept") != "application/fhir+json":
            status(400)(handler)
            return
        self.jobs += 1
        place = f"/jobs/{self.jobs}"
        self.says(place, self.guarded(self._status))
        for number, (kind, resources) in enumerate(self.files):
            self.server.replies.setdefault(f"/files/{self.jobs}/{number}", self.guarded(ndjson(resources)))
            assert kind
        status(202, Content_Location=self.server.url + place)(handler)

    def _status(self, handler: Handler) -> None:
        if handler.command == "DELETE":
            self.deleted.append(handler.path)
            del self.server.replies[handler.path]
            status(202)(handler)
        elif self.polls:
            self.polls.pop(0)(handler)
        else:
            json(self.manifest_of(handler.path))(handler)

    def manifest_of(self, job: str) -> Json:
        number = job.rpartition("/")[2]
        output = [
            {"type": kind, "url": f"{self.server.url}/files/{number}/{at}", "count": len(held)}
            for at, (kind, held) in enumerate(self.files)
        ]
        return {"transactionTime": TIME, "request": "x", "requiresAccessToken": True, "output": output, "error": [], **self.manifest}

    def export_of(self, call: int = -1) -> dict[str, list[str]]:
        """The parameters of a kick-off, by GET or POST."""
        asked = [one for one in self.server.asked if "$export" in one.target][call]
        if asked.method == "POST":
            found: dict[str, list[str]] = {}
            for one in orjson.loads(asked.content)["parameter"]:
                found.setdefault(one["name"], []).append(next(value for name, value in one.items() if name != "name"))
            return found
        return {name: value.split(",") for name, value in parse_qsl(urlsplit(asked.target).query)}

    def source(self, **more: Any) -> Source:
        client = ClientSettings(CLIENT, self.keys[0])
        return replace(Source(self.base, client, "group", "g1", networks=LOOPBACK, attempts=3), **more)

    def calls(self, **more: Any) -> Calls:
        source = self.source(**more)
        outbound = Outbound(source.reach)
        return Calls(source, outbound, Tokens(source, outbound, self.clock.timing, TYPES), self.clock.timing)

    def fetch(self, folder: Path, wanted: Wanted = WANTED, partial: bool = False, say: Say = _silent, **more: Any) -> Fetched:
        """One run of the client."""
        return BulkFetch(self.calls(**more), Order(wanted, folder, partial), say).run()


def capabilities(*types: str) -> Json:
    return {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": [{"type": one} for one in types]}]}


def ndjson(resources: list[Json], packed: bool = False) -> Reply:
    data = lines(resources)
    if packed:
        return body(gzip.compress(data), Content_Encoding="gzip", Content_Type="application/fhir+ndjson")
    return body(data, Content_Type="application/fhir+ndjson")


def outcome(severity: str = "error", code: str = "processing", **more: Any) -> Json:
    issue = {"severity": severity, "code": code, "diagnostics": "Jane Roe, MRN 4711", **more}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


@contextmanager
def exporter(folder: Path) -> Iterator[Exporter]:
    with faulty() as server:
        yield Exporter(server, Clock(), [client_key(folder)])
