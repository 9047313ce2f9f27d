"""Results of one value set into distinct facts in a stable order: the same fact from two sources counts once (spec 0.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from fhir_mappings.inputs import Result, Standing

_WORTH = (Standing.CONFIRMED, Standing.REFUTED, Standing.UNCONFIRMED, Standing.UNCLEAR, Standing.TEXT)


class Filed(NamedTuple):
    """How a laboratory files a result: its business identifiers, how late a version it is (0: it amends no other), when it was drawn.

    `drawn`: the minute, where one is stated; versions of one draw keep it.
    """

    identifiers: frozenset[tuple[str, str]] = frozenset()
    amended: int = 0
    drawn: datetime | None = None


_Pair = tuple[Result, Filed]


def distinct(results: Iterable[_Pair]) -> tuple[Result, ...]:
    """Oldest first. Of several records of one fact the latest amended one stays, then the one worth most, then the first by reference.

    One fact: the same day and value; or the same business identifier and value; or one identifier first
    preliminary and then final, or later amended, whatever the values, but no result of a later day or of another draw.
    """
    kept: list[Result] = []
    rivals: dict[object, list[_Pair]] = {}  # by first day and by identifier: only those can be the same fact
    for pair in sorted(results, key=_worth):
        when = pair[0].when
        near = [rivals.setdefault(key, []) for key in (when.first if when else None, *pair[1].identifiers)]
        if not any(held and _repeats(pair, held) for held in near):
            kept.append(pair[0])
            for held in near:
                held.append(pair)
    return tuple(sorted(kept, key=order))


def _repeats(pair: _Pair, held: list[_Pair]) -> bool:
    return any(_same(*pair, *other) for other in held)


def _worth(pair: _Pair) -> tuple[int, int, bool, str, str]:
    result, filed = pair
    origin = result.origin
    return -filed.amended, _WORTH.index(result.standing), result.upper is None, origin.reference, origin.display


def order(result: Result) -> tuple[date, date, str, str]:
    """Newest last, then by reference; undated first."""
    last, first = (result.when.last, result.when.first) if result.when else (date.min, date.min)
    return last, first, result.origin.reference, result.origin.display


def _same(result: Result, filed: Filed, other: Result, kept: Filed) -> bool:
    named = bool(filed.identifiers & kept.identifiers)
    if not named and result.when != other.when:
        return False
    if (
        named
        and not _since(result, other)
        and not _drawn_apart(filed, kept)
        and (filed.amended != kept.amended or _finalised(result, other))
    ):
        return True
    return _value(result) == _value(other) and _limits_agree(result, other)


def _since(result: Result, kept: Result) -> bool:
    """Of a day after that of the version that would replace it: an order's number names another draw too."""
    return result.when is not None and kept.when is not None and result.when.first > kept.when.last


def _drawn_apart(filed: Filed, kept: Filed) -> bool:
    """Of two times of the day: an order's number names both draws, and the one that is amended leaves the other as it is."""
    return filed.drawn is not None and kept.drawn is not None and filed.drawn != kept.drawn


def _finalised(result: Result, other: Result) -> bool:
    return {result.standing, other.standing} == {Standing.CONFIRMED, Standing.UNCONFIRMED}


def _limits_agree(result: Result, other: Result) -> bool:
    """A copy may have lost its reference range; two different ranges are two results."""
    return all(one is None or two is None or one == two for one, two in ((result.upper, other.upper), (result.lower, other.lower)))


def _value(result: Result) -> tuple[object, ...]:
    """What was found, in whichever unit and words it was written."""
    parts = tuple(sorted((code, _value(part)) for code, part in result.components.items())) if result.components else ()
    read = (result.positivity, result.conflict, result.titre, result.boolean, result.day, tuple(sorted(result.codes)))
    silent = result.value is None and result.positivity is None and not result.codes and result.boolean is None and result.day is None
    return (result.value, result.unit, *read, parts, result.text if silent else None, result.problem)
