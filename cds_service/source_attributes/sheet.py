"""A trial's definition into the source attributes of its decision support, 45 CFR 170.315(b)(11)(iv)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from cds_service import __version__
from cds_service.criteria.questionnaire import questions

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial
    from fhir_mappings.terminology import ValueSet

Json = dict[str, Any]


def source_attributes(trial: Trial, value_sets: Mapping[str, ValueSet]) -> Json:
    """All of them: the 13 that apply, and the 31 of a predictive intervention for those who ask."""
    told = _statements()
    facts = _facts(trial, value_sets)
    return {
        "trial": trial.id,
        "definition": trial.definition,
        "title": trial.title,
        "registry": {"system": trial.registry.system, "value": trial.registry.value, "url": trial.registry.url},
        "kind": told["kind"],
        "why": told["why"],
        "regulation": told["regulation"],
        "evidenceBased": [_attribute(one, facts, trial) for one in told["evidence"]],
        "predictive": [_attribute(one, facts, trial) for one in told["predictive"]],
    }


@cache
def _statements() -> Json:
    found: Json = yaml.safe_load((files(__package__) / "statements.yaml").read_text("utf-8"))
    return found


def _attribute(one: Json, facts: Mapping[str, object], trial: Trial) -> Json:
    if one.get("untrained"):
        value = _statements()["untrained"]
    else:
        value = _use(one["uses"], trial) if "uses" in one else one["says"].format_map(facts)
    group = {"group": one["group"]} if "group" in one else {}
    return {"id": one["id"], **group, "name": one["name"], "value": value}


def _use(name: str, trial: Trial) -> str:
    return f"Used: {_statements()['uses'][name]['how']}." if _is_used(name, trial) else str(_statements()["not_used"])


def _is_used(name: str, trial: Trial) -> bool:
    """By the definition itself: whether it has a node of that kind, or names a value set of that name's beginning."""
    use = _statements()["uses"][name]
    nodes = {node.KEY for one in trial.criteria for node in one.nodes()}
    starts = tuple(use.get("inputs", ()))
    return bool(nodes & set(use.get("keys", ()))) or (bool(starts) and any(one.startswith(starts) for one in trial.inputs()))


def _facts(trial: Trial, value_sets: Mapping[str, ValueSet]) -> dict[str, object]:
    """What the statements may name in braces."""
    used = {name.replace("-", " "): _is_used(name, trial) for name in _statements()["uses"]}
    held = [value_sets[name] for name in sorted(trial.inputs())]
    return {
        "title": trial.title,
        "short_title": trial.short_title,
        "registry": trial.registry.value,
        "url": trial.registry.url,
        "definition": trial.definition,
        "version": trial.version,
        "released": _released(trial),
        "software": __version__,
        "questions": len(trial.questions),
        "criteria": len(trial.criteria),
        "asked": sum(bool(questions(one)) for one in trial.criteria),
        "arms": ", ".join(arm.title for arm in trial.arms),
        "inputs": len(held),
        "incomplete": sum(not one.complete for one in held),
        "used": ", ".join(name for name, is_used in used.items() if is_used) or "none",
        "unused": ", ".join(name for name, is_used in used.items() if not is_used) or "none",
    }


def _released(trial: Trial) -> str:
    """A changed definition is another definition: what is known of one version says nothing of the next."""
    known = _statements()["released"].get(trial.id, {})
    return f"released on {known['released']}" if known.get("version") == trial.version else "release date not stated"
