"""Dosages of medication resources into dose segments: structure, strength, bounds, what contradicts, and any JSON at all."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.dosages import (
    GTS,
    MTX_2_5,
    MTX_SOLUTION,
    PREDNISONE,
    PREDNISONE_5,
    UCUM,
    amount,
    doses,
    every_day,
    exposures_of,
    of_resource,
    quantity,
    ratio,
    rxnorm,
    timing,
    told,
)
from tests.support.medications import Json, administration, coded, dispense, period, request, statement
from tests.unit.test_hostile_resources import JUNK

NOT_UNDERSTOOD = "unread: instruction not understood"
DISAGREE = "unread: structured dose and text disagree"
ALTERED = "unread: the words change the dose in a way that is not understood"
NO_STRENGTH = "unread: the strength of the drug is not known"


def code(value: str, system: str = GTS, text: str | None = None) -> Json:
    return {"timing": {"code": coded(value, system, text)}}


def mg(value: Any, **repeat: Any) -> Json:
    """So many milligrams, once a day unless said otherwise."""
    return amount(value) | (timing(**repeat) if repeat else every_day())


TIMINGS: tuple[tuple[Json, str], ...] = (
    (every_day(), "14 mg a day"),
    (every_day(2), "28 mg a day"),
    (timing(period=1, periodUnit="d"), "14 mg a day"),
    (timing(period=1, periodUnit="wk"), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (timing(frequency=1, period=2, periodUnit="d"), "7 mg a day, at most 14 mg, on 1 of 2 days"),
    (timing(frequency=3, period=1, periodUnit="wk"), "6 mg a day, at most 14 mg, on 3 of 7 days"),
    (timing(frequency=1, period=8, periodUnit="h"), "42 mg a day"),
    (timing(frequency=1, period=720, periodUnit="min"), "28 mg a day"),
    (timing(frequency=1, period=48, periodUnit="h"), "7 mg a day, at most 14 mg, on 1 of 2 days"),
    (timing(frequency=1, period=4, periodMax=6, periodUnit="h"), "56 to 84 mg a day"),
    (timing(frequency=1, frequencyMax=3, period=1, periodUnit="d"), "14 to 42 mg a day"),
    (every_day(dayOfWeek=["mon", "wed", "fri"]), "6 mg a day, at most 14 mg, on 3 of 7 days"),
    (timing(dayOfWeek=["mon"]), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (timing(dayOfWeek=["mon"], when=["MORN", "EVE"]), "4 mg a day, at most 28 mg, on 1 of 7 days"),
    (timing(frequency=1, period=1, periodUnit="wk", dayOfWeek=["mon"]), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (timing(frequency=2, period=1, periodUnit="wk", dayOfWeek=["mon"]), "4 mg a day, at most 28 mg, on 1 of 7 days"),
    (timing(frequency=1, period=2, periodUnit="wk", dayOfWeek=["mon"]), "1 mg a day, at most 14 mg, on 1 of 14 days"),
    (timing(frequency=1, period=1, periodUnit="wk", dayOfWeek=["mon", "wed"]), "unread: frequency and days of the week disagree"),
    (timing(frequency=1, period=3, periodUnit="d", dayOfWeek=["mon"]), "unread: frequency and days of the week disagree"),
    (timing(frequency=1, period=12, periodUnit="h", dayOfWeek=["mon"]), "4 mg a day, at most 28 mg, on 1 of 7 days"),
    (every_day(dayOfWeek=["someday"]), "unread: dayOfWeek can't be read"),
    (timing(when=["MORN"]), "14 mg a day"),
    (timing(when=["MORN", "NOON", "EVE"]), "42 mg a day"),
    (timing(when="HS"), "14 mg a day"),
    (every_day(when=["MORN", "EVE"]), "28 mg a day"),
    (every_day(2, when=["MORN", "EVE"]), "28 mg a day"),
    (every_day(3, when=["MORN", "EVE"]), "unread: frequency and times of the day disagree"),
    (every_day(2, when=["PC"]), "28 mg a day"),
    (timing(when=["C"]), "unread: no frequency is given"),
    (timing(frequency=1, period=1, periodUnit="wk", when=["MORN"]), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (timing(timeOfDay=["08:00:00", "20:00:00"]), "28 mg a day"),
    (timing(frequency=2, timeOfDay=["08:00:00", "20:00:00"]), "28 mg a day"),
    (timing(frequency=2), "unread: a frequency without a period"),
    (timing(frequency=0, period=1, periodUnit="d"), "unread: frequency can't be read"),
    (timing(frequency=2, frequencyMax=1, period=1, periodUnit="d"), "unread: frequency can't be read"),
    (timing(frequency=1, period=-1, periodUnit="d"), "unread: period can't be read"),
    (timing(frequency=1, period=1, periodUnit="fortnight"), "unread: period can't be read"),
    (timing(frequency="2", period=1, periodUnit="d"), "unread: frequency can't be read"),
    (timing(frequency=True, period=1, periodUnit="d"), "unread: frequency can't be read"),
    (every_day(200), "unread: the frequency is not plausible"),
    (timing(), "unread: no frequency is given"),
    ({}, "unread: no frequency is given"),
    ({"timing": {"event": ["2026-06-01"]}}, "unread: dates of single doses are not read"),
    (timing(count=1), "14 mg a day from 2026-06-01 to 2026-06-01"),
    (every_day(2, count=14), "28 mg a day from 2026-06-01 to 2026-06-07"),
    (every_day(2, count=13), "28 mg a day from 2026-06-01 to 2026-06-07"),
    (code("BID"), "28 mg a day"),
    (code("qod"), "7 mg a day, at most 14 mg, on 1 of 2 days"),
    (code("WK"), "2 mg a day, at most 14 mg, on 1 of 7 days"),
    (code("local-7", "http://example.org/timing", "Two times daily"), "28 mg a day"),
    (code("local-7", "http://example.org/timing", "as told"), "unread: no frequency is given"),
    ({"timing": code("BID")["timing"] | every_day(2)["timing"]}, "28 mg a day"),
    ({"timing": code("BID")["timing"] | every_day()["timing"]}, "unread: the timing and its code disagree"),
)


@pytest.mark.parametrize(("timed", "expected"), TIMINGS, ids=[str(row[0]) for row in TIMINGS])
def test_a_timing_says_how_often(timed: Json, expected: str) -> None:
    """14 mg by each row's timing."""
    assert told(doses(amount(14) | timed)) == expected


