"""The routes, form and name of a drug into one route and whether it acts on the whole body (spec 1.1, route gate)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fhir_mappings.medication_drug import Drug, DrugTerms
from fhir_mappings.remembered import remembered
from fhir_mappings.shapes import as_dicts, as_text, words
from fhir_mappings.table import read_table

_READINGS: dict[str, bool | None] = {"yes": True, "no": False, "review": None}
_SYSTEMIC = {row["route"]: _READINGS[row["systemic"]] for row in read_table("routes")}


@dataclass(frozen=True, slots=True)
class Route:
    """`systemic` False: it does not act on the whole body. None: a person must look (rectal, joint, depot)."""

    id: str | None
    systemic: bool | None


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.lower())


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words for a route: whole words in Latin script; any place in a script that sets no blanks between words."""

    words: str
    pattern: re.Pattern[str]
    route: Route

    def stands_in(self, text: str) -> bool:
        """`in` first: it passes over a long text a hundred times as fast as the pattern does."""
        return self.words in text and self.pattern.search(text) is not None


def _phrase(row: dict[str, str], systemic: bool | None) -> _Phrase:
    plain = _plain(row["words"])
    inner = re.escape(plain)
    return _Phrase(
        plain,
        re.compile(rf"(?<![^\W\d]){inner}(?![^\W\d])" if plain.isascii() or plain[0].isascii() else inner),
        Route(row["route"], systemic),
    )


_FORMS = tuple(_phrase(row, _READINGS[row["systemic"]] if row["systemic"] else _SYSTEMIC[row["route"]]) for row in read_table("drug_forms"))
# What an instruction may be asked for: words that are a route wherever they stand.
_IN_SENTENCES = tuple(_phrase(row, _SYSTEMIC[row["route"]]) for row in read_table("drug_forms") if row["sentence"])


def route_of(dosages: object, drug: Drug, terms: DrugTerms) -> Route:
    """The route by Dosage.route, else by the drug's form, its name, the instruction's words; one of unknown route is taken as systemic."""
    given = [route for dosage in as_dicts(dosages) if "route" in dosage for route in _stated(dosage["route"], terms)]
    if given:
        return _joined(given)
    found = _by_words(*drug.forms) or _by_words(*drug.texts)
    if found is not None and found.systemic is not None and found.id != "route.parenteral_nos":
        return found
    return _in_sentences(*_instructed(dosages)) or found or Route(None, True)


def _instructed(dosages: object) -> tuple[str, ...]:
    """How an instruction words it: "1 g IV once"."""
    held = [as_text(one.get(name)) for one in as_dicts(dosages) for name in ("text", "patientInstruction")]
    return tuple(text for text in held if text)


def _stated(route: object, terms: DrugTerms) -> list[Route]:
    """The route of one dosage; [] where it states none that is known."""
    ids = sorted(name for one in as_dicts(route) for name in terms.members(one) if name in _SYSTEMIC)
    if ids:
        return [Route(ids[0], _SYSTEMIC[ids[0]])]
    found = _by_words(*words(route))
    return [found] if found else []


def _joined(routes: list[Route]) -> Route:
    """Dosages of several routes: systemic if one is, and no single route."""
    if len(routes) == 1:
        return routes[0]
    states = {route.systemic for route in routes}
    systemic = True if True in states else None if None in states else False
    ids = {route.id for route in routes}
    return Route(routes[0].id if len(ids) == 1 else None, systemic)


@remembered(4096)
def _by_words(*texts: str) -> Route | None:
    return _first(_FORMS, texts)


@remembered(4096)
def _in_sentences(*texts: str) -> Route | None:
    return _first(_IN_SENTENCES, texts)


def _first(phrases: Sequence[_Phrase], texts: Iterable[str]) -> Route | None:
    plain = [_plain(text) for text in texts]
    return next((phrase.route for phrase in phrases if any(phrase.stands_in(text) for text in plain)), None)
