"""Codes and words of records into the value sets that the criteria name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from fhir_mappings.clinical_drugs import Strength, clinical_drugs
from fhir_mappings.code_systems import RXNORM, certainty, normalise_code, normalise_system
from fhir_mappings.names import named
from fhir_mappings.shapes import codings
from fhir_mappings.site_maps import SiteMap, TerminologyError, read_site_maps
from fhir_mappings.value_set import Rules, ValueSet, packaged, value_set_of

__all__ = ["Strength", "Terminology", "TerminologyError", "ValueSet", "certainty", "load", "normalise_code", "normalise_system"]

_CACHED_CODES = 65536  # distinct (system, code) pairs kept; a chart has some hundreds
_LONGEST = 300  # no system or code is longer; what is, is not worth a place in a cache
_CLASS = "drug.class_"  # a whole ATC class: no drug, but what a drug may be


class Terminology:
    """What a code, a CodeableConcept or words mean. Reads any JSON and never raises on it."""

    __slots__ = ("_class_members", "_found", "_rules", "_site", "systems", "value_sets", "warnings")

    def __init__(self, value_sets: Mapping[str, ValueSet], rules: Rules, site: SiteMap | None = None) -> None:
        self.value_sets = value_sets
        self._rules = rules
        self._site = site or SiteMap()
        # The code systems in which some code means something here, the site's own among them.
        self.systems = rules.systems | {system for system, _ in self._site.meanings}
        self.warnings = (*self._site.warnings, *self._meaningless())
        self._found = lru_cache(maxsize=_CACHED_CODES)(self._find)
        self._class_members = lru_cache(maxsize=256)(self._drugs_of)

    def concepts(self, system: str, code: str) -> frozenset[str]:
        """The value sets of a code. Without a system, or in one that no value set or site map names, a number means nothing."""
        if not system or len(system) > _LONGEST or len(code) > _LONGEST:
            return frozenset()
        return self._found(system, code)

    def members(self, concept: object) -> frozenset[str]:
        """The value sets of the codings of a CodeableConcept (or of several)."""
        found = [self.concepts(system, code) for system, code, _ in codings(concept)]
        return found[0] if len(found) == 1 else frozenset().union(*found)

    def named(self, texts: Iterable[str], domain: str) -> frozenset[str]:
        """The value sets that words name in a kind of record (`Condition`, `Medication` …): enough for a question, never for a verdict."""
        return named(texts, domain)

    def agents(self, concept: object) -> frozenset[str]:
        """The drugs (`drug.*`) that the codings of a medication name: by ingredient, clinical drug, ATC or billing code."""
        return frozenset(name for name in self.members(concept) if name.startswith("drug.") and not name.startswith(_CLASS))

    def may_be(self, concept: object) -> frozenset[str] | None:
        """The drugs any of which the codings may stand for that name a class alone; None where none does.

        Empty for a class without a drug that is named anywhere (glucocorticoids for the skin).
        """
        codes = [(normalise_system(system), normalise_code(normalise_system(system), code)) for system, code, _ in codings(concept)]
        classes = [(name, code) for system, code in codes for name in self.concepts(system, code) if name.startswith(_CLASS)]
        if not classes or self.agents(concept):
            return None
        return frozenset().union(*(self._class_members(name, code) for name, code in classes))

    def strengths(self, rxcui: str) -> tuple[Strength, ...]:
        """The ingredients of ours in a RxNorm clinical drug, each with its strength; () for what is no clinical drug of the table."""
        return clinical_drugs().get(rxcui.strip(), ())

    def with_site_maps(self, paths: Iterable[Path]) -> Terminology:
        """This terminology with a site's ConceptMaps. Raises TerminologyError, with file and place, for one that cannot be used.

        `warnings` of the result says which mappings were left out: not equivalent, or onto a code of no value set.
        """
        return Terminology(self.value_sets, self._rules, read_site_maps(paths))

    def _find(self, system: str, code: str) -> frozenset[str]:
        """All value sets of a code: its own and those of the codes that a site maps it onto."""
        canonical = normalise_system(system)
        written = normalise_code(canonical, code)
        if not written:
            return frozenset()
        found = self._packaged(canonical, written)
        return found.union(*(self._packaged(*ours) for ours in self._site.meanings.get((canonical, written), ())))

    def _packaged(self, system: str, code: str) -> frozenset[str]:
        found = self._rules.concepts(system, code)
        if system == RXNORM:
            found = found.union(strength.concept for strength in clinical_drugs().get(code, ()))
        return found

    def _drugs_of(self, name: str, code: str) -> frozenset[str]:
        return frozenset(one for one in self._rules.sharing(name, code) if one.startswith("drug.") and not one.startswith(_CLASS))

    def _meaningless(self) -> Iterable[str]:
        for (_, local), targets in self._site.meanings.items():
            for system, code in targets:
                if not self._packaged(system, code):
                    yield f"'{local}' is mapped onto {system}|{code}, which is in no value set"


@lru_cache(maxsize=1)
def load() -> Terminology:
    """The packaged terminology."""
    resources = list(packaged())
    value_sets = {one.id: one for one in map(value_set_of, resources)}
    return Terminology(MappingProxyType(value_sets), Rules(resources))
