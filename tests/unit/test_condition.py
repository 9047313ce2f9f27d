"""Conditions: verification, certainty, activity, onset in all its forms, gates and words (spec 0.3, 0.4, 0.6)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Record, Standing, State
from tests.support.builders import ICD10CM, ICD10GM, SLE, Json, concept, condition, inputs_of, issues_of, patient, status, without

CERTAINTY = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"


def record(resource: Json, name: str = "dx.sle") -> Record:
    (found,) = inputs_of(resource).records[name]
    return found


def none(resource: Json) -> bool:
    return not inputs_of(resource).records


def ver(code: Any) -> Json:
    return {"verificationStatus": code}


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        (None, Standing.CONFIRMED),
        ("confirmed", Standing.CONFIRMED),
        ("refuted", Standing.REFUTED),
        ("unconfirmed", Standing.UNCONFIRMED),
        ("provisional", Standing.UNCONFIRMED),
        ("differential", Standing.UNCONFIRMED),
    ],
)
def test_verification_gives_the_standing(said: str | None, standing: Standing) -> None:
    """Confirmed or absent decides; refuted is a documented negative; the rest asks."""
    assert record(condition(verification=said)).standing is standing


@pytest.mark.parametrize(
    "said",
    [
        status("condition-ver-status", "entered-in-error"),
        status("condition-ver-status", "entered-in-error "),
        "Entered-In-Error",
        concept(("https://www.hl7.org/fhir/codesystem-condition-ver-status", "entered-in-error")),
        concept(("urn:site", "ERR"), ("http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error")),
    ],
)
def test_what_was_entered_in_error_is_nothing(said: Any) -> None:
    """With a trailing blank, as a plain string, of a wrong system, after a site's own code."""
    assert none(condition(**ver(said)))


@pytest.mark.parametrize("said", [status("condition-ver-status", "unknown"), "perhaps", {"text": "x"}, {"extension": []}, 7, ["confirmed"]])
def test_another_verification_is_unclear_and_named(said: Any) -> None:
    """Status unknown, or one not listed: review, and a data issue."""
    found = inputs_of(condition(**ver(said)))
    assert found.records["dx.sle"][0].standing is Standing.UNCLEAR
    assert issues_of(found) == [("status-unknown", "Condition/c1")]


@pytest.mark.parametrize(
    ("letter", "standing", "active"),
    [
        ("A", Standing.REFUTED, True),
        ("V", Standing.UNCONFIRMED, True),
        ("G", Standing.CONFIRMED, True),
        ("Z", Standing.CONFIRMED, False),
    ],
)
@pytest.mark.parametrize("place", ["coding", "code", "within the code"])
def test_the_german_certainty_is_read(letter: str, standing: Standing, active: bool, place: str) -> None:
    """A refuted, V unconfirmed, Z history, G confirmed (ruling 13): on the coding, on the code, or inside it (M32.1A)."""
    one = condition((ICD10GM, "M32.1"), verification=None)
    extension = {"url": CERTAINTY, "valueCoding": {"code": letter}}
    if place == "coding":
        one["code"]["coding"][0]["extension"] = [extension]
    elif place == "code":
        one["code"]["extension"] = [{"url": CERTAINTY, "valueCode": letter}]
    else:
        one["code"]["coding"][0]["code"] += letter
    found = record(one)
    assert (found.standing, found.active) == (standing, active)


def test_a_small_certainty_letter_is_read() -> None:
    """An excluded disease is never one that counts."""
    one = condition((ICD10GM, "M32.1"), verification=None)
    one["code"]["extension"] = [{"url": CERTAINTY, "valueCode": "a"}]
    assert record(one).standing is Standing.REFUTED


def test_another_certainty_letter_says_nothing() -> None:
    """The code is as sure as one without a letter."""
    one = condition((ICD10GM, "M32.1"), verification=None)
    one["code"]["extension"] = [{"url": CERTAINTY, "valueCode": "X"}]
    assert record(one).standing is Standing.CONFIRMED


