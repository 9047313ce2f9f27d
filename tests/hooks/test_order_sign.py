"""order-sign: a card only where signing would newly keep a patient out of a trial, with the day from which they would fit again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.demo import generate
from tests.generative.charts import CM, CVX, concept, condition, quantity
from tests.support.card_checker import faults
from tests.support.engine import engine
from tests.support.service import post
from tests.trials.test_doors import prefetch_of

PATH = "/cds-services/trial-eligibility-order-sign"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
TODAY = engine().today()
FITS = next(one for one in generate(TODAY) if one.id == "sle-complete")
STATED = next(one for one in generate(TODAY) if one.id == "sle-statements")  # its doses stand in MedicationStatements
SCLERODERMA = next(one for one in generate(TODAY) if one.id == "ssc-complete")
FITS_NOT = next(one for one in generate(TODAY) if one.id == "sle-hiv")
Json = dict[str, Any]


def draft(code: tuple[str, str], mg: Any = None, **more: Any) -> Json:
    """A draft order, with a daily dose where one is given."""
    one: Json = {"resourceType": "MedicationRequest", "status": "draft", "intent": "order", "medicationCodeableConcept": concept(code)}
    if mg is not None:
        repeat = {"frequency": 1, "period": 1, "periodUnit": "d"}
        one["dosageInstruction"] = [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity(mg, "mg")}]}]
    return one | more


def signed(*drafts: Json, patient: Any = FITS, bundle: Json | None = None) -> Any:
    """The answer to signing these drafts, or this Bundle of them."""
    bundle = bundle or {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in drafts]}
    prefetch = prefetch_of(patient.bundle) | {"patient": patient.bundle["entry"][0]["resource"]}
    context = {"userId": "Practitioner/1", "patientId": patient.id, "draftOrders": bundle}
    body = {"hook": "order-sign", "hookInstance": "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11", "context": context, "prefetch": prefetch}
    return post(create_app(Settings(), engine()).test_client(), PATH, body)


def cards(*drafts: Json, **more: Any) -> list[Json]:
    answer = signed(*drafts, **more)
    assert answer.status_code == 200
    return list(answer.get_json()["cards"])


def named(name: str, order: Json) -> Json:
    """The order with its drug in words too, as EHRs send it."""
    return order | {"medicationCodeableConcept": order["medicationCodeableConcept"] | {"text": name}}


def instructed(code: tuple[str, str], *instructions: Json, **more: Any) -> Json:
    return draft(code, **more) | {"dosageInstruction": list(instructions)}


CEFTRIAXONE = ("http://www.whocc.no/atc", "J01DD04")
RITUXIMAB, PREDNISONE, AMLODIPINE, ANIFROLUMAB, METHYLPREDNISOLONE = (
    (RXNORM, "121191"),
    (RXNORM, "8640"),
    (RXNORM, "17767"),
    ("http://www.whocc.no/atc", "L04AG11"),
    (RXNORM, "6902"),
)
VEIN = {"route": concept(("http://snomed.info/sct", "47625008"))}
GRAM = {"doseAndRate": [{"doseQuantity": quantity(1, "g")}]}
FOR_3_DAYS = {"frequency": 1, "period": 1, "periodUnit": "d", "boundsDuration": {"value": 3, "unit": "d", "code": "d"}}
LATER = TODAY + timedelta(days=90)
FROM_THEN = {"boundsPeriod": {"start": LATER.isoformat()}}
VACCINATION = {"resourceType": "ServiceRequest", "status": "draft", "code": concept((CVX, "03"))}


@pytest.mark.rule("23")
@pytest.mark.parametrize(
    ("label", "order", "criterion", "again"),
    [
        ("rituximab", draft(RITUXIMAB), "E-11", None),
        ("prednisone 60 mg", draft(PREDNISONE, 60), "SLE-6", None),
        ("a live vaccine", draft((CVX, "03")), "E-13", TODAY + timedelta(days=29)),
        ("a live vaccine as a ServiceRequest", VACCINATION, "E-13", TODAY + timedelta(days=29)),
        ("anifrolumab", draft(ANIFROLUMAB), "E-12", None),
    ],
)
def test_an_order_that_would_cost_the_trial_is_told(label: str, order: Json, criterion: str, again: Any) -> None:
    """One warning, with the criterion and, where time alone mends it, the day; a name too long for the summary is left out of it."""
    (card,) = cards(order)
    assert card["indicator"] == "warning"
    assert len(card["summary"]) < 140
    assert f"- {criterion} " in card["detail"]
    assert (f"may fit this trial now, and again from {again}." in card["detail"]) is (again is not None)


def test_a_changed_dose_says_until_when() -> None:
    """A dose within the cap still breaks the 30 days of unchanged doses; the summary names the day."""
    (card,) = cards(draft(PREDNISONE, 20))
    assert f"until {TODAY + timedelta(days=30)}" in card["summary"]
    assert f"- SLE-5 would not be met until {TODAY + timedelta(days=30)}." in card["detail"]


def test_several_tablets_are_told_as_several() -> None:
    """The order is named as a person would say it."""
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d"}
    (card,) = cards(
        instructed((RXNORM, "312615"), {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity(3, "tablet")}]})
    )
    assert "3 tablets once a day" in card["detail"]


@pytest.mark.parametrize("patient", [FITS, STATED], ids=["ordered", "stated"])
@pytest.mark.parametrize(("mg", "criteria"), [(60, ["SLE-5", "SLE-6"]), (20, ["SLE-5"]), (15, [])])
def test_the_order_is_the_newest_word_on_the_dose(mg: int, criteria: list[str], patient: Any) -> None:
    """Whether today's dose stands in an order or in a statement: a higher one is told, the same one again is not."""
    details = [one["detail"] for one in cards(draft(PREDNISONE, mg), patient=patient)]
    assert [one for one in ("SLE-5", "SLE-6") if any(f"- {one} " in detail for detail in details)] == criteria