def rated(**entry: Any) -> Json:
    return {"doseAndRate": [entry]}


def typed(name: str, value: int) -> Json:
    return {"type": coded(name, "http://terminology.hl7.org/CodeSystem/dose-rate-type"), "doseQuantity": quantity(value)}


AMOUNTS: tuple[tuple[str, Json, str], ...] = (
    (PREDNISONE, amount(5), "5 mg a day"),
    (PREDNISONE, amount(0.005, "g"), "5 mg a day"),
    (PREDNISONE, amount(5000, "µg"), "5 mg a day"),
    (PREDNISONE, amount(5000, "μg"), "5 mg a day"),
    (PREDNISONE, rated(doseQuantity=quantity(5, None, system=UCUM, code="mg")), "5 mg a day"),
    (PREDNISONE, rated(doseQuantity=quantity(5, "mg", system=UCUM, code="mg/kg")), "unread: unit 'mg/kg' is not read as a dose"),
    (PREDNISONE, rated(doseQuantity=quantity(5, "tablet", system=UCUM, code="mg")), "unread: unit 'mg' is not read as a dose"),
    (PREDNISONE, rated(doseQuantity=quantity(5, "mg", system="http://example.org", code="xyz")), "5 mg a day"),
    (PREDNISONE, rated(doseQuantity=quantity(5, comparator="<")), "unread: a dose with a comparator is not read"),
    (PREDNISONE, amount(5, "[iU]"), "unread: unit '[iU]' is not read as a dose"),
    (PREDNISONE, amount(-5), "unread: the dose has no value that can be read"),
    (PREDNISONE, amount("5"), "unread: the dose has no value that can be read"),
    (PREDNISONE, amount(10**400), "unread: the dose has no value that can be read"),
    (PREDNISONE, amount(1e300), "unread: the dose has no value that can be read"),
    (PREDNISONE, amount(2_000_000), "unread: the dose is not plausible"),
    (PREDNISONE, amount(0), "0 mg a day"),
    (PREDNISONE, rated(), "unread: no dose is given"),
    (PREDNISONE, {}, "unread: no dose is given"),
    (PREDNISONE, rated(rateRatio=ratio(quantity(5), quantity(1, "h"))), "unread: a rate is not read as a dose"),
    (PREDNISONE, rated(doseRange={"low": quantity(5), "high": quantity(10)}), "5 to 10 mg a day"),
    (PREDNISONE, rated(doseRange={"high": quantity(10)}), "0 to 10 mg a day"),
    (PREDNISONE, rated(doseRange={"low": quantity(10), "high": quantity(5)}), "unread: the ends of the dose range do not fit"),
    (PREDNISONE, rated(doseRange={"low": quantity(5)}), "unread: the dose has no value that can be read"),
    (PREDNISONE, rated(doseRange={"low": quantity("x"), "high": quantity(5)}), "unread: the dose has no value that can be read"),
    (PREDNISONE, {"doseAndRate": [typed("calculated", 7), typed("ordered", 5)]}, "5 mg a day"),
    (PREDNISONE, {"doseAndRate": [typed("calculated", 5), typed("calculated", 5)]}, "5 mg a day"),
    (PREDNISONE, {"doseAndRate": [typed("calculated", 5), typed("calculated", 7)]}, "unread: the entries of doseAndRate differ"),
    (PREDNISONE, amount(2, "tablet"), NO_STRENGTH),
    (PREDNISONE, amount(2, None), NO_STRENGTH),
    *((PREDNISONE_5, amount(2, unit), "10 mg a day") for unit in ("tablet", "{tbl}", "TAB", "tab(s)", "Tabletten", "1", None)),
    (PREDNISONE_5, rated(doseQuantity=quantity(2, None, system="http://snomed.info/sct", code="732936001")), "10 mg a day"),
    (PREDNISONE_5, amount(0.5, "tablet"), "2.5 mg a day"),
    (PREDNISONE_5, amount(2, "mL"), NO_STRENGTH),
    (MTX_SOLUTION, amount(0.4, "mL"), "10 mg a day"),
    (MTX_SOLUTION, amount(1, "tablet"), NO_STRENGTH),
)


