"""CC312's criteria on charts built for them: verdict, review and lean, criterion by criterion (spec 2 and 3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.generative.charts import AS_OF, ATC, COVERING, SNOMED, bundle, observation
from tests.support.engine import criterion, evaluate
from tests.trials import parts as p

TITLE = "CC312, criterion by criterion"
COLUMNS = ("criterion", "arm", "chart", "verdict")

SLE, IIM, SSC = p.dx("M32.10"), p.dx("396230008"), p.dx("128460000")
PRED, HCQ, MMF, MTX, AZA, TAC, RTX, BEL, TOFA = "8640", "5521", "68149", "6851", "1256", "42316", "121191", "1092437", "1357536"
WEIGHT_60 = observation(("http://loinc.org", "29463-7"), p.ago(390), valueQuantity=p.quantity(60, "kg"))
CK_HIGH = p.lab("2157-6", 900, "U/L", high=170)

NOT_TAKEN = {"status": "not-taken"}
SAME_TEST = {"identifier": [{"system": "urn:lab", "value": "77"}]}


def named(resource: Any, display: str) -> Any:
    """The resource, its code with a display."""
    (coding,) = resource["code"]["coding"]
    return resource | {"code": {"coding": [coding | {"display": display}]}}


CPT = "http://www.ama-assn.org/go/cpt"
NO_ALLERGY = p.allergy((SNOMED, "716186003"))
AMBULATORY = {"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}
FOR_AF = {"reasonCode": [p.concept((p.CM, "I48.91"))]}


def request(code: str, day: date | None) -> Any:
    """An active order of a procedure, written ten days ago."""
    due = {"occurrenceDateTime": day.isoformat()} if day else {}
    one = {"resourceType": "ServiceRequest", "id": "sr", "status": "active", "intent": "order", "code": p.concept((SNOMED, code))}
    return one | {"authoredOn": p.ago(10).isoformat(), **due}


def german(resource: Any, letter: str) -> Any:
    """A diagnosis with German certainty, recorded three weeks ago."""
    url = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
    (coding,) = resource["code"]["coding"]
    coded = coding | {"extension": [{"url": url, "valueCoding": {"code": letter}}]}
    return resource | {"code": {"coding": [coded]}, "recordedDate": p.ago(21).isoformat()}


def worded(resource: Any, text: str) -> Any:
    """The resource, its code with a text of its own."""
    return resource | {"code": resource["code"] | {"text": text}}


def recorded(resource: Any, days: int) -> Any:
    """The diagnosis, of which only the day of recording is known."""
    return {name: value for name, value in resource.items() if name != "onsetDateTime"} | {"recordedDate": p.ago(days).isoformat()}


def called(resource: Any, text: str) -> Any:
    """The resource, its code in words alone."""
    return resource | {"code": {"text": text}}


BLOOD = [
    p.lab("718-7", 126, "g/L"), p.lab("6690-2", 5.7, "10*3/uL"), p.lab("777-3", 210, "10*3/uL"),
    p.lab("1920-8", 22, "U/L", high=40), p.lab("1742-6", 23, "U/L", high=40)]  # fmt: skip


def vaccinated(days: int, text: str, coding: tuple[str, str] | None = None) -> Any:
    """A vaccination in words, with or without a code."""
    return p.vaccine("03", days) | {"vaccineCode": (p.concept(coding) if coding else {}) | {"text": text}}


def named_drug(text: str, days: int) -> Any:
    """A statement of a drug that only words name."""
    return p.takes(HCQ, days) | {"medicationCodeableConcept": {"text": text}}


ROWS: tuple[tuple[str, str, str, list[Any], str], ...] = (
    ("I-01", "sle", "no consent recorded", [], "unknown"),
    ("I-01", "sle", "on this trial with an active consent", p.subject("on-study", registry="NCT07193810", consent="active"), "met"),
    ("I-01", "sle", "consent rejected", p.subject("candidate", registry="NCT07193810", consent="rejected"), "not-met"),
    ("I-01", "sle", "withdrawn from this trial", p.subject("withdrawn", registry="NCT07193810"), "not-met"),
    ("I-01", "sle", "consent still proposed", p.subject("candidate", registry="NCT07193810", consent="proposed"), "unknown"),
    ("I-01", "sle", "a person recorded yes", [p.answer("I-01", True)], "met"),
    ("SLE-1", "sle", "SLE coded", [SLE], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, classification 10 points", [SLE, p.score("eular-acr-2019-sle", 10, 90)], "met"),
    ("SLE-1", "sle", "SLE coded, classification 9 points", [SLE, p.score("eular-acr-2019-sle", 9, 90)], "unknown, leans not-met"),
    ("SLE-1", "sle", "SLE coded, a person confirmed the criteria", [SLE, p.answer("SLE-1/b", "Y")], "met"),
    ("SLE-1", "sle", "SLE provisional", [p.dx("M32.10", verification="provisional")], "unknown, review"),
    ("SLE-1", "sle", "SLE refuted", [p.dx("M32.10", verification="refuted")], "not-met"),
    ("SLE-1", "sle", "drug-induced lupus only", [p.dx("M32.0")], "not-met"),
    ("SLE-1", "sle", "drug-induced lupus and SLE", [p.dx("M32.0"), SLE], "unknown, review"),
    ("SLE-1", "sle", "discoid lupus only", [p.dx("L93.0")], "not-met"),
    ("SLE-1", "sle", "bare M32 (exact match)", [p.dx("M32")], "unknown, leans met"),
    ("SLE-2", "sle", "ANA positive 3 days ago", [p.serology("8061-4", "positive")], "met"),
    ("SLE-2", "sle", "ANA 1:640", [p.text_result("5048-4", "1:640")], "met"),
    ("SLE-2", "sle", "ANA 1:40 called positive", [p.text_result("5048-4", "1:40")], "unknown, review"),
    ("SLE-2", "sle", "ANA positive on day 28", [p.serology("8061-4", "positive", 28)], "met"),
    ("SLE-2", "sle", "ANA positive on day 29", [p.serology("8061-4", "positive", 29)], "unknown, leans met"),
    ("SLE-2", "sle", "ANA negative only", [p.serology("8061-4", "negative")], "unknown"),
    (
        "SLE-2", "sle", "all three negative",
        [p.serology("8061-4", "negative"), p.serology("31348-6", "negative"), p.serology("11090-8", "negative")], "not-met",
    ),
    ("SLE-2", "sle", "anti-dsDNA positive, a newer one negative", [p.serology("31348-6", "positive", 9), p.serology("31348-6", "negative", 2)], "met"),
    ("SLE-2", "sle", "ANA 阳性", [p.text_result("8061-4", "阳性")], "met"),
    ("SLE-3", "sle", "MMF 2 years, then MTX 6 months", [p.takes(MMF, 900, 200), p.takes(MTX, 190)], "unknown, leans met"),
    ("SLE-3", "sle", "the same, and relapse confirmed", [p.takes(MMF, 900, 200), p.takes(MTX, 190), p.answer("SLE-3/d", "Y")], "met"),
    ("SLE-3", "sle", "MMF only", [p.takes(MMF, 900)], "unknown"),
    ("SLE-3", "sle", "HCQ and prednisone do not count as agents", [p.takes(HCQ, 900), p.takes(PRED, 900)], "unknown"),
    ("SLE-3", "sle", "MMF long, MTX 1 month", [p.takes(MMF, 900, 200), p.takes(MTX, 30)], "unknown, review"),
    ("SLE-3", "sle", "belimumab long and MMF long", [p.takes(BEL, 400), p.takes(MMF, 900)], "unknown, leans met"),
    ("SLE-4", "sle", "SLEDAI 7 and one BILAG A", [p.score("sledai-2k", 7), p.bilag("AEEEEEEEE")], "met"),
    ("SLE-4", "sle", "SLEDAI 7 and two BILAG B", [p.score("sledai-2k", 7), p.bilag("BBEEEEEEE")], "met"),
    ("SLE-4", "sle", "SLEDAI 7 and one BILAG B", [p.score("sledai-2k", 7), p.bilag("BEEEEEEEE")], "not-met"),
    ("SLE-4", "sle", "SLEDAI 6", [p.score("sledai-2k", 6)], "not-met"),
    ("SLE-4", "sle", "SLEDAI 8, no BILAG", [p.score("sledai-2k", 8)], "unknown"),
    ("SLE-4", "sle", "SLEDAI and BILAG 9 days apart", [p.score("sledai-2k", 9, 12), p.bilag("AEEEEEEEE", 3)], "unknown, review"),
    ("IIM-1", "iim", "dermatomyositis coded", [IIM], "unknown, leans met"),
    ("IIM-1", "iim", "5.5 points without biopsy", [IIM, p.score("eular-acr-2017-iim", 5.5, component=[p.component("biopsy-used", valueBoolean=False)])], "met"),
    ("IIM-1", "iim", "5.5 points with biopsy", [IIM, p.score("eular-acr-2017-iim", 5.5, component=[p.component("biopsy-used", valueBoolean=True)])], "unknown, leans not-met"),
    ("IIM-1", "iim", "6.0 points, biopsy not said", [IIM, p.score("eular-acr-2017-iim", 6.0)], "unknown"),
    ("IIM-1", "iim", "6.7 points, biopsy not said", [IIM, p.score("eular-acr-2017-iim", 6.7)], "met"),
    ("IIM-1", "iim", "5.4 points: the review band", [IIM, p.score("eular-acr-2017-iim", 5.4, component=[p.component("biopsy-used", valueBoolean=False)])], "unknown, review"),
    ("IIM-1", "iim", "inclusion body myositis only", [p.dx("G72.41")], "not-met"),
    ("IIM-2", "iim", "Jo-1 positive years ago", [p.serology("8076-2", "positive", 1500)], "met"),
    ("IIM-2", "iim", "Jo-1 negative only", [p.serology("8076-2", "negative")], "unknown"),
    (
        "IIM-4", "iim", "three of six",
        [p.score("phys-global-vas", 3, unit="cm"), p.score("pt-global-vas", 25, unit="mm"), p.score("haq-di", 1)], "met",
    ),
    ("IIM-4", "iim", "two of six, four unknown", [p.score("phys-global-vas", 3, unit="cm"), p.score("haq-di", 1)], "unknown"),
    (
        "IIM-4", "iim", "enzymes: CK 5x and AST 1.2x count as one of six",
        [CK_HIGH, p.lab("1920-8", 48, "U/L", high=40), p.score("haq-di", 1), p.score("phys-global-vas", 2, unit="cm")], "met",
    ),
    ("SSC-1", "ssc", "diffuse SSc coded", [SSC], "unknown, leans met"),
    ("SSC-1", "ssc", "SSc coded, subset not shown", [p.dx("M34.9")], "unknown, review"),
    ("SSC-1", "ssc", "limited SSc (M34.1)", [p.dx("M34.1")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "morphea only", [p.dx("L94.0")], "not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, worded as limited", [
        worded(p.dx("89155008"), "Limited cutaneous systemic sclerosis")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, worded as CREST", [worded(p.dx("M34.9"), "CREST syndrome")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, worded as sine scleroderma", [
        worded(p.dx("M34.89"), "Systemic sclerosis sine scleroderma")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, and CREST in words only", [
        p.dx("M34.9"), p.dx("M34.9") | {"code": {"text": "CREST syndrome"}}], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, and a code not known here worded “Limited SSc”", [
        p.dx("M34.9"), worded(p.dx("299276009"), "Limited SSc")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, worded as diffuse", [worded(p.dx("M34.9"), "Diffuse SSc")], "unknown, review"),
    ("SSC-1", "ssc", "SSc coded without a subset, “no limited scleroderma”", [
        worded(p.dx("M34.9"), "Systemic sclerosis, no limited scleroderma")], "unknown, review"),
    ("SSC-1", "ssc", "diffuse SSc coded, worded as limited", [
        worded(SSC, "Limited cutaneous systemic sclerosis")], "unknown, review"),
    ("SSC-1", "ssc", "diffuse SSc coded, worded as diffuse, earlier limited", [
        worded(SSC, "Diffuse cutaneous systemic sclerosis, earlier limited systemic sclerosis")], "unknown, leans met"),
    ("SSC-2", "ssc", "Scl-70 positive years ago", [p.serology("27416-7", "positive", 2000)], "met"),
    ("SSC-3", "ssc", "onset 2 years ago", [p.dx("128460000", 730)], "met"),
    ("SSC-3", "ssc", "onset 7 years ago", [p.dx("128460000", 2560)], "not-met"),
    ("SSC-3", "ssc", "onset 7 years ago, recorded 2 years ago", [p.dx("128460000", 2560) | {"recordedDate": p.ago(700).isoformat()}], "unknown, review"),
    ("SSC-4", "ssc", "prednisone and MMF for a year", [p.takes(PRED, 400), p.takes(MMF, 400)], "unknown, leans met"),
    ("SSC-4", "ssc", "no glucocorticoid recorded", [p.takes(MMF, 400)], "unknown, review"),
    ("SSC-5", "ssc", "mRSS 22, was 18", [p.score("mrss", 22), p.score("mrss", 18, 120)], "unknown, leans met"),
    ("SSC-5", "ssc", "mRSS 22, was 26", [p.score("mrss", 22), p.score("mrss", 26, 120)], "unknown, leans not-met"),
    ("SSC-5", "ssc", "mRSS 22 alone", [p.score("mrss", 22)], "unknown"),
    ("SSC-5", "ssc", "mRSS 31", [p.score("mrss", 31), p.score("mrss", 18, 120)], "not-met"),
    ("SSC-5", "ssc", "mRSS 30", [p.score("mrss", 30), p.score("mrss", 18, 120)], "unknown, leans met"),
    ("E-01", "sle", "24 h protein 6.1 g on day 56", [p.lab("2889-4", 6.1, "g/(24.h)", 56)], "triggered"),
    ("E-01", "sle", "24 h protein 6.1 g on day 57", [p.lab("2889-4", 6.1, "g/(24.h)", 57)], "unknown"),
    ("E-01", "sle", "24 h protein exactly 6 g, creatinine normal", [p.lab("2889-4", 6, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL")], "unknown"),
    ("E-01", "sle", "creatinine 2.6 mg/dL", [p.lab("2160-0", 2.6, "mg/dL")], "triggered"),
    ("E-01", "sle", "creatinine 221.02 umol/L", [p.lab("14682-9", 221.02, "umol/L")], "triggered"),
    ("E-01", "iim", "creatinine 2.6 mg/dL in myositis", [p.lab("2160-0", 2.6, "mg/dL")], "unknown, review"),
    ("E-01", "sle", "only a protein/creatinine ratio of 7 g/g", [p.lab("2890-2", 7000, "mg/g")], "unknown, leans triggered"),
    ("E-02", "sle", "nothing in a covered chart", [], "clear, presumed"),
    ("E-02", "sle", "seizure disorder since 2 years, active", [p.dx("G40.909", 800)], "unknown, leans triggered"),
    ("E-02", "sle", "stroke 20 days ago", [p.dx("I63.9", 20)], "triggered"),
    ("E-02", "sle", "stroke 3 years ago, resolved", [p.dx("I63.9", 1100, clinical="resolved")], "clear, presumed"),
    ("E-02", "sle", "TIA 20 days ago", [p.dx("G45.9", 20)], "unknown, review"),
    ("E-03", "iim", "inclusion body myositis beside dermatomyositis", [IIM, p.dx("G72.41")], "triggered"),
    ("E-03", "sle", "inclusion body myositis in the SLE arm", [p.dx("G72.41")], "unknown, review"),
    ("E-03", "iim", "diabetic amyotrophy", [IIM, p.dx("E11.44")], "unknown, review"),
    ("E-03", "iim", "dermatomyositis since age 12", [p.dx("396230008", 365 * 29)], "triggered"),
    ("E-03", "iim", "juvenile code first recorded at 40", [IIM, p.dx("M33.00", 200)], "unknown, leans triggered"),
    ("E-05", "sle", "kidney transplant status", [p.dx("Z94.0", 3000)], "triggered"),
    ("E-05", "sle", "skin graft failure is no major organ", [p.dx("T86.821", 3000)], "clear, presumed"),
    ("E-05", "sle", "cornea transplant status", [p.dx("Z94.7", 3000)], "clear, presumed"),
    ("E-05", "sle", "pancreas transplant, German coding", [p.dx("T86.82", 3000, system=p.GM)], "triggered"),
    ("E-07", "sle", "IgA 9 mg/dL", [p.lab("2458-8", 9, "mg/dL")], "triggered"),
    ("E-07", "sle", "IgA 10 mg/dL", [p.lab("2458-8", 10, "mg/dL")], "clear"),
    ("E-07", "sle", "IgA 0.09 g/L", [p.lab("2458-8", 0.09, "g/L")], "triggered"),
    ("E-07", "sle", "IgA deficiency coded, no value", [p.dx("D80.2")], "unknown, review"),
    ("E-07", "sle", "IgA never measured", [], "unknown"),
    ("E-08", "sle", "WBC 5.7, a newer one of 1.9 in words", [*BLOOD, called(p.lab("6690-2", 1.9, "10*9/L", 1), "Total white cell count")], "unknown, review"),
    ("E-08", "sle", "WBC 5.7, free haemoglobin of the plasma in words", [*BLOOD, called(p.lab("718-7", 0.02, "g/dL", 1), "Hemoglobin, plasma free")], "clear"),
    ("E-21", "sle", "hCG negative, a newer test positive in words", [
        p.serology("2118-8", "negative"), called(p.serology("2118-8", "positive", 1), "POCT PREGNANCY, URINE")], "unknown, review"),
    ("E-23", "sle", "IGRA negative, a newer one positive in words", [
        p.serology("71773-6", "negative"), called(p.serology("71773-6", "positive", 1), "QFT-GOLD PLUS RESULT")], "unknown, review"),
    ("E-23", "sle", "IGRA negative, a newer control in words", [
        p.serology("71773-6", "negative"), called(p.serology("71773-6", "positive", 1), "QFT-GOLD PLUS MITOGEN")], "clear"),
    ("E-01", "sle", "24 h protein 0.1 g, a newer one of 7 g in words", [
        p.lab("2889-4", 0.1, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL"), called(p.lab("2889-4", 7000, "mg/24hr", 1), "PROTEIN, URINE, 24 HOUR")], "unknown, review"),
    ("E-08", "sle", "Hb 84 g/L, corrected to 120 g/L", [
        p.lab("718-7", 84, "g/L") | SAME_TEST, p.lab("718-7", 120, "g/L") | SAME_TEST | {"status": "corrected"}], "unknown"),
    ("E-08", "sle", "Hb 84 g/L, and 120 g/L of another test corrected", [
        p.lab("718-7", 84, "g/L") | SAME_TEST, p.lab("718-7", 120, "g/L") | {"status": "corrected"}], "triggered"),
    ("E-08", "sle", "Hb 84 g/L", [p.lab("718-7", 84, "g/L")], "triggered"),
    ("E-08", "sle", "Hb 8.5 g/dL with the rest normal", [
        p.lab("718-7", 8.5, "g/dL"), p.lab("6690-2", 4, "10*3/uL"), p.lab("777-3", 200, "10*3/uL"),
        p.lab("1920-8", 20, "U/L", high=40), p.lab("1742-6", 20, "U/L", high=40)], "clear"),
    ("E-08", "sle", "WBC 2.5 and nothing else", [p.lab("6690-2", 2.5, "10*3/uL")], "unknown"),
    ("E-08", "sle", "platelets 49,000/uL", [p.lab("777-3", 49000, "/uL")], "triggered"),
    ("E-08", "sle", "AST 81 of 40", [p.lab("1920-8", 81, "U/L", high=40)], "triggered"),
    ("E-08", "sle", "AST 81 without a range", [p.lab("1920-8", 81, "U/L")], "unknown"),
    ("E-08", "iim", "AST 81 of 40 with CK raised, rest normal", [
        p.lab("1920-8", 81, "U/L", high=40), p.lab("1742-6", 20, "U/L", high=40), CK_HIGH,
        p.lab("718-7", 13, "g/dL"), p.lab("6690-2", 4, "10*3/uL"), p.lab("777-3", 200, "10*3/uL")], "clear"),
    ("E-08", "iim", "AST 81 of 40, CK unknown", [p.lab("1920-8", 81, "U/L", high=40)], "unknown"),
    ("E-10", "sle", "CAR-T product 100 days ago", [p.given("L01XL03", 100, ATC)], "triggered"),
    ("E-10", "sle", "history of CAR-T, undated", [p.dx("Z92.850", None)], "unknown, review"),
    ("E-11", "sle", "rituximab 14 days ago, no count", [p.given(RTX, 14)], "unknown, leans triggered"),
    ("E-11", "sle", "rituximab 14 days ago, CD19 back", [p.given(RTX, 14), p.lab("8116-6", 150, "/uL", 2) | {
        "referenceRange": [{"low": {"value": 90, "unit": "/uL", "code": "/uL", "system": "http://unitsofmeasure.org"}}]}], "clear"),
    ("E-11", "sle", "rituximab 14 days ago, CD19 low", [p.given(RTX, 14), p.lab("8116-6", 5, "/uL", 2) | {
        "referenceRange": [{"low": {"value": 90, "unit": "/uL", "code": "/uL", "system": "http://unitsofmeasure.org"}}]}], "triggered"),
    ("E-13", "sle", "MMR 28 days ago", [p.vaccine("03", 28)], "triggered"),
    ("E-13", "sle", "MMR 29 days ago", [p.vaccine("03", 29)], "clear, presumed"),
    ("E-13", "sle", "Shingrix 10 days ago", [p.vaccine("187", 10)], "clear, presumed"),
    ("E-13", "sle", "influenza, kind not said", [p.vaccine("88", 10)], "unknown, review"),
    ("E-13", "sle", "yellow fever vaccine under ATC 10 days ago", [vaccinated(10, "Stamaril", (p.ATC, "J07BL01"))], "triggered"),
    ("E-13", "sle", "yellow fever vaccine under ATC 29 days ago", [vaccinated(29, "Stamaril", (p.ATC, "J07BL01"))], "clear, presumed"),
    ("E-13", "sle", "influenza vaccine of purified antigen under ATC", [vaccinated(10, "Influenza vaccine", (p.ATC, "J07BB02"))], "clear, presumed"),
    ("E-13", "sle", "a live vaccine in words, its code not known", [vaccinated(10, "MMRVAXPRO vaccine", (SNOMED, "13968211000001108"))], "unknown, review"),
    ("E-13", "sle", "Encepur in words, its code not known", [vaccinated(10, "Encepur", (SNOMED, "13968211000001108"))], "clear, presumed"),
    ("E-13", "sle", "a vaccine of which nothing is known", [p.vaccine("999", 10)], "unknown"),
    ("E-13", "sle", "a vaccine of which nothing is known, years ago", [p.vaccine("999", 900)], "clear, presumed"),
    ("E-13", "sle", "a vaccine of which nothing is known, not given", [p.vaccine("999", 10, status="not-done")], "clear, presumed"),
    ("E-13", "sle", "influenza vaccine in words", [vaccinated(10, "Influenza vaccine")], "unknown, review"),
    ("E-13", "sle", "inactivated influenza vaccine in words", [vaccinated(10, "Quadrivalent influenza vaccine (split virion, inactivated)")], "clear, presumed"),
    ("E-13", "sle", "live attenuated influenza vaccine in words", [vaccinated(10, "Influenza vaccine (live attenuated, nasal)")], "unknown, review"),
    ("E-13", "sle", "varicella vaccination in German words", [vaccinated(10, "Varizellen-Impfung")], "unknown, review"),
    ("E-13", "sle", "BCG into the bladder", [named_drug("BCG live intravesical (TICE BCG)", 10)], "unknown, review"),
    ("E-13", "sle", "BCG into the bladder under ATC", [p.given("L03AX03", 10, p.ATC)], "unknown, review"),
    ("E-13", "sle", "BCG into the bladder 40 days ago", [p.given("L03AX03", 40, p.ATC)], "clear, presumed"),
    ("E-13", "sle", "MMR not done", [p.vaccine("03", 10, status="not-done")], "clear, presumed"),
    ("E-15", "sle", "no allergy list", [], "unknown"),
    ("E-15", "sle", "no known allergy", [p.allergy((SNOMED, "716186003"))], "clear"),
    ("E-15", "sle", "no known allergy in words", [called(p.allergy(("urn:x", "y")), "NKDA")], "unknown, review"),
    ("E-15", "sle", "no known allergy in words, and an allergy to penicillin", [
        called(p.allergy(("urn:x", "y")), "NKDA"), p.allergy((p.RXNORM, "7980"))], "clear, presumed"),
    ("E-15", "sle", "anaphylaxis to rituximab", [p.allergy((p.RXNORM, RTX), manifestation=(SNOMED, "39579001"))], "unknown, leans triggered"),
    ("E-15", "sle", "mild reaction to rituximab", [p.allergy((p.RXNORM, RTX), "mild")], "clear, presumed"),
    ("E-16", "sle", "opioid dependence, active", [p.dx("F11.20")], "unknown, leans triggered"),
    ("E-16", "sle", "nicotine dependence", [p.dx("F17.210")], "clear, presumed"),
    ("E-16", "sle", "alcoholic cirrhosis", [p.dx("K70.30")], "unknown, review"),
    ("E-16", "sle", "alcoholic cirrhosis in words", [named(p.dx("4950009", 300), "Alcoholic cirrhosis of liver")], "unknown, review"),
    ("E-16", "sle", "other cirrhosis", [p.dx("K74.60")], "clear, presumed"),
    ("E-16", "sle", "non-alcoholic fatty liver in words", [named(p.dx("4950009", 300), "Non-alcoholic fatty liver disease")], "clear, presumed"),
    ("E-16", "sle", "counselling of an alcoholic", [p.dx("Z71.41")], "unknown, review"),
    ("E-16", "sle", "counselling for the family of an alcoholic", [p.dx("Z71.42")], "clear, presumed"),
    ("E-18", "sle", "myocardial infarction 60 days ago", [p.dx("I21.9", 60)], "triggered"),
    ("E-18", "sle", "myocardial infarction 3 years ago, resolved", [p.dx("I21.9", 1100, clinical="resolved")], "clear, presumed"),
    ("E-18", "sle", "heart failure, class unknown", [p.dx("I50.9")], "unknown, review"),
    ("E-18", "sle", "pericarditis of lupus", [p.dx("M32.12", 60)], "unknown, review"),
    ("E-18", "sle", "pericarditis of lupus a year ago, over", [p.dx("M32.12", 400, clinical="resolved")], "clear, presumed"),
    ("E-18", "sle", "endocarditis of lupus", [p.dx("M32.11", 60)], "unknown, review"),
    ("E-18", "sle", "lupus of the lung", [p.dx("M32.13", 60)], "clear, presumed"),
    ("E-18", "sle", "implanted defibrillator", [p.dx("Z95.810", 900)], "unknown, review"),
    ("E-18", "sle", "heart assist device", [p.dx("Z95.811", 60)], "unknown, review"),
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
    ("E-21", "sle", "hCG negative", [p.serology("2118-8", "negative")], "clear"),
    ("E-21", "sle", "hCG positive", [p.serology("2118-8", "positive")], "triggered"),
    ("E-21", "sle", "no test in the window", [p.serology("2118-8", "negative", 40)], "unknown"),
    ("E-21", "sle", "hysterectomy", [p.procedure("236886002", 3000)], "not applicable"),
    ("E-22", "sle", "all four negative", [
        p.serology("56888-1", "negative"), p.serology("5196-1", "negative"), p.serology("16128-1", "negative"), p.serology("24110-9", "negative")], "clear"),
    ("E-22", "sle", "HCV antibody positive", [p.serology("16128-1", "positive")], "triggered"),
    ("E-22", "sle", "HIV infection coded", [p.dx("B20")], "triggered"),
    ("E-22", "sle", "RPR positive, no treponemal test", [p.serology("20507-0", "positive")], "unknown, review"),
    ("E-22", "sle", "HCV antibody positive a year ago", [p.serology("16128-1", "positive", 365)], "unknown, leans triggered"),
    ("E-23", "sle", "IGRA positive", [p.serology("71773-6", "positive")], "triggered"),
    ("E-23", "sle", "IGRA negative", [p.serology("71773-6", "negative")], "clear"),
    ("E-23", "sle", "IGRA indeterminate", [p.serology("71773-6", "indeterminate")], "unknown, review"),
    ("E-23", "sle", "latent tuberculosis coded", [p.dx("Z22.7")], "triggered"),
    ("I-01", "sle", "two answers of one day differ", [p.answer("I-01", True), p.answer("I-01", False)], "unknown, review"),
    ("I-01", "sle", "an answer of last year no longer counts", [p.answer("I-01", True, 400)], "unknown"),
    ("I-01", "sle", "a person does not know", [p.answer("I-01", "UNK")], "unknown"),
    ("SLE-2", "sle", "ANA positive, a person says no", [p.serology("8061-4", "positive"), p.answer("SLE-2", "N")], "unknown, review"),
    ("SLE-2", "sle", "ANA positive, a person agrees", [p.serology("8061-4", "positive"), p.answer("SLE-2", "Y")], "met"),
    ("SLE-2", "sle", "anti-dsDNA indeterminate", [p.serology("31348-6", "indeterminate")], "unknown, review"),
    ("SLE-2", "sle", "ANA positive, undated", [p.serology("8061-4", "positive") | {"effectiveDateTime": None}], "unknown, review"),
    ("SLE-2", "sle", "ANA positive, corrected to negative", [
        p.serology("8061-4", "positive") | SAME_TEST, p.serology("8061-4", "negative") | SAME_TEST | {"status": "corrected"}], "unknown"),
    ("SLE-2", "sle", "ANA negative, corrected to positive", [
        p.serology("8061-4", "negative") | SAME_TEST, p.serology("8061-4", "positive") | SAME_TEST | {"status": "corrected"}], "met"),
    ("SLE-2", "sle", "ANA preliminary positive", [p.serology("8061-4", "positive") | {"status": "preliminary"}], "unknown, review"),
    ("SLE-2", "sle", "ANA negative and one without a value", [p.serology("8061-4", "negative"), p.text_result("8061-4", "see comment")], "unknown"),
    ("SLE-3", "sle", "MMF and tacrolimus only ever together", [p.takes(MMF, 400), p.takes(TAC, 400)], "unknown, review"),
    ("SLE-4", "sle", "BILAG with ungraded domains", [p.score("sledai-2k", 9), p.bilag("E")], "unknown"),
    ("IIM-4", "iim", "MMT-8 140 of 150 with 25 % loss, and two globals", [
        p.score("mmt8", 140, component=[p.component("mmt8-maximum", valueQuantity={"value": 150}), p.component("mmt8-strength-loss", valueQuantity={"value": 25, "unit": "%", "code": "%"})]),
        p.score("phys-global-vas", 2, unit="cm"), p.score("pt-global-vas", 2, unit="cm")], "met"),
    ("IIM-4", "iim", "MMT-8 of the 80 scale does not count", [
        p.score("mmt8", 70, component=[p.component("mmt8-maximum", valueQuantity={"value": 80})]),
        p.score("phys-global-vas", 2, unit="cm"), p.score("pt-global-vas", 2, unit="cm")], "unknown"),
    ("SSC-3", "ssc", "year of onset only, straddling", [p.dx("128460000") | {"onsetDateTime": "2021", "recordedDate": None}], "unknown"),
    ("SSC-3", "ssc", "undated", [p.dx("128460000", None)], "unknown"),
    ("SSC-3", "ssc", "only recorded, long after the chart began", [p.dx("128460000", None) | {"recordedDate": p.ago(300).isoformat()}], "met"),
    ("SSC-3", "ssc", "only recorded, when the chart began", [p.dx("128460000", None) | {"recordedDate": "2019-02-01"}], "not-met"),
    ("SSC-3", "ssc", "provisional", [p.dx("128460000", 700, verification="provisional")], "unknown, review"),
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
    ("E-18", "sle", "infarction over, recorded 3 weeks ago, day of onset not known", [
        p.dx("I21.9", None, clinical="inactive") | {"recordedDate": p.ago(21).isoformat()}], "unknown, review"),
    ("E-20", "sle", "breast cancer in remission, recorded this year, day of onset not known", [
        p.dx("C50.911", None, clinical="remission") | {"recordedDate": p.ago(60).isoformat()}], "unknown, review"),
    ("E-20", "sle", "breast cancer over, recorded 6 years ago", [
        p.dx("C50.911", None, clinical="resolved") | {"recordedDate": p.ago(2200).isoformat()}], "clear, presumed"),
    ("E-03", "iim", "dermatomyositis of unknown onset", [p.dx("396230008", None)], "unknown"),
    ("E-03", "iim", "dermatomyositis around the 18th birthday", [p.dx("396230008") | {"onsetDateTime": "2003"}], "unknown, leans triggered"),
    ("E-05", "sle", "transplant refuted later", [p.dx("Z94.0", 3000), p.dx("Z94.0", 100, verification="refuted")], "clear, presumed"),
    ("E-05", "sle", "transplant refuted on the same day", [p.dx("Z94.0", 100), p.dx("Z94.0", 100, verification="refuted")], "unknown, review"),
    ("E-06", "sle", "rheumatoid arthritis, active", [p.dx("M06.9")], "unknown, review"),
    ("E-06", "sle", "rheumatoid arthritis, resolved: others are not all listed", [p.dx("M06.9", clinical="resolved")], "unknown"),
    ("E-06", "sle", "systemic sclerosis beside SLE", [SLE, SSC], "unknown, review"),
    ("E-06", "ssc", "its own disease does not count", [SSC], "unknown"),
    ("E-08", "sle", "two haemoglobins of one day: the worst", [p.lab("718-7", 84, "g/L"), p.lab("718-7", 90, "g/L")], "triggered"),
    ("E-08", "sle", "haemoglobin 12 g/L is no haemoglobin", [p.lab("718-7", 12, "g/L")], "unknown, review"),
    ("E-09", "sle", "on another trial", p.subject("on-study"), "triggered"),
    ("E-09", "sle", "on a study that is not in the chart", p.subject("on-study")[1:], "unknown, review"),
    ("E-09", "sle", "on a study known only as a biobank", [p.subject("on-study")[1] | {"study": {"display": "Lupus biobank"}}], "unknown, leans clear"),
    ("E-09", "sle", "on a registry and on a study that is not in the chart", [
        p.subject("on-study")[1] | {"study": {"display": "Lupus registry"}}, p.subject("on-study")[1]], "unknown, review"),
    ("E-09", "sle", "on a registry until years ago", [
        p.subject("off-study", 1200)[1] | {"study": {"display": "Lupus registry"}}], "clear, presumed"),
    ("E-09", "sle", "another trial ended 29 days ago", p.subject("off-study", 29), "unknown, review"),
    ("E-09", "sle", "another trial ended 13 months ago", p.subject("off-study", 400), "clear, presumed"),
    ("E-09", "sle", "candidate only", p.subject("candidate"), "clear, presumed"),
    ("E-09", "sle", "screened elsewhere", p.subject("screening"), "unknown, review"),
    ("E-09", "sle", "this trial is not another", p.subject("on-study", registry="NCT07193810"), "clear, presumed"),
    ("E-12", "sle", "anifrolumab 60 days ago", [p.given("L04AG11", 60, ATC)], "triggered"),
    ("E-12", "iim", "anifrolumab in myositis", [p.given("L04AG11", 60, ATC)], "not applicable"),
    ("E-18", "sle", "NYHA III", [observation(("http://loinc.org", "88020-3"), p.ago(10), valueCodeableConcept=p.concept(("http://loinc.org", "LA28406-9")))], "triggered"),
    ("E-21", "sle", "delivery expected in 3 months", [observation(("http://loinc.org", "11778-8"), p.ago(10), valueDateTime=p.ago(-90).isoformat())], "triggered"),
    ("E-21", "sle", "delivery date passed a week ago", [observation(("http://loinc.org", "11778-8"), p.ago(200), valueDateTime=p.ago(7).isoformat())], "unknown, review"),
    ("E-21", "sle", "positive, then negative", [p.serology("2118-8", "positive", 9), p.serology("2118-8", "negative", 2)], "unknown, review"),
    ("E-22", "sle", "HIV screen reactive, confirmation negative", [p.serology("56888-1", "positive"), p.serology("5221-7", "negative")], "unknown, review"),
    ("E-20", "sle", "lung cancer, and breast cancer refuted later", [p.dx("C34.90", 365), p.dx("C50.911", 100, verification="refuted")], "triggered"),
    ("E-05", "sle", "heart transplant, and kidney transplant refuted later", [p.dx("Z94.1", 3000), p.dx("Z94.0", 100, verification="refuted")], "triggered"),
    ("E-01", "sle", "dependence on dialysis, active", [p.dx("Z99.2")], "unknown, leans triggered"),
    ("E-22", "sle", "four negative, HCV RNA detected", [
        p.serology("56888-1", "negative"), p.serology("5196-1", "negative"), p.serology("16128-1", "negative"), p.serology("24110-9", "negative"),
        p.serology("11259-9", "positive")], "unknown, review"),
    ("E-22", "sle", "HIV immunoblot positive", [p.serology("5221-7", "positive")], "unknown, leans triggered"),
    ("E-23", "sle", "tuberculosis resolved, IGRA negative", [p.dx("A15.0", 2000, clinical="resolved"), p.serology("71773-6", "negative")], "unknown, review"),
    ("E-20", "sle", "lung cancer in ICD-10, breast cancer refuted in SNOMED CT", [p.dx("C34.90", 365), p.dx("254837009", 100, verification="refuted")], "unknown, leans triggered"),
    ("E-20", "sle", "old breast cancer, new lung cancer", [p.dx("C50.911", 4000), p.dx("C34.90", 365)], "triggered"),
    ("E-20", "sle", "old breast cancer, coded again", [p.dx("C50.911", 4000, clinical="resolved"), p.dx("C50.911", 365)], "unknown, review"),
    ("E-20", "sle", "old cancer, recurrence now", [p.dx("C50.911", 4000, clinical="recurrence")], "unknown, leans triggered"),
    ("E-18", "sle", "NYHA III 100 days ago, II now", [
        observation(("http://loinc.org", "88020-3"), p.ago(100), valueCodeableConcept=p.concept(("http://loinc.org", "LA28406-9"))),
        observation(("http://loinc.org", "88020-3"), p.ago(5), valueCodeableConcept=p.concept(("http://loinc.org", "LA28405-1")))], "triggered"),
    ("E-18", "sle", "heart failure that ended inside the window", [p.dx("I50.9", 300, clinical="resolved") | {"abatementDateTime": p.ago(60).isoformat()}], "unknown, review"),
    ("E-02", "sle", "psychosis resolved on a day not stated, begun 60 days ago", [p.dx("F29", 60, clinical="resolved")], "unknown, review"),
    ("E-02", "sle", "psychosis years ago, resolved", [p.dx("F29", 2000, clinical="resolved")], "clear, presumed"),
    ("E-02", "sle", "a seizure 3 weeks ago", [p.dx("R56.9", 21)], "triggered"),
    ("E-16", "sle", "a person says yes", [p.answer("E-16/a", "Y")], "triggered"),
    ("E-16", "sle", "a person says no", [p.answer("E-16/a", "N")], "clear, presumed"),
    ("E-03", "sle", "a person says yes", [p.answer("E-03/d", "Y")], "triggered"),
    ("E-01", "iim", "a prohibited medication is needed", [p.answer("E-01/c", "Y")], "triggered"),
    ("E-17", "sle", "biopsy a week ago, wound open", [p.procedure("7246002", 7), p.answer("E-17/c", "Y")], "triggered"),
    ("E-13", "sle", "a planned live vaccine confirmed", [p.answer("E-13/b", "Y")], "triggered"),
    ("E-12", "sle", "other therapy answered of two people differently", [p.answer("E-12/a", "Y"), p.answer("E-12/a", "N")], "unknown, review"),
    ("E-15", "sle", "allergy to omalizumab in words, severe", [p.allergy(("urn:x", "y"), "severe") | {"code": {"text": "Omalizumab"}}], "unknown, review"),
    ("E-15", "sle", "only no known food allergy", [p.allergy((SNOMED, "429625007"))], "unknown"),
    ("E-11", "sle", "rituximab 20 days ago, CD19 back", [p.given(RTX, 20), p.lab("8116-6", 250, "/uL", 3) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]}], "clear"),
    ("E-11", "sle", "rituximab 10 days ago, a person says no of the whole", [p.given(RTX, 10), p.answer("E-11", "N")], "unknown, review"),
    ("E-11", "sle", "rituximab 10 days ago, a person says the B cells are back", [p.given(RTX, 10), p.answer("E-11/b", "Y")], "clear"),
    ("E-11", "sle", "the same, a second count of the day low", [
        p.given(RTX, 20), p.lab("8116-6", 250, "/uL", 3) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]},
        p.lab("8116-6", 2, "/uL", 3) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]}], "unknown, review"),
    ("E-11", "sle", "the same, a newer count preliminary", [
        p.given(RTX, 20), p.lab("8116-6", 250, "/uL", 5) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]},
        p.lab("8116-6", 2, "/uL", 3) | {"referenceRange": [{"low": p.quantity(100, "/uL")}], "status": "preliminary"}], "unknown, review"),
    ("SLE-4", "sle", "two BILAG panels of one day that differ", [p.score("sledai-2k", 9), p.bilag("BEEEEEEEE"), p.bilag("EBEEEEEEE")], "unknown, review"),
    ("SLE-4", "sle", "BILAG preliminary", [p.score("sledai-2k", 9), p.bilag("AEEEEEEEE") | {"status": "preliminary"}], "unknown, review"),
    ("SLE-4", "sle", "no score, laboratory results of 8 points", [
        p.lab("2889-4", 0.9, "g/(24.h)"), p.serology("31348-6", "positive"), p.lab("777-3", 80, "10*3/uL"), p.lab("6690-2", 2.8, "10*3/uL"),
        p.bilag("AEEEEEEEE")], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, ANA only ever negative", [SLE, p.serology("8061-4", "negative", 300)], "unknown, review"),
    ("SLE-3", "sle", "nothing recorded", [], "unknown"),
    ("IIM-1", "iim", "systemic sclerosis with myopathy", [p.dx("M34.82")], "unknown, review"),
    ("IIM-4", "iim", "MMT-8 of 78 without its maximum does not count", [
        p.score("mmt8", 78, component=[p.component("mmt8-strength-loss", valueQuantity=p.quantity(30, "%"))]),
        p.score("phys-global-vas", 3, unit="cm"), p.score("haq-di", 1)], "unknown"),
    ("SSC-3", "ssc", "fitting diagnosis, an unconfirmed one 8 years ago", [SSC, p.dx("128460000", 2900, verification="provisional")], "unknown, review"),
    ("SSC-3", "ssc", "onset 2 years ago, recorded 8 years ago", [p.dx("128460000", 700) | {"recordedDate": p.ago(2900).isoformat()}], "unknown, review"),
    ("E-21", "sle", "pregnancy on the list, newer test negative", [p.dx("Z33.1", 60), p.serology("2118-8", "negative", 2)], "unknown, review"),
    ("E-21", "sle", "pregnancy on the list, delivered since", [p.dx("Z33.1", 200), p.dx("O80", 20)], "unknown, review"),
    ("E-22", "sle", "HBsAg positive after immunoglobulins", [p.serology("5196-1", "positive"), p.takes("5666", 90, 60)], "unknown, review"),
    ("E-23", "sle", "treated tuberculosis, IGRA positive", [p.dx("Z86.11", 2000), p.serology("71773-6", "positive")], "unknown, review"),
    ("E-23", "sle", "latent tuberculosis resolved, IGRA negative", [p.dx("Z22.7", 2000, clinical="resolved"), p.serology("71773-6", "negative")], "unknown, review"),
    ("E-23", "sle", "IGRA indeterminate, repeated negative", [p.serology("71773-6", "indeterminate", 9), p.serology("71773-6", "negative", 2)], "clear"),
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
    ("E-02", "sle", "multiple sclerosis for years", [p.dx("G35", 2000)], "unknown, review"),
    ("E-02", "sle", "chorea a month ago", [p.dx("G25.5", 30)], "unknown, review"),
    ("E-02", "sle", "dementia for years", [p.dx("F03.90", 1200)], "unknown, review"),
    ("E-02", "sle", "Parkinson's disease in SNOMED CT", [p.dx("49049000", 1200)], "unknown, review"),
    ("E-02", "sle", "neuromyelitis optica for years", [p.dx("G36.0", 1200)], "unknown, review"),
    ("E-02", "sle", "mania with psychotic symptoms, recorded long ago and active", [p.dx("F31.2", 900)], "unknown, review"),
    ("E-02", "sle", "mania with psychotic symptoms, resolved long ago", [p.dx("F31.2", 900, clinical="resolved")], "clear, presumed"),
    ("E-02", "sle", "essential tremor", [p.dx("G25.0", 900)], "clear, presumed"),
    ("E-02", "sle", "depression", [p.dx("F32.1", 30)], "clear, presumed"),
    ("E-12", "sle", "anifrolumab 5 months ago, half-life not known", [p.given("L04AG11", 150, ATC)], "unknown, review"),
    ("E-12", "sle", "anifrolumab 13 months ago", [p.given("L04AG11", 400, ATC), p.takes(HCQ, 300)], "clear, presumed"),
    ("E-12", "sle", "daratumumab 4 months ago: within five half-lives", [p.given("L01FC01", 120, ATC)], "unknown, review"),
    ("E-12", "sle", "daratumumab 5 months ago: beyond them", [p.given("L01FC01", 150, ATC), p.takes(HCQ, 300)], "clear, presumed"),
    ("E-12", "sle", "tofacitinib stopped 4 months ago", [p.takes(TOFA, 400, 120), p.takes(HCQ, 300)], "clear, presumed"),
    ("E-12", "sle", "voclosporin 60 days ago", [p.takes("2475166", 200, 60)], "unknown, review"),
    ("E-14", "sle", "pneumonia and intravenous ceftriaxone", [
        p.dx("J18.9", 6), p.given("2193", 5) | {"dosage": {"route": p.concept((SNOMED, "47625008"))}}], "unknown, leans triggered"),
    ("E-14", "sle", "pneumonia, oral amoxicillin, admitted", [
        p.dx("J18.9", 6), p.takes("723", 5, 1), p.admission(6, 2)], "unknown, leans triggered"),
    ("E-14", "sle", "urinary infection, oral amoxicillin", [p.dx("N39.0", 6), p.takes("723", 5, 1)], "unknown, review"),
    ("E-14", "sle", "cotrimoxazole prophylaxis", [p.takes("10180", 200), p.takes("10829", 200)], "clear, presumed"),
    ("E-14", "sle", "pneumonia 20 days ago, antibiotics ended 15 days ago", [p.dx("J18.9", 20), p.takes("723", 22, 15), p.takes(HCQ, 100)], "clear, presumed"),
    ("E-11", "sle", "rituximab biosimilar 20 days ago, a procedure under its billing code", [p.procedure("Q5115", 20, p.HCPCS)], "unknown, leans triggered"),
    ("E-11", "sle", "rituximab given under its billing code", [p.given("J9312", 20, "urn:oid:2.16.840.1.113883.6.285")], "unknown, leans triggered"),
    ("E-11", "sle", "a procedure with rituximab 40 days ago", [p.procedure("Q5115", 40, p.HCPCS)], "clear, presumed"),
    ("E-11", "sle", "rituximab 20 days ago, CD19 low, the same in two lists", [
        p.procedure("Q5115", 20, p.HCPCS), p.given(RTX, 20), p.lab("8116-6", 5, "/uL", 2) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]}], "triggered"),
    ("E-10", "sle", "CAR-T cells 3 months ago, SNOMED CT", [p.procedure("1156961008", 90)], "triggered"),
    ("E-20", "sle", "a diagnosis under a SNOMED CT code that is not known, without words", [p.dx("4950009", 300)], "unknown"),
    ("E-20", "sle", "Sézary's disease under a code that is not known", [named(p.dx("4950009", 300), "Sézary's disease")], "unknown, review"),
    ("E-20", "sle", "chordoma in words", [named(p.dx("4950009", 300), "Chordoma of sacrum")], "unknown, review"),
    ("E-20", "sle", "a tumour, not said which, in words", [named(p.dx("4950009", 300), "Retroperitoneal tumor")], "unknown, review"),
    ("E-20", "sle", "high blood pressure under a code that is not known", [named(p.dx("38341003", 300), "Hypertensive disorder")], "clear, presumed"),
    ("E-12", "sle", "a drug under an RxNorm code that is not known, without words", [p.given("2569065", 30), p.takes(HCQ, 300)], "unknown"),
    ("E-12", "sle", "tocilizumab 2 months ago", [p.given("612865", 60)], "unknown, review"),
    ("E-12", "sle", "abatacept 2 months ago", [p.given("614391", 60)], "unknown, review"),
    ("E-12", "sle", "sirolimus", [p.takes("35302", 200)], "unknown, review"),
    ("E-12", "sle", "ustekinumab 2 months ago", [p.given("L04AC05", 60, ATC)], "unknown, review"),
    ("E-12", "sle", "eculizumab a month ago", [p.given("L04AJ01", 30, ATC)], "unknown, review"),
    ("E-12", "sle", "tripterygium in words", [p.takes("x", 60, system="urn:x") | {"medicationCodeableConcept": {"text": "雷公藤多苷片"}}], "unknown, review"),
    ("E-12", "sle", "plasma exchange a month ago", [named(p.procedure("20720000", 30), "Plasmapheresis"), p.takes(HCQ, 300)], "unknown, review"),
    ("E-12", "sle", "plasma exchange half a year ago", [named(p.procedure("20720000", 180), "Plasmapheresis"), p.takes(HCQ, 300)], "clear, presumed"),
    ("E-12", "iim", "ustekinumab in myositis", [p.given("L04AC05", 60, ATC)], "not applicable"),
    ("E-12", "sle", "anifrolumab by its name beside an RxNorm code that is not known", [
        p.given("2569065", 30) | {"medicationCodeableConcept": {"coding": [{"system": p.RXNORM, "code": "2569065", "display": "anifrolumab"}]}}], "unknown, review"),
    ("E-11", "sle", "telitacicept last week, by its name", [
        p.given("x", 7, "urn:x") | {"medicationCodeableConcept": {"text": "Telitacicept 160 mg"}}], "unknown, review"),
    ("E-15", "sle", "allergy to recombinant proteins in words", [p.allergy(("urn:x", "y")) | {"code": {"text": "Recombinant protein"}}], "unknown, review"),
    ("E-15", "sle", "allergy to recombinant proteins under the local code", [p.allergy((p.LOCAL, "recombinant-protein"))], "unknown, leans triggered"),
    ("E-15", "sle", "allergy to penicillin", [p.allergy(("http://www.nlm.nih.gov/research/umls/rxnorm", "7980"), "severe")], "clear, presumed"),
    ("E-22", "sle", "four negative, HIV by another assay", [p.serology("80387-4", "negative"), p.serology("5196-1", "negative"), p.serology("16128-1", "negative"), p.serology("24110-9", "negative")], "clear"),
    ("E-22", "sle", "HIV 2 antibody negative, HIV 1 not tested", [p.serology("7919-4", "negative"), p.serology("5196-1", "negative"), p.serology("16128-1", "negative"), p.serology("24110-9", "negative")], "unknown"),
    ("E-22", "sle", "HIV 1 antigen positive", [p.serology("5222-5", "positive")], "unknown, leans triggered"),
    ("E-22", "sle", "HIV blot of another assay positive", [p.serology("86233-4", "positive", 200)], "unknown, leans triggered"),
    ("E-22", "sle", "HIV screen reactive, another confirmation negative", [p.serology("56888-1", "positive"), p.serology("77685-6", "negative")], "unknown, review"),
    ("E-18", "sle", "cardiac arrest 2 months ago", [p.dx("I46.9", 60)], "unknown, leans triggered"),
    ("E-18", "sle", "cardiac arrest 2 years ago, over", [p.dx("I46.9", 700, clinical="resolved")], "clear, presumed"),
    ("E-18", "sle", "acute ischaemic heart disease a month ago", [p.dx("I24.9", 30)], "unknown, leans triggered"),
    ("E-18", "sle", "complete atrioventricular block", [p.dx("I44.2", 90)], "unknown, review"),
    ("E-18", "sle", "coronary intervention 3 months ago", [p.procedure("415070008", 90)], "unknown, review"),
    ("E-18", "sle", "coronary intervention a year ago", [p.procedure("415070008", 400)], "clear, presumed"),
    ("E-18", "sle", "coronary stent under CPT", [p.procedure("92928", 90, "http://www.ama-assn.org/go/cpt")], "unknown, review"),
    ("E-18", "sle", "coronary stent under ICD-10-PCS", [p.procedure("027034Z", 90, "http://www.cms.gov/Medicare/Coding/ICD10")], "unknown, review"),
    ("E-12", "sle", "plasma exchange under ICD-10-PCS", [
        p.procedure("6A551Z3", 30, "http://www.cms.gov/Medicare/Coding/ICD10"), p.takes(HCQ, 300)], "unknown, review"),
    ("E-18", "sle", "infective endocarditis", [p.dx("I33.0", 60)], "unknown, review"),
    ("E-18", "sle", "dilated cardiomyopathy for years", [p.dx("I42.0", 900)], "unknown, review"),
    ("E-18", "sle", "aortic stenosis in SNOMED CT", [p.dx("60573004", 900)], "unknown, review"),
    ("E-18", "sle", "aortic aneurysm", [p.dx("I71.4", 900)], "unknown, review"),
    ("E-18", "sle", "block of the first degree", [p.dx("I44.0", 60)], "clear, presumed"),
    ("E-14", "sle", "candidaemia under micafungin", [p.dx("B37.7", 5), p.given("J02AX05", 3, ATC)], "unknown, review"),
    ("E-14", "sle", "ganciclovir, no infection recorded", [p.given("J05AB06", 3, ATC)], "unknown, review"),
    ("E-14", "sle", "cytomegalovirus disease under valganciclovir", [p.dx("B25.0", 5), p.takes("J05AB14", 5, system=ATC)], "unknown, review"),
    ("E-14", "sle", "COVID-19 under remdesivir", [p.dx("U07.1", 5), p.given("2284718", 4)], "unknown, review"),
    ("E-14", "sle", "remdesivir a month ago", [p.given("2284718", 30)], "clear, presumed"),
    ("E-14", "sle", "valaciclovir as prophylaxis", [p.takes("J05AB11", 200, system=ATC)], "clear, presumed"),
    ("E-14", "sle", "bacterial meningitis and intravenous ceftriaxone", [
        p.dx("G00.9", 6), p.given("2193", 5) | {"dosage": {"route": p.concept((SNOMED, "47625008"))}}], "unknown, leans triggered"),
    ("E-14", "sle", "Clostridium difficile colitis, vancomycin, admitted", [
        p.dx("A04.72", 6), p.takes("11124", 5, 1), p.admission(6, 2)], "unknown, leans triggered"),
    ("E-14", "sle", "Clostridium difficile colitis under fidaxomicin", [p.dx("A04.72", 6), p.takes("A07AA12", 5, 1, ATC)], "unknown, review"),
    ("E-14", "sle", "Pneumocystis pneumonia and intravenous cotrimoxazole", [
        p.dx("B59", 5), p.given("10180", 3) | {"dosage": {"route": p.concept((SNOMED, "47625008"))}}], "unknown, leans triggered"),
    ("E-14", "sle", "Pneumocystis pneumonia and an injection of cotrimoxazole, route not said", [
        p.dx("B59", 5), p.ordered("1809083", 4)], "unknown, leans triggered"),
    ("E-14", "sle", "Pneumocystis pneumonia and cotrimoxazole", [p.dx("B59", 5), p.takes("10180", 200), p.takes("10829", 200)], "unknown, review"),
    ("E-14", "sle", "intravenous cotrimoxazole, no infection recorded", [
        p.given("10180", 3) | {"dosage": {"route": p.concept((SNOMED, "47625008"))}}], "unknown, review"),
    ("E-14", "sle", "urinary infection under cotrimoxazole", [p.dx("N39.0", 6), p.takes("10829", 5, 1)], "unknown, review"),
    ("E-14", "sle", "cotrimoxazole prophylaxis, Pneumocystis pneumonia years ago", [
        p.dx("B59", 900, clinical="resolved"), p.takes("10180", 200)], "clear, presumed"),
    ("E-14", "sle", "sepsis a week ago, no antibiotic recorded", [p.dx("A41.9", 7), p.takes(HCQ, 100)], "unknown, review"),
    ("E-17", "sle", "an operation planned", [p.procedure("387713003", -10)], "unknown, review"),
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
    ("E-15", "sle", "no known allergy, and anaphylaxis due to a drug as a diagnosis", [NO_ALLERGY, p.dx("T88.6XXA", 900)], "unknown, review"),
    ("E-15", "sle", "anaphylaxis due to a drug as a diagnosis, no allergy list", [p.dx("T88.6XXA", 900)], "unknown, review"),
    ("E-15", "sle", "no known allergy, and an allergic reaction to a drug in words", [
        NO_ALLERGY, {**p.dx("L50.0"), "code": {"text": "Severe allergic reaction to rituximab"}}], "unknown, review"),
    ("E-15", "sle", "no known allergy, and urticaria", [NO_ALLERGY, {**p.dx("L50.0"), "code": {"text": "Urticaria"}}], "clear"),
    ("E-15", "sle", "no known allergy, and an allergic reaction to a bee sting", [
        NO_ALLERGY, {**p.dx("L50.0"), "code": {"text": "Allergic reaction to bee sting"}}], "clear"),
    ("E-15", "sle", "anaphylaxis to cetuximab, which is in no list of ours", [
        named(p.allergy((ATC, "L01FE01"), None, (SNOMED, "39579001")), "cetuximab")], "unknown, leans triggered"),
    ("E-15", "sle", "anaphylaxis to cetuximab in words alone", [
        p.allergy((ATC, "L01FE01"), None, (SNOMED, "39579001")) | {"code": {"text": "cetuximab"}}], "unknown, review"),
    ("E-15", "sle", "anaphylaxis to penicillin in words, on the allergy list", [
        p.allergy((SNOMED, "1")) | {"code": {"text": "Anaphylaxis to penicillin"}}], "clear, presumed"),
    ("E-15", "sle", "anaphylaxis to an unknown substance, on the allergy list", [
        p.allergy((SNOMED, "1")) | {"code": {"text": "Anaphylaxis, cause unknown"}}], "unknown, review"),
    ("E-15", "sle", "no known drug allergy, anaphylaxis to peanut as a diagnosis", [
        p.allergy((SNOMED, "409137002")), {**p.dx("L50.0"), "code": {"text": "Anaphylaxis due to peanut"}}], "clear"),
    ("E-15", "sle", "polysorbate 80 under a code that is in no list of ours", [
        named(p.allergy((SNOMED, "412533000")), "Polysorbate 80")], "unknown, leans triggered"),
    ("E-06", "sle", "multiple sclerosis, and ocrelizumab 5 months ago", [p.dx("G35"), p.given("1876366", 150)], "unknown, leans triggered"),
    ("E-06", "sle", "multiple sclerosis, and ocrelizumab 7 months ago", [p.dx("G35"), p.given("1876366", 215)], "unknown, review"),
    ("E-06", "sle", "ulcerative colitis, and infliximab 7 weeks ago", [p.dx("K51.90"), p.given("191831", 49)], "unknown, leans triggered"),
    ("E-06", "sle", "ulcerative colitis, and infliximab 9 weeks ago", [p.dx("K51.90"), p.given("191831", 63)], "unknown, review"),
    ("E-05", "sle", "seen because of a transplanted kidney", [p.admission(90, 90) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "Z94.0"))]}], "unknown, review"),
    ("E-05", "sle", "tacrolimus ordered because of a transplanted kidney", [p.ordered(TAC, 90) | {"reasonCode": [p.concept((p.CM, "Z94.0"))]}], "unknown, review"),
    ("E-09", "sle", "seen for a clinical trial 2 weeks ago", [p.admission(14, 14) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "Z00.6"))]}], "unknown, review"),
    ("E-16", "sle", "seen for alcohol dependence", [p.admission(90, 90) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "F10.20"))]}], "unknown, review"),
    ("E-20", "sle", "a procedure because of breast cancer", [p.procedure("387713003", 90) | {"reasonCode": [p.concept((p.CM, "C50.911"))]}], "unknown, review"),
    ("E-20", "sle", "seen for breast cancer of 10 years ago", [
        p.dx("C50.911", 3650, clinical="resolved"), p.admission(90, 90) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "C50.911"))]}], "clear, presumed"),
    ("E-22", "sle", "seen for hepatitis C", [p.admission(90, 90) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "B18.2"))]}], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “Rule out SLE”", [worded(SLE, "Rule out SLE")], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “V.a. SLE”, and SLE coded", [worded(SLE, "V.a. SLE"), p.dx("M32.9")], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, worded “V.a. SLE” with German certainty G", [german(worded(p.dx("M32.9", system=p.GM), "V.a. SLE"), "G")], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, worded as the mother's", [worded(SLE, "FHx: SLE (mother)")], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “Lupus”", [worded(SLE, "Lupus")], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, worded as lupus-like", [worded(SLE, "Lupus-like syndrome")], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “Discoid lupus”", [worded(SLE, "Discoid lupus")], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “SLE with discoid lupus”", [worded(SLE, "SLE with discoid lupus")], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, worded “Discoid lupus”, and SLE coded", [worded(SLE, "Discoid lupus"), p.dx("M32.9")], "unknown, leans met"),
    ("IIM-1", "iim", "dermatomyositis coded, worded “V.a. Dermatomyositis”", [worded(IIM, "V.a. Dermatomyositis")], "unknown, review"),
    ("IIM-1", "iim", "polymyositis coded, worded “Statin-associated myopathy”", [worded(p.dx("M33.20"), "Statin-associated myopathy")], "unknown, review"),
    ("IIM-1", "iim", "polymyositis coded, worded “Polymyositis”", [worded(p.dx("M33.20"), "Polymyositis")], "unknown, leans met"),
    ("SSC-1", "ssc", "diffuse SSc coded, worded “Rule out diffuse scleroderma”", [worded(SSC, "Rule out diffuse scleroderma")], "unknown, review"),
    ("SSC-1", "ssc", "SSc coded, worded “Morphea”", [worded(p.dx("M34.9"), "Morphea")], "unknown, review"),
    ("E-02", "sle", "stroke coded 20 days ago, worded “Rule out stroke”", [worded(p.dx("I63.9", 20), "Rule out stroke")], "unknown, review"),
    ("E-02", "sle", "stroke coded 20 days ago, worded “Stroke, no residual deficit”", [worded(p.dx("I63.9", 20), "Stroke, no residual deficit")], "triggered"),
    ("E-02", "sle", "SLE with other organs coded, worded “Lupus cerebritis”", [worded(p.dx("M32.19", 20), "Lupus cerebritis")], "unknown, review"),
    ("E-02", "sle", "SLE with other organs coded, worded “SLE with seizures”", [worded(p.dx("M32.19", 400), "SLE with seizures")], "unknown, review"),
    ("E-02", "sle", "SLE with other organs coded, worded “SLE without CNS involvement”", [
        worded(p.dx("M32.19", 20), "SLE without CNS involvement or seizures")], "clear, presumed"),
    ("E-03", "iim", "polymyositis coded, worded “Inclusion body myositis”", [IIM, worded(p.dx("M33.20"), "Inclusion body myositis")], "unknown, review"),
    ("E-03", "iim", "dermatopolymyositis coded, worded “Juvenile dermatomyositis”", [
        IIM, worded(p.dx("M33.90"), "Juvenile dermatomyositis")], "unknown, review"),
    ("E-03", "iim", "dermatomyositis since 1990 in words only", [IIM, worded(p.dx("4950009", 365 * 36), "Dermatomyositis")], "unknown, review"),
    ("E-03", "iim", "dermatomyositis since 2015 in words only", [IIM, worded(p.dx("4950009", 365 * 11), "Dermatomyositis")], "clear, presumed"),
    ("E-04", "ssc", "other systemic sclerosis coded, worded “Scleroderma renal crisis”", [
        worded(p.dx("M34.89"), "Scleroderma renal crisis")], "unknown, review"),
    ("E-05", "sle", "kidney transplant coded, worded “Kidney transplant donor”", [worded(p.dx("Z94.0"), "Kidney transplant donor")], "unknown, review"),
    ("E-05", "sle", "kidney transplant coded, worded as from a living donor", [worded(p.dx("Z94.0"), "Living donor kidney transplant")], "triggered"),
    ("E-05", "sle", "kidney transplant coded, worded as from her mother", [worded(p.dx("Z94.0"), "Kidney transplant from her mother")], "triggered"),
    ("E-18", "sle", "infarction coded 60 days ago, worded “Chest pain, r/o MI”", [worded(p.dx("I21.9", 60), "Chest pain, r/o MI")], "unknown, review"),
    ("E-18", "sle", "infarction coded 60 days ago, worded “Acute MI without ST elevation”", [
        worded(p.dx("I21.4", 60), "Acute MI without ST elevation")], "triggered"),
    ("E-20", "sle", "breast cancer coded a year ago, worded “Family history of breast cancer”", [
        worded(p.dx("C50.911", 365), "Family history of breast cancer")], "unknown, review"),
    ("E-20", "sle", "breast cancer recorded a month ago, worded “History of breast cancer 2010”", [
        worded(p.dx("C50.911", None) | {"recordedDate": p.ago(30).isoformat()}, "History of breast cancer 2010")], "unknown, review"),
    ("E-20", "sle", "breast cancer 11 years ago, worded “Metastatic breast cancer”", [worded(p.dx("C50.911", 4000), "Metastatic breast cancer")], "unknown, review"),
    ("E-20", "sle", "lymphoma 11 years ago, worded “Recurrent DLBCL”", [worded(p.dx("C83.30", 4000), "Recurrent DLBCL")], "unknown, leans triggered"),
    ("E-20", "sle", "breast cancer 11 years ago, worded “no evidence of recurrence”", [
        worded(p.dx("C50.911", 4000), "Breast cancer, no evidence of recurrence")], "clear, presumed"),
    ("E-22", "sle", "HIV infection coded, worded “R/O HIV”", [worded(p.dx("B20"), "R/O HIV")], "unknown, review"),
    ("E-23", "sle", "tuberculosis coded, worded “V.a. Tuberkulose”", [worded(p.dx("A15.0", 30, p.GM), "V.a. Tuberkulose")], "unknown, review"),
    ("E-14", "sle", "pneumonia in words", [worded(p.dx("4950009", 10), "Pneumonia"), p.takes(HCQ, 100)], "unknown, review"),
    ("E-14", "sle", "pneumonia vaccination in words", [worded(p.dx("4950009", 10), "Pneumonia vaccination"), p.takes(HCQ, 100)], "clear, presumed"),
    ("E-14", "sle", "cellulitis in 2019 in words, recorded 10 days ago", [
        worded(p.dx("4950009", None), "Cellulitis in 2019, resolved") | {"recordedDate": p.ago(10).isoformat()}, p.takes(HCQ, 100)], "clear, presumed"),
    ("E-14", "sle", "history of sepsis under Z86.19", [worded(p.dx("Z86.19", 5), "History of sepsis"), p.takes(HCQ, 100)], "clear, presumed"),
    ("E-21", "sle", "hCG negative, earlier pregnancies lost (N96)", [p.serology("2118-8", "negative"), worded(p.dx("N96", 5), "Recurrent pregnancy loss")], "clear"),
    ("E-21", "sle", "hCG negative, complications of an earlier pregnancy (Z87.59)", [
        p.serology("2118-8", "negative"), worded(p.dx("Z87.59", 5), "Personal history of other complications of pregnancy")], "clear"),
    ("E-21", "sle", "hCG negative, history of 2 pregnancies in words", [
        p.serology("2118-8", "negative"), worded(p.dx("4950009", 5), "History of 2 pregnancies")], "clear"),
    ("E-21", "sle", "hCG negative, a pregnancy in words", [p.serology("2118-8", "negative"), worded(p.dx("4950009", 5), "Pregnancy")], "unknown, review"),
    ("E-17", "sle", "an operation being prepared, no day", [p.procedure("387713003", None, status="preparation")], "unknown, review"),
    ("E-17", "sle", "an operation once prepared and not heard of since", [p.procedure("387713003", 400, status="preparation")], "unknown"),
    ("E-17", "sle", "an operation ordered for next month", [request("387713003", p.ago(-30))], "unknown, review"),
    ("E-17", "sle", "an operation ordered, no day", [request("387713003", None)], "unknown, review"),
    ("E-17", "sle", "an operation ordered, and the order revoked", [request("387713003", p.ago(-30)) | {"status": "revoked"}], "unknown"),
    ("E-17", "sle", "an operation only proposed", [request("387713003", p.ago(-30)) | {"intent": "proposal"}], "unknown"),
    ("E-17", "sle", "an operation ordered 2 years ago, no day", [request("387713003", None) | {"authoredOn": p.ago(730).isoformat()}], "unknown"),
    ("E-13", "sle", "yellow fever vaccine billed under CPT", [p.procedure("90717", 10, CPT)], "unknown, leans triggered"),
    ("E-13", "sle", "yellow fever vaccine billed under CPT 29 days ago", [p.procedure("90717", 29, CPT)], "clear, presumed"),
    ("E-13", "sle", "yellow fever vaccine given as a drug", [p.given("J07BL01", 10, ATC)], "unknown, leans triggered"),
    ("E-13", "sle", "yellow fever vaccine given as a drug 29 days ago", [p.given("J07BL01", 29, ATC)], "clear, presumed"),
    ("E-19", "sle", "a person says yes", [p.answer("E-19", "Y")], "triggered"),
    ("SLE-5", "sle", "prednisone and MMF for a year, unchanged", [p.doses(PRED, 300, None, 15), p.doses(MMF, 300, None, 1000, 2)], "met"),
    ("SLE-5", "sle", "the first background drug begun exactly 84 days ago", [p.doses(PRED, 84, None, 15)], "met, presumed"),
    ("SLE-5", "sle", "the first background drug begun 83 days ago", [p.doses(PRED, 83, None, 15)], "not-met"),
    ("SLE-5", "sle", "prednisone changed exactly 30 days ago", [p.doses(PRED, 300, 31, 20), p.doses(PRED, 30, None, 15)], "met, presumed"),
    ("SLE-5", "sle", "prednisone changed 29 days ago", [p.doses(PRED, 300, 30, 20), p.doses(PRED, 29, None, 15)], "not-met"),
    ("SLE-5", "sle", "MTX for 8 weeks, then MMF for 6 weeks", [p.doses(MTX, 98, 43, 15, 1, 7), p.doses(MMF, 42, None, 1000, 2)], "met, presumed"),
    ("SLE-5", "sle", "MMF stopped 10 days ago, prednisone unchanged", [p.doses(PRED, 300, None, 10), p.doses(MMF, 300, 10, 1000, 2)], "not-met"),
    ("SLE-5", "sle", "a new drug 20 days ago", [p.doses(PRED, 300, None, 10), p.doses(AZA, 20, None, 100)], "not-met"),
    ("SLE-5", "sle", "prednisone without a dose", [p.takes(PRED, 300)], "unknown"),
    ("SLE-5", "sle", "prednisone as needed", [p.doses(PRED, 300, None, 10, asNeededBoolean=True)], "unknown, review"),
    ("SLE-5", "sle", "prednisone 10 mg, then methylprednisolone 8 mg", [p.doses(PRED, 300, 16, 10), p.doses("6902", 15, None, 8)], "met, presumed"),
    ("SLE-5", "sle", "hydroxychloroquine 200 and 400 mg in turn", [p.takes(HCQ, 300) | {"dosage": [{"text": "200 mg one day and 400 mg the next"}]}], "met, presumed"),
    ("SLE-5", "sle", "a pulse of 500 mg two weeks ago", [p.doses(PRED, 300, None, 10), p.infused("6902", 14, 500)], "not-met"),
    ("SLE-5", "sle", "methotrexate by mouth, then the same under the skin, the old record left open", [
        p.doses(MTX, 300, None, 15, 1, 7, **p.by(p.ORAL)), p.doses(MTX, 15, None, 15, 1, 7, **p.by(p.SKIN)), p.doses(PRED, 300, None, 10)], "met"),
    ("SLE-5", "sle", "methotrexate by mouth, then more under the skin", [
        p.doses(MTX, 300, None, 15, 1, 7, **p.by(p.ORAL)), p.doses(MTX, 15, None, 20, 1, 7, **p.by(p.SKIN)), p.doses(PRED, 300, None, 10)], "not-met"),
    ("SLE-5", "sle", "prednisone and MMF for a year, MMF recorded as not taken 20 days ago", [
        p.doses(PRED, 300, None, 15), p.doses(MMF, 300, None, 1000, 2), p.takes(MMF, 20) | NOT_TAKEN], "unknown, review"),
    ("SLE-5", "sle", "prednisone and MMF for a year, MMF once recorded as not taken and since as taken", [
        p.doses(PRED, 300, None, 15), p.takes(MMF, 90) | NOT_TAKEN, p.doses(MMF, 40, None, 1000, 2)], "met"),
    ("SLE-5", "sle", "MMF until 120 days ago and again since 45 days: a refill may be missing", [
        p.doses(MMF, 400, 120, 1000, 2), p.doses(MMF, 45, None, 1000, 2)], "unknown, review"),
    ("SLE-5", "sle", "prednisone throughout, MMF until 120 days ago and the same again since 20 days", [
        p.doses(PRED, 300, None, 10), p.doses(MMF, 300, 120, 1000, 2), p.doses(MMF, 20, None, 1000, 2)], "unknown, review"),
    ("SLE-5", "sle", "prednisone throughout, MMF until 120 days ago and half of it since 20 days", [
        p.doses(PRED, 300, None, 10), p.doses(MMF, 300, 120, 1000, 2), p.doses(MMF, 20, None, 500, 2)], "not-met"),
    ("SLE-5", "sle", "MMF handed out once, 20 days ago", [p.handed("200060", 20, 120, 30)], "unknown, review"),
    ("SLE-5", "sle", "biologics alone", [p.takes(BEL, 300)], "unknown"),
    ("SLE-6", "sle", "prednisone 40 mg", [p.doses(PRED, 300, None, 40)], "met"),
    ("SLE-6", "sle", "prednisone 40.5 mg", [p.doses(PRED, 300, None, 40.5)], "not-met"),
    ("SLE-6", "sle", "dexamethasone 6 mg", [p.doses("3264", 300, None, 6)], "met"),
    ("SLE-6", "sle", "betamethasone 5 mg: the tables differ", [p.doses("1514", 300, None, 5)], "unknown, review"),
    ("SLE-6", "sle", "60 mg every other day: the days differ", [p.doses(PRED, 300, None, 60, 1, 2)], "unknown, review"),
    ("SLE-6", "sle", "a renewed order of 25 mg beside the old one", [p.doses(PRED, 300, None, 25), p.doses(PRED, 20, None, 25)], "met"),
    ("SLE-6", "sle", "40 mg in 20 mg tablets, later 5 mg in 5 mg tablets", [p.doses("312615", 300, None, 40), p.doses("312617", 20, None, 5)], "unknown, review"),
    ("SLE-6", "sle", "20 mg and later 5 mg of other tablets: within the limit both ways", [p.doses("312615", 300, None, 20), p.doses("312617", 20, None, 5)], "met"),
    ("SLE-6", "sle", "60 mg ordered, then recorded as not taken: never begun or stopped", [
        p.doses(PRED, 100, None, 60, kind=p.ordered), p.takes(PRED, 20) | NOT_TAKEN], "unknown, review"),
    ("SLE-6", "sle", "a supply alone, 60 mg a day", [p.handed("312617", 10, 360, 30)], "unknown, review"),
    ("SLE-6", "sle", "a supply of 60 mg a day, then a statement of 10 mg", [p.handed("312617", 10, 360, 30), p.doses(PRED, 5, None, 10)], "met"),
    ("SLE-6", "sle", "meprednisone: no equivalent is known", [p.doses("29523", 300, None, 8)], "unknown"),
    ("SLE-6", "sle", "only other drugs, whole retrieval", [p.doses(MMF, 300, None, 1000, 2)], "not applicable"),
    ("SLE-6", "sle", "prednisone 15 mg, and an infusion of 500 mg 10 days ago", [p.doses(PRED, 300, None, 15), p.infused("6902", 10, 500)], "met"),
    ("SLE-6", "sle", "15 mg by the record, a person says no of the whole", [p.doses(PRED, 300, None, 15), p.answer("SLE-6", "N")], "unknown, review"),
    ("SLE-6", "sle", "60 mg by the record, a person says yes of the whole", [p.doses(PRED, 300, None, 60), p.answer("SLE-6", "Y")], "unknown, review"),
    ("SLE-6", "sle", "no equivalent is known, a person says yes of the whole", [p.doses("29523", 300, None, 8), p.answer("SLE-6", "Y")], "met"),
    ("SLE-6", "sle", "no equivalent is known, a person says no of the clause", [p.doses("29523", 300, None, 8), p.answer("SLE-6/a", "N")], "not-met"),
    ("SLE-7", "sle", "no equivalent is known, a person says no of the whole", [p.doses("29523", 300, None, 8), p.answer("SLE-7", "N")], "not-met"),
    ("SLE-7", "sle", "prednisone alone at 7.5 mg", [p.doses(PRED, 300, None, 7.5)], "met"),
    ("SLE-7", "sle", "prednisone alone at 5 mg", [p.doses(PRED, 300, None, 5)], "not-met"),
    ("SLE-7", "sle", "5 mg in the morning and 2.5 mg at night", [p.takes(PRED, 300) | {"dosage": [p.dosage(5), p.dosage(2.5)]}], "met"),
    ("SLE-7", "sle", "20 mg every other day, alone", [p.doses(PRED, 300, None, 20, 1, 2)], "unknown, review"),
    ("SLE-7", "sle", "prednisone alone at 15 mg, recorded since 10 days only", [p.doses(PRED, 10, None, 15)], "unknown, review"),
    ("SLE-7", "sle", "5 mg beside MMF", [p.doses(PRED, 300, None, 5), p.doses(MMF, 300, None, 1000, 2)], "not applicable"),
    ("SLE-7", "sle", "5 mg, hydroxychloroquine in words only", [p.doses(PRED, 300, None, 5), named_drug("hydroxychloroquine 200 mg", 300)], "unknown, review"),
    ("SLE-7", "sle", "15 mg, hydroxychloroquine in words only", [p.doses(PRED, 300, None, 15), named_drug("hydroxychloroquine 200 mg", 300)], "met"),
    ("SLE-7", "sle", "5 mg, rituximab once 40 days ago", [p.doses(PRED, 300, None, 5), p.given(RTX, 40)], "not applicable"),
    ("SLE-7", "sle", "5 mg, rituximab 40 and 54 days ago", [p.doses(PRED, 300, None, 5), p.given(RTX, 40), p.given(RTX, 54)], "not applicable"),
    ("SLE-7", "sle", "5 mg, four weekly doses of rituximab until 40 days ago", [
        p.doses(PRED, 300, None, 5), *(p.given(RTX, day) for day in (40, 47, 54, 61))], "not applicable"),
    ("SLE-7", "sle", "5 mg, rituximab 169 and 183 days ago", [p.doses(PRED, 300, None, 5), p.given(RTX, 169), p.given(RTX, 183)], "not-met"),
    ("IIM-3", "iim", "80 mg at 60 kg, two immunosuppressants", [
        WEIGHT_60, p.doses(PRED, 400, 341, 80), p.doses(PRED, 340, None, 20), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown, leans met"),
    ("IIM-3", "iim", "exactly 1 mg/kg", [
        WEIGHT_60, p.doses(PRED, 400, None, 60), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown, review"),
    ("IIM-3", "iim", "never above 1 mg/kg", [
        WEIGHT_60, p.doses(PRED, 400, None, 50), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown, leans not-met"),
    ("IIM-3", "iim", "50 mg, and perhaps 80 mg: of unknown status", [
        WEIGHT_60, p.doses(PRED, 400, 341, 80) | {"status": "unknown"}, p.doses(PRED, 340, None, 50), p.takes(AZA, 380, 200), p.takes(MTX, 190)],
     "unknown, review"),
    ("IIM-3", "iim", "no weight", [p.doses(PRED, 400, None, 80), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown"),
    ("IIM-3", "iim", "80 mg without a weight near it, a weight beside 20 mg later", [
        observation(("http://loinc.org", "29463-7"), p.ago(100), valueQuantity=p.quantity(60, "kg")),
        p.doses(PRED, 400, 341, 80), p.doses(PRED, 340, None, 20), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown"),
    ("IIM-3", "iim", "a dose not known, a weight beside 20 mg later", [
        observation(("http://loinc.org", "29463-7"), p.ago(100), valueQuantity=p.quantity(60, "kg")),
        p.takes(PRED, 400, 341), p.doses(PRED, 340, None, 20), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown"),
    ("IIM-5", "iim", "prednisone 60 mg and MTX, unchanged for a year", [p.doses(PRED, 300, None, 60), p.doses(MTX, 300, None, 15, 1, 7)], "met"),
    ("IIM-5", "iim", "prednisone 61 mg", [p.doses(PRED, 300, None, 61), p.doses(MTX, 300, None, 15, 1, 7)], "not-met"),
    ("IIM-5", "iim", "MTX changed exactly 60 days ago", [
        p.doses(PRED, 300, None, 20), p.doses(MTX, 300, 61, 15, 1, 7), p.doses(MTX, 60, None, 20, 1, 7)], "met"),
    ("IIM-5", "iim", "MTX changed 59 days ago", [
        p.doses(PRED, 300, None, 20), p.doses(MTX, 300, 60, 15, 1, 7), p.doses(MTX, 59, None, 20, 1, 7)], "not-met"),
    ("IIM-5", "iim", "hydroxychloroquine alone does not count", [p.doses(HCQ, 300, None, 400)], "unknown"),
    ("IIM-5", "iim", "tofacitinib alone", [p.doses(TOFA, 300, None, 5, 2)], "unknown, review"),
    ("IIM-6", "iim", "prednisone alone at 7.5 mg", [p.doses(PRED, 300, None, 7.5)], "met"),
    ("IIM-6", "iim", "methylprednisolone alone at 6 mg: by equivalence", [p.doses("6902", 300, None, 6)], "unknown, review"),
    ("IIM-6", "iim", "prednisone and hydroxychloroquine", [p.doses(PRED, 300, None, 7.5), p.doses(HCQ, 300, None, 400)], "unknown, review"),
    ("IIM-6", "iim", "5 mg and hydroxychloroquine: as alone, but asked", [p.doses(PRED, 300, None, 5), p.doses(HCQ, 300, None, 400)], "unknown, review"),
    ("IIM-6", "iim", "5 mg, hydroxychloroquine and MTX", [
        p.doses(PRED, 300, None, 5), p.doses(HCQ, 300, None, 400), p.doses(MTX, 300, None, 15, 1, 7)], "not applicable"),
    ("IIM-6", "iim", "5 mg alone", [p.doses(PRED, 300, None, 5)], "not-met"),
    ("IIM-6", "iim", "7.5 mg by the record, a person says no of the whole", [p.doses(PRED, 300, None, 7.5), p.answer("IIM-6", "N")], "unknown, review"),
    ("SSC-6", "ssc", "prednisone 10 mg and MMF", [p.doses(PRED, 300, None, 10), p.doses(MMF, 300, None, 1000, 2)], "met"),
    ("SSC-6", "ssc", "prednisone 10 mg, MMF, and a depot ordered without a route", [
        p.doses(PRED, 300, None, 10), p.doses(MMF, 300, None, 1000, 2), p.doses("1358610", 10, None, 80, kind=p.ordered)], "unknown, review"),
    ("SSC-6", "ssc", "prednisone 12.5 mg", [p.doses(PRED, 300, None, 12.5), p.doses(MMF, 300, None, 1000, 2)], "not-met"),
    ("E-01", "sle", "prednisone 100 mg for 14 days in the window", [p.doses(PRED, 40, 27, 100)], "triggered"),
    ("E-01", "sle", "prednisone 100 mg for 13 days", [p.doses(PRED, 40, 28, 100), p.lab("2889-4", 1, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL")], "clear, presumed"),
    ("E-01", "sle", "three pulses of 1000 mg", [
        *(p.infused("6902", day, 1000) for day in (12, 11, 10)), p.lab("2889-4", 1, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL")], "clear, presumed"),
    ("E-01", "iim", "prednisone 100 mg for 14 days, myositis arm", [p.doses(PRED, 40, 27, 100)], "unknown, review"),
    ("I-02", "sle", "36 years old", [], "met"),
    ("I-F", "sle", "a woman of childbearing potential", [], "unknown"),
    ("I-F", "sle", "hysterectomy", [p.procedure("236886002", 900)], "not applicable"),
    ("I-F", "sle", "contraception assured", [p.answer("I-F", "Y")], "met"),
    ("I-M", "sle", "a woman", [], "not applicable"),
    ("IIM-3", "iim", "a person settled every clause", [
        p.takes(PRED, 400), p.takes(AZA, 380, 200), p.takes(MTX, 190), p.answer("IIM-3/a", "Y"), p.answer("IIM-3/e", "Y")], "met"),
    ("E-19", "sle", "nothing but the question", [], "unknown"),
    ("E-24", "sle", "nothing but the question", [], "unknown"),
    ("E-24", "sle", "the investigator sees a reason", [p.answer("E-24", "Y")], "triggered"),
)  # fmt: skip


MEN: tuple[tuple[str, str, str, list[Any], str], ...] = (
    ("I-M", "sle", "a man", [], "unknown"),
    ("I-M", "sle", "a man, contraception assured", [p.answer("I-M", "Y")], "met"),
    ("I-M", "sle", "a man with a pregnancy on record", [p.dx("Z33.1", 500, clinical="resolved")], "unknown"),
    ("I-F", "sle", "a man", [], "not applicable"),
    ("I-F", "sle", "a man with a pregnancy on record", [p.dx("Z33.1", 500, clinical="resolved")], "unknown"),
    ("E-21", "sle", "a man", [], "not applicable"),
    ("E-21", "sle", "registered as a man, pregnancy test positive", [p.serology("2118-8", "positive")], "unknown, leans triggered"),
    ("E-21", "sle", "a man with a pregnancy on record", [p.dx("Z33.1", 500, clinical="resolved")], "unknown"),
)


def words(one: Any) -> str:
    """A verdict as the table writes it."""
    if not one.applicable:
        return "not applicable"
    if one.verdict == "unknown":
        return f"unknown, leans {one.lean}" if one.lean else "unknown, review" if one.review else "unknown"
    return f"{one.verdict}, presumed" if one.presumed else str(one.verdict)


def printed() -> list[tuple[str, ...]]:
    return [(identity, arm, label, verdict) for identity, arm, label, _, verdict in (*ROWS, *MEN)]


@pytest.mark.parametrize(("identity", "arm", "label", "items", "expected"), ROWS, ids=[f"{row[0]}-{row[1]}-{row[2]}" for row in ROWS])
def test_the_criterion_says_what_the_table_says(identity: str, arm: str, label: str, items: list[Any], expected: str) -> None:
    """Each row's chart gives the row's verdict."""
    one = criterion(evaluate(bundle([*items, *COVERING]), AS_OF), arm, identity)
    assert words(one) == expected, (one.reason, one.missing)


@pytest.mark.parametrize(("identity", "arm", "label", "items", "expected"), MEN, ids=[f"{row[0]}-{row[2]}" for row in MEN])
def test_what_a_man_is_asked(identity: str, arm: str, label: str, items: list[Any], expected: str) -> None:
    """Contraception and pregnancy by the anatomy that is registered, unless a record contradicts it (spec 0.5)."""
    one = criterion(evaluate(bundle([*items, *COVERING], gender="male"), AS_OF), arm, identity)
    assert words(one) == expected, (one.reason, one.missing)


AGES = (
    ("18th birthday today", "2008-06-15", "met", None),
    ("18th birthday tomorrow", "2008-06-16", "not-met", AS_OF + timedelta(days=1)),
    ("65 years and 364 days", "1960-06-16", "met", None),
    ("66th birthday today", "1960-06-15", "not-met", None),
    ("born in 1990, day unknown", "1990", "met", None),
    ("born in 2008, day unknown", "2008", "unknown", None),
)


@pytest.mark.parametrize(("label", "birth", "expected", "recheck"), AGES, ids=[row[0] for row in AGES])
def test_the_age_rule_at_its_edges(label: str, birth: str, expected: str, recheck: Any) -> None:
    """65 lasts until the day before the 66th birthday; a minor has a date to look again (I-02)."""
    one = criterion(evaluate(bundle(COVERING, birth=birth), AS_OF), "sle", "I-02")
    assert (one.verdict, one.recheck_on) == (expected, recheck)


def test_a_male_patient_is_asked_for_his_own_contraception_only() -> None:
    """Exactly one of I-F and I-M is asked where anatomy is known."""
    evaluation = evaluate(bundle(COVERING, gender="male"), AS_OF)
    assert not criterion(evaluation, "sle", "I-F").applicable
    assert criterion(evaluation, "sle", "I-M").question
    assert not criterion(evaluation, "sle", "E-21").applicable


def test_unknown_anatomy_asks_both() -> None:
    """Where anatomy is not recorded both are asked, and the pregnancy test stays open."""
    evaluation = evaluate(bundle(COVERING, gender="unknown"), AS_OF)
    assert criterion(evaluation, "sle", "I-F").question
    assert criterion(evaluation, "sle", "I-M").question
    assert criterion(evaluation, "sle", "E-21").verdict == "unknown"


def test_an_intravenous_pulse_is_noted_beside_the_oral_dose() -> None:
    """The limit is on oral glucocorticoids; a pulse in the screening period changes no verdict and is told (SLE-6)."""
    notes = [
        criterion(evaluate(bundle([p.doses(PRED, 300, None, 15), p.infused("6902", day, 500), *COVERING]), AS_OF), "sle", "SLE-6").notes
        for day in (10, 29)
    ]
    assert [any("intravenous glucocorticoid" in note for note in one) for one in notes] == [True, False]


def test_the_words_of_a_limited_form_are_quoted() -> None:
    """Who reads why SSc leans to fail sees the record's own words, and the patient is no possible match (SSC-1)."""
    one = criterion(evaluate(bundle([worded(p.dx("89155008"), "Limited cutaneous systemic sclerosis"), *COVERING]), AS_OF), "ssc", "SSC-1")
    assert "Limited cutaneous systemic sclerosis" in one.reason
    assert one.leans_to_fail


