"""Charts that tell of a reason against CC312 in a place or a coding that is easily passed over: each is asked about or decides."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.chart import READ_TYPES, assemble, bundle_parts
from fhir_mappings.inputs import State
from tests.generative.charts import AS_OF, COVERING, LOINC, SNOMED, bundle, observation
from tests.support.engine import criterion, evaluate, evaluate_chart
from tests.trials import parts as p
from tests.trials.verdicts import called, words

CPT, CPT_OID = "http://www.ama-assn.org/go/cpt", "urn:oid:2.16.840.1.113883.6.12"
PCS, PCS_SID, PCS_OID = "http://www.cms.gov/Medicare/Coding/ICD10", "http://hl7.org/fhir/sid/icd-10-pcs", "urn:oid:2.16.840.1.113883.6.4"
OPS, STEM_CELLS = "http://fhir.de/CodeSystem/bfarm/ops", "Transfusion von peripher gewonnenen hämatopoetischen Stammzellen"
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
FOUR_NEGATIVE, FOUR_EARLIER = p.four_negative(), p.four_negative(9)
NORMAL = [
    *(p.lab(code, 22, "U/L", 9, high=40) for code in ("1920-8", "1742-6")),
    p.lab("718-7", 12.6, "g/dL", 9), p.lab("6690-2", 5.7, "10*3/uL", 9), p.lab("777-3", 250, "10*3/uL", 9),
]  # fmt: skip


def code(system: str | None, said: str) -> Any:
    """A CodeableConcept that no value set knows, with words."""
    return {"text": said} | ({"coding": [{"system": system, "code": "9-999"}]} if system else {})


def named_test(name: str, said: str) -> Any:
    """A result whose test only words name."""
    return p.text_result("1", said) | {"code": {"text": name}}


def named_value(name: str, value: Any, unit: str, days: int = 3) -> Any:
    """A number whose test only words name, under a code of the laboratory's own."""
    return p.lab("1", value, unit, days) | {"code": {"coding": [{"system": "urn:site:lab", "code": "X1"}], "text": name}}


