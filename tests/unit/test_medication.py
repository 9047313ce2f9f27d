"""Medication resources into Exposures: which count, of which drug, from when to when (spec 0.4, 1.1, 1.2, ruling 12)."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from fhir_mappings.inputs import Standing
from tests.support.medications import (
    HCPCS,
    LOINC,
    MMF,
    PREDNISONE,
    RITUXIMAB,
    SNOMED,
    TACROLIMUS,
    administration,
    coded,
    days,
    dispense,
    mapped,
    only,
    period,
    request,
    statement,
    step,
    when,
)

QICORE = "http://hl7.org/fhir/us/qicore/StructureDefinition/"
IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
COUNTS, NEVER, REVIEW = Standing.CONFIRMED, None, Standing.UNCLEAR

STATUSES = [
    *((request, status, COUNTS) for status in ("active", "completed", "stopped", "on-hold", " active ")),
    *((request, status, NEVER) for status in ("entered-in-error", "cancelled", "draft")),
    *((request, status, REVIEW) for status in ("unknown", "revoked", None, 7)),
    *((statement, status, COUNTS) for status in ("active", "completed", "stopped", "on-hold")),
    *((statement, status, NEVER) for status in ("entered-in-error", "not-taken", "intended", "entered-in-error ")),
    *((statement, status, REVIEW) for status in ("unknown", "recorded", None)),
    *((administration, status, COUNTS) for status in ("completed", "in-progress")),
    *((administration, status, NEVER) for status in ("not-done", "entered-in-error")),
    *((administration, status, REVIEW) for status in ("on-hold", "stopped", "unknown", None)),
    *((dispense, status, COUNTS) for status in ("completed",)),
    *((dispense, status, NEVER) for status in ("cancelled", "declined", "entered-in-error")),
    *((dispense, status, REVIEW) for status in ("preparation", "in-progress", "on-hold", "stopped", "unknown", None)),
]


@pytest.mark.parametrize(("build", "status", "standing"), STATUSES)
def test_the_status_says_whether_a_record_counts(build, status, standing) -> None:
    """Spec 0.4: usable, never evidence, or (not listed) to be reviewed and named in the data issues."""
    found = mapped(build(status=status))
    standings = [one.standing for held in found.exposures.values() for one in held]
    assert standings == ([] if standing is NEVER else [standing])
    assert ("status-unknown" in [issue.code for issue in found.issues]) is (standing is REVIEW)


def told(start: str | None = "2026-01-01", **fields):
    return statement(id="taken", effectiveDateTime=start, **fields)


def denied(start: str | None = "2026-05-01", **fields):
    return statement(**{"id": "denied", "status": "not-taken", "effectiveDateTime": start, **fields})


@pytest.mark.parametrize(
    ("label", "record", "denial", "since"),
    [
        ("a statement before", told(), denied(), "2026-05-01"),
        ("an order before", request(authoredOn="2026-04-01"), denied(), "2026-05-01"),
        ("told on one day", told("2026-05-01"), denied(), "2026-05-01"),
        ("dated by its assertion", told(), denied(None, dateAsserted="2026-05-01"), "2026-05-01"),
        ("since before it was told", told(), denied("2026-03-01", dateAsserted="2026-05-01"), "2026-03-01"),
        ("not dated", told(), denied(None), "0001-01-01"),
        ("STU3", told(), denied(status="active", taken="n"), "2026-05-01"),
        ("DSTU2", told(), denied(status="completed", wasNotTaken=True), "2026-05-01"),
        ("a statement since", told(dateAsserted="2026-06-01"), denied(), None),
        ("an order since", request(authoredOn="2026-06-01"), denied(), None),
        ("ended before", told(None, status="completed", effectivePeriod=period("2026-01-01", "2026-04-01")), denied(), None),
        ("a dose given", administration(effectiveDateTime="2026-05-01"), denied(medicationCodeableConcept=coded(RITUXIMAB)), None),
        ("another drug", told(), denied(medicationCodeableConcept=coded(PREDNISONE)), None),
        ("planned", told(), denied("2027-05-01"), None),
        ("entered in error", told(), denied(status="entered-in-error"), None),
        ("entered in error, STU3", told(), denied(status="entered-in-error", taken="n"), None),
    ],
)
def test_a_drug_recorded_as_not_taken_speaks_against_what_was_told_before(label, record, denial, since) -> None:
    """Spec 1.1: from its date on; what was told later, or given, stands."""
    found = only(record, denial).denial
    assert (None if found is None else str(found.days.first)) == since


@pytest.mark.parametrize(
    ("words", "issue"),
    [
        ({"dosage": [{"text": "Patient not taking: Reported on 5/1/2026"}]}, True),
        ({"note": [{"text": "patient is not currently taking this"}]}, True),
        ({"dosage": [{"additionalInstruction": [{"text": "Stopped 11/10/26"}], "doseAndRate": [{"doseQuantity": {"value": 15}}]}]}, True),
        ({"dosage": [{"text": "not with food"}]}, False),
    ],
)
def test_words_against_an_active_status_ask(words, issue) -> None:
    """Neither is believed: the record decides nothing."""
    found = only(statement(effectiveDateTime="2026-01-01", **words))
    assert (found.standing is Standing.DISPUTED) is issue


@pytest.mark.parametrize(
    "text",
    [
        "Pat. nimmt es nicht",
        "stopped taking in October",
        "Discontinued by rheumatology 10/2026",
        "Self-discontinued",
        "D/C'd 10/2",
        "D/C 10/2/26",
        "no longer taking",
        "never started",
        "never took it",
        "patient did not start",
        "didn't take it",
        "did not tolerate",
        "Not tolerated",
        "has not been taking",
        "doesn't take it",
        "doesn’t take it",
        "does not take it",
        "on hold since 11/1",
        "15 mg weekly - STOPPED 11/10/26",
        "Prednison abgesetzt",
        "wird nicht eingenommen",
        "nimmt die Tabletten nicht",
        "已停用",
        "已停药",
        "患者未服用",
    ],
)
def test_words_that_say_a_drug_is_not_taken(text: str) -> None:
    """In English, German and Chinese, in a note or in the instruction."""
    for held in ({"note": [{"text": text}]}, {"dosage": [{"text": text}]}):
        assert only(statement(effectiveDateTime="2026-01-01", **held)).standing is Standing.DISPUTED


@pytest.mark.parametrize(
    "text",
    [
        "do not stop without asking",
        "Take until discontinued",
        "stop if not tolerated",
        "to be discontinued by the clinic",
        "reduce the dose if not tolerated",
        "Take if not taking ibuprofen",
        "should not be stopped suddenly",
        "not to be taken with milk",
        "take as tolerated",
        "nicht abgesetzt",
        "请勿自行停药",
        "不要停药",
        "household",
    ],
)
def test_words_that_only_suppose_it_say_nothing(text: str) -> None:
    """What to do if, and what not to do, says nothing of what is done."""
    for held in ({"note": [{"text": text}]}, {"dosage": [{"text": text}]}):
        assert only(statement(effectiveDateTime="2026-01-01", **held)).standing is Standing.CONFIRMED


@pytest.mark.parametrize(("text", "standing"), [("never started", Standing.DISPUTED), ("stopped in May", Standing.CONFIRMED)])
def test_a_record_that_ended_and_was_never_begun_is_no_exposure(text: str, standing: Standing) -> None:
    """That a course which is over was stopped is no news; that it was never taken is."""
    found = only(request(status="completed", note=[{"text": text}]))
    assert found.standing is standing


@pytest.mark.parametrize(
    ("intent", "standing"),
    [
        *((intent, COUNTS) for intent in ("order", "original-order", "reflex-order", "filler-order", "instance-order", None)),
        *((intent, NEVER) for intent in ("proposal", "plan")),
        *((intent, REVIEW) for intent in ("option", "some day", 3)),
    ],
)
def test_only_the_order_family_is_an_order(intent, standing) -> None:
    """Proposals and plans never count; an intent that is not listed is reviewed."""
    found = mapped(request(intent=intent)).exposures.get("drug.mmf", ())
    assert [one.standing for one in found] == ([] if standing is NEVER else [standing])


@pytest.mark.parametrize(
    ("fields", "standing"),
    [
        ({"intent": "plan", "reportedBoolean": True}, REVIEW),
        ({"intent": "plan", "reportedReference": {"reference": "Patient/p1"}}, REVIEW),
        ({"intent": "plan", "reportedBoolean": False}, NEVER),
        ({"intent": "plan", "reportedReference": {}}, NEVER),
        ({"intent": "proposal", "reportedBoolean": True}, NEVER),
        ({"intent": "plan", "reportedBoolean": True, "status": "draft"}, NEVER),
        ({"intent": "plan", "reportedBoolean": True, "doNotPerform": True}, NEVER),
        ({"intent": "order", "reportedBoolean": True}, COUNTS),
    ],
)
def test_a_plan_that_is_reported_asks(fields, standing) -> None:
    """US Core has a drug that the patient tells of as a reported plan: it decides nothing, and a plain plan never counts."""
    found = mapped(request(**fields)).exposures.get("drug.mmf", ())
    assert [one.standing for one in found] == ([] if standing is NEVER else [standing])


@pytest.mark.parametrize(
    "resource",
    [
        request(doNotPerform=True),
        request(doNotPerform="true"),
        request(status="completed", doNotPerform=True),
        request(extension=[{"url": QICORE + "qicore-medicationnotrequested", "valueCodeableConcept": coded(MMF)}]),
        request(medicationCodeableConcept={**coded(MMF), "extension": [{"url": QICORE + "qicore-notDoneValueSet", "valueCanonical": "x"}]}),
        administration(modifierExtension=[{"url": QICORE + "qicore-notDone", "valueBoolean": True}]),
        administration(notGiven=True),
        administration(wasNotGiven=True),
        administration(reasonNotGiven=[{"text": "patient refused"}]),
    ],
)
def test_what_was_recorded_as_not_done_is_no_exposure(resource) -> None:
    """A drug code may stand in a record that the drug was NOT ordered or given."""
    found = mapped(resource)
    assert (dict(found.exposures), found.dates) == ({}, ())


def test_a_negation_that_says_false_is_none() -> None:
    """`doNotPerform: false` and a notDone of false change nothing."""
    assert only(request(doNotPerform=False)).standing is COUNTS
    assert only(request(extension=[{"url": QICORE + "qicore-notDone", "valueBoolean": False}])).standing is COUNTS


def test_a_modifier_extension_that_is_not_known_is_reviewed() -> None:
    """It may turn the meaning round."""
    found = mapped(statement(modifierExtension=[{"url": "urn:x", "valueBoolean": True}]))
    assert found.exposures["drug.mmf"][0].standing is REVIEW
    assert [issue.code for issue in found.issues] == ["modifier-unknown"]


def test_an_issue_never_repeats_free_text() -> None:
    """A status or intent that is no code is not quoted."""
    found = mapped(statement(status="Jane Doe stopped it"), request(id="m2", intent="see note of Dr. X"))
    assert [issue.issue for issue in found.issues if "Jane" in issue.issue or "Dr." in issue.issue] == []


MEDICATION = {"resourceType": "Medication", "id": "med1", "code": coded(MMF, text="Mycophenolate 500 mg")}
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


VALID = {"dispenseRequest": {"validityPeriod": period("2026-06-10", "2026-09-10")}}
TIMES = [
    ("order, open", request(), "2026-06-01", None, True),
    ("order, ended, no end stated", request(status="stopped"), "2026-06-01", "2026-06-01..2026-11-22", False),
    ("order on hold", request(status="on-hold"), "2026-06-01", "2026-06-01..2026-11-22", False),
    ("order with validity, ended", request(status="completed", **VALID), "2026-06-10", "2026-09-10", False),
    ("order with validity that ran out, active", request(**VALID), "2026-06-10", "2026-09-10", True),
    (
        "order with supply and repeats",
        request(status="completed", dispenseRequest={"expectedSupplyDuration": days(30), "numberOfRepeatsAllowed": 2}),
        "2026-06-01",
        "2026-08-30",
        False,
    ),
    (
        "order with supply ahead, active",
        request(authoredOn="2026-11-01", dispenseRequest={"expectedSupplyDuration": days(90)}),
        "2026-11-01",
        "2027-01-30",
        False,
    ),
    (
        "order with supply ahead, stopped",
        request(status="stopped", authoredOn="2026-11-01", dispenseRequest={"expectedSupplyDuration": days(90)}),
        "2026-11-01",
        "2026-11-01..2026-11-22",
        False,
    ),
    (
        "order with supply of 3 months",
        request(status="completed", dispenseRequest={"expectedSupplyDuration": days(3, "mo")}),
        "2026-06-01",
        "2026-09-01",
        False,
    ),
    (
        "order with supply in a unit not known",
        request(status="completed", dispenseRequest={"expectedSupplyDuration": days(3, "boxes")}),
        "2026-06-01",
        "2026-06-01..2026-11-22",
        False,
    ),
    (
        "the earliest of two stated ends",
        request(status="completed", dispenseRequest={"expectedSupplyDuration": days(30), "validityPeriod": period(None, "2026-09-01")}),
        "2026-06-01",
        "2026-07-01",
        False,
    ),
    (
        "taper: first start to last end",
        request(
            dosageInstruction=[
                step(1, boundsPeriod=period("2026-06-05", "2026-06-12")),
                step(2, boundsPeriod=period("2026-06-13", "2026-07-01")),
            ]
        ),
        "2026-06-05",
        "2026-07-01",
        True,
    ),
    (
        "taper by durations",
        request(dosageInstruction=[step(2, boundsDuration=days(2, "wk")), step(1, boundsDuration=days(7))]),
        "2026-06-01",
        "2026-06-22",
        True,
    ),
    (
        "taper by a period, then a duration",
        request(dosageInstruction=[step(2, boundsDuration=days(7)), step(1, boundsPeriod=period("2026-06-01", "2026-07-01"))]),
        "2026-06-01",
        "2026-07-08",
        True,
    ),
    (
        "order with supply to the evaluation day, active",
        request(authoredOn="2026-10-23", dispenseRequest={"expectedSupplyDuration": days(30)}),
        "2026-10-23",
        "2026-11-22",
        False,
    ),
    (
        "two instructions side by side",
        request(dosageInstruction=[step(boundsDuration=days(14)), step(boundsDuration=days(7))]),
        "2026-06-01",
        "2026-06-15",
        True,
    ),
    (
        "for 30 days, completed",
        request(status="completed", dosageInstruction=[step(boundsDuration=days(30))]),
        "2026-06-01",
        "2026-07-01",
        False,
    ),
    (
        "for 30 days, 3 refills, active",
        request(dispenseRequest={"numberOfRepeatsAllowed": 3}, dosageInstruction=[step(boundsDuration=days(30))]),
        "2026-06-01",
        "2026-09-29",
        True,
    ),
    (
        "for 90 days, 3 refills, active",
        request(dispenseRequest={"numberOfRepeatsAllowed": 3}, dosageInstruction=[step(boundsDuration=days(90))]),
        "2026-06-01",
        "2027-05-27",
        False,
    ),
    (
        "a taper with a refill, active",
        request(
            dispenseRequest={"numberOfRepeatsAllowed": 1},
            dosageInstruction=[step(1, boundsDuration=days(7)), step(2, boundsDuration=days(7))],
        ),
        "2026-06-01",
        "2026-06-15",
        True,
    ),
    ("taper with an open last step", request(dosageInstruction=[step(1, boundsDuration=days(7)), step(2)]), "2026-06-01", None, True),
    (
        "duration given as a range",
        request(dosageInstruction=[step(boundsRange={"low": days(7), "high": days(14)})]),
        "2026-06-01",
        "2026-06-08..2026-06-15",
        True,
    ),
    ("a range upside down", request(dosageInstruction=[step(boundsRange={"low": days(14), "high": days(7)})]), "2026-06-01", None, True),
    ("hours are within the day", request(dosageInstruction=[step(boundsDuration=days(12, "h"))]), "2026-06-01", "2026-06-01", False),
    (
        "bounds ahead, active",
        request(dosageInstruction=[step(boundsPeriod=period("2026-06-01", "2027-06-01"))]),
        "2026-06-01",
        "2027-06-01",
        False,
    ),
    (
        "bounds ahead, stopped",
        request(status="stopped", dosageInstruction=[step(boundsPeriod=period("2026-06-01", "2027-06-01"))]),
        "2026-06-01",
        "2026-06-01..2026-11-22",
        False,
    ),
    ("statement, open", statement(effectivePeriod=period("2025-01-01")), "2025-01-01", None, True),
    (
        "statement with a period",
        statement(status="completed", effectivePeriod=period("2025-01-01", "2025-06-01")),
        "2025-01-01",
        "2025-06-01",
        False,
    ),
    ("active statement with an end", statement(effectivePeriod=period("2025-01-01", "2025-06-01")), "2025-01-01", "2025-06-01", False),
    (
        "statement that ended after the evaluation day",
        statement(status="stopped", effectivePeriod=period("2025-01-01", "2027-06-01")),
        "2025-01-01",
        "2027-06-01",
        False,
    ),
    ("taken on a day, whenever begun, active", statement(effectiveDateTime="2025-01-01"), "..2025-01-01", None, True),
    (
        "taken on a day, completed",
        statement(status="completed", effectiveDateTime="2025-01-01"),
        "2025-01-01",
        "2025-01-01..2026-11-22",
        False,
    ),
    (
        "statement of a day, completed",
        statement(status="completed", effectiveDateTime="2025-01-01"),
        "2025-01-01",
        "2025-01-01..2026-11-22",
        False,
    ),
    ("statement with the day it was told", statement(dateAsserted="2026-05-01"), "..2026-05-01", None, True),
    (
        "statement with an end only",
        statement(status="completed", effectivePeriod=period(None, "2025-06-01")),
        "..2025-06-01",
        "2025-06-01",
        False,
    ),
    ("statement without dates", statement(), None, None, True),
    ("completed statement without dates", statement(status="completed"), None, "..2026-11-22", False),
    (
        "completed in the year of the evaluation",
        statement(status="completed", effectivePeriod=period("2025-01-01", "2026")),
        "2025-01-01",
        "2026-01-01..2026-11-22",
        False,
    ),
    (
        "an end that can't be read",
        statement(effectivePeriod=period("2025-01-01", "2025-13-45")),
        "2025-01-01",
        "2025-01-01..2026-11-22",
        False,
    ),
    ("a period that is no object", statement(effectivePeriod="since 2020"), None, "..2026-11-22", False),
    (
        "an end before the start",
        statement(effectivePeriod=period("2025-06-01", "2025-01-01")),
        "2025-06-01",
        "2025-06-01..2026-11-22",
        False,
    ),
    ("dispense", dispense(daysSupply=days(30)), "2026-06-01", "2026-07-01", False),
    ("dispense, unit not said", dispense(daysSupply=days(30, None)), "2026-06-01", "2026-07-01", False),
    ("dispense, days of supply not said", dispense(), "2026-06-01", "2026-06-01", True),
    ("dispense of more than a life", dispense(daysSupply=days(10**9)), "2026-06-01", "2026-06-01", True),
    ("dispense, half a month", dispense(daysSupply=days(0.5, "mo")), "2026-06-01", "2026-06-01", True),
    ("administration", administration(), "2026-06-01", "2026-06-01", False),
    (
        "administration over days",
        administration(effectiveDateTime=None, effectivePeriod=period("2026-06-01", "2026-06-03")),
        "2026-06-01",
        "2026-06-03",
        False,
    ),
    (
        "administration in progress",
        administration(status="in-progress", effectiveDateTime=None, effectivePeriod=period("2026-06-01")),
        "2026-06-01",
        "2026-06-01",
        False,
    ),
    ("administration of some year", administration(effectiveDateTime="2025"), "2025", "2025", False),
]


@pytest.mark.parametrize(("_label", "resource", "start", "end", "ongoing"), TIMES, ids=[row[0] for row in TIMES])
def test_start_and_end_of_an_exposure(_label, resource, start, end, ongoing) -> None:
    """Spec 1.2: the stated start, the earliest stated end, and an interval where none is stated."""
    found = only(resource)
    assert (found.start, found.end, found.ongoing) == (when(start), when(end), ongoing)
    assert not found.planned
    assert found.on_hold is (resource["status"] == "on-hold")


def test_a_later_order_that_names_it_ends_an_order() -> None:
    """The first later order ends the prior prescription on the day that it was written."""
    prior = request(id="old", authoredOn="2026-01-01")
    newer = request(id="new", authoredOn="2026-03-01", priorPrescription={"reference": "MedicationRequest/old"})
    newest = request(id="a-newest", authoredOn="2026-04-01", priorPrescription={"reference": "MedicationRequest/old"})
    found = {one.origin.reference: one for one in mapped(prior, newest, newer).exposures["drug.mmf"]}
    assert (found["MedicationRequest/old"].end, found["MedicationRequest/old"].ongoing) == (when("2026-03-01"), False)
    assert found["MedicationRequest/new"].ongoing


def test_a_supply_that_ran_out_before_ends_a_replaced_order() -> None:
    """The earliest stated end counts, and the later order is only one of them."""
    prior = request(id="old", authoredOn="2026-01-01", dispenseRequest={"expectedSupplyDuration": days(30)})
    newer = request(id="new", authoredOn="2026-03-01", priorPrescription={"reference": "MedicationRequest/old"})
    found = {one.origin.reference: one for one in mapped(prior, newer).exposures["drug.mmf"]}
    assert (found["MedicationRequest/old"].end, found["MedicationRequest/old"].ongoing) == (when("2026-01-31"), False)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "cancelled"},
        {"authoredOn": "2027-01-01"},
        {"authoredOn": None},
        {"intent": "plan"},
        {"intent": "plan", "reportedBoolean": True},
        {"status": "unknown"},
        {"note": [{"text": "never started"}]},
        {"priorPrescription": {"reference": "MedicationRequest/other"}},
        {"priorPrescription": {"reference": "MedicationRequest/new"}},
    ],
)
def test_an_order_is_not_ended_by_what_is_no_later_order(fields) -> None:
    """Cancelled, future, undated, planned and unclear orders, and orders that name another, end nothing."""
    newer = request(**{"id": "new", "authoredOn": "2026-03-01", "priorPrescription": {"reference": "MedicationRequest/old"}, **fields})
    found = mapped(request(id="old", authoredOn="2026-01-01"), newer).exposures["drug.mmf"]
    assert next(one for one in found if one.origin.reference == "MedicationRequest/old").ongoing


@pytest.mark.parametrize(
    ("resource", "planned"),
    [
        (request(authoredOn="2026-11-22"), False),
        (request(authoredOn="2026-11-23"), True),
        (request(authoredOn="2026-11"), False),
        (request(dosageInstruction=[step(boundsPeriod=period("2026-12-01"))]), True),
        (administration(effectiveDateTime="2026-12-01"), True),
        (dispense(whenHandedOver="2026-12-01", daysSupply=days(30)), True),
        (statement(status="completed", effectivePeriod=period("2026-12-01", "2027-01-01")), True),
        (statement(dateAsserted="2026-12-01"), True),
        (statement(effectiveDateTime="2026-01-01", dateAsserted="2026-12-01"), False),
        (statement(), False),
    ],
)
def test_what_is_dated_after_the_evaluation_day_is_planned(resource, planned) -> None:
    """A plan is not history (spec 0.3); the event's date counts before the day it was recorded."""
    assert only(resource).planned is planned


