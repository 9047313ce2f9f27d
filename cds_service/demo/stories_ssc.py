"""Stories of systemic sclerosis, alone and with SLE."""

from __future__ import annotations

from cds_service.demo import screening as shared
from cds_service.demo.sheet import Habit, Sheet
from cds_service.demo.story import ELSEWHERE, FITS, NEVER, NOT_NOW, OPEN, Story


def only(status: str) -> dict[str, str]:
    """The status of the SSc arm; there is no record of the other arms' diseases."""
    return {"sle": ELSEWHERE, "iim": ELSEWHERE, "ssc": status}


def _classified(sheet: Sheet) -> None:
    shared.active_sclerosis(sheet, without=("hcg",))
    sheet.answered("scl70", "positive", 500)
    sheet.score("ssc-points", "17", 500)


def _unnamed_subset(sheet: Sheet) -> None:
    sheet.diagnosis("ssc-lung-oid", 700)
    sheet.answered("scl70", "positive", 600)
    shared.sclerosis_drugs(sheet)
    shared.skin_scores(sheet)
    shared.screening(sheet)


def _limited(sheet: Sheet) -> None:
    sheet.diagnosis("crest", 1100)
    sheet.answered("centromere", "positive", 1000)
    shared.sclerosis_drugs(sheet)
    shared.screening(sheet)


def _renal_crisis(sheet: Sheet) -> None:
    shared.active_sclerosis(sheet, without=("hcg",))
    sheet.diagnosis("renal-crisis", 500, clinical="resolved")


def _mild_skin(sheet: Sheet) -> None:
    sheet.diagnosis("dcssc", 600)
    sheet.answered("scl70", "positive", 500)
    shared.sclerosis_drugs(sheet)
    shared.skin_scores(sheet, "9", "8")
    shared.screening(sheet)


def _overlap(sheet: Sheet) -> None:
    shared.active_lupus(sheet)
    sheet.diagnosis("dcssc", 700)
    sheet.answered("scl70", "positive", 650)
    shared.skin_scores(sheet)


STORIES = (
    Story(
        "ssc-complete", "Selma", "Diffuse SSc of two years, RNA polymerase III antibody, skin score rising from 18 to 22.",
        only(FITS), shared.active_sclerosis, age=46, habit=Habit(problems=("reflux", "vitamin-d-deficiency")),
    ),
    Story(
        "ssc-classified", "Timo", "Diffuse SSc with anti-Scl-70 and recorded 2013 points; SI units; a man.",
        only(FITS), _classified, gender="male", age=52, habit=Habit(style="si", references="uuid"),
    ),
    Story("ssc-subset-unknown", "Ulla", "SSc of the lung; whether it is diffuse is not recorded.", only(FITS), _unnamed_subset, age=50),
    Story("ssc-limited", "Vroni", "Limited SSc (CREST syndrome), no skin score.", only(OPEN), _limited, age=56),
    Story(
        "ssc-seven-years", "Wilma", "Diffuse SSc since seven years: past the limit of five.",
        only(NEVER), lambda sheet: shared.active_sclerosis(sheet, days=2600), age=49, habit=Habit(years=5),
    ),
    Story("ssc-renal-crisis", "Xaver", "A scleroderma renal crisis in the past.", only(NEVER), _renal_crisis, gender="male", age=55),
    Story("ssc-mild-skin", "Ylva", "Diffuse SSc with a skin score of 9.", only(NOT_NOW), _mild_skin, age=43),
    Story(
        "overlap-sle-ssc", "Zita", "SLE and diffuse SSc together: each arm looks at the other disease.",
        {"sle": FITS, "iim": ELSEWHERE}, _overlap, age=37, habit=Habit(years=5),
    ),
)  # fmt: skip
