"""How many patients there are, have died, are held back, and are in scope of each arm, into those of the numbers that may be shown.

They are parts of one total: whoever reads some of them knows how many are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Heads:
    """None: not shown. `held` are the living on hold. Arms may overlap; nobody in one has died or is on hold."""

    patients: int | None
    dead: int | None
    held: int | None
    arms: tuple[int | None, ...]


def shown_heads(patients: int, dead: int, held: int, arms: Sequence[int], threshold: int) -> Heads:
    """First the dead, then the arms, then whom holds keep back: each unless it is small or leaves a small rest beside those before it.
    For the others the dead count as told even where they are not: a hospital may tell their number elsewhere."""

    def safe(counts: Iterable[int]) -> bool:
        return all(one == 0 or one > threshold for one in counts)

    def fits(apart: Sequence[int], inside: Sequence[int] = ()) -> bool:
        return safe(_rests(patients, apart, inside))

    if not safe([patients]):
        return Heads(None, None, None, tuple(None for _ in arms))
    told: list[int] = []
    shown: list[int | None] = []
    for one in arms:
        known = safe([one]) and fits([dead], [*told, one])
        told += [one] * known
        shown.append(one if known else None)
    told_dead = safe([dead]) and fits([dead])
    told_held = safe([held]) and fits([dead, held], told)
    return Heads(patients, dead if told_dead else None, held if told_held else None, tuple(shown))


def _rests(total: int, apart: Sequence[int], inside: Sequence[int]) -> set[int]:
    """Whom one is left with who takes parts from the total: any of those `apart`, then one of those `inside`."""
    left = {total - sum(some) for size in range(len(apart) + 1) for some in combinations(apart, size)}
    return left | {one - other for one in left for other in inside}
