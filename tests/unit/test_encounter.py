"""Encounters: the class, and what a visit was for, as a question about that condition."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Record, Standing
from tests.support.builders import ICD10CM, Json, concept, condition, encounter, inputs_of

PSYCHOSIS, STROKE = (ICD10CM, "F23"), (ICD10CM, "I63.9")
INPATIENT = {"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}}


def records(*resources: Json) -> dict[str, tuple[Record, ...]]:
    return dict(inputs_of(*resources).records)


def test_a_coded_reason_asks() -> None:
    """It is dated by the visit, is not confirmed, and stands beside the class."""
    found = records(encounter("2026-10-01", "2026-10-09", reasonCode=[concept(PSYCHOSIS)], **INPATIENT))
    (reason,), (stay,) = found["cns.psychosis"], found["enc.inpatient"]
    assert (reason.standing, str(reason.when), str(reason.end)) == (Standing.UNCONFIRMED, "2026-10-01", "2026-10-09")
    assert stay.standing is Standing.CONFIRMED


@pytest.mark.parametrize(
    "elements",
    [
        {"reasonCode": [{"text": "Acute psychosis"}]},
        {"reasonReference": [{"reference": "Condition/elsewhere", "display": "Acute psychosis"}]},
        {"diagnosis": [{"condition": {"display": "Acute psychosis"}}]},
    ],
)
def test_words_ask_too(elements: Json) -> None:
    """A reason in words, or one that is only pointed to and not there."""
    (found,) = records(encounter(**elements))["cns.psychosis"]
    assert found.standing is Standing.TEXT


@pytest.mark.parametrize("element", [{"reasonReference": [{"reference": "#c"}]}, {"diagnosis": [{"condition": {"reference": "#c"}}]}])
def test_a_contained_condition_is_read(element: Json) -> None:
    """It stands nowhere else."""
    contained = [{"resourceType": "Condition", "id": "c", "code": concept(PSYCHOSIS)}]
    assert records(encounter(contained=contained, **element))["cns.psychosis"][0].standing is Standing.UNCONFIRMED


def test_a_condition_of_the_chart_is_read_once() -> None:
    """What a visit points to says more of itself than the visit does."""
    found = records(condition(STROKE, identity="c7"), encounter(diagnosis=[{"condition": {"reference": "Condition/c7"}}]))
    assert [one.type for one in found["cns.cva"]] == ["Condition"]


@pytest.mark.parametrize(("verification", "told"), [("confirmed", ["", "stay"]), ("provisional", [""]), ("refuted", [""])])
def test_a_stay_tells_that_a_diagnosis_led_to_it(verification: str, told: list[str]) -> None:
    """Dated by the stay, with its class; only of a diagnosis that is confirmed."""
    stay = encounter("2026-10-01", "2026-10-09", diagnosis=[{"condition": {"reference": "Condition/c7"}}], **INPATIENT)
    found = records(condition(STROKE, identity="c7", verification=verification), stay)["cns.cva"]
    assert sorted(one.reason_of for one in found) == told
    assert all(one.about == {"enc.inpatient"} and str(one.when) == "2026-10-01" for one in found if one.reason_of)


@pytest.mark.parametrize("status", ["planned", "cancelled", "entered-in-error"])
def test_a_visit_that_did_not_take_place_is_nothing(status: str) -> None:
    """Neither its class nor its reason."""
    assert records(encounter(status=status, reasonCode=[concept(PSYCHOSIS)], **INPATIENT)) == {}


def test_what_is_ruled_out_or_denied_is_no_reason() -> None:
    """Words are read as everywhere."""
    assert "cns.psychosis" not in records(encounter(reasonCode=[{"text": "Rule out psychosis"}]))


@pytest.mark.parametrize("junk", [7, "x", [7], {"coding": 3}, [{"condition": 5}], [{"reference": 5}]])
@pytest.mark.parametrize("element", ["reasonCode", "reasonReference", "diagnosis"])
def test_any_shape_is_survived(element: str, junk: Any) -> None:
    """What can't be read says nothing."""
    assert inputs_of(encounter(**{element: junk})).issues == ()
