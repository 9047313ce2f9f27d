"""How a drug was given, what it was given for, why it was stopped, and who says so (spec 1.1, ruling 12)."""

from __future__ import annotations

import pytest

from tests.support.medications import (
    MEDICATION,
    MMF,
    SNOMED,
    TACROLIMUS,
    coded,
    only,
    request,
    statement,
)

ROUTES = [
    ("by code", {"dosageInstruction": [{"route": coded("26643006", SNOMED)}]}, "route.oral", True),
    ("on the skin by code", {"dosageInstruction": [{"route": coded("6064005", SNOMED)}]}, "route.topical", False),
    ("by rectum", {"dosageInstruction": [{"route": coded("37161004", SNOMED)}]}, "route.rectal", None),
    ("in words", {"dosageInstruction": [{"route": {"text": "By mouth"}}]}, "route.oral", True),
    ("in words not known", {"dosageInstruction": [{"route": {"text": "via gadget"}}]}, None, True),
    (
        "two routes, one systemic",
        {"dosageInstruction": [{"route": coded("26643006", SNOMED)}, {"route": coded("6064005", SNOMED)}]},
        None,
        True,
    ),
    (
        "two routes, one unclear",
        {"dosageInstruction": [{"route": coded("37161004", SNOMED)}, {"route": coded("6064005", SNOMED)}]},
        None,
        None,
    ),
    ("in the words of the instruction", {"dosageInstruction": [{"text": "1 g IV once"}]}, "route.intravenous", True),
    ("not by the German word im", {"dosageInstruction": [{"text": "1 g im Wechsel"}]}, None, True),
    ("not said", {}, None, True),
]


@pytest.mark.parametrize(("_label", "fields", "route", "systemic"), ROUTES, ids=[row[0] for row in ROUTES])
def test_the_route_of_the_dosage_tells_whether_a_drug_is_systemic(_label, fields, route, systemic) -> None:
    """Spec 1.1, route gate."""
    found = only(request(**fields))
    assert (found.route, found.systemic) == (route, systemic)


@pytest.mark.parametrize(
    ("name", "route", "systemic"),
    [
        ("tacrolimus 0.001 MG/MG Topical Ointment", "route.topical", False),
        ("tacrolimus 1 MG Oral Capsule", "route.oral", True),
        ("cyclosporine 0.5 MG/ML Ophthalmic Suspension", "route.ophthalmic", False),
        ("prednisolone eye drops", "route.ophthalmic", False),
        ("Hydrocortison Creme", "route.topical", False),
        ("budesonide 0.032 MG/ACTUAT Nasal Spray", "route.nasal", False),
        ("fluticasone inhaler", "route.inhaled", False),
        ("hydrocortisone 100 MG Enema", "route.rectal", None),
        ("triamcinolone, intra-articular", "route.intra_articular", None),
        ("Depo-Medrol 40 mg", "route.intramuscular", None),
        ("methylprednisolone acetate 40 mg/mL", "route.intramuscular", None),
        ("methylprednisolone 40 mg/mL injectable suspension", "route.intramuscular", True),
        ("Solu-Medrol 125 mg", "route.intravenous", True),
        ("Celestone oral solution", "route.oral", True),
        ("triamcinolone acetonide 0.1 % cream", "route.topical", False),
        ("methotrexate 25 MG/ML Injection", "route.parenteral_nos", True),
        ("belimumab 200 MG/ML Auto-Injector", "route.subcutaneous", True),
        ("triamcinolone dental paste", "route.topical", False),
        ("泼尼松片", "route.oral", True),
        ("他克莫司软膏", "route.topical", False),
        ("Depotentin", None, True),
    ],
)
def test_without_a_route_the_form_or_the_name_tells(name, route, systemic) -> None:
    """Whole words of a name; the form of the Medication resource comes before the name."""
    found = only(request(medicationCodeableConcept=coded(TACROLIMUS, text=name)))
    assert (found.route, found.systemic) == (route, systemic)


def test_the_form_comes_before_the_name() -> None:
    """Medication.form says how this product is given."""
    product = {**MEDICATION, "form": {"text": "Ointment"}, "code": coded(MMF, text="tablet")}
    assert only(request(medicationReference={"reference": "Medication/med1"}), product).route == "route.topical"


def test_reasons_are_read_from_codes_and_from_conditions() -> None:
    """reasonCode and the Conditions of reasonReference."""
    condition = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/p1"},
        "code": coded("M32.9", "http://hl7.org/fhir/sid/icd-10-cm"),
    }
    resource = request(
        reasonCode=[coded("C83.3", "http://hl7.org/fhir/sid/icd-10-cm")],
        reasonReference=[{"reference": "Condition/c"}, {"reference": "Condition/gone"}],
    )
    assert only(resource, condition).reason == {"ca.malignancy", "dx.sle"}


@pytest.mark.parametrize(
    ("reason", "told"),
    [({"text": "nausea"}, "nausea"), ([{"text": "rash"}], "rash"), (None, None), ("intolerance", None)],
)
def test_why_a_drug_was_stopped_is_kept(reason, told) -> None:
    """statusReason as a concept or an array of them."""
    assert only(statement(status="stopped", statusReason=reason)).stopped_because == told
    assert only(statement(status="active", statusReason=reason)).stopped_because is None


@pytest.mark.parametrize(
    ("fields", "grade"),
    [
        ({}, "coded"),
        ({"reportedBoolean": True}, "reported"),
        ({"reportedReference": {"reference": "Patient/p1"}}, "reported"),
        ({"reportedBoolean": False}, "coded"),
    ],
)
def test_a_reported_request_says_so(fields, grade) -> None:
    """reported[x]: told by the patient, not ordered here."""
    assert only(request(**fields)).origin.grade == grade
