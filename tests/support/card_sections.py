"""The card of an Evaluation made by hand, and the lines of a card's sections."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from cds_service.criteria.evaluation import Evaluation
from cds_service.hooks.cards import card
from tests.support.evaluations import arm, evaluation
from tests.support.service import trial

INSTANCE = "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11"


def shown(found: Evaluation, **more: Any) -> dict[str, Any]:
    return card(found, trial(**more), INSTANCE)


def one_arm(*criteria: Any, facts: tuple[str, ...] = ()) -> str:
    """The detail of a card for one arm with these criteria."""
    arms = tuple(SimpleNamespace(id=one.id, gate=one.gate, facts=facts) for one in trial().arms)
    return str(shown(evaluation(arm("sle", *criteria)), arms=arms)["detail"])


def section(detail: str, heading: str) -> list[str]:
    """The lines of a section."""
    lines = detail.partition(f"**{heading}**")[2].partition("\n\n")[2].partition("\n\n")[0].splitlines()
    return [line.removeprefix("- ") for line in lines]