def notes_of(items: list[Any], arm: str, identity: str) -> tuple[str, ...]:
    return tuple(criterion(evaluate(bundle([*items, *COVERING]), AS_OF), arm, identity).notes)


@pytest.mark.parametrize(
    ("count", "status", "noted"), [(150, "preliminary", False), (2, "preliminary", True), (150, "final", False), (2, "final", True)]
)
def test_hardly_any_b_cells_is_said_of_a_low_count_only(count: int, status: str, noted: bool) -> None:
    """A count of 150 that is not final is no reason to say so (E-11)."""
    notes = notes_of([p.lab("8116-6", count, "/uL", 3) | {"status": status}], "sle", "E-11")
    assert any("hardly any B cells" in one for one in notes) is noted


def test_a_negative_result_of_the_same_day_is_not_called_newer() -> None:
    """A screen that is negative beside a titre of 1:640 (SLE-2)."""
    titre = p.text_result("5048-4", "1:640", 3)
    (same,) = notes_of([titre, p.serology("8061-4", "negative", 3)], "sle", "SLE-2")
    (newer,) = notes_of([titre, p.serology("8061-4", "negative", 2)], "sle", "SLE-2")
    assert same.startswith("ANA: another result of that day is negative")
    assert newer.startswith("ANA: a newer result is negative")


