"""Stories of doses that a quick reading gets wrong: how they are written, what they add up to, since when they are stable."""

from __future__ import annotations

from collections.abc import Callable

from cds_service.demo import records, stories_iim
from cds_service.demo import screening as shared
from cds_service.demo.records import Json, concept
from cds_service.demo.sheet import Sheet
from cds_service.demo.stories_sle import only
from cds_service.demo.story import FITS, NOT_NOW, Story

Tell = Callable[[Sheet], None]


def _lupus(tell: Tell, methotrexate: Json | None = None, on_background: bool = True) -> Tell:
    """SLE, refractory and active, with a clean screening; the glucocorticoid is the story's."""

    def whole(sheet: Sheet) -> None:
        sheet.diagnosis("sle", 1500)
        shared.lupus_serology(sheet)
        shared.lupus_activity(sheet)
        shared.screening(sheet)
        sheet.ordered("mmf-500", 900, 350, records.dosage("1000 mg twice a day", "1000", 2))
        last = None if on_background else 200
        sheet.ordered("mtx-2.5", 340, last, methotrexate or records.dosage("15 mg once a week", "15", 1, 7))
        if on_background:
            sheet.ordered("hcq-200", 350, None, records.dosage("200 mg twice a day", "200", 2))
        tell(sheet)

    return whole


def _oral(name: str, start: int, end: int | None, *dosages: Json) -> Tell:
    """Orders of one drug, one after another in time where there are several."""

    def tell(sheet: Sheet) -> None:
        for dosage in dosages:
            sheet.ordered(name, start, end, dosage)

    return tell


def _steps(*steps: tuple[int, int | None, str]) -> Tell:
    """Prednisone in steps: (first day ago, last day ago, mg a day)."""

    def tell(sheet: Sheet) -> None:
        for start, end, mg in steps:
            sheet.ordered("prednisone-5", start, end, records.dosage(f"{mg} mg by mouth every morning", mg))

    return tell


def _both(*tells: Tell) -> Tell:
    def tell(sheet: Sheet) -> None:
        for one in tells:
            one(sheet)

    return tell


def _given(name: str, mg: str, route: str, *days: int) -> Tell:
    def tell(sheet: Sheet) -> None:
        for day in days:
            dose = {"dose": records.quantity(mg, "mg"), "route": concept(route)}
            sheet.add(records.administration(concept(name), sheet.ago(day)) | {"dosage": dose})

    return tell


def _methotrexate_raised(days: int) -> Tell:
    """15 mg a week until that day, 20 mg since."""

    def tell(sheet: Sheet) -> None:
        sheet.ordered("mtx-2.5", 300, days + 1, records.dosage("15 mg once a week", "15", 1, 7))
        sheet.ordered("mtx-2.5", days, None, records.dosage("20 mg once a week", "20", 1, 7))

    return tell


def _lupus_raised(sheet: Sheet) -> None:
    sheet.diagnosis("sle", 1500)
    shared.lupus_serology(sheet)
    shared.lupus_activity(sheet)
    shared.screening(sheet)
    sheet.ordered("mmf-500", 900, 350, records.dosage("1000 mg twice a day", "1000", 2))
    _both(_methotrexate_raised(45), _steps((200, None, "15")))(sheet)


def _myositis_raised(sheet: Sheet) -> None:
    sheet.diagnosis("dm", 1000)
    sheet.answered("jo1", "positive", 900)
    sheet.takes("prednisone-10", 800, 741, shared.DAILY_PREDNISONE["80"])
    sheet.takes("prednisone-10", 740, None, shared.DAILY_PREDNISONE["20"])
    sheet.ordered("aza-50", 780, 400, records.dosage("150 mg a day", "150"))
    _methotrexate_raised(45)(sheet)
    shared.myositis_activity(sheet)
    shared.screening(sheet)


def _first_background(sheet: Sheet) -> None:
    """Treated elsewhere before; here the first drug of the last months began 60 days ago."""
    sheet.diagnosis("sle", 1500)
    shared.lupus_serology(sheet)
    shared.lupus_activity(sheet)
    shared.screening(sheet)
    sheet.given("rituximab", 700, 686, 520, 506)
    sheet.given("belimumab", *range(480, 200, -28))
    _steps((60, None, "15"))(sheet)


