"""CC312's criteria on charts built for them, verdict, review and lean: the inclusions of the lupus arm (spec 2 and 3)."""

from __future__ import annotations

import pytest

from tests.trials import parts as p
from tests.trials.verdicts import (
    AZA,
    BEL,
    HCQ,
    MMF,
    MTX,
    NOT_TAKEN,
    PRED,
    RTX,
    SAME_TEST,
    SLE,
    TAC,
    Row,
    german,
    holds,
    ids_of,
    named_drug,
    told,
    worded,
)

TITLE = "CC312: inclusions of the lupus arm"
COLUMNS = ("criterion", "arm", "chart", "verdict")

ROWS: tuple[Row, ...] = (
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
    ("SLE-1", "sle", "SLE coded, ANA only ever negative", [SLE, p.serology("8061-4", "negative", 300)], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “Rule out SLE”", [worded(SLE, "Rule out SLE")], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “V.a. SLE”, and SLE coded", [worded(SLE, "V.a. SLE"), p.dx("M32.9")], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, worded “V.a. SLE” with German certainty G", [german(worded(p.dx("M32.9", system=p.GM), "V.a. SLE"), "G")], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, worded as the mother's", [worded(SLE, "FHx: SLE (mother)")], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “Lupus”", [worded(SLE, "Lupus")], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, worded as lupus-like", [worded(SLE, "Lupus-like syndrome")], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “Discoid lupus”", [worded(SLE, "Discoid lupus")], "unknown, review"),
    ("SLE-1", "sle", "SLE coded, worded “SLE with discoid lupus”", [worded(SLE, "SLE with discoid lupus")], "unknown, leans met"),
    ("SLE-1", "sle", "SLE coded, worded “Discoid lupus”, and SLE coded", [worded(SLE, "Discoid lupus"), p.dx("M32.9")], "unknown, leans met"),
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
    ("SLE-3", "sle", "MMF 2 years, then MTX 6 months", [p.takes(MMF, 900, 200), p.takes(MTX, 190)], "unknown, leans met"),
    ("SLE-3", "sle", "the same, and relapse confirmed", [p.takes(MMF, 900, 200), p.takes(MTX, 190), p.answer("SLE-3/d", "Y")], "met"),
    ("SLE-3", "sle", "MMF only", [p.takes(MMF, 900)], "unknown"),
    ("SLE-3", "sle", "HCQ and prednisone do not count as agents", [p.takes(HCQ, 900), p.takes(PRED, 900)], "unknown"),
    ("SLE-3", "sle", "MMF long, MTX 1 month", [p.takes(MMF, 900, 200), p.takes(MTX, 30)], "unknown, review"),
    ("SLE-3", "sle", "belimumab long and MMF long", [p.takes(BEL, 400), p.takes(MMF, 900)], "unknown, leans met"),
    ("SLE-3", "sle", "MMF and tacrolimus only ever together", [p.takes(MMF, 400), p.takes(TAC, 400)], "unknown, review"),
    ("SLE-3", "sle", "nothing recorded", [], "unknown"),
    ("SLE-4", "sle", "SLEDAI 7 and one BILAG A", [p.score("sledai-2k", 7), p.bilag("AEEEEEEEE")], "met"),
    ("SLE-4", "sle", "SLEDAI 7 and two BILAG B", [p.score("sledai-2k", 7), p.bilag("BBEEEEEEE")], "met"),
    ("SLE-4", "sle", "SLEDAI 7 and one BILAG B", [p.score("sledai-2k", 7), p.bilag("BEEEEEEEE")], "not-met"),
    ("SLE-4", "sle", "SLEDAI 6", [p.score("sledai-2k", 6)], "not-met"),
    ("SLE-4", "sle", "SLEDAI 8, no BILAG", [p.score("sledai-2k", 8)], "unknown"),
    ("SLE-4", "sle", "SLEDAI and BILAG 9 days apart", [p.score("sledai-2k", 9, 12), p.bilag("AEEEEEEEE", 3)], "unknown, review"),
    ("SLE-4", "sle", "BILAG with ungraded domains", [p.score("sledai-2k", 9), p.bilag("E")], "unknown"),
    ("SLE-4", "sle", "two BILAG panels of one day that differ", [p.score("sledai-2k", 9), p.bilag("BEEEEEEEE"), p.bilag("EBEEEEEEE")], "unknown, review"),
    ("SLE-4", "sle", "BILAG preliminary", [p.score("sledai-2k", 9), p.bilag("AEEEEEEEE") | {"status": "preliminary"}], "unknown, review"),
    ("SLE-4", "sle", "no score, laboratory results of 8 points", [
        p.lab("2889-4", 0.9, "g/(24.h)"), p.serology("31348-6", "positive"), p.lab("777-3", 80, "10*3/uL"), p.lab("6690-2", 2.8, "10*3/uL"),
        p.bilag("AEEEEEEEE")], "unknown, leans met"),
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
)  # fmt: skip


def printed() -> list[tuple[str, ...]]:
    return told(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=ids_of(ROWS))
def test_the_criterion_says_what_the_table_says(row: Row) -> None:
    """Each row's chart gives the row's verdict."""
    holds(row)
