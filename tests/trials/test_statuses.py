"""The status of an arm, its date to look again, and what holds a patient back whatever the criteria say (spec head, interfaces.md)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cds_service.criteria.evaluate import evaluate as evaluate_inputs
from fhir_mappings.chart import READ_TYPES, assemble, bundle_parts, chart_of_bundle
from fhir_mappings.inputs import State
from fhir_mappings.mapping import map_chart
from tests.generative.charts import AS_OF, COVERING, LOINC, bundle, observation
from tests.support.engine import engine, evaluate, evaluate_chart
from tests.trials import parts as p

TITLE = "The status of an arm"
COLUMNS = ("chart", "arm", "status", "look again")

MMF, MTX, PRED = "68149", "6851", "8640"
SLE = [p.dx("M32.10"), p.serology("8061-4", "positive"), p.takes(MMF, 900, 200), p.takes(MTX, 190), p.takes(PRED, 900)]
SSC = [p.dx("128460000", 700), p.serology("27416-7", "positive"), p.takes(MMF, 400), p.takes(PRED, 400)]

ROWS: tuple[tuple[str, str, list[Any], str, date | None], ...] = (
    ("no record of the disease", "sle", [], "out-of-scope", None),
    ("SLE refuted", "sle", [p.dx("M32.10", verification="refuted")], "out-of-scope", None),
    ("drug-induced lupus only", "sle", [p.dx("M32.0")], "out-of-scope", None),
    ("SLE only concluded by a report", "sle", [{"resourceType": "DiagnosticReport", "status": "final", "conclusionCode": [p.concept((p.SNOMED, "55464009"))]}, *SLE[1:]], "out-of-scope", None),
    ("SLE only found by an observation", "sle", [observation((LOINC, "59776-5"), AS_OF, valueCodeableConcept=p.concept((p.SNOMED, "55464009"))), *SLE[1:]], "out-of-scope", None),
    ("SLE provisional, all else fitting", "sle", [p.dx("M32.10", verification="provisional"), *SLE[1:]], "needs-data", None),
    ("SLE, seropositive, two agents", "sle", SLE, "potentially-eligible", None),
    ("the same in the SSc arm", "ssc", SLE, "out-of-scope", None),
    ("SLE without serology", "sle", [SLE[0], *SLE[2:]], "needs-data", None),
    ("SLE and rituximab two weeks ago: leans to fail", "sle", [*SLE, p.given("121191", 14)], "needs-data", None),
    ("SLE and kidney transplant", "sle", [*SLE, p.dx("Z94.0", 3000)], "ineligible", None),
    ("SLE and a live vaccine 10 days ago", "sle", [*SLE, p.vaccine("03", 10)], "ineligible-now", AS_OF + timedelta(days=19)),
    ("SLE and haemoglobin 80 g/L", "sle", [*SLE, p.lab("718-7", 80, "g/L")], "ineligible-now", None),
    ("a live vaccine and haemoglobin 80 g/L", "sle", [*SLE, p.vaccine("03", 10), p.lab("718-7", 80, "g/L")], "ineligible-now", None),
    ("a live vaccine 10 and a stroke 20 days ago", "sle", [*SLE, p.vaccine("03", 10), p.dx("I63.9", 20)], "ineligible-now", p.ago(20) + timedelta(days=57)),
    ("diffuse SSc of two years", "ssc", SSC, "potentially-eligible", None),
    ("diffuse SSc of seven years", "ssc", [p.dx("128460000", 2600), *SSC[1:]], "ineligible", None),
)  # fmt: skip


def printed() -> list[tuple[str, ...]]:
    return [(label, arm, status, str(day or "")) for label, arm, _, status, day in ROWS]


@pytest.mark.parametrize(("label", "arm", "items", "status", "day"), ROWS, ids=[row[0] for row in ROWS])
def test_the_arm_stands_as_the_table_says(label: str, arm: str, items: list[Any], status: str, day: date | None) -> None:
    """The first rule of the spec's head that holds, and the latest date over the fails."""
    result = next(one for one in evaluate(bundle([*items, *COVERING]), AS_OF).arms if one.id == arm)
    assert (result.status, result.recheck_on) == (status, day)


