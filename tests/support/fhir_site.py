"""A hospital for tests: its FHIR server on loopback, the tenant that names it, hook requests with a token, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from cds_service.hooks.completion import complete
from cds_service.hooks.prefetch import chart_of_prefetch
from cds_service.hooks.request import HookRequest, read_request
from cds_service.security.addresses import network_of
from cds_service.security.tenants import Fetching, Tenant
from fhir_mappings.inputs import State
from tests.support.faulty_server import Faulty, Reply, faulty, json
from tests.support.service import PATIENT, Json, bundle, hook_request, resource, trial

TOKEN = "s3cret-t0ken"
LOOPBACK = (network_of("127.0.0.0/8"),)


def page(*resources: Json, next_: str | None = None, **more: Any) -> Reply:
    """A searchset with a link to a further page, if given."""
    link = [{"relation": "next", "url": next_}] if next_ is not None else []
    return json(bundle(*resources, link=link, **more))


@dataclass
class Hospital:
    """`server` answers under /r4; searches not told of are empty."""

    server: Faulty
    tenant: Tenant

    def __post_init__(self) -> None:
        self.says("Patient/p1", json(PATIENT))
        kinds = (
            "Condition Observation MedicationStatement MedicationRequest MedicationAdministration MedicationDispense Procedure "
            "Immunization AllergyIntolerance Encounter ResearchSubject DiagnosticReport QuestionnaireResponse"
        )
        for kind in kinds.split():
            self.says(kind, page(total=0))

    @property
    def base(self) -> str:
        return f"{self.server.url}/r4"

    def says(self, target: str, reply: Reply | list[Reply]) -> None:
        self.server.replies[f"/r4/{target}"] = reply

    def limits(self, **limits: Any) -> None:
        self.tenant = replace(self.tenant, fhir=Fetching(**limits))

    def body(self, prefetch: Json | None, **authorization: Any) -> Json:
        given = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read", "subject": "c"}
        return {**hook_request(prefetch or {}), "fhirServer": self.base, "fhirAuthorization": {**given, **authorization}}

    def completed(self, prefetch: Json | None = None, types: Iterator[str] | None = None, **authorization: Any) -> HookRequest:
        """The request after fetching; of one open trial that reads these types, all by default."""
        request = read_request(self.body(prefetch, **authorization), "patient-view", ("patientId",))
        reads = trial() if types is None else trial(resource_types=frozenset(types))
        return complete(request, self.tenant, [reads])

    def states(self, prefetch: Json | None = None, **authorization: Any) -> dict[str, State]:
        """How whole each type of the chart is."""
        request = self.completed(prefetch, **authorization)
        return {name: source.state for name, source in chart_of_prefetch(request.prefetch, request.patient).sources.items()}

    def targets(self, kind: str = "") -> list[str]:
        """What was asked of it, without its base."""
        return sorted(one.removeprefix("/r4/") for one in self.server.targets() if kind in one)


@contextmanager
def hospital() -> Iterator[Hospital]:
    with faulty() as server:
        yield Hospital(server, Tenant("general", "General", (), (f"{server.url}/r4/",), networks=LOOPBACK))


def conditions(start: int, count: int = 1) -> list[Json]:
    return [resource("Condition", str(number)) for number in range(start, start + count)]
