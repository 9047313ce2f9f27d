"""An Evaluation into the words of its first line: its status, and how much is left to settle, as its card counts it."""

from __future__ import annotations

from cds_service.criteria.evaluation import Evaluation
from cds_service.criteria.model import Trial
from cds_service.hooks.left import left_to_settle

ON_HOLD = "on-hold"


def headline(evaluation: Evaluation, trial: Trial) -> str:
    """A record that was merged into another is not one to call anybody by, whatever its status would be."""
    if evaluation.replaced:
        return ON_HOLD.upper()
    left = left_to_settle(evaluation, trial).words
    return f"{evaluation.status.upper()}{f': {left}' if left else ''}"