def test_certainty_does_not_lift_what_is_unconfirmed() -> None:
    """Nor bring back what was entered in error."""
    sure = {"code": concept((ICD10GM, "M32.1")) | {"extension": [{"url": CERTAINTY, "valueCoding": {"code": "G"}}]}}
    assert record(condition(verification="provisional") | sure).standing is Standing.UNCONFIRMED
    assert none(condition(verification="entered-in-error") | sure)


@pytest.mark.parametrize(
    ("said", "active"),
    [
        ("active", True),
        ("recurrence", True),
        ("relapse", True),
        ("inactive", False),
        ("remission", False),
        ("resolved", False),
        ("unknown", None),
        (None, None),
    ],
)
def test_clinical_status_says_whether_it_is_active(said: str | None, active: bool | None) -> None:
    """In remission it is still history; a status that is not listed says nothing."""
    found = record(condition(clinicalStatus=status("condition-clinical", said) if said else None))
    assert (found.active, found.standing) == (active, Standing.CONFIRMED)


@pytest.mark.parametrize(
    ("elements", "active", "end"),
    [
        ({"abatementDateTime": "2026-11-22"}, False, "2026-11-22"),
        ({"abatementDateTime": "2026-11-23"}, True, "2026-11-23"),
        ({"abatementDateTime": "2026"}, True, "2026"),
        ({"abatementBoolean": True}, False, "None"),
        ({"abatementBoolean": False}, True, "None"),
        ({"abatementPeriod": {"start": "2020-01-05", "end": "2020-02-03"}}, False, "2020-01-05..2020-02-03"),
        ({"abatementAge": {"value": 40, "unit": "years", "code": "a"}}, False, "2025-03-15..2026-03-14"),
        ({"abatementString": "around April 2013"}, False, "2013-04"),
    ],
)
def test_an_abatement_ends_it(elements: Json, active: bool, end: str) -> None:
    """One after the evaluation date leaves it active (spec 0.3, as of)."""
    found = record(condition(**elements))
    assert (found.active, str(found.end)) == (active, end)


@pytest.mark.parametrize(
    ("elements", "onset"),
    [
        ({"onsetDateTime": "2014"}, "2014"),
        ({"onsetDateTime": "2014-03-02T23:30:00-05:00"}, "2014-03-03"),
        ({"onsetPeriod": {"start": "2025-04-11T10:00:00+00:00"}}, "2025-04-11"),
        ({"onsetPeriod": {"start": "2025-04-11", "end": "2025-06-30"}}, "2025-04-11..2025-06-30"),
        ({"onsetPeriod": {"end": "2025-06-30"}}, "until 2025-06-30"),
        ({"onsetAge": {"value": 30, "unit": "years", "code": "a"}}, "2015-03-15..2016-03-14"),
        ({"onsetAge": {"value": 30, "unit": "Years"}}, "2015-03-15..2016-03-14"),
        ({"onsetAge": {"value": 6, "code": "mo"}}, "1985-09-15..1985-10-14"),
        ({"onsetAge": {"value": 2, "code": "wk"}}, "1985-03-29..1985-04-04"),
        ({"onsetAge": {"value": 3, "code": "d"}}, "1985-03-18"),
        ({"onsetRange": {"low": {"value": 30, "code": "a"}, "high": {"value": 32, "code": "a"}}}, "2015-03-15..2018-03-14"),
        ({"onsetString": "approximately November 2012"}, "2012-11"),
        ({"onsetString": "Sept. 3rd, 2012"}, "2012-09"),
        ({"onsetString": "3 September 2012"}, "2012-09"),
        ({"onsetString": "since 2012"}, "2012"),
        ({"onsetString": "maybe 2012"}, "2012"),
        ({"onsetString": "in 11/2012"}, "2012"),
        ({"onsetString": "2012-11-03"}, "2012-11-03"),
    ],
)
def test_an_onset_may_be_written_in_many_ways(elements: Json, onset: str) -> None:
    """It is the days on which the disease may have begun; an age counts from the birth date."""
    found = record(condition(onsetDateTime=None) | elements)
    assert (str(found.onset), found.when, found.dated_by) == (onset, found.onset, "event")


