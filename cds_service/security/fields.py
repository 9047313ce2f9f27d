"""The members of a settings file into checked values, every fault noted with its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from cds_service.security.addresses import NO_ADDRESS, Network, network_of, refusal
from cds_service.security.places import place_of
from cds_service.security.transport import is_authority


class Faults:
    """Everything that is wrong with the file, told at once."""

    def __init__(self, file: str) -> None:
        self.file, self.found = file, list[str]()

    def add(self, place: str, problem: str) -> None:
        self.found.append(f"{self.file}: {place}: {problem}")


def members_of(one: object, known: set[str], place: str, faults: Faults) -> Mapping[str, Any]:
    """Unknown members are faults: a misspelt limit must not be no limit."""
    if not isinstance(one, dict):
        faults.add(place, "expected members")
        return {}
    for name in sorted(set(map(str, one)) - known):
        faults.add(place, f"unknown member '{name}'; known: {', '.join(sorted(known))}")
    return one


def text_of(held: Mapping[str, Any], name: str, place: str, faults: Faults) -> str:
    value = held.get(name)
    if not isinstance(value, str) or not value:
        faults.add(place, f"needs `{name}`, text")
        return ""
    return value


def texts_of(held: Mapping[str, Any], name: str, place: str, faults: Faults) -> frozenset[str]:
    value = held.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        faults.add(f"{place}.{name}", "expected a list of texts")
        return frozenset()
    return frozenset(value)


def whole_of(held: Mapping[str, Any], name: str, default: int, most: int, place: str, faults: Faults) -> int:
    """A whole number from 1 to that."""
    value = held.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        faults.add(f"{place}.{name}", f"expected a whole number from 1 to {most}")
        return default
    return value


def date_of(held: Mapping[str, Any], name: str, place: str, faults: Faults) -> date | None:
    """A day as YAML reads it, or as text; None where it is not given."""
    value = held.get(name)
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = False
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        faults.add(f"{place}.{name}", "expected a date")
        return None
    return value


def seconds_of(held: Mapping[str, Any], name: str, default: float, most: float, place: str, faults: Faults) -> float:
    """Seconds, also parts of one; a tenth at least."""
    value = held.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.1 <= value <= most:
        faults.add(f"{place}.{name}", f"expected seconds from 0.1 to {most:g}")
        return default
    return float(value)


def check_url(value: str, place: str, faults: Faults) -> str:
    """The host. https, or http on this machine only; nobody's name and password in it."""
    try:
        return place_of(value).host
    except ValueError as error:
        faults.add(place, str(error))
        return ""


def one_of(held: Mapping[str, Any], name: str, default: str, allowed: tuple[str, ...], place: str, faults: Faults) -> str:
    """One of the words. YAML reads a bare `on` and `off` as true and false, and whoever writes `mode: off` in a hurry need not know."""
    value = held.get(name, default)
    if isinstance(value, bool):
        value = "on" if value else "off"
    if value not in allowed:
        faults.add(f"{place}.{name}", f"expected one of {', '.join(allowed)}")
    return str(value)


def networks_of(held: Mapping[str, Any], place: str, faults: Faults) -> tuple[Network, ...]:
    """The site's own networks that its URLs may lead to."""
    found = []
    for text in sorted(texts_of(held, "networks", place, faults)):
        try:
            found.append(network_of(text))
        except ValueError as error:
            faults.add(f"{place}.networks", f"'{text}': {error}")
    return tuple(found)


def check_server(url: str, networks: tuple[Network, ...], place: str, faults: Faults) -> None:
    """A name is looked up when it is called; an address can be told now."""
    host = check_url(url, place, faults)
    why = refusal("127.0.0.1" if host == "localhost" else host, networks)
    if why and why != NO_ADDRESS:
        faults.add(place, f"its address {why}; if it is the hospital's own, name its network in `networks`")


def authority_of(held: Mapping[str, Any], place: str, faults: Faults) -> str | None:
    """The file of the site's own certificate authorities."""
    if "ca" not in held:
        return None
    path = text_of(held, "ca", place, faults)
    if path and not is_authority(path):
        faults.add(f"{place}.ca", "is no file of certificates in PEM that this account may read")
    return path
