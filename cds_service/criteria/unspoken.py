"""What a clause says where the chart holds nothing that it reads: the same for every patient whose searches came as whole, so it is kept.

Of a chart most clauses find nothing. Their values hold words of the definition and types of resources, never anything of a patient.
"""

from __future__ import annotations

from typing import NamedTuple

from cds_service.criteria.value import Value

_MOST = 16_384  # a definition has some hundreds of clauses, a site some ways in which searches fail


class Searched(NamedTuple):
    """How whole the retrieval was: all that the value of such a clause rests on beside its look-backs."""

    unsearched: frozenset[str]
    unreached: frozenset[str]
    failed: frozenset[str]
    untold: frozenset[str]  # types with a record of which can't be told what it is
    medicated: bool


class Unspoken:
    """Of one terminology; threads may share it. A clause is kept with its value: an id alone could be another's by now, or in a copy."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[Searched, dict[object, tuple[object, Value]]] = {}

    def of(self, searched: Searched) -> dict[object, tuple[object, Value]]:
        """What is known for charts that were retrieved like this one, to be looked up and added to."""
        held = self._held.get(searched)
        if held is None or len(held) > _MOST:
            if sum(map(len, list(self._held.values()))) >= _MOST:
                self._held.clear()
            held = self._held[searched] = {}
        return held
