"""Stories of SLE with one thing that stands against the trial, for now or for good."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from cds_service.demo import records
from cds_service.demo import screening as shared
from cds_service.demo.answers import study, takes_part
from cds_service.demo.sheet import Habit, Sheet
from cds_service.demo.stories_sle import only
from cds_service.demo.story import FITS, NEVER, NOT_NOW, OPEN, Story


def _with_diagnosis(name: str, days: int, **status: str) -> Callable[[Sheet], None]:
    def tell(sheet: Sheet) -> None:
        shared.active_lupus(sheet)
        sheet.diagnosis(name, days, **status)

    return tell


def _with_positive(*names: str) -> Callable[[Sheet], None]:
    return lambda sheet: shared.active_lupus(sheet, positive=names)


def _hiv(sheet: Sheet) -> None:
    shared.active_lupus(sheet, positive=("hiv-screen",))
    sheet.diagnosis("hiv", 1200)


def _iga_deficiency(sheet: Sheet) -> None:
    shared.active_lupus(sheet, without=("iga",))
    sheet.diagnosis("iga-deficiency", 800)
    sheet.measured("iga", Decimal(7), 5)


def _live_vaccine(sheet: Sheet) -> None:
    shared.active_lupus(sheet)
    sheet.add(records.immunization("mmr", sheet.ago(10)))


def _rituximab(sheet: Sheet) -> None:
    shared.active_lupus(sheet)
    sheet.given("rituximab", 28, 14)


def _normal_count(sheet: Sheet) -> None:
    """Infusions every four weeks; after rituximab no count would be normal so soon."""
    shared.active_lupus(sheet)
    sheet.given("belimumab", *range(188, 19, -28))
    sheet.measured("cd19", Decimal(180), 3)


def _belimumab(sheet: Sheet) -> None:
    """The drug that counts for SLE-3 and stands against E-11."""
    shared.active_lupus(sheet)
    sheet.takes("belimumab-atc", 250)


def _biopsy(sheet: Sheet) -> None:
    shared.active_lupus(sheet, "sle-nephritis")
    sheet.add(records.procedure(records.concept("kidney-biopsy"), sheet.ago(7)))


def _car_t(sheet: Sheet) -> None:
    shared.active_lupus(sheet)
    sheet.given("tisagenlecleucel", 91)


def _pregnant(sheet: Sheet) -> None:
    shared.active_lupus(sheet, positive=("hcg",), second="aza-50")  # methotrexate would harm the child
    sheet.diagnosis("pregnancy", 60)


def _other_trial(sheet: Sheet) -> None:
    shared.active_lupus(sheet)
    takes_part(sheet, study(sheet, "A made-up study", "NCT00000000"), "on-study", 120)


STORIES = (
    Story(
        "sle-age-17", "Sina", "Turns 18 in twenty days.", only(NOT_NOW), shared.active_lupus, age=17, birthday_in=20,
        habit=Habit(years=3, at_risk=False),
    ),
    Story("sle-age-66", "Tilda", "66 years old: past the upper limit.", only(NEVER), shared.active_lupus, age=66, birthday_in=200),
    Story("sle-hiv", "Uma", "HIV infection, recorded and positive at screening.", only(NEVER), _hiv),
    Story("sle-hcv", "Vera", "Hepatitis C antibody positive at screening.", only(NEVER), _with_positive("hcv-antibody")),
    Story("sle-kidney-transplant", "Wanda", "A kidney transplant nine years ago.", only(NEVER), _with_diagnosis("kidney-transplant", 3300)),
    Story("sle-igra", "Xenia", "TB-IGRA positive at screening.", only(NOT_NOW), _with_positive("igra")),
    Story("sle-iga", "Yara", "IgA deficiency, measured at 7 mg/dL.", only(NOT_NOW), _iga_deficiency),
    Story("sle-live-vaccine", "Zoe", "A live vaccine ten days ago: look again when 28 days have passed.", only(NOT_NOW), _live_vaccine),
    Story("sle-rituximab", "Alma", "Rituximab two weeks ago and no B-cell count since.", only(OPEN), _rituximab),
    Story("sle-cd19-normal", "Andra", "Belimumab three weeks ago, a normal B-cell count since.", only(FITS), _normal_count),
    Story("sle-belimumab", "Bianca", "On belimumab: it counts as treatment and asks for a B-cell count.", only(OPEN), _belimumab),
    Story("sle-biopsy", "Cosima", "A kidney biopsy a week ago: whether it has healed is asked.", only(FITS), _biopsy),
    Story("sle-car-t", "Britt", "CAR-T cells three months ago.", only(NOT_NOW), _car_t),
    Story("sle-breast-cancer", "Carla", "Breast cancer diagnosed two years ago.", only(NOT_NOW), _with_diagnosis("breast-cancer", 730)),
    Story("sle-nstemi", "Dina", "A myocardial infarction two months ago.", only(NOT_NOW), _with_diagnosis("nstemi", 61), age=57),
    Story("sle-pregnant", "Elsa", "Pregnant: recorded, and hCG positive.", only(NOT_NOW), _pregnant, age=31),
    Story("sle-stroke-recent", "Flora", "A stroke three weeks ago.", only(NOT_NOW), _with_diagnosis("stroke", 21), age=55),
    Story(
        "sle-stroke-old", "Gesa", "A stroke six years ago, resolved: outside the eight weeks.",
        only(FITS), _with_diagnosis("stroke", 2200, clinical="resolved"), age=60, habit=Habit(years=5),
    ),
    Story(
        "sle-platelets", "Hilda", "Platelets below 50 at screening.",
        only(NOT_NOW), shared.active_lupus, habit=Habit(usual={"plt": "30"}),
    ),
    Story(
        "sle-haemoglobin", "Ida", "Haemoglobin below 85 g/L, in a laboratory that reports mmol/L.",
        only(NOT_NOW), shared.active_lupus, habit=Habit(style="de", usual={"hgb": "4.8"}),
    ),
    Story("sle-other-trial", "Jette", "On another trial at present.", only(NOT_NOW), _other_trial),
)  # fmt: skip
