"""A Trial into plain words, as `cds-service trials describe` prints it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from decimal import Decimal
from textwrap import wrap
from typing import Any

from cds_service.criteria.model import Criterion, Trial
from cds_service.criteria.node import Node
from cds_service.criteria.read import yaml_key
from fhir_mappings.dates import Duration
from fhir_mappings.terminology import ValueSet

_WORTH = {
    "review": "asks for review, decides nothing",
    "lean-true": "leans to this, to be confirmed",
    "lean-false": "leans against, to be confirmed",
    "note": "is noted only",
}
_PHRASES: Mapping[tuple[str, object], str] = {
    ("policy", "closed"): "no record counts as absent where the chart covers the period",
    ("policy", "open"): "no record leaves it open",
    ("policy", "quiet"): "no record says nothing",
    ("policy", "beside"): "no record says nothing, nor that nobody looked there",
    ("stale_positive", "lean-true"): "an older positive leans to it, to be repeated",
    ("stale_positive", "review"): "an older positive is reviewed",
    ("pick", "any"): "any in the period counts",
    ("pick", "latest"): "the latest counts",
    ("pick", "worst"): "the worst of the day counts",
    ("earlier", "review"): "one from before that may still run is reviewed",
    ("earlier", "lean-true"): "one from before that may still run leans to it",
    ("repeats", "review"): "one that was recorded before is reviewed",
    ("visits", True): "the reason of a visit, procedure or drug is reviewed",
    ("reasons", True): "the reason of a visit, procedure or drug is reviewed",
    ("below", "lean-false"): "a lower one leans against",
    ("active", True): "active now",
    ("planned", True): "planned",
    ("strictly", True): "the first day excluded",
    ("any_grade", True): "of any grade",
    ("equivalents", True): "all together as prednisone",
    ("literal", True): "an equivalent of another drug is reviewed",
}
_KEYS = {"above_per_kg": "above {}", "weak_below": "weak below a titre of 1:{}", "times_upper_limit": "measure {}"}  # else the key itself
_HEADS = {"all_of": "all of", "any_of": "any of", "not": "not", "at_least": "at least {n} of"}
_COUNTS = ("domains", "points", "years")
_SKIP = {"label", "clause", "weight", "binds", "hints", "doubted_by", "cure", "note", "place", "places", "link_id"}


@dataclasses.dataclass(frozen=True)
class _Names:
    """What inputs are called: groups by the trial's own names, value sets by their titles."""

    value_sets: Mapping[str, ValueSet]
    groups: Mapping[tuple[str, ...], str]


def describe(trial: Trial, value_sets: Mapping[str, ValueSet]) -> str:
    """The whole definition, criterion by criterion; what its groups hold stands at the end."""
    names = _Names(value_sets, {members: name for name, members in trial.groups.items() if len(members) > 1})
    lines = [
        f"{trial.title} ({trial.definition})",
        f"{trial.registry.value}, {trial.state}" + (f", {trial.places} places" if trial.places else ""),
    ]
    lines += [f"{name}: the {duration} up to the evaluation date" for name, duration in trial.windows.items()]
    for criterion in trial.criteria:
        lines += ["", *_criterion(criterion, names)]
    if trial.questions:
        lines += ["", "Open questions of the protocol and the reading in use:"]
    lines += [f"  {one.id}: {one.gap} Reading: {one.reading}." for one in trial.questions]
    if names.groups:
        lines += ["", "What the groups hold:"]
    for members, name in names.groups.items():
        lines += wrap(
            f"{name}: {', '.join(str(value_sets[one].title) for one in members)}", 100, initial_indent="  ", subsequent_indent="    "
        )
    return "\n".join(lines)


def _criterion(criterion: Criterion, names: _Names) -> Iterator[str]:
    scope = f" ({criterion.arm} only)" if criterion.arm else ""
    yield f"{criterion.id}  {criterion.kind}{scope}"
    yield from wrap(f"{criterion.text}”", 100, initial_indent="  “", subsequent_indent="   ")
    if criterion.applies_if:
        yield "  applies if:"
        yield from _node(criterion.applies_if, 2, names)
    yield "  is met by:" if criterion.kind == "inclusion" else "  is triggered by:"
    yield from _node(criterion.logic, 2, names)
    for one in criterion.standing:
        yield f"  always asked ({one.clause}): {one.ask}"
    if criterion.open_questions:
        yield f"  rests on the reading of {', '.join(criterion.open_questions)}"


def _node(node: Node, depth: int, names: _Names) -> Iterator[str]:
    pad = "  " * depth
    own = {one.name: getattr(node, one.name) for one in dataclasses.fields(node) if one.name not in _SKIP}
    children = [child for child in node.children() if child not in (*node.hints, *node.doubted_by)]
    yield f"{pad}- {_head(node, own, bool(children), names)}{_tail(node)}"
    for child in children:
        yield from _node(child, depth + 1, names)
    if node.doubted_by:
        yield f"{pad}  in doubt, and reviewed, where:"
        for doubt in node.doubted_by:
            yield from _node(doubt, depth + 1, names)
    if node.hints:
        yield f"{pad}  while that is unknown, in this order:"
        for hint in node.hints:
            yield from _node(hint, depth + 1, names)


def _head(node: Node, own: dict[str, Any], parent: bool, names: _Names) -> str:
    clause = f"({node.clause}) " if node.clause else ""
    if node.KEY in _HEADS and parent:
        return clause + _HEADS[node.KEY].format(n=_counted(node, "at_least", own.get("at_least")))
    if node.KEY == "ask":
        return f"{clause}a person says: {own['ask']}"
    named = f"{node.label}: " if node.label else ""
    own = dict(sorted(own.items(), key=lambda one: yaml_key(one[0]) != node.KEY))  # the node's own key first
    defaults = {one.name: one.default for one in dataclasses.fields(node)}
    parts = [_part(node, name, value, names) for name, value in own.items() if value != defaults[name]]
    return clause + named + ", ".join(parts)


def _part(node: Node, name: str, value: Any, names: _Names) -> str:
    phrase = _PHRASES.get((name, value)) if isinstance(value, str | bool) else None
    told = _KEYS.get(name) or yaml_key(name).replace("_", " ") + " {}"
    return phrase or told.format(_counted(node, name, value) if _is_number(value) else _words(value, names))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _counted(node: Node, name: str, value: Any) -> str:
    """A number with its unit: `40 mg of prednisone a day`, `1 domain`."""
    unit = node.unit(name)
    return f"{value} {unit.removesuffix('s') if value == 1 and unit in _COUNTS else unit}".strip()


def _tail(node: Node) -> str:
    parts = [_WORTH[node.weight]] if node.weight in _WORTH else []
    if node.binds:
        parts.append(", ".join(f"{mode} in {arm}" for arm, mode in node.binds))
    if node.note:
        parts.append(f"note: {node.note}")
    return f"  [{'; '.join(parts)}]" if parts else ""


def _words(value: Any, names: _Names) -> str:
    if isinstance(value, tuple) and value in names.groups:
        return names.groups[value]
    if isinstance(value, tuple):
        return " or ".join(_words(one, names) for one in value)
    if isinstance(value, str) and value in names.value_sets:
        return str(names.value_sets[value].title)
    if isinstance(value, Duration):
        return str(value)
    return "yes" if value is True else str(getattr(value, "text", value))
