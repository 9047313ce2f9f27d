"""The tenants file into Tenants: which issuers may call for a hospital, and which FHIR servers are its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cds_service.config import PREFIX
from cds_service.errors import SettingsError, unreadable
from cds_service.security.addresses import Network
from cds_service.security.api_tokens import ApiToken, read_api_tokens
from cds_service.security.fields import (
    Faults,
    authority_of,
    check_server,
    members_of,
    networks_of,
    one_of,
    seconds_of,
    text_of,
    texts_of,
    whole_of,
)
from cds_service.security.keys import ALGORITHMS, KeySet, read_keys
from cds_service.security.outbound import Reach
from cds_service.security.places import place_of

_ISSUER = {"iss", "audiences", "algorithms", "jwks", "jku", "subjects", "tenant_claims", "lifetime", "skew"}
_TENANT = {"id", "name", "issuers", "fhir_servers", "mode", "networks", "ca", "fhir", "alerts", "api_tokens"}
MODES = ("off", "silent", "pilot", "on")  # from the least to the most that is shown
LIFETIME, SKEW = 900, 60  # seconds: an Epic token lives 15 minutes
_LONGEST, _MOST_SKEW = 3600, 120
_LONGEST_FETCH, _MOST_AT_ONCE, _MOST_PAGES = 10.0, 16, 100


@dataclass(frozen=True, slots=True)
class Fetching:
    """Limits of what one hook call fetches from a FHIR server."""

    deadline: float = 2.0  # seconds for all of it: CDS Hooks wants an answer in half a second, an EHR waits for few
    concurrency: int = 6  # calls at once: as many as a browser makes to one server
    pages: int = 20  # of one search: 1,000 results at the usual 50 a page


_FETCHING = Fetching()


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs a tenant's tokens. `audiences` are compared exactly; an empty `subjects` or `tenant_claims` allows any."""

    iss: str
    audiences: frozenset[str]
    algorithms: frozenset[str]
    keys: KeySet  # those that the file itself gives; none where it names a jku alone
    jku: str | None = None  # where its keys are fetched from, and all that a token's own jku may say
    subjects: frozenset[str] = frozenset()
    tenant_claims: frozenset[str] = frozenset()
    lifetime: int = LIFETIME
    skew: int = SKEW


@dataclass(frozen=True, slots=True)
class Tenant:
    """One hospital: its issuers, the base URLs of its FHIR servers, and whether cards are shown. Of its own `networks` alone are private
    addresses reached; `ca` is a file of its own certificate authorities. `alerts` is as the file says it, for alerts/ to read."""

    id: str
    name: str
    issuers: tuple[Issuer, ...]
    fhir_servers: tuple[str, ...] = ()
    mode: str = "on"
    networks: tuple[Network, ...] = ()
    ca: str | None = None
    fhir: Fetching = _FETCHING
    alerts: object = field(default_factory=dict, compare=False)
    api_tokens: tuple[ApiToken, ...] = ()

    def reach(self, url: str) -> Reach:
        """What a call to one of the tenant's URLs may reach: nothing but that."""
        return Reach((place_of(url),), self.networks, self.ca)


def load_tenants(path: Path) -> tuple[Tenant, ...]:
    """Raises SettingsError with every fault. Unknown members are faults: a misspelt limit must not be no limit."""
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"{PREFIX}TENANTS: {path}: {unreadable(error, 'YAML')}") from None
    faults = Faults(path.name)
    held = document.get("tenants") if isinstance(document, dict) else None
    if not isinstance(held, list) or not held:
        raise SettingsError(f"{path.name}: expected `tenants:` with a list")
    tenants = tuple(_tenant(one, f"tenants[{number}]", faults) for number, one in enumerate(held))
    _distinct([one.id for one in tenants], "tenant", faults)
    _distinct([token.digest[:8] + "…" for one in tenants for token in one.api_tokens], "API token", faults)
    _distinct(list(_doors([issuer for one in tenants for issuer in one.issuers])), "issuer and audience", faults)
    if faults.found:
        raise SettingsError("\n".join(faults.found))
    return tenants


