"""The tenants file into Tenants: which issuers may call for a hospital, and which FHIR servers are its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from cds_service.errors import SettingsError
from cds_service.security.keys import ALGORITHMS, KeySet, read_keys

_ISSUER = {"iss", "audiences", "algorithms", "jwks", "jku", "subjects", "tenant_claims", "lifetime", "skew"}
_TENANT = {"id", "name", "issuers", "fhir_servers", "mode"}
MODES = ("off", "silent", "pilot", "on")
LIFETIME, SKEW = 900, 60  # seconds: an Epic token lives 15 minutes
_LONGEST, _MOST_SKEW = 3600, 120


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs a tenant's tokens. `audiences` are compared exactly; an empty `subjects` or `tenant_claims` allows any."""

    iss: str
    audiences: frozenset[str]
    algorithms: frozenset[str]
    keys: KeySet
    jku: str | None = None  # what a token's own jku may say; keys are never fetched from where a token points
    subjects: frozenset[str] = frozenset()
    tenant_claims: frozenset[str] = frozenset()
    lifetime: int = LIFETIME
    skew: int = SKEW


@dataclass(frozen=True, slots=True)
class Tenant:
    """One hospital: its issuers, the base URLs of its FHIR servers, and whether cards are shown."""

    id: str
    name: str
    issuers: tuple[Issuer, ...]
    fhir_servers: tuple[str, ...] = ()
    mode: str = "on"


class _Faults:
    """Everything that is wrong with the file, told at once."""

    def __init__(self, file: str) -> None:
        self.file, self.found = file, list[str]()

    def add(self, place: str, problem: str) -> None:
        self.found.append(f"{self.file}: {place}: {problem}")


def load_tenants(path: Path) -> tuple[Tenant, ...]:
    """Raises SettingsError with every fault. Unknown members are faults: a misspelt limit must not be no limit."""
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: can't be read as YAML: {type(error).__name__}") from None
    faults = _Faults(path.name)
    held = document.get("tenants") if isinstance(document, dict) else None
    if not isinstance(held, list) or not held:
        raise SettingsError(f"{path.name}: expected `tenants:` with a list")
    tenants = tuple(_tenant(one, f"tenants[{number}]", faults) for number, one in enumerate(held))
    _distinct([one.id for one in tenants], "tenant", faults)
    _distinct(
        [(issuer.iss, audience) for one in tenants for issuer in one.issuers for audience in issuer.audiences],
        "issuer and audience",
        faults,
    )
    if faults.found:
        raise SettingsError("\n".join(faults.found))
    return tenants


def _distinct(names: list[Any], what: str, faults: _Faults) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}, key=str):
        faults.add("tenants", f"{what} {name} stands twice")


def _tenant(one: object, place: str, faults: _Faults) -> Tenant:
    held = _members(one, _TENANT, place, faults)
    name = _text(held, "id", place, faults)
    issuers = held.get("issuers")
    if not isinstance(issuers, list) or not issuers:
        faults.add(place, "needs `issuers`, a list")
        issuers = []
    mode = held.get("mode", "on")
    if mode not in MODES:
        faults.add(f"{place}.mode", f"expected one of {', '.join(MODES)}")
    servers = _texts(held, "fhir_servers", place, faults)
    for server in servers:
        _url(server, f"{place}.fhir_servers", faults)
    found = tuple(_issuer(each, f"{place}.issuers[{number}]", faults) for number, each in enumerate(issuers))
    return Tenant(name, str(held.get("name", name)), found, tuple(sorted(servers)), str(mode))


def _issuer(one: object, place: str, faults: _Faults) -> Issuer:
    held = _members(one, _ISSUER, place, faults)
    algorithms = _texts(held, "algorithms", place, faults) or frozenset({"RS384", "ES384"})
    for name in sorted(algorithms - set(ALGORITHMS)):
        faults.add(f"{place}.algorithms", f"'{name}' is not one of {', '.join(ALGORITHMS)}")
    audiences = _texts(held, "audiences", place, faults)
    if not audiences:
        faults.add(place, "needs `audiences`: the exact URLs that its tokens name")
    jku = held.get("jku")
    if jku is not None:
        _url(jku, f"{place}.jku", faults)
    return Issuer(
        iss=_text(held, "iss", place, faults),
        audiences=audiences,
        algorithms=algorithms,
        keys=_static(held.get("jwks"), algorithms, place, faults),
        jku=str(jku) if jku is not None else None,
        subjects=_texts(held, "subjects", place, faults),
        tenant_claims=_texts(held, "tenant_claims", place, faults),
        lifetime=_seconds(held, "lifetime", LIFETIME, _LONGEST, place, faults),
        skew=_seconds(held, "skew", SKEW, _MOST_SKEW, place, faults),
    )


def _static(document: object, algorithms: frozenset[str], place: str, faults: _Faults) -> KeySet:
    try:
        keys = read_keys(document, algorithms)
    except ValueError as error:
        faults.add(f"{place}.jwks", str(error))
        return KeySet({})
    if not keys.keys:
        faults.add(f"{place}.jwks", "holds no usable key: " + "; ".join(keys.refused))
    return keys


def _members(one: object, known: set[str], place: str, faults: _Faults) -> Mapping[str, Any]:
    if not isinstance(one, dict):
        faults.add(place, "expected members")
        return {}
    for name in sorted(set(map(str, one)) - known):
        faults.add(place, f"unknown member '{name}'; known: {', '.join(sorted(known))}")
    return one


def _text(held: Mapping[str, Any], name: str, place: str, faults: _Faults) -> str:
    value = held.get(name)
    if not isinstance(value, str) or not value:
        faults.add(place, f"needs `{name}`, text")
        return ""
    return value


def _texts(held: Mapping[str, Any], name: str, place: str, faults: _Faults) -> frozenset[str]:
    value = held.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        faults.add(f"{place}.{name}", "expected a list of texts")
        return frozenset()
    return frozenset(value)


def _seconds(held: Mapping[str, Any], name: str, default: int, most: int, place: str, faults: _Faults) -> int:
    value = held.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        faults.add(f"{place}.{name}", f"expected seconds from 1 to {most}")
        return default
    return value


def _url(value: object, place: str, faults: _Faults) -> None:
    """https, or http on this machine only; nobody's name and password in it."""
    try:
        parts = urlsplit(str(value))
    except ValueError:
        faults.add(place, "is no URL")
        return
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or parts.username or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
        faults.add(place, "expected an https URL without user information")