def _words(text: str) -> Json:
    """An instruction in words only."""
    return {"text": text}


def _as_needed(mg: str) -> Json:
    return records.dosage(f"{mg} mg as needed for flares", mg) | {"asNeededBoolean": True}


STORIES = (
    Story(
        "dose-tablets",
        "Agathe",
        "Prednisone as tablets and in words: three of 5 mg every morning.",
        only(FITS),
        _lupus(_oral("prednisone-5", 200, None, _words("Take 3 tablets by mouth every morning"))),
    ),
    Story(
        "dose-renewed",
        "Amalia",
        "Prednisone 25 mg, renewed before the old order ran out: not 50 mg.",
        only(FITS),
        _lupus(_both(_steps((200, 20, "25")), _steps((35, None, "25")))),
    ),
    Story(
        "dose-split",
        "Babette",
        "Prednisone alone, 5 mg in the morning and 2.5 mg at night: exactly the 7.5 mg that are needed.",
        only(FITS),
        _lupus(
            _oral("prednisone", 200, None, records.dosage("5 mg every morning", "5"), records.dosage("2.5 mg every evening", "2.5")),
            on_background=False,
        ),
    ),
    Story(
        "dose-low",
        "Charlotte",
        "Prednisone alone at 5 mg: too little without a background drug.",
        only(NOT_NOW),
        _lupus(_steps((200, None, "5")), on_background=False),
    ),
    Story("dose-high", "Dagmar", "Prednisone 60 mg a day: above the limit of 40 mg.", only(NOT_NOW), _lupus(_steps((200, None, "60")))),
    Story(
        "dose-dexamethasone",
        "Edith",
        "Dexamethasone 6 mg is exactly 40 mg of prednisone.",
        only(FITS),
        _lupus(_oral("dexamethasone", 200, None, records.dosage("6 mg a day", "6"))),
    ),
    Story(
        "dose-betamethasone",
        "Frieda",
        "Betamethasone 5 mg: 41.7 mg of prednisone by one table, 33.3 mg by another.",
        only(FITS),
        _lupus(_oral("betamethasone", 200, None, records.dosage("5 mg a day", "5"))),
    ),
    Story(
        "dose-taper",
        "Gerda",
        "Prednisone lowered from 20 to 15 mg ten days ago: look again when 30 days have passed.",
        only(NOT_NOW),
        _lupus(_steps((300, 11, "20"), (10, None, "15"))),
    ),
    Story(
        "dose-changed-30-days",
        "Helga",
        "The same change exactly 30 days ago: stable.",
        only(FITS),
        _lupus(_steps((300, 31, "20"), (30, None, "15"))),
    ),
    Story(
        "dose-as-needed",
        "Irma",
        "Prednisone as needed: whether the dose is stable can't be told.",
        only(FITS),
        _lupus(_oral("prednisone", 200, None, _as_needed("10"))),
    ),
    Story(
        "dose-unreadable",
        "Käthe",
        "Prednisone “as directed by rheumatology”: the words are quoted, nothing is guessed.",
        only(FITS),
        _lupus(_oral("prednisone", 200, None, _words("as directed by rheumatology"))),
    ),
    Story(
        "dose-pulse",
        "Lore",
        "Methylprednisolone 500 mg intravenously two weeks ago on top of a stable dose.",
        only(NOT_NOW),
        _lupus(_both(_steps((200, None, "15")), _given("methylprednisolone", "500", "intravenous", 14))),
    ),
    Story(
        "dose-depot",
        "Margot",
        "A depot injection of triamcinolone twelve days ago: no daily dose, a person must look.",
        only(FITS),
        _lupus(_both(_steps((200, None, "15")), _given("triamcinolone", "40", "intramuscular", 12))),
    ),
    Story("stable-sle-45", "Nadine", "Methotrexate raised 45 days ago: stable for SLE (30 days).", only(FITS), _lupus_raised),
    Story(
        "stable-iim-45",
        "Ottilie",
        "Methotrexate raised 45 days ago: not yet stable for myositis (60 days).",
        stories_iim.only(NOT_NOW),
        _myositis_raised,
    ),
    Story(
        "background-60-days",
        "Paula",
        "Two biologics long ago; background therapy began 60 days ago and needs 84.",
        only(NOT_NOW),
        _first_background,
    ),
)
