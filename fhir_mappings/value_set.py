"""The packaged FHIR ValueSet Bundles into ValueSets and the rules that say which codes belong to which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

import orjson

from fhir_mappings.shapes import Json

_READS, _COMPLETE, _WHY = (f"urn:cds-service:value-set-{name}" for name in ("reads", "complete", "why"))


@dataclass(frozen=True, slots=True)
class ValueSet:
    """One meaning that a criterion names. `types`: the resource types its codes stand in. Only a complete set proves absence (spec 0.2)."""

    id: str
    title: str
    types: frozenset[str]
    complete: bool
    why: str
    codes: int = 0  # its include rules: single codes and families


@dataclass(frozen=True, slots=True)
class Family:
    """Every code from one stem to another, as ICD orders its codes: by their beginnings, letters after digits."""

    concept: str
    start: str
    end: str

    def holds(self, code: str) -> bool:
        """Whether the code lies in the family."""
        return self.start <= code[: len(self.start)] and code[: len(self.end)] <= self.end


class Rules:
    """Exact codes and families by system. Within one value set an excluded code is out, whatever includes it."""

    __slots__ = ("_exact", "_families", "_out", "_out_families")

    def __init__(self, value_sets: Iterable[Json]) -> None:
        self._exact: dict[tuple[str, str], set[str]] = {}
        self._out: dict[tuple[str, str], set[str]] = {}
        self._families: dict[str, list[Family]] = {}
        self._out_families: dict[str, list[Family]] = {}
        for resource in value_sets:
            concept = _id(resource)
            compose = resource.get("compose", {})
            _sort_in(concept, compose.get("include", ()), self._exact, self._families)
            _sort_in(concept, compose.get("exclude", ()), self._out, self._out_families)

    @property
    def systems(self) -> frozenset[str]:
        """The code systems that some value set takes codes from."""
        return frozenset(system for system, _ in self._exact) | frozenset(self._families)

    def concepts(self, system: str, code: str) -> frozenset[str]:
        """The value sets of a code; system and code are normalised."""
        found = set(self._exact.get((system, code), ()))
        found.update(family.concept for family in self._families.get(system, ()) if family.holds(code))
        found.difference_update(self._out.get((system, code), ()))
        found.difference_update(family.concept for family in self._out_families.get(system, ()) if family.holds(code))
        return frozenset(found)

    def sharing(self, concept: str, code: str) -> frozenset[str]:
        """The value sets with a single code in a family of `concept`, or a family below `code`: what a code of it may stand for."""
        within = [(system, one) for system, held in self._families.items() for one in held if one.concept == concept]
        found = {name for (system, other), names in self._exact.items() if _in(system, other, within) for name in names}
        below = {one.concept for system, _ in within for one in self._families[system] if one.start.startswith(code)}
        return frozenset(found | below)


def _in(system: str, code: str, families: Iterable[tuple[str, Family]]) -> bool:
    return any(system == theirs and family.holds(code) for theirs, family in families)


def _sort_in(concept: str, rules: Iterable[Json], exact: dict[tuple[str, str], set[str]], families: dict[str, list[Family]]) -> None:
    for rule in rules:
        system = rule["system"]
        for one in rule.get("concept", ()):
            exact.setdefault((system, one["code"]), set()).add(concept)
        for one in rule.get("filter", ()):
            start, _, end = one["value"].partition("-")
            families.setdefault(system, []).append(Family(concept, start, end or start))


def packaged() -> Iterator[Json]:
    """The ValueSet resources of the package, in the order of their files."""
    folder = files("fhir_mappings") / "value_sets"
    for file in sorted((one for one in folder.iterdir() if one.name.endswith(".json")), key=lambda one: one.name):
        yield from (entry["resource"] for entry in orjson.loads(file.read_bytes())["entry"])


def value_set_of(resource: Json) -> ValueSet:
    """What the service asks of a ValueSet resource."""
    extensions: list[Json] = resource["extension"]
    types = frozenset(one["valueCode"] for one in extensions if one["url"] == _READS)
    said = {one["url"]: one for one in extensions}
    rules = resource.get("compose", {}).get("include", ())
    codes = sum(len(rule.get("concept", ())) + len(rule.get("filter", ())) for rule in rules)
    return ValueSet(_id(resource), resource["title"], types, said[_COMPLETE]["valueBoolean"], said[_WHY]["valueString"], codes)


def _id(resource: Json) -> str:
    """The project's own id, such as `cv.nyha_3_4`, which a FHIR id cannot spell."""
    return str(resource["identifier"][0]["value"])