def nyha(answer: str, days: int, named: bool = False) -> Any:
    """The NYHA class, its code a LOINC code or only words."""
    one = observation((LOINC, "88020-3"), p.ago(days), valueCodeableConcept=p.concept((LOINC, answer)))
    return one | ({"code": {"text": "NYHA class"}} if named else {})


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
    ("E-05", "OPS with the title of a stem cell transfusion", [p.procedure("9-999", 2000, OPS) | {"code": code(OPS, STEM_CELLS)}], "unknown, review"),
    *(
        ("E-05", f"in OPS or a site's code, {said}", [p.procedure("9-999", 2000, system) | {"code": code(system, said)}], expected)
        for system in (OPS, "urn:site:procedures", None)
        for said, expected in (("Wechsel des Zubringers", "unknown"), ("XPT Nr. 3", "unknown"), ("Verbandwechsel", "clear, presumed"),
            ("Depression screening", "clear, presumed"), ("换药", "clear, presumed"), ("Blood draw", "clear, presumed"),
            ("Auto graft of progenitor cells, follow-up visit", "unknown"))
    ),
    ("E-05", "SNOMED CT of no set with its name", [p.procedure("1", 2000) | {"code": code(SNOMED, "Information transfer")}], "clear, presumed"),
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
    ("E-16", "amphetamine in words, positive", [named_test("Amphetamine, urine", "POSITIVE")], "unknown, review"),
    ("E-16", "a drug screen in words, negative", [named_test("Urine drug screen", "Negative")], "clear, presumed"),
    ("E-16", "opiates, which may be prescribed", [p.serology("3879-4", "positive")], "unknown, review"),
    ("E-08", "49 platelets, clumped", [PLATELETS | noted("Platelet clumping present, count may be inaccurate.")], "unknown, review"),
    ("E-08", "49 platelets, no clumps", [PLATELETS | noted("No platelet clumps seen.")], "triggered"),
    ("E-08", "49 platelets, flagged clumped", [PLATELETS | {"interpretation": [{"text": "Clumped"}]}], "unknown, review"),
    ("E-08", "haemoglobin 84, specimen unsatisfactory", [p.lab("718-7", 84, "g/L") | noted("Specimen unsatisfactory")], "unknown, review"),
    ("E-08", "haemoglobin 84, specimen haemolysed", [p.lab("718-7", 84, "g/L") | noted("Sample haemolysed.")], "unknown, review"),
    ("E-23", "IGRA positive, specimen haemolysed", [p.serology("71773-6", "positive") | noted("Sample haemolysed.")], "triggered"),
    ("E-23", "IGRA positive, specimen unsatisfactory", [p.serology("71773-6", "positive") | noted("Specimen unsatisfactory.")], "unknown, review"),
    ("E-01", "24 h protein 7 g, nothing noted", [p.lab("2889-4", 7, "g/(24.h)")], "triggered"),
    ("E-01", "24 h protein 7 g, collected whole", [p.lab("2889-4", 7, "g/(24.h)") | noted("Collection complete, 2100 mL")], "triggered"),
    *(
        ("E-01", f"24 h protein 7 g, noted: {said}", [p.lab("2889-4", 7, "g/(24.h)") | noted(said)], "unknown, review")
        for said in ("Incomplete 24 h collection", "Incomplete collection", "Inadequate collection.", "Incomplete 24h urine", "Undercollection",
            "Collection incomplete", "Sammlung unvollständig", "留尿不全")
    ),
    ("E-22", "four negative, HIV RNA <20", [*FOUR_NEGATIVE, viral_load("<20 copies/mL")], "clear"),
    ("E-22", "four negative, HIV RNA <20 as a number", [*FOUR_NEGATIVE, viral_load(20, "<")], "clear"),
    ("E-22", "four negative, HIV RNA not detected", [*FOUR_NEGATIVE, viral_load("Not detected")], "clear"),
    ("E-22", "four negative, HIV RNA <20 but detected", [*FOUR_NEGATIVE, viral_load("<20 copies/mL, detected")], "triggered"),
    ("E-22", "four negative, HIV RNA 4300", [*FOUR_NEGATIVE, viral_load(4300)], "triggered"),
    ("E-22", "four negative, HIV RNA <400", [*FOUR_NEGATIVE, viral_load(400, "<")], "unknown"),
    ("E-22", "four negative, then HIV reactive by name only", [*FOUR_EARLIER, named_test("HIV 1/2 antibody", "Reactive")], "unknown, review"),
    ("E-22", "four negative, of the same day HIV reactive by name only", [*FOUR_NEGATIVE, named_test("HIV 1/2 antibody", "Reactive")], "unknown, review"),
    ("E-22", "four negative, then HIV by name only, with a comment only", [*FOUR_EARLIER, named_test("HIV 1/2 antibody", "see comment")], "unknown, review"),
    ("E-22", "four negative, of the same day HIV by name only, a comment", [*FOUR_NEGATIVE, named_test("HIV antibody", "see comment")], "clear"),
    ("E-22", "four negative, then HIV negative by name only", [*FOUR_EARLIER, named_test("HIV 1/2 antibody", "Non-reactive")], "clear"),
    ("E-22", "HIV positive, then negative by name only", [p.serology("56888-1", "positive", 9), named_test("HIV antibody", "Negative")],
        "unknown, leans triggered"),
    ("E-22", "HIV positive, then positive by name only", [p.serology("56888-1", "positive", 9), named_test("HIV antibody", "Positive")], "triggered"),
    *(
        ("E-22", f"four negative, the newer HIV: {said}", [*FOUR_EARLIER, p.text_result("56888-1", said)], expected)
        for said, expected in (("S/CO 5.4 - see comment", "unknown"), ("Result - see scanned document", "unknown"), ("Non reactive - no antibody", "clear"),
            ("+ / -", "unknown, review"), ("Preliminary reactive, sent for confirmation", "unknown, review"), ("No reactivo", "clear"),
            ("Negative control failed", "unknown"), ("Non reactive; positive control valid", "clear"))
    ),
    ("SLE-2", "ANA in words: reflex to titer if positive", [p.text_result("8061-4", "Reflex to titer if positive")], "unknown"),
    ("SLE-2", "ANA in words: positive, reflex to titer if positive", [p.text_result("8061-4", "Positive. Reflex to titer if positive")], "met"),
    ("E-21", "hCG in words: 5400 - see comment", [p.text_result("21198-7", "5400 - see comment")], "unknown"),
    ("E-23", "IGRA in words: the tubes, none interpreted", [p.text_result("71773-6", "Nil 0.03; TB1-Nil 2.5; TB2-Nil 2.7; Mitogen-Nil >10")], "unknown"),
    ("E-23", "IGRA in words: the tubes, and negative", [p.text_result("71773-6", "Negative. Nil 0.02; TB1-Nil 0.01; TB2-Nil 0.00; Mitogen-Nil >10")], "clear"),
    ("E-22", "HIV reactive, its confirmation pending", [p.text_result("56888-1", "Reactive, confirmatory test pending")], "unknown, review"),
    ("E-21", "hCG 5400 without a range", [p.lab("21198-7", 5400, "m[IU]/mL")], "unknown, review"),
    ("E-21", "hCG 2 without a range", [p.lab("21198-7", 2, "m[IU]/mL")], "unknown"),
    ("E-21", "hCG 5400, range in words", [p.lab("21198-7", 5400, "m[IU]/mL", referenceRange=[{"text": "Non-pregnant: <5"}])], "triggered"),
    ("E-21", "hCG negative, then positive by name only", [p.serology("2118-8", "negative", 9), named_test("Pregnancy test", "Positive")], "unknown, review"),
    ("E-23", "IGRA negative, then positive by name only", [p.serology("71773-6", "negative", 9), named_test("QuantiFERON-TB Gold Plus", "POSITIVE")],
        "unknown, review"),
    ("E-07", "IgA 190, then 5 by name only", [p.lab("2458-8", 190, "mg/dL", 9), named_value("IgA, serum", 5, "mg/dL")], "unknown, review"),
    ("E-07", "IgA 190, then 180 by name only", [p.lab("2458-8", 190, "mg/dL", 9), named_value("IgA, serum", 180, "mg/dL")], "clear"),
    ("E-07", "IgA 5 by name only, then 190", [p.lab("2458-8", 190, "mg/dL"), named_value("IgA, serum", 5, "mg/dL", 9)], "clear"),
    ("E-07", "IgA 190, of the same day 5 by name only", [p.lab("2458-8", 190, "mg/dL"), named_value("IgA, serum", 5, "mg/dL")], "unknown, review"),
    ("E-07", "IgA 5, then 190 by name only", [p.lab("2458-8", 5, "mg/dL", 9), named_value("IgA, serum", 190, "mg/dL")], "unknown, review"),
    ("E-08", "all normal, then haemoglobin 79 by name only", [*NORMAL, named_value("Hemoglobin", 7.9, "g/dL")], "unknown, review"),
    ("E-08", "all normal, then 30 platelets by name only", [*NORMAL, named_value("Platelet count", 30, "10*3/uL")], "unknown, review"),
    ("E-08", "all normal, then AST by name only without a range", [*NORMAL, named_value("AST", 300, "U/L")], "unknown, review"),
    ("E-08", "all normal, then haemoglobin 126 by name only", [*NORMAL, named_value("Hemoglobin", 12.6, "g/dL")], "clear"),
    ("SLE-4", "SLEDAI 8 and a BILAG A", [p.score("sledai-2k", 8, 9), p.bilag("AEEEEEEEE", 9)], "met"),
    ("SLE-4", "the same, then a BILAG by name only", [p.score("sledai-2k", 8, 9), p.bilag("AEEEEEEEE", 9), named_test("BILAG", "see flowsheet")],
        "unknown, review"),
    ("SLE-4", "the same, then a SLEDAI of 2 by name only", [p.score("sledai-2k", 8, 9), p.bilag("AEEEEEEEE", 9), named_value("SLEDAI-2K", 2, "{score}")],
        "unknown, review"),
    ("E-18", "heart disease, unspecified", [p.dx("I51.9", 60)], "unknown, review"),
    ("E-18", "Herzkrankheit, nicht näher bezeichnet", [p.dx("I51.9", 60, p.GM)], "unknown, review"),
    ("E-18", "cardiomegaly", [p.dx("I51.7", 60)], "clear, presumed"),
    ("E-18", "NYHA II", [p.dx("I50.22", 60), nyha("LA28405-1", 9)], "clear, presumed"),
    ("E-18", "NYHA II, then III by name only", [p.dx("I50.22", 60), nyha("LA28405-1", 9), nyha("LA28406-9", 3, named=True)], "unknown, review"),
    ("E-18", "NYHA III by name only, then II", [p.dx("I50.22", 60), nyha("LA28405-1", 3), nyha("LA28406-9", 9, named=True)], "unknown, review"),
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
    ("E-21", "a pregnancy, provisional", [p.dx("Z33.1", 60, verification="provisional")], "unknown"),
    ("E-21", "a pregnancy, refuted", [p.dx("Z33.1", 60, verification="refuted")], "not applicable"),
    ("I-F", "menopause in words", [called(p.dx("N95.1", 60), "Menopause")], "unknown"),
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