@pytest.mark.parametrize(("drug", "given_amount", "expected"), AMOUNTS)
def test_an_amount_is_milligrams(drug: str, given_amount: Json, expected: str) -> None:
    """Once a day, by weight or by the strength of the drug."""
    assert told(doses(given_amount | every_day(), drug=drug)) == expected


def medication(*ingredients: Json, code: Json | None = None, **more: Any) -> Json:
    return {"resourceType": "Medication", "id": "med", "ingredient": list(ingredients), **({"code": code} if code else {}), **more}


def ingredient(rxcui: str, strength: Json | None = None) -> Json:
    return {"itemCodeableConcept": coded(rxcui), **({"strength": strength} if strength else {})}


TABLET, SYRINGE = quantity(1, "tablet"), quantity(1, "{each}")
STRENGTHS: tuple[tuple[Json, Json, str], ...] = (
    (medication(ingredient(PREDNISONE, ratio(quantity(10), TABLET))), amount(2, "tablet"), "20 mg a day"),
    (medication(ingredient(PREDNISONE, {"numerator": quantity(10)})), amount(2, "tablet"), "20 mg a day"),
    (medication(ingredient(PREDNISONE, ratio(quantity(15), quantity(5, "mL")))), amount(10, "mL"), "30 mg a day"),
    (
        medication(ingredient(PREDNISONE, ratio(quantity(25), quantity(1, "mL"))), amount=ratio(quantity(0.4, "mL"), SYRINGE)),
        amount(1, "each"),
        "10 mg a day",
    ),
    (
        medication(ingredient(PREDNISONE, ratio(quantity(25), quantity(1, "mL"))), amount=ratio(quantity(4), SYRINGE)),
        amount(1, "each"),
        NO_STRENGTH,
    ),
    (medication(ingredient(PREDNISONE, ratio(quantity(25), quantity(1, "mL")))), amount(1, "each"), NO_STRENGTH),
    (medication(ingredient(PREDNISONE, ratio(quantity(5, "mL"), TABLET))), amount(1, "tablet"), NO_STRENGTH),
    (medication(ingredient(PREDNISONE, ratio(quantity(5), quantity(0, "tablet")))), amount(1, "tablet"), NO_STRENGTH),
    (medication(ingredient(PREDNISONE, ratio(quantity(5), quantity(1, "mg")))), amount(1, "tablet"), NO_STRENGTH),
    (medication(ingredient(PREDNISONE, ratio(quantity(5), quantity(1, "drop")))), amount(1, "tablet"), NO_STRENGTH),
    (medication(ingredient(PREDNISONE)), amount(1, "tablet"), NO_STRENGTH),
    (medication(code=rxnorm(PREDNISONE_5)), amount(2, "tablet"), "10 mg a day"),
    (medication(ingredient(PREDNISONE, ratio(quantity(10), TABLET)), code=rxnorm(PREDNISONE_5)), amount(2, "tablet"), NO_STRENGTH),
    (medication(ingredient(PREDNISONE, ratio(quantity(5), TABLET)), code=rxnorm(PREDNISONE_5)), amount(2, "tablet"), "10 mg a day"),
    (medication(code=rxnorm(PREDNISONE_5, "312615")), amount(2, "tablet"), NO_STRENGTH),
    (medication(code=rxnorm(PREDNISONE, text="prednisone 20 mg tablet")), amount(2, "tablet"), "40 mg a day"),
    (medication(code=rxnorm(PREDNISONE, text="prednisone 20 mg tablet, was 10 mg")), amount(2, "tablet"), NO_STRENGTH),
    (medication(code=rxnorm(PREDNISONE, text="prednisone 5 mg/5 mL solution")), amount(2, "tablet"), NO_STRENGTH),
    (medication(code=rxnorm(PREDNISONE, text="prednisone 5 mg / other 3 mg tablet")), amount(2, "tablet"), NO_STRENGTH),
    (
        medication(code=rxnorm(PREDNISONE, text="prednisone 5 mg / other 3 mg tablet")),
        amount(5),
        "unread: milligrams of a drug with several agents",
    ),
    (
        medication(ingredient(PREDNISONE, ratio(quantity(5), TABLET)), ingredient("68149", ratio(quantity(250), TABLET))),
        amount(2, "tablet"),
        "10 mg a day",
    ),
    (
        medication(ingredient(PREDNISONE, ratio(quantity(5), TABLET)), ingredient("68149")),
        amount(5),
        "unread: milligrams of a drug with several agents",
    ),
    (medication(code=rxnorm(PREDNISONE, "68149")), amount(5), "unread: milligrams of a drug with several agents"),
    (medication(code=coded("H02AB07", "http://www.whocc.no/atc")), amount(5), "5 mg a day"),
)


