"""An Evaluation as a table for a terminal: each arm's status, then its criteria with verdict, reason and next step."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from cds_service.commands.headline import headline
from cds_service.criteria.evaluation import ArmResult, CriterionResult, Evaluation
from cds_service.criteria.model import Trial

_WIDTH = 118


def table(source: str, evaluation: Evaluation, trial: Trial) -> str:
    return "\n".join(_lines(source, evaluation, trial))


def _lines(source: str, evaluation: Evaluation, trial: Trial) -> Iterator[str]:
    yield f"\n{source}  {evaluation.patient}  {evaluation.definition} as of {evaluation.as_of}: {headline(evaluation, trial)}"
    for hold in evaluation.holds:
        yield f"  hold: {hold.reason}"
    if evaluation.stale:
        yield f"  old chart: {evaluation.stale} on {evaluation.as_of}"
    for arm in evaluation.arms:
        yield from _arm(arm, evaluation)
    if evaluation.unread:
        yield f"  {len(evaluation.unread)} record(s) could not be read or used:"
        yield from (f"    {one.reference}: {one.issue}" for one in evaluation.unread[:10])


def _arm(arm: ArmResult, evaluation: Evaluation) -> Iterator[str]:
    recheck = f", look again on {arm.recheck_on}" if arm.recheck_on and not evaluation.held else ""
    yield f"  {arm.title}: {evaluation.shown(arm.status)}{recheck}"
    if arm.status != "out-of-scope":
        for one in arm.criteria:
            yield from _criterion(one)


def _criterion(one: CriterionResult) -> Iterator[str]:
    marks = [f"leans {one.lean}" if one.lean else "review" if one.review else "", "presumed" if one.presumed else ""]
    verdict = " ".join([one.verdict, *(f"({mark})" for mark in marks if mark)])
    if not one.applicable:
        verdict = "not applicable"
    reason = "confidential: see the chart" if one.sensitive and one.verdict != "unknown" else one.reason
    head = f"    {one.id:6} {verdict:27} "
    yield from wrap(reason, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head)) or [head.rstrip()]
    if one.question and one.verdict == "unknown":
        yield from wrap(f"ask: {one.question}", _WIDTH, initial_indent=" " * len(head), subsequent_indent=" " * len(head))
