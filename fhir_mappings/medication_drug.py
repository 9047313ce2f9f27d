"""The medication[x] of a medication resource into the agents that it names, in codes or in words (spec 0.4, 1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fhir_mappings.chart import Chart, Entry
from fhir_mappings.clinical_drugs import clinical_drugs
from fhir_mappings.code_systems import RXNORM, normalise_system
from fhir_mappings.coded import UNKNOWN_CODE, spoken
from fhir_mappings.dosage_amount import Strength
from fhir_mappings.dosage_strength import Ingredient, Product, strengths_of
from fhir_mappings.inputs import Standing
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings, label, words
from fhir_mappings.table import read_table

_SAYINGS = {(row["system"], row["code"]): row["says"] for row in read_table("no_medication")}


class DrugTerms(Protocol):
    """What medication mapping asks of the terminology."""

    def agents(self, concept: object) -> frozenset[str]:
        """The agents that the codes of a CodeableConcept name."""

    def may_be(self, concept: object) -> frozenset[str] | None:
        """The agents any of which codes may stand for that name a class alone; None where none does."""

    def members(self, concept: object) -> frozenset[str]:
        """The value sets that the codes of a CodeableConcept are in."""

    def named(self, texts: Iterable[str], resource_type: str) -> frozenset[str]:
        """The agents that words name."""


@dataclass(frozen=True, slots=True)
class Drug:
    """`texts` are all words on the drug and its form. `problem` is (code, issue); with `unknown` the record may be of any drug."""

    agents: frozenset[str]
    standing: Standing
    display: str
    texts: tuple[str, ...]
    forms: tuple[str, ...] = ()
    says: str | None = None  # none: explicitly no medication; unknown: no information
    problem: tuple[str, str] | None = None
    unknown: bool = False
    strengths: Mapping[str, Strength] = field(default_factory=dict)


def drug_of(resource: Json, chart: Chart, terms: DrugTerms) -> Drug:
    """The drug of a MedicationRequest, MedicationStatement, MedicationDispense or MedicationAdministration."""
    reference = as_dict(resource.get("medicationReference"))
    medication = _medication(reference, chart, resource)
    products = as_dicts(resource.get("medicationCodeableConcept")) + as_dicts(medication.get("code"))
    ingredients = _ingredients(medication, chart, resource)
    concepts = products + [concept for ingredient in ingredients for concept in ingredient.concepts]
    texts = [text for concept in concepts for text in words(concept)]
    shown = as_text(reference.get("display"))
    texts += [shown] if shown else []
    agents, standing, is_told = _agents(concepts, texts, terms)
    says = next((said for concept in concepts for said in sayings(concept) if said in ("none", "unknown")), None)
    unknown = not is_told and not spoken(texts) and says is None
    return Drug(
        agents=agents,
        standing=standing,
        display=label(concepts) if concepts else shown or "(drug not named)",
        texts=tuple(texts),
        forms=(*words(medication.get("form")), *_clinical_forms(products)),
        says=says,
        problem=_problem(resource, reference, medication, concepts) or (UNKNOWN_CODE if unknown else None),
        unknown=unknown,
        strengths=strengths_of(Product(products, ingredients, as_dict(medication.get("amount")), texts), agents, terms.agents)
        if agents
        else {},
    )


def _agents(concepts: list[Json], texts: list[str], terms: DrugTerms) -> tuple[frozenset[str], Standing, bool]:
    """(agents, what they are worth, whether a code tells anything of the drug)."""
    coded = frozenset(agent for concept in concepts for agent in terms.agents(concept))
    if coded:
        return coded, Standing.CONFIRMED, True
    classes = [found for concept in concepts if (found := terms.may_be(concept)) is not None]
    if classes and not any(classes):  # of a class that holds none of the agents: its words name none either
        return frozenset(), Standing.CONFIRMED, True
    named = terms.named(texts, "Medication")  # ruling 16: a code in no value set says nothing, unless its text names an agent
    of_class: frozenset[str] = frozenset().union(*classes)
    if not classes or named & of_class:
        return named, Standing.TEXT, bool(named)
    return of_class | named, Standing.CLASS, True  # words outside the class ("study drug") say nothing which of it


def _clinical_forms(products: list[Json]) -> list[str]:
    """Salt and dose form of RxNorm's clinical drug: a code alone tells a depot injection from a tablet."""
    codes = [code for system, code, _ in codings(products) if normalise_system(system) == RXNORM]
    return list(dict.fromkeys(f"{row.text} {row.form or ''}" for code in codes for row in clinical_drugs().get(code.strip(), ())))


def sayings(concept: object) -> Iterator[str]:
    """What the codes of a concept say of a patient's medication as a whole (tables/no_medication.tsv)."""
    for system, code, _ in codings(concept):
        name = system.partition("|")[0].rstrip("/")
        said = _SAYINGS.get((name, code)) or _SAYINGS.get((name, "*"))
        if said:
            yield said


def _medication(reference: Json, chart: Chart, container: Json) -> Json:
    """The Medication that is referred to; {} where it can't be resolved or was entered in error."""
    found: Entry | None = chart.resolve(reference, container) if reference else None
    if found is None or found.resource.get("resourceType") != "Medication":
        return {}
    return {} if as_text(found.resource.get("status")) == "entered-in-error" else found.resource


def _ingredients(medication: Json, chart: Chart, container: Json) -> list[Ingredient]:
    """The Medication's active ingredients."""
    found = []
    for ingredient in as_dicts(medication.get("ingredient")):
        if ingredient.get("isActive") is not False:
            concepts = as_dicts(ingredient.get("itemCodeableConcept")) + _item(
                ingredient.get("itemReference"), chart, medication, container
            )
            found.append(Ingredient(concepts, as_dict(ingredient.get("strength"))))
    return found


def _item(reference: object, chart: Chart, medication: Json, container: Json) -> list[Json]:
    """The code of the Substance or Medication that an ingredient refers to, contained in either resource or loose."""
    target = as_dict(reference)
    found = chart.resolve(target, medication) or chart.resolve(target, container)
    if found is not None:
        return as_dicts(found.resource.get("code"))
    shown = as_text(target.get("display"))
    return [{"text": shown}] if shown else []


def _problem(resource: Json, reference: Json, medication: Json, concepts: list[Json]) -> tuple[str, str] | None:
    if "medication" in resource and not concepts and not reference:
        return "resource-unreadable", "medication has the shape of another FHIR version"
    if reference and not medication and not concepts:
        return "reference-unresolved", "medicationReference can't be resolved; the drug is known by its words at most"
    if not concepts and not reference:
        return "resource-unreadable", "names no medication"
    return None