@pytest.mark.parametrize(
    ("resource", "recorded"),
    [
        (request(), "2026-06-01"),
        (request(authoredOn=None), None),
        (dispense(), "2026-06-01"),
        (administration(), "2026-06-01"),
        (statement(effectiveDateTime="2025-01-01", dateAsserted="2026-02-01"), "2026-02-01"),
        (statement(effectiveDateTime="2026-03-01", dateAsserted="2026-02-01"), "2026-03-01"),
        (statement(effectivePeriod=period("2025-01-01", "2025-06-01")), "2025-06-01"),
        (statement(effectivePeriod=period("2025-01-01", "2027-06-01")), "2025-01-01"),
    ],
)
def test_the_recording_date_is_the_latest_of_the_record(resource, recorded) -> None:
    """Ruling 12: the latest of authoredOn, dateAsserted, whenHandedOver and effective; never a day ahead that only ends a period."""
    assert only(resource).recorded == when(recorded)


def test_recording_dates_are_those_of_usable_records_of_any_drug() -> None:
    """Sorted; without records that are dropped or unclear."""
    other = coded("6809", text="Metformin")
    found = mapped(
        request(id="a", medicationCodeableConcept=other),
        statement(id="b", effectiveDateTime="2025-03"),
        statement(id="c", status="unknown", effectiveDateTime="2024-01-01"),
        statement(id="d", status="not-taken", effectiveDateTime="2023-01-01"),
        statement(id="e", medicationCodeableConcept=coded("no-medication-info", IPS), effectiveDateTime="2022-01-01"),
    )
    assert found.dates == (date(2025, 3, 1), date(2026, 6, 1))


