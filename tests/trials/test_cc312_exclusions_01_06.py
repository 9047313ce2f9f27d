"""CC312's criteria on charts built for them, verdict, review and lean: exclusions E-01 to E-06 (spec 2 and 3)."""

from __future__ import annotations

import pytest

from tests.trials import parts as p
from tests.trials.verdicts import (
    AMBULATORY,
    IIM,
    MTX,
    PRED,
    SLE,
    SSC,
    TAC,
    Row,
    called,
    german,
    holds,
    ids_of,
    named_drug,
    recorded,
    told,
    worded,
)

TITLE = "CC312: exclusions E-01 to E-06"
COLUMNS = ("criterion", "arm", "chart", "verdict")

ROWS: tuple[Row, ...] = (
    ("E-01", "sle", "24 h protein 6.1 g on day 56", [p.lab("2889-4", 6.1, "g/(24.h)", 56)], "triggered"),
    ("E-01", "sle", "24 h protein 6.1 g on day 57", [p.lab("2889-4", 6.1, "g/(24.h)", 57)], "unknown"),
    ("E-01", "sle", "24 h protein exactly 6 g, creatinine normal", [p.lab("2889-4", 6, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL")], "unknown"),
    ("E-01", "sle", "creatinine below zero, 24 h protein normal", [
        p.lab("2889-4", 0.1, "g/(24.h)"), p.lab("2160-0", -1, "mg/dL")], "unknown, review"),
    ("E-01", "sle", "creatinine of another unit's size beside a normal one", [
        p.lab("2889-4", 0.1, "g/(24.h)"), p.lab("2160-0", 0.02, "mg/dL", 9), p.lab("2160-0", 0.8, "mg/dL")], "unknown, review"),
    ("E-01", "sle", "24 h protein and creatinine normal, both preliminary", [
        p.lab("2889-4", 0.1, "g/(24.h)") | {"status": "preliminary"}, p.lab("2160-0", 0.8, "mg/dL") | {"status": "preliminary"}],
        "unknown, review"),
    ("E-01", "sle", "24 h protein and creatinine normal, a normal creatinine preliminary", [
        p.lab("2889-4", 0.1, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL", 9), p.lab("2160-0", 0.7, "mg/dL") | {"status": "preliminary"},
        p.doses(PRED, 40, 28, 100)],
        "clear, presumed"),
    ("E-01", "sle", "creatinine 2.6 mg/dL", [p.lab("2160-0", 2.6, "mg/dL")], "triggered"),
    ("E-01", "sle", "creatinine 221.02 umol/L", [p.lab("14682-9", 221.02, "umol/L")], "triggered"),
    ("E-01", "iim", "creatinine 2.6 mg/dL in myositis", [p.lab("2160-0", 2.6, "mg/dL")], "unknown, review"),
    ("E-01", "sle", "only a protein/creatinine ratio of 7 g/g", [p.lab("2890-2", 7000, "mg/g")], "unknown, leans triggered"),
    ("E-01", "sle", "24 h protein 0.1 g, a newer one of 7 g in words", [
        p.lab("2889-4", 0.1, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL"), called(p.lab("2889-4", 7000, "mg/24hr", 1), "PROTEIN, URINE, 24 HOUR")], "unknown, review"),
    ("E-01", "sle", "dependence on dialysis, active", [p.dx("Z99.2")], "unknown, leans triggered"),
    ("E-01", "iim", "a prohibited medication is needed", [p.answer("E-01/c", "Y")], "triggered"),
    ("E-01", "sle", "prednisone 100 mg for 14 days in the window", [p.doses(PRED, 40, 27, 100)], "triggered"),
    ("E-01", "sle", "prednisone 100 mg for 13 days", [p.doses(PRED, 40, 28, 100), p.lab("2889-4", 1, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL")], "clear, presumed"),
    ("E-01", "sle", "three pulses of 1000 mg", [
        *(p.infused("6902", day, 1000) for day in (12, 11, 10)), p.lab("2889-4", 1, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL")], "clear, presumed"),
    ("E-01", "iim", "prednisone 100 mg for 14 days, myositis arm", [p.doses(PRED, 40, 27, 100)], "unknown, review"),
    ("E-02", "sle", "nothing in a covered chart", [], "clear, presumed"),
    ("E-02", "sle", "seizure disorder since 2 years, active", [p.dx("G40.909", 800)], "unknown, leans triggered"),
    ("E-02", "sle", "stroke 20 days ago", [p.dx("I63.9", 20)], "triggered"),
    ("E-02", "sle", "stroke 3 years ago, resolved", [p.dx("I63.9", 1100, clinical="resolved")], "clear, presumed"),
    ("E-02", "sle", "TIA 20 days ago", [p.dx("G45.9", 20)], "unknown, review"),
    ("E-02", "sle", "stroke coded again 20 days ago", [p.dx("I63.9", 1100, clinical="resolved"), p.dx("I63.9", 20)], "unknown, review"),
    ("E-02", "sle", "stroke 3 years ago, never closed", [p.dx("I63.9", 1100)], "unknown, review"),
    ("E-02", "sle", "stroke, undated", [p.dx("I63.9", None)], "unknown, review"),
    ("E-02", "sle", "epilepsy that ended inside the window", [p.dx("G40.909", 800, clinical="resolved") | {"abatementDateTime": p.ago(20).isoformat()}], "unknown, leans triggered"),
    ("E-02", "sle", "stroke over, recorded 3 weeks ago, day of onset not known", [
        p.dx("I63.9", None, clinical="resolved") | {"recordedDate": p.ago(21).isoformat()}], "unknown, review"),
    ("E-02", "sle", "stroke as state after (German Z), recorded 3 weeks ago", [german(p.dx("I63.9", None, p.GM), "Z")], "unknown, review"),
    ("E-02", "sle", "stroke as state after (German Z), 3 weeks ago", [german(p.dx("I63.9", 21, p.GM), "Z")], "triggered"),
    ("E-02", "sle", "stroke recorded 3 weeks ago, still active", [
        p.dx("I63.9", None) | {"recordedDate": p.ago(21).isoformat()}], "triggered"),
    ("E-02", "sle", "psychosis resolved on a day not stated, begun 60 days ago", [p.dx("F29", 60, clinical="resolved")], "unknown, review"),
    ("E-02", "sle", "psychosis years ago, resolved", [p.dx("F29", 2000, clinical="resolved")], "clear, presumed"),
    ("E-02", "sle", "a seizure 3 weeks ago", [p.dx("R56.9", 21)], "triggered"),
    ("E-02", "sle", "multiple sclerosis for years", [p.dx("G35", 2000)], "unknown, review"),
    ("E-02", "sle", "chorea a month ago", [p.dx("G25.5", 30)], "unknown, review"),
    ("E-02", "sle", "dementia for years", [p.dx("F03.90", 1200)], "unknown, review"),
    ("E-02", "sle", "Parkinson's disease in SNOMED CT", [p.dx("49049000", 1200)], "unknown, review"),
    ("E-02", "sle", "neuromyelitis optica for years", [p.dx("G36.0", 1200)], "unknown, review"),
    ("E-02", "sle", "mania with psychotic symptoms, recorded long ago and active", [p.dx("F31.2", 900)], "unknown, review"),
    ("E-02", "sle", "mania with psychotic symptoms, resolved long ago", [p.dx("F31.2", 900, clinical="resolved")], "clear, presumed"),
    ("E-02", "sle", "essential tremor", [p.dx("G25.0", 900)], "clear, presumed"),
    ("E-02", "sle", "depression", [p.dx("F32.1", 30)], "clear, presumed"),
    ("E-02", "sle", "stroke coded 20 days ago, worded “Rule out stroke”", [worded(p.dx("I63.9", 20), "Rule out stroke")], "unknown, review"),
    ("E-02", "sle", "stroke coded 20 days ago, worded “Stroke, no residual deficit”", [worded(p.dx("I63.9", 20), "Stroke, no residual deficit")], "triggered"),
    ("E-02", "sle", "SLE with other organs coded, worded “Lupus cerebritis”", [worded(p.dx("M32.19", 20), "Lupus cerebritis")], "unknown, review"),
    ("E-02", "sle", "SLE with other organs coded, worded “SLE with seizures”", [worded(p.dx("M32.19", 400), "SLE with seizures")], "unknown, review"),
    ("E-02", "sle", "SLE with other organs coded, worded “SLE without CNS involvement”", [
        worded(p.dx("M32.19", 20), "SLE without CNS involvement or seizures")], "clear, presumed"),
    ("E-02", "sle", "seizure disorder since 2 years, not confirmed", [p.dx("G40.909", 800, verification="provisional")], "unknown, review"),
    ("E-02", "sle", "epilepsy coded since 2 years, worded “Epilepsy ruled out”", [worded(p.dx("G40.909", 800), "Epilepsy ruled out")], "unknown, review"),
    ("E-02", "sle", "SLE with other organs coded, worded “ZNS-Beteiligung”", [worded(p.dx("M32.19", 400), "SLE mit ZNS-Beteiligung")], "unknown, review"),
    ("E-02", "sle", "SLE with other organs coded, worded “ohne ZNS-Beteiligung”", [worded(p.dx("M32.19", 400), "SLE ohne ZNS-Beteiligung")], "clear, presumed"),
    ("E-03", "iim", "inclusion body myositis beside dermatomyositis", [IIM, p.dx("G72.41")], "triggered"),
    ("E-03", "sle", "inclusion body myositis in the SLE arm", [p.dx("G72.41")], "unknown, review"),
    ("E-03", "iim", "diabetic amyotrophy", [IIM, p.dx("E11.44")], "unknown, review"),
    ("E-03", "iim", "dermatomyositis since age 12", [p.dx("396230008", 365 * 29)], "triggered"),
    ("E-03", "iim", "juvenile code first recorded at 40", [IIM, p.dx("M33.00", 200)], "unknown, leans triggered"),
    ("E-03", "iim", "dermatomyositis of unknown onset", [p.dx("396230008", None)], "unknown"),
    ("E-03", "iim", "dermatomyositis around the 18th birthday", [p.dx("396230008") | {"onsetDateTime": "2003"}], "unknown, leans triggered"),
    ("E-03", "sle", "a person says yes", [p.answer("E-03/d", "Y")], "triggered"),
    ("E-03", "iim", "polymyositis coded, worded “Inclusion body myositis”", [IIM, worded(p.dx("M33.20"), "Inclusion body myositis")], "unknown, review"),
    ("E-03", "iim", "dermatopolymyositis coded, worded “Juvenile dermatomyositis”", [
        IIM, worded(p.dx("M33.90"), "Juvenile dermatomyositis")], "unknown, review"),
    ("E-03", "iim", "dermatomyositis since 1990 in words only", [IIM, worded(p.dx("4950009", 365 * 36), "Dermatomyositis")], "unknown, review"),
    ("E-03", "iim", "dermatomyositis since 2015 in words only", [IIM, worded(p.dx("4950009", 365 * 11), "Dermatomyositis")], "clear, presumed"),
    ("E-04", "ssc", "pulmonary hypertension and ambrisentan", [p.dx("I27.21"), p.takes("358274", 90)], "triggered"),
    ("E-04", "ssc", "pulmonary hypertension and sildenafil, purpose not said", [p.dx("I27.21"), p.takes("136411", 90)], "unknown, leans triggered"),
    ("E-04", "ssc", "sildenafil alone", [p.takes("136411", 90)], "unknown, review"),
    ("E-04", "ssc", "pulmonary hypertension without treatment", [p.dx("I27.21")], "unknown, review"),
    ("E-04", "ssc", "renal crisis years ago", [p.dx("236503001", 2000, clinical="resolved")], "triggered"),
    ("E-04", "ssc", "acute kidney failure in systemic sclerosis", [SSC, p.dx("N17.9", 500, clinical="resolved")], "unknown, review"),
    ("E-04", "ssc", "acute kidney failure a year before systemic sclerosis", [SSC, p.dx("N17.9", 765, clinical="resolved")], "unknown, review"),
    ("E-04", "ssc", "acute kidney failure long before systemic sclerosis", [SSC, p.dx("N17.9", 770, clinical="resolved")], "unknown"),
    ("E-04", "ssc", "acute kidney failure long before, the onset of systemic sclerosis not known", [
        recorded(SSC, 400), p.dx("N17.9", 3000, clinical="resolved")], "unknown, review"),
    ("E-04", "ssc", "acute kidney failure, an older record of systemic sclerosis beside that of its onset", [
        SSC, recorded(p.dx("M34.0"), 2000), p.dx("N17.9", 1900, clinical="resolved")], "unknown, review"),
    ("E-04", "ssc", "parenteral nutrition ordered as a drug", [named_drug("SmofKabiven", 30)], "unknown, review"),
    ("E-04", "ssc", "tube feed ordered as a drug", [named_drug("Fresubin energy", 30)], "unknown"),
    ("E-04", "sle", "renal crisis, lupus arm", [p.dx("236503001", 2000)], "unknown, review"),
    ("E-04", "ssc", "other systemic sclerosis coded, worded “Scleroderma renal crisis”", [
        worded(p.dx("M34.89"), "Scleroderma renal crisis")], "unknown, review"),
    ("E-04", "ssc", "systemic sclerosis coded, worded with a crisis in German", [worded(p.dx("M34.0"), "SSc mit renaler Krise")], "unknown, review"),
    ("E-05", "sle", "kidney transplant status", [p.dx("Z94.0", 3000)], "triggered"),
    ("E-05", "sle", "skin graft failure is no major organ", [p.dx("T86.821", 3000)], "clear, presumed"),
    ("E-05", "sle", "cornea transplant status", [p.dx("Z94.7", 3000)], "clear, presumed"),
    ("E-05", "sle", "pancreas transplant, German coding", [p.dx("T86.82", 3000, system=p.GM)], "triggered"),
    ("E-05", "sle", "transplant refuted later", [p.dx("Z94.0", 3000), p.dx("Z94.0", 100, verification="refuted")], "clear, presumed"),
    ("E-05", "sle", "transplant refuted on the same day", [p.dx("Z94.0", 100), p.dx("Z94.0", 100, verification="refuted")], "unknown, review"),
    ("E-05", "sle", "heart transplant, and kidney transplant refuted later", [p.dx("Z94.1", 3000), p.dx("Z94.0", 100, verification="refuted")], "triggered"),
    ("E-05", "sle", "seen because of a transplanted kidney", [p.admission(90, 90) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "Z94.0"))]}], "unknown, review"),
    ("E-05", "sle", "tacrolimus ordered because of a transplanted kidney", [p.ordered(TAC, 90) | {"reasonCode": [p.concept((p.CM, "Z94.0"))]}], "unknown, review"),
    ("E-05", "sle", "kidney transplant coded, worded “Kidney transplant donor”", [worded(p.dx("Z94.0"), "Kidney transplant donor")], "unknown, review"),
    ("E-05", "sle", "kidney transplant coded, worded as from a living donor", [worded(p.dx("Z94.0"), "Living donor kidney transplant")], "triggered"),
    ("E-05", "sle", "kidney transplant coded, worded as from her mother", [worded(p.dx("Z94.0"), "Kidney transplant from her mother")], "triggered"),
    ("E-05", "sle", "kidney transplant coded, worded “Kidney transplant candidate”", [worded(p.dx("Z94.0"), "Kidney transplant candidate")], "unknown, review"),
    ("E-06", "sle", "rheumatoid arthritis, active", [p.dx("M06.9")], "unknown, review"),
    ("E-06", "sle", "rheumatoid arthritis, resolved: others are not all listed", [p.dx("M06.9", clinical="resolved")], "unknown"),
    ("E-06", "sle", "systemic sclerosis beside SLE", [SLE, SSC], "unknown, review"),
    ("E-06", "ssc", "its own disease does not count", [SSC], "unknown"),
    ("E-06", "sle", "rheumatoid arthritis, methotrexate given for it", [
        p.dx("M06.9"), p.takes(MTX, 300) | {"reasonCode": [p.concept((p.CM, "M06.9"))]}], "triggered"),
    ("E-06", "sle", "Crohn's disease, and adalimumab", [p.dx("K50.90"), p.takes("327361", 200)], "unknown, leans triggered"),
    ("E-06", "sle", "thyroiditis and levothyroxine", [p.dx("E06.3"), p.takes("10582", 200)], "unknown, review"),
    ("E-06", "sle", "pemphigus", [p.dx("L10.0")], "unknown, review"),
    ("E-06", "sle", "neuromyelitis optica", [p.dx("G36.0")], "unknown, review"),
    ("E-06", "sle", "primary biliary cholangitis", [p.dx("K74.3")], "unknown, review"),
    ("E-06", "sle", "chronic inflammatory demyelinating polyneuropathy", [p.dx("G61.81")], "unknown, review"),
    ("E-06", "sle", "polymyalgia rheumatica in SNOMED CT", [p.dx("65323003")], "unknown, review"),
    ("E-06", "sle", "pemphigoid in words", [{**p.dx("L12.0"), "code": {"text": "Bullöses Pemphigoid"}}], "unknown, review"),
    ("E-06", "sle", "sarcoidosis, prednisone given for it", [
        p.dx("D86.0"), p.takes(PRED, 300) | {"reasonCode": [p.concept((p.CM, "D86.0"))]}], "triggered"),
    ("E-06", "sle", "polymyalgia rheumatica years ago, resolved", [p.dx("M35.3", 3000, clinical="resolved")], "unknown"),
    ("E-06", "sle", "multiple sclerosis, and ocrelizumab 5 months ago", [p.dx("G35"), p.given("1876366", 150)], "unknown, leans triggered"),
    ("E-06", "sle", "multiple sclerosis, and ocrelizumab 7 months ago", [p.dx("G35"), p.given("1876366", 215)], "unknown, review"),
    ("E-06", "sle", "ulcerative colitis, and infliximab 7 weeks ago", [p.dx("K51.90"), p.given("191831", 49)], "unknown, leans triggered"),
    ("E-06", "sle", "ulcerative colitis, and infliximab 9 weeks ago", [p.dx("K51.90"), p.given("191831", 63)], "unknown, review"),
)  # fmt: skip


def printed() -> list[tuple[str, ...]]:
    return told(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=ids_of(ROWS))
def test_the_criterion_says_what_the_table_says(row: Row) -> None:
    """Each row's chart gives the row's verdict."""
    holds(row)
