"""A chart into the CDS Hooks request that an EHR would post on opening it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cds_service.hooks.keys import Key
from fhir_mappings.chart import Chart
from fhir_mappings.shapes import Json, as_dicts, codings

SERVICE = "trial-eligibility-patient-view"


def hook_request(chart: Chart, keys: Iterable[Key], instance: str) -> dict[str, Any]:
    """The patient-view call with every key of discovery answered as a FHIR server answers its template."""
    return {
        "hook": "patient-view",
        "hookInstance": instance,
        "context": {"userId": "Practitioner/demo", "patientId": chart.patient.resource.get("id")},
        "prefetch": {key.name: _answer(chart, key) for key in keys},
    }


def _answer(chart: Chart, key: Key) -> Any:
    if key.type == "Patient":
        return _served(chart.patient.resource, chart)
    category = _category(key.template)
    found = [entry.resource for entry in chart.of(key.type) if not category or category in _categories(entry.resource)]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        "entry": [{"resource": _served(resource, chart), "search": {"mode": "match"}} for resource in found],
    }


def _served(value: Any, chart: Chart) -> Any:
    """A resource as a server gives it out: a reference within the Bundle it came in becomes `Type/id` on the way in (FHIR R4, http)."""
    if isinstance(value, list):
        return [_served(one, chart) for one in value]
    if isinstance(value, dict):
        return {name: _target(inner, chart) if name == "reference" else _served(inner, chart) for name, inner in value.items()}
    return value


def _target(reference: Any, chart: Chart) -> Any:
    within = isinstance(reference, str) and reference.startswith("urn:")
    entry = chart.resolve(reference) if within else None
    return entry.reference if entry else _served(reference, chart)


def _category(template: str) -> str | None:
    """What the template restricts its search to, so that the demo sends no more than a real server would."""
    return next(iter(parse_qs(urlsplit(template).query).get("category", ())), None)


def _categories(resource: Json) -> set[str]:
    return {code for concept in as_dicts(resource.get("category")) for _, code, _ in codings(concept)}