def test_an_earlier_positive_is_told_beside_negative_results() -> None:
    """Negative at screening decides; that it was positive before is told (SLE-2)."""
    negative = [p.serology(code, "negative") for code in ("8061-4", "31348-6", "11090-8")]
    assert notes_of(negative, "sle", "SLE-2") == ()
    (note,) = notes_of([*negative, p.serology("8061-4", "positive", 200)], "sle", "SLE-2")
    assert note.startswith("ANA was positive before: ")
    assert str(p.ago(200)) in note


def test_a_fall_of_the_skin_score_is_told_beside_a_rise() -> None:
    """18, then 26, now 22: it rose, and it fell (SSC-5, Q10)."""
    scores = [p.score("mrss", 22), p.score("mrss", 26, 60), p.score("mrss", 18, 120)]
    one = criterion(evaluate(bundle([*scores, *COVERING]), AS_OF), "ssc", "SSC-5")
    assert f"mRSS +4 since {p.ago(120)} (18 to 22), but mRSS -4 since {p.ago(60)} (26 to 22)" in one.reason
    assert one.lean == "met"


def test_a_live_vaccine_can_be_waited_out() -> None:
    """The recheck date is the first day on which the vaccine lies outside the 28 days."""
    one = criterion(evaluate(bundle([p.vaccine("03", 10), *COVERING]), AS_OF), "sle", "E-13")
    assert (one.cure, one.recheck_on) == ("date", p.ago(10) + timedelta(days=29))