def _doors(issuers: Sequence[Issuer]) -> Iterator[tuple[str, ...]]:
    """What a token is told apart by: where one `iss` signs for several hospitals, as Oracle's does, by each one's `tenant_claims` too."""
    for issuer in issuers:
        for audience in issuer.audiences:
            alike = [one for one in issuers if one.iss == issuer.iss and audience in one.audiences]
            claims = sorted(issuer.tenant_claims) if all(one.tenant_claims for one in alike) else []
            yield from ((issuer.iss, audience, claim) for claim in claims)
            if not claims:
                yield issuer.iss, audience


def _distinct(names: list[Any], what: str, faults: Faults) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}, key=str):
        faults.add("tenants", f"{what} {name} stands twice")


def _tenant(one: object, place: str, faults: Faults) -> Tenant:
    held = members_of(one, _TENANT, place, faults)
    name = text_of(held, "id", place, faults)
    issuers = held.get("issuers")
    if not isinstance(issuers, list) or not issuers:
        faults.add(place, "needs `issuers`, a list")
        issuers = []
    mode = one_of(held, "mode", "on", MODES, place, faults)
    networks = networks_of(held, place, faults)
    servers = texts_of(held, "fhir_servers", place, faults)
    for server in servers:
        check_server(server, networks, f"{place}.fhir_servers", faults)
    found = tuple(_issuer(each, networks, f"{place}.issuers[{number}]", faults) for number, each in enumerate(issuers))
    fhir = _fetching(held.get("fhir", {}), f"{place}.fhir", faults)
    authority = authority_of(held, place, faults)
    return Tenant(
        id=name,
        name=str(held.get("name", name)),
        issuers=found,
        fhir_servers=tuple(sorted(servers)),
        mode=mode,
        networks=networks,
        ca=authority,
        fhir=fhir,
        alerts=held.get("alerts", {}),
        api_tokens=read_api_tokens(held.get("api_tokens", []), f"{place}.api_tokens", faults),
    )


def _fetching(one: object, place: str, faults: Faults) -> Fetching:
    held = members_of(one, {"deadline", "concurrency", "pages"}, place, faults)
    return Fetching(
        seconds_of(held, "deadline", _FETCHING.deadline, _LONGEST_FETCH, place, faults),
        whole_of(held, "concurrency", _FETCHING.concurrency, _MOST_AT_ONCE, place, faults),
        whole_of(held, "pages", _FETCHING.pages, _MOST_PAGES, place, faults),
    )


def _issuer(one: object, networks: tuple[Network, ...], place: str, faults: Faults) -> Issuer:
    held = members_of(one, _ISSUER, place, faults)
    algorithms = texts_of(held, "algorithms", place, faults) or frozenset({"RS384", "ES384"})
    for name in sorted(algorithms - set(ALGORITHMS)):
        faults.add(f"{place}.algorithms", f"'{name}' is not one of {', '.join(ALGORITHMS)}")
    audiences = texts_of(held, "audiences", place, faults)
    if not audiences:
        faults.add(place, "needs `audiences`: the exact URLs that its tokens name")
    jku = held.get("jku")
    if jku is not None:
        check_server(str(jku), networks, f"{place}.jku", faults)
    return Issuer(
        iss=text_of(held, "iss", place, faults),
        audiences=audiences,
        algorithms=algorithms,
        keys=_given_keys(held, algorithms, place, faults),
        jku=str(jku) if jku is not None else None,
        subjects=texts_of(held, "subjects", place, faults),
        tenant_claims=texts_of(held, "tenant_claims", place, faults),
        lifetime=whole_of(held, "lifetime", LIFETIME, _LONGEST, place, faults),
        skew=whole_of(held, "skew", SKEW, _MOST_SKEW, place, faults),
    )


def _given_keys(held: Mapping[str, Any], algorithms: frozenset[str], place: str, faults: Faults) -> KeySet:
    if held.get("jwks") is None:
        if held.get("jku") is None:
            faults.add(place, "needs `jwks`, its public keys, or `jku`, the URL of them")
        return KeySet({})
    try:
        keys = read_keys(held["jwks"], algorithms)
    except ValueError as error:
        faults.add(f"{place}.jwks", str(error))
        return KeySet({})
    if not keys.keys:
        faults.add(f"{place}.jwks", "holds no usable key: " + ("; ".join(keys.refused) or "it is empty"))
    return keys
