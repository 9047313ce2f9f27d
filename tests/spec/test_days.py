"""Which dose holds on a day, whether it was unchanged, and whether a class was taken without a gap (spec 1.1, 1.2, rulings 8 and 15)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from fhir_mappings.chart import chart_of_bundle
from fhir_mappings.dates import Duration
from fhir_mappings.dose_series import Factors, daily_dose, in_prednisone, plain_mg
from fhir_mappings.dose_stability import Stability, amount, continuous, stable
from fhir_mappings.exposure_counting import taken
from fhir_mappings.glucocorticoids import prednisone_factors
from fhir_mappings.inputs import Exposure
from tests.generative.charts import AS_OF, bundle, quantity
from tests.support.engine import engine
from tests.trials import parts as p

TITLE = "Doses of days, stability and continuity"
COLUMNS = ("question", "records", "answer")

Json = dict[str, Any]
PRED, METHYL, BETA, MMF, MTX, CYC = "8640", "6902", "1514", "68149", "6851", "3002"


def agents(items: list[Json]) -> dict[str, tuple[Exposure, ...]]:
    inputs = engine().map(chart_of_bundle(bundle(items)), AS_OF)
    return {name: taken(held) for name, held in inputs.exposures.items()}


def named(record: Json, name: str) -> Json:
    """The record with its drug called so."""
    return record | {"medicationCodeableConcept": record["medicationCodeableConcept"] | {"text": name}}


def worded(record: Json, name: str = "prednisone") -> Json:
    """The record with its drug in words only."""
    return record | {"medicationCodeableConcept": {"text": name}}


def order(code: str, start: int, end: int | None, mg: Any, status: str | None = None, **more: Any) -> Json:
    dosage = p.dosage(mg) | {name: more.pop(name) for name in ("route",) if name in more}
    one = p.ordered(code, start, end) | {"dosageInstruction": [dosage]} | more
    return one | ({"status": status} if status else {})


def lasting(mg: Any, days: int) -> Json:
    """A dose a day for a number of days."""
    one = p.dosage(mg)
    bounds = {"boundsDuration": {"value": days, "unit": "d", "code": "d", "system": "http://unitsofmeasure.org"}}
    return one | {"timing": {"repeat": one["timing"]["repeat"] | bounds}}


def shot(days: int, mg: Any) -> Json:
    """Methotrexate under the skin."""
    return p.given(MTX, days) | {"dosage": {"dose": quantity(mg, "mg"), **p.by(p.SKIN)}}


def pulses(last: int) -> list[Json]:
    """Cyclophosphamide into a vein, six times four weeks apart."""
    return [p.infused(CYC, last + 28 * number, 750) for number in range(6)]


def weekly(last: int) -> list[Json]:
    """The same, ten times a week apart."""
    return [shot(last + 7 * week, 15) for week in range(10)]


NOT_TAKEN = p.takes(PRED, 20) | {"status": "not-taken"}
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

# (rule, records, stable for 30 days?)
STABLE: tuple[tuple[str, list[Json], str], ...] = (
    ("unchanged for a year", [p.doses(PRED, 300, None, 15)], "stable"),
    ("changed exactly 30 days ago", [p.doses(PRED, 300, 31, 20), p.doses(PRED, 30, None, 15)], "stable"),
    ("changed 29 days ago", [p.doses(PRED, 300, 30, 20), p.doses(PRED, 29, None, 15)], "changed 29 days ago"),
    ("begun exactly 30 days ago", [p.doses(PRED, 30, None, 15)], "stable"),
    ("begun 29 days ago", [p.doses(PRED, 29, None, 15)], "changed 29 days ago"),
    ("stopped 10 days ago", [p.doses(PRED, 300, 10, 15)], "changed 9 days ago"),
    ("stopped 31 days ago", [p.doses(PRED, 300, 31, 15)], "not taken"),
    ("renewed without a gap", [p.doses(PRED, 300, 16, 15), p.doses(PRED, 15, None, 15)], "stable"),
    ("a gap of 3 days", [p.doses(PRED, 300, 16, 15), p.doses(PRED, 12, None, 15)], "stable"),
    ("a gap of 4 days", [p.doses(PRED, 300, 17, 15), p.doses(PRED, 12, None, 15)], "open, review"),
    ("begun again at another dose after a gap", [p.doses(PRED, 300, 60, 15), p.doses(PRED, 12, None, 10)], "changed 12 days ago"),
    ("an equal dose of another drug took over", [p.doses(PRED, 300, 16, 10), p.doses(METHYL, 15, None, 8)], "stable, switched"),
    ("a dose that is not equal took over", [p.doses(PRED, 300, 16, 10), p.doses(METHYL, 15, None, 10)], "changed 15 days ago"),
    ("20 mg every other day throughout", [p.doses(PRED, 300, None, 20, 1, 2)], "stable"),
    ("20 mg every other day, then 10 mg every day", [p.doses(PRED, 300, 16, 20, 1, 2), p.doses(PRED, 15, None, 10)], "changed 15 days ago"),
    ("10 mg once, then 5 mg twice a day", [p.doses(PRED, 300, 16, 10), p.doses(PRED, 15, None, 5, 2)], "stable"),
    ("as needed", [p.doses(PRED, 300, None, 10, asNeededBoolean=True)], "open, review"),
    ("an instruction that is not read", [p.takes(PRED, 300) | {"dosage": [{"text": "as directed"}]}], "open"),
    ("unread, but changed within the window", [
        p.doses(PRED, 300, 20, 20), p.takes(PRED, 19, 11) | {"dosage": [{"text": "as directed"}]}, p.doses(PRED, 10, None, 15)], "changed 10 days ago"),
    ("a pulse two weeks ago", [p.doses(PRED, 300, None, 10), p.infused(METHYL, 14, 500)], "changed 13 days ago"),
    ("a depot two weeks ago", [
        p.doses(PRED, 300, None, 10), p.given("10759", 14) | {"dosage": {"dose": quantity(40, "mg"), **p.by(p.MUSCLE)}}], "open, review"),
    ("a depot ordered every month since last year", [p.doses(PRED, 300, None, 10), order("1358610", 300, None, 80, **p.by(p.MUSCLE))], "open, review"),
    ("a depot half a year ago", [
        p.doses(PRED, 300, None, 10), named(p.given(METHYL, 180), "Depo-Medrol") | {"dosage": {"dose": quantity(80, "mg")}}], "stable"),
    ("40 mg for 5 days two weeks ago in words only", [
        p.doses(PRED, 300, None, 10), worded(order(PRED, 14, None, 40, dosageInstruction=[lasting(40, 5)]))], "open, review"),
    ("the same, 10 mg stated anew since", [
        p.doses(PRED, 300, None, 10) | {"dateAsserted": p.ago(2).isoformat()},
        worded(order(PRED, 14, None, 40, dosageInstruction=[lasting(40, 5)]))], "open, review"),
    ("40 mg for 5 days half a year ago in words only", [
        p.doses(PRED, 300, None, 10), worded(order(PRED, 180, None, 40, dosageInstruction=[lasting(40, 5)]))], "stable"),
    ("the same dose ordered two weeks ago in words only", [p.doses(PRED, 300, None, 10), worded(order(PRED, 14, None, 10))], "stable"),
    ("last evidence more than 12 months ago", [p.doses(PRED, 400, None, 15)], "open, review"),
    ("recorded as not taken two weeks ago", [p.doses(PRED, 300, None, 15), p.takes(PRED, 14) | {"status": "not-taken"}], "open, review"),
    ("tablets of 5 mg beside those of 20 mg for two weeks", [p.doses("312615", 300, None, 20), p.doses("312617", 14, None, 5)], "open, review"),
    ("supplies alone, one a month", [p.handed("312617", days, 90, 30) for days in (60, 30, 0)], "open, review"),
    ("both equivalents of betamethasone, unchanged", [p.doses("1514", 300, None, 1)], "stable"),
)  # fmt: skip

# (rule, records, 84 days of background?)
CONTINUOUS: tuple[tuple[str, list[Json], bool, str], ...] = (
    ("exactly 84 days", [p.takes(PRED, 84)], True, "yes"),
    ("83 days, nothing earlier recorded", [p.takes(PRED, 83)], True, "no, since 83 days"),
    ("recorded as not taken 20 days ago", [p.takes(PRED, 300), NOT_TAKEN], True, "open, review"),
    ("ordered a year ago, recorded as not taken 20 days ago", [order(PRED, 300, None, 15), NOT_TAKEN], True, "open, review"),
    ("the first supply on record handed out 83 days ago", [p.handed("312617", 83, 90, 90)], True, "open, review"),
    ("83 days, medication records incomplete", [p.takes(PRED, 83)], False, "open"),
    ("83 days, an earlier drug ended 150 days ago", [p.takes(MMF, 400, 150), p.takes(PRED, 83)], True, "open, review"),
    ("8 weeks of one, then 6 weeks of another", [p.takes(MTX, 98, 43), p.takes(MMF, 42)], True, "yes, switched"),
    ("a gap of 30 days", [p.takes(PRED, 300, 60), p.takes(PRED, 30)], True, "yes"),
    ("a gap of 31 days", [p.takes(PRED, 300, 60), p.takes(PRED, 29)], True, "open, review"),
    ("ended 40 days ago", [p.takes(PRED, 300, 40)], True, "no"),
    ("active, last evidence 13 months ago", [p.takes(PRED, 400)], True, "open, review"),
    ("depot injections alone", [order("1358610", 300, None, 80)], True, "open, review"),
    ("nothing recorded", [], True, "open"),
    ("on the skin only", [p.takes(PRED, 300) | {"dosage": [p.by("6064005")]}], True, "open"),
)

# spec 1.1: milligrams a day at each threshold
THRESHOLDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("prednisone", "drug.prednisone", ("7.5", "10", "40", "60", "100")),
    ("prednisolone", "drug.prednisolone", ("7.5", "10", "40", "60", "100")),
    ("methylprednisolone", "drug.methylpred", ("6", "8", "32", "48", "80")),
    ("dexamethasone", "drug.dex", ("1.125", "1.5", "6", "9", "15")),
    ("hydrocortisone", "drug.hydrocort", ("30", "40", "160", "240", "400")),
    ("betamethasone, 0.6", "drug.beta", ("0.9", "1.2", "4.8", "7.2", "12")),
    ("betamethasone, 0.75", "drug.beta", ("1.125", "1.5", "6", "9", "15")),
    ("deflazacort", "drug.defla", ("9", "12", "48", "72", "120")),
    ("cortisone", "drug.cortisone", ("37.5", "50", "200", "300", "500")),
    ("triamcinolone", "drug.triam", ("6", "8", "32", "48", "80")),
)
LIMITS = ("7.5", "10", "40", "60", "100")


def today(items: list[Json]) -> str:
    dose = daily_dose(agents(items), AS_OF, AS_OF)
    return amount(dose) + (", review" if dose.review and dose.known else "")


# (what the records are, the records, whether the milligrams of the drug itself are unchanged)
GIVEN: tuple[tuple[str, list[Json], str], ...] = (
    ("methotrexate given every week, the last 5 days ago", weekly(5), "stable"),
    ("methotrexate given every week, the last 9 days ago", weekly(9), "stable"),
    ("methotrexate given every week, the last 21 days ago", weekly(21), "changed 11 days ago"),
    ("methotrexate given every week, 20 mg since 12 days", [*weekly(19), shot(12, 20), shot(5, 20)], "changed 12 days ago"),
    ("methotrexate given every week, one dose 2 days late", [shot(day, 15) for day in (5, 14, 21, 28, 35, 42)], "stable"),
    ("methotrexate given every week, two doses left out", [shot(day, 15) for day in (5, 26, 33, 40)], "open, review"),
    ("two doses of methotrexate half a year apart", [shot(200, 15), shot(20, 15)], "changed 19 days ago"),
    ("cyclophosphamide every 28 days, the last 25 days ago", pulses(25), "stable"),
    ("cyclophosphamide every 28 days, the last 40 days ago", pulses(40), "changed 9 days ago"),
    ("one pulse of cyclophosphamide 20 days ago", [p.infused(CYC, 20, 750)], "changed 19 days ago"),
    (
        "mofetil 1 g twice a day, then 720 mg twice a day of mycophenolic acid",
        [p.doses(MMF, 300, 11, 1000, 2), p.doses(MMF, 10, None, 720, 2)],
        "open, review",
    ),
    (
        "mofetil 1 g twice a day, then 500 mg twice a day",
        [p.doses(MMF, 300, 11, 1000, 2), p.doses(MMF, 10, None, 500, 2)],
        "changed 10 days ago",
    ),
)


def stability(items: list[Json], factors: Factors = in_prednisone) -> Stability:
    return stable(agents(items), Duration(days=30), AS_OF, factors)


def stability_told(one: Stability) -> str:
    if not one.taken:
        return "not taken"
    if one.truth is True:
        return "stable, switched" if one.switched else "stable"
    if one.truth is False:
        assert one.since is not None
        return f"changed {(AS_OF - one.since).days} days ago"
    return "open, review" if one.review else "open"


def continuity_told(items: list[Json], whole: bool) -> str:
    one = continuous(agents(items), Duration(days=84), AS_OF, whole)
    if one.truth is True:
        return "yes, switched" if one.switched else "yes"
    if one.truth is False:
        return f"no, since {(AS_OF - one.first).days} days" if one.first else "no"
    return "open, review" if one.review else "open"


def printed() -> list[tuple[str, ...]]:
    return [
        *(("prednisone-equivalent today", label, expected) for label, _, expected in TODAY),
        *(("unchanged for 30 days", label, expected) for label, _, expected in STABLE),
        *(("unchanged for 30 days", label, expected) for label, _, expected in GIVEN),
        *(("84 days without a gap", label, expected) for label, _, _, expected in CONTINUOUS),
        *((f"{label}: mg a day at {', '.join(LIMITS)} mg of prednisone", "", ", ".join(mgs)) for label, _, mgs in THRESHOLDS),
    ]


@pytest.mark.parametrize(("label", "items", "expected"), TODAY, ids=[row[0] for row in TODAY])
def test_the_dose_of_today(label: str, items: list[Json], expected: str) -> None:
    """Each row's records give the row's dose, as milligrams of prednisone."""
    assert today(items) == expected


@pytest.mark.parametrize(("label", "items", "expected"), STABLE, ids=[row[0] for row in STABLE])
def test_whether_a_dose_was_unchanged(label: str, items: list[Json], expected: str) -> None:
    """A documented change is a change, what is not recorded is open."""
    assert stability_told(stability(items)) == expected


@pytest.mark.parametrize(("label", "items", "expected"), GIVEN, ids=[row[0] for row in GIVEN])
def test_whether_the_dose_of_one_drug_was_unchanged(label: str, items: list[Json], expected: str) -> None:
    """Doses given again and again are one regimen, the last for one interval; milligrams of two salts are no change."""
    assert stability_told(stability(items, plain_mg)) == expected


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([p.doses(MTX, 300, 11, 15, every=7), p.doses(MTX, 10, None, 20, every=7)], "from 15 mg to 20 mg a week"),
        ([*weekly(19), shot(12, 20), shot(5, 20)], "from 15 mg to 20 mg a week"),
        ([p.doses(MTX, 10, None, 7.5, 2, 7)], "begun at 15 mg a week"),
        ([p.infused(CYC, day, 500) for day in (66, 38)] + [p.infused(CYC, 10, 750)], "from 500 mg to 750 mg every 28 days"),
        ([p.doses(MMF, 300, 11, 500, 2), p.doses(MMF, 10, None, 1000, 2)], "from 1000 mg to 2000 mg a day"),
        ([p.infused(CYC, 20, 750)], "3002: a single dose of 750 mg on 2026-05-26"),
    ],
)
def test_a_change_is_told_as_the_dose_is_ordered(items: list[Json], words: str) -> None:
    """Methotrexate by the week: a dose a day is how it is taken by mistake."""
    assert words in stability(items, plain_mg).reason


@pytest.mark.parametrize(("label", "items", "whole", "expected"), CONTINUOUS, ids=[row[0] for row in CONTINUOUS])
def test_whether_a_class_was_taken_without_a_gap(label: str, items: list[Json], whole: bool, expected: str) -> None:
    """A shortfall must be documented."""
    assert continuity_told(items, whole) == expected


@pytest.mark.parametrize(("label", "agent", "mgs"), THRESHOLDS, ids=[row[0] for row in THRESHOLDS])
def test_the_thresholds_of_each_glucocorticoid(label: str, agent: str, mgs: tuple[str, ...]) -> None:
    """The milligrams of the specification's table are exactly the limits: one reading of each drug makes them equal."""
    for mg, limit in zip(mgs, LIMITS, strict=True):
        assert Fraction(limit) in {Fraction(mg) * factor for factor in prednisone_factors(agent)}