@pytest.mark.parametrize(("drug", "given_amount", "expected"), STRENGTHS, ids=range(len(STRENGTHS)))
def test_the_strength_comes_from_the_drug(drug: Json, given_amount: Json, expected: str) -> None:
    """The Medication's own strength, RxNorm's, or the one in its name; sources that differ give none."""
    fields: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": "#med"}, "contained": [drug]}
    assert told(doses(given_amount | every_day(), agent="drug.prednisone", **fields)) == expected


def test_two_salts_of_one_agent_count_together() -> None:
    """Betamethasone and betamethasone acetate, 3 mg/mL each, are 6 mg in a millilitre."""
    assert told(doses(amount(1, "mL") | every_day(), drug="578803")) == "6 mg a day"


def test_strengths_in_other_units_are_not_read() -> None:
    """A combination of two substances in one value set has no strength of its own; milligrams in a milligram are an ointment's."""
    assert told(doses(amount(1, "tablet") | every_day(), drug="198334")) == NO_STRENGTH
    assert told(doses(amount(1, "tablet") | every_day(), drug="309679")) == NO_STRENGTH


@pytest.mark.parametrize(
    ("drug", "dosage", "grade"),
    [
        (PREDNISONE_5, mg(5), "coded"),
        (PREDNISONE_5, amount(1, "tablet") | every_day(), "coded"),
        (rxnorm(PREDNISONE, text="prednisone 5 mg"), amount(1, "tablet") | every_day(), "parsed"),
        (rxnorm(PREDNISONE, text="prednisone 5 mg"), mg(5), "coded"),
        (PREDNISONE, {"text": "5 mg daily"}, "parsed"),
        (PREDNISONE, {"text": "5 mg"} | every_day(), "parsed"),
    ],
)
def test_what_is_read_from_words_is_graded_so(drug: Any, dosage: Json, grade: str) -> None:
    """An instruction's words, or the strength in a drug's name."""
    assert [one.grade for one in doses(dosage, drug=drug)] == [grade]


def also(*texts: str) -> Json:
    return {"additionalInstruction": [{"text": text} for text in texts]}


def sig(text: str) -> Json:
    return {"text": text}


WORDS: tuple[tuple[str, Json, str], ...] = (
    ("agree", mg(5) | sig("Take 1 tablet (5 mg) by mouth daily"), "5 mg a day"),
    ("other dose", mg(5) | sig("50 mg daily"), DISAGREE),
    ("other frequency", mg(5) | sig("5 mg twice daily"), DISAGREE),
    ("alternate days beside half the dose daily", mg(10) | sig("20 mg every other day"), DISAGREE),
    ("words with steps", mg(40) | sig("40 mg daily x7d then 30 mg daily"), DISAGREE),
    ("words with a length", mg(40) | sig("40 mg daily for 7 days"), "40 mg a day from 2026-06-01 to 2026-06-07"),
    ("words not understood", mg(5) | sig("for the joints, as told"), "5 mg a day"),
    ("words that speak of a taper", mg(5) | sig("taper as told"), ALTERED),
    ("words that say no dose", mg(5) | sig("daily"), "5 mg a day"),
    ("words that say another frequency only", mg(5) | sig("twice daily"), DISAGREE),
    ("words that say another amount only", mg(5) | sig("50 mg"), DISAGREE),
    ("words that say as needed", mg(5) | sig("5 mg daily prn"), "5 mg a day as needed"),
    ("words that say as needed, not understood", mg(5) | sig("prn, see note"), "5 mg a day as needed"),
    ("tablets of unknown strength in words", mg(5) | sig("2 tablets daily"), "5 mg a day"),
    ("tablets of unknown strength in structure", amount(2, "tablet") | every_day() | sig("2 tablets (5 mg each) daily"), "10 mg a day"),
    ("dose in words", every_day() | sig("5 mg daily"), "5 mg a day"),
    ("dose in words, frequency in structure", every_day(2) | sig("5 mg"), "10 mg a day"),
    ("frequency in words, dose in structure", amount(5) | sig("twice daily"), "10 mg a day"),
    ("dose in words, other frequency in structure", every_day() | sig("5 mg twice daily"), DISAGREE),
    ("parts in words, frequency in structure", every_day(2) | sig("5 mg in the morning and 2.5 mg at night"), "7.5 mg a day"),
    ("parts in words, other frequency in structure", every_day(3) | sig("5 mg in the morning and 2.5 mg at night"), DISAGREE),
    (
        "steps in words, frequency in structure",
        every_day() | sig("40 mg daily x7d then 30 mg daily"),
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08",
    ),
    ("steps in words, dose in structure", amount(40) | sig("40 mg daily x7d then 30 mg daily"), DISAGREE),
    ("one dose in words, another in structure", amount(7) | sig("5 mg daily"), DISAGREE),
    ("contradictory timing, clear words", timing(frequency=2) | sig("5 mg daily"), "5 mg a day"),
    ("frequency only", every_day() | sig("take with food daily"), NOT_UNDERSTOOD),
    ("nothing understood", sig("as directed"), NOT_UNDERSTOOD),
    ("nothing at all", {"sequence": 1}, "unread: no dose is given"),
    ("patientInstruction", {"patientInstruction": "5 mg daily"}, "5 mg a day"),
    ("patientInstruction where the text is not understood", sig("as told") | {"patientInstruction": "5 mg daily"}, "5 mg a day"),
    ("patientInstruction beside a taper", sig("taper") | {"patientInstruction": "5 mg daily"}, NOT_UNDERSTOOD),
    ("additional dose", mg(5) | also("and 2.5 mg at night"), "7.5 mg a day"),
    ("additional dose repeats", mg(5) | also("5 mg every morning"), "5 mg a day"),
    ("additional dose is another", mg(5) | also("10 mg every morning"), ALTERED),
    ("additional dose is not understood", mg(5) | also("and 2.5 mg sometimes"), ALTERED),
    ("additional dose for a time", mg(5) | also("and 2.5 mg daily for 7 days"), ALTERED),
    ("additional advice", mg(5) | also("do not crush", "take with food"), "5 mg a day"),
    ("additional taper", mg(5) | also("reduce when told", "with food"), ALTERED),
    ("additional need", mg(5) | also("only if needed"), "5 mg a day as needed"),
    ("as needed", mg(5) | {"asNeededBoolean": True}, "5 mg a day as needed"),
    ("as needed for", mg(5) | {"asNeededCodeableConcept": {"text": "pain"}}, "5 mg a day as needed"),
    ("not as needed", mg(5) | {"asNeededBoolean": False}, "5 mg a day"),
)