NOTHING = coded("787481004", SNOMED)
LIST = {
    "resourceType": "List",
    "id": "l",
    "status": "current",
    "subject": {"reference": "Patient/p1"},
    "code": coded("10160-0", LOINC),
    "emptyReason": coded("nilknown", "http://terminology.hl7.org/CodeSystem/list-empty-reason"),
}
EMPTY = [
    ("a statement", statement(medicationCodeableConcept=NOTHING, dateAsserted="2026-10-01"), True),
    ("a statement of the patient summary", statement(medicationCodeableConcept=coded("no-known-medications", IPS)), True),
    ("a statement of last year", statement(medicationCodeableConcept=NOTHING, dateAsserted="2025-11-22"), True),
    ("an older statement", statement(medicationCodeableConcept=NOTHING, dateAsserted="2025-11-21"), False),
    ("a statement dated ahead", statement(medicationCodeableConcept=NOTHING, dateAsserted="2026-11-23"), False),
    ("a statement that no longer holds", statement(medicationCodeableConcept=NOTHING, status="completed"), False),
    ("a statement in error", statement(medicationCodeableConcept=NOTHING, status="entered-in-error"), False),
    ("a statement of unclear status", statement(medicationCodeableConcept=NOTHING, status="unknown"), False),
    ("an order of nothing", request(medicationCodeableConcept=NOTHING), False),
    ("words", statement(medicationCodeableConcept={"text": "No known medications"}), False),
    ("no information", statement(medicationCodeableConcept=coded("no-medication-info", IPS)), False),
    ("an empty medication list", LIST, True),
    ("an empty list of this month", {**LIST, "date": "2026-11"}, True),
    ("an old empty list", {**LIST, "date": "2024-11"}, False),
    ("a list that says so itself", {**LIST, "code": NOTHING, "emptyReason": None}, True),
    (
        "a list that is empty for another reason",
        {**LIST, "emptyReason": coded("notasked", "http://terminology.hl7.org/CodeSystem/list-empty-reason")},
        False,
    ),
    ("a list that is not empty", {**LIST, "entry": [{"item": {"display": "x"}}]}, False),
    ("a list of allergies", {**LIST, "code": coded("48765-2", LOINC)}, False),
    ("a retired list", {**LIST, "status": "retired"}, False),
]


