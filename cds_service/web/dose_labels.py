"""The doses of a drug's bars into labels that do not overlap: each on the first line below the bar that has room for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from cds_service.web.drug_history import Bar

LETTER = 6.3  # pixels a letter of size 11 takes at most, on average
MOST = 4  # lines below one bar; what finds no room is told by the bar itself when it is pointed at
_APART = 10


@dataclass(frozen=True, slots=True)
class Label:
    """Words that begin at `x` on a line (0 is the first below the bar); `at` is where their bar begins, for the line that leads to it."""

    words: str
    x: float
    line: int
    at: float


def placed(bars: Sequence[Bar], x: Callable[[date], float], right: float, dated_from: date) -> list[Label]:
    """Labels of the bars, the newest first, so that what finds no room is old. A bar that begins after `dated_from` tells its day."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(MOST)]
    found = []
    for number, bar in reversed(list(enumerate(bars))):
        words = bar.dose + (f" from {bar.first}" if number and bar.first > dated_from else "")
        at, width = x(bar.first), LETTER * len(words)
        start = min(at, right - width)
        line = next((line for line in range(MOST) if _has_room(taken, line, start, width, at)), None)
        if line is not None:
            taken[line].append((start, start + width))
            for above in taken[:line]:
                above.append((at, at))
            found.append(Label(words, start, line, at))
    return found


def _has_room(taken: Sequence[Sequence[tuple[float, float]]], line: int, start: float, width: float, at: float) -> bool:
    """Beside the words of that line; and the line that leads down to it runs through no words above."""
    leads = all(not first < at < last for above in taken[:line] for first, last in above)
    return leads and all(_free(start, width, *other) for other in taken[line])


def _free(start: float, width: float, first: float, last: float) -> bool:
    return start + width + _APART <= first or last + _APART <= start
