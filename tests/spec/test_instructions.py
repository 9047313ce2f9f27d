"""What one dosage instruction says: milligrams a day, or why it is not read (spec 1.1, daily dose of one instruction)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.chart import chart_of_bundle
from fhir_mappings.dose_stability import number
from fhir_mappings.inputs import DoseSegment
from tests.generative.charts import AS_OF, RXNORM, bundle, concept, quantity
from tests.support.engine import engine
from tests.trials import parts as p

TITLE = "Doses of one instruction"
COLUMNS = ("rule", "drug", "instruction", "is read as")

Json = dict[str, Any]
PREDNISONE, PREDNISONE_5, MTX_2_5, HCQ_200, DEXAMETHASONE = "8640", "312617", "105585", "979092", "3264"
NAMES = {
    PREDNISONE: "prednisone",
    PREDNISONE_5: "prednisone 5 mg tablet",
    MTX_2_5: "methotrexate 2.5 mg tablet",
    HCQ_200: "hydroxychloroquine 200 mg tablet",
}


def timed(mg: Any = 5, unit: str = "mg", **repeat: Any) -> Json:
    """A dose with a timing of its own."""
    return {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": {"value": mg, "unit": unit}}]}


def coded(code: str) -> Json:
    return {"timing": {"code": concept(("http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation", code))}} | {
        "doseAndRate": [{"doseQuantity": quantity(5, "mg")}]
    }


def sig(text: str, **more: Any) -> Json:
    return {"text": text} | more


# (rule, drug, how it is told, the Dosage, what is read)
STRUCTURED: tuple[tuple[str, str, str, Json, str], ...] = (
    ("mg by frequency", PREDNISONE, "5 mg, 2 times in 1 day", timed(5, frequency=2, period=1, periodUnit="d"), "10 mg"),
    ("grams", PREDNISONE, "0.02 g a day", timed(0.02, "g", frequency=1, period=1, periodUnit="d"), "20 mg"),
    ("micrograms", PREDNISONE, "5000 ug a day", timed(5000, "ug", frequency=1, period=1, periodUnit="d"), "5 mg"),
    ("every 8 hours", PREDNISONE, "5 mg every 8 h", timed(5, frequency=1, period=8, periodUnit="h"), "15 mg"),
    ("alternate days: mean and most", PREDNISONE, "20 mg every 2 days", timed(20, frequency=1, period=2, periodUnit="d"), "10 mg, at most 20 mg"),
    ("once a week", PREDNISONE, "14 mg once a week", timed(14, frequency=1, period=1, periodUnit="wk"), "2 mg, at most 14 mg"),
    ("dayOfWeek", PREDNISONE, "7 mg on Mon, Wed, Fri", timed(7, frequency=1, period=1, periodUnit="d", dayOfWeek=["mon", "wed", "fri"]), "3 mg, at most 7 mg"),
    ("when", PREDNISONE, "5 mg MORN and EVE", timed(5, frequency=1, period=1, periodUnit="d", when=["MORN", "EVE"]), "10 mg"),
    ("timeOfDay", PREDNISONE, "5 mg at 08:00, 14:00, 20:00", timed(5, timeOfDay=["08:00:00", "14:00:00", "20:00:00"]), "15 mg"),
    ("frequencyMax", PREDNISONE, "5 mg 1 to 3 times a day", timed(5, frequency=1, frequencyMax=3, period=1, periodUnit="d"), "5 to 15 mg"),
    ("periodMax", PREDNISONE, "12 mg every 4 to 6 h", timed(12, frequency=1, period=4, periodMax=6, periodUnit="h"), "48 to 72 mg"),
    *(("timing.code", PREDNISONE, f"5 mg {code}", coded(code), told) for code, told in (
        ("QD", "5 mg"), ("BID", "10 mg"), ("TID", "15 mg"), ("QID", "20 mg"), ("QOD", "2.5 mg, at most 5 mg"), ("AM", "5 mg"), ("PM", "5 mg"), ("Q8H", "15 mg"))),
    ("timing.code in words", PREDNISONE, "5 mg “Twice daily”", {"timing": {"code": {"text": "Twice daily"}}, "doseAndRate": [{"doseQuantity": quantity(5, "mg")}]}, "10 mg"),
    ("timing.code in words", PREDNISONE, "5 mg “see label”", {"timing": {"code": {"text": "see label"}}, "doseAndRate": [{"doseQuantity": quantity(5, "mg")}]}, "not read: no frequency is given"),
    ("doseRange", PREDNISONE, "5 to 10 mg a day", {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseRange": {"low": quantity(5, "mg"), "high": quantity(10, "mg")}}]}, "5 to 10 mg"),
    ("as needed", PREDNISONE, "5 mg a day as needed", timed(5, frequency=1, period=1, periodUnit="d") | {"asNeededBoolean": True}, "0 to 5 mg, as needed"),
    ("at most in a day", PREDNISONE, "5 mg 1 to 4 times, at most 10 mg a day", timed(5, frequency=1, frequencyMax=4, period=1, periodUnit="d")
        | {"maxDosePerPeriod": {"numerator": quantity(10, "mg"), "denominator": {"value": 1, "unit": "d", "code": "d"}}}, "5 to 10 mg"),
    ("tablets by strength", PREDNISONE_5, "3 tablets a day", timed(3, "tablet", frequency=1, period=1, periodUnit="d"), "15 mg"),
    ("no unit: tablets of a known strength", PREDNISONE_5, "2 (no unit) a day", timed(2, "", frequency=1, period=1, periodUnit="d"), "10 mg"),
    ("tablets of unknown strength", PREDNISONE, "3 tablets a day", timed(3, "tablet", frequency=1, period=1, periodUnit="d"), "not read: the strength of the drug is not known"),
    ("unit not known", PREDNISONE, "3 drops a day", timed(3, "drop", frequency=1, period=1, periodUnit="d"), "not read: unit 'drop' is not read as a dose"),
    ("no frequency", PREDNISONE, "5 mg", {"doseAndRate": [{"doseQuantity": quantity(5, "mg")}]}, "not read: no frequency is given"),
    ("no dose", PREDNISONE, "once a day", {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}, "not read: no dose is given"),
    ("words and structure agree", PREDNISONE, "5 mg a day; “5 mg daily”", timed(5, frequency=1, period=1, periodUnit="d") | sig("5 mg daily"), "5 mg"),
    ("words and structure disagree", PREDNISONE, "5 mg a day; “50 mg daily”", timed(5, frequency=1, period=1, periodUnit="d") | sig("50 mg daily"), "not read: structured dose and text disagree"),
)  # fmt: skip

SIGS: tuple[tuple[str, str, str], ...] = (
    (PREDNISONE_5, "take 3 tabs by mouth every morning", "15 mg"),
    (PREDNISONE, "5 mg po bid", "10 mg"),
    (PREDNISONE, "5 mg in the morning and 2.5 mg at night", "7.5 mg"),
    (PREDNISONE, "Take 1 tablet (5 mg total) by mouth daily.", "5 mg"),
    (PREDNISONE, "Take 2 tablets (5 mg each) by mouth daily", "10 mg"),
    (PREDNISONE, "take 10 mg (2 tablets) daily", "10 mg"),
    (PREDNISONE, "20 mg every other day", "10 mg, at most 20 mg"),
    (PREDNISONE, "10-15 mg daily", "10 to 15 mg"),
    (PREDNISONE, "10 mg twice daily with food", "20 mg"),
    (PREDNISONE, "prednisone 15 mg once daily", "15 mg"),
    (PREDNISONE, "5 mg every 8 hours", "15 mg"),
    (PREDNISONE, "5 mg daily as needed for joint pain", "0 to 5 mg, as needed"),
    (PREDNISONE_5, "take 1/2 tablet daily", "2.5 mg"),
    (PREDNISONE_5, "1 and 1/2 tablets daily", "7.5 mg"),
    (PREDNISONE_5, "one and a half tablets every morning", "7.5 mg"),
    (PREDNISONE_5, "1-0-1", "10 mg"),
    (PREDNISONE_5, "½-0-0", "2.5 mg"),
    (MTX_2_5, "take 6 tablets once a week", "2.14 mg, at most 15 mg"),
    (HCQ_200, "200 mg one day and 400 mg the next", "300 mg, at most 400 mg"),
    (PREDNISONE, "40 mg x7d then 30 mg x7d", "40 mg for 7 days, then 30 mg for 7 days"),
    (PREDNISONE, "60 mg daily for 2 weeks, then 40 mg daily for 2 weeks, then 20 mg daily", "60 mg for 14 days, then 40 mg for 14 days, then 20 mg"),
    (PREDNISONE, "40 mg po qd x1w then decrease by 5 mg weekly until 25 mg", "40 mg for 7 days, then 35 mg for 7 days, then 30 mg for 7 days, then 25 mg"),
    (PREDNISONE_5, "Take 4 tablets (20 mg total) by mouth daily for 7 days, THEN 3 tablets (15 mg total) daily for 7 days, THEN 2 tablets (10 mg total) daily.",
        "20 mg for 7 days, then 15 mg for 7 days, then 10 mg"),
    (PREDNISONE, "10 mg daily x 5 days then stop", "10 mg for 5 days"),
    (MTX_2_5, "Inject 0.6 mL (15 mg total) under the skin once a week.", "2.14 mg, at most 15 mg"),
    (PREDNISONE, "500 mg, Oral, 2 times daily", "1000 mg"),
    (PREDNISONE, "5 mg PO QAM, 2.5 mg PO QPM", "7.5 mg"),
    (PREDNISONE, "Take 5 mg by mouth daily. Take with food.", "5 mg"),
    (PREDNISONE, "take as directed", "not read: instruction not understood"),
    (PREDNISONE, "see taper schedule", "not read: instruction not understood"),
    (PREDNISONE, "5 mg", "not read: instruction not understood"),
    (PREDNISONE, "5 mg daily except sundays", "not read: instruction not understood"),
    (PREDNISONE, "5 mg daily, increase to 10 mg if flare", "not read: instruction not understood"),
    (PREDNISONE, "5 mg 10 mg daily", "not read: instruction not understood"),
    (PREDNISONE, "take 3 tablets daily", "not read: the strength of the drug is not known"),
    (PREDNISONE, "5 mg daily not to exceed 10 mg", "not read: instruction not understood"),
    (PREDNISONE, "do not take 5 mg daily", "not read: instruction not understood"),
    (PREDNISONE, "stop 5 mg daily", "not read: instruction not understood"),
)  # fmt: skip


def read(drug: str, *dosages: Json) -> tuple[DoseSegment, ...]:
    """The segments of a statement begun 100 days ago."""
    one = p.takes(drug, 100) | {
        "dosage": list(dosages),
        "medicationCodeableConcept": concept((RXNORM, drug)) | {"text": NAMES.get(drug, "")},
    }
    inputs = engine().map(chart_of_bundle(bundle([one])), AS_OF)
    return next(iter(inputs.exposures.values()))[0].doses


def told(segments: tuple[DoseSegment, ...]) -> str:
    return ", then ".join(_one(one) for one in segments)


def _one(one: DoseSegment) -> str:
    if one.low is None or one.high is None or one.peak is None:
        return f"not read: {one.problem}"
    amount = f"{number(one.high)} mg" if one.low == one.high else f"{number(one.low)} to {number(one.high)} mg"
    words = amount + (f", at most {number(one.peak)} mg" if one.peak != one.high else "") + (", as needed" if one.as_needed else "")
    return f"{words} for {(one.last.first - one.first.first).days + 1} days" if one.first and one.last else words


def printed() -> list[tuple[str, ...]]:
    rows = [(rule, NAMES.get(drug, drug), label, expected) for rule, drug, label, _, expected in STRUCTURED]
    return rows + [("words", NAMES.get(drug, drug), f"“{text}”", expected) for drug, text, expected in SIGS]


@pytest.mark.parametrize(("rule", "drug", "label", "dosage", "expected"), STRUCTURED, ids=[f"{row[0]}-{row[2]}" for row in STRUCTURED])
def test_a_structured_instruction_is_read_as_the_table_says(rule: str, drug: str, label: str, dosage: Json, expected: str) -> None:
    """Each row's Dosage gives the row's dose."""
    assert told(read(drug, dosage)) == expected


@pytest.mark.parametrize(("drug", "text", "expected"), SIGS, ids=[row[1] for row in SIGS])
def test_an_instruction_in_words_is_read_as_the_table_says(drug: str, text: str, expected: str) -> None:
    """A sig is read whole or not at all."""
    assert told(read(drug, sig(text))) == expected


@pytest.mark.parametrize(("drug", "text", "expected"), SIGS, ids=[row[1] for row in SIGS])
def test_what_is_not_read_is_quoted(drug: str, text: str, expected: str) -> None:
    """The words stand by for whoever looks."""
    assert all(one.text == text for one in read(drug, sig(text)))


def test_steps_of_a_sequence_follow_one_another() -> None:
    """A taper of several instructions with bounds is a series of doses."""
    steps = [
        timed(mg, frequency=1, period=1, periodUnit="d", boundsDuration={"value": 7, "unit": "d", "code": "d"}) | {"sequence": n}
        for n, mg in ((1, 40), (2, 30))
    ]
    first, second = read(PREDNISONE, *steps)
    assert (first.high, second.high) == (40, 30)
    assert [one.first and one.first.first for one in (first, second)] == [p.ago(100), p.ago(93)]
    assert first.last is not None
    assert first.last.last == p.ago(94)


def test_instructions_side_by_side_are_parts_of_one_dose() -> None:
    """5 mg in the morning and 2.5 mg at night stand for the whole time of the record."""
    parts = read(PREDNISONE, timed(5, frequency=1, period=1, periodUnit="d"), timed(2.5, frequency=1, period=1, periodUnit="d"))
    assert [(one.first, one.last, one.high) for one in parts] == [(None, None, 5), (None, None, parts[1].high)]
