"""A habit into years of ordinary chart: visits, vital signs, routine laboratory results, vaccinations, common problems."""

from __future__ import annotations

from decimal import Decimal

from cds_service.demo import records
from cds_service.demo.records import Json, concept
from cds_service.demo.sheet import Sheet
from cds_service.demo.tables import Lab, lab

_EVERY_VISIT = ("hgb", "wbc", "plt", "creat", "ast", "alt", "crp")
_COUNTED = ("hgb", "wbc", "plt")
_ONCE_A_YEAR = ("glucose", "sodium", "potassium", "albumin", "bilirubin", "tsh", "esr")
_AT_RISK = (("pcv13", 900), ("zoster", 500), ("zoster", 430))
_COMMON_DRUGS = ("amlodipine", "omeprazole", "vitamin-d", "folic-acid")


def background(sheet: Sheet) -> None:
    """The chart that any patient of a clinic has; what a story tells is written beside it."""
    for position, days in enumerate(_visits(sheet)):
        _visit(sheet, days)
        if position % 4 == 0:
            _results(sheet, _ONCE_A_YEAR, days)
    sheet.add(records.encounter(sheet.ago(sheet.habit.first_visit), "First visit"))
    _vaccinations(sheet)
    for name in sheet.habit.problems:
        sheet.diagnosis(name, sheet.random.randrange(400, 365 * sheet.habit.years))
    sheet.ordered(sheet.random.choice(_COMMON_DRUGS), 200)


def _visits(sheet: Sheet) -> list[int]:
    """About four a year; the last one is `last_visit` days back."""
    days, found = sheet.habit.last_visit, []
    while days < 365 * sheet.habit.years:
        found.append(days)
        days += sheet.random.randrange(80, 101)
    return found


def _visit(sheet: Sheet, days: int) -> None:
    sheet.add(records.encounter(sheet.ago(days), "Follow-up"))
    _vital_signs(sheet, days)
    results = _results(sheet, (*_EVERY_VISIT, *sheet.habit.beyond), days)
    sheet.add(records.report(concept("blood-count"), sheet.ago(days), [results[name] for name in _COUNTED]))


def _vital_signs(sheet: Sheet, days: int) -> None:
    def vital(name: str, value: int, unit: str) -> Json:
        return records.component(name, valueQuantity=records.quantity(Decimal(value), unit))

    weight, pulse = vital("weight", sheet.random.randrange(62, 67), "kg"), vital("pulse", sheet.random.randrange(62, 85), "/min")
    upper = vital("systolic", sheet.random.randrange(112, 134), "mm[Hg]")
    lower = vital("diastolic", sheet.random.randrange(68, 86), "mm[Hg]")
    pressure = records.component("blood-pressure", component=[upper, lower])
    for one in (weight, pulse, pressure):
        sheet.add(records.observation(one.pop("code"), sheet.ago(days), "vital-signs", **one))


def _results(sheet: Sheet, names: tuple[str, ...], days: int) -> dict[str, str]:
    """References of the results by test."""
    return {name: sheet.measured(name, _value(sheet, name), days) for name in names}


def _value(sheet: Sheet, name: str) -> Decimal:
    """Around what is usual for the patient, never beyond half the spread of the test."""
    test = lab(name, sheet.habit.style)
    middle = Decimal(sheet.habit.usual.get(name, test.usual))
    return _rounded(middle + test.spread * sheet.random.randrange(-5, 6) / 10, test)


def _rounded(value: Decimal, test: Lab) -> Decimal:
    return max(value, Decimal(0)).quantize(Decimal(1).scaleb(-test.places))


def _vaccinations(sheet: Sheet) -> None:
    for year in range(sheet.habit.years):
        sheet.add(records.immunization("flu", sheet.ago(60 + 365 * year)))
    for name, days in (("covid", 700), ("covid", 400), *(_AT_RISK if sheet.habit.at_risk else ())):
        sheet.add(records.immunization(name, sheet.ago(days)))