@pytest.mark.parametrize(("dosage", "expected"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_structure_comes_before_words_that_do_not_contradict_it(dosage: Json, expected: str) -> None:
    """Words complete the structure; where they say something else the dose is unknown."""
    assert told(doses(dosage)) == expected


def test_as_needed_is_from_nothing_to_the_most() -> None:
    """The pattern tells it apart from the same dose taken regularly."""
    (one,) = doses(mg(5) | {"asNeededBoolean": True})
    assert (one.low, one.high, one.peak, one.as_needed) == (0, 5, 5, True)


def at_most(value: Any, unit: str, count: Any, time: str) -> Json:
    return {"maxDosePerPeriod": ratio(quantity(value, unit), quantity(count, time))}


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        (at_most(10, "mg", 1, "d"), "5 to 10 mg a day"),
        (at_most(2, "tablet", 24, "h"), "5 to 10 mg a day"),
        (at_most(14, "mg", 1, "wk"), "2 mg a day, at most 14 mg"),
        (at_most(1, "mg", 6, "h"), "4 mg a day"),
        (at_most(10, "drop", 1, "d"), "5 to 20 mg a day"),
        (at_most(10, "mg", 1, "mo"), "5 to 20 mg a day"),
        (at_most(10, "mg", 0, "d"), "5 to 20 mg a day"),
        (at_most(10, "mg", "x", "h"), "5 to 20 mg a day"),
        (at_most(2, "mL", 1, "d"), "5 to 20 mg a day"),
    ],
)
def test_the_most_in_a_period_caps_the_dose(cap: Json, expected: str) -> None:
    """5 mg one to four times a day; a cap that can't be read caps nothing."""
    timed = timing(frequency=1, frequencyMax=4, period=1, periodUnit="d")
    assert told(doses(amount(5) | timed | cap, drug=PREDNISONE_5)) == expected


def step(number: int | None, value: Any, **repeat: Any) -> Json:
    return ({} if number is None else {"sequence": number}) | mg(value, frequency=1, period=1, periodUnit="d", **repeat)


def length(value: Any, unit: str = "d") -> Json:
    return {"boundsDuration": quantity(value, None, code=unit)}


def between(start: str | None, end: str | None = None) -> Json:
    return {"boundsPeriod": period(start, end)}


