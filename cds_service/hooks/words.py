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
_UCUM_NAMES = {"arb'U": "AU", "iU": "IU"}  # as laboratories write them
_TESTS = ("obtain ", "repeat ", "order ", "check or repeat ")
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
    return _UCUM_BRACKETS.sub(_unit, _RXNORM_TAIL.sub("", _LOINC_TAIL.sub("", text)))


def _unit(found: re.Match[str]) -> str:
    return _UCUM_NAMES.get(found[1], found[1])


def is_test(action: str) -> bool:
    """Whether it is a test or a score to be had anew; nobody is asked and no chart is read."""
    return f"{action} ".startswith(_TESTS)


def not_sent(types: Sequence[str], states: Mapping[str, State], untold: frozenset[str] = frozenset()) -> str:
    """`Procedures were not sent`: which records could not be had whole, and how that was. Of the `untold` types one says nothing."""
    names = " and ".join(_TYPES.get(one, one) for one in types)
    held = {states.get(one, State.NOT_PROVIDED) for one in types}
    how = "did not come whole" if held != {State.NOT_PROVIDED} else "were not sent"
    if held == {State.PARTIAL} and untold.issuperset(types):
        how = "hold a record that can't be told what it is"
    return f"{names[:1].upper()}{names[1:]} {'could not be fetched' if held == {State.FAILED} else how}"


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' if count != 1 else ''}"
