"""What several stories share: the results of a screening visit, treatment histories, and activity scores."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cds_service.demo import records
from cds_service.demo.records import Json, component, concept
from cds_service.demo.sheet import Sheet
from cds_service.demo.tables import lab

Names = tuple[str, ...]
_TESTS = ("hiv-screen", "hbsag", "hcv-antibody", "treponemal", "igra", "hcg")
_BILAG = (
    "constitutional", "mucocutaneous", "neuropsychiatric", "musculoskeletal", "cardiorespiratory",
    "gastrointestinal", "ophthalmic", "renal", "haematological",
)  # fmt: skip
_SECOND_DRUG: Mapping[str, Json] = MappingProxyType(
    {"mtx-2.5": records.dosage("15 mg once a week", "15", 1, 7), "aza-50": records.dosage("100 mg a day", "100")}
)
DAILY_PREDNISONE: Mapping[str, Json] = MappingProxyType(
    {mg: records.dosage(f"{mg} mg by mouth every morning", mg) for mg in ("10", "15", "20", "80")}
)


def screening(sheet: Sheet, positive: Names = (), without: Names = (), words: str | None = None) -> None:
    """Infections and pregnancy excluded by code or in `words`, IgA normal, no known allergy; but for what a story changes."""
    for name in _TESTS:
        if name in without:
            continue
        if words:
            sheet.written(name, words, 5)
        else:
            sheet.answered(name, "positive" if name in positive else "negative", 5)
    if "iga" not in without:
        sheet.measured("iga", lab("iga", sheet.habit.style).usual, 5)
    sheet.add(records.allergy(concept("no-known-allergy"), sheet.ago(30)))


def lupus_serology(sheet: Sheet, days: int = 6) -> None:
    sheet.written("ana-titre", "1:640", days)
    sheet.answered("dsdna", "positive", days)


def lupus_drugs_ordered(sheet: Sheet, prednisone: str = "15", second: str = "mtx-2.5") -> None:
    """MMF for a year and a half, then the `second` drug; hydroxychloroquine and a stable dose of prednisone throughout."""
    sheet.ordered("mmf-500", 900, 350, records.dosage("1000 mg twice a day", "1000", 2))
    sheet.ordered(second, 300, None, _SECOND_DRUG[second])
    sheet.ordered("hcq-200", 700, 360, records.dosage("200 mg twice a day", "200", 2))
    sheet.ordered("hcq-200", 358, None, records.dosage("200 mg twice a day", "200", 2))
    sheet.ordered("prednisone-5", 200, None, DAILY_PREDNISONE[prednisone])


def lupus_drugs_stated(sheet: Sheet, prednisone: str = "15") -> None:
    """The same history, known only from what the patient takes."""
    sheet.takes("mmf", 900, 350)
    sheet.takes("mtx", 300, None, records.dosage("15 mg once a week", "15", 1, 7))
    sheet.takes("hcq-atc", 700, None, records.dosage("200 mg twice a day", "200", 2))
    sheet.takes("prednisone", 400, None, DAILY_PREDNISONE[prednisone])


def lupus_activity(sheet: Sheet, sledai: str = "12", grades: str = "EABEEEEEE", days: int = 5) -> None:
    """SLEDAI-2K and BILAG-2004 of one visit; one letter a domain, in the order of BILAG."""
    sheet.score("sledai", sledai, days)
    parts = [component_of(f"bilag-{name}", grade) for name, grade in zip(_BILAG, grades, strict=True)]
    sheet.add(records.observation(concept("bilag"), sheet.ago(days), "survey", component=parts))


def component_of(code: str, grade: str) -> Json:
    return {"code": records.coded("urn:cds-service:local", code), "valueString": grade}


def active_lupus(sheet: Sheet, diagnosis: str = "sle", positive: Names = (), without: Names = (), second: str = "mtx-2.5") -> None:
    """A chart to which a story adds one thing: SLE, refractory and active, with a clean screening."""
    sheet.diagnosis(diagnosis, 1500)
    lupus_serology(sheet)
    lupus_drugs_ordered(sheet, second=second)
    lupus_activity(sheet)
    screening(sheet, positive, without)


def myositis_drugs(sheet: Sheet) -> None:
    """Prednisone without a break, at first more than 1 mg/kg; azathioprine for a year, then methotrexate."""
    sheet.takes("prednisone-10", 800, 741, DAILY_PREDNISONE["80"])
    sheet.takes("prednisone-10", 740, None, DAILY_PREDNISONE["20"])
    sheet.ordered("aza-50", 780, 400, records.dosage("150 mg a day", "150"))
    sheet.ordered("mtx-2.5", 300, None, records.dosage("20 mg once a week", "20", 1, 7))


def myositis_activity(sheet: Sheet, days: int = 6) -> None:
    """All six core measures but the enzymes, each beyond its limit."""
    maximum = component("mmt8-maximum", valueQuantity=records.quantity("150", "{score}"))
    loss = component("mmt8-strength-loss", valueQuantity=records.quantity("30", "%"))
    sheet.score("mmt8", "118", days, component=[maximum, loss])
    sheet.score("physician-global", "5", days, "cm")
    sheet.score("patient-global", "55", days, "mm")
    sheet.score("haq", "1.25", days)
    sheet.score("mdaat", "4", days)


def active_myositis(sheet: Sheet, diagnosis: str = "dm", positive: Names = (), without: Names = ()) -> None:
    sheet.diagnosis(diagnosis, 1000)
    sheet.answered("jo1", "positive", 900)
    myositis_drugs(sheet)
    myositis_activity(sheet)
    screening(sheet, positive, without)


def sclerosis_drugs(sheet: Sheet) -> None:
    """MMF and a low dose of prednisone, each for more than half a year."""
    sheet.ordered("mmf-500", 420, 211, records.dosage("1000 mg twice a day", "1000", 2))
    sheet.ordered("mmf-500", 210, None, records.dosage("1000 mg twice a day", "1000", 2))
    sheet.takes("prednisone-5", 410, None, DAILY_PREDNISONE["10"])


def skin_scores(sheet: Sheet, now: str = "22", before: str = "18") -> None:
    sheet.score("mrss", now, 6)
    sheet.score("mrss", before, 130)


def active_sclerosis(sheet: Sheet, diagnosis: str = "dcssc", days: int = 730, positive: Names = (), without: Names = ()) -> None:
    sheet.diagnosis(diagnosis, days)
    sheet.measured_against("rnapol3", "118", "20", "[arb'U]/mL", 600)
    sclerosis_drugs(sheet)
    skin_scores(sheet)
    screening(sheet, positive, without)
