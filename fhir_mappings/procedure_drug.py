"""Procedures that name a drug, by a code (HCPCS J9312) or in words ("Rituximab infusion"), into the administrations that they record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_mappings.chart import Chart, Entry
from fhir_mappings.coded import spoken
from fhir_mappings.medication_drug import DrugTerms
from fhir_mappings.shapes import Json, words

# What the two resources call the same thing; what a reader of medications asks for beside these has no counterpart in a Procedure.
_ELEMENTS = {
    "status": "status",
    "code": "medicationCodeableConcept",
    "performedDateTime": "effectiveDateTime",
    "performedPeriod": "effectivePeriod",
    "reasonCode": "reasonCode",
    "reasonReference": "reasonReference",
    "extension": "extension",
    "modifierExtension": "modifierExtension",
}
_BILLED = "proc.drug_billed"
# A procedure about a drug that does not give it.
_NOT_GIVEN = re.compile(
    r"\blevels?\b|assay|concentration|trough|monitor|measure|\btests?\b|testing|screening|antibod|allerg|counsel|education|teaching"
    r"|consent|discussion|declin|refus|\border|spiegel|bestimmung|aufklärung|浓度|监测|检测|抗体|教育",
    re.IGNORECASE,
)


def administrations(chart: Chart, terms: DrugTerms) -> Iterator[Entry]:
    """One a Procedure, cited by the Procedure's reference."""
    for entry in chart.of("Procedure"):
        if _gives(entry.resource.get("code"), terms):
            yield Entry(_administration(entry.resource), entry.reference, entry.version)


def _gives(code: object, terms: DrugTerms) -> bool:
    """By its code or, where that is none of ours, by its words; the assay of a drug is a procedure too.

    A billing code of the kind that drugs have, without words, is a drug, and can't be told which.
    """
    if terms.agents(code):
        return True
    texts, members = words(code), terms.members(code)
    if _BILLED in members and not spoken(texts):
        return True
    named = () if members - {_BILLED} else terms.named(texts, "Medication")
    return bool(named) and not any(_NOT_GIVEN.search(text) for text in texts)


def _administration(procedure: Json) -> Json:
    held = {theirs: procedure[ours] for ours, theirs in _ELEMENTS.items() if ours in procedure}
    if held.get("status") == "preparation":
        held["status"] = "not-done"  # being prepared: nothing was given yet
    return {"resourceType": "MedicationAdministration", **held}
