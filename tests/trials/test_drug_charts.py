"""Charts whose drugs or doses are easily read for something else: what each criterion then says, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.generative.charts import AS_OF, COVERING, bundle
from tests.support.engine import criterion, evaluate
from tests.trials import parts as p
from tests.trials.verdicts import AZA, BEL, HCQ, MMF, MTX, PRED, RTX, TAC, words

DISEASES = {"sle": p.dx("M32.10"), "iim": p.dx("396230008"), "ssc": p.dx("128460000")}


def named(record: Any, text: str) -> Any:
    """The record with words beside its code."""
    return record | {"medicationCodeableConcept": record["medicationCodeableConcept"] | {"text": text}}


# What else is taken: a record of medication within the year, of nothing that any criterion names.
VITAMIN = named(p.takes("2418", 300), "cholecalciferol")


def noted(text: str) -> Any:
    return {"note": [{"text": text}]}


def dosed(code: str, days: int, mg: Any, times: int = 1, every: int = 1, **more: Any) -> Any:
    """An order of a drug at a dose."""
    return p.doses(code, days, None, mg, times, every, p.ordered, **more)


def told(days: int, sig: str, drug: str = "prednisone 5 mg tablet") -> Any:
    """A statement whose drug and dose are words only."""
    return p.takes("1", days) | {"medicationCodeableConcept": {"text": drug}, "dosage": [{"text": sig}]}


def of_class(code: str, days: int, text: str | None = None) -> Any:
    """A dose given under an ATC code, with or without words."""
    one = p.given(code, days, p.ATC)
    return named(one, text) if text else one


def called(text: str, days: int, instruction: str | None = None) -> Any:
    """A statement of a drug that only words name, with or without an instruction in words."""
    one = p.takes(HCQ, days) | {"medicationCodeableConcept": {"text": text}}
    return one | {"dosage": [{"text": instruction}]} if instruction else one


def in_words(text: str, days: int) -> Any:
    """A procedure that only words name."""
    return p.procedure("1", days, "urn:site:procedures") | {"code": {"text": text}}


_DAYS = {"value": 90, "unit": "d", "code": "d", "system": "http://unitsofmeasure.org"}
REFILLED = p.ordered(HCQ, 100) | {
    "dispenseRequest": {"numberOfRepeatsAllowed": 3, "expectedSupplyDuration": _DAYS},
    "dosageInstruction": [
        p.dosage(200, 2) | {"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "boundsDuration": _DAYS}}}
    ],
}

EVERY_WEEK = [p.given(MTX, 4 + 7 * week) | {"dosage": p.by(p.SKIN) | {"dose": p.quantity(15, "mg")}} for week in range(15)]
EVERY_MONTH = [p.given("J06BA02", 5 + 28 * month, p.ATC) | {"dosage": p.by(p.VEIN)} for month in range(6)]

TAKEN_ON = {name: value for name, value in p.doses(HCQ, 10, None, 400).items() if name != "effectivePeriod"} | {
    "effectiveDateTime": p.ago(10).isoformat()
}

REPORTED = {"intent": "plan", "reportedBoolean": True}
PLANNED = p.doses(BEL, 60, None, 200, 1, 7, p.ordered) | {"intent": "plan"}


def undated(record: Any) -> Any:
    """The statement, of which no date says when."""
    return {name: value for name, value in record.items() if name != "effectivePeriod"}


def asserted(days: int, mg: Any) -> Any:
    """Prednisone on the patient's list of a day, which does not say since when."""
    return undated(p.doses(PRED, days, None, mg)) | {"dateAsserted": p.ago(days).isoformat()}


def since(start: str, record: Any) -> Any:
    """The statement, taken since a month or a year."""
    return record | {"effectivePeriod": {"start": start}}


def until(end: str, record: Any) -> Any:
    """The statement, completed on a day, or on some day of a month."""
    return record | {"status": "completed", "effectivePeriod": record["effectivePeriod"] | {"end": end}}


def since_month(month: str, record: Any) -> Any:
    """The order, written on some day of a month."""
    return record | {"authoredOn": month, "dispenseRequest": {"validityPeriod": {"start": month}}}


def by_month(month: str, record: Any) -> Any:
    """What was given, on some day of a month."""
    return record | {"effectiveDateTime": month}