@pytest.mark.parametrize(("_label", "resource", "says"), EMPTY, ids=[row[0] for row in EMPTY])
def test_no_medication_is_an_explicit_statement(_label, resource, says) -> None:
    """Ruling 12: a coded statement or a medication List that is empty because nothing is known; current and not old."""
    assert (mapped(resource).no_medication is not None) is says


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


def test_the_origin_cites_resource_version_and_words() -> None:
    """Evidence needs the reference, the version and the record's own words."""
    origin = only(request(meta={"versionId": "4"}, medicationCodeableConcept=coded(MMF, text="CellCept 500 mg"))).origin
    assert (origin.reference, origin.version, origin.display) == ("MedicationRequest/m1", "4", "CellCept 500 mg")


def test_the_order_of_the_bundle_changes_nothing() -> None:
    """Exposures, dates and issues come in one order."""
    resources = [
        request(id="a"),
        statement(id="b", effectiveDateTime="2025"),
        administration(id="c"),
        dispense(id="d"),
        statement(id="e", status="?"),
    ]
    assert len({repr(mapped(*some)) for some in itertools.permutations(resources)}) == 1


JUNK = [
    None,
    True,
    7,
    -1.5,
    "",
    "x",
    "#",
    [],
    [None],
    ["x"],
    [[]],
    {},
    {"reference": 5},
    {"coding": "x"},
    {"coding": [{"code": 3}]},
    {"value": "x"},
]
ELEMENTS = [
    "status",
    "intent",
    "doNotPerform",
    "medicationCodeableConcept",
    "medicationReference",
    "authoredOn",
    "dispenseRequest",
    "dosageInstruction",
    "dosage",
    "effectivePeriod",
    "effectiveDateTime",
    "dateAsserted",
    "whenHandedOver",
    "daysSupply",
    "reasonCode",
    "reasonReference",
    "statusReason",
    "priorPrescription",
    "contained",
    "extension",
    "modifierExtension",
    "reportedReference",
    "meta",
    "medication",
]


