"""A dosage instruction into the words of its grammar: English, and the commonest of Chinese and German (spec 1.1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.table import read_table

_LONGEST = 600  # characters of one instruction that are read


class Word(NamedTuple):
    """`kind` is one letter of the grammar in dosage_text.py."""

    kind: str
    value: str


# The kinds of the table, each as one letter, so that a sentence is a string that a pattern can be held against.
_LETTERS: Mapping[str, str] = {
    "number": "N", "and a half": "H", "mass": "M", "count": "C", "volume": "V", "often": "S", "times": "O", "single": "Q",
    "moment": "m", "weekday": "W", "time": "T", "every": "q", "each": "e", "total": "l", "a": "a", "per": "p", "other": "o",
    "times word": "t", "x": "x", "for": "f", "then": "h", "and": "&", "or": "R", "to": ">", "with": "w", "of": "k", "until": "u",
    "by": "b", "falls": "d", "rises": "i", "stop": "z", "as needed": "P", "at most": "X", "up to": "U", "divided": "v",
    "alternating": "A", "one day": "y", "the next": "Y", "even days": "g", "odd days": "G", "reason": "n", "alters": "!", "harmless": "",
}  # fmt: skip
_MARKS = {",": ",", ";": ",", ":": ",", ".": ",", "-": "~", "(": "B", ")": "E", "=": "="}
_UNKNOWN, _ALTERS = "?", "!"

_VULGAR = {"½": " 1/2 ", "¼": " 1/4 ", "¾": " 3/4 ", "⅓": " 1/3 ", "⅔": " 2/3 "}
_DOTTED = re.compile(r"(?<![a-z.])[a-z](?:\.[a-z])+\.?(?![a-z])")
# "1.000 mg" is a gram where a point parts the thousands, and a milligram elsewhere: it is no number here.
_PIECE = re.compile(
    r"(?P<clock>(?:at )?(?:(?:[01]?\d|2[0-3]):[0-5]\d(?: ?(?:am|pm|h))?|(?:0?[1-9]|1[0-2]) ?(?:am|pm))(?![a-z\d:]))"
    r"|(?P<mixed>\d+(?: and |[ -])[1-3]/[2-4](?![\d/]))"
    r"|(?P<part>[1-3]/[2-4](?![\d/]))"
    r"|(?P<thousands>[1-9]\d{0,2}(?:,\d{3})+(?![\d,.]))"
    r"|(?P<decimal>(?![1-9]\d{0,2}\.\d{3}(?!\d))(?:\d+(?:\.\d+)?|\.\d+)(?!\d|,\d))"
    r"|(?P<letters>[a-z]+)"
    r"|(?P<mark>[^\sa-z\d]|\d+)"
)


def _pieces(text: str) -> list[tuple[str, str]]:
    return [(found.lastgroup or "", found[0]) for found in _PIECE.finditer(text)]


def _phrases() -> dict[str, list[tuple[tuple[str, ...], Word]]]:
    """By first piece, the phrases that begin with it, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], Word]]] = {}
    for row in read_table("dosage_words"):
        pieces = tuple(piece for _, piece in _pieces(row["words"].replace("'", "")))
        found.setdefault(pieces[0], []).append((pieces, Word(_LETTERS[row["kind"]], row["value"])))
    for held in found.values():
        held.sort(key=lambda one: -len(one[0]))
    return found


_PHRASES = _phrases()


def levelled(text: str) -> str:
    """Lower case, one blank between words, fractions with a slash, abbreviations without dots, no plural in brackets."""
    for sign, spelled in _VULGAR.items():
        text = text.replace(sign, spelled)
    plain = unicodedata.normalize("NFKC", text).casefold().replace("μ", "u").replace("’", "'").replace("'", "")
    plain = plain.replace("\u2044", "/").replace("×", "x").replace("–", "-").replace("—", "-").replace("(s)", "")
    return " ".join(_DOTTED.sub(lambda found: found[0].replace(".", ""), plain).split())


@lru_cache(maxsize=4096)
def words_of(text: str, names: tuple[str, ...] = ()) -> tuple[Word, ...]:
    """The words that say something. `names`: words of the drug's name, which an instruction may repeat."""
    if len(text) > _LONGEST:
        return (Word(_ALTERS, ""),)
    return tuple(_joined(list(_words(_pieces(levelled(text)), names))))


def _words(pieces: list[tuple[str, str]], names: tuple[str, ...]) -> Iterator[Word]:
    place = 0
    while place < len(pieces):
        kind, piece = pieces[place]
        word, length = _phrase(pieces, place) if kind != "clock" else (Word("m", piece.removeprefix("at ").replace(" ", "")), 1)
        if word is None:
            word = _single(kind, piece, names)
        place += length
        if word.kind:
            yield word


def _phrase(pieces: list[tuple[str, str]], place: int) -> tuple[Word | None, int]:
    for phrase, word in _PHRASES.get(pieces[place][1], ()):
        if phrase == tuple(piece for _, piece in pieces[place : place + len(phrase)]):
            return word, len(phrase)
    return None, 1


def _single(kind: str, piece: str, names: tuple[str, ...]) -> Word:
    if kind in ("mixed", "part", "thousands", "decimal"):
        return Word("N", str(_number(kind, piece))) if len(piece) < 12 else Word(_ALTERS, piece)
    if kind == "letters":
        return Word("" if piece in names else _UNKNOWN, piece)
    return Word(_MARKS.get(piece, _ALTERS), piece)


def _number(kind: str, piece: str) -> Fraction:
    if kind != "mixed":
        return Fraction(piece.replace(",", ""))
    whole, _, part = piece.replace("-", " ").rpartition(" ")
    return Fraction(whole.split()[0]) + Fraction(part)


def _joined(words: list[Word]) -> Iterator[Word]:
    """ "2 and a half" as one number, and "2 (two)" told once."""
    kinds = "".join(word.kind for word in words)
    place = 0
    while place < len(words):
        word = words[place]
        if kinds.startswith("NH", place):
            yield Word("N", str(Fraction(word.value) + Fraction(1, 2)))
            place += 2
        else:
            yield word
            place += 4 if kinds.startswith("NBNE", place) and words[place + 2].value == word.value else 1