@pytest.mark.parametrize(
    "elements",
    [
        {"onsetDateTime": "2026-13-45"},
        {"onsetPeriod": {"start": "soon"}},
        {"onsetAge": {"value": 30.5, "code": "a"}},
        {"onsetAge": {"value": -1, "code": "a"}},
        {"onsetAge": {"value": 30, "code": "min"}},
        {"onsetAge": 30},
        {"onsetAge": {"value": 50_000, "code": "a"}},
        {"onsetRange": {"low": {"value": 30, "code": "a"}}},
        {"onsetRange": {"low": {"value": 60, "code": "a"}, "high": {"value": 50, "code": "a"}}},
        {"onsetString": "in childhood"},
        {"onsetString": "flat 1232012"},
        {"onsetString": "2009-2012"},
        {"onsetString": "between 2009 and 2012"},
        {"onsetString": "before May 2012"},
        {"onsetString": "> 2012"},
        {"onsetString": "x" * 200 + " 2012"},
        {"onsetString": "room 2999"},
    ],
)
def test_an_onset_that_cannot_be_read_is_named(elements: Json) -> None:
    """It is no onset, and the next date counts."""
    found = inputs_of(condition(onsetDateTime=None, recordedDate="2020-01-01") | elements)
    one = found.records["dx.sle"][0]
    assert (one.onset, one.dated_by) == (None, "recorded")
    assert issues_of(found) == [("date-unreadable", "Condition/c1")]


def test_an_age_needs_a_birth_date() -> None:
    """Without one it dates nothing."""
    found = inputs_of(patient(birthDate=None), condition(onsetDateTime=None, onsetAge={"value": 30, "code": "a"}))
    assert (found.records["dx.sle"][0].when, issues_of(found)) == (None, [("date-unreadable", "Condition/c1")])


def test_an_age_from_a_partial_birth_date_is_wider() -> None:
    """Born in 1985, thirty some day of 2015 or 2016."""
    found = inputs_of(patient(birthDate="1985"), condition(onsetDateTime=None, onsetAge={"value": 30, "code": "a"}))
    assert str(found.records["dx.sle"][0].onset) == "2015-01-01..2016-12-30"


ASSERTED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate", "valueDateTime": "2016-08-10"}]}


@pytest.mark.parametrize(
    ("elements", "when", "by"),
    [
        ({"onsetDateTime": "2015-01-01", "recordedDate": "2020-01-01", **ASSERTED}, "2015-01-01", "event"),
        ({"recordedDate": "2020-01-01", **ASSERTED}, "2016-08-10", "asserted"),
        ({"recordedDate": "2020-01-01", "assertedDate": "2016-08-11"}, "2016-08-11", "asserted"),
        ({"recordedDate": "2020-01-01", "extension": [{"url": "x"}]}, "2020-01-01", "recorded"),
        ({"meta": {"lastUpdated": "2026-01-01T00:00:00Z"}}, "None", None),
    ],
)
def test_the_event_comes_before_its_assertion_and_its_recording(elements: Json, when: str, by: str | None) -> None:
    """Never meta.lastUpdated (spec 0.3)."""
    found = record(condition(onsetDateTime=None) | elements)
    assert (str(found.when), found.dated_by) == (when, by)


@pytest.mark.parametrize(("onset", "planned"), [("2026-11-22", False), ("2026-11-23", True), ("2026-11", False)])
def test_what_begins_after_the_evaluation_date_is_a_plan(onset: str, planned: bool) -> None:
    """The day itself is history."""
    assert record(condition(onsetDateTime=onset)).planned is planned


