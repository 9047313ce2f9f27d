"""Bad input at every door: an OperationOutcome that helps, or an answer where one resource is at fault; never a 500."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.support.service import API, PATH, PATIENT, bundle, client, hook_request, post, problems, resource

CONDITION = resource(
    "Condition",
    clinicalStatus={"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
    code={"coding": [{"system": "http://snomed.info/sct", "code": "55464009", "display": "Systemic lupus erythematosus"}]},
    onsetDateTime="2019-03-02",
)
LAB = resource(
    "Observation",
    status="final",
    code={"coding": [{"system": "http://loinc.org", "code": "8061-4"}]},
    effectiveDateTime="2026-11-20",
    valueQuantity={"value": 640, "unit": "{titer}", "system": "http://unitsofmeasure.org", "code": "{titer}"},
)
DRUG = resource(
    "MedicationRequest",
    status="active",
    intent="order",
    medicationCodeableConcept={"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "68149"}]},
    authoredOn="2026-01-05",
    dosageInstruction=[
        {"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}, "doseAndRate": [{"doseQuantity": {"value": 1}}]}
    ],
)
CHART = [PATIENT, CONDITION, LAB, DRUG]


@pytest.fixture(scope="module")
def service() -> FlaskClient:
    return client()


def at_both_doors(*resources: Any) -> Iterator[tuple[str, Any]]:
    """The same chart as a hook's prefetch and as the API's Bundle; its first resource is the patient."""
    patient, *others = resources
    yield PATH, hook_request({"patient": patient, "conditions": bundle(*others)})
    yield API, bundle(*resources, kind="collection")


NO_CHART = {
    "no patient": [CONDITION, LAB],
    "two patients": [PATIENT, {**PATIENT, "id": "p2"}, CONDITION],
    "an R5 Bundle entry without a resource type": [PATIENT, {"type": "Condition"}],
    "a resource that is a string": [PATIENT, "Condition"],
    "a resource that is a number": [PATIENT, 5],
    "a resource that is an array": [PATIENT, [CONDITION]],
    "a type that is no string": [PATIENT, {"resourceType": ["Condition"]}],
}


@pytest.mark.parametrize("resources", NO_CHART.values(), ids=NO_CHART.keys())
def test_what_is_not_one_patients_chart_is_refused(service: FlaskClient, resources: list[Any]) -> None:
    """400 or 412 with an OperationOutcome, at both doors."""
    for path, body in at_both_doors(*resources):
        answer = post(service, path, body)
        assert answer.status_code in (400, 412)
        assert problems(answer)


STRANGE = {
    "a date of no calendar": {**CONDITION, "onsetDateTime": "2026-13-45"},
    "a year of no calendar": {**CONDITION, "onsetDateTime": "0000"},
    "a date as a number": {**CONDITION, "onsetDateTime": 20190302},
    "STU3 statuses": {**CONDITION, "clinicalStatus": "active", "verificationStatus": "confirmed"},
    "STU3 medication": {"resourceType": "MedicationStatement", "id": "m", "subject": {"reference": "Patient/p1"}, "taken": "y"},
    "DSTU2 context": {"resourceType": "MedicationOrder", "id": "m", "patient": {"reference": "Patient/p1"}},
    "R5 medication": {**DRUG, "medication": {"concept": {"text": "prednisone"}}, "medicationCodeableConcept": None},
    "R5 participants": {**LAB, "triggeredBy": [{"type": "reflex"}], "instantiatesReference": {}},
    "Epic's category as an object": {**LAB, "category": {"coding": {"code": "laboratory"}}},
    "a huge number": {**LAB, "valueQuantity": {"value": 1e308, "unit": "g/L"}},
    "a tiny number": {**LAB, "valueQuantity": {"value": 5e-324, "unit": "g/L"}},
    "a long number": {**LAB, "valueQuantity": {"value": 10**18 + 1, "unit": "g/L"}},
    "a number as a string": {**LAB, "valueQuantity": {"value": "640"}},
    "a huge string": {**LAB, "valueString": "1:" * 500_000},
    "a huge code": {**LAB, "code": {"coding": [{"system": "http://loinc.org", "code": "8" * 100_000}]}},
    "no subject": {name: value for name, value in LAB.items() if name != "subject"},
    "another's subject": {**LAB, "subject": {"reference": "Patient/p2"}},
    "no id": {name: value for name, value in LAB.items() if name != "id"},
    "an id that is no string": {**LAB, "id": {"value": 5}},
    "an unknown type": {"resourceType": "Basic", "id": "b"},
    "a type of nothing": {"resourceType": ""},
}


@pytest.mark.rule("4")
@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE.keys())
def test_one_strange_resource_spoils_nothing(service: FlaskClient, strange: Any) -> None:
    """200 at both doors: what can't be read of a resource is a data issue at most."""
    for path, body in at_both_doors(PATIENT, CONDITION, strange):
        assert post(service, path, body).status_code == 200


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in JSON something else could stand."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from places(one, (*path, name))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with something else there."""
    copied = copy.deepcopy(value)
    holder = copied
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = new
    return copied


WRONG = st.sampled_from([None, True, 0, -1.5, "", "x", "2026-13-45", [], [None], [[]], {}, {"coding": 5}, {"reference": 5}, [{"code": []}]])
BODIES = list(at_both_doors(*CHART))


@given(st.sampled_from(BODIES).flatmap(lambda one: st.tuples(st.just(one), st.sampled_from(list(places(one[1]))))), WRONG)
def test_a_wrong_type_anywhere_is_never_a_500(target: tuple[tuple[str, Any], tuple[Any, ...]], wrong: Any) -> None:
    """Any value put anywhere in a good body gives an answer or an OperationOutcome."""
    (path, body), place = target
    answer = post(client(), path, put(body, place, wrong))
    assert answer.status_code in (200, 400, 412)
    if answer.status_code != 200:
        assert problems(answer)
