"""A medication resource's status, intent and negations into what it may be evidence of (spec 0.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fhir_mappings.medication_words import NEVER, denial_in
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text
from fhir_mappings.table import read_table

_STATUSES = {(row["type"], row["status"]): row["reading"] for row in read_table("medication_statuses")}
_INTENTS = {row["intent"]: row["reading"] for row in read_table("medication_intents")}
_NEGATIONS = frozenset(row["name"] for row in read_table("negation_extensions"))
_CODE = re.compile(r"[A-Za-z-]{1,30}")


@dataclass(frozen=True, slots=True)
class Gate:
    """`reading`: active, ended, stopped, on-hold, not-taken or drop. `problem` is (code, issue) where the record can never decide.

    `disputed`: its own words say that the drug is not taken.
    """

    reading: str
    problem: tuple[str, str] | None = None
    disputed: bool = False


def gate(resource: Json, kind: str) -> Gate:
    """How a medication record may be used. What can't be told is read as active and unclear: it asks, and decides nothing."""
    status = as_text(resource.get("status"))
    reading = _STATUSES.get((kind, status or ""))
    intent = _INTENTS.get(as_text(resource.get("intent")) or "") if "intent" in resource else "order"
    if kind == "MedicationStatement" and reading != "drop" and _denied_in_another_version(resource):
        reading = "not-taken"
    if reading == "drop" or (kind == "MedicationRequest" and _is_no_order(resource, intent)) or _negated(resource):
        return Gate("drop")
    if reading is None:
        return Gate("active", ("status-unknown", f"status {_named(status)} does not say whether the drug was taken"))
    if kind == "MedicationRequest" and intent in (None, "reported"):
        return Gate(reading, ("status-unknown", f"intent {_named(as_text(resource.get('intent')))} is not that of an order"))
    if reading != "not-taken" and (said := denial_in(resource)) and (said == NEVER or reading == "active"):
        return Gate(reading, ("status-unknown", "its status says that it is taken, its words that it is not"), disputed=True)
    if "modifierExtension" in resource and as_dicts(resource["modifierExtension"]):
        return Gate(reading, ("modifier-unknown", "a modifierExtension that is not understood may change what the record means"))
    return Gate(reading)


def _is_no_order(resource: Json, intent: str | None) -> bool:
    return intent == "drop" or (intent == "reported" and not is_reported(resource))


def is_reported(resource: Json) -> bool:
    """reported[x]: told by the patient or another, not ordered here."""
    return resource.get("reportedBoolean") is True or bool(as_dict(resource.get("reportedReference")))


def _denied_in_another_version(resource: Json) -> bool:
    """DSTU2's `wasNotTaken` and STU3's `taken` and `reasonNotTaken`: an active status beside them is no drug taken."""
    return resource.get("wasNotTaken") is True or resource.get("taken") in ("n", "no") or bool(resource.get("reasonNotTaken"))


def _named(code: str | None) -> str:
    """A code for a message: never free text that stands where a code belongs."""
    if code is None:
        return "(absent)"
    return f"'{code}'" if _CODE.fullmatch(code) else "(not a code)"


def _negated(resource: Json) -> bool:
    """Recorded as NOT ordered or given: doNotPerform, DSTU2's `wasNotGiven`, STU3's `notGiven`, and the QI-Core negations."""
    flag = resource.get("doNotPerform")
    if True in (resource.get("notGiven"), resource.get("wasNotGiven")) or resource.get("reasonNotGiven"):
        return True
    if flag is True or (isinstance(flag, str) and flag.strip().lower() == "true"):
        return True
    held = [resource, *as_dicts(resource.get("medicationCodeableConcept")), *as_dicts(resource.get("medicationReference"))]
    extended = [holder[name] for holder in held for name in ("extension", "modifierExtension") if name in holder]
    return bool(extended) and any(_is_negation(one) for extensions in extended for one in as_dicts(extensions))


def _is_negation(extension: Json) -> bool:
    url = as_text(extension.get("url")) or ""
    return url.rstrip("/").rpartition("/")[2].lower() in _NEGATIONS and extension.get("valueBoolean") is not False
