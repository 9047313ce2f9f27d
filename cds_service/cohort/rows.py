"""An Evaluation into the row that tables, lists and the report are made of: verdicts, what is missing, age, sex, and why not to call."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds_service.alerts.contact import is_test_patient, opted_out
from cds_service.alerts.policy import Policy
from cds_service.criteria.evaluation import ArmResult, CriterionResult, Evaluation
from cds_service.criteria.model import Trial
from cds_service.criteria.next_steps import decisive
from cds_service.engine import Engine
from fhir_mappings.chart import Chart
from fhir_mappings.dates import read_date
from fhir_mappings.shapes import as_text, codings
from fhir_mappings.terminology import Terminology, normalise_system

Row = dict[str, Any]
_USUAL = Policy()
CALLED = ("potentially-eligible", "needs-data")  # whom a coordinator is given to call, best first
_CODED = {
    "AllergyIntolerance": "code", "Condition": "code", "Immunization": "vaccineCode", "MedicationRequest": "medicationCodeableConcept",
    "MedicationStatement": "medicationCodeableConcept", "Observation": "code", "Procedure": "code",
}  # fmt: skip
_ENROLLED = (
    "candidate",
    "eligible",
    "follow-up",
    "on-study",
    "on-study-intervention",
    "on-study-observation",
    "pending-on-study",
    "screening",
)


def row_of(evaluation: Evaluation, chart: Chart, engine: Engine, trial: Trial, as_of: date) -> Row:
    person = chart.patient.resource
    gates = {arm.id: arm.gate for arm in trial.arms}
    return {
        "patient": evaluation.patient,
        "status": evaluation.status,
        "age": _age(person.get("birthDate"), engine, as_of),
        "sex": as_text(person.get("gender")) or "unknown",
        "holds": [hold.code for hold in evaluation.holds],
        "optedOut": opted_out(chart, as_of, engine.zone),
        "test": is_test_patient(chart, _USUAL),
        "inResearch": any(entry.resource.get("status") in _ENROLLED for entry in chart.of("ResearchSubject")),
        "arms": [_arm(arm, gates[arm.id]) for arm in evaluation.arms],
        "issues": sorted({f"{issue.code}: {_kind(issue.reference)}: {issue.issue[:120]}" for issue in evaluation.data_issues}),
        "foreign": _foreign(chart, engine.terminology),
    }


def _arm(arm: ArmResult, gate: tuple[str, ...]) -> Row:
    return {
        "id": arm.id,
        "status": arm.status,
        "recheckOn": arm.recheck_on.isoformat() if arm.recheck_on else None,
        "criteria": [] if arm.status == "out-of-scope" else [_criterion(one, gate) for one in arm.criteria],
    }


def _criterion(one: CriterionResult, gate: tuple[str, ...]) -> Row:
    return {
        "id": one.id,
        "verdict": one.verdict,
        "review": one.review,
        "lean": one.lean,
        "open": one.open,
        "presumed": one.presumed,
        "recheckOn": one.recheck_on.isoformat() if one.recheck_on else None,
        "decisive": decisive(one, gate),
        "get": one.missing[0].action if one.missing else None,
    }


def _age(birth: object, engine: Engine, as_of: date) -> int | None:
    """Whole years; of a birth date without its day the fewest that it may be."""
    when = read_date(birth, engine.zone)
    if when is None or when.last > as_of:
        return None
    return as_of.year - when.last.year - ((as_of.month, as_of.day) < (when.last.month, when.last.day))


def _kind(reference: str) -> str:
    """The resource type of a reference; ids stay out of the tables."""
    head = reference.partition("/")[0]
    return head if head.isalpha() else "resource"


def _foreign(chart: Chart, terms: Terminology) -> list[str]:
    """Codes of systems in which no value set holds a code: what a ConceptMap could make readable."""
    known = terms.systems
    found = {
        f"{kind} {system or '(no system)'} | {code[:60]}"
        for kind, element in _CODED.items()
        for entry in chart.of(kind)
        for pairs in [list(codings(entry.resource.get(element)))]
        if pairs and not any(normalise_system(system) in known for system, _, _ in pairs)
        for system, code, _ in pairs[:1]
    }
    return sorted(found)
