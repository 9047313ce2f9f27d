"""A Trial into the FHIR R4 Questionnaire of all that only people can say, whose answers the evaluator reads back (interfaces.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cds_service.criteria.model import Criterion, Trial
from cds_service.criteria.node import Node

_YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0532"
_ANSWERS = (("Y", "Yes"), ("N", "No"), ("UNK", "Unknown"))
_TITLE = {"inclusion": "Is this true of the patient?", "exclusion": "Does this exclude the patient?"}

Json = dict[str, Any]


def questionnaire(trial: Trial) -> Json:
    """One group a criterion, in protocol order: the protocol's words, then its questions. A linkId is the criterion's, or
    `criterion/clause`. Yes = the sentence is true of the patient."""
    return {
        "resourceType": "Questionnaire",
        "id": trial.id,
        "url": f"urn:cds-service:questionnaire:{trial.id}",
        "version": trial.version,
        "name": "".join(part.capitalize() for part in trial.id.split("-")),
        "title": f"{trial.title}: what only people can say",
        "status": "active",
        "subjectType": ["Patient"],
        "item": [_group(criterion) for criterion in trial.criteria],
    }


def _group(criterion: Criterion) -> Json:
    asked = questions(criterion) or {criterion.id: _TITLE[criterion.kind]}
    return {
        "linkId": f"{criterion.id}/text",
        "prefix": criterion.id,
        "text": criterion.text,
        "type": "group",
        "item": [_item(link, text) for link, text in asked.items()],
    }


def questions(criterion: Criterion) -> dict[str, str]:
    """linkId -> question, each linkId once: the first question asked under it."""
    found: dict[str, str] = {}
    for link, text in _asked(criterion.logic, criterion.id):
        found.setdefault(link, text)
    for one in criterion.standing:
        found.setdefault(f"{criterion.id}/{one.clause}", one.ask)
    return found


def _asked(node: Node, link: str) -> Iterator[tuple[str, str]]:
    """The questions of a tree, each under the nearest link that reads its answer."""
    link = node.link_id or link
    if node.question:
        yield link, node.question
    for child in node.children():
        yield from _asked(child, link)


def _item(link: str, text: str) -> Json:
    options = [{"valueCoding": {"system": _YES_NO, "code": code, "display": display}} for code, display in _ANSWERS]
    return {"linkId": link, "text": text, "type": "choice", "answerOption": options}
