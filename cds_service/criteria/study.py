"""A Trial into FHIR R4: a ResearchStudy, and for each arm the Group of those whom its criteria describe."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from cds_service.criteria.fields import Limit
from cds_service.criteria.model import Arm, Criterion, Trial
from cds_service.criteria.node import Node
from cds_service.criteria.nodes.combine import AllOfNode, AnyOfNode
from cds_service.criteria.nodes.measures import MeasureNode
from cds_service.criteria.nodes.people import AgeNode

Json = dict[str, Any]
_OURS = "urn:cds-service"
_UCUM = "http://unitsofmeasure.org"
_PHASES = "http://terminology.hl7.org/CodeSystem/research-study-phase"
_PHASE_CODES = ("early-phase-1", "phase-1", "phase-1-phase-2", "phase-2", "phase-2-phase-3", "phase-3", "phase-4")
_STATUS = {
    "recruiting": "active",
    "paused": "temporarily-closed-to-accrual",
    "full": "closed-to-accrual",
    "closed": "closed-to-accrual",
}
_COMPARATORS = (("above", ">"), ("at_least", ">="), ("below", "<"), ("at_most", "<="))


def study_bundle(trial: Trial) -> Json:
    """The Groups and the study as a transaction: posted to a FHIR server once or again, they stand there under their own ids."""
    resources = [*(eligibility_group(trial, arm) for arm in trial.arms), research_study(trial)]
    entries = [{"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}} for one in resources]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def research_study(trial: Trial) -> Json:
    found: Json = {
        "resourceType": "ResearchStudy",
        "id": trial.id,
        "identifier": [{"system": trial.registry.system, "value": trial.registry.value}],
        "title": trial.title,
        "status": _STATUS[trial.state],
        "condition": [{"text": arm.title} for arm in trial.arms],
        "relatedArtifact": [{"type": "documentation", "display": trial.registry.value, "url": trial.registry.url}],
        "enrollment": [{"reference": f"Group/{group_id(trial, arm)}", "display": arm.title} for arm in trial.arms],
        "arm": [{"name": arm.title, "description": arm.text} for arm in trial.arms],
    }
    if trial.summary:
        found["description"] = trial.summary
    return found | ({"phase": _phase(trial.phase)} if trial.phase else {})


def _phase(words: str) -> Json:
    code = words.lower().replace("/", " ").replace(" ", "-")
    return {"text": words} | ({"coding": [{"system": _PHASES, "code": code}]} if code in _PHASE_CODES else {})


def group_id(trial: Trial, arm: Arm) -> str:
    return f"{trial.id}-{arm.id}"


def eligibility_group(trial: Trial, arm: Arm) -> Json:
    """All characteristics hold of whoever belongs: R4 knows no alternatives, look-backs or unknowns, so the words carry those."""
    return {
        "resourceType": "Group",
        "id": group_id(trial, arm),
        "identifier": [{"system": f"{_OURS}:eligibility", "value": f"{trial.definition}/{arm.id}"}],
        "active": trial.open,
        "type": "person",
        "actual": False,
        "name": f"{trial.short_title}: {arm.title}",
        "characteristic": [part for one in trial.of_arm(arm.id) for part in _characteristics(trial, one, arm)],
    }


def _characteristics(trial: Trial, criterion: Criterion, arm: Arm) -> Iterator[Json]:
    """The criterion in the protocol's words, then each part of it that a Group can say with a code and a value."""
    excludes = criterion.kind == "exclusion"
    own = {"system": f"{_OURS}:criterion:{trial.id}", "version": trial.version, "code": criterion.id}
    yield {"code": {"coding": [own], "text": criterion.text}, "valueBoolean": True, "exclude": excludes}
    if criterion.applies_if is None:
        for node in _parts(criterion.logic, excludes):
            if value := _value(node, arm):
                yield {"code": {"coding": [own, *_inputs(node)], "text": _words(node)}, **value, "exclude": excludes}


def _parts(node: Node, excludes: bool) -> Iterator[Node]:
    """What must hold by itself: of an inclusion every one of `all_of`, of an exclusion none of `any_of`."""
    children = node.any_of if excludes and isinstance(node, AnyOfNode) else node.all_of if isinstance(node, AllOfNode) else ()
    if node.binds or node.weight != "decide" or (excludes and isinstance(node, AllOfNode)) or not children:
        yield node
    else:
        for child in children:
            yield from _parts(child, excludes)


def _value(node: Node, arm: Arm) -> Json | None:
    """An age or a laboratory limit that decides in this arm; None for all else."""
    if node.weight != "decide" or (node.binds and dict(node.binds).get(arm.id) != "decide"):
        return None
    if isinstance(node, AgeNode):  # in completed years, of which a Range holds both ends
        high = {} if node.below is None else {"high": _years(node.below - 1)}
        return {"valueRange": {"low": _years(node.age), **high}}
    if isinstance(node, MeasureNode) and len(node.measure) == 1:
        limits = [(sign, getattr(node, name)[0]) for name, sign in _COMPARATORS if getattr(node, name)]
        return {"valueQuantity": _quantity(*limits[0])} if len(limits) == 1 else None
    return None


def _inputs(node: Node) -> list[Json]:
    """The value sets that hold its codes, by their identifiers."""
    return [{"system": _OURS, "code": name} for name in node.inputs()]


def _words(node: Node) -> str:
    window = node.within.duration if isinstance(node, MeasureNode) else None
    topic = f"{node.topic} in completed years" if isinstance(node, AgeNode) else node.topic
    return f"{topic}, within {window} before the evaluation" if window else topic


def _years(count: int) -> Json:
    return {"value": count, "unit": "years", "system": _UCUM, "code": "a"}


def _quantity(sign: str, limit: Limit) -> Json:
    """In the unit of the definition, which is the protocol's."""
    number, _, unit = limit.text.partition(" ")
    return {"value": Decimal(number), "comparator": sign, "unit": unit, "system": _UCUM, "code": unit}
