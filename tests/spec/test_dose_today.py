"""Which dose of a glucocorticoid holds on a day, as milligrams of prednisone (spec 1.1, 1.2)."""

from __future__ import annotations

import pytest

from fhir_mappings.dose_series import daily_dose
from fhir_mappings.dose_stability import amount
from tests.generative.charts import AS_OF, quantity
from tests.support.dose_records import BETA, METHYL, NOT_TAKEN, PRED, Json, agents, lasting, named, order, worded
from tests.trials import parts as p

TITLE = "Doses of a day"
COLUMNS = ("question", "records", "answer")

UNREAD = order(PRED, 10, None, 15, medicationCodeableConcept={"text": "prednisone"}, dosageInstruction=[{"text": "as told"}])

GIVEN_TODAY = worded(p.given(PRED, 0)) | {"dosage": {"dose": quantity(20, "mg"), **p.by(p.ORAL)}}

# (what the records are, the records, prednisone-equivalent today)
TODAY: tuple[tuple[str, list[Json], str], ...] = (
    ("nothing", [], "0 mg"),
    ("prednisone 15 mg", [p.doses(PRED, 100, None, 15)], "15 mg"),
    ("two glucocorticoids side by side add", [p.doses(PRED, 100, None, 5), p.doses(METHYL, 50, None, 4)], "10 mg"),
    ("a renewed order does not double", [order(PRED, 100, None, 15), order(PRED, 20, None, 15)], "15 mg"),
    ("a later order of the drug supersedes", [order(PRED, 100, None, 20), order(PRED, 20, None, 15)], "15 mg"),
    ("two orders of one day are parts of one dose", [order(PRED, 100, None, 5), order(PRED, 100, None, 2.5)], "7.5 mg"),
    ("a statement and its order are one intake", [p.doses(PRED, 100, None, 15), order(PRED, 100, None, 15)], "15 mg"),
    ("a statement and an order that differ", [p.doses(PRED, 100, None, 15), order(PRED, 100, None, 20)], "15 to 20 mg, review"),
    ("the statement has no dose, the order has", [p.takes(PRED, 100), order(PRED, 100, None, 15)], "15 mg"),
    ("ended yesterday", [p.doses(PRED, 100, 1, 15)], "0 mg"),
    ("ends today", [p.doses(PRED, 100, 0, 15)], "15 mg"),
    ("planned for tomorrow", [p.doses(PRED, -1, None, 15)], "0 mg"),
    ("not taken", [p.doses(PRED, 100, None, 15) | {"status": "not-taken"}], "0 mg"),
    ("not taken since 20 days, taken before", [p.doses(PRED, 100, None, 15), NOT_TAKEN], "0 to 15 mg, review"),
    ("ordered, then recorded as not taken", [order(PRED, 100, None, 15), NOT_TAKEN], "0 to 15 mg, review"),
    ("recorded as not taken, begun since", [p.doses(PRED, 100, 21, 15), NOT_TAKEN, p.doses(PRED, 10, None, 10)], "10 mg"),
    (
        "recorded as not taken, asserted again since",
        [p.doses(PRED, 100, None, 15) | {"dateAsserted": p.ago(10).isoformat()}, NOT_TAKEN],
        "15 mg",
    ),
    ("recorded as not taken before the order", [order(PRED, 10, None, 15), NOT_TAKEN], "15 mg"),
    (
        "an active record whose words say that it is not taken",
        [p.doses(PRED, 100, None, 15, text="Patient not taking: reported in May")],
        "0 to 15 mg, review",
    ),
    ("for 14 days, still active 100 days later", [order(PRED, 100, None, 60, dosageInstruction=[lasting(60, 14)])], "0 to 60 mg, review"),
    ("the same in words, as a statement", [p.takes(PRED, 100) | {"dosage": [{"text": "60 mg daily for 14 days"}]}], "0 to 60 mg, review"),
    ("the same, completed", [order(PRED, 100, None, 60, "completed", dosageInstruction=[lasting(60, 14)])], "0 mg"),
    (
        "the same in words, completed on a day that is not stated",
        [p.takes(PRED, 100) | {"status": "completed", "dosage": [{"text": "60 mg daily for 14 days"}]}],
        "0 mg, review",
    ),
    ("for 14 days, then stop", [p.takes(PRED, 100) | {"dosage": [{"text": "60 mg daily for 14 days, then stop"}]}], "0 mg"),
    (
        "for 90 days with 3 refills, 100 days ago",
        [order(PRED, 100, None, 15, dosageInstruction=[lasting(15, 90)], dispenseRequest={"numberOfRepeatsAllowed": 3})],
        "15 mg",
    ),
    (
        "for 30 days with 2 refills, 100 days ago",
        [order(PRED, 100, None, 15, dosageInstruction=[lasting(15, 30)], dispenseRequest={"numberOfRepeatsAllowed": 2})],
        "0 to 15 mg, review",
    ),
    ("entered in error", [p.doses(PRED, 100, None, 15) | {"status": "entered-in-error"}], "0 mg"),
    ("active, last evidence 13 months ago", [p.doses(PRED, 400, None, 15)], "0 to 15 mg, review"),
    ("on hold since a day that is not stated", [order(PRED, 100, None, 15, "on-hold")], "0 to 15 mg, review"),
    ("as needed", [p.doses(PRED, 100, None, 10, asNeededBoolean=True)], "0 to 10 mg, review"),
    ("no dose recorded", [p.takes(PRED, 100)], "unknown dose"),
    ("an infusion today on top", [p.doses(PRED, 100, None, 10), p.infused(METHYL, 0, 80)], "110 mg"),
    ("an infusion yesterday", [p.doses(PRED, 100, None, 10), p.infused(METHYL, 1, 80)], "10 mg"),
    ("on the skin", [p.doses(PRED, 100, None, 10, **p.by("6064005"))], "0 mg"),
    ("a depot into a muscle is no daily dose", [p.given("10759", 3) | {"dosage": {"dose": quantity(40, "mg"), **p.by(p.MUSCLE)}}], "0 mg"),
    ("a depot ordered by its code, route not said", [order("1358610", 10, None, 80)], "0 mg"),
    ("an acetate for injection ordered by its code, route not said", [order("1743779", 10, None, 80)], "0 mg"),
    ("a depot ordered by its name, route not said", [named(order(METHYL, 10, None, 80), "Depo-Medrol 80 mg/mL")], "0 mg"),
    ("Celestone Soluspan, route not said", [named(order(BETA, 10, None, 12), "Celestone Soluspan 6 mg/mL")], "0 mg"),
    ("Celestone into a muscle", [named(order(BETA, 10, None, 12, **p.by(p.MUSCLE)), "Celestone")], "0 mg"),
    ("Celestone by mouth", [named(order(BETA, 10, None, 3, **p.by(p.ORAL)), "Celestone")], "20 to 25 mg"),
    ("triamcinolone for injection", [named(order("10759", 10, None, 40), "triamcinolone 40 mg/mL injection")], "0 mg"),
    (
        "methylprednisolone by injection: depot or not",
        [named(order(METHYL, 10, None, 80), "methylprednisolone injection")],
        "0 to 100 mg, review",
    ),
    ("eye drops by their code", [order("208813", 10, None, 10)], "0 mg"),
    ("only a supply: 90 tablets of 5 mg for 30 days", [p.handed("312617", 10, 90, 30)], "unknown dose"),
    ("a supply that supports the statement", [p.handed("312617", 10, 90, 30), p.doses(PRED, 100, None, 15)], "15 mg"),
    ("a supply that contradicts the statement", [p.handed("312617", 10, 90, 30), p.doses(PRED, 100, None, 20)], "15 to 20 mg, review"),
    ("a supply older than the statement", [p.handed("312617", 10, 90, 30), p.doses(PRED, 5, None, 20)], "20 mg"),
    (
        "tablets of 20 mg, later of 5 mg too: both, or the later alone",
        [order("312615", 100, None, 40), order("312617", 20, None, 5)],
        "5 to 45 mg, review",
    ),
    ("the same as statements", [p.doses("312615", 100, None, 40), p.doses("312617", 20, None, 5)], "5 to 45 mg, review"),
    (
        "a statement of 20 mg tablets, an order of 5 mg tablets",
        [p.doses("312615", 100, None, 30), order("312617", 20, None, 15)],
        "15 to 45 mg, review",
    ),
    (
        "a statement of 30 mg, orders of 5 mg tablets and later of 20 mg tablets",
        [p.doses("312617", 100, None, 30), order("312617", 100, None, 30), order("312615", 20, None, 20)],
        "20 to 50 mg, review",
    ),
    (
        "the same, stated anew since",
        [
            p.doses("312617", 100, None, 30) | {"dateAsserted": p.ago(10).isoformat()},
            order("312617", 100, None, 30),
            order("312615", 20, None, 20),
        ],
        "30 mg",
    ),
    (
        "two statements of different tablets, an order of the later ones",
        [p.doses("312615", 100, None, 40), p.doses("312617", 20, None, 5), order("312617", 20, None, 5)],
        "5 to 45 mg, review",
    ),
    (
        "a statement of 15 mg, a newer order that can't be read",
        [p.doses(PRED, 100, None, 15), order(PRED, 20, None, 15, dosageInstruction=[{"text": "as told"}])],
        "unknown dose",
    ),
    ("an order of 15 mg, a newer statement without a dose", [order(PRED, 100, None, 15), p.takes(PRED, 20)], "15 mg"),
    ("tablets of 20 mg stopped, then of 5 mg", [order("312615", 100, 21, 40), order("312617", 20, None, 5)], "5 mg"),
    ("the same tablets again", [order("312617", 100, None, 20), order("312617", 20, None, 15)], "15 mg"),
    ("after a certain dose, one in words only that can't be read", [order(PRED, 100, None, 15), UNREAD], "unknown dose"),
    (
        "an order of 15 mg, 60 mg since in words only",
        [order(PRED, 100, None, 15), worded(p.doses(PRED, 5, None, 60))],
        "15 to 60 mg, review",
    ),
    ("the same, told on one day", [order(PRED, 100, None, 15), worded(p.doses(PRED, 100, None, 60))], "15 to 60 mg, review"),
    ("the same, in words a day before", [order(PRED, 100, None, 15), worded(p.doses(PRED, 101, None, 60))], "15 mg"),
    (
        "an order of 60 mg, 15 mg since in words only",
        [order(PRED, 100, None, 60), worded(p.doses(PRED, 5, None, 15))],
        "15 to 60 mg, review",
    ),
    ("an order of 15 mg, told again in words only", [order(PRED, 100, None, 15), worded(p.doses(PRED, 5, None, 15))], "15 mg"),
    ("the same, as a second order", [order(PRED, 100, None, 15), worded(order(PRED, 5, None, 15))], "15 mg"),
    ("the same, on one day", [worded(order(PRED, 100, None, 15)), order(PRED, 100, None, 15)], "15 mg"),
    (
        "a statement of 15 mg, a newer order on hold at the same dose",
        [p.doses(PRED, 100, None, 15), order(PRED, 5, None, 15, "on-hold")],
        "15 mg",
    ),
    ("orders of 15 mg, the newer on hold", [order(PRED, 100, None, 15), order(PRED, 5, None, 15, "on-hold")], "15 mg, review"),
    ("60 mg in words only, once over", [order(PRED, 100, None, 15), worded(p.doses(PRED, 50, 20, 60))], "15 mg"),
    (
        "60 mg for 5 days in words only, still active",
        [p.doses(PRED, 100, None, 15), worded(order(PRED, 20, None, 60, dosageInstruction=[lasting(60, 5)]))],
        "15 mg",
    ),
    (
        "60 mg completed on a day that is not stated: not taken now",
        [p.doses(PRED, 100, None, 15), order(PRED, 50, None, 60, "completed")],
        "15 mg",
    ),
    (
        "60 mg in words only, the order's 15 mg stated since",
        [worded(order(PRED, 50, None, 60)), p.doses(PRED, 200, None, 15) | {"dateAsserted": p.ago(5).isoformat()}],
        "15 mg",
    ),
    (
        "60 mg in words only, by its own words not taken",
        [p.doses(PRED, 100, None, 15), worded(order(PRED, 5, None, 60)) | {"note": [{"text": "Patient not taking: reported in May"}]}],
        "15 mg",
    ),
    (
        "a statement of 10 mg, up to 5 mg as needed ordered since",
        [p.doses(PRED, 100, None, 10), p.doses(PRED, 5, None, 5, kind=p.ordered, asNeededBoolean=True)],
        "0 to 15 mg, review",
    ),
    (
        "a statement of 10 mg, ordered since as needed",
        [p.doses(PRED, 100, None, 10), p.doses(PRED, 5, None, 10, kind=p.ordered, asNeededBoolean=True)],
        "10 mg",
    ),
    (
        "up to 5 mg as needed, 10 mg stated since",
        [p.doses(PRED, 100, None, 5, kind=p.ordered, asNeededBoolean=True), p.doses(PRED, 5, None, 10)],
        "10 mg",
    ),
    (
        "a statement of 10 mg, 20 mg ordered since, its status unknown",
        [p.doses(PRED, 100, None, 10), order(PRED, 5, None, 20, "unknown")],
        "10 to 20 mg, review",
    ),
    ("a statement of 10 mg, 20 mg given today in words only", [p.doses(PRED, 100, None, 10), GIVEN_TODAY], "10 to 20 mg, review"),
    (
        "a supply in words only that supports the statement",
        [worded(p.handed("312617", 10, 90, 30), "prednisone 5 mg tablet"), p.doses(PRED, 100, None, 15)],
        "15 mg",
    ),
    (
        "a supply in words only that contradicts it",
        [worded(p.handed("312617", 10, 90, 30), "prednisone 5 mg tablet"), p.doses(PRED, 100, None, 20)],
        "0 to 20 mg, review",
    ),
    (
        "an order of 15 mg, a newer statement in words only that can't be read",
        [order(PRED, 100, None, 15), worded(p.takes(PRED, 5)) | {"dosage": [{"text": "as told"}]}],
        "unknown dose",
    ),
    (
        "the same, older",
        [order(PRED, 100, None, 15), worded(p.takes(PRED, 105)) | {"dosage": [{"text": "as told"}]}],
        "15 mg",
    ),
    ("meprednisone has no equivalent", [p.doses("29523", 100, None, 8)], "unknown dose"),
)


def today(items: list[Json]) -> str:
    dose = daily_dose(agents(items), AS_OF, AS_OF)
    return amount(dose) + (", review" if dose.review and dose.known else "")


def printed() -> list[tuple[str, ...]]:
    return [("prednisone-equivalent today", label, expected) for label, _, expected in TODAY]


@pytest.mark.parametrize(("label", "items", "expected"), TODAY, ids=[row[0] for row in TODAY])
def test_the_dose_of_today(label: str, items: list[Json], expected: str) -> None:
    """Each row's records give the row's dose, as milligrams of prednisone."""
    assert today(items) == expected


def test_two_orders_that_cannot_be_read_are_two() -> None:
    """Whether they are the same order told twice can't be known: a person sees both."""
    unread = p.ordered(PRED, 10) | {"dosageInstruction": [{"text": "as told"}]}
    assert len(daily_dose(agents([unread | {"id": "a"}, unread | {"id": "b"}]), AS_OF, AS_OF).exposures) == 2
