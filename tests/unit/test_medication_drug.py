"""Of which drug a medication record is: by its codes, by what it points to, or by its words (spec 1.2)."""

from __future__ import annotations

import pytest

from fhir_mappings.inputs import Standing
from tests.support.medications import (
    MEDICATION,
    MMF,
    PREDNISONE,
    administration,
    coded,
    dispense,
    mapped,
    request,
    statement,
)

IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
COUNTS = Standing.CONFIRMED


NAMES = [
    ("a code", {"medicationCodeableConcept": coded(MMF)}, (), ("drug.mmf", COUNTS)),
    (
        "several codings",
        {"medicationCodeableConcept": {"coding": [{"system": "urn:x", "code": "1"}, *coded(MMF)["coding"]]}},
        (),
        ("drug.mmf", COUNTS),
    ),
    ("an array", {"medicationCodeableConcept": [coded(MMF)]}, (), ("drug.mmf", COUNTS)),
    ("words only", {"medicationCodeableConcept": {"text": "Belimumab"}}, (), ("drug.bel", Standing.TEXT)),
    (
        "a local code and words",
        {"medicationCodeableConcept": coded("77", "urn:x", "Prednisone 5 mg")},
        (),
        ("drug.prednisone", Standing.TEXT),
    ),
    ("a code without a system", {"medicationCodeableConcept": {"coding": [{"code": MMF}]}}, (), None),
    ("another drug", {"medicationCodeableConcept": coded("6809", text="Metformin")}, (), None),
    ("in the Bundle", {"medicationReference": {"reference": "Medication/med1"}}, (MEDICATION,), ("drug.mmf", COUNTS)),
    ("absolute", {"medicationReference": {"reference": "https://ehr.example/R4/Medication/med1"}}, (MEDICATION,), ("drug.mmf", COUNTS)),
    ("versioned", {"medicationReference": {"reference": "Medication/med1/_history/3"}}, (MEDICATION,), ("drug.mmf", COUNTS)),
    ("contained", {"contained": [MEDICATION], "medicationReference": {"reference": "#med1"}}, (), ("drug.mmf", COUNTS)),
    (
        "by identifier",
        {"medicationReference": {"identifier": {"system": "urn:s", "value": "9"}}},
        ({**MEDICATION, "identifier": [{"system": "urn:s", "value": "9"}]},),
        ("drug.mmf", COUNTS),
    ),
    (
        "not resolved, with words",
        {"medicationReference": {"reference": "Medication/9", "display": "Rituximab"}},
        (),
        ("drug.rtx", Standing.TEXT),
    ),
    ("entered in error", {"medicationReference": {"reference": "Medication/med1"}}, ({**MEDICATION, "status": "entered-in-error"},), None),
    ("not a Medication", {"medicationReference": {"reference": "Patient/p1"}}, (), None),
    (
        "an ingredient",
        {"medicationReference": {"reference": "Medication/i"}},
        ({"resourceType": "Medication", "id": "i", "ingredient": [{"itemCodeableConcept": coded(PREDNISONE)}]},),
        ("drug.prednisone", COUNTS),
    ),
    (
        "an ingredient by reference",
        {
            "contained": [
                {"resourceType": "Substance", "id": "s", "code": coded(MMF)},
                {"resourceType": "Medication", "id": "m", "ingredient": [{"itemReference": {"reference": "#s"}}]},
            ],
            "medicationReference": {"reference": "#m"},
        },
        (),
        ("drug.mmf", COUNTS),
    ),
    (
        "an ingredient in words",
        {"medicationReference": {"reference": "Medication/i"}},
        ({"resourceType": "Medication", "id": "i", "ingredient": [{"itemReference": {"display": "prednisone"}}, {"itemReference": {}}]},),
        ("drug.prednisone", Standing.TEXT),
    ),
    (
        "an inactive ingredient",
        {"medicationReference": {"reference": "Medication/i"}},
        (
            {
                "resourceType": "Medication",
                "id": "i",
                "code": {"text": "x"},
                "ingredient": [{"isActive": False, "itemCodeableConcept": coded(MMF)}],
            },
        ),
        None,
    ),
]


@pytest.mark.parametrize(("_label", "fields", "others", "expected"), NAMES, ids=[row[0] for row in NAMES])
@pytest.mark.parametrize("build", [request, statement, dispense, administration])
def test_a_drug_is_known_by_code_reference_or_words(build, _label, fields, others, expected) -> None:
    """Codes count; words are reviewed; what names no agent says nothing."""
    found = mapped(build(**{"medicationCodeableConcept": None, **fields}), *others).exposures
    assert [(one.agent, one.standing) for held in found.values() for one in held] == ([expected] if expected else [])


UNKNOWN = [
    ("of another FHIR version", {"medication": {"concept": coded(MMF)}}, "resource-unreadable"),
    ("no medication", {}, "resource-unreadable"),
    ("a reference that can't be resolved", {"medicationReference": {"reference": "Medication/9"}}, "reference-unresolved"),
    ("data absent", {"medicationCodeableConcept": coded("unknown", ABSENT)}, None),
    ("no information", {"medicationCodeableConcept": coded("no-medication-info", IPS)}, None),
]


@pytest.mark.parametrize(("_label", "fields", "code"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_a_record_of_an_unknown_drug_is_a_hole(_label, fields, code) -> None:
    """It may be of any drug, so no drug can be presumed absent."""
    found = mapped(statement(**{"medicationCodeableConcept": None, **fields}))
    assert (dict(found.exposures), found.holes) == ({}, frozenset({"MedicationStatement"}))
    assert [issue.code for issue in found.issues] == ([code] if code else [])


def test_one_record_may_name_several_agents() -> None:
    """A combination product is an exposure to each of its agents."""
    both = {"coding": [*coded(MMF)["coding"], *coded(PREDNISONE)["coding"]]}
    assert sorted(mapped(statement(medicationCodeableConcept=both)).exposures) == ["drug.mmf", "drug.prednisone"]
