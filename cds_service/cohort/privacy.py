"""True counts into those that may be shown: no number from 1 to the threshold, nor any that could be worked out from what is shown.

CMS cell suppression (spec 1.10): 1–10 may not be shown nor derivable; 0 may. What is counted here are boxes: the patients whose verdict of
each criterion lies in a given part of {failed, unknown, passed}. Who reads the tables knows how boxes lie to one another, so a box is
published only if no published box, nor two of them, leave a small number as their difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

THRESHOLD = 10
FAILED, UNKNOWN, PASSED = 1, 2, 4
_ANY = 7
Box = int  # three bits a criterion


def box(criteria: int, *limits: tuple[int, int]) -> Box:
    """The patients with the given verdicts of the given criteria, whatever the others are."""
    whole = (1 << 3 * criteria) - 1
    for number, verdicts in limits:
        whole &= ~(_ANY << 3 * number) | (verdicts << 3 * number)
    return whole


@dataclass
class Publisher:
    """What is published so far of one population."""

    criteria: int
    threshold: int = THRESHOLD
    _shown: dict[Box, int] = field(default_factory=dict)
    _lows: int = field(init=False)

    def __post_init__(self) -> None:
        self._lows = sum(1 << 3 * number for number in range(self.criteria))

    def safe(self, count: int) -> bool:
        return count == 0 or count > self.threshold

    def offer(self, *cells: tuple[Box, int]) -> bool:
        """Publishes all of these or none."""
        added: list[Box] = []
        for one, count in cells:
            if self._shown.get(one, count) != count or not self._passes(one, count):
                for other in added:
                    del self._shown[other]
                return False
            if one not in self._shown:
                self._shown[one] = count
                added.append(one)
        return True

    def shows(self, one: Box) -> bool:
        return one in self._shown

    def _passes(self, one: Box, count: int) -> bool:
        if one in self._shown:
            return True
        around = [(other, held) for other, held in self._shown.items() if one & ~other == 0]
        inside = [(other, held) for other, held in self._shown.items() if other & ~one == 0]
        if not self.safe(count) or not all(self.safe(held - count) for _, held in around):
            return False
        if not all(self.safe(count - held) for _, held in inside) or not self._parts(count, inside):
            return False
        apart = [(other, held) for other, held in self._shown.items() if self._disjoint(one, other)]
        return all(self.safe(outer - count - held) for holder, outer in around for other, held in apart if other & ~holder == 0)

    def _parts(self, count: int, inside: Sequence[tuple[Box, int]]) -> bool:
        """Two parts of it that have nothing in common leave no small rest."""
        return all(
            self.safe(count - first - second)
            for at, (one, first) in enumerate(inside)
            for other, second in inside[at + 1 :]
            if self._disjoint(one, other)
        )

    def _disjoint(self, one: Box, other: Box) -> bool:
        """Whether some criterion has no verdict in common."""
        both = one & other
        return (both | both >> 1 | both >> 2) & self._lows != self._lows


def at_least(count: int, threshold: int) -> int:
    """A round number that the count reaches, 0 for all up to the threshold: a lower bound only, since two bounds can meet."""
    return max(edge for edge in (0, threshold + 1, 3 * threshold, 10 * threshold, 30 * threshold, 100 * threshold) if edge <= count)


def partition(cells: Sequence[int], total: int, threshold: int) -> list[int | None]:
    """The parts of a published total: all of them, or none where one is small."""
    safe = all(one == 0 or one > threshold for one in cells) and (sum(cells) == total or total - sum(cells) > threshold)
    return [one if safe else None for one in cells]


def merged(cells: Sequence[int], threshold: int) -> list[tuple[int, int, int]]:
    """Neighbours of a row put together until no group is small: (first, last, count); [] where they are too few altogether."""
    groups: list[list[int]] = []
    for number, count in enumerate(cells):
        if groups and (groups[-1][2] <= threshold or 0 < count <= threshold) and (count or groups[-1][2]):
            groups[-1][1:] = [number, groups[-1][2] + count]
        else:
            groups.append([number, number, count])
    if not groups or groups[-1][2] == 0 or groups[-1][2] > threshold:
        pass
    elif len(groups) > 1:
        last = groups.pop()
        groups[-1][1:] = [last[1], groups[-1][2] + last[2]]
    if any(0 < count <= threshold for _, _, count in groups):
        return []
    return [(first, last, count) for first, last, count in groups]


def overlapping(cells: Iterable[tuple[str, int]], total: int, threshold: int) -> list[tuple[str, int]]:
    """Of groups that may overlap, those that are not small and whose rest of the total is not."""
    return [(name, count) for name, count in cells if count > threshold and (count == total or total - count > threshold)]


def disjoint(cells: Iterable[tuple[str, int]], total: int, threshold: int) -> list[tuple[str, int]]:
    """Of groups without overlap, the largest whose rest of the total, together, is not small."""
    kept = sorted(((name, count) for name, count in cells if count > threshold), key=lambda one: (-one[1], one[0]))
    while kept and 0 < total - sum(count for _, count in kept) <= threshold:
        kept.pop()
    return kept