@pytest.mark.parametrize(
    ("code", "gate"),
    [
        ("Z80.3", "gate.family_history"),
        ("Z13.9", "gate.screening"),
        ("Z03.89", "gate.ruled_out"),
        ("Z52.0", "tx.donor"),
        ("N96", "gate.past_pregnancy"),
        ("Z87.59", "gate.past_pregnancy"),
    ],
)
def test_a_gate_is_no_evidence_of_the_disease_beside_it(code: str, gate: str) -> None:
    """A relative's disease, a screening, a rule-out, a donor: the other coding and the words say nothing."""
    found = inputs_of(condition((ICD10CM, code), SLE, text="Systemic lupus erythematosus"))
    assert set(found.records) == {gate}


def test_a_family_members_history_is_never_read() -> None:
    """It is a relative's disease."""
    relative = condition() | {"resourceType": "FamilyMemberHistory"}
    assert none(relative)


def test_two_codings_are_one_record() -> None:
    """ICD-10 and SNOMED of one diagnosis."""
    assert record(condition((ICD10CM, "M32.10"), SLE)).standing is Standing.CONFIRMED


def test_a_record_stands_under_each_of_its_concepts() -> None:
    """The same record."""
    found = inputs_of(condition(SLE, (ICD10CM, "M34.9"))).records
    assert found["dx.sle"] == found["dx.ssc"]
    assert found["dx.sle"][0].concepts >= {"dx.sle", "dx.ssc"}


@pytest.mark.parametrize(
    "text",
    [
        "Rule out SLE",
        "R/O SLE",
        "rule out SLE, lupus unlikely",
        "Suspected SLE",
        "SLE, suspected",
        "SLE (suspected)",
        "Possible systemic lupus",
        "Probable SLE",
        "?SLE",
        "SLE?",
        "V.a. SLE",
        "V. a. SLE",
        "Verdacht auf SLE",
        "Ausschluss SLE",
        "FHx: SLE (mother)",
        "SLE (mother)",
        "Family history of SLE",
        "SLE screening",
        "Joint pain, r/o SLE",
        "Arthralgia, rule out CTD",
        "Lupus-like syndrome",
        "Lupus-like symptoms",
        "SLE suspected on biopsy",
        "SLE contact",
        "No evidence of SLE",
        "疑似系统性红斑狼疮",
        "系统性红斑狼疮待查",
    ],
)
def test_words_that_doubt_or_deny_a_code_leave_it_unconfirmed(text: str) -> None:
    """What is not confirmed can neither satisfy nor trigger alone (spec 0.4; SLE-1: a rule-out encounter code)."""
    assert record(condition(SLE, text=text)).standing is Standing.UNCONFIRMED


@pytest.mark.parametrize(
    "text",
    [
        "SLE",
        "Lupus",
        "SLE, no nephritis",
        "SLE, rule out nephritis",
        "SLE with possible nephritis",
        "Lupus, possible nephritis",
        "SLE, eye contact poor",
        "History of SLE",
        "M. Bechterew, z.Zt. ohne Beschwerden",
        "Connective tissue disease without renal involvement",
        "루푸스",
        "M32.9",
    ],
)
def test_words_that_do_not_doubt_a_code_leave_it_as_sure_as_it_is(text: str) -> None:
    """Its name, a denial or doubt of something else, words that no table knows, and letters that are not read."""
    assert record(condition(SLE, text=text)).standing is Standing.CONFIRMED


def test_only_the_records_own_words_doubt_its_code() -> None:
    """A display is the code's name; a German certainty that is given says it for the words."""
    shown = condition(SLE)
    shown["code"]["coding"][0]["display"] = "Suspected SLE"
    certain = condition((ICD10GM, "M32.1G"), text="V.a. SLE", verification=None)
    assert [record(one).standing for one in (shown, certain)] == [Standing.CONFIRMED, Standing.CONFIRMED]


@pytest.mark.parametrize("said", ["refuted", "provisional"])
def test_doubting_words_change_no_other_standing(said: str) -> None:
    """Refuted stays a documented negative."""
    assert record(condition(SLE, text="Rule out SLE", verification=said)).standing.value == {"provisional": "unconfirmed"}.get(said, said)