def test_without_coverage_nothing_is_presumed() -> None:
    """A chart with one entry can't show absence."""
    one = criterion(
        evaluate(bundle([observation(("http://loinc.org", "2093-3"), p.ago(3), valueQuantity={"value": 1})]), AS_OF), "sle", "E-05"
    )
    assert one.verdict == "unknown"


RECHECKS = (
    ("E-01", [p.lab("2889-4", 7, "g/(24.h)", 10)], "date", p.ago(10) + timedelta(days=57)),
    ("E-02", [p.dx("I63.9", 20)], "date", p.ago(20) + timedelta(days=57)),
    ("E-05", [p.dx("Z94.0", 3000)], "never", None),
    ("E-07", [p.lab("2458-8", 9, "mg/dL")], "state", None),
    ("E-01", [p.doses(PRED, 40, 27, 100)], "date", p.ago(40) + timedelta(days=57)),
    ("E-10", [p.given("L01XL03", 100, ATC)], "date", date(2026, 9, 8)),
    ("E-13", [p.vaccine("03", 10)], "date", p.ago(10) + timedelta(days=29)),
    ("E-18", [p.dx("I21.9", 60)], "date", date(2026, 10, 17)),
    ("E-20", [p.dx("C50.911", 730)], "date", date(2029, 6, 15)),
    ("E-21", [p.dx("Z33.1", 60)], "state", None),
    ("E-22", [p.serology("5196-1", "positive")], "state", None),
    ("E-22", [p.serology("56888-1", "positive")], "never", None),
    ("E-23", [p.serology("71773-6", "positive")], "state", None),
)


