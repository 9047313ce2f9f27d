"""Results of one value set into distinct facts in a stable order: the same fact from two sources counts once (spec 0.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fhir_mappings.inputs import Result, Standing

_WORTH = (Standing.CONFIRMED, Standing.REFUTED, Standing.UNCONFIRMED, Standing.UNCLEAR, Standing.TEXT)
Identifiers = frozenset[tuple[str, str]]
_Pair = tuple[Result, Identifiers]


def distinct(results: Iterable[_Pair]) -> tuple[Result, ...]:
    """Oldest first. Of several records of one fact the one worth most stays, then the first by reference.

    One fact: the same day and value; or the same business identifier and value; or one identifier first
    preliminary and then final, whatever the values.
    """
    kept: list[Result] = []
    rivals: dict[object, list[_Pair]] = {}  # by first day and by identifier: only those can be the same fact
    for pair in sorted(results, key=_worth):
        when = pair[0].when
        near = [rivals.setdefault(key, []) for key in (when.first if when else None, *pair[1])]
        if not any(held and _repeats(pair, held) for held in near):
            kept.append(pair[0])
            for held in near:
                held.append(pair)
    return tuple(sorted(kept, key=order))


def _repeats(pair: _Pair, held: list[_Pair]) -> bool:
    return any(_same(*pair, *other) for other in held)


def _worth(pair: _Pair) -> tuple[int, bool, str, str]:
    result = pair[0]
    return _WORTH.index(result.standing), result.upper is None, result.origin.reference, result.origin.display


def order(result: Result) -> tuple[date, date, str, str]:
    """Newest last, then by reference; undated first."""
    last, first = (result.when.last, result.when.first) if result.when else (date.min, date.min)
    return last, first, result.origin.reference, result.origin.display


def _same(result: Result, identifiers: Identifiers, other: Result, others: Identifiers) -> bool:
    named = bool(identifiers & others)
    if not named and result.when != other.when:
        return False
    value = _value(result) == _value(other) and _limits_agree(result, other)
    return value or (named and result.standing is not other.standing and Standing.CONFIRMED in (result.standing, other.standing))


def _limits_agree(result: Result, other: Result) -> bool:
    """A copy may have lost its reference range; two different ranges are two results."""
    return all(one is None or two is None or one == two for one, two in ((result.upper, other.upper), (result.lower, other.lower)))


def _value(result: Result) -> tuple[object, ...]:
    """What was found, in whichever unit and words it was written."""
    parts = tuple(sorted((code, _value(part)) for code, part in result.components.items())) if result.components else ()
    read = (result.positivity, result.conflict, result.titre, result.boolean, result.day, tuple(sorted(result.codes)))
    silent = result.value is None and result.positivity is None and not result.codes and result.boolean is None and result.day is None
    return (result.value, result.unit, *read, parts, result.text if silent else None, result.problem)