@pytest.mark.parametrize(
    ("text", "onset", "recorded", "when", "active"),
    [
        ("Breast cancer", "2026-11-02", "2026-11-02", "2026-11-02", True),
        ("History of breast cancer 2010", "2026-11-02", "2026-11-02", "until 2026-11-02", None),
        ("Z.n. Mammakarzinom 2010", None, "2026-11-02", "until 2026-11-02", None),
        ("Breast cancer, resolved", None, "2026-11-02", "until 2026-11-02", None),
        ("History of breast cancer", "2024-03-01", "2026-11-02", "2024-03-01", None),
    ],
)
def test_words_of_the_past_leave_the_day_open(text: str, onset: str | None, recorded: str, when: str, active: bool | None) -> None:
    """The code says that it is, the words that it was: some day until then, unless an onset is known that is not the day of recording."""
    found = record(condition((ICD10CM, "C50.911"), text=text, onsetDateTime=onset, recordedDate=recorded), "ca.malignancy")
    assert (str(found.when), found.active) == (when, active)


@pytest.mark.parametrize(
    ("text", "when", "active"),
    [
        ("Cellulitis", "2026-11-02", True),
        ("Cellulitis in 2019, resolved", "2019", False),
        ("Cellulitis, resolved", "2026-11-02", False),
        ("History of cellulitis in 2019", "2019", True),
    ],
)
def test_words_alone_of_the_past_date_it(text: str, when: str, active: bool) -> None:
    """In the year that they name; "history of" alone ends nothing that lasts."""
    found = record(condition(text=text, onsetDateTime=None, recordedDate="2026-11-02"), "inf.serious")
    assert (str(found.when), found.active) == (when, active)


@pytest.mark.parametrize(
    ("code", "text", "also"),
    [
        ("M34.89", "Scleroderma renal crisis", {"dx.src"}),
        ("M32.19", "Lupus cerebritis", {"cns.npsle", "cns.encephalitis"}),
        ("M32.19", "SLE with seizures", {"cns.seizure"}),
        ("M32.19", "SLE without seizures", set()),
        ("M32.19", "Rule out lupus cerebritis", set()),
        ("M33.20", "Sporadic inclusion body myositis", {"dx.ibm"}),
        ("M60.80", "Inclusion body myositis", {"dx.ibm"}),
        ("M33.90", "Juvenile dermatomyositis", {"dx.jdm"}),
        ("C50.911", "Metastatic breast cancer", {"ca.metastasis"}),
        ("I69.354", "Hemiplegia following cerebral infarction", set()),
        ("M32.9", "SLE with hypertension", set()),
    ],
)
def test_what_only_the_words_name_stands_beside_the_code(code: str, text: str, also: set[str]) -> None:
    """In words only and on no day; an ordinary title adds nothing (tables/beside.tsv)."""
    found = {one: name for name, held in inputs_of(condition((ICD10CM, code), text=text)).records.items() for one in held}
    assert {name for one, name in found.items() if one.standing is Standing.TEXT} <= also
    assert {name for one in found for name in one.concepts if one.standing is Standing.TEXT} == also
    assert all(one.when is None for one in found if one.standing is Standing.TEXT)


def test_what_a_refuted_record_names_is_nothing() -> None:
    """Nor is it a record of its own when the whole is over, but until then."""
    assert "dx.src" not in inputs_of(condition((ICD10CM, "M34.89"), text="Scleroderma renal crisis", verification="refuted")).records
    over = condition((ICD10CM, "M34.89"), text="Scleroderma renal crisis", onsetDateTime="2020-01-05", abatementDateTime="2020-03-01")
    assert str(record(over, "dx.src").when) == "2020-01-05..2020-03-01"


