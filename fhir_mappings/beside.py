"""The words of a record beside its code: whether they doubt or date what is coded, and what they name that it can't (spec 0.4)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from fhir_mappings.names import mentioned, named
from fhir_mappings.negation import affirmed, doubtful, is_back, is_over, is_past, plain, to_settle
from fhir_mappings.remembered import remembered
from fhir_mappings.shapes import as_dicts, as_text
from fhir_mappings.table import read_table

_NONE: frozenset[str] = frozenset()
_TABLE = tuple((frozenset(row["coded"].split()), frozenset(row["named"].split()), row["effect"]) for row in read_table("beside"))


@dataclass(frozen=True, slots=True)
class Beside:
    """What is said of the coded thing: not confirmed, past, back; and the further value sets that are named."""

    doubted: bool = False
    past: bool = False
    back: bool = False
    also: frozenset[str] = _NONE


def beside(concept: object, coded: frozenset[str]) -> Beside:
    """The record's own words alone: a display is the code's name, whatever doubt a classification puts into its titles."""
    text = next((text for one in as_dicts(concept) if (text := as_text(one.get("text")))), None)
    return Beside() if text is None else _beside(text, coded)


def back(text: str, concepts: frozenset[str]) -> bool:
    """Whether the words say that it is back, where that counts apart from its beginning."""
    return _rows(concepts).again and is_back(text)


@remembered(16384)
def _beside(text: str, coded: frozenset[str]) -> Beside:
    rows = _rows(coded)
    cut = affirmed(text, certainly=True).replace(" ; ", " ") != plain(text)
    # most words neither deny nor name anything that matters beside their code: their names need not be looked for
    found = named((text,), "Condition", certainly=True) if cut or rows.also or rows.instead else _NONE
    other = not found & coded
    return Beside(
        doubted=other and (bool(found & rows.instead) or (cut and _left_open(text, coded))),
        past=is_past(text) or is_over(text),
        back=back(text, coded),
        also=found & rows.also - coded,
    )


def _left_open(text: str, coded: frozenset[str]) -> bool:
    """Whether words that do not affirm what is coded doubt or deny it.

    A mere denial beside other words ("coronary disease without angina") is the code's own title. So are words that no table
    knows, unless something is to be ruled out in them and they name nothing else ("chest pain, r/o MI").
    """
    if not affirmed(text, certainly=True):
        return True
    names = mentioned(text, "Condition")
    return doubtful(text) if names & coded else not names and to_settle(text)


@dataclass(frozen=True, slots=True)
class _Rows:
    also: frozenset[str]
    instead: frozenset[str]
    again: bool


@lru_cache(maxsize=1024)
def _rows(coded: frozenset[str]) -> _Rows:
    rows = [(names, effect) for sets, names, effect in _TABLE if sets & coded]
    also, instead = (_NONE.union(*(names for names, one in rows if one == effect)) for effect in ("also", "instead"))
    return _Rows(also, instead, any(effect == "again" for _, effect in rows))
