"""Prefetch values into the resources they refer to but do not bring: the Medication of an order, the study and consent of a subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.security.places import place_of
from fhir_mappings.chart import ChartError, bundle_parts
from fhir_mappings.contained import Part
from fhir_mappings.shapes import Json, as_dict, as_text

# Without them an order's drug is not known, nor whose study a subject is in. A reference to another type leads nowhere we need.
REFERRING = {
    "MedicationRequest": {"medicationReference": "Medication"},
    "MedicationStatement": {"medicationReference": "Medication"},
    "MedicationAdministration": {"medicationReference": "Medication"},
    "MedicationDispense": {"medicationReference": "Medication"},
    "ResearchSubject": {"study": "ResearchStudy", "consent": "Consent"},
}
# FHIR says 64 characters; EHRs have longer ids (integrator-needs 9).
_LOCAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,256})(?:/_history/[A-Za-z0-9.-]{1,64})?")
_IDS, _LETTERS = 50, 3_200  # in one search: a URL of 4 KB at most
MOST = 200  # of one chart; beyond them a drug stays unknown, which says so itself


@dataclass(frozen=True, slots=True, order=True)
class Referred:
    """A resource of the server, by type and id."""

    type: str
    id: str


def unresolved(prefetch: Mapping[str, Any], base: str, wanted: Iterable[str]) -> tuple[Referred, ...]:
    """What the resources refer to, on that server, of the `wanted` types of referring resource, and that none of the values holds."""
    parts = [part for value in prefetch.values() for part in _parts(value)]
    held = {Referred(resource["resourceType"], str(resource.get("id"))) for resource, _ in parts}
    types = frozenset(wanted)
    found = {one for resource, _ in parts if resource["resourceType"] in types for one in _referred(resource, base)}
    return tuple(sorted(found - held))[:MOST]


def searches_for(absent: Iterable[Referred]) -> list[str]:
    """Searches that bring them, many at once."""
    ids: dict[str, list[str]] = {}
    for one in sorted(absent):
        ids.setdefault(one.type, []).append(one.id)
    return [f"{kind}?_id={','.join(some)}&_count={_IDS}" for kind, held in ids.items() for some in _shares(held)]


def _shares(ids: Iterable[str]) -> Iterator[list[str]]:
    """No part has more ids or letters than a search may have."""
    part: list[str] = []
    for one in ids:
        if part and (len(part) == _IDS or len(",".join((*part, one))) > _LETTERS):
            yield part
            part = []
        part.append(one)
    if part:
        yield part


def _parts(value: object) -> list[Part]:
    """What can't be read is for the chart to say."""
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        try:
            return bundle_parts(value)[0]
        except ChartError:
            return []
    return [(value, None)] if isinstance(value, dict) and isinstance(value.get("resourceType"), str) else []


def _referred(resource: Json, base: str) -> Iterable[Referred]:
    for element, kind in REFERRING.get(resource["resourceType"], {}).items():
        found = _LOCAL.fullmatch(_relative(as_text(as_dict(resource.get(element)).get("reference")) or "", base))
        if found and found[1] == kind and found[2] not in (".", ".."):
            yield Referred(kind, found[2])


def _relative(reference: str, base: str) -> str:
    """An absolute reference to the same server as a relative one."""
    if "://" not in reference:
        return reference
    try:
        own, other = place_of(base), place_of(reference)
    except ValueError:
        return ""
    return other.path[len(own.path) :].strip("/") if own.holds(other) else ""