@pytest.mark.parametrize(("identity", "items", "cure", "day"), RECHECKS, ids=[f"{row[0]}-{row[2]}" for row in RECHECKS])
def test_a_fail_says_whether_and_when_it_ends(identity: str, items: list[Any], cure: str, day: Any) -> None:
    """The cure of each triggered criterion, and the first day on which the rule gives another value (spec head, Cure)."""
    one = criterion(evaluate(bundle([*items, *COVERING]), AS_OF), "sle", identity)
    assert (one.verdict, one.cure, one.recheck_on) == ("triggered", cure, day)


def test_a_day_of_recording_is_told_as_such() -> None:
    """The day on which a stroke was written down is not told as its onset."""
    recorded = named(p.dx("I63.9", None), "Stroke") | {"recordedDate": p.ago(21).isoformat()}
    one = criterion(evaluate(bundle([recorded, *COVERING]), AS_OF), "sle", "E-02")
    assert one.reason.startswith(f"Stroke (recorded {p.ago(21)})")


def test_an_allergy_is_told_with_its_reaction() -> None:
    """A physician grades what happened, not the entry's existence."""
    listed = named(p.allergy((p.RXNORM, RTX), "severe", (SNOMED, "126485001")), "rituximab")
    listed["reaction"][0]["manifestation"] = [{"text": "urticaria"}]
    one = criterion(evaluate(bundle([listed, *COVERING]), AS_OF), "sle", "E-15")
    assert one.reason == "allergy to rituximab (severe urticaria): grade to be confirmed"


