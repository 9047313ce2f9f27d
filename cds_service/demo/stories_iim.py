"""Stories of idiopathic inflammatory myopathy."""

from __future__ import annotations

from cds_service.demo import records
from cds_service.demo import screening as shared
from cds_service.demo.records import component
from cds_service.demo.sheet import Habit, Sheet
from cds_service.demo.story import ELSEWHERE, FITS, NEVER, NOT_NOW, OPEN, Story

_ENZYMES = ("ck", "ldh", "aldolase")


def only(status: str) -> dict[str, str]:
    """The status of the IIM arm; there is no record of the other arms' diseases."""
    return {"sle": ELSEWHERE, "iim": status, "ssc": ELSEWHERE}


def _classified(sheet: Sheet) -> None:
    shared.active_myositis(sheet, "antisynthetase", without=("hcg",))
    no_biopsy = component("biopsy-used", valueBoolean=False)
    sheet.score("iim-points", "7.2", 400, component=[no_biopsy])


def _german(sheet: Sheet) -> None:
    sheet.diagnosis("dm-gm", 900)
    sheet.written("jo1-slash", "positiv", 800)
    sheet.takes("prednisolone-atc", 700, 641, shared.DAILY_PREDNISONE["80"])
    sheet.takes("prednisolone-atc", 640, None, shared.DAILY_PREDNISONE["20"])
    sheet.takes("aza-atc", 690, 320)
    sheet.takes("mtx-atc", 300)
    shared.myositis_activity(sheet)
    shared.screening(sheet, without=("hcg",))


def _one_drug(sheet: Sheet) -> None:
    sheet.diagnosis("pm", 400)
    sheet.answered("mi2", "positive", 380)
    sheet.takes("prednisone-10", 390, 331, shared.DAILY_PREDNISONE["80"])
    sheet.takes("prednisone-10", 330, None, shared.DAILY_PREDNISONE["20"])
    sheet.ordered("aza-50", 380, None, records.dosage("150 mg a day", "150"))
    shared.myositis_activity(sheet)


def _quiet(sheet: Sheet) -> None:
    """Every core measure within its limit."""
    sheet.diagnosis("dm", 1000)
    sheet.answered("jo1", "positive", 900)
    shared.myositis_drugs(sheet)
    for name, value, unit in (("mmt8", "148", "{score}"), ("physician-global", "0.5", "cm"), ("patient-global", "12", "mm")):
        sheet.score(name, value, 6, unit)
    sheet.score("haq", "0", 6)
    sheet.score("mdaat", "0.5", 6)
    shared.screening(sheet)


def _juvenile(sheet: Sheet) -> None:
    sheet.diagnosis("juvenile-dm", 3000)
    sheet.answered("mi2", "positive", 900)
    shared.myositis_drugs(sheet)


def _inclusion_body(sheet: Sheet) -> None:
    sheet.diagnosis("ibm", 1200)
    shared.myositis_activity(sheet)


def _both(sheet: Sheet) -> None:
    shared.active_myositis(sheet)
    sheet.diagnosis("ibm", 100)


STORIES = (
    Story(
        "iim-complete", "Kira", "Dermatomyositis with anti-Jo-1, raised enzymes and active by every measure.",
        only(FITS), shared.active_myositis, age=48, habit=Habit(beyond=_ENZYMES, usual={"ast": "96", "alt": "70"}),
    ),
    Story(
        "iim-classified", "Lars", "Antisynthetase syndrome with recorded 2017 EULAR/ACR points; a man.",
        only(FITS), _classified, gender="male", age=54, habit=Habit(beyond=_ENZYMES, references="absolute"),
    ),
    Story(
        "iim-german", "Moritz", "A German chart of dermatomyositis: ICD-10-GM, ATC, LOINC with a trailing slash.",
        only(FITS), _german, gender="male", age=41, habit=Habit(style="de", beyond=_ENZYMES),
    ),
    Story("iim-one-drug", "Nele", "Polymyositis after one immunosuppressant.", only(OPEN), _one_drug, age=36),
    Story(
        "iim-quiet", "Dagny", "Dermatomyositis in remission: no core measure is beyond its limit.",
        only(NOT_NOW), _quiet, age=45, habit=Habit(beyond=_ENZYMES, usual={"ck": "120", "ldh": "190", "aldolase": "5"}),
    ),
    Story("iim-juvenile", "Oda", "Juvenile dermatomyositis only.", only(ELSEWHERE), _juvenile, age=21, habit=Habit(years=3)),
    Story("iim-inclusion-body", "Paul", "Inclusion body myositis only.", only(ELSEWHERE), _inclusion_body, gender="male", age=63),
    Story("iim-and-ibm", "Rita", "Dermatomyositis, and inclusion body myositis found since.", only(NEVER), _both, age=58),
)  # fmt: skip