def test_a_depot_is_told_with_the_words_of_its_order() -> None:
    """A physician reads what was injected and as it was worded."""
    given = named(p.given(METHYL, 14), "Depo-Medrol") | {"dosage": {"text": "80 mg IM once", "dose": quantity(80, "mg")}}
    assert stability([p.doses(PRED, 300, None, 10), given]).reason == "Depo-Medrol (“80 mg IM once”): a depot injection, no daily dose"


def test_two_orders_that_cannot_be_read_are_two() -> None:
    """Whether they are the same order told twice can't be known: a person sees both."""
    unread = p.ordered(PRED, 10) | {"dosageInstruction": [{"text": "as told"}]}
    assert len(daily_dose(agents([unread | {"id": "a"}, unread | {"id": "b"}]), AS_OF, AS_OF).exposures) == 2


def test_no_factor_is_rounded() -> None:
    """Exact rationals: 6 mg of dexamethasone are 40 mg, not 40.000002."""
    assert prednisone_factors("drug.dex") == (Fraction(20, 3),)
    assert prednisone_factors("drug.meprednisone") == ()
    assert in_prednisone("drug.mmf") == ()
    assert plain_mg("drug.mmf") == (Fraction(1),)


@pytest.mark.parametrize("days", [0, 1, 29, 30, 31, 60])
def test_since_is_the_day_of_the_change(days: int) -> None:
    """30 days after it the dose is stable, the day before it is not."""
    one = stable(agents([p.doses(PRED, 300, 11, 20), p.doses(PRED, 10, None, 15)]), Duration(days=30), AS_OF + timedelta(days=days))
    assert (one.truth is True) is (AS_OF + timedelta(days=days) >= date(2026, 7, 5))