UNCLEAR = "unread: whether the instructions follow one another is not said"
UNKNOWN_LENGTH, UNKNOWN_DAY = "unread: a step of unknown length", "unread: steps from an unknown day"
STEPS: tuple[tuple[str, list[Json], str], ...] = (
    ("one, open", [step(None, 5)], "5 mg a day"),
    ("one, in a period", [step(None, 5, **between("2026-06-03", "2026-06-09"))], "5 mg a day from 2026-06-03 to 2026-06-09"),
    ("one, in a month", [step(None, 5, **between("2026-07", "2026-08"))], "5 mg a day from 2026-07 to 2026-08"),
    ("one, until", [step(None, 5, **between(None, "2026-06-09"))], "5 mg a day to 2026-06-09"),
    ("one, for 7 days", [step(None, 5, **length(7))], "5 mg a day from 2026-06-01 to 2026-06-07"),
    ("one, for 1 month", [step(None, 5, **length(1, "mo"))], "5 mg a day from 2026-06-01 to 2026-06-30"),
    (
        "one, for 7 to 10 days",
        [step(None, 5, boundsRange={"low": quantity(7, "d"), "high": quantity(10, "d")})],
        "5 mg a day from 2026-06-01 to 2026-06-07..2026-06-10",
    ),
    (
        "two in sequence",
        [step(1, 40, **length(7)), step(2, 30, **length(7))],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08 to 2026-06-14",
    ),
    (
        "in the order of their numbers",
        [step(2, 30), step(1, 40, **length(7))],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08",
    ),
    (
        "with periods that share a day",
        [step(1, 40, **between("2026-06-01", "2026-06-08")), step(2, 30, **between("2026-06-08", "2026-06-15"))],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08 to 2026-06-15",
    ),
    (
        "without a sequence, periods that share a day",
        [step(None, 40, **between("2026-06-01", "2026-06-08")), step(None, 30, **between("2026-06-08"))],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08",
    ),
    (
        "an open step before one that begins",
        [step(1, 40, **between("2026-06-01")), step(2, 30, **between("2026-06-11"))],
        "40 mg a day from 2026-06-01 to 2026-06-10 | 30 mg a day from 2026-06-11",
    ),
    ("an open step before one without a day", [step(1, 40), step(2, 30)], f"{UNKNOWN_LENGTH} | {UNKNOWN_LENGTH}"),
    (
        "an open step before one that began earlier",
        [step(1, 40), step(2, 30, **between("2026-05-01"))],
        f"{UNKNOWN_LENGTH} | 30 mg a day from 2026-05-01",
    ),
    (
        "two of one number in a sequence",
        [step(1, 20, **length(7)), step(1, 10, **length(7)), step(2, 5)],
        "20 mg a day from 2026-06-01 to 2026-06-07 | 10 mg a day from 2026-06-01 to 2026-06-07 | 5 mg a day from 2026-06-08",
    ),
    ("side by side", [step(None, 5), step(None, 2.5)], "5 mg a day | 2.5 mg a day"),
    (
        "side by side in one period",
        [step(None, 5, **between("2026-06-01", "2026-07-01")), step(None, 2.5, **between("2026-06-01", "2026-07-01"))],
        "5 mg a day from 2026-06-01 to 2026-07-01 | 2.5 mg a day from 2026-06-01 to 2026-07-01",
    ),
    ("lengths without a sequence", [step(None, 40, **length(7)), step(None, 30, **length(7))], f"{UNCLEAR} | {UNCLEAR}"),
    (
        "lengths without a sequence, morning and evening",
        [step(None, 5, **length(7), when=["MORN"]), step(None, 2.5, **length(7), when=["EVE"])],
        "5 mg a day from 2026-06-01 to 2026-06-07 | 2.5 mg a day from 2026-06-01 to 2026-06-07",
    ),
    ("words that follow", [sig("5 mg daily"), sig("then 2.5 mg daily")], f"{UNCLEAR} | {UNCLEAR}"),
    (
        "words in a sequence",
        [sig("40 mg daily for 7 days") | {"sequence": 1}, sig("then 30 mg daily") | {"sequence": 2}],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08",
    ),
    (
        "words with steps",
        [sig("40 mg daily x7d then 30 mg x7d")],
        "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08 to 2026-06-14",
    ),
    (
        "words with steps in a period",
        [sig("40 mg daily x7d then 30 mg daily") | timing(**between("2026-06-10", "2026-06-20"))],
        "40 mg a day from 2026-06-10 to 2026-06-16 | 30 mg a day from 2026-06-17 to 2026-06-20",
    ),
    (
        "days of the week are one plan",
        [mg(5, dayOfWeek=["mon", "wed", "fri"]), mg(2.5, dayOfWeek=["tue", "thu", "sat", "sun"])],
        "25/7 mg a day, at most 5 mg",
    ),
    (
        "days of the week that meet",
        [mg(5, dayOfWeek=["mon"]), mg(2.5, dayOfWeek=["mon", "tue"])],
        "5/7 mg a day, at most 5 mg, on 1 of 7 days | 5/7 mg a day, at most 2.5 mg, on 2 of 7 days",
    ),
    ("one that can't be read", [step(None, 5), sig("as told")], f"5 mg a day | {NOT_UNDERSTOOD}"),
)