@pytest.mark.parametrize(
    ("label", "instruction", "days"),
    [
        ("a dose without a frequency", GRAM | VEIN, 31),
        ("in words", {"text": "1 g IV once"}, 31),
        ("three days", GRAM | VEIN | {"timing": {"repeat": FOR_3_DAYS}}, 33),
    ],
)
@pytest.mark.parametrize(("patient", "criterion"), [(FITS, "SLE-5"), (SCLERODERMA, "SSC-6")], ids=["sle", "ssc"])
def test_a_pulse_is_told_with_the_day_from_which_they_fit_again(
    label: str, instruction: Json, days: int, patient: Any, criterion: str
) -> None:
    """A gram into a vein breaks the unchanged doses (and, in scleroderma, the limit) until 30 days after its last day."""
    (card,) = cards(instructed(METHYLPREDNISOLONE, instruction), patient=patient)
    day = TODAY + timedelta(days=days)
    assert card["summary"].endswith(f"until {day}")
    assert f"- {criterion} would not be met until {day}." in card["detail"]


WEEKS_OF_TAPER = "60 mg daily for 7 days, then 40 mg daily for 7 days, then 15 mg daily"


@pytest.mark.parametrize(
    ("words", "criteria", "days"),
    [
        ("Take 60 mg by mouth daily", {"SLE-5": 30, "SLE-6": None}, None),
        (WEEKS_OF_TAPER, {"SLE-5": 44, "SLE-6": 7}, 44),
        ("40 mg daily for 5 days", {"SLE-5": 35}, 35),
        ("Take 10 mg by mouth every morning", {"SLE-5": 30}, 30),
        ("8 mg by mouth once", {"SLE-5": 31}, 31),
    ],
)
def test_an_instruction_in_words_says_how_long_the_order_runs(words: str, criteria: dict[str, int | None], days: int | None) -> None:
    """As the same instruction in structure would: a daily dose runs on, a course of days ends, a single dose is one day."""
    (card,) = cards(instructed(PREDNISONE, {"text": words}))
    for criterion, until in criteria.items():
        end = f" until {TODAY + timedelta(days=until)}." if until else " while the order runs, and maybe longer."
        assert f"- {criterion} would not be met{end}" in card["detail"]
    assert card["detail"].count("would not be met") == len(criteria)
    assert (f"until {TODAY + timedelta(days=days)}" in card["summary"]) if days else "until" not in card["summary"]
    again = (
        card["detail"].partition("may fit this trial now")[2].partition(".")[0]
    )  # never while another criterion still stands against them
    assert again == (f", and again from {TODAY + timedelta(days=days)}" if days else "")


def test_a_daily_dose_in_words_over_the_limit_lasts_as_long_as_the_order() -> None:
    """In scleroderma 15 mg a day is over the cap, and stays so."""
    (card,) = cards(instructed(PREDNISONE, {"text": "Take 15 mg by mouth daily"}), patient=SCLERODERMA)
    assert "- SSC-6 would not be met while the order runs, and maybe longer." in card["detail"]


