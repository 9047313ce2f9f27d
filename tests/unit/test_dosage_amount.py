"""How many milligrams a Dosage is: by weight, or by the strength of the drug (spec 1.1)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.support.dosages import (
    MTX_2_5,
    MTX_SOLUTION,
    PREDNISONE,
    PREDNISONE_5,
    UCUM,
    amount,
    doses,
    every_day,
    quantity,
    ratio,
    rxnorm,
    sig,
    timing,
    told,
)
from tests.support.medications import Json, coded

NO_STRENGTH = "unread: the strength of the drug is not known"


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


def test_methotrexate_once_a_week() -> None:
    """Six tablets of 2.5 mg: a seventh of 15 mg a day, and 15 mg on the day."""
    (one,) = doses(sig("Take 6 tablets (15 mg total) by mouth once a week."), drug=MTX_2_5)
    assert (one.low, one.high, one.peak) == (Fraction(15, 7), Fraction(15, 7), 15)