@pytest.mark.parametrize(
    ("code", "text", "more", "again"),
    [
        ("C83.30", "Recurrent DLBCL", {}, True),
        ("C83.30", "DLBCL, no evidence of recurrence", {}, False),
        ("C83.30", "DLBCL, Rezidiv", {}, True),
        ("C83.30", "DLBCL, rezidivfrei", {}, False),
        ("C83.30", "Recurrent DLBCL", {"clinicalStatus": status("condition-clinical", "resolved")}, False),
        ("J01.91", "Acute recurrent sinusitis", {}, False),
    ],
)
def test_a_cancer_whose_words_say_so_is_back(code: str, text: str, more: Json, again: bool) -> None:
    """E-20: a recurrence now of an old cancer; elsewhere a recurrent disease is one that lasts."""
    assert all(one.again is again for held in inputs_of(condition((ICD10CM, code), text=text, **more)).records.values() for one in held)


@pytest.mark.parametrize("codes", [(), (("urn:site", "4711"),)])
def test_words_alone_ask(codes: tuple[tuple[str, str], ...]) -> None:
    """Without a code, or with one of no value set, a name is worth a review (spec 0.4; ruling 16)."""
    found = record(condition(*codes, text="Systemic lupus erythematosus"))
    assert (found.standing, found.origin.grade, found.origin.display) == (Standing.TEXT, "parsed", "Systemic lupus erythematosus")


def test_words_that_are_refuted_stay_refuted() -> None:
    """A refutation is not made a review by having no code."""
    assert record(condition(text="SLE", verification="refuted")).standing is Standing.REFUTED


@pytest.mark.parametrize("text", ["No evidence of SLE", "rule out SLE", "?SLE", "FH of SLE", "Asthma"])
def test_denied_words_are_nothing(text: str) -> None:
    """And words of no concept."""
    assert none(condition(text=text))


def test_the_reason_of_a_visit_is_no_diagnosis() -> None:
    """Encounter.reasonCode is not confirmed; a Condition of category encounter-diagnosis is."""
    visit = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "subject": {"reference": "Patient/p1"},
        "reasonCode": [concept(SLE)],
    }
    assert record(visit).standing is Standing.UNCONFIRMED
    assert record(condition(category=[status("condition-category", "encounter-diagnosis")])).concepts == {"dx.sle"}


def test_the_origin_names_the_record() -> None:
    """Reference, version and the record's own words, shortened."""
    found = record(condition(SLE, text="x" * 300, meta={"versionId": "3"})).origin
    assert (found.reference, found.version, len(found.display), found.grade) == ("Condition/c1", "3", 120, "coded")


def test_a_condition_needs_nothing_but_a_code() -> None:
    """Neither status nor date: confirmed, undated, activity not said."""
    found = record(without(condition(verification=None), "clinicalStatus", "onsetDateTime"))
    assert (found.standing, found.when, found.active) == (Standing.CONFIRMED, None, None)
    assert isinstance(record(condition()).when, Interval)


UNLISTED = ("http://snomed.info/sct", "4950009")


@pytest.mark.parametrize("codes", [(UNLISTED,), (("urn:site", "x"),), (("http://hl7.org/fhir/sid/icd-9-cm", "202.2"),)])
def test_a_diagnosis_of_an_unknown_code_and_no_words_may_be_any(codes: tuple[tuple[str, str], ...]) -> None:
    """It says nothing (ruling 16), so it is told, and the conditions no longer show what is absent (spec 0.2)."""
    found = inputs_of(condition(*codes))
    assert (found.records, issues_of(found)) == ({}, [("code-unknown", "Condition/c1")])
    assert found.sources["Condition"].state is State.PARTIAL


@pytest.mark.parametrize(
    "resource",
    [
        condition(UNLISTED, text="Hypertension"),
        condition((ICD10CM, "I10")),
        condition(UNLISTED, (ICD10GM, "I10.90")),
        condition(UNLISTED, verification="refuted"),
        condition(UNLISTED, verification="entered-in-error"),
    ],
)
def test_what_words_or_a_classification_tell_leaves_no_hole(resource: Json) -> None:
    """Words were read, a classification's code is in its family or in none, and a refuted diagnosis is no disease."""
    found = inputs_of(resource)
    assert (issues_of(found), found.sources["Condition"].state) == ([], State.WHOLE)
