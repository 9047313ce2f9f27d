"""Names of records and resource types into the words of a card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fhir_mappings.inputs import State

# LOINC's property, specimen and method, and RxNorm's strength and form: the record's whole name stands in the Evaluation.
_LOINC_TAIL = re.compile(
    r" \[[^\]]+\] in (?:Serum|Plasma|Blood|(?:24 hour )?Urine)(?: (?:or|and) [A-Z]\w+)*(?: by [A-Z]\w+(?: (?:fluorescence|count|method))*)?"
)
_RXNORM_TAIL = re.compile(r" [\d.]+ MG(?:/\w+)? (?:Delayed Release |Extended Release )?(?:Oral|Injectable) [A-Z]\w+")
_UCUM_BRACKETS = re.compile(r"\[([\w'%]+)\](?=/|$| |,)")  # `118 [arb'U]/mL`
_TYPES = {
    "AllergyIntolerance": "allergies",
    "Condition": "diagnoses",
    "DiagnosticReport": "reports",
    "Encounter": "visits",
    "Immunization": "vaccinations",
    "MedicationAdministration": "doses given",
    "MedicationDispense": "dispensed drugs",
    "MedicationRequest": "drug orders",
    "MedicationStatement": "drug statements",
    "Observation": "results",
    "Procedure": "procedures",
    "ResearchSubject": "trial participations",
}


def brief(text: str) -> str:
    """`Nuclear Ab 1:640`, `methotrexate`: names without what only machines need."""
    return _UCUM_BRACKETS.sub(r"\1", _RXNORM_TAIL.sub("", _LOINC_TAIL.sub("", text)))


def not_sent(types: Sequence[str], states: Mapping[str, State]) -> str:
    """`Procedures were not sent`: which records could not be had whole, and how that was."""
    names = " and ".join(_TYPES.get(one, one) for one in types)
    held = {states.get(one, State.NOT_PROVIDED) for one in types}
    how = "did not come whole" if held != {State.NOT_PROVIDED} else "were not sent"
    return f"{names[:1].upper()}{names[1:]} {'could not be fetched' if held == {State.FAILED} else how}"


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' if count != 1 else ''}"