MMF_GIVEN = p.given(MMF, 20) | {"dosage": {"dose": p.quantity(500, "mg")}}
ENDED = p.doses(PRED, 90, None, 2.5) | {"status": "completed"}
PULSE = p.infused("6902", 20, 1000)
UP_TO_800 = p.dosage(400) | {"doseAndRate": [{"doseRange": {"low": p.quantity(200, "mg"), "high": p.quantity(800, "mg")}}]}
KIDNEYS = [p.lab("2889-4", 1, "g/(24.h)"), p.lab("2160-0", 0.8, "mg/dL")]

ROWS: tuple[tuple[str, str, str, list[Any], str], ...] = (
    ("SLE-6", "sle", "prednisone 5 mg for months, 60 mg on the list of 5 days ago", [p.doses(PRED, 180, None, 5), asserted(5, 60)], "not-met"),
    ("SSC-6", "ssc", "prednisone 5 mg for months, 60 mg on the list of 5 days ago", [p.doses(PRED, 180, None, 5), asserted(5, 60)], "not-met"),
    ("SSC-6", "ssc", "prednisone 5 mg for months, and on the list of 5 days ago", [p.doses(PRED, 180, None, 5), asserted(5, 5)], "met, presumed"),
    ("SLE-6", "sle", "prednisone 45 mg on the list of a year ago, 5 mg on that of 5 days ago", [asserted(360, 45), asserted(5, 5)], "met"),
    ("SLE-6", "sle", "prednisone 5 mg for months, 60 mg without a date", [p.doses(PRED, 180, None, 5), undated(p.doses(PRED, 5, None, 60))], "unknown, review"),
    ("SLE-6", "sle", "prednisone 5 mg for months, and without a date", [p.doses(PRED, 180, None, 5), undated(p.doses(PRED, 5, None, 5))], "met"),
    ("SLE-6", "sle", "prednisone 5 mg ordered, 60 mg without a date", [dosed(PRED, 180, 5), undated(p.doses(PRED, 5, None, 60))], "unknown, review"),
    ("SLE-6", "sle", "prednisone 5 mg for 97 days, 60 mg since a day of this year",
     [p.doses(PRED, 97, None, 5), since("2026", p.doses(PRED, 5, None, 60))], "unknown, review"),
    ("SLE-6", "sle", "prednisone 5 mg for 97 days, 60 mg since a day of last year", [p.doses(PRED, 97, None, 5), since("2025", p.doses(PRED, 5, None, 60))], "met"),
    ("SLE-6", "sle", "prednisone 16 mg completed, its end not stated, an order of today without a dose",
     [p.doses(PRED, 27, None, 16) | {"status": "completed"}, p.ordered(PRED, 0)], "unknown"),
    ("SLE-6", "sle", "prednisone 15 mg stated for months, ordered 5 days ago without a dose", [p.doses(PRED, 200, None, 15), p.ordered(PRED, 5)], "unknown"),
    ("SLE-6", "sle", "prednisone 15 mg ordered months ago, on the list of 5 days ago without a dose",
     [dosed(PRED, 200, 15), p.takes(PRED, 5)], "met"),
    ("SLE-6", "sle", "prednisone given on a day of this month", [p.given(PRED, 3) | {"effectiveDateTime": "2026-06"}], "unknown, review"),
    ("SLE-6", "sle", "prednisone given on a day of last month", [p.given(PRED, 3) | {"effectiveDateTime": "2026-05"}], "not applicable"),
    ("SLE-7", "sle", "prednisone 2.5 mg completed, its end not stated, prednisolone 10 mg for 5 days", [ENDED, p.doses("8638", 5, None, 10)], "unknown, review"),
    ("SLE-7", "sle", "prednisone 2.5 mg until 6 days ago, prednisolone 10 mg for 5 days", [p.doses(PRED, 90, 6, 2.5), p.doses("8638", 5, None, 10)], "not-met"),
    ("SLE-7", "sle", "prednisone 5 mg as needed", [p.doses(PRED, 200, None, 5, asNeededBoolean=True)], "unknown, review"),
    ("SLE-5", "sle", "hydroxychloroquine 400 mg until February, 200 to 800 mg for 10 days",
     [p.doses(HCQ, 500, 120, 400), p.takes(HCQ, 10) | {"dosage": [UP_TO_800]}], "unknown, review"),
    ("SLE-7", "sle", "prednisone 15 mg, voclosporin by its code", [p.doses(PRED, 200, None, 15), p.takes("2475166", 200)], "met"),
    ("IIM-6", "iim", "prednisone 7.5 mg, hydroxychloroquine in words", [p.doses(PRED, 200, None, 7.5), called("hydroxychloroquine 200 mg", 200)], "unknown, review"),
    ("E-01", "sle", "one pulse of methylprednisolone on a day of last month", [PULSE | {"effectiveDateTime": "2026-05"}, *KIDNEYS], "unknown, review"),
    ("E-01", "sle", "one pulse of methylprednisolone, no date", [{n: v for n, v in PULSE.items() if n != "effectiveDateTime"}, *KIDNEYS], "unknown, review"),
    ("E-01", "sle", "one pulse of methylprednisolone 20 days ago", [PULSE, *KIDNEYS], "clear, presumed"),
    ("E-12", "sle", "anifrolumab since a day of this year", [since("2026", p.takes("L04AG11", 1, system=p.ATC))], "unknown, review"),
    ("E-12", "sle", "anifrolumab since a day of March", [since("2026-03", p.takes("L04AG11", 1, system=p.ATC))], "unknown, review"),
    ("E-12", "sle", "anifrolumab since a day of April", [since("2026-04", p.takes("L04AG11", 1, system=p.ATC))], "triggered"),
    ("SLE-5", "sle", "hydroxychloroquine for months, tacrolimus in words until December, 1 mg again for 10 days",
     [p.doses(HCQ, 300, None, 400), p.doses(TAC, 500, 180, 1, 2) | {"medicationCodeableConcept": {"text": "Prograf 1 mg"}}, p.doses(TAC, 10, None, 1, 2)],
     "unknown, review"),
    ("SLE-5", "sle", "hydroxychloroquine for months, tacrolimus until December, its dose not read, 1 mg again for 10 days",
     [p.doses(HCQ, 300, None, 400), p.takes(TAC, 500, 180) | {"dosage": [{"text": "as directed"}]}, p.doses(TAC, 10, None, 1, 2)], "unknown, review"),
    ("SLE-5", "sle", "hydroxychloroquine for months, tacrolimus 3 mg until December, 1 mg for 10 days",
     [p.doses(HCQ, 300, None, 400), p.doses(TAC, 500, 180, 3), p.doses(TAC, 10, None, 1)], "not-met"),
    ("SLE-5", "sle", "hydroxychloroquine for months, triamcinolone into a muscle without a date",
     [p.doses(HCQ, 300, None, 400), undated(p.takes("10759", 5)) | {"dosage": [p.by(p.MUSCLE)]}], "unknown, review"),
    ("E-12", "sle", "immunoglobulin in words", [called("Immunoglobulin 10% 30 g i.v.", 20), VITAMIN], "unknown, review"),
    ("E-12", "sle", "immunoglobulin in Chinese, as wards call it", [called("静丙 20g", 20), VITAMIN], "unknown, review"),
    ("E-12", "sle", "immunoglobulin against hepatitis B", [called("Hepatitis B immune globulin (human)", 20), VITAMIN], "clear, presumed"),
    ("E-12", "sle", "immunoglobulin against tetanus in Chinese", [called("破伤风人免疫球蛋白", 20), VITAMIN], "clear, presumed"),
    ("E-11", "sle", "obinutuzumab by its Chinese brand", [called("佳罗华", 10), VITAMIN], "unknown, review"),
    ("SLE-7", "sle", "prednisone 5 mg, AZA", [p.doses(PRED, 200, None, 5), called("AZA 100 mg", 200)], "unknown, review"),
    ("SLE-7", "sle", "prednisone 5 mg, ciclosporin in Chinese", [p.doses(PRED, 200, None, 5), called("环孢菌素A软胶囊", 200)], "unknown, review"),
    ("SLE-6", "sle", "budesonide capsules for the gut in words: no equivalent is known", [called("Entocort EC 3 mg", 100, "3 capsules daily")], "unknown, review"),
    ("SLE-6", "sle", "budesonide to be inhaled", [called("Symbicort Turbohaler", 100), VITAMIN], "not applicable"),
    ("E-09", "sle", "a blinded drug on the list of drugs", [called("Study drug CC-99282 or placebo", 30)], "unknown, review"),
    ("E-09", "sle", "a blinded drug in German", [called("Prüfmedikation Studie 4711", 30)], "unknown, review"),
    ("E-09", "sle", "a drug of a trial, ended more than a year ago", [called("Study drug CC-99282", 900) | {"status": "completed",
        "effectivePeriod": {"start": p.ago(900).isoformat(), "end": p.ago(400).isoformat()}}, VITAMIN], "clear, presumed"),
    ("E-09", "sle", "no drug of a trial", [VITAMIN], "clear, presumed"),
    ("E-13", "sle", "live varicella vaccine as a drug, in Chinese", [called("水痘减毒活疫苗", 10)], "unknown, review"),
    ("E-13", "sle", "inactivated vaccine as a drug, in Chinese", [called("流感灭活疫苗", 10), VITAMIN], "clear, presumed"),
    ("E-11", "sle", "ocrelizumab by its code until 2023", [of_class("L04AA36", 10, "ocrelizumab")], "unknown, leans triggered"),
    ("E-11", "sle", "ocrelizumab in words, its class by a code", [of_class("L04AA", 10, "ocrelizumab")], "unknown, review"),
    ("E-11", "sle", "a CD20 antibody, which is not said", [of_class("L01FA", 10)], "unknown, review"),
    ("E-11", "sle", "a CD20 antibody, its words name none", [of_class("L01FA99", 10, "Trial drug")], "unknown, review"),
    ("E-11", "sle", "a calcineurin inhibitor, which is not said", [of_class("L04AD", 10)], "clear, presumed"),
    ("E-11", "sle", "fingolimod by its code until 2023", [of_class("L04AA27", 10)], "clear, presumed"),
    ("E-11", "sle", "mycophenolate in words, its class by a code", [of_class("L04AA", 10, "mycophenolate")], "clear, presumed"),
    ("E-11", "sle", "belimumab every week by the patient's own report", [PLANNED | {"reportedBoolean": True}, VITAMIN], "unknown, review"),
    ("E-11", "sle", "belimumab planned", [PLANNED, VITAMIN], "clear, presumed"),
    ("SLE-6", "sle", "prednisone 60 mg by the patient's own report", [dosed(PRED, 90, 60) | REPORTED, VITAMIN], "unknown, review"),
    ("SLE-6", "sle", "the same beside prednisone 15 mg stated before", [p.doses(PRED, 200, None, 15), dosed(PRED, 90, 60) | REPORTED], "unknown, review"),
    ("SLE-6", "sle", "prednisone 15 mg stated, and reported since", [p.doses(PRED, 200, None, 15), dosed(PRED, 90, 15) | REPORTED], "met"),
    ("SLE-6", "sle", "prednisone 40 mg on even and 20 mg on odd days",
     [p.takes(PRED, 200) | {"dosage": [{"text": "Take 40 mg on even days and 20 mg on odd days"}]}], "met"),
    ("SLE-6", "sle", "prednisone 45 mg on even and 20 mg on odd days",
     [p.takes(PRED, 200) | {"dosage": [{"text": "Take 45 mg on even days and 20 mg on odd days"}]}], "unknown, review"),
    ("SLE-6", "sle", "prednisone 60 mg planned", [dosed(PRED, 90, 60) | {"intent": "plan"}, VITAMIN], "not applicable"),
    ("E-12", "sle", "anifrolumab by its code until 2023", [of_class("L04AA51", 10, "anifrolumab")], "triggered"),
    ("E-12", "sle", "a kinase inhibitor, which is not said", [of_class("L04AF99", 10)], "unknown, review"),
    ("E-12", "sle", "pirfenidone", [of_class("L04AX05", 10), VITAMIN], "clear, presumed"),
    ("SLE-6", "sle", "prednisolone 60 mg in words, its class by a code",
     [named(p.takes("H02AB", 60, system=p.ATC), "prednisolone 20 mg tablets") | {"dosage": [p.dosage(60)]}], "unknown, review"),
    ("SLE-6", "sle", "a glucocorticoid, which is not said", [p.takes("H02AB", 60, system=p.ATC) | {"dosage": [p.dosage(60)]}], "unknown, review"),
    ("SLE-6", "sle", "a glucocorticoid for the skin", [named(p.takes("D07AC01", 60, system=p.ATC), "betamethasone"), VITAMIN], "not applicable"),
    ("E-11", "sle", "rituximab, its class not taken", [p.given(RTX, 10), p.takes("L01FA", 5, system=p.ATC) | {"status": "not-taken"}],
     "unknown, leans triggered"),
    ("SLE-5", "sle", "azathioprine ordered, its note: never started", [p.doses(AZA, 200, None, 100, kind=p.ordered) | noted("never started")], "unknown, review"),
    ("SLE-5", "sle", "methotrexate weekly, its instruction: stopped",
     [p.takes(MTX, 200) | {"dosage": [p.dosage(15, every=7, text="15 mg weekly - STOPPED 11/10/26")]}], "unknown, review"),
    ("SLE-7", "sle", "prednisone 5 mg, hydroxychloroquine no longer taken by its note",
     [p.doses(PRED, 200, None, 5), p.doses(HCQ, 200, None, 400) | noted("no longer taking")], "unknown, review"),
    ("E-11", "sle", "rituximab infusion, a procedure in words", [in_words("Rituximab infusion", 10)], "unknown, review"),
    ("E-11", "sle", "rituximab antibody test, a procedure in words", [in_words("Rituximab antibody test", 10), VITAMIN], "clear, presumed"),
    ("SLE-3", "sle", "tacrolimus for the skin by its brand", [p.takes(MMF, 900, 300), named(p.takes(TAC, 900, 300), "Protopic")], "unknown"),
    ("SLE-3", "sle", "tacrolimus for the skin by its instruction",
     [p.takes(MMF, 900, 300), p.takes(TAC, 900, 300) | {"dosage": [{"text": "apply thin layer to rash twice daily"}]}], "unknown"),
    ("SLE-6", "sle", "prednisone 60 mg for 14 days, still active", [p.takes(PRED, 200) | {"dosage": [{"text": "60 mg daily for 14 days"}]}], "unknown, review"),
    ("SLE-7", "sle", "prednisone 5 mg, hydroxychloroquine for 90 days with 3 refills",
     [p.doses(PRED, 200, None, 5), REFILLED, VITAMIN], "not applicable"),
    ("SLE-5", "sle", "hydroxychloroquine for 90 days with 3 refills, ordered 100 days ago", [REFILLED], "met, presumed"),
    ("SLE-7", "sle", "prednisone 5 mg, methotrexate given every week", [p.doses(PRED, 200, None, 5), *EVERY_WEEK], "not applicable"),
    ("IIM-5", "iim", "immunoglobulin given every 4 weeks, nothing else", EVERY_MONTH, "unknown, review"),
    ("SLE-6", "sle", "prednisone 15 mg ordered, 60 mg stated since in words only", [dosed(PRED, 200, 15), told(5, "60 mg daily")], "unknown, review"),
    ("SLE-6", "sle", "prednisone 60 mg ordered, 15 mg stated since in words only", [dosed(PRED, 200, 60), told(5, "15 mg daily")], "unknown, review"),
    ("SLE-6", "sle", "prednisone 15 mg ordered, stated since in words only", [dosed(PRED, 200, 15), told(5, "15 mg daily")], "met"),
    ("SLE-5", "sle", "prednisone 15 mg ordered, stated since in words only", [dosed(PRED, 200, 15), told(5, "15 mg daily")], "met, presumed"),
    ("SLE-6", "sle", "prednisone 15 mg ordered, 25 mg stated since in words only", [dosed(PRED, 200, 15), told(5, "25 mg daily")], "met"),
    ("SLE-6", "sle", "prednisone 15 mg stated, 5 mg as needed ordered since", [p.doses(PRED, 200, None, 15), dosed(PRED, 5, 5, asNeededBoolean=True)], "met"),
    ("SSC-6", "ssc", "prednisone 10 mg stated, 20 mg as needed ordered since",
     [p.doses(PRED, 200, None, 10), dosed(PRED, 5, 20, asNeededBoolean=True)], "unknown, review"),
    ("SSC-6", "ssc", "prednisone 10 mg stated, 20 mg ordered since, status unknown",
     [p.doses(PRED, 200, None, 10), dosed(PRED, 5, 20) | {"status": "unknown"}], "unknown, review"),
    ("SSC-6", "ssc", "prednisone 10 mg stated, ordered since, status unknown",
     [p.doses(PRED, 200, None, 10), dosed(PRED, 5, 10) | {"status": "unknown"}], "met, presumed"),
    ("SSC-6", "ssc", "prednisone 20 mg ordered, 10 mg stated since in words only", [dosed(PRED, 200, 20), told(5, "10 mg daily")], "unknown, review"),
    ("SSC-6", "ssc", "prednisone 20 mg ordered, 15 mg stated since in words only", [dosed(PRED, 200, 20), told(5, "15 mg daily")], "not-met"),
    ("SLE-5", "sle", "methotrexate 15 mg a week ordered, 25 mg stated since in words only",
     [dosed(MTX, 200, 15, 1, 7), told(5, "25 mg once a week", "methotrexate 2.5 mg tablet")], "unknown, review"),
    ("IIM-5", "iim", "prednisone 20 mg ordered, 80 mg stated since in words only", [dosed(PRED, 200, 20), told(5, "80 mg daily")], "unknown, review"),
    ("SLE-7", "sle", "prednisone 15 mg ordered, 5 mg stated since in words only", [dosed(PRED, 200, 15), told(5, "5 mg daily")], "unknown, review"),
    ("SLE-7", "sle", "prednisone 15 mg ordered, 10 mg stated since in words only", [dosed(PRED, 200, 15), told(5, "10 mg daily")], "met"),
    ("E-01", "sle", "prednisone 15 mg stated, 100 mg for 20 days in words only", [p.doses(PRED, 200, None, 15), told(40, "100 mg daily for 20 days")],
     "unknown, review"),
    ("E-11", "sle", "Blitzima", [called("Blitzima", 10)], "unknown, review"),
    ("E-11", "sle", "Talvey, no antibody against B cells", [called("Talvey", 10)], "clear, presumed"),
    ("E-12", "sle", "Talvey", [called("Talvey", 10)], "unknown, review"),
    ("SLE-7", "sle", "prednisone 5 mg, voclosporin", [p.doses(PRED, 200, None, 5), called("Lupkynis", 200)], "unknown, review"),
    ("SLE-7", "sle", "prednisone 5 mg, voclosporin by its code", [p.doses(PRED, 200, None, 5), p.takes("2475166", 200)], "unknown, review"),
    ("SLE-7", "sle", "prednisone 5 mg, anifrolumab", [p.doses(PRED, 200, None, 5), *(p.given("L04AG11", day, p.ATC) for day in (80, 52, 24))],
     "unknown, review"),
    ("SLE-7", "sle", "prednisone 15 mg, voclosporin", [p.doses(PRED, 200, None, 15), called("Lupkynis", 200)], "met"),
    ("SLE-7", "sle", "prednisone 5 mg, vitamin D", [p.doses(PRED, 200, None, 5), VITAMIN], "not-met"),
    ("IIM-6", "iim", "prednisone 5 mg, immunoglobulin every 4 weeks", [p.doses(PRED, 200, None, 5), *EVERY_MONTH], "unknown, review"),
    ("IIM-6", "iim", "prednisone 5 mg, azathioprine", [p.doses(PRED, 200, None, 5), p.takes(AZA, 200)], "not applicable"),
    ("E-12", "sle", "Simlandi, a biosimilar", [called("Simlandi", 30)], "unknown, review"),
    ("E-12", "sle", "iguratimod in Chinese", [called("艾拉莫德片", 30)], "unknown, review"),
    ("E-12", "sle", "Saphris, which is asenapine", [called("Saphris 5 mg", 30)], "clear, presumed"),
    ("E-11", "sle", "an antibody against CD20 without a name", [called("anti-CD20 monoclonal antibody", 10)], "unknown, review"),
    ("E-10", "sle", "CAR-T cells of a trial by their code", [called("KYV-101", 60)], "unknown, review"),
    ("SLE-6", "sle", "Predni H 50 mg in words", [called("Predni H Tablinen 50 mg", 10, "1-0-0")], "unknown, review"),
    ("SLE-6", "sle", "cloprednol in words: no equivalent is known", [called("Syntestan 2,5 mg", 10, "1-0-0")], "unknown, review"),
    ("SLE-6", "sle", "Pred Forte eye drops", [called("Pred Forte eye drops", 10), VITAMIN], "not applicable"),
    ("SLE-5", "sle", "hydroxychloroquine for months, Diprophos last week",
     [p.doses(HCQ, 200, None, 400), called("Diprophos", 7)], "unknown, review"),
    ("SLE-5", "sle", "hydroxychloroquine for months, corticotropin since ten days", [p.doses(HCQ, 200, None, 400), called("Acthar Gel", 10)],
     "unknown, review"),
    ("SLE-5", "sle", "hydroxychloroquine for months, a gel for the skin since ten days", [p.doses(HCQ, 200, None, 400), called("Hydrocortisone gel", 10)],
     "met, presumed"),
    ("E-01", "sle", "prednisone 100 mg stated until 2026-05-30, 80 mg ordered",
     [until("2026-05-30", p.doses(PRED, 60, None, 100)), dosed(PRED, 60, 80), *KIDNEYS], "unknown, review"),
    ("E-01", "sle", "prednisone 100 mg stated until a day of May, 80 mg ordered",
     [until("2026-05", p.doses(PRED, 60, None, 100)), dosed(PRED, 60, 80), *KIDNEYS], "unknown, review"),
    ("E-01", "sle", "prednisone 60 mg stated until a day of May, 80 mg ordered",
     [until("2026-05", p.doses(PRED, 60, None, 60)), dosed(PRED, 60, 80), *KIDNEYS], "clear, presumed"),
    ("E-01", "sle", "prednisone 100 mg stated, its end not, 80 mg ordered",
     [p.doses(PRED, 60, None, 100) | {"status": "completed"}, dosed(PRED, 60, 80), *KIDNEYS], "clear, presumed"),
    ("E-01", "sle", "prednisone 20 mg and 80 mg ordered on one day", [dosed(PRED, 29, 20), dosed(PRED, 29, 80), *KIDNEYS], "triggered"),
    ("E-01", "sle", "prednisone 20 mg ordered in May, 80 mg on a day of it",
     [since_month("2026-05", dosed(PRED, 29, 20)), dosed(PRED, 29, 80), *KIDNEYS], "unknown, review"),
    ("E-01", "sle", "prednisone 20 mg ordered in April, 80 mg in May",
     [since_month("2026-04", dosed(PRED, 29, 20)), dosed(PRED, 29, 80), *KIDNEYS], "clear, presumed"),
    ("SLE-6", "sle", "prednisone 2.5 mg since a day of May, 80 mg since the first of it",
     [since("2026-05", p.doses(PRED, 29, None, 2.5)), p.doses(PRED, 45, None, 80)], "unknown, review"),
    ("SLE-6", "sle", "prednisone 80 mg until a day of this month", [until("2026-06", p.doses(PRED, 60, None, 80))], "unknown, review"),
    ("SLE-6", "sle", "prednisone 80 mg until a day of May", [until("2026-05", p.doses(PRED, 60, None, 80))], "not applicable"),
    ("SLE-6", "sle", "prednisone 80 mg completed, its end not stated",
     [p.doses(PRED, 60, None, 80) | {"status": "completed"}], "not applicable"),
    ("SLE-6", "sle", "prednisone 15 mg stated, 60 mg ordered since, a small dose of unclear status last",
     [p.doses(PRED, 29, None, 15), dosed(PRED, 29, 60), p.doses(PRED, 20, 17, 5, kind=p.ordered) | {"status": "unknown"}], "unknown, review"),
    ("SLE-5", "sle", "mycophenolate until 20 days ago, the same again for 10 days",
     [p.doses(HCQ, 300, None, 400), p.doses(MMF, 300, 20, 1000, 2), p.doses(MMF, 10, None, 1000, 2)], "unknown, review"),
    ("SLE-5", "sle", "mycophenolate until 20 days ago, the same again for 10 days in words",
     [p.doses(HCQ, 300, None, 400), p.doses(MMF, 300, 20, 1000, 2), p.doses(MMF, 10, None, 1000, 2) | {
         "medicationCodeableConcept": {"text": "mycophenolate mofetil"}}], "unknown, review"),
    ("SLE-5", "sle", "mycophenolate until 20 days ago, the same again for 10 days, status unknown",
     [p.doses(HCQ, 300, None, 400), p.doses(MMF, 300, 20, 1000, 2), p.doses(MMF, 10, None, 1000, 2) | {"status": "unknown"}], "unknown, review"),
    ("SLE-5", "sle", "mycophenolate until 20 days ago, half of it for 10 days, status unknown",
     [p.doses(HCQ, 300, None, 400), p.doses(MMF, 300, 20, 1000, 2), p.doses(MMF, 10, None, 500, 2) | {"status": "unknown"}], "not-met"),
    ("SLE-5", "sle", "prednisone 20 mg until 29 days ago and again for 10, 10 mg between until a day of this month",
     [p.doses(PRED, 300, 29, 20), until("2026-06", p.doses(PRED, 28, None, 10)), p.doses(PRED, 10, None, 20)], "unknown, review"),
    ("SLE-5", "sle", "prednisone 20 mg until a day of this month, 10 mg for 10 days",
     [until("2026-06", p.doses(PRED, 300, None, 20)), p.doses(PRED, 10, None, 10)], "not-met"),
    ("SLE-7", "sle", "prednisone 5 mg, mycophenolate given 20 and 40 days ago",
     [p.doses(PRED, 200, None, 5), MMF_GIVEN, by_month(p.ago(40).isoformat(), MMF_GIVEN)], "not applicable"),
    ("SLE-7", "sle", "prednisone 5 mg, mycophenolate given 20 days ago and in May",
     [p.doses(PRED, 200, None, 5), MMF_GIVEN, by_month("2026-05", MMF_GIVEN)], "unknown, review"),
    ("SLE-7", "sle", "prednisone 5 mg, mycophenolate given 40 and 60 days ago", [p.doses(PRED, 200, None, 5),
      *(by_month(p.ago(days).isoformat(), MMF_GIVEN) for days in (40, 60))], "not-met"),
    ("IIM-6", "iim", "prednisone 5 mg, mycophenolate given 20 days ago and in May",
     [p.doses(PRED, 200, None, 5), MMF_GIVEN, by_month("2026-05", MMF_GIVEN)], "unknown, review"),
    ("SLE-7", "sle", "prednisone 5 mg, mycophenolate given in January and in March",
     [p.doses(PRED, 200, None, 5), by_month("2026-01", MMF_GIVEN), by_month("2026-03", MMF_GIVEN)], "not-met"),
    ("SLE-5", "sle", "prednisone 5 mg, mycophenolate given 20 and 40 days ago",
     [p.doses(PRED, 200, None, 5), MMF_GIVEN, by_month(p.ago(40).isoformat(), MMF_GIVEN)], "met"),
    ("SLE-5", "sle", "prednisone 5 mg, mycophenolate given 20 days ago and in May",
     [p.doses(PRED, 200, None, 5), MMF_GIVEN, by_month("2026-05", MMF_GIVEN)], "unknown, review"),
    ("SLE-5", "sle", "prednisone 5 mg, mycophenolate given 20 days ago and, status unknown, 40 days ago",
     [p.doses(PRED, 200, None, 5), MMF_GIVEN, by_month(p.ago(40).isoformat(), MMF_GIVEN) | {"status": "unknown"}], "unknown, review"),
    ("SLE-5", "sle", "prednisone 5 mg, mycophenolate given once, 20 days ago", [p.doses(PRED, 200, None, 5), MMF_GIVEN], "not-met"),
    ("SLE-5", "sle", "hydroxychloroquine taken on a day 10 days ago, whenever begun", [TAKEN_ON], "unknown, review"),
)  # fmt: skip