@pytest.mark.parametrize("element", ELEMENTS)
def test_no_shape_of_an_element_raises(element) -> None:
    """Whatever stands in an element, the record is read or set aside."""
    for junk in JUNK:
        for build in (request, statement, dispense, administration):
            mapped({**build(), element: junk})


def test_no_shape_inside_a_dosage_or_supply_raises() -> None:
    """Nor inside the elements that are read in depth."""
    for junk in JUNK:
        mapped(request(dosageInstruction=[{"sequence": junk, "timing": {"repeat": {"boundsPeriod": junk}}, "route": junk}]))
        mapped(request(dosageInstruction=[{"timing": {"repeat": {"boundsDuration": junk, "boundsRange": {"low": junk}}}}]))
        mapped(request(dispenseRequest={"validityPeriod": junk, "expectedSupplyDuration": junk, "numberOfRepeatsAllowed": junk}))
        mapped(request(dispenseRequest={"expectedSupplyDuration": days(1e300), "numberOfRepeatsAllowed": 1e300}))
        mapped(
            request(
                medicationReference={"reference": "#m"},
                contained=[{"resourceType": "Medication", "id": "m", "ingredient": junk, "form": junk}],
            )
        )
        mapped({**LIST, "code": junk}, statement(effectivePeriod={"start": junk, "end": junk}))


