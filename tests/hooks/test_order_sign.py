"""order-sign: a card only where signing would newly keep a patient out of a trial, with the day from which they would fit again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.demo import generate
from tests.generative.charts import CVX, concept, quantity
from tests.support.card_checker import faults
from tests.support.engine import engine
from tests.support.service import post
from tests.trials.test_doors import prefetch_of

PATH = "/cds-services/trial-eligibility-order-sign"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
TODAY = engine().today()
FITS = next(one for one in generate(TODAY) if one.id == "sle-complete")
FITS_NOT = next(one for one in generate(TODAY) if one.id == "sle-hiv")
Json = dict[str, Any]


def draft(code: tuple[str, str], mg: Any = None, **more: Any) -> Json:
    """A draft order, with a daily dose where one is given."""
    one: Json = {"resourceType": "MedicationRequest", "status": "draft", "intent": "order", "medicationCodeableConcept": concept(code)}
    if mg is not None:
        repeat = {"frequency": 1, "period": 1, "periodUnit": "d"}
        one["dosageInstruction"] = [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity(mg, "mg")}]}]
    return one | more


def signed(*drafts: Json, patient: Any = FITS) -> Any:
    """The answer to signing these drafts."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in drafts]}
    prefetch = prefetch_of(patient.bundle) | {"patient": patient.bundle["entry"][0]["resource"]}
    context = {"userId": "Practitioner/1", "patientId": patient.id, "draftOrders": bundle}
    body = {"hook": "order-sign", "hookInstance": "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11", "context": context, "prefetch": prefetch}
    return post(create_app(Settings(), engine()).test_client(), PATH, body)


def cards(*drafts: Json, **more: Any) -> list[Json]:
    answer = signed(*drafts, **more)
    assert answer.status_code == 200
    return list(answer.get_json()["cards"])


RITUXIMAB, PREDNISONE, AMLODIPINE, ANIFROLUMAB = (
    (RXNORM, "121191"),
    (RXNORM, "8640"),
    (RXNORM, "17767"),
    ("http://www.whocc.no/atc", "L04AG11"),
)


@pytest.mark.rule("23")
@pytest.mark.parametrize(
    ("label", "order", "criterion", "again"),
    [
        ("rituximab", draft(RITUXIMAB), "E-11", None),
        ("prednisone 60 mg", draft(PREDNISONE, 60), "SLE-6", None),
        ("a live vaccine", draft((CVX, "03")), "E-13", TODAY + timedelta(days=29)),
        (
            "a live vaccine as a ServiceRequest",
            {"resourceType": "ServiceRequest", "status": "draft", "code": concept((CVX, "03"))},
            "E-13",
            TODAY + timedelta(days=29),
        ),
        ("anifrolumab", draft(ANIFROLUMAB), "E-12", None),
    ],
)
def test_an_order_that_would_cost_the_trial_is_told(label: str, order: Json, criterion: str, again: Any) -> None:
    """One warning, with the criterion and, where time alone mends it, the day."""
    (card,) = cards(order)
    assert card["indicator"] == "warning"
    assert len(card["summary"]) < 140
    assert f"- {criterion} " in card["detail"]
    assert (f"fits again from {again}" in card["detail"]) is (again is not None)


def test_a_changed_dose_says_until_when() -> None:
    """A dose within the cap still breaks the 30 days of unchanged doses; the summary names the day."""
    (card,) = cards(draft(PREDNISONE, 20))
    assert f"until {TODAY + timedelta(days=30)}" in card["summary"]
    assert "- SLE-5 fails" in card["detail"]


@pytest.mark.rule("30")
@pytest.mark.parametrize(
    ("label", "order"),
    [
        ("another drug", draft(AMLODIPINE, 5)),
        ("an inactivated vaccine", draft((CVX, "150"))),
        ("another patient's order", draft(RITUXIMAB, subject={"reference": "Patient/other"})),
        ("a cancelled order", draft(RITUXIMAB, status="cancelled")),
        ("not to be given", draft(RITUXIMAB, doNotPerform=True)),
        ("a laboratory order", {"resourceType": "ServiceRequest", "status": "draft", "code": concept(("http://loinc.org", "718-7"))}),
        ("odd things", {"resourceType": "MedicationRequest", "medicationCodeableConcept": 7}),
    ],
)
def test_any_other_order_says_nothing(label: str, order: Json) -> None:
    """Silence is the rule."""
    assert cards(order) == []


def test_a_patient_who_does_not_fit_is_never_told_of_a_loss() -> None:
    """There is nothing to lose."""
    assert cards(draft(RITUXIMAB), patient=FITS_NOT) == []


def test_without_orders_there_is_nothing_to_say() -> None:
    """An empty Bundle."""
    assert cards() == []


@pytest.mark.rule("23")
@pytest.mark.parametrize("status", ["active", "draft", "on-hold", None])
def test_an_order_counts_whatever_it_is_called(status: Any) -> None:
    """Signed again it is active; an unfinished one may have no status."""
    assert len(cards(draft(RITUXIMAB, status=status))) == 1


@pytest.mark.rule("2", "33", "34", "35", "36", "39", "44")
def test_a_warning_keeps_to_the_specification() -> None:
    """As every card does."""
    assert faults(signed(draft(RITUXIMAB)).get_json()) == []
