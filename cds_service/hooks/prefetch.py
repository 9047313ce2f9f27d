"""A hook's prefetch into a Chart: resources found by type whatever the key is called, and how whole each type is.

A key may be absent (not known), `null` or an empty Bundle (nothing there), a resource or a searchset, or an OperationOutcome
(could not be had), which may also stand as an entry of a Bundle (checklist 25). A type is WHOLE only where the search for it was
(spec 0.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cds_service.errors import MissingData, Problem, RequestError
from cds_service.fhir.search import is_error
from cds_service.hooks.keys import BY_NAME, KEYS, MINIMUM, Key
from fhir_mappings.chart import READ_TYPES, Chart, assemble, bundle_parts, is_match, subject_of
from fhir_mappings.contained import Part
from fhir_mappings.inputs import State
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text

# What a search may say without leaving some of the patient's resources out.
_HARMLESS = frozenset({"patient", "subject", "individual", "_count", "_sort", "_format", "_total", "_include"})
# Our keys by the type that they ask for: those that are together the whole of it, and those that bring more.
_OURS, _EXTRA = (
    {type_: [key.name for key in KEYS if key.type == type_ and key.extra is extra] for type_ in {key.type for key in KEYS}}
    for extra in (False, True)
)


@dataclass(frozen=True, slots=True)
class _Given:
    """What one prefetch value holds. `named`: its key is ours and asks for that type; `shown`: what its own content says of types."""

    parts: tuple[Part, ...] = ()
    named: Mapping[str, State] = field(default_factory=dict)  # by key name
    shown: Mapping[str, State] = field(default_factory=dict)  # by type


def chart_of_prefetch(prefetch: Mapping[str, Any], patient: str, besides: Iterable[Json] = ()) -> Chart:
    """Raises RequestError or ChartError where a value is no FHIR or another patient's, MissingData without the minimum.

    Records `besides` join the chart and say nothing of how whole it is.
    """
    given = [_given(name, prefetch[name]) for name in sorted(prefetch)]
    parts = [part for one in given for part in one.parts]
    named = {key: state for one in given for key, state in one.named.items()}
    states = {name: _state(name, named, given) for name in READ_TYPES}
    _require_minimum(parts, states)
    _require_same_patient(parts, patient)
    return assemble([*parts, *((record, None) for record in besides)], states)


def resources_of(prefetch: Mapping[str, Any], kind: str, patient: str) -> tuple[Json, ...]:
    """The patient's resources of a type that no criterion reads. What can't be read was told when the chart was made."""
    parts = [part for name in sorted(prefetch) for part in _given(name, prefetch[name]).parts]
    found = [resource for resource, _ in parts if resource["resourceType"] == kind]
    return tuple(one for one in found if _subject(one) in ("", patient))


def whole_keys(prefetch: Mapping[str, Any], names: Iterable[str]) -> frozenset[str]:
    """Those of the keys, whatever the site calls them, under which a search came back whole, or `null`: there is nothing."""
    return frozenset(name for name in names if name in prefetch and _is_whole(prefetch[name]))


def _is_whole(value: object) -> bool:
    return value is None or (isinstance(value, dict) and value.get("resourceType") == "Bundle" and _told(value)[1] is State.WHOLE)


def _subject(resource: Json) -> str:
    reference = as_text(subject_of(resource).get("reference")) or ""
    return reference.partition("/_history/")[0].rpartition("/")[2]


def _given(name: str, value: object) -> _Given:
    key, place = BY_NAME.get(name), f"prefetch.{_printable(name)}"
    if value is None:
        return _Given(named=_of(key, State.WHOLE))
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str):
        raise RequestError(Problem("must be a FHIR resource, a Bundle or null", place))
    if kind == "OperationOutcome":
        return _Given(named=_of(key, State.FAILED))
    if kind == "Bundle":
        return _bundle(key, value, place)
    # One resource where a search was asked for: whether it is all of them is not said.
    return _Given(((value, None),), shown={kind: State.PARTIAL})


def _of(key: Key | None, state: State) -> dict[str, State]:
    return {key.name: state} if key else {}


def _printable(name: str) -> str:
    """The client's own key in an answer to it, unless it could be more than a name."""
    return name if re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name) else "?"


