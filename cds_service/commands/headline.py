"""An Evaluation into the words of its first line: its status, and how much is left to settle, as its card counts it."""

from __future__ import annotations

from cds_service.criteria.evaluation import Evaluation
from cds_service.criteria.holding import ON_HOLD
from cds_service.criteria.model import Trial
from cds_service.hooks.left import left_to_settle


def headline(evaluation: Evaluation, trial: Trial) -> str:
    """Of a patient on hold that alone, and why, whatever the status would be."""
    if evaluation.held:
        return f"{ON_HOLD.upper()}: {', '.join(evaluation.held)}"
    left = left_to_settle(evaluation, trial).words
    return f"{evaluation.status.upper()}{f': {left}' if left else ''}"
