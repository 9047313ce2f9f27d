"""How the ICD tables are written: beginnings of codes, each with the sets that they belong to.

The beginnings come from the words of the criteria (E-02, E-05, E-14, E-16, E-18, E-20 … E-23, SLE-1, IIM-1, SSC-1), not from the value sets.
The longest beginning that fits says what a code is; `=` in front asks for the whole code; "" says that it belongs to none of the sets.
"""

from __future__ import annotations

from collections.abc import Mapping

Table = Mapping[str, str]


def split(words: str) -> list[str]:
    """`C00-C02 C44` as C00, C01, C02, C44: numbered categories only."""
    found: list[str] = []
    for word in words.split():
        start, _, end = word.partition("-")
        numbers = range(int(start[1:]), int((end or start)[1:]) + 1) if start[1:].isdigit() and len(start) == 3 else None
        found += [f"{start[0]}{number:02}" for number in numbers] if numbers else [word]
    return found


def table(*rows: tuple[str, str]) -> Table:
    return {start: sets for words, sets in rows for start in split(words)}