def _told(bundle: Json, place: str = "") -> tuple[list[Part], State]:
    parts, whole = bundle_parts(bundle, place)
    failed = any(is_error(as_dict(entry.get("resource"))) for entry in as_dicts(bundle.get("entry")))
    return parts, State.WHOLE if whole and not failed else State.PARTIAL if parts or not failed else State.FAILED


def _bundle(key: Key | None, bundle: Json, place: str) -> _Given:
    parts, state = _told(bundle, place)
    found = {resource["resourceType"] for resource, _ in parts}
    if key and (key.type in found or not found.intersection(READ_TYPES)):
        companions = dict.fromkeys(found - {key.type}, State.PARTIAL)
        return _Given(tuple(parts), {key.name: state}, companions)
    return _Given(tuple(parts), shown=_shown(bundle, found, state))


def _shown(bundle: Json, found: set[str], state: State) -> dict[str, State]:
    """Under a key of the site's own: a searchset is taken as the search for the types it matched, so that a hospital may name its keys
    as it likes, unless its own `self` link tells of a narrower search. Not so Observation: a search for it has a category, so one
    Bundle is never all of them."""
    url = next((as_text(link.get("url")) for link in as_dicts(bundle.get("link")) if link.get("relation") == "self"), None)
    searched = _searched_type(url)
    matched = {as_text(as_dict(entry.get("resource")).get("resourceType")) for entry in as_dicts(bundle.get("entry")) if is_match(entry)}
    all_of_them = bundle.get("type") == "searchset" and not _is_narrow(url)
    shown = {}
    for name in found | ({searched} if searched else set()):
        whole = all_of_them and name != "Observation" and (name in matched or name == searched)
        shown[name] = State.PARTIAL if state is State.WHOLE and not whole else state
    return shown


def _searched_type(url: str | None) -> str | None:
    last = _path(url).rstrip("/").rpartition("/")[2]
    return last if last in READ_TYPES else None


def _is_narrow(url: str | None) -> bool:
    return any(name.partition(":")[0].partition(".")[0] not in _HARMLESS for name, _ in parse_qsl(_query(url), keep_blank_values=True))


def _path(url: str | None) -> str:
    return _split(url)[0]


def _query(url: str | None) -> str:
    return _split(url)[1]


def _split(url: str | None) -> tuple[str, str]:
    try:
        parts = urlsplit(url or "")
    except ValueError:  # such as an unclosed IPv6 bracket
        return "", ""
    return parts.path, parts.query


def _state(name: str, named: Mapping[str, State], given: list[_Given]) -> State:
    """How whole a type is over all keys: by our own keys where they were given, else by what other keys show."""
    ours = _OURS.get(name, ())
    asked = [named[key] for key in ours if key in named]
    shown = [one.shown[name] for one in given if name in one.shown]
    extra = [named[key] for key in _EXTRA.get(name, ()) if key in named]
    told = asked or shown
    if told and all(state is State.WHOLE for state in told) and len(asked) in (0, len(ours)):
        return State.WHOLE
    if any(state is not State.FAILED for state in asked + shown + extra):
        return State.PARTIAL
    return State.FAILED if asked + shown + extra else State.NOT_PROVIDED


def _require_minimum(parts: list[Part], states: Mapping[str, State]) -> None:
    have = {
        "patient": any(resource["resourceType"] == "Patient" for resource, _ in parts),
        "conditions": states["Condition"] not in (State.FAILED, State.NOT_PROVIDED),
    }
    absent = [name for name in MINIMUM if not have[name]]
    if absent:
        raise MissingData(*(Problem(f"prefetch key '{name}' was absent or could not be had", f"prefetch.{name}") for name in absent))


def _require_same_patient(parts: list[Part], patient: str) -> None:
    """Every Patient given is the one in context: verdicts of another patient's chart would be worse than none."""
    for resource, _ in parts:
        if resource["resourceType"] == "Patient" and as_text(resource.get("id")) != patient:
            raise RequestError(Problem("holds a Patient that is not context.patientId", "prefetch"))
