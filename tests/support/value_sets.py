"""A few value sets by hand, for tests that need names and completeness but no codes."""

from __future__ import annotations

from fhir_mappings.terminology import ValueSet

_TYPES = {
    "dx": ["Condition"],
    "lab": ["Observation"],
    "score": ["Observation"],
    "drug": ["MedicationRequest", "MedicationStatement"],
    "proc": ["Procedure"],
}
_NAMES = (
    "dx.sle",
    "dx.drug_lupus",
    "dx.cle",
    "dx.ssc",
    "lab.hgb",
    "lab.ana",
    "lab.creat",
    "score.sledai",
    "drug.mmf",
    "drug.aza",
    "proc.cart",
)


def value_set(name: str, complete: bool = True) -> ValueSet:
    return ValueSet(name, name, frozenset(_TYPES[name.split(".")[0]]), complete, "")


VALUE_SETS = {name: value_set(name) for name in _NAMES}
