"""The results that a report carries within itself (`contained`): resources of the chart like any other, whose frame is the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fhir_mappings.identity import cite, token
from fhir_mappings.shapes import Json, as_dicts, as_text

Part = tuple[Json, str | None]  # a resource and its fullUrl
_HOLDERS = ("DiagnosticReport", "Observation")
_VOID = ("entered-in-error", "cancelled")
_FRAME = ("subject", "status", "effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued")


def unfolded(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, and after a report those Observations that it contains, named by it."""
    for resource, full_url in parts:
        yield resource, full_url
        if "contained" in resource and resource.get("resourceType") in _HOLDERS and resource.get("status") not in _VOID:
            yield from _inner(resource, full_url)


def _inner(holder: Json, full_url: str | None) -> Iterator[Part]:
    name = cite(holder, token(holder.get("id")), full_url)
    frame = {element: holder[element] for element in _FRAME if element in holder}
    for inner in as_dicts(holder.get("contained")):
        identity = token(inner.get("id"))
        if identity and as_text(inner.get("resourceType")) == "Observation":
            dated = any(element.startswith(("effective", "issued")) for element in inner)
            given = {name: value for name, value in frame.items() if not dated or not name.startswith(("effective", "issued"))}
            own = {element: value for element, value in inner.items() if element != "id"}
            yield {**given, **own}, f"{name}#{identity}"
