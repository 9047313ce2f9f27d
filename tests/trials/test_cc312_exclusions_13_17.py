"""CC312's criteria on charts built for them, verdict, review and lean: exclusions E-13 to E-17 (spec 2 and 3)."""

from __future__ import annotations

import pytest

from tests.generative.charts import ATC, SNOMED
from tests.trials import parts as p
from tests.trials.verdicts import (
    AMBULATORY,
    CPT,
    HCQ,
    NO_ALLERGY,
    RTX,
    Row,
    called,
    holds,
    ids_of,
    named,
    named_drug,
    request,
    told,
    vaccinated,
    worded,
)

TITLE = "CC312: exclusions E-13 to E-17"
COLUMNS = ("criterion", "arm", "chart", "verdict")

ROWS: tuple[Row, ...] = (
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
    ("E-13", "sle", "a planned live vaccine confirmed", [p.answer("E-13/b", "Y")], "triggered"),
    ("E-13", "sle", "yellow fever vaccine billed under CPT", [p.procedure("90717", 10, CPT)], "unknown, leans triggered"),
    ("E-13", "sle", "yellow fever vaccine billed under CPT 29 days ago", [p.procedure("90717", 29, CPT)], "clear, presumed"),
    ("E-13", "sle", "yellow fever vaccine given as a drug", [p.given("J07BL01", 10, ATC)], "unknown, leans triggered"),
    ("E-13", "sle", "yellow fever vaccine given as a drug 29 days ago", [p.given("J07BL01", 29, ATC)], "clear, presumed"),
    ("E-13", "sle", "a vaccine whose words nobody here knows", [vaccinated(10, "Impfstoff Nr. 7")], "unknown"),
    ("E-13", "sle", "a vaccine whose words nobody here knows, years ago", [vaccinated(900, "Impfstoff Nr. 7")], "clear, presumed"),
    ("E-13", "sle", "dengue vaccine under an ATC code of no set, its words say nothing", [vaccinated(10, "vaccine", (p.ATC, "J07BX04"))], "unknown"),
    ("E-13", "sle", "YF-Vax", [vaccinated(10, "YF-Vax")], "unknown, review"),
    ("E-13", "sle", "Chikungunya vaccine, live", [vaccinated(10, "Chikungunya vaccine, live")], "unknown, review"),
    ("E-13", "sle", "Chikungunya vaccine of virus-like particles", [vaccinated(10, "Vimkunya (chikungunya VLP vaccine)")], "clear, presumed"),
    ("E-13", "sle", "Havrix", [vaccinated(10, "Havrix 1440")], "clear, presumed"),
    ("E-13", "sle", "Boostrix Polio", [vaccinated(10, "Boostrix Polio")], "clear, presumed"),
    ("E-13", "sle", "IIV4", [vaccinated(10, "Flu vaccine (IIV4), preservative free")], "clear, presumed"),
    ("E-13", "sle", "LAIV4", [vaccinated(10, "Flu vaccine (LAIV4), FluMist, preservative free")], "unknown, review"),
    ("E-13", "sle", "重组带状疱疹疫苗", [vaccinated(10, "重组带状疱疹疫苗")], "clear, presumed"),
    ("E-13", "sle", "新冠灭活疫苗", [vaccinated(10, "新冠灭活疫苗")], "clear, presumed"),
    ("E-13", "sle", "influenza of split virus under CVX, without words", [p.vaccine("141", 10)], "clear, presumed"),
    ("E-13", "sle", "polio under CVX, kind not said", [p.vaccine("89", 10)], "unknown, review"),
    ("E-13", "sle", "MMR vaccination as a procedure in words", [called(p.procedure("1", 10), "MMR vaccination")], "unknown, review"),
    ("E-13", "sle", "MMR titre as a procedure in words", [called(p.procedure("1", 10), "MMR titre")], "clear, presumed"),
    ("E-13", "sle", "MMR vaccination ordered for next month", [called(request("1", p.ago(-30)), "MMR vaccination")], "unknown, review"),
    ("E-14", "sle", "pneumonia and intravenous ceftriaxone", [
        p.dx("J18.9", 6), p.given("2193", 5) | {"dosage": {"route": p.concept((SNOMED, "47625008"))}}], "unknown, leans triggered"),
    ("E-14", "sle", "pneumonia, oral amoxicillin, admitted", [
        p.dx("J18.9", 6), p.takes("723", 5, 1), p.admission(6, 2)], "unknown, leans triggered"),
    ("E-14", "sle", "urinary infection, oral amoxicillin", [p.dx("N39.0", 6), p.takes("723", 5, 1)], "unknown, review"),
    ("E-14", "sle", "cotrimoxazole prophylaxis", [p.takes("10180", 200), p.takes("10829", 200)], "clear, presumed"),
    ("E-14", "sle", "pneumonia 20 days ago, antibiotics ended 15 days ago", [p.dx("J18.9", 20), p.takes("723", 22, 15), p.takes(HCQ, 100)], "clear, presumed"),
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
    ("E-14", "sle", "pneumonia in words", [worded(p.dx("4950009", 10), "Pneumonia"), p.takes(HCQ, 100)], "unknown, review"),
    ("E-14", "sle", "pneumonia vaccination in words", [worded(p.dx("4950009", 10), "Pneumonia vaccination"), p.takes(HCQ, 100)], "clear, presumed"),
    ("E-14", "sle", "cellulitis in 2019 in words, recorded 10 days ago", [
        worded(p.dx("4950009", None), "Cellulitis in 2019, resolved") | {"recordedDate": p.ago(10).isoformat()}, p.takes(HCQ, 100)], "clear, presumed"),
    ("E-14", "sle", "history of sepsis under Z86.19", [worded(p.dx("Z86.19", 5), "History of sepsis"), p.takes(HCQ, 100)], "clear, presumed"),
    ("E-15", "sle", "no allergy list", [], "unknown"),
    ("E-15", "sle", "no known allergy", [p.allergy((SNOMED, "716186003"))], "clear"),
    ("E-15", "sle", "no known allergy in words", [called(p.allergy(("urn:x", "y")), "NKDA")], "unknown, review"),
    ("E-15", "sle", "no known allergy in words, and an allergy to penicillin", [
        called(p.allergy(("urn:x", "y")), "NKDA"), p.allergy((p.RXNORM, "7980"))], "clear, presumed"),
    ("E-15", "sle", "anaphylaxis to rituximab", [p.allergy((p.RXNORM, RTX), manifestation=(SNOMED, "39579001"))], "unknown, leans triggered"),
    ("E-15", "sle", "mild reaction to rituximab", [p.allergy((p.RXNORM, RTX), "mild")], "clear, presumed"),
    ("E-15", "sle", "allergy to omalizumab in words, severe", [p.allergy(("urn:x", "y"), "severe") | {"code": {"text": "Omalizumab"}}], "unknown, review"),
    ("E-15", "sle", "only no known food allergy", [p.allergy((SNOMED, "429625007"))], "unknown"),
    ("E-15", "sle", "allergy to recombinant proteins in words", [p.allergy(("urn:x", "y")) | {"code": {"text": "Recombinant protein"}}], "unknown, review"),
    ("E-15", "sle", "allergy to recombinant proteins under the local code", [p.allergy((p.LOCAL, "recombinant-protein"))], "unknown, leans triggered"),
    ("E-15", "sle", "allergy to penicillin", [p.allergy(("http://www.nlm.nih.gov/research/umls/rxnorm", "7980"), "severe")], "clear, presumed"),
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
    ("E-15", "sle", "an antibody by its brand", [called(p.allergy(("urn:x", "y")), "Dupixent")], "unknown, review"),
    ("E-15", "sle", "antibodies against CD20 by their class", [p.allergy((p.ATC, "L01FA"), "severe")], "unknown, review"),
    ("E-15", "sle", "an interleukin inhibitor by its class, canakinumab in words", [worded(p.allergy((p.ATC, "L04AC"), "severe"), "Canakinumab")], "unknown, review"),
    ("E-15", "sle", "ustekinumab by its code", [p.allergy((p.ATC, "L04AC05"), "severe")], "unknown, review"),
    ("E-15", "sle", "ustekinumab by its code, mild", [p.allergy((p.ATC, "L04AC05"), "mild")], "clear, presumed"),
    ("E-15", "sle", "antibacterials by their class", [p.allergy((p.ATC, "J01"), "severe")], "clear, presumed"),
    ("E-16", "sle", "opioid dependence, active", [p.dx("F11.20")], "unknown, leans triggered"),
    ("E-16", "sle", "nicotine dependence", [p.dx("F17.210")], "clear, presumed"),
    ("E-16", "sle", "alcoholic cirrhosis", [p.dx("K70.30")], "unknown, review"),
    ("E-16", "sle", "alcoholic cirrhosis in words", [named(p.dx("4950009", 300), "Alcoholic cirrhosis of liver")], "unknown, review"),
    ("E-16", "sle", "other cirrhosis", [p.dx("K74.60")], "clear, presumed"),
    ("E-16", "sle", "non-alcoholic fatty liver in words", [named(p.dx("4950009", 300), "Non-alcoholic fatty liver disease")], "clear, presumed"),
    ("E-16", "sle", "counselling of an alcoholic", [p.dx("Z71.41")], "unknown, review"),
    ("E-16", "sle", "counselling for the family of an alcoholic", [p.dx("Z71.42")], "clear, presumed"),
    ("E-16", "sle", "a person says yes", [p.answer("E-16/a", "Y")], "triggered"),
    ("E-16", "sle", "a person says no", [p.answer("E-16/a", "N")], "clear, presumed"),
    ("E-16", "sle", "seen for alcohol dependence", [p.admission(90, 90) | AMBULATORY | {"reasonCode": [p.concept((p.CM, "F10.20"))]}], "unknown, review"),
    ("E-17", "sle", "biopsy a week ago, wound open", [p.procedure("7246002", 7), p.answer("E-17/c", "Y")], "triggered"),
    ("E-17", "sle", "an operation planned", [p.procedure("387713003", -10)], "unknown, review"),
    ("E-17", "sle", "an operation being prepared, no day", [p.procedure("387713003", None, status="preparation")], "unknown, review"),
    ("E-17", "sle", "an operation once prepared and not heard of since", [p.procedure("387713003", 400, status="preparation")], "unknown"),
    ("E-17", "sle", "an operation ordered for next month", [request("387713003", p.ago(-30))], "unknown, review"),
    ("E-17", "sle", "an operation ordered, no day", [request("387713003", None)], "unknown, review"),
    ("E-17", "sle", "an operation ordered, and the order revoked", [request("387713003", p.ago(-30)) | {"status": "revoked"}], "unknown"),
    ("E-17", "sle", "an operation only proposed", [request("387713003", p.ago(-30)) | {"intent": "proposal"}], "unknown"),
    ("E-17", "sle", "an operation ordered 2 years ago, no day", [request("387713003", None) | {"authoredOn": p.ago(730).isoformat()}], "unknown"),
)  # fmt: skip


def printed() -> list[tuple[str, ...]]:
    return told(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=ids_of(ROWS))
def test_the_criterion_says_what_the_table_says(row: Row) -> None:
    """Each row's chart gives the row's verdict."""
    holds(row)
