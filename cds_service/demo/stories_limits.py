"""Stories of limits and durations that a quick reading gets wrong, many of them because they differ by arm."""

from __future__ import annotations

from decimal import Decimal

from cds_service.demo import records, stories_ssc
from cds_service.demo import screening as shared
from cds_service.demo.records import concept
from cds_service.demo.sheet import Habit, Sheet
from cds_service.demo.stories_sle import only
from cds_service.demo.story import ELSEWHERE, FITS, NOT_NOW, OPEN, Story
from fhir_mappings.dates import Duration


def _sclerosis_dose(sheet: Sheet) -> None:
    sheet.diagnosis("dcssc", 730)
    sheet.answered("scl70", "positive", 500)
    sheet.ordered("mmf-500", 420, None, records.dosage("1000 mg twice a day", "1000", 2))
    sheet.takes("prednisone-5", 410, None, shared.DAILY_PREDNISONE["15"])
    shared.skin_scores(sheet)
    shared.screening(sheet)


def _overlap_enzymes(sheet: Sheet) -> None:
    """AST three times its limit, CK raised: excepted for myositis, not for systemic sclerosis."""
    shared.active_myositis(sheet)
    sheet.diagnosis("dcssc", 700)
    sheet.answered("scl70", "positive", 650)
    shared.skin_scores(sheet)
    sheet.measured("ast", Decimal(130), 4)
    sheet.measured("ck", Decimal(2400), 4)


def _proteinuria(sheet: Sheet) -> None:
    shared.active_lupus(sheet, "sle-nephritis")
    amount = records.quantity("7.2", "g/(24.h)")
    sheet.add(records.observation(concept("protein-24h"), sheet.ago(12), valueQuantity=amount))


def _hcq_only(sheet: Sheet) -> None:
    sheet.diagnosis("sle", 1500)
    shared.lupus_serology(sheet)
    shared.lupus_activity(sheet)
    shared.screening(sheet)
    sheet.ordered("hcq-200", 350, None, records.dosage("200 mg twice a day", "200", 2))
    sheet.ordered("prednisone-5", 200, None, shared.DAILY_PREDNISONE["15"])


def _six_months(sheet: Sheet) -> None:
    """Both drugs since exactly six calendar months: not more than six."""
    sheet.diagnosis("dcssc", 730)
    sheet.answered("scl70", "positive", 500)
    start = Duration(months=6).before(sheet.as_of)
    sheet.add(records.statement(concept("mmf"), start, None, sheet.ago(9), records.dosage("1000 mg twice a day", "1000", 2)))
    sheet.add(records.statement(concept("prednisone"), start, None, sheet.ago(9), records.dosage("10 mg a day", "10")))
    shared.skin_scores(sheet)
    shared.screening(sheet)


def _late_at_night(sheet: Sheet) -> None:
    """The only positive ANA: taken at 23:30 five hours west, which is the next day here and the last of the 28 days."""
    sheet.diagnosis("sle", 1500)
    taken = records.observation(concept("ana"), sheet.ago(29), valueCodeableConcept=concept("positive"))
    sheet.add(taken | {"effectiveDateTime": f"{sheet.ago(29)}T23:30:00-05:00"})
    shared.lupus_drugs_ordered(sheet)
    shared.lupus_activity(sheet)
    shared.screening(sheet)


def _creatinine(sheet: Sheet) -> None:
    shared.active_lupus(sheet)
    amount = records.quantity("221.03", "umol/L")
    sheet.add(records.observation(concept("creat-molar"), sheet.ago(3), valueQuantity=amount))


STORIES = (
    Story(
        "ssc-prednisone-15",
        "Rike",
        "Prednisone 15 mg: too much for systemic sclerosis, whose limit is 10 mg.",
        stories_ssc.only(NOT_NOW),
        _sclerosis_dose,
    ),
    Story(
        "overlap-liver-enzymes",
        "Sabine",
        "Myositis and systemic sclerosis with a raised AST: excepted in one arm, excluding in the other.",
        {"sle": ELSEWHERE, "iim": FITS, "ssc": NOT_NOW},
        _overlap_enzymes,
    ),
    Story(
        "sle-proteinuria",
        "Thea",
        "7.2 g of protein in 24 hours: active nephritis, but too severe for eight weeks.",
        only(NOT_NOW),
        _proteinuria,
    ),
    Story(
        "ssc-six-months",
        "Xenja",
        "Mycophenolate and prednisone for six months to the day: more than six are asked for.",
        stories_ssc.only(OPEN),
        _six_months,
    ),
    Story(
        "sle-late-at-night",
        "Yvonne",
        "An ANA taken at 23:30 five hours to the west: here it is the next day, the last of the 28.",
        only(FITS),
        _late_at_night,
    ),
    Story(
        "sle-creatinine",
        "Zenzi",
        "Creatinine 221.03 umol/L: above 221 umol/L, though 2.5 mg/dL when converted.",
        only(NOT_NOW),
        _creatinine,
    ),
    Story(
        "sle-platelets-75",
        "Ursel",
        "Platelets of 75: a point of the SLEDAI, not yet an exclusion.",
        only(FITS),
        shared.active_lupus,
        habit=Habit(usual={"plt": "78"}),
    ),
    Story("sle-never-two", "Viola", "Hydroxychloroquine and prednisone do not count as immunosuppressants.", only(OPEN), _hcq_only),
)