def test_the_allergy_history_is_asked_for_once() -> None:
    """Two clauses that miss one list name one thing to do."""
    one = criterion(evaluate(bundle(COVERING), AS_OF), "sle", "E-15")
    assert [missing.action for missing in one.missing] == ["take the allergy history"]


def test_a_plan_is_named_as_one() -> None:
    """What is planned is told as a plan, with its day."""
    one = criterion(evaluate(bundle([request("387713003", p.ago(-30)), *COVERING]), AS_OF), "sle", "E-17")
    assert one.reason.startswith(f"planned: 387713003 ({p.ago(-30)})")


def test_an_earlier_dose_is_told_where_none_is_recorded_since() -> None:
    """Rituximab of five weeks ago is a record: "no record found" would be untrue; that there was no later dose stays presumed."""
    one = criterion(evaluate(bundle([p.given(RTX, 35), *COVERING]), AS_OF), "sle", "E-11")
    assert (one.verdict, one.presumed) == ("clear", True)
    assert one.reason == f"{RTX}, last dose {p.ago(35)}, none recorded since"
    assert [found.date for found in one.evidence] == [p.ago(35).isoformat()]


def test_a_drug_of_the_past_is_told_where_a_clause_asks_for_a_current_one() -> None:
    """An ended record is cited beside what is presumed of today."""
    one = criterion(
        evaluate(bundle([SSC, p.doses(PRED, 300, 100, 10), p.doses(MMF, 300, None, 1000, 2), *COVERING]), AS_OF), "ssc", "SSC-6"
    )
    assert (one.verdict, one.presumed) == ("met", True)
    assert p.ago(300).isoformat() in [found.date for found in one.evidence]