@pytest.mark.parametrize(("dosages", "expected"), [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
def test_instructions_stand_side_by_side_or_follow_one_another(dosages: list[Json], expected: str) -> None:
    """An order of 1 June 2026; no day belongs to two steps."""
    assert told(doses(*dosages)) == expected


@pytest.mark.parametrize("begun", [None, "2026", "2026-06"])
def test_steps_from_an_unknown_day_are_not_read(begun: str | None) -> None:
    """A single length is counted from each possible day, but steps would overlap."""
    assert told(doses(sig("40 mg x7d then 30 mg x7d"), authoredOn=begun)) == UNKNOWN_DAY
    sequence = [step(1, 40, **length(7)), step(2, 30)]
    assert told(doses(*sequence, authoredOn=begun)) == f"{UNKNOWN_DAY} | {UNKNOWN_LENGTH}"


def test_a_length_from_an_uncertain_day_ends_on_an_uncertain_day() -> None:
    """Seven days from some day of June."""
    assert told(doses(sig("40 mg daily for 7 days"), authoredOn="2026-06")) == "40 mg a day from 2026-06 to 2026-06-07..2026-07-06"
    assert told(doses(sig("40 mg daily for 7 days"), authoredOn=None)) == UNKNOWN_DAY


def test_a_statement_told_on_a_day_was_begun_on_any_day_before() -> None:
    """Its length can't be placed."""
    one = statement(medicationCodeableConcept=coded(PREDNISONE), dateAsserted="2026-06-01", dosage=[sig("40 mg daily for 7 days")])
    assert told(of_resource(one)) == UNKNOWN_DAY


@pytest.mark.parametrize("build", [request, statement, dispense])
def test_each_kind_of_record_is_read(build: Any) -> None:
    """MedicationRequest, MedicationStatement and MedicationDispense alike."""
    assert told(doses(mg(5), build=build)) == "5 mg a day"
    assert doses(build=build) == ()


GIVEN: tuple[tuple[Json, str], ...] = (
    ({"dose": quantity(500)}, "500 mg a day from 2026-06-01 to 2026-06-01"),
    ({"dose": quantity(3, "tablet")}, "15 mg a day from 2026-06-01 to 2026-06-01"),
    ({"dose": quantity(3, "drop")}, "unread: unit 'drop' is not read as a dose from 2026-06-01 to 2026-06-01"),
    ({"dose": quantity(None)}, "unread: the dose has no value that can be read from 2026-06-01 to 2026-06-01"),
    ({"text": "500 mg IV once"}, "500 mg a day from 2026-06-01 to 2026-06-01"),
    ({"text": "500 mg"}, "500 mg a day from 2026-06-01 to 2026-06-01"),
    ({"text": "500 mg daily"}, "unread: instruction not understood from 2026-06-01 to 2026-06-01"),
    ({"text": "pulse given"}, "unread: instruction not understood from 2026-06-01 to 2026-06-01"),
    ({"rateRatio": {}}, "unread: a rate is not read as a dose from 2026-06-01 to 2026-06-01"),
    ({"route": {}}, "unread: no dose is given from 2026-06-01 to 2026-06-01"),
)


@pytest.mark.parametrize(("dosage", "expected"), GIVEN)
def test_an_administration_is_one_dose_on_its_day(dosage: Json, expected: str) -> None:
    """The whole amount counts on the day on which it was given."""
    one = administration(medicationCodeableConcept=coded(PREDNISONE_5), dosage=dosage)
    assert told(of_resource(one)) == expected


def test_an_administration_on_an_uncertain_day_keeps_the_bounds_of_the_record() -> None:
    """It is one dose all the same."""
    one = administration(medicationCodeableConcept=coded(PREDNISONE_5), dosage={"dose": quantity(500)}, effectiveDateTime="2026-06")
    assert told(of_resource(one)) == "500 mg a day"
    assert of_resource(administration(medicationCodeableConcept=coded(PREDNISONE_5))) == ()


SUPPLIES: tuple[tuple[list[Json], Json, str], ...] = (
    ([], {}, "10 mg a day supply"),
    ([sig("as told")], {}, "10 mg a day supply"),
    ([sig("as needed")], {}, "10 mg a day as needed supply"),
    ([mg(5)], {}, "5 mg a day coded"),
    ([sig("taper as told")], {}, "unread: instruction not understood parsed"),
    ([], {"daysSupply": quantity(0, "d")}, ""),
    ([], {"daysSupply": quantity(1, "mo")}, ""),
    ([], {"daysSupply": None}, ""),
    ([], {"quantity": quantity(60, "drop")}, ""),
    ([], {"quantity": quantity(60, "mL")}, ""),
    ([], {"quantity": quantity(60_000_000_000, "mg")}, ""),
)


@pytest.mark.parametrize(("dosages", "fields", "expected"), SUPPLIES)
def test_a_supply_speaks_only_where_no_instruction_is_read(dosages: list[Json], fields: Json, expected: str) -> None:
    """60 tablets of 5 mg for 30 days; a taper has no such mean."""
    supply = {"quantity": quantity(60, "tablet"), "daysSupply": quantity(30, "d")} | fields
    segments = doses(*dosages, build=dispense, drug=PREDNISONE_5, **supply)
    assert " ".join(f"{told((one,))} {one.grade}" for one in segments) == expected


def test_the_words_are_kept_to_be_quoted() -> None:
    """At most 160 characters of them."""
    assert doses(sig("as told " * 50))[0].text == ("as told " * 50)[:160]


@given(st.integers(1, 99), st.integers(1, 4), st.sampled_from(["d", "wk"]), st.booleans())
@settings(max_examples=60)
def test_structure_and_words_are_twins(value: int, times: int, unit: str, need: bool) -> None:
    """The same instruction told either way, in milligrams or in tablets, gives the same dose and pattern."""
    name = {"d": "day", "wk": "week"}[unit]
    timed = timing(frequency=times, period=1, periodUnit=unit) | ({"asNeededBoolean": True} if need else {})
    suffix = " as needed" if need else ""
    told_so = [
        doses(amount(5 * value) | timed),
        doses(sig(f"{5 * value} mg {times} times a {name}{suffix}")),
        doses(amount(value, "tablet") | timed, drug=PREDNISONE_5),
        doses(sig(f"take {value} tablets {times} times a {name}{suffix}"), drug=PREDNISONE_5),
        doses(sig(f"{value} tabs (5 mg each) by mouth {times} times per {name}{suffix}")),
    ]
    assert len({(one.low, one.high, one.peak, one.pattern, one.as_needed) for segments in told_so for one in segments}) == 1
    assert told_so[0][0].high == Fraction(5 * value * times, 1 if unit == "d" else 7)


ELEMENTS = (
    "text",
    "patientInstruction",
    "additionalInstruction",
    "timing",
    "doseAndRate",
    "asNeededBoolean",
    "asNeededCodeableConcept",
    "sequence",
    "maxDosePerPeriod",
    "dose",
    "route",
    "rateRatio",
)
REPEATS = (
    "frequency",
    "frequencyMax",
    "period",
    "periodMax",
    "periodUnit",
    "dayOfWeek",
    "timeOfDay",
    "when",
    "count",
    "boundsPeriod",
    "boundsDuration",
    "boundsRange",
)
REPEAT = st.dictionaries(st.sampled_from(REPEATS), JUNK, max_size=5)
DOSAGE = st.dictionaries(st.sampled_from(ELEMENTS), JUNK, max_size=5) | st.builds(
    lambda base, repeat, entry: base | {"timing": {"repeat": repeat}, "doseAndRate": [entry]},
    st.dictionaries(st.sampled_from(ELEMENTS), JUNK, max_size=3),
    REPEAT,
    st.dictionaries(st.sampled_from(("doseQuantity", "doseRange", "type", "rateRatio")), JUNK | st.just(quantity(5)), max_size=3),
)


@given(st.sampled_from([request, statement, dispense]), st.lists(DOSAGE, max_size=3), JUNK, JUNK)
@settings(max_examples=300)
def test_any_dosage_is_read_or_has_a_problem(build: Any, dosages: list[Json], ingredients: Any, supply: Any) -> None:
    """Whatever JSON stands in it: a dose is a sane number, and what is none says why."""
    drug = {"resourceType": "Medication", "id": "med", "code": coded(PREDNISONE_5), "ingredient": ingredients, "amount": supply}
    fields: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": "#med"}, "contained": [drug]}
    for one in doses(*dosages, build=build, agent="drug.prednisone", quantity=supply, daysSupply=supply, **fields):
        if one.low is None:
            assert (one.high, one.peak) == (None, None)
            assert one.problem
        else:
            assert one.high is not None
            assert 0 <= one.low <= one.high <= 1_000_000
            assert one.pattern


def test_methotrexate_once_a_week() -> None:
    """Six tablets of 2.5 mg: a seventh of 15 mg a day, and 15 mg on the day."""
    (one,) = doses(sig("Take 6 tablets (15 mg total) by mouth once a week."), drug=MTX_2_5)
    assert (one.low, one.high, one.peak) == (Fraction(15, 7), Fraction(15, 7), 15)


WORDED = (
    [sig("5 mg daily")],
    [sig("40 mg daily for 7 days, then 30 mg daily for 7 days")],
    [sig("take 2 tablets once")],
    [sig("as told")],
    [sig("prednisone 5 mg daily")],
    [amount(2, "tablet") | every_day()],
    [amount(2, "tablet") | every_day(boundsDuration=quantity(7, "d"))],
    [amount(5) | every_day(boundsPeriod=period("2026-06-03", "2026-06-09"))],
    [amount(5) | every_day() | {"sequence": number} for number in (1, 2)],
    [],
)
ORDER = st.fixed_dictionaries(
    {
        "medicationCodeableConcept": st.sampled_from([coded(PREDNISONE), coded(PREDNISONE_5), coded(PREDNISONE, text="Prednisone")]),
        "authoredOn": st.sampled_from(["2026-06-01", "2026-06-02", "2026-06", None]),
        "dispenseRequest": st.sampled_from([{}, {"numberOfRepeatsAllowed": 2}]),
    }
)


@given(st.sampled_from(WORDED), st.lists(ORDER, min_size=2, max_size=5))
@settings(max_examples=100)
def test_a_record_says_what_it_says_alone(worded: list[Json], orders: list[Json]) -> None:
    """Others beside it of the same words, of another strength or from another day, change nothing of it."""
    written = [request(id=f"m{place}", dosageInstruction=worded, **order) for place, order in enumerate(orders)]
    together = {one.origin.reference: one.doses for one in exposures_of(*written)}
    assert together == {f"MedicationRequest/{one['id']}": of_resource(one) for one in written}