def patient_with(**more: Any) -> dict[str, Any]:
    whole = bundle([*SLE, *COVERING])
    whole["entry"][0]["resource"] |= more
    return whole


def test_a_dead_patient_is_ineligible_and_held() -> None:
    """Every arm is ineligible, and the hold says why."""
    evaluation = evaluate(patient_with(deceasedBoolean=True), AS_OF)
    assert {arm.status for arm in evaluation.arms} == {"ineligible"}
    assert [one.code for one in evaluation.holds] == ["deceased"]


@pytest.mark.parametrize("more", [{"link": [{"type": "replaced-by", "other": {"reference": "Patient/p2"}}]}, {"active": False}])
def test_a_record_that_is_not_in_use_is_held(more: dict[str, Any]) -> None:
    """A merged or deactivated record keeps its verdicts but is held back."""
    evaluation = evaluate(patient_with(**more), AS_OF)
    assert evaluation.status == "potentially-eligible"
    assert [one.code for one in evaluation.holds] == ["replaced"]


def test_a_trial_that_is_not_open_holds_everybody() -> None:
    """State paused, full or closed is a hold, not a verdict."""
    trial = replace(engine().trials["cc312"], state="paused")
    inputs = map_chart(chart_of_bundle(patient_with()), engine().terminology, AS_OF, engine().zone)
    evaluation = evaluate_inputs(trial, inputs, engine().terminology.value_sets)
    assert [one.code for one in evaluation.holds] == ["trial-not-open"]


def test_an_evaluation_for_a_past_date_says_so() -> None:
    """Where the chart holds later records, the first criterion notes that statuses are read as found."""
    evaluation = evaluate(patient_with(), date(2025, 1, 1))
    assert "evaluated as of 2025-01-01" in evaluation.arms[0].criteria[0].notes[0]


def test_an_evaluation_long_after_the_last_record_says_so() -> None:
    """As an issue of the patient, without a date; what is old is unknown by its own window, and no other rule lowers the status."""
    evaluation = evaluate(patient_with(), date(2030, 1, 1))
    (issue,) = evaluation.data_issues
    assert (issue.code, issue.reference) == ("chart-stale", evaluation.patient)
    assert re.fullmatch(r"the newest of the records received is \d\d months old", issue.issue)
    assert evaluate(patient_with(), AS_OF).data_issues == ()


def test_every_arm_lists_what_binds_it_in_protocol_order() -> None:
    """The common criteria and the arm's own; none of another arm."""
    for arm in evaluate(patient_with(), AS_OF).arms:
        ids = [one.id for one in arm.criteria]
        assert ids[:2] == ["I-01", "I-02"]
        assert ids[-24:] == [f"E-{number:02}" for number in range(1, 25)]
        assert all(one.startswith(arm.id.upper()) for one in ids[2:-26])


def test_leaving_out_arms_that_are_out_of_scope_changes_nothing_else() -> None:
    """What a hook computes: the same statuses, and the same criteria of every arm that is in scope."""
    chart = chart_of_bundle(patient_with())
    trial = engine().trials["cc312"]
    whole, short = (engine().evaluate(trial, chart, AS_OF, in_scope_only=only) for only in (False, True))
    assert [arm.status for arm in short.arms] == [arm.status for arm in whole.arms]
    assert [arm.criteria for arm in short.arms] == [arm.criteria if arm.status != "out-of-scope" else () for arm in whole.arms]


def test_a_fail_whose_applicability_is_open_keeps_the_card_away() -> None:
    """Pregnant, but whether she is sterile was not retrieved: E-21 leans to triggered, so the arm is no possible match."""
    parts, _ = bundle_parts(bundle([*SLE, p.serology("2118-8", "positive"), *COVERING]))
    states = {name: State.NOT_PROVIDED if name == "Procedure" else State.WHOLE for name in READ_TYPES}
    arm = evaluate_chart(assemble(parts, states), AS_OF).arms[0]
    pregnancy = next(one for one in arm.criteria if one.id == "E-21")
    assert (pregnancy.verdict, pregnancy.review, pregnancy.lean) == ("unknown", True, "triggered")
    assert arm.status == "needs-data"
