"""`tables/names.tsv` and a record's words into the value sets that the words name: a question, never a verdict (spec 0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from fhir_mappings.negation import affirmed, plain
from fhir_mappings.remembered import remembered
from fhir_mappings.table import read_table

_ANTIBODY = (
    "anti {0}",
    "{0} ab",
    "{0} abs",
    "{0} antibod*",
    "{0} autoantibod*",
    "{0} igg",
    "{0} antikorper*",
    "{0} ak",
    "抗{0}",
    "{0}抗体",
)
_TESTS = frozenset({"Observation", "DiagnosticReport", "OrdinaryProcedure"})
_DENIALS = frozenset({"absence", "no", "not", "without", "keine", "nicht", "ohne", "aucun", "aucune", "sans", "sin"})
_DOMAINS: Mapping[str, tuple[str, ...]] = {
    "Condition": ("Condition",),
    "Observation": ("Observation",),
    "DiagnosticReport": ("Observation",),
    "Medication": ("Medication",),
    "MedicationRequest": ("Medication",),
    "MedicationStatement": ("Medication",),
    "MedicationDispense": ("Medication",),
    "MedicationAdministration": ("Medication",),
    "Procedure": ("Procedure",),
    "OrdinaryProcedure": ("OrdinaryProcedure",),  # what no criterion asks about, but is known for what it is
    "Specimen": ("Specimen",),
    "Immunization": ("Immunization",),
    "ImmunizationRecommendation": ("Immunization",),
    "AllergyIntolerance": ("AllergyIntolerance", "Medication"),  # an allergy names a substance
}


@dataclass(frozen=True, slots=True)
class Name:
    """The words of one value set and their look-alikes.

    `denying` words hold a denial themselves ("no known allergy"); `barring` words rule the name out wherever they stand.
    """

    concept: str
    words: tuple[str, ...]
    denying: tuple[str, ...]
    lookalikes: tuple[str, ...]
    barring: tuple[str, ...]

    def found_in(self, said: str, whole: str) -> bool:
        """Whether the affirmed words or, for names that deny, the whole text hold the name."""
        if any(bar in whole for bar in self.barring):
            return False
        return _any(self.words, self.lookalikes, said) or _any(self.denying, (), whole)


def named(texts: Iterable[str], domain: str, certainly: bool = False) -> frozenset[str]:
    """The value sets that words name in a kind of record; with `certainly` only those that they name without a doubt."""
    read = _certainly_named if certainly else _named
    return frozenset().union(*[read(text, domain) for text in texts])


def mentioned(text: str, domain: str) -> frozenset[str]:
    """The value sets whose names stand in a text at all, denied, doubted or a relative's."""
    whole = _ended(plain(text))
    return _found(domain, whole, whole)


@remembered(16384)
def _named(text: str, domain: str) -> frozenset[str]:
    whole = _ended(plain(text))
    # the name of a laboratory test denies nothing: "ANA screening" is an ANA
    said = whole if domain in _TESTS else _ended(affirmed(text, aims=_aims(domain)))
    return _found(domain, said, whole)


@remembered(16384)
def _certainly_named(text: str, domain: str) -> frozenset[str]:
    said = affirmed(text, certainly=True, aims=_aims(domain))
    if domain in _TESTS or said == affirmed(text, aims=_aims(domain)):
        return _named(text, domain)
    return _found(domain, _ended(said), _ended(plain(text)))


def _aims(domain: str) -> bool:
    return domain != "Condition"


def _found(domain: str, said: str, whole: str) -> frozenset[str]:
    return frozenset(name.concept for name in _names(domain) if name.found_in(said, whole))


def _ended(text: str) -> str:
    """The text between signs for its beginning and its end, which no plain text holds."""
    return f"^ {text} $"


def _any(words: tuple[str, ...], lookalikes: tuple[str, ...], text: str) -> bool:
    if not any(word in text for word in words):
        return False
    for lookalike in lookalikes:
        text = text.replace(lookalike, " ; ")
    return any(word in text for word in words)


@lru_cache(maxsize=len(_DOMAINS) + 1)
def _names(domain: str) -> tuple[Name, ...]:
    wanted = set(_DOMAINS.get(domain, ()))
    return tuple(_name(row) for row in read_table("names") if wanted.intersection(row["domains"].split()))


def _name(row: dict[str, str]) -> Name:
    phrases = [phrase for cell in row["words"].split("|") for phrase in _spelt(cell)]
    lookalikes = sorted(filter(None, row["not"].split("|")), key=len, reverse=True)  # the longer look-alike may hold the shorter
    words, denying = _parted(phrases)
    alike, barring = _parted(lookalikes)
    return Name(row["concept_id"], words, denying, alike, barring)


def _parted(phrases: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those to look for in what is affirmed, and those to look for in the whole text: they hold a denial, or are marked `~`."""
    denying = [phrase for phrase in phrases if phrase[0] == "~" or _DENIALS.intersection(phrase.split()) or "无" in phrase]
    return _needles(phrase for phrase in phrases if phrase not in denying), _needles(denying)


def _spelt(cell: str) -> Iterator[str]:
    """`ab:ku` is spelt as laboratories spell an antibody."""
    kind, _, word = cell.partition(":")
    yield from (pattern.format(word) for pattern in _ANTIBODY) if kind == "ab" else (cell,)


def _needles(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(_needle(phrase) for phrase in phrases)


def _needle(phrase: str) -> str:
    """What to look for in plain text: a blank at each end that is a word boundary; Chinese has none; `=` is all that is said."""
    body = plain(phrase)
    if phrase.startswith("="):
        return _ended(body)
    if not body.isascii():
        return body
    return ("" if phrase.startswith("*") else " ") + body + ("" if phrase.endswith("*") else " ")
