"""A dosage instruction in words into what it says; every word is used or nothing is read (spec 1.1)."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from fhir_mappings.dosage_amount import Amount
from fhir_mappings.dosage_items import ITEMS
from fhir_mappings.dosage_parser import DAILY, Parser
from fhir_mappings.dosage_sig import NotUnderstood, Part, Sig, Step
from fhir_mappings.dosage_timing import Schedule
from fhir_mappings.dosage_words import levelled, words_of

_COUNT = r"([0-9]|0\.5)"
_SCHEME = re.compile(
    rf" ?{_COUNT} ?- ?{_COUNT} ?- ?{_COUNT}(?: ?- ?{_COUNT})?(?: (?:tbl|tabl|tabs?|tablets?|tabletten?|kapseln?|stück|stk)\.?)?"
)


_AMOUNT = re.compile("N(?:[~>R]N)?[MCV]")


@lru_cache(maxsize=4096)
def read_sig(text: str, names: tuple[str, ...] = ()) -> Sig | None:
    """What an instruction in words says; None where a word of it is not understood."""
    scheme = _SCHEME.fullmatch(levelled(text).replace("1/2", "0.5"))
    if scheme:
        return _by_scheme(scheme)
    try:
        return _parsed(Parser(words_of(text, names)))
    except NotUnderstood:
        return None


def _parsed(parser: Parser) -> Sig:
    """Item after item: amounts, frequencies, times and durations in any order."""
    place = 0
    while place < len(parser.kinds):
        if parser.kinds[place] in ",&":
            parser.joined += parser.kinds[place]
            place += 1
        else:
            place = _item(parser, place)
    return parser.sig()


def _item(parser: Parser, place: int) -> int:
    """Reads the item at a place; returns where to go on."""
    for pattern, read in ITEMS:
        found = pattern.match(parser.kinds, place)
        if found:
            read(parser, found)
            parser.joined = ""
            return found.end()
    raise NotUnderstood


@lru_cache(maxsize=4096)
def is_altered(text: str) -> bool:
    """Whether words speak of a change or a condition, which a single constant dose would not show."""
    return any(word.kind in "hdiA" or (word.kind == "!" and word.value == "dose") for word in words_of(text))


@lru_cache(maxsize=4096)
def names_amount(text: str) -> bool:
    """Whether words name a dose, understood or not."""
    return _AMOUNT.search("".join(word.kind for word in words_of(text))) is not None


@lru_cache(maxsize=4096)
def names_need(text: str) -> bool:
    """Whether words say that it is taken as needed, understood or not."""
    return any(word.kind == "P" for word in words_of(text))


def _by_scheme(scheme: re.Match[str]) -> Sig:
    """German 1-0-1(-0): units in the morning, at noon, in the evening (and at night)."""
    total = sum((Fraction(one) for one in scheme.groups() if one), Fraction(0))
    return Sig((Step((Part(Amount(total, total, "form"), Schedule(DAILY, DAILY)),)),))
