"""A person's recorded answers to a clause into its value: they decide what records leave open, and contradict into review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cds_service.criteria.evaluation import Evidence
from cds_service.criteria.value import Value, decided, unsettled
from fhir_mappings.dates import Duration
from fhir_mappings.inputs import Answer


def settled_by_answers(value: Value, answers: Sequence[Answer], as_of: date, valid_for: Duration) -> Value:
    """The latest valid answer counts; two of one day that differ, or one against a coded record, give review (interfaces.md)."""
    valid = [one for one in answers if valid_for.before(as_of) <= one.authored <= as_of]
    if not valid:
        return value
    day = max(one.authored for one in valid)
    latest = [one for one in valid if one.authored == day]
    evidence = tuple(_cite(one) for one in latest)
    said = {one.value for one in latest}
    if len(said) > 1:
        return unsettled(f"answers of {day} differ", value.evidence + evidence)
    return _with_answer(value, said.pop(), evidence, day)


def _with_answer(value: Value, said: bool | None, evidence: tuple[Evidence, ...], day: date) -> Value:
    if said is None:
        return value._replace(evidence=value.evidence + evidence) if value.truth is None else value
    if (value.truth is None and not _against(value, said)) or value.presumed:
        told = decided(said, f"answered {'yes' if said else 'no'} on {day}", evidence, value.flip, value.notes)
        return told._replace(answered=True)
    if value.truth is said:
        return value._replace(evidence=value.evidence + evidence)
    against = unsettled(f"a person's answer of {day} contradicts the record", value.evidence + evidence)
    return against._replace(reasons=value.reasons + against.reasons)


def _against(value: Value, said: bool) -> bool:
    """Whether coded records point the other way and nobody was asked: such an answer stands against the record (E-11 after a dose)."""
    coded = any(one.origin.grade == "coded" for one in value.evidence)
    return value.review and value.lean is (not said) and coded and not value.questions


def _cite(answer: Answer) -> Evidence:
    words = {True: "yes", False: "no", None: "unknown"}[answer.value]
    return Evidence(answer.origin, answer.authored.isoformat(), f"answered {words}")