def found(arm: str, identity: str, items: list[Any]) -> Any:
    return criterion(evaluate(bundle([DISEASES[arm], *COVERING, *items]), AS_OF), arm, identity)


@pytest.mark.parametrize(("identity", "arm", "label", "items", "expected"), ROWS, ids=[f"{row[0]}-{row[1]}-{row[2]}" for row in ROWS])
def test_the_drugs_are_read_as_a_physician_would(identity: str, arm: str, label: str, items: list[Any], expected: str) -> None:
    """Each row's chart gives the row's verdict."""
    one = found(arm, identity, items)
    assert words(one) == expected, (one.reason, one.missing)


@pytest.mark.parametrize("identity", ["SLE-5", "SLE-6"])
def test_an_instruction_that_is_not_understood_is_quoted(identity: str) -> None:
    """Where the dose is asked for, too: whoever asks sees what was written (spec 1.1, item 3)."""
    text = "60 mg PO daily, taper by 10 mg every week"
    one = found("sle", identity, [p.takes(PRED, 200) | {"dosage": [{"text": text}]}])
    assert f"“{text}”" in one.reason
    assert f"“{text}”" in one.missing[0].what


def test_a_drug_known_by_its_class_is_told_as_such() -> None:
    """The reason says once what is not known, and quotes the record once."""
    one = found("sle", "E-11", [of_class("L01FA99", 10, "Trial drug")])
    assert one.reason.count("tells only the class") == 1
    assert [each.display for each in one.evidence] == ["Trial drug"]


@pytest.mark.parametrize(
    ("arm", "identity", "items", "said"),
    [
        ("iim", "IIM-5", [called("Entocort EC 3 mg", 200, "3 capsules daily")], "no prednisone equivalent is known"),
        (
            "sle",
            "SLE-6",
            [p.doses(PRED, 180, None, 5), undated(p.doses(PRED, 5, None, 60))],
            "60 mg a day, and whether this is the latest record is not known",
        ),
        ("sle", "E-01", [PULSE | {"effectiveDateTime": "2026-05"}], "the day on which it was given is not known"),
        ("sle", "E-12", [since("2026", p.takes("L04AG11", 1, system=p.ATC))], "last dose between 2026-01-01 and 2026-06-15"),
    ],
)
def test_the_reason_says_once_what_is_open(arm: str, identity: str, items: list[Any], said: str) -> None:
    """In words that a physician can check against the chart."""
    assert found(arm, identity, items).reason.count(said) == 1
