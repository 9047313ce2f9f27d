"""The name of a result's test beside its code: a code that a laboratory mapped wrongly names one test, its own words another."""

from __future__ import annotations

from fhir_mappings.positivity import Lookup
from fhir_mappings.shapes import as_dicts, as_text

ANOTHER_TEST = "the code names one test, the words beside it another"


def another_test(code: object, coded: frozenset[str], terms: Lookup) -> str | None:
    """Why a result should be looked at whose own words (no display) name other tests, none of them of the coded family."""
    texts = [text for one in as_dicts(code) if (text := as_text(one.get("text")))]
    named = terms.named(texts, "Observation") if texts and coded else frozenset[str]()
    return ANOTHER_TEST if named and {_family(one) for one in named}.isdisjoint(map(_family, coded)) else None


def _family(concept: str) -> str:
    """`lab.hiv` of `lab.hiv_confirm`: the tests of one thing."""
    return concept.partition("_")[0] if not concept.startswith("lab.anti_") else concept
