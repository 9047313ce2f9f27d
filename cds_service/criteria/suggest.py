"""A misspelt name into the known one that is meant, by its letters or by what it means, as the tail of a message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_MOST = 3  # names told where several are meant


def suggestion(name: str, known: Iterable[str], meanings: Mapping[str, str] | None = None) -> str:
    """(did you mean 'x'?), or nothing: a wrong hint costs more than none. `meanings` says what some names stand for."""
    found = _by_letters(name, known) or _by_meaning(name, meanings or {})
    *others, last = [f"'{one}'" for one in found] or [""]
    return f" (did you mean {', '.join(others)}{' or ' if others else ''}{last}?)" if last else ""


def _by_letters(name: str, known: Iterable[str]) -> list[str]:
    """The name with the fewest slips, where those are few for its length; of equals the one with the same letters. A name without its
    prefix counts as the whole."""
    written = name.casefold()
    slips = [(_slips(written, one.casefold() if "." in name else _tail(one.casefold())), sorted(one) != sorted(name), one) for one in known]
    fewest, _, nearest = min(slips, default=(len(name), True, ""), key=lambda found: found[:2])
    return [nearest] if fewest <= _allowed(_tail(name)) else []


def _by_meaning(name: str, meanings: Mapping[str, str]) -> list[str]:
    """The names whose meaning holds a word of this one: `drug.mycophenolate`, `lab.hemoglobin`. The one
    whose id begins the word comes first, then shorter meanings."""
    prefix, sought = name.rpartition(".")[0], {word for word in _words(_tail(name)) if len(word) > 3}
    known = {one: words for one, words in meanings.items() if not prefix or one.startswith(f"{prefix}.")}
    held = [one for one, words in known.items() if any(_close(word, each) for word in sought for each in _words(words))]
    return sorted(held, key=lambda one: (not _tail(name).startswith(_tail(one)), len(known[one]), one))[:_MOST]


def _close(sought: str, word: str) -> bool:
    return len(word) > 3 and _slips(sought, word) <= _allowed(sought) // 2


def _tail(name: str) -> str:
    return name.rpartition(".")[2]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _allowed(word: str) -> int:
    return 1 if len(word) < 5 else 2


def _slips(one: str, other: str) -> int:
    """Letters added, left out, changed, or two of them swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                row[j] = min(row[j], earlier[j - 2] + 1)
    return row[-1]
