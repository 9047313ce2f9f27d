"""Charts that tell of a reason against CC312 in a place or a coding that is easily passed over: each is asked about or decides."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.chart import READ_TYPES, assemble, bundle_parts
from fhir_mappings.inputs import State
from tests.generative.charts import AS_OF, COVERING, LOINC, SNOMED, bundle, observation
from tests.support.engine import criterion, evaluate, evaluate_chart
from tests.trials import parts as p
from tests.trials.test_cc312_criteria import words

CPT, CPT_OID = "http://www.ama-assn.org/go/cpt", "urn:oid:2.16.840.1.113883.6.12"
PCS, PCS_SID, PCS_OID = "http://www.cms.gov/Medicare/Coding/ICD10", "http://hl7.org/fhir/sid/icd-10-pcs", "urn:oid:2.16.840.1.113883.6.4"
SLE = p.dx("M32.10")
SURGICAL = p.concept((SNOMED, "387713003"))


def visit_diagnosis(code: str, days: int) -> Any:
    """A diagnosis of a visit: recorded then, without an onset."""
    kind = p.concept(("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis"))
    return {name: value for name, value in p.dx(code, days).items() if name != "onsetDateTime"} | {"category": [kind]}


def admitted_for(code: str, days: int) -> Any:
    """A stay of five days with a coded reason and no diagnosis of its own."""
    return p.admission(days, days - 5) | {"reasonCode": [p.concept((p.CM, code))]}


def noted(text: str) -> Any:
    return {"note": [{"text": text}]}


def viral_load(value: Any, comparator: str | None = None) -> Any:
    """HIV RNA as a number with a comparator, or in words."""
    one = observation((LOINC, "20447-9"), p.ago(3))
    if isinstance(value, str):
        return one | {"valueString": value}
    return one | {"valueQuantity": p.quantity(value, "{copies}/mL") | ({"comparator": comparator} if comparator else {})}


PLATELETS = p.lab("777-3", 49, "10*3/uL")
FOUR_NEGATIVE = [p.serology(code, "negative") for code in ("56888-1", "5196-1", "16128-1", "24110-9")]


def named_test(name: str, said: str) -> Any:
    """A result whose test only words name."""
    return p.text_result("1", said) | {"code": {"text": name}}


def adverse_event(code: str, drug: tuple[str, str] | None, named: str | None = None, actuality: str = "actual") -> Any:
    """An adverse event, its suspect a Medication that it contains, or one that is only named, or nothing."""
    one = {"resourceType": "AdverseEvent", "actuality": actuality, "event": p.concept((SNOMED, code)), "date": p.ago(300).isoformat()}
    if drug:
        one["contained"] = [{"resourceType": "Medication", "id": "m", "code": p.concept(drug)}]
    suspect = {"reference": "#m"} if drug else {"display": named} if named else None
    return one | ({"suspectEntity": [{"instance": suspect}]} if suspect else {})


NO_ALLERGY = p.allergy((SNOMED, "716186003"))
RITUXIMAB, AMOXICILLIN = (p.RXNORM, "121191"), (p.RXNORM, "723")
AGAIN_STROKE, AGAIN_INFARCTION = visit_diagnosis("I63.9", 20), visit_diagnosis("I21.9", 20)

ROWS: tuple[tuple[str, str, list[Any], str], ...] = (
    ("E-05", "kidney transplant in CPT", [p.procedure("50360", 2000, CPT)], "triggered"),
    ("E-05", "the same by the OID, with a modifier", [p.procedure("50360-50", 2000, CPT_OID)], "triggered"),
    ("E-05", "liver transplant in CPT", [p.procedure("47135", 2000, CPT)], "triggered"),
    ("E-05", "kidney transplant in ICD-10-PCS", [p.procedure("0TY00Z0", 2000, PCS)], "triggered"),
    ("E-05", "stem cell infusion in ICD-10-PCS", [p.procedure("30243Y0", 2000, PCS)], "triggered"),
    ("E-05", "the same by the sid", [p.procedure("30243Y0", 2000, PCS_SID)], "triggered"),
    ("E-05", "the same by the OID", [p.procedure("30243Y0", 2000, PCS_OID)], "triggered"),
    ("E-05", "islet cells in ICD-10-PCS", [p.procedure("3E033U1", 2000, PCS)], "unknown, review"),
    ("E-05", "an ordinary infusion in ICD-10-PCS", [p.procedure("30243N1", 2000, PCS)], "clear, presumed"),
    ("E-05", "an appendectomy in CPT", [p.procedure("44950", 2000, CPT)], "clear, presumed"),
    ("E-05", "a procedure by a bare code of a site", [p.procedure("PX-7", 2000, "urn:site:procedures")], "unknown"),
    ("E-05", "a procedure by a bare SNOMED CT code of no set", [p.procedure("80146002", 2000)], "unknown"),
    ("E-05", "a code of a site with words", [p.procedure("PX-7", 2000, "urn:site:procedures") | {"code": {"text": "Appendectomy"}}], "clear, presumed"),
    ("E-05", "a bare code, not done", [p.procedure("PX-7", 2000, "urn:site:procedures", status="not-done")], "clear, presumed"),
    ("E-21", "hysterectomy in CPT", [p.procedure("58150", 3000, CPT)], "not applicable"),
    ("I-F", "hysterectomy in CPT", [p.procedure("58571", 3000, CPT)], "not applicable"),
    ("E-02", "a stroke of the problem list, coded again at a visit", [p.dx("I63.9", 900), AGAIN_STROKE], "unknown, review"),
    ("E-02", "an undated stroke, coded again at a visit", [p.dx("I63.9", None), AGAIN_STROKE], "unknown, review"),
    ("E-02", "a stroke coded at a visit, none before", [AGAIN_STROKE], "triggered"),
    ("E-18", "an infarction of the problem list, coded again at a visit", [p.dx("I21.9", 900), AGAIN_INFARCTION], "unknown, review"),
    ("E-18", "an infarction in SNOMED CT, coded in ICD at a visit", [p.dx("22298006", 900), AGAIN_INFARCTION], "unknown, leans triggered"),
    ("E-18", "an infarction coded at a visit, none before", [AGAIN_INFARCTION], "triggered"),
    ("E-17", "total knee replacement in CPT", [p.procedure("27447", 10, CPT)], "unknown, leans triggered"),
    ("E-17", "the same of 40 days ago", [p.procedure("27447", 40, CPT)], "unknown"),
    ("E-17", "total knee replacement in SNOMED CT", [p.procedure("609588000", 10)], "unknown, leans triggered"),
    ("E-17", "hip replacement in ICD-10-PCS", [p.procedure("0SR90JZ", 10, PCS)], "unknown, leans triggered"),
    ("E-17", "knee replacement in words", [{"resourceType": "Procedure", "status": "completed", "performedDateTime": p.ago(9).isoformat(),
        "code": {"text": "Total knee replacement"}}], "unknown, review"),
    ("E-17", "a procedure of category surgical", [p.procedure("PX-7", 10, "urn:x") | {"category": SURGICAL}], "unknown, leans triggered"),
    ("E-17", "a procedure of the category Surgery in words", [p.procedure("PX-7", 10, "urn:x") | {"category": {"text": "Surgery"}}], "unknown, review"),
    ("E-17", "a central line of category surgical", [p.procedure("392020005", 10) | {"category": SURGICAL}], "unknown"),
    ("E-17", "a central line in CPT", [p.procedure("36556", 10, CPT)], "unknown"),
    ("E-17", "a central line in ICD-10-PCS", [p.procedure("02HV33Z", 10, PCS)], "unknown"),
    ("E-17", "a skin biopsy of category surgical", [p.procedure("240977001", 10) | {"category": SURGICAL}], "unknown, review"),
    ("E-17", "an appendectomy in CPT", [p.procedure("44950", 10, CPT)], "unknown, review"),
    ("E-17", "the same during an admission", [p.procedure("44950", 10, CPT), p.admission(12, 8)], "unknown, leans triggered"),
    ("E-17", "the same under anaesthesia", [p.procedure("44950", 10, CPT), p.procedure("00840", 10, CPT)], "unknown, leans triggered"),
    ("E-15", "anaphylaxis reported of rituximab", [NO_ALLERGY, adverse_event("39579001", RITUXIMAB)], "unknown, leans triggered"),
    ("E-15", "a reaction of another kind reported of rituximab", [NO_ALLERGY, adverse_event("422587007", RITUXIMAB)], "unknown, review"),
    ("E-15", "the same only feared", [NO_ALLERGY, adverse_event("39579001", RITUXIMAB, actuality="potential")], "clear"),
    ("E-15", "anaphylaxis reported of amoxicillin", [NO_ALLERGY, adverse_event("39579001", AMOXICILLIN)], "clear"),
    ("E-15", "anaphylaxis, the suspect not told", [NO_ALLERGY, adverse_event("39579001", None)], "unknown, review"),
    ("E-15", "anaphylaxis, the suspect named in words", [NO_ALLERGY, adverse_event("39579001", None, named="Omalizumab 150 mg")], "unknown, leans triggered"),
    ("E-16", "cocaine in the urine", [p.serology("3397-7", "positive", 40)], "unknown, leans triggered"),
    ("E-16", "the same of two years ago", [p.serology("3397-7", "positive", 800)], "unknown, review"),
    ("E-16", "no cocaine in the urine", [p.serology("19359-9", "negative")], "clear, presumed"),
    ("E-16", "a cocaine test in words, positive", [named_test("Cocaine metabolite, urine", "Positive")], "unknown, review"),
    ("E-16", "a drug screen in words, negative", [named_test("Urine drug screen", "Negative")], "clear, presumed"),
    ("E-16", "opiates, which may be prescribed", [p.serology("3879-4", "positive")], "unknown, review"),
    ("E-08", "49 platelets, clumped", [PLATELETS | noted("Platelet clumping present, count may be inaccurate.")], "unknown, review"),
    ("E-08", "49 platelets, no clumps", [PLATELETS | noted("No platelet clumps seen.")], "triggered"),
    ("E-08", "49 platelets, flagged clumped", [PLATELETS | {"interpretation": [{"text": "Clumped"}]}], "unknown, review"),
    ("E-08", "haemoglobin 84, specimen unsatisfactory", [p.lab("718-7", 84, "g/L") | noted("Specimen unsatisfactory")], "unknown, review"),
    ("E-08", "haemoglobin 84, specimen haemolysed", [p.lab("718-7", 84, "g/L") | noted("Sample haemolysed.")], "unknown, review"),
    ("E-23", "IGRA positive, specimen haemolysed", [p.serology("71773-6", "positive") | noted("Sample haemolysed.")], "triggered"),
    ("E-23", "IGRA positive, specimen unsatisfactory", [p.serology("71773-6", "positive") | noted("Specimen unsatisfactory.")], "unknown, review"),
    ("E-22", "four negative, HIV RNA <20", [*FOUR_NEGATIVE, viral_load("<20 copies/mL")], "clear"),
    ("E-22", "four negative, HIV RNA <20 as a number", [*FOUR_NEGATIVE, viral_load(20, "<")], "clear"),
    ("E-22", "four negative, HIV RNA not detected", [*FOUR_NEGATIVE, viral_load("Not detected")], "clear"),
    ("E-22", "four negative, HIV RNA <20 but detected", [*FOUR_NEGATIVE, viral_load("<20 copies/mL, detected")], "triggered"),
    ("E-22", "four negative, HIV RNA 4300", [*FOUR_NEGATIVE, viral_load(4300)], "triggered"),
    ("E-22", "four negative, HIV RNA <400", [*FOUR_NEGATIVE, viral_load(400, "<")], "unknown"),
    ("E-02", "admitted for psychosis 3 weeks ago", [admitted_for("F23", 21)], "unknown, review"),
    ("E-02", "admitted for a seizure 3 weeks ago", [admitted_for("R56.9", 21)], "unknown, review"),
    ("E-02", "admitted for psychosis a year ago", [admitted_for("F23", 365)], "clear, presumed"),
    ("E-18", "admitted for an infarction 60 days ago", [admitted_for("I21.9", 60)], "unknown, review"),
    ("I-F", "hysterectomy in ICD-10-PCS", [p.procedure("0UT94ZZ", 3000, PCS)], "not applicable"),
)  # fmt: skip


PREGNANT, NOT_PREGNANT = (
    observation((LOINC, "82810-3"), p.ago(3), valueCodeableConcept=p.concept((SNOMED, code))) for code in ("77386006", "60001007")
)
MEN: tuple[tuple[str, str, list[Any], str], ...] = (
    ("E-21", "hCG positive", [p.serology("2118-8", "positive")], "unknown"),
    ("I-F", "hCG positive", [p.serology("2118-8", "positive")], "unknown"),
    ("I-M", "hCG positive", [p.serology("2118-8", "positive")], "unknown"),
    ("E-21", "hCG of 5000 without a range", [p.lab("21198-7", 5000, "m[IU]/mL")], "unknown"),
    ("E-21", "hCG negative", [p.serology("2118-8", "negative")], "not applicable"),
    ("E-21", "hCG without a value", [observation((LOINC, "2118-8"), p.ago(3))], "not applicable"),
    ("E-21", "status: pregnant", [PREGNANT], "unknown"),
    ("I-F", "status: pregnant", [PREGNANT], "unknown"),
    ("E-21", "status: not pregnant", [NOT_PREGNANT], "not applicable"),
    ("E-21", "a delivery expected", [observation((LOINC, "11778-8"), p.ago(10), valueDateTime=p.ago(-90).isoformat())], "unknown"),
    ("E-21", "nothing", [], "not applicable"),
)


@pytest.mark.parametrize(("identity", "chart", "items", "expected"), MEN, ids=[f"{row[0]} {row[1]}" for row in MEN])
def test_a_man_with_a_pregnancy_is_asked(identity: str, chart: str, items: list[Any], expected: str) -> None:
    """What only a female anatomy has stands against the registration: nothing is skipped (spec 0.5)."""
    found = criterion(evaluate(bundle([SLE, *COVERING, *items], gender="male"), AS_OF), "sle", identity)
    assert words(found).partition(",")[0] == expected


@pytest.mark.parametrize(("identity", "chart", "items", "expected"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_a_chart_is_read_whole(identity: str, chart: str, items: list[Any], expected: str) -> None:
    """Each row is one chart of an SLE patient and the verdict that a physician would give."""
    assert words(criterion(evaluate(bundle([SLE, *COVERING, *items]), AS_OF), "sle", identity)) == expected


@pytest.mark.parametrize("items", [[], [p.dx("M32.10", verification="refuted")]])
def test_the_reason_of_a_visit_puts_nobody_in_scope(items: list[Any]) -> None:
    """An arm is in scope by a diagnosis (spec head, status 1); a visit for the disease is none, and does not outweigh a refutation."""
    (sle, *_) = evaluate(bundle([*COVERING, *items, admitted_for("M32.10", 500)]), AS_OF).arms
    assert sle.status == "out-of-scope"


@pytest.mark.parametrize("state", [State.WHOLE, State.FAILED, State.NOT_PROVIDED])
def test_without_the_visits_nothing_is_presumed_of_them(state: State) -> None:
    """Every search that a rule reads must have been whole (spec 0.2); a rule that reads none, or only beside, presumes as before."""
    parts, _ = bundle_parts(bundle([SLE, *COVERING]))
    evaluation = evaluate_chart(assemble(parts, dict.fromkeys(READ_TYPES, State.WHOLE) | {"Encounter": state}), AS_OF)
    expected = "clear, presumed" if state is State.WHOLE else "unknown"
    assert [words(criterion(evaluation, "sle", one)) for one in ("E-02", "E-18", "E-05")] == [expected, expected, "clear, presumed"]


def test_the_note_of_a_laboratory_is_never_quoted() -> None:
    """It is free text about a patient: the reason and the data issue say only what is doubted."""
    evaluation = evaluate(bundle([SLE, PLATELETS | noted("Clumped; called to Mrs Example's ward")]), AS_OF)
    (issue,) = (one for one in evaluation.data_issues if one.code == "specimen-doubtful")
    assert "Example" not in issue.issue + criterion(evaluation, "sle", "E-08").reason


@pytest.mark.parametrize(("result", "noted"), [("positive", True), ("negative", False)])
def test_an_antibody_of_inclusion_body_myositis_is_noted(result: str, noted: bool) -> None:
    """Anti-cN-1A is a flag beside E-03 and no myositis antibody (spec IIM-2)."""
    evaluation = evaluate(bundle([p.dx("396230008"), *COVERING, p.serology("96562-4", result)]), AS_OF)
    assert any("anti-cN-1A" in note for note in criterion(evaluation, "iim", "E-03").notes) is noted
    assert criterion(evaluation, "iim", "IIM-2").verdict == "unknown"


def test_a_procedure_that_cannot_be_told_is_named() -> None:
    """It stands among the data issues with its reference, and none of its codes do."""
    (issue,) = (
        one for one in evaluate(bundle([SLE, p.procedure("PX-7", 20, "urn:site:x")]), AS_OF).data_issues if one.code == "code-unknown"
    )
    assert issue.reference.startswith("Procedure/")
    assert "PX-7" not in issue.issue
