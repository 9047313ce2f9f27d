"""An Evaluation as a coordinator reads it: each arm's status, what fails or would decide it, and how much else is open.

Of a patient on hold nothing is to be done, so no more is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from cds_service.commands.headline import headline
from cds_service.criteria.evaluation import ArmResult, Evaluation
from cds_service.criteria.model import Trial
from cds_service.criteria.next_steps import NextStep, next_steps

_WIDTH = 100
_SHOWN = 6  # steps of an arm that are told
_WAYS = {"ask": "ask", "look": "look", "obtain": "get", "wait": "wait", "change": "fails"}


def summary(source: str, evaluation: Evaluation, trial: Trial) -> str:
    return "\n".join(_lines(source, evaluation, trial))


def _lines(source: str, evaluation: Evaluation, trial: Trial) -> Iterator[str]:
    yield f"{source}  {evaluation.patient}  {headline(evaluation, trial)}"
    for hold in evaluation.holds:
        yield f"  on hold: {hold.reason}"
    if evaluation.held:
        return
    if evaluation.stale:
        yield f"  old chart: {evaluation.stale} on {evaluation.as_of}"
    gates = {arm.id: arm.gate for arm in trial.arms}
    own = frozenset(one.id for one in trial.criteria if one.arm)
    for arm in evaluation.arms:
        if arm.status != "out-of-scope":
            yield from _arm(arm, gates[arm.id], own)
    if evaluation.unread:
        yield f"  {len(evaluation.unread)} record(s) could not be read or used; see --json"


def _arm(arm: ArmResult, gate: tuple[str, ...], own: frozenset[str]) -> Iterator[str]:
    recheck = f", look again on {arm.recheck_on}" if arm.recheck_on else ""
    passed = sum(one.passes for one in arm.criteria)
    yield f"  {arm.title}: {arm.status}{recheck}; {passed} of {len(arm.criteria)} criteria pass"
    steps = next_steps(arm, gate, own) or tuple(_final(arm))
    for step in steps[:_SHOWN]:
        yield from _step(step)
    if len(steps) > _SHOWN:
        yield f"    and {len(steps) - _SHOWN} more; --full shows all"


def _final(arm: ArmResult) -> Iterator[NextStep]:
    """What ended the arm for good."""
    for one in arm.criteria:
        if one.fails:
            yield NextStep(one.id, "change", one.reason, True, one.sensitive)


def _step(step: NextStep) -> Iterator[str]:
    what = "confidential: see the chart" if step.sensitive and step.way in ("change", "wait") else step.what
    mark = "*" if step.decisive else " "
    head = f"    {mark} {step.criterion:6} {_WAYS[step.way]:5} "
    yield from wrap(what, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