SHORTFALLS = (
    ("SLE-5", [p.doses(PRED, 60, None, 15)], p.ago(60) + timedelta(days=84)),
    ("SLE-5", [p.doses(PRED, 300, 11, 20), p.doses(PRED, 10, None, 15)], p.ago(10) + timedelta(days=30)),
    ("SLE-5", [p.doses(PRED, 300, None, 10), p.doses(MMF, 300, 10, 1000, 2)], p.ago(9) + timedelta(days=30)),
    ("SLE-5", [p.doses(PRED, 40, 11, 20), p.doses(PRED, 10, None, 15)], p.ago(40) + timedelta(days=84)),
)


@pytest.mark.parametrize(("identity", "items", "day"), SHORTFALLS, ids=[str(row[2]) for row in SHORTFALLS])
def test_a_shortfall_of_background_says_when_it_ends(identity: str, items: list[Any], day: date) -> None:
    """The first day on which the history is long enough and unchanged long enough: the later of both (spec head, Cure)."""
    one = criterion(evaluate(bundle([*items, *COVERING]), AS_OF), "sle", identity)
    assert (one.verdict, one.cure, one.recheck_on) == ("not-met", "date", day)


RECHECKED = (
    ("prednisone lowered", [p.doses(PRED, 300, 11, 20), p.doses(PRED, 10, None, 15)]),
    ("MMF again after a gap: the time before does not count", [p.doses(MMF, 400, 120, 1000, 2), p.doses(MMF, 45, None, 1000, 2)]),
    ("half of the MMF again after a gap", [p.doses(PRED, 300, None, 10), p.doses(MMF, 300, 120, 1000, 2), p.doses(MMF, 20, None, 500, 2)]),
)


@pytest.mark.parametrize("items", [row[1] for row in RECHECKED], ids=[row[0] for row in RECHECKED])
@pytest.mark.parametrize("days", [0, 7, 28, 34, 35, 36, 42, 63])
def test_the_recheck_day_is_the_first_that_is_met(days: int, items: list[Any]) -> None:
    """Evaluated on the day that it names the same chart is met, on the day before it is not."""
    chart = bundle([*items, *COVERING])
    recheck = criterion(evaluate(chart, AS_OF), "sle", "SLE-5").recheck_on
    assert recheck is not None
    day = recheck + timedelta(days=days - 35)
    if day > AS_OF:
        assert (criterion(evaluate(chart, day), "sle", "SLE-5").verdict == "met") is (day >= recheck)
