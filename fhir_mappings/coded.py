"""A CodeableConcept into the value sets that it names: by code, else by its words (then at most a review), gates first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from fhir_mappings.code_systems import ICD_10, ICD_10_CM, ICD_10_GM, normalise_code, normalise_system
from fhir_mappings.inputs import Standing
from fhir_mappings.shapes import codings, said, words

# A relative's disease, a screening visit, a disease ruled out, a donor, pregnancies that were: never evidence of it (spec 0.4).
GATES = frozenset({"gate.family_history", "gate.screening", "gate.ruled_out", "gate.past_pregnancy", "tx.donor"})

# Classifications that the value sets divide up by families: what is in none of them is known to be something else.
_DIVIDED = frozenset({ICD_10, ICD_10_CM, ICD_10_GM})
_WORD = re.compile(r"[^\W\d_]{3}|[\u3400-\u9fff]")  # a code repeated as its own name is no word
UNKNOWN_CODE = "code-unknown", "its code is not known here and has no words"
UNKNOWN_WORDS = "neither its code nor its words are known here"


class Terms(Protocol):
    """What the mappers ask of the terminology."""

    def members(self, concept: object) -> frozenset[str]: ...

    def named(self, texts: Iterable[str], domain: str) -> frozenset[str]: ...

    def agents(self, concept: object) -> frozenset[str]: ...

    def may_be(self, concept: object) -> frozenset[str] | None: ...


def concepts_of(concept: object, terms: Terms, domain: str) -> tuple[frozenset[str], bool]:
    """(value sets, whether only words name them). What the words beside a code say is read in `beside`."""
    coded = terms.members(concept)
    if coded & GATES:
        return coded & GATES, False
    if coded:
        return coded, False
    return terms.named(words(concept), domain), True


def codes_of(concept: object) -> frozenset[tuple[str, str]]:
    """The codings of a CodeableConcept as (system, code), both as the value sets write them."""
    pairs = [(normalise_system(system), code) for system, code, _ in codings(concept)]
    return frozenset((system, normalise_code(system, code)) for system, code in pairs)


def standing_of(usable: Standing, by_words: bool) -> Standing:
    """A record that only words name is worth a review; a refuted or unclear one stays what it is."""
    return Standing.TEXT if by_words and usable in (Standing.CONFIRMED, Standing.UNCONFIRMED) else usable


def spoken(texts: Iterable[str]) -> bool:
    """Whether there are words to read."""
    return any(_WORD.search(text) for text in texts)


def is_mute(concept: object) -> bool:
    """Whether nothing can be told of a concept that is in no value set: no words, and no code of a classification.

    It says nothing (ruling 16), so neither does it show that what is looked for was not recorded (spec 0.2).
    """
    return not spoken(said(concept)) and not any(normalise_system(system) in _DIVIDED for system, _, _ in codings(concept))
