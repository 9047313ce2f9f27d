"""The members of a settings file into checked values, every fault noted with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds_service.security.places import place_of


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