@pytest.mark.parametrize(
    ("identity", "result", "said"),
    [
        ("E-21", p.lab("21198-7", 5400, "m[IU]/mL"), "no reference range to judge it by"),
        ("E-22", p.text_result("56888-1", "Reactive, confirmatory test pending"), "positive, but not settled yet"),
        ("E-22", p.text_result("56888-1", "Weakly reactive"), "borderline"),
    ],
)
def test_the_reason_says_why_a_result_is_not_taken_as_positive(identity: str, result: Any, said: str) -> None:
    """A physician reads what is open about it, not that it was borderline where nobody called it so."""
    assert said in criterion(evaluate(bundle([SLE, *COVERING, result]), AS_OF), "sle", identity).reason


@pytest.mark.parametrize(("state", "expected"), [(State.NOT_PROVIDED, "clear, presumed"), (State.FAILED, "unknown")])
def test_a_place_where_such_records_rarely_stand_need_not_be_searched(state: State, expected: str) -> None:
    """A vaccine is presumed absent without the procedures, but not where their search failed (policy `beside`)."""
    parts, _ = bundle_parts(bundle([SLE, *COVERING]))
    evaluation = evaluate_chart(assemble(parts, dict.fromkeys(READ_TYPES, State.WHOLE) | {"Procedure": state}), AS_OF)
    assert words(criterion(evaluation, "sle", "E-13")) == expected


