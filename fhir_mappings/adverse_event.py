"""AdverseEvents into Records of the reaction and the suspected drugs: a report that asks, never an entry of the allergy list."""

from __future__ import annotations

from fhir_mappings.chart import Entry
from fhir_mappings.inputs import Origin, Record, Standing
from fhir_mappings.medication_drug import Drug, drug_of
from fhir_mappings.record import Site, starts_later
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, label, words

_TOLD_BY_DRUG = frozenset({"ae.anaphylaxis", "ae.hypersensitivity", "ae.allergic_sign"})  # with a known drug its drug alone counts
_ALLERGIC = _TOLD_BY_DRUG | {"ae.infusion_reaction"}
_UNTOLD = "ae.suspect_unknown"


def map_adverse_event(entry: Entry, site: Site) -> Record | None:
    """None for what only might have happened, and for an event that names neither a reaction nor a drug of ours."""
    resource = entry.resource
    if as_text(resource.get("actuality")) == "potential":
        return None
    event = resource.get("event")
    reaction = site.terms.members(event) or site.terms.named(words(event), "Condition")
    drugs = [_suspect(as_dict(one.get("instance")), resource, site) for one in as_dicts(resource.get("suspectEntity"))]
    suspects = frozenset(agent for drug in drugs for agent in drug.agents)
    suspects |= site.terms.named([text for drug in drugs for text in drug.texts], "AllergyIntolerance")
    untold = not drugs or all(drug.unknown for drug in drugs)
    concepts = suspects | (reaction if untold else reaction - _TOLD_BY_DRUG)
    concepts |= {_UNTOLD} if untold and reaction & _ALLERGIC else frozenset()
    if not concepts:
        return None
    happened = site.date(entry, "date") or site.date(entry, "detected")
    recorded = site.date(entry, "recordedDate")
    return Record(
        concepts=concepts,
        type="AdverseEvent",
        origin=Origin(entry.reference, entry.version, _display(event, drugs)),
        standing=Standing.UNCONFIRMED,
        when=happened or recorded,
        dated_by="event" if happened else "recorded" if recorded else None,
        recorded=recorded,
        planned=starts_later(happened or recorded, site.as_of),
        about=reaction,
    )


def _suspect(instance: Json, container: Json, site: Site) -> Drug:
    """The drug of a Medication, or of a record of one that was given; one that is not here by its words."""
    found = site.chart.resolve(instance, container)
    if found is not None and found.resource.get("resourceType") != "Medication":
        return drug_of(found.resource, site.chart, site.terms)
    return drug_of({"medicationReference": instance, "contained": container.get("contained")}, site.chart, site.terms)


def _display(event: object, drugs: list[Drug]) -> str:
    """`Anaphylaxis (suspected: rituximab)`."""
    shown = [drug.display for drug in drugs if drug.texts or drug.agents]
    return f"{label(event)[:80]}" + (f" (suspected: {', '.join(shown)[:60]})" if shown else "")
