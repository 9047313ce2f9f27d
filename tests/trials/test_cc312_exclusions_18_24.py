"""CC312's criteria on charts built for them, verdict, review and lean: exclusions E-18 to E-24 (spec 2 and 3)."""

from __future__ import annotations

import pytest

from tests.generative.charts import SNOMED, observation
from tests.trials import parts as p
from tests.trials.verdicts import AMBULATORY, CPT, FOR_AF, Row, called, holds, ids_of, named, named_drug, recorded, told, worded

TITLE = "CC312: exclusions E-18 to E-24"
COLUMNS = ("criterion", "arm", "chart", "verdict")

ROWS: tuple[Row, ...] = (
    ("E-18", "sle", "myocardial infarction 60 days ago", [p.dx("I21.9", 60)], "triggered"),
    ("E-18", "sle", "myocardial infarction 3 years ago, resolved", [p.dx("I21.9", 1100, clinical="resolved")], "clear, presumed"),
    ("E-18", "sle", "heart failure, class unknown", [p.dx("I50.9")], "unknown, review"),
    ("E-18", "sle", "pericarditis of lupus", [p.dx("M32.12", 60)], "unknown, review"),
    ("E-18", "sle", "pericarditis of lupus a year ago, over", [p.dx("M32.12", 400, clinical="resolved")], "clear, presumed"),
    ("E-18", "sle", "endocarditis of lupus", [p.dx("M32.11", 60)], "unknown, review"),
    ("E-18", "sle", "lupus of the lung", [p.dx("M32.13", 60)], "clear, presumed"),
    ("E-18", "sle", "implanted defibrillator", [p.dx("Z95.810", 900)], "unknown, review"),
    ("E-18", "sle", "heart assist device", [p.dx("Z95.811", 60)], "unknown, review"),
    ("E-18", "sle", "infarction over, recorded 3 weeks ago, day of onset not known", [
        p.dx("I21.9", None, clinical="inactive") | {"recordedDate": p.ago(21).isoformat()}], "unknown, review"),
    ("E-18", "sle", "NYHA III", [observation(("http://loinc.org", "88020-3"), p.ago(10), valueCodeableConcept=p.concept(("http://loinc.org", "LA28406-9")))], "triggered"),
    ("E-18", "sle", "NYHA III 100 days ago, II now", [
        observation(("http://loinc.org", "88020-3"), p.ago(100), valueCodeableConcept=p.concept(("http://loinc.org", "LA28406-9"))),
        observation(("http://loinc.org", "88020-3"), p.ago(5), valueCodeableConcept=p.concept(("http://loinc.org", "LA28405-1")))], "triggered"),
    ("E-18", "sle", "heart failure that ended inside the window", [p.dx("I50.9", 300, clinical="resolved") | {"abatementDateTime": p.ago(60).isoformat()}], "unknown, review"),
    ("E-18", "sle", "cardiac arrest 2 months ago", [p.dx("I46.9", 60)], "unknown, leans triggered"),
    ("E-18", "sle", "cardiac arrest 2 years ago, over", [p.dx("I46.9", 700, clinical="resolved")], "clear, presumed"),
    ("E-18", "sle", "acute ischaemic heart disease a month ago", [p.dx("I24.9", 30)], "unknown, leans triggered"),
    ("E-18", "sle", "complete atrioventricular block", [p.dx("I44.2", 90)], "unknown, review"),
    ("E-18", "sle", "coronary intervention 3 months ago", [p.procedure("415070008", 90)], "unknown, review"),
    ("E-18", "sle", "coronary intervention a year ago", [p.procedure("415070008", 400)], "clear, presumed"),
    ("E-18", "sle", "coronary stent under CPT", [p.procedure("92928", 90, "http://www.ama-assn.org/go/cpt")], "unknown, review"),
    ("E-18", "sle", "coronary stent under ICD-10-PCS", [p.procedure("027034Z", 90, "http://www.cms.gov/Medicare/Coding/ICD10")], "unknown, review"),
    ("E-18", "sle", "infective endocarditis", [p.dx("I33.0", 60)], "unknown, review"),
    ("E-18", "sle", "dilated cardiomyopathy for years", [p.dx("I42.0", 900)], "unknown, review"),
    ("E-18", "sle", "aortic stenosis in SNOMED CT", [p.dx("60573004", 900)], "unknown, review"),
    ("E-18", "sle", "aortic aneurysm", [p.dx("I71.4", 900)], "unknown, review"),
    ("E-18", "sle", "block of the first degree", [p.dx("I44.0", 60)], "clear, presumed"),
    ("E-18", "sle", "NYHA class IV as a diagnosis", [p.dx("422293003", 60)], "triggered"),
    ("E-18", "sle", "NYHA class III as a diagnosis since 2 years", [p.dx("420913000", 730)], "unknown, review"),
    ("E-18", "sle", "NYHA class III as what was observed", [observation((SNOMED, "420913000"), p.ago(60))], "triggered"),
    ("E-18", "sle", "NYHA class III as what was observed: no", [observation((SNOMED, "420913000"), p.ago(60), valueBoolean=False)], "clear, presumed"),
    ("E-18", "sle", "NYHA class III as what was observed, a year ago", [observation((SNOMED, "420913000"), p.ago(400))], "clear, presumed"),
    ("E-18", "sle", "heart failure, NYHA class II as a diagnosis", [p.dx("I50.9", 100), p.dx("421704003", 60)], "clear, presumed"),
    ("E-18", "sle", "atrial fibrillation and a cardioversion under CPT", [p.dx("I48.91", 400), p.procedure("92960", 90, CPT)], "unknown, leans triggered"),
    ("E-18", "sle", "atrial fibrillation and a cardioversion a year ago", [p.dx("I48.91", 500), p.procedure("250980009", 400)], "unknown, review"),
    ("E-18", "sle", "admitted for atrial fibrillation", [p.dx("I48.91", 90), p.admission(90, 86) | FOR_AF], "unknown, leans triggered"),
    ("E-18", "sle", "admitted for the atrial fibrillation of the problem list", [
        p.dx("I48.91", 400) | {"id": "af"}, p.admission(90, 86) | {"diagnosis": [{"condition": {"reference": "Condition/af"}}]}], "unknown, leans triggered"),
    ("E-18", "sle", "seen for atrial fibrillation", [p.admission(90, 90) | AMBULATORY | FOR_AF], "unknown, review"),
    ("E-18", "sle", "atrial fibrillation, admitted for something else", [p.dx("I48.91", 400), p.admission(90, 86)], "unknown, review"),
    ("E-18", "sle", "infarction coded 60 days ago, worded “Chest pain, r/o MI”", [worded(p.dx("I21.9", 60), "Chest pain, r/o MI")], "unknown, review"),
    ("E-18", "sle", "infarction coded 60 days ago, worded “Acute MI without ST elevation”", [
        worded(p.dx("I21.4", 60), "Acute MI without ST elevation")], "triggered"),
    ("E-19", "sle", "a person says yes", [p.answer("E-19", "Y")], "triggered"),
    ("E-19", "sle", "nothing but the question", [], "unknown"),
    ("E-20", "sle", "breast cancer 2 years ago", [p.dx("C50.911", 730)], "triggered"),
    ("E-20", "sle", "breast cancer 6 years ago", [p.dx("C50.911", 2300)], "clear, presumed"),
    ("E-20", "sle", "basal cell carcinoma", [p.dx("C44.91", 300)], "unknown, leans triggered"),
    ("E-20", "sle", "carcinoma in situ", [p.dx("D05.10", 300)], "unknown, review"),
    ("E-20", "sle", "benign neoplasm", [p.dx("D25.9", 300)], "clear, presumed"),
    ("E-20", "sle", "a visit for chemotherapy of a cancer", [p.dx("Z51.11", 20)], "unknown, review"),
    ("E-20", "sle", "a visit for chemotherapy of a cancer 6 years ago", [p.dx("Z51.11", 2300)], "clear, presumed"),
    ("E-20", "sle", "history of breast cancer, coded as breast cancer at a visit", [p.dx("Z85.3", 4000), recorded(p.dx("C50.911"), 30)], "unknown, leans triggered"),
    ("E-20", "sle", "history of breast cancer, a new one since last year", [p.dx("Z85.3", 4000), p.dx("C50.911", 300)], "triggered"),
    ("E-20", "sle", "breast cancer recorded two years ago, its history since", [recorded(p.dx("C50.911"), 730), p.dx("Z85.3", 30)], "triggered"),
    ("E-20", "sle", "breast cancer in remission, recorded this year, day of onset not known", [
        p.dx("C50.911", None, clinical="remission") | {"recordedDate": p.ago(60).isoformat()}], "unknown, review"),
    ("E-20", "sle", "breast cancer over, recorded 6 years ago", [
        p.dx("C50.911", None, clinical="resolved") | {"recordedDate": p.ago(2200).isoformat()}], "clear, presumed"),
    ("E-20", "sle", "lung cancer, and breast cancer refuted later", [p.dx("C34.90", 365), p.dx("C50.911", 100, verification="refuted")], "triggered"),
    ("E-20", "sle", "lung cancer in ICD-10, breast cancer refuted in SNOMED CT", [p.dx("C34.90", 365), p.dx("254837009", 100, verification="refuted")], "unknown, leans triggered"),
    ("E-20", "sle", "old breast cancer, new lung cancer", [p.dx("C50.911", 4000), p.dx("C34.90", 365)], "triggered"),
    ("E-20", "sle", "old breast cancer, not confirmed then, coded again", [
        p.dx("C50.911", 4000, verification="provisional"), p.dx("C50.911", 365)], "unknown, review"),
    ("E-20", "sle", "old breast cancer, coded again", [p.dx("C50.911", 4000, clinical="resolved"), p.dx("C50.911", 365)], "unknown, review"),
    ("E-20", "sle", "old cancer, recurrence now", [p.dx("C50.911", 4000, clinical="recurrence")], "unknown, leans triggered"),
    ("E-20", "sle", "a diagnosis under a SNOMED CT code that is not known, without words", [p.dx("4950009", 300)], "unknown"),
    ("E-20", "sle", "Sézary's disease under a code that is not known", [named(p.dx("4950009", 300), "Sézary's disease")], "unknown, review"),
    ("E-20", "sle", "chordoma in words", [named(p.dx("4950009", 300), "Chordoma of sacrum")], "unknown, review"),
    ("E-20", "sle", "a tumour, not said which, in words", [named(p.dx("4950009", 300), "Retroperitoneal tumor")], "unknown, review"),
    ("E-20", "sle", "high blood pressure under a code that is not known", [named(p.dx("38341003", 300), "Hypertensive disorder")], "clear, presumed"),
    ("E-20", "sle", "a procedure because of breast cancer", [p.procedure("387713003", 90) | {"reasonCode": [p.concept((p.CM, "C50.911"))]}], "unknown, review"),
    ("E-20", "sle", "seen for breast cancer of 10 years ago", [
        p.dx("C50.911", 3650, clinical="resolved"), p.admission(90, 90) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "C50.911"))]}], "clear, presumed"),
    ("E-20", "sle", "breast cancer coded a year ago, worded “Family history of breast cancer”", [
        worded(p.dx("C50.911", 365), "Family history of breast cancer")], "unknown, review"),
    ("E-20", "sle", "breast cancer recorded a month ago, worded “History of breast cancer 2010”", [
        worded(p.dx("C50.911", None) | {"recordedDate": p.ago(30).isoformat()}, "History of breast cancer 2010")], "unknown, review"),
    ("E-20", "sle", "breast cancer 11 years ago, worded “Metastatic breast cancer”", [worded(p.dx("C50.911", 4000), "Metastatic breast cancer")], "unknown, review"),
    ("E-20", "sle", "lymphoma 11 years ago, worded “Recurrent DLBCL”", [worded(p.dx("C83.30", 4000), "Recurrent DLBCL")], "unknown, leans triggered"),
    ("E-20", "sle", "breast cancer 11 years ago, worded “no evidence of recurrence”", [
        worded(p.dx("C50.911", 4000), "Breast cancer, no evidence of recurrence")], "clear, presumed"),
    ("E-20", "sle", "breast cancer 11 years ago, worded 乳腺癌骨转移", [worded(p.dx("C50.911", 4000), "乳腺癌骨转移")], "unknown, review"),
    ("E-20", "sle", "breast cancer 11 years ago, worded 乳腺癌 无骨转移", [worded(p.dx("C50.911", 4000), "乳腺癌 无骨转移")], "clear, presumed"),
    ("E-21", "sle", "hCG negative, a newer test positive in words", [
        p.serology("2118-8", "negative"), called(p.serology("2118-8", "positive", 1), "POCT PREGNANCY, URINE")], "unknown, review"),
    ("E-21", "sle", "hCG negative", [p.serology("2118-8", "negative")], "clear"),
    ("E-21", "sle", "hCG positive", [p.serology("2118-8", "positive")], "triggered"),
    ("E-21", "sle", "no test in the window", [p.serology("2118-8", "negative", 40)], "unknown"),
    ("E-21", "sle", "hysterectomy", [p.procedure("236886002", 3000)], "not applicable"),
    ("E-21", "sle", "delivery expected in 3 months", [observation(("http://loinc.org", "11778-8"), p.ago(10), valueDateTime=p.ago(-90).isoformat())], "triggered"),
    ("E-21", "sle", "delivery date passed a week ago", [observation(("http://loinc.org", "11778-8"), p.ago(200), valueDateTime=p.ago(7).isoformat())], "unknown, review"),
    ("E-21", "sle", "positive, then negative", [p.serology("2118-8", "positive", 9), p.serology("2118-8", "negative", 2)], "unknown, review"),
    ("E-21", "sle", "pregnancy on the list, newer test negative", [p.dx("Z33.1", 60), p.serology("2118-8", "negative", 2)], "unknown, review"),
    ("E-21", "sle", "pregnancy on the list, delivered since", [p.dx("Z33.1", 200), p.dx("O80", 20)], "unknown, review"),
    ("E-21", "sle", "hCG negative, earlier pregnancies lost (N96)", [p.serology("2118-8", "negative"), worded(p.dx("N96", 5), "Recurrent pregnancy loss")], "clear"),
    ("E-21", "sle", "hCG negative, complications of an earlier pregnancy (Z87.59)", [
        p.serology("2118-8", "negative"), worded(p.dx("Z87.59", 5), "Personal history of other complications of pregnancy")], "clear"),
    ("E-21", "sle", "hCG negative, history of 2 pregnancies in words", [
        p.serology("2118-8", "negative"), worded(p.dx("4950009", 5), "History of 2 pregnancies")], "clear"),
    ("E-21", "sle", "hCG negative, a pregnancy in words", [p.serology("2118-8", "negative"), worded(p.dx("4950009", 5), "Pregnancy")], "unknown, review"),
    ("E-22", "sle", "all four negative", [
        p.serology("56888-1", "negative"), p.serology("5196-1", "negative"), p.serology("16128-1", "negative"), p.serology("24110-9", "negative")], "clear"),
    ("E-22", "sle", "HCV antibody positive", [p.serology("16128-1", "positive")], "triggered"),
    ("E-22", "sle", "HIV infection coded", [p.dx("B20")], "triggered"),
    ("E-22", "sle", "RPR positive, no treponemal test", [p.serology("20507-0", "positive")], "unknown, review"),
    ("E-22", "sle", "HCV antibody positive a year ago", [p.serology("16128-1", "positive", 365)], "unknown, leans triggered"),
    ("E-22", "sle", "HIV screen reactive, confirmation negative", [p.serology("56888-1", "positive"), p.serology("5221-7", "negative")], "unknown, review"),
    ("E-22", "sle", "four negative, HCV RNA detected", [
        p.serology("56888-1", "negative"), p.serology("5196-1", "negative"), p.serology("16128-1", "negative"), p.serology("24110-9", "negative"),
        p.serology("11259-9", "positive")], "unknown, review"),
    ("E-22", "sle", "HIV immunoblot positive", [p.serology("5221-7", "positive")], "unknown, leans triggered"),
    ("E-22", "sle", "HBsAg positive after immunoglobulins", [p.serology("5196-1", "positive"), p.takes("5666", 90, 60)], "unknown, review"),
    ("E-22", "sle", "HBsAg positive after immunoglobulins in words", [p.serology("5196-1", "positive"), named_drug("IVIG", 30)], "unknown, review"),
    ("E-22", "sle", "four negative, HIV by another assay", [p.serology("80387-4", "negative"), p.serology("5196-1", "negative"), p.serology("16128-1", "negative"), p.serology("24110-9", "negative")], "clear"),
    ("E-22", "sle", "HIV 2 antibody negative, HIV 1 not tested", [p.serology("7919-4", "negative"), p.serology("5196-1", "negative"), p.serology("16128-1", "negative"), p.serology("24110-9", "negative")], "unknown"),
    ("E-22", "sle", "HIV 1 antigen positive", [p.serology("5222-5", "positive")], "unknown, leans triggered"),
    ("E-22", "sle", "HIV blot of another assay positive", [p.serology("86233-4", "positive", 200)], "unknown, leans triggered"),
    ("E-22", "sle", "HIV screen reactive, another confirmation negative", [p.serology("56888-1", "positive"), p.serology("77685-6", "negative")], "unknown, review"),
    ("E-22", "sle", "seen for hepatitis C", [p.admission(90, 90) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "B18.2"))]}], "unknown, review"),
    ("E-22", "sle", "HIV infection coded, worded “R/O HIV”", [worded(p.dx("B20"), "R/O HIV")], "unknown, review"),
    ("E-23", "sle", "IGRA negative, a newer one positive in words", [
        p.serology("71773-6", "negative"), called(p.serology("71773-6", "positive", 1), "QFT-GOLD PLUS RESULT")], "unknown, review"),
    ("E-23", "sle", "IGRA negative, a newer control in words", [
        p.serology("71773-6", "negative"), called(p.serology("71773-6", "positive", 1), "QFT-GOLD PLUS MITOGEN")], "clear"),
    ("E-23", "sle", "IGRA positive", [p.serology("71773-6", "positive")], "triggered"),
    ("E-23", "sle", "IGRA negative", [p.serology("71773-6", "negative")], "clear"),
    ("E-23", "sle", "IGRA indeterminate", [p.serology("71773-6", "indeterminate")], "unknown, review"),
    ("E-23", "sle", "latent tuberculosis coded", [p.dx("Z22.7")], "triggered"),
    ("E-23", "sle", "tuberculosis resolved, IGRA negative", [p.dx("A15.0", 2000, clinical="resolved"), p.serology("71773-6", "negative")], "unknown, review"),
    ("E-23", "sle", "treated tuberculosis, IGRA positive", [p.dx("Z86.11", 2000), p.serology("71773-6", "positive")], "unknown, review"),
    ("E-23", "sle", "latent tuberculosis resolved, IGRA negative", [p.dx("Z22.7", 2000, clinical="resolved"), p.serology("71773-6", "negative")], "unknown, review"),
    ("E-23", "sle", "IGRA indeterminate, repeated negative", [p.serology("71773-6", "indeterminate", 9), p.serology("71773-6", "negative", 2)], "clear"),
    ("E-23", "sle", "tuberculosis coded, worded “V.a. Tuberkulose”", [worded(p.dx("A15.0", 30, p.GM), "V.a. Tuberkulose")], "unknown, review"),
    ("E-24", "sle", "nothing but the question", [], "unknown"),
    ("E-24", "sle", "the investigator sees a reason", [p.answer("E-24", "Y")], "triggered"),
)  # fmt: skip


def printed() -> list[tuple[str, ...]]:
    return told(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=ids_of(ROWS))
def test_the_criterion_says_what_the_table_says(row: Row) -> None:
    """Each row's chart gives the row's verdict."""
    holds(row)