@pytest.mark.parametrize("lost", ["MedicationRequest", "MedicationAdministration"])
@pytest.mark.parametrize(("arm", "identity"), [("sle", "SLE-5"), ("sle", "SLE-6"), ("ssc", "SSC-6")])
def test_a_search_that_failed_may_hide_another_dose(arm: str, identity: str, lost: str) -> None:
    """A dose within the limit, and unchanged, holds only over all that was searched (spec head: any fetch failure)."""
    parts, _ = bundle_parts(bundle([SLE, p.dx("128460000"), *COVERING, p.doses("8640", 200, None, 10)]))
    found = {
        state: criterion(evaluate_chart(assemble(parts, dict.fromkeys(READ_TYPES, State.WHOLE) | {lost: state}), AS_OF), arm, identity)
        for state in (State.WHOLE, State.FAILED)
    }
    assert (found[State.WHOLE].verdict, found[State.FAILED].verdict) == ("met", "unknown")
    assert f"source unavailable ({lost})" in found[State.FAILED].reason


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


@pytest.mark.parametrize("text", ["HRCT Thorax", "Care plan", "Smoking cessation advice", "Raucherentwöhnung"])
def test_ordinary_care_leaves_no_transplantation_open(text: str) -> None:
    """Known words say that it is another procedure."""
    one = criterion(evaluate(bundle([SLE, *COVERING, p.procedure("1", 20, "urn:site:x") | {"code": {"text": text}}]), AS_OF), "sle", "E-05")
    assert (one.verdict, one.presumed) == ("clear", True)


def test_a_procedure_that_cannot_be_told_is_no_incomplete_retrieval() -> None:
    """The reason says what is the matter, and holds no word of the record: it is kept for other charts."""
    one = criterion(evaluate(bundle([SLE, *COVERING, p.procedure("PX-7", 20, "urn:site:x")]), AS_OF), "sle", "E-05")
    assert (one.verdict, "incomplete" in one.reason, "PX-7" in one.reason) == ("unknown", False, False)
    assert "a record can't be told what it is (Procedure; see the data issues)" in one.reason


def test_a_procedure_that_cannot_be_told_is_named() -> None:
    """It stands among the data issues with its reference, and none of its codes do."""
    (issue,) = (
        one for one in evaluate(bundle([SLE, p.procedure("PX-7", 20, "urn:site:x")]), AS_OF).data_issues if one.code == "code-unknown"
    )
    assert issue.reference.startswith("Procedure/")
    assert "PX-7" not in issue.issue