def test_the_dose_of_today_again_in_words_is_no_news() -> None:
    """15 mg a day is what the patient takes."""
    assert cards(instructed(PREDNISONE, {"text": "Take 15 mg by mouth daily"})) == []


@pytest.mark.rule("23")
@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("#m", None),
        ("Medication/m", None),
        ("urn:uuid:0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d12", "urn:uuid:0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d12"),
    ],
    ids=["contained", "by id", "by fullUrl"],
)
@pytest.mark.parametrize("element", ["code", "ingredient"])
def test_a_drug_may_stand_in_a_medication_of_its_own(reference: str, url: str | None, element: str) -> None:
    """Inside the order or beside it in draftOrders: it is warned of and named as if it stood in the order."""
    code = concept(RITUXIMAB) | {"text": "rituximab"}
    drug = {"resourceType": "Medication", "id": "m", element: code if element == "code" else [{"itemCodeableConcept": code}]}
    order = draft(RITUXIMAB) | {"medicationReference": {"reference": reference}}
    del order["medicationCodeableConcept"]
    if reference == "#m":
        order["contained"] = [drug]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]}
    if reference != "#m":
        bundle["entry"].append({"resource": drug} | ({"fullUrl": url} if url else {}))
    (card,) = cards(bundle=bundle)
    assert card["summary"].startswith("Signing rituximab would probably keep")
    assert "- E-11 would" in card["detail"]


@pytest.mark.parametrize(
    ("label", "order", "criterion"),
    [
        ("prednisone", instructed(PREDNISONE, GRAM | {"timing": {"repeat": FOR_3_DAYS | FROM_THEN}}), "SLE-6"),
        ("rituximab", draft(RITUXIMAB, dispenseRequest={"validityPeriod": {"start": LATER.isoformat()}}), "E-11"),
        ("a vaccine", VACCINATION | {"occurrenceDateTime": LATER.isoformat()}, "E-13"),
    ],
)  # fmt: skip
def test_an_order_for_later_is_told_from_its_day_on(label: str, order: Json, criterion: str) -> None:
    """What begins in 90 days keeps nobody out today."""
    (card,) = cards(order)
    assert f"- From {LATER} on {criterion} would " in card["detail"]
    assert f"from {LATER} on" in card["summary"]
    assert str(TODAY) not in card["detail"]


def test_the_card_reads_as_a_clinician_would_say_it() -> None:
    """What is to be signed, which criterion in the protocol's words, what would settle it: no count of today, so none is asked for."""
    (card,) = cards(named("rituximab 500 mg", draft(RITUXIMAB)))
    assert card["summary"] == "Signing rituximab 500 mg would probably keep the patient out of trial CC312"
    assert card["detail"].startswith(f"**To be signed**\n\n- rituximab 500 mg, from {TODAY}\n\n**What it would mean for trial CC312**\n")
    assert (
        "- E-11 would probably exclude the patient; to settle it: B-cell count (CD19) after the last dose. The protocol: “Treat"
        in card["detail"]
    )
    assert "order B-cell" not in card["detail"]


def test_the_dose_is_told_as_it_was_ordered() -> None:
    """In the words of the instruction, else spelled out; only the orders that cost something are named."""
    (card,) = cards(named("prednisone", draft(PREDNISONE, 60)), named("amlodipine", draft(AMLODIPINE, 5)))
    assert f"- prednisone, 60 mg once a day, from {TODAY}\n" in card["detail"]
    assert "amlodipine" not in card["detail"] + card["summary"]


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


def test_what_would_settle_it_may_be_a_question() -> None:
    """It ends with its own mark and no second one."""
    sepsis = condition((CM, "A41.9"), TODAY - timedelta(days=2)) | {"id": "sepsis", "subject": {"reference": f"Patient/{FITS.id}"}}
    patient = replace(FITS, bundle=FITS.bundle | {"entry": [*FITS.bundle["entry"], {"resource": sepsis}]})
    (card,) = cards(draft(CEFTRIAXONE, dosageInstruction=[GRAM | VEIN]), patient=patient)
    assert "severe infection? The protocol: “" in card["detail"]


def test_a_patient_who_does_not_fit_is_never_told_of_a_loss() -> None:
    """There is nothing to lose."""
    assert cards(draft(RITUXIMAB), patient=FITS_NOT) == []


def test_a_name_without_end_stays_out_of_the_summary() -> None:
    """Under 140 characters whatever the order is called."""
    (card,) = cards(named("rituximab " * 30, draft(RITUXIMAB)))
    assert card["summary"].startswith("Signing these orders would probably keep the patient out of trial CC312")


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
