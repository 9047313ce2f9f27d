"""The draft orders of order-sign into the records they would become, were they signed and given on the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from cds_service.errors import Problem, RequestError
from fhir_mappings.code_systems import CVX, normalise_system
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings

_NO_ORDER = ("cancelled", "entered-in-error", "stopped", "completed")


def given_on(context: Mapping[str, Any], patient: str, day: date) -> list[Json]:
    """The records. Raises RequestError where draftOrders is no Bundle; what is no order of a drug or vaccine says nothing here."""
    orders = context.get("draftOrders")
    if orders is None:
        raise RequestError(Problem("is required", "context.draftOrders"))
    if not isinstance(orders, dict) or orders.get("resourceType") != "Bundle":
        raise RequestError(Problem("must be a Bundle", "context.draftOrders"))
    drafts = [as_dict(entry.get("resource")) for entry in as_dicts(orders.get("entry"))]
    return [record for number, draft in enumerate(drafts) for record in _records(draft, f"draft-{number}", patient, day)]


def _records(draft: Json, identity: str, patient: str, day: date) -> Iterator[Json]:
    if as_text(draft.get("status")) in _NO_ORDER or draft.get("doNotPerform") is True or not _is_for(draft, patient):
        return
    kind = draft.get("resourceType")
    code = draft.get("medicationCodeableConcept") if kind == "MedicationRequest" else draft.get("code")
    subject = {"reference": f"Patient/{patient}"}
    if any(normalise_system(system) == CVX for system, _, _ in codings(code)):
        yield {
            "resourceType": "Immunization", "id": identity, "status": "completed", "vaccineCode": code, "patient": subject,
            "occurrenceDateTime": day.isoformat(),
        }  # fmt: skip
    elif kind == "MedicationRequest":
        # As an order from today on, with its own doses; and as a dose given today, for a drug that counts from its infusion on (E-11).
        yield {**draft, "id": identity, "status": "active", "intent": "order", "subject": subject, "authoredOn": day.isoformat()}
        drug: Json = {name: draft[name] for name in ("medicationCodeableConcept", "medicationReference", "contained") if name in draft}
        given: Json = {"status": "completed", "subject": subject, "effectiveDateTime": day.isoformat()}
        yield {"resourceType": "MedicationAdministration", "id": f"{identity}-given", **drug, **given}


def _is_for(draft: Json, patient: str) -> bool:
    """Whether the order names the patient, or nobody: an unsigned draft may lack its subject, one for another patient says nothing here."""
    reference = as_text(as_dict(draft.get("subject")).get("reference"))
    return reference is None or reference.partition("/_history/")[0].rpartition("/")[2] == patient
