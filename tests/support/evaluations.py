"""Evaluations by hand: a criterion, an arm and an Evaluation with everything said that a test does not care about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from cds_service.criteria.evaluation import ArmResult, CriterionResult, Evaluation, Evidence, Hold, Missing
from fhir_mappings.inputs import DataIssue, Origin, SourceState, State

AS_OF = date(2026, 11, 22)
SLE, SSC = "Systemic lupus erythematosus", "Systemic sclerosis"


def evidence(display: str, day: str | None = "2026-11-20", reference: str = "", grade: str = "coded") -> Evidence:
    """A record; its reference is made of its words where none is given."""
    return Evidence(Origin(reference or f"Observation/{'-'.join(display.split())}", "1", display, grade), day, display)


def criterion(identifier: str, verdict: str = "unknown", **more: Any) -> CriterionResult:
    """An exclusion if its id says so. An unknown lacks data unless told otherwise; a decided one cites a record."""
    kind = "exclusion" if identifier.startswith("E-") else "inclusion"
    decided = verdict != "unknown"
    given: dict[str, Any] = {
        "presumed": False,
        "review": False,
        "lean": None,
        "open": None if decided else "data",
        "reason": "as recorded" if decided else "no record",
        "evidence": (evidence(f"record for {identifier}"),) if decided else (),
        "missing": (),
        "question": None,
        "applicable": True,
        "sensitive": False,
        "recheck_on": None,
        **more,
    }
    if given["review"] and not given["lean"]:
        given.setdefault("finding", given["reason"])
    return CriterionResult(
        id=identifier, kind=kind, text=f"Words of {identifier}.", verdict=verdict, cure="state", notes=(), open_questions=(), **given
    )


def asked(identifier: str, question: str, **more: Any) -> CriterionResult:
    """An unknown that only a person can settle."""
    return criterion(identifier, open="person", question=question, **more)


def lacking(identifier: str, *gaps: tuple[str, str], way: str = "obtain", unsent: tuple[str, ...] = (), **more: Any) -> CriterionResult:
    """An unknown for want of records: (what, action) each."""
    return criterion(identifier, missing=tuple(Missing("lab.x", what, action, way, unsent) for what, action in gaps), **more)


def arm(identifier: str = "sle", *criteria: CriterionResult, status: str = "potentially-eligible", title: str = SLE) -> ArmResult:
    return ArmResult(identifier, title, f"For {title}:", status, None, criteria)


def evaluation(*arms: ArmResult, holds: Iterable[Hold] = (), status: str | None = None) -> Evaluation:
    return Evaluation(
        trial="cc312",
        definition="cc312@1.0.0",
        as_of=AS_OF,
        patient="Patient/p1",
        status=status or arms[0].status,
        holds=tuple(holds),
        arms=arms,
        sources=(SourceState("Observation", State.WHOLE, 41),),
        data_issues=(DataIssue("unit-unmapped", "Observation/x", "unit 'mg' cannot be read as g/L"),),
    )


def lupus_patient() -> Evaluation:
    """A realistic one: refractory lupus, well documented, a month before screening would end."""
    return evaluation(
        arm(
            "sle",
            asked("I-01", "Has the patient understood the trial and signed its informed consent form?"),
            criterion("I-02", "met", evidence=(evidence("born 1988", None, "Patient/p1"),)),
            asked(
                "SLE-1",
                "Does the patient meet the 2019 EULAR/ACR classification criteria (ANA 1:80 or more ever, 10 points or more)?",
                review=True,
                lean="met",
                evidence=(evidence("Systemic lupus erythematosus", "2019-03", "Condition/sle"),),
            ),
            criterion("SLE-2", "met", evidence=(evidence("ANA titre 1:640", "2026-11-20", "Observation/ana"),)),
            asked(
                "SLE-3",
                "Was the response to standard therapy inadequate, or did the disease relapse after it?",
                review=True,
                lean="met",
                evidence=(
                    evidence("mycophenolate mofetil 500 MG Oral Tablet", "2023-01-10", "MedicationRequest/mmf"),
                    evidence("belimumab", "2024-05-02", "MedicationRequest/bel", "parsed"),
                ),
            ),
            lacking(
                "SLE-4", ("SLEDAI-2K in the last 28 days", "obtain SLEDAI-2K"), ("BILAG-2004 in the last 28 days", "obtain BILAG-2004")
            ),
            asked("SLE-6", "Is the oral glucocorticoid dose 40 mg/day of prednisone or equivalent, or less?"),
            asked("I-F", "Will she use highly effective contraception until 6 months after the last dose, and donate no oocytes?"),
            criterion("E-01", review=True, reason="urine protein/creatinine 3.1 g/g on 2026-11-18; a ratio is reviewed"),
            criterion("E-05", "clear", presumed=True, evidence=(), reason="no record found (presumed)"),
            lacking("E-07", ("IgA", "obtain IgA")),
            asked("E-16", "Is there drug abuse, substance abuse or alcohol addiction?", sensitive=True),
            criterion("E-13", "clear", question="Is a live vaccination planned?"),
            asked("E-19", "Is there any other severe disease that may interfere?", sensitive=True),
            lacking("E-22", ("HIV antibody in the last 28 days", "obtain HIV antibody"), sensitive=True),
            lacking("E-23", ("TB-IGRA in the last 28 days", "obtain TB-IGRA")),
            lacking("E-17", ("surgery", "check the history for surgery"), ("minor procedure", "check for it"), way="history"),
            asked("E-24", "Does the investigator see any other reason against inclusion?"),
        ),
        arm("ssc", status="out-of-scope", title=SSC),
        status="potentially-eligible",
    )


def with_criteria(found: Evaluation, *criteria: CriterionResult) -> Evaluation:
    """The same Evaluation with other criteria in its first arm."""
    first, *others = found.arms
    return replace(found, arms=(replace(first, criteria=criteria), *others))
