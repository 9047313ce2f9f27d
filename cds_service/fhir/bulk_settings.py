"""The settings file of a source of data into Source: where a FHIR server is, who we are there, and what may be asked of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cds_service.errors import SettingsError, unreadable
from cds_service.fhir.access import ID
from cds_service.security.addresses import Network
from cds_service.security.assertions import ClientKey, read_key
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
from cds_service.security.outbound import Reach
from cds_service.security.places import Place, place_of

_PLACE = "source"
_MEMBERS = {
    "fhir_server", "client", "level", "group", "kickoff", "type_filters", "places", "networks", "ca", "polling", "attempts", "search",
    "leave_out",
}  # fmt: skip
_CLIENT = {"id", "key_file", "kid", "jku", "token_url", "scopes"}
LEVELS = ("group", "patient", "system")
KICKOFFS = ("get", "post")  # up to Bulk Data 3 | from 4 on, which knows no other
SCOPES = ("v2", "v1")  # system/Patient.rs | system/Patient.read
_FILTER = re.compile(r"[A-Za-z]+\?[^\s,]+")  # a comma would be the end of one filter


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Who we are to the authorization server. `token_url`: where tokens are had, if the server's own word for it is not taken."""

    id: str
    key: ClientKey
    jku: str | None = None
    token_url: str | None = None
    scopes: str = "v2"


@dataclass(frozen=True, slots=True)
class Polling:
    """Seconds: the first own wait, the longest own wait, and the longest that a server may ask for; and days in all."""

    first: float = 5.0
    most: float = 300.0
    longest: float = 3600.0
    days: int = 30  # exports of a large hospital take weeks


@dataclass(frozen=True, slots=True)
class Searching:
    """How patients are fetched one by one: searches at once, pages of one search, seconds a patient."""

    concurrency: int = 4
    pages: int = 200
    deadline: float = 300.0


_POLLING, _SEARCHING, _ATTEMPTS = Polling(), Searching(), 6


@dataclass(frozen=True, slots=True)
class Source:
    """`places`: where the status and the files of an export may be, beside the server's own origin. Without a `client` no token is
    sent. `attempts`: of one request, where what goes wrong may pass."""

    base: str
    client: ClientSettings | None = None
    level: str = "group"
    group: str = ""
    kickoff: str = "get"
    type_filters: tuple[str, ...] = ()
    leave_out: frozenset[str] = frozenset()  # types that the server would refuse to export: then the whole export fails
    places: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    ca: str | None = None
    polling: Polling = _POLLING
    attempts: int = _ATTEMPTS
    search: Searching = _SEARCHING

    @property
    def reach(self) -> Reach:
        """All that a fetch may call."""
        token = [place_of(self.client.token_url)] if self.client and self.client.token_url else []
        return Reach((*self._own, *token), self.networks, self.ca)

    def trusts(self, url: str) -> bool:
        """Whether the token may go there: to the server's origin and to what the file names, nowhere else (SMART: never to another
        server). Raises ValueError for what is no URL."""
        place = place_of(url)
        return any(known.holds(place) for known in self._own)

    @property
    def _own(self) -> tuple[Place, ...]:
        """The server's whole origin: it names the status and the files of an export where it likes on its own host."""
        base = place_of(self.base)
        return Place(base.scheme, base.host, base.port, ""), *map(place_of, self.places)


def load_source(path: Path) -> Source:
    """Raises SettingsError with every fault; unknown members are faults."""
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: {unreadable(error, 'YAML')}") from None
    faults = Faults(path.name)
    source = _source(document, faults)
    if faults.found:
        raise SettingsError("\n".join(faults.found))
    return source


def _source(document: object, faults: Faults) -> Source:
    held = members_of(document, _MEMBERS, _PLACE, faults)
    networks = networks_of(held, _PLACE, faults)
    base = text_of(held, "fhir_server", _PLACE, faults)
    places = tuple(sorted(texts_of(held, "places", _PLACE, faults)))
    for url in filter(None, (base, *places)):
        check_server(url, networks, _PLACE, faults)
    level = one_of(held, "level", "group", LEVELS, _PLACE, faults)
    return Source(
        base.rstrip("/"),
        _client(held["client"], networks, faults) if "client" in held else None,
        level,
        _group(held, faults) if level == "group" else "",
        one_of(held, "kickoff", "get", KICKOFFS, _PLACE, faults),
        _filters(held, faults),
        texts_of(held, "leave_out", _PLACE, faults),
        places,
        networks,
        authority_of(held, _PLACE, faults),
        _polling(held.get("polling", {}), faults),
        whole_of(held, "attempts", _ATTEMPTS, 20, _PLACE, faults),
        _searching(held.get("search", {}), faults),
    )


def _group(held: Mapping[str, Any], faults: Faults) -> str:
    """Needed for an export alone; a file of patients does without. What is no FHIR id would be another path."""
    group = held.get("group", "")
    if not isinstance(group, str) or (group and not ID.fullmatch(group)):
        faults.add(f"{_PLACE}.group", "expected the FHIR id of a Group, as text")
        return ""
    return group


def _filters(held: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    filters = tuple(sorted(texts_of(held, "type_filters", _PLACE, faults)))
    for one in filters:
        if not _FILTER.fullmatch(one):
            faults.add(f"{_PLACE}.type_filters", "expected a search such as Observation?category=laboratory, without commas")
    return filters


def _client(one: object, networks: tuple[Network, ...], faults: Faults) -> ClientSettings | None:
    place = f"{_PLACE}.client"
    held = members_of(one, _CLIENT, place, faults)
    name, file = text_of(held, "id", place, faults), text_of(held, "key_file", place, faults)
    given = {name: text_of(held, name, place, faults) for name in ("kid", "jku", "token_url") if name in held}
    if given.get("token_url"):
        check_server(given["token_url"], networks, f"{place}.token_url", faults)
    scopes = one_of(held, "scopes", "v2", SCOPES, place, faults)
    try:
        key = read_key(Path(file), given.get("kid")) if file else None
    except SettingsError as error:
        faults.add(f"{place}.key_file", str(error))
        key = None
    return ClientSettings(name, key, given.get("jku"), given.get("token_url"), scopes) if key else None


def _polling(one: object, faults: Faults) -> Polling:
    place = f"{_PLACE}.polling"
    held = members_of(one, {"first", "most", "longest", "days"}, place, faults)
    return Polling(
        seconds_of(held, "first", _POLLING.first, 3600, place, faults),
        seconds_of(held, "most", _POLLING.most, 86_400, place, faults),
        seconds_of(held, "longest", _POLLING.longest, 86_400, place, faults),
        whole_of(held, "days", _POLLING.days, 90, place, faults),
    )


def _searching(one: object, faults: Faults) -> Searching:
    place = f"{_PLACE}.search"
    held = members_of(one, {"concurrency", "pages", "deadline"}, place, faults)
    return Searching(
        whole_of(held, "concurrency", _SEARCHING.concurrency, 16, place, faults),
        whole_of(held, "pages", _SEARCHING.pages, 10_000, place, faults),
        seconds_of(held, "deadline", _SEARCHING.deadline, 86_400, place, faults),
    )
