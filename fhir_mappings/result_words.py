"""A laboratory's words (`Positive 1:320 speckled`, `nicht nachweisbar`, `弱阳性`) into what they say, negatives first (spec 1.3)."""

from __future__ import annotations

import re
from functools import lru_cache

from fhir_mappings.observed import plain_text
from fhir_mappings.table import read_table

_ROWS = read_table("result_words")
_WORDS = {row["words"]: row["reading"] for row in _ROWS if row["match"] == "word"}
_WHOLE = _WORDS | {row["words"]: row["reading"] for row in _ROWS if row["match"] == "whole"}
_PHRASES = {row["words"]: row["reading"] for row in _ROWS if row["match"] == "phrase"}
_GAP = r"\s[^;.,:]{0,60}?\b"  # some words of the same clause


def _pattern(phrase: str) -> str:
    pattern = re.escape(phrase).replace(r"\ …\ ", _GAP).replace(r"\ ", r"\s")
    starts, ends = phrase[0].isalpha() and phrase[0] < "\u2e80", phrase[-1].isalpha() and phrase[-1] < "\u2e80"
    return (r"(?<!\w)" if starts else "") + f"({pattern})" + (r"(?!\w)" if ends else "")


def _reader() -> tuple[re.Pattern[str], tuple[str, ...]]:
    """One pattern that finds the phrases from the left, phrases with a gap and longer ones first, and the reading of each group."""
    ordered = sorted(_PHRASES, key=lambda phrase: ("…" not in phrase, -len(phrase), phrase))
    return re.compile("|".join(map(_pattern, ordered))), tuple(_PHRASES[phrase] for phrase in ordered)


_ANY, _READINGS = _reader()


@lru_cache(maxsize=8192)
def say(text: str) -> frozenset[str]:
    """What a text says: negative, positive, borderline, unknown, plus, pattern; nothing, or several that do not agree."""
    plain = plain_text(text).casefold()
    if plain in _WHOLE:
        return frozenset({_WHOLE[plain]})
    found = frozenset(_READINGS[match.lastindex - 1] for match in _ANY.finditer(plain) if match.lastindex)
    if found - {"pattern"}:
        return found
    return found | {_WORDS[word] for word in plain.replace(",", " ").split() if word in _WORDS}
