"""Which medication records count: status, intent, negation, words against it, and what says that nothing is taken (spec 0.4)."""

from __future__ import annotations

import pytest

from fhir_mappings.inputs import Standing
from tests.support.medications import (
    LOINC,
    MEDICATION_LIST,
    MMF,
    PREDNISONE,
    RITUXIMAB,
    SNOMED,
    administration,
    coded,
    dispense,
    mapped,
    only,
    period,
    request,
    statement,
)

QICORE = "http://hl7.org/fhir/us/qicore/StructureDefinition/"
IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
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


NOTHING = coded("787481004", SNOMED)


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
    ("an empty medication list", MEDICATION_LIST, True),
    ("an empty list of this month", {**MEDICATION_LIST, "date": "2026-11"}, True),
    ("an old empty list", {**MEDICATION_LIST, "date": "2024-11"}, False),
    ("a list that says so itself", {**MEDICATION_LIST, "code": NOTHING, "emptyReason": None}, True),
    (
        "a list that is empty for another reason",
        {**MEDICATION_LIST, "emptyReason": coded("notasked", "http://terminology.hl7.org/CodeSystem/list-empty-reason")},
        False,
    ),
    ("a list that is not empty", {**MEDICATION_LIST, "entry": [{"item": {"display": "x"}}]}, False),
    ("a list of allergies", {**MEDICATION_LIST, "code": coded("48765-2", LOINC)}, False),
    ("a retired list", {**MEDICATION_LIST, "status": "retired"}, False),
]


@pytest.mark.parametrize(("_label", "resource", "says"), EMPTY, ids=[row[0] for row in EMPTY])
def test_no_medication_is_an_explicit_statement(_label, resource, says) -> None:
    """Ruling 12: a coded statement or a medication List that is empty because nothing is known; current and not old."""
    assert (mapped(resource).no_medication is not None) is says
