"""CC312's criteria on charts built for them, verdict, review and lean: exclusions E-07 to E-12 (spec 2 and 3)."""

from __future__ import annotations

import pytest

from tests.generative.charts import ATC
from tests.trials import parts as p
from tests.trials.verdicts import AMBULATORY, BLOOD, CK_HIGH, HCQ, RTX, SAME_TEST, TOFA, Row, called, holds, ids_of, named, told

TITLE = "CC312: exclusions E-07 to E-12"
COLUMNS = ("criterion", "arm", "chart", "verdict")

ROWS: tuple[Row, ...] = (
    ("E-07", "sle", "IgA 9 mg/dL", [p.lab("2458-8", 9, "mg/dL")], "triggered"),
    ("E-07", "sle", "IgA 10 mg/dL", [p.lab("2458-8", 10, "mg/dL")], "clear"),
    ("E-07", "sle", "IgA 0.09 g/L", [p.lab("2458-8", 0.09, "g/L")], "triggered"),
    ("E-07", "sle", "IgA deficiency coded, no value", [p.dx("D80.2")], "unknown, review"),
    ("E-07", "sle", "IgA never measured", [], "unknown"),
    ("E-07", "sle", "IgA 150, then 5 under the same number", [p.lab("2458-8", 150, "mg/dL", 9) | SAME_TEST, p.lab("2458-8", 5, "mg/dL") | SAME_TEST], "triggered"),
    ("E-07", "sle", "IgA 5 amended to 150, then 5 under the same number", [
        p.lab("2458-8", 150, "mg/dL", 9) | SAME_TEST | {"status": "amended"}, p.lab("2458-8", 5, "mg/dL") | SAME_TEST], "triggered"),
    ("E-07", "sle", "IgA 5, amended to 150 with a later day", [
        p.lab("2458-8", 5, "mg/dL", 9) | SAME_TEST, p.lab("2458-8", 150, "mg/dL") | SAME_TEST | {"status": "amended"}], "clear"),
    ("E-07", "sle", "IgA 150, then a preliminary 5 under the same number", [
        p.lab("2458-8", 150, "mg/dL", 9) | SAME_TEST, p.lab("2458-8", 5, "mg/dL") | SAME_TEST | {"status": "preliminary"}], "unknown, review"),
    ("E-07", "sle", "IgA 5 preliminary, 150 final", [
        p.lab("2458-8", 5, "mg/dL") | SAME_TEST | {"status": "preliminary"}, p.lab("2458-8", 150, "mg/dL") | SAME_TEST], "clear"),
    ("E-07", "sle", "IgA 150, and 5 of unknown status under the same number", [
        p.lab("2458-8", 150, "mg/dL") | SAME_TEST, p.lab("2458-8", 5, "mg/dL") | SAME_TEST | {"status": "unknown"}], "unknown, review"),
    ("E-08", "sle", "WBC 5.7, a newer one of 1.9 in words", [*BLOOD, called(p.lab("6690-2", 1.9, "10*9/L", 1), "Total white cell count")], "unknown, review"),
    ("E-08", "sle", "WBC 5.7, free haemoglobin of the plasma in words", [*BLOOD, called(p.lab("718-7", 0.02, "g/dL", 1), "Hemoglobin, plasma free")], "clear"),
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
    ("E-09", "sle", "seen for a clinical trial 2 weeks ago", [p.admission(14, 14) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "Z00.6"))]}], "unknown, review"),
    ("E-10", "sle", "CAR-T product 100 days ago", [p.given("L01XL03", 100, ATC)], "triggered"),
    ("E-10", "sle", "history of CAR-T, undated", [p.dx("Z92.850", None)], "unknown, review"),
    ("E-10", "sle", "CAR-T cells 3 months ago, SNOMED CT", [p.procedure("1156961008", 90)], "triggered"),
    ("E-11", "sle", "rituximab 14 days ago, no count", [p.given(RTX, 14)], "unknown, leans triggered"),
    ("E-11", "sle", "rituximab 14 days ago, CD19 back", [p.given(RTX, 14), p.lab("8116-6", 150, "/uL", 2) | {
        "referenceRange": [{"low": {"value": 90, "unit": "/uL", "code": "/uL", "system": "http://unitsofmeasure.org"}}]}], "clear"),
    ("E-11", "sle", "rituximab 14 days ago, CD19 low", [p.given(RTX, 14), p.lab("8116-6", 5, "/uL", 2) | {
        "referenceRange": [{"low": {"value": 90, "unit": "/uL", "code": "/uL", "system": "http://unitsofmeasure.org"}}]}], "triggered"),
    ("E-11", "sle", "rituximab 20 days ago, CD19 back", [p.given(RTX, 20), p.lab("8116-6", 250, "/uL", 3) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]}], "clear"),
    ("E-11", "sle", "rituximab 10 days ago, a person says no of the whole", [p.given(RTX, 10), p.answer("E-11", "N")], "unknown, review"),
    ("E-11", "sle", "rituximab 10 days ago, a person says the B cells are back", [p.given(RTX, 10), p.answer("E-11/b", "Y")], "clear"),
    ("E-11", "sle", "the same, a second count of the day low", [
        p.given(RTX, 20), p.lab("8116-6", 250, "/uL", 3) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]},
        p.lab("8116-6", 2, "/uL", 3) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]}], "unknown, review"),
    ("E-11", "sle", "the same, a newer count preliminary", [
        p.given(RTX, 20), p.lab("8116-6", 250, "/uL", 5) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]},
        p.lab("8116-6", 2, "/uL", 3) | {"referenceRange": [{"low": p.quantity(100, "/uL")}], "status": "preliminary"}], "unknown, review"),
    ("E-11", "sle", "rituximab biosimilar 20 days ago, a procedure under its billing code", [p.procedure("Q5115", 20, p.HCPCS)], "unknown, leans triggered"),
    ("E-11", "sle", "rituximab given under its billing code", [p.given("J9312", 20, "urn:oid:2.16.840.1.113883.6.285")], "unknown, leans triggered"),
    ("E-11", "sle", "a procedure under a drug's billing code that is not known here, without words", [p.takes(HCQ, 300), p.procedure("J1885", 20, p.HCPCS)], "unknown"),
    ("E-12", "sle", "a procedure under a drug's billing code that is not known here, without words", [p.takes(HCQ, 300), p.procedure("J1885", 20, p.HCPCS)], "unknown"),
    ("E-12", "sle", "the same with its words", [
        p.takes(HCQ, 300), p.procedure("J1885", 20, p.HCPCS) | {"code": {"text": "Injection, ketorolac tromethamine, 15 mg"}}], "clear, presumed"),
    ("E-11", "sle", "a service under a code of other billing sections, without words", [p.takes(HCQ, 300), p.procedure("G0463", 20, p.HCPCS)], "clear, presumed"),
    ("E-11", "sle", "a procedure with rituximab 40 days ago", [p.procedure("Q5115", 40, p.HCPCS)], "clear, presumed"),
    ("E-11", "sle", "rituximab 20 days ago, CD19 low, the same in two lists", [
        p.procedure("Q5115", 20, p.HCPCS), p.given(RTX, 20), p.lab("8116-6", 5, "/uL", 2) | {"referenceRange": [{"low": p.quantity(100, "/uL")}]}], "triggered"),
    ("E-11", "sle", "telitacicept last week, by its name", [
        p.given("x", 7, "urn:x") | {"medicationCodeableConcept": {"text": "Telitacicept 160 mg"}}], "unknown, review"),
    ("E-12", "sle", "anifrolumab 60 days ago", [p.given("L04AG11", 60, ATC)], "triggered"),
    ("E-12", "iim", "anifrolumab in myositis", [p.given("L04AG11", 60, ATC)], "not applicable"),
    ("E-12", "sle", "other therapy answered of two people differently", [p.answer("E-12/a", "Y"), p.answer("E-12/a", "N")], "unknown, review"),
    ("E-12", "sle", "anifrolumab 5 months ago, half-life not known", [p.given("L04AG11", 150, ATC)], "unknown, review"),
    ("E-12", "sle", "anifrolumab 13 months ago", [p.given("L04AG11", 400, ATC), p.takes(HCQ, 300)], "clear, presumed"),
    ("E-12", "sle", "daratumumab 4 months ago: within five half-lives", [p.given("L01FC01", 120, ATC)], "unknown, review"),
    ("E-12", "sle", "daratumumab 5 months ago: beyond them", [p.given("L01FC01", 150, ATC), p.takes(HCQ, 300)], "clear, presumed"),
    ("E-12", "sle", "tofacitinib stopped 4 months ago", [p.takes(TOFA, 400, 120), p.takes(HCQ, 300)], "clear, presumed"),
    ("E-12", "sle", "voclosporin 60 days ago", [p.takes("2475166", 200, 60)], "unknown, review"),
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
    ("E-12", "sle", "plasma exchange under ICD-10-PCS", [
        p.procedure("6A551Z3", 30, "http://www.cms.gov/Medicare/Coding/ICD10"), p.takes(HCQ, 300)], "unknown, review"),
)  # fmt: skip


def printed() -> list[tuple[str, ...]]:
    return told(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=ids_of(ROWS))
def test_the_criterion_says_what_the_table_says(row: Row) -> None:
    """Each row's chart gives the row's verdict."""
    holds(row)
