"""A drug's codes, ingredients and name into milligrams of each agent in one unit of its form, or in one millilitre (spec 1.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from fhir_mappings.clinical_drugs import clinical_drugs
from fhir_mappings.code_systems import RXNORM, normalise_system
from fhir_mappings.dosage_amount import UNKNOWN, Strength, exact, unit_in
from fhir_mappings.shapes import Json, as_dict, codings

AgentsOf = Callable[[object], frozenset[str]]
_IN_WORDS = re.compile(r"(?<![\d.,/])(\d+(?:\.\d+)?) ?mg\b(?! ?/)", re.IGNORECASE)
_PER = re.compile(r"\d ?(?:mg|g|mcg|µg) ?/|[a-z)] ?/ ?[a-z]|\d ?/ ?\d", re.IGNORECASE)  # mg/mL, two drugs, 800/160


class Ingredient(NamedTuple):
    """One active ingredient of a Medication: the concepts that name it, and its strength, a Ratio."""

    concepts: list[Json]
    strength: Json


@dataclass(frozen=True, slots=True)
class Product:
    """What a record says of its drug: the concepts of the whole, the ingredients, how much is in one package, all words on it."""

    concepts: Sequence[Json]
    ingredients: Sequence[Ingredient]
    package: Json
    texts: Sequence[str]


def strengths_of(product: Product, agents: frozenset[str], agents_of: AgentsOf) -> Mapping[str, Strength]:
    """By agent. Sources that disagree give none; without one, the single strength in the drug's name."""
    codes = _rxnorm(product.concepts)
    combined = _is_combined(product, codes, agents, agents_of)
    found = {agent: _of(agent, product, codes, agents_of) for agent in agents}
    if not combined:
        found = {agent: one or _by_name(product.texts) or UNKNOWN for agent, one in found.items()}
    return {agent: replace(one or UNKNOWN, combined=True) if combined else one or UNKNOWN for agent, one in found.items()}


def _rxnorm(concepts: Iterable[Json]) -> list[str]:
    return [code for concept in concepts for system, code, _ in codings(concept) if normalise_system(system) == RXNORM]


def _of(agent: str, product: Product, codes: Iterable[str], agents_of: AgentsOf) -> Strength | None:
    sources = [*(_clinical(code, agent) for code in codes), *_ingredients(agent, product, agents_of)]
    known = [one for one in sources if one is not None]
    if not known:
        return None
    return known[0] if all(one == known[0] for one in known) else UNKNOWN


@lru_cache(maxsize=4096)
def _clinical(rxcui: str, agent: str) -> Strength | None:
    """The strength in RxNorm's clinical drug; two salts of one agent (betamethasone) count together."""
    rows = [row for row in clinical_drugs().get(rxcui.strip(), ()) if row.concept == agent]
    if not rows:
        return None
    per = {row.per for row in rows}
    if len(per) > 1 or any(row.mg is None for row in rows) or len({_substance(row.text) for row in rows}) > 1:
        return UNKNOWN
    total = sum((Fraction(row.mg) for row in rows if row.mg is not None), Fraction(0))
    return {None: Strength(form=total), "mL": Strength(millilitre=total)}.get(per.pop(), UNKNOWN)


def _substance(text: str) -> str:
    return text.split()[0]


def _is_combined(product: Product, codes: Iterable[str], agents: frozenset[str], agents_of: AgentsOf) -> bool:
    """Whether the product holds several drugs, so that its milligrams are not those of one. A class beside its member is no second drug."""
    substances = [{_substance(row.text) for row in clinical_drugs().get(code.strip(), ())} for code in codes]
    if len(product.ingredients) > 1 or any(len(one) > 1 for one in substances) or any(" / " in text for text in product.texts):
        return True
    if len(agents) < 2:
        return False
    named = [found for concept in product.concepts for one in codings(concept) if (found := agents_of(_alone(*one)))]
    return not named or not frozenset.intersection(*named)


def _alone(system: str, code: str, _: str | None) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _ingredients(agent: str, product: Product, agents_of: AgentsOf) -> Iterator[Strength | None]:
    for one in product.ingredients:
        if len(product.ingredients) == 1 or any(agent in agents_of(concept) for concept in one.concepts):
            yield _ratio(one.strength, product.package)


def _ratio(strength: Json, package: Json) -> Strength | None:
    """A Ratio of milligrams to tablets or millilitres; with the millilitres of one package (a syringe) also of that."""
    above, below = as_dict(strength.get("numerator")), as_dict(strength.get("denominator"))
    mg, count = exact(above.get("value")), exact(below.get("value")) if below else Fraction(1)
    over, under = unit_in(above), unit_in(below)
    if mg is None or not count or count < 0 or over is None or over.kind != "mg" or under is None:
        return None
    value = mg * over.factor / (count * under.factor)
    if under.kind == "form":
        return Strength(form=value)
    volume = _millilitres(package)
    return Strength(form=value * volume if volume else None, millilitre=value) if under.kind == "mL" else None


def _millilitres(package: Json) -> Fraction | None:
    """Millilitres in one unit (Medication.amount)."""
    above, below = as_dict(package.get("numerator")), as_dict(package.get("denominator"))
    volume, count = exact(above.get("value")), exact(below.get("value"))
    over, under = unit_in(above), unit_in(below)
    if not volume or not count or over is None or over.kind != "mL" or under is None or under.kind != "form":
        return None
    return volume * over.factor / count


def _by_name(texts: Iterable[str]) -> Strength | None:
    """The one strength in the words on the drug; none where they name a concentration or a second drug."""
    held = list(texts)
    values = {found for text in held for found in _IN_WORDS.findall(text)}
    if len(values) != 1 or any(_PER.search(text) for text in held):
        return None
    value = exact_text(values.pop())
    return Strength(form=value, in_words=True) if value else None


def exact_text(text: str) -> Fraction | None:
    return Fraction(text) if len(text) < 12 else None
