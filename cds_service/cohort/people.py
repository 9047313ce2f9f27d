"""What the first pass found into how many patients there are, how many of them have died, and who is evaluated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class People:
    """Counts, and the ids of those whose record is read whole."""

    patients: int
    dead: int
    selected: list[str]


def person_number(identity: str) -> int:
    return int.from_bytes(blake2b(identity.encode(), digest_size=8).digest(), "big")


def settled(shares: Sequence[Json], unclear: Iterable[str] = ()) -> People:
    """Of shares that together hold all that was found of their patients. Who is `unclear` is evaluated too."""
    numbers = [number for one in shares for number in one["people"]]
    dead = {identity for one in shares for identity in one["dead"]}
    return People(len(set(numbers)), len(dead), sorted({*_selected(shares, numbers), *unclear}))


def _selected(shares: Sequence[Json], numbers: list[int]) -> set[str]:
    """Everybody with evidence, and the dead of whom the folder holds more than one Patient (one may say otherwise)."""
    selected = {identity for one in shares for identity in one["selected"]}
    if len(set(numbers)) < len(numbers):
        twice = {number for number, times in Counter(numbers).items() if times > 1}
        selected |= {identity for one in shares for identity in one["dead"] if person_number(identity) in twice}
    return selected


def parted(share: Json, parts: int) -> Iterator[tuple[int, Json]]:
    """The share cut by patients: parts of one number from all shares together can be settled apart from the others."""
    cut: dict[int, Json] = {}
    for name in ("people", "dead", "selected"):
        for one in share[name]:
            number = (one if name == "people" else person_number(one)) % parts
            cut.setdefault(number, {"people": [], "dead": [], "selected": []})[name].append(one)
    yield from cut.items()
