"""Procedures whose code names a drug (a billing code such as HCPCS J9312) into the administrations that they record."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_mappings.chart import Chart, Entry
from fhir_mappings.medication_drug import DrugTerms
from fhir_mappings.shapes import Json

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


def administrations(chart: Chart, terms: DrugTerms) -> Iterator[Entry]:
    """One a Procedure, cited by the Procedure's reference. Words name no drug here: an assay of a drug is a procedure too."""
    for entry in chart.of("Procedure"):
        if terms.agents(entry.resource.get("code")):
            yield Entry(_administration(entry.resource), entry.reference, entry.version)


def _administration(procedure: Json) -> Json:
    held = {theirs: procedure[ours] for ours, theirs in _ELEMENTS.items() if ours in procedure}
    if held.get("status") == "preparation":
        held["status"] = "not-done"  # being prepared: nothing was given yet
    return {"resourceType": "MedicationAdministration", **held}
