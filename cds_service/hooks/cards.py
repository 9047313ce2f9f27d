"""An Evaluation into its CDS Hooks card, where there is one to show."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from cds_service.alerts.reasons import offered
from cds_service.criteria.evaluation import CriterionResult, Evaluation
from cds_service.hooks.detail import detail
from cds_service.hooks.items import Items, items

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial

MAX_SUMMARY = 139  # "< 140 characters" (checklist 33)
_NAMED = 60  # of the protocol's words, what names a criterion in a list of reasons


def fits(evaluation: Evaluation) -> bool:
    """Only what may fit is shown: there is never a card that says a patient does not (interfaces.md, `holds` and `status`)."""
    return evaluation.status == "potentially-eligible" and not evaluation.holds


def card(evaluation: Evaluation, trial: Trial, uuid: str, contact: str = "") -> dict[str, Any]:
    """One card. No member of it is empty (checklist 2); the topic never changes, so that an override is honoured next time."""
    found = items(evaluation, trial)
    return {
        "uuid": uuid,
        "summary": summary(found, trial),
        "detail": detail(found, evaluation, trial, contact),
        "indicator": "info",
        "source": source_of(trial),
        "links": [{"label": f"{trial.registry.value} in the trial registry", "url": trial.registry.url, "type": "absolute"}],
        "overrideReasons": offered({one.id: _against(one, found) for one in found.confirm}),
    }


def _against(one: CriterionResult, found: Items) -> str:
    """`Does not meet SLE-1: Diagnosed with SLE according to the 2019 EULAR/ACR…`: an id says nothing to who knows the patient."""
    words = found.subjects.get(one.id) or shorten(one.text, _NAMED, placeholder="…")
    return f"{'Excluded by' if one.kind == 'exclusion' else 'Does not meet'} {one.id}: {words}"


def _left(found: Items) -> str:
    """What people must say, and what must be got, apart."""
    return found.left.words or "for the study team to confirm"


def source_of(trial: Trial) -> dict[str, Any]:
    """The same for every card of a trial."""
    return {
        "label": f"Trial screening, {trial.registry.value}",
        "topic": {"system": trial.registry.system, "code": trial.registry.value, "display": trial.title},
    }


def card_id(evaluation: Evaluation, trial: Trial, instance: str) -> UUID:
    """From what was asked, so that the same call answered twice gives the same card. A client that sends one instance for everybody still
    gets a card for each patient."""
    return uuid5(NAMESPACE_URL, "|".join((trial.registry.url, evaluation.definition, evaluation.patient, instance)))


def summary(found: Items, trial: Trial) -> str:
    """One sentence of plain text: the trial, the arm, and how much is left to settle."""
    count = _left(found)
    name, titles = trial.short_title.partition(" (")[0], [_within_a_sentence(arm.title) for arm in found.arms]
    for arms in (" and ".join(titles), " and ".join(arm.id.upper() for arm in found.arms), f"{len(titles)} arms"):
        text = f"May fit trial {name} ({arms}): {count}"
        if len(text) <= MAX_SUMMARY:
            return text
    return f"May fit a trial: {count}"


def _within_a_sentence(title: str) -> str:
    """`systemic sclerosis`; a name in capitals stays one."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title