def test_an_evaluation_for_an_earlier_day_reads_the_record_as_it_stands() -> None:
    """A course that ended after that day was still on (spec 0.3, as of)."""
    found = only(statement(status="completed", effectivePeriod=period("2025-01-01", "2025-06-01")), as_of=date(2025, 3, 1))
    assert (found.end, found.planned) == (when("2025-06-01"), False)


def drug_procedure(status: str = "completed", **more) -> dict:
    """An infusion that a Procedure records under the billing code of rituximab."""
    code = more.pop("code", {"coding": [{"system": HCPCS, "code": "Q5115"}]})
    base = {"resourceType": "Procedure", "id": "i1", "status": status, "subject": {"reference": "Patient/p1"}, "code": code}
    return base | {"performedDateTime": "2026-06-01"} | more


def test_a_procedure_under_a_drugs_billing_code_is_an_administration() -> None:
    """It counts on its day, once, and is cited by its own reference."""
    found = only(drug_procedure())
    assert (found.agent, found.kind, found.origin.reference) == ("drug.rtx", "MedicationAdministration", "Procedure/i1")
    assert found.start == found.end == when("2026-06-01")


@pytest.mark.parametrize("status", ["not-done", "preparation", "entered-in-error"])
def test_an_infusion_that_was_not_given_is_no_exposure(status: str) -> None:
    """Spec 0.4: a procedure not done, being prepared or entered in error is no evidence."""
    assert not mapped(drug_procedure(status)).exposures


@pytest.mark.parametrize("text", ["Rituximab infusion", "Infusion: rituximab 1 g", "Rituximab"])
def test_words_of_a_procedure_name_a_drug_to_be_asked_about(text: str) -> None:
    """It may have been given: never presumed absent, and never decided by words (spec 0.4)."""
    found = only(drug_procedure(code={"text": text}))
    assert (found.agent, found.kind, found.standing) == ("drug.rtx", "MedicationAdministration", Standing.TEXT)


@pytest.mark.parametrize("text", ["Mycophenolate level", "Rituximab antibody test", "Counseling on belimumab"])
def test_a_procedure_about_a_drug_gives_none(text: str) -> None:
    """The assay of a drug is a procedure too."""
    assert not mapped(drug_procedure(code={"text": text})).exposures
