"""A hook's user and the Encounter its context names into a Visit: who looks, in which department, in what kind of encounter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fhir_mappings.chart import Chart
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings

_NAMED = re.compile(r"[A-Za-z]+/[0-9A-Za-z._~%-]+")  # type and id; it goes into the store, so no other words may come with it


@dataclass(frozen=True, slots=True)
class Visit:
    """`user` as the hook names it. Without an encounter in the chart nothing of it is known: the sets are empty."""

    user: str
    classes: frozenset[str] = frozenset()
    specialties: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()

    @property
    def is_layman(self) -> bool:
        """A patient's portal may call too: `Patient/id` or `RelatedPerson/id`, perhaps behind the server's URL."""
        kind = self.user.partition("/_history/")[0].split("/")[-2:-1]
        return kind in (["Patient"], ["RelatedPerson"])


def visit_of(user: str, encounter: object, chart: Chart) -> Visit:
    """The Encounter counts only where the context names it by its id: another one is not where the user stands."""
    wanted = encounter.strip().removeprefix("Encounter/") if isinstance(encounter, str) else ""
    held = [entry.resource for entry in chart.of("Encounter") if wanted and as_text(entry.resource.get("id")) == wanted]
    if not held:
        return Visit(user)
    return Visit(user, frozenset(_classes(held[0])), frozenset(_specialties(held[0])), frozenset(_departments(held[0])))


def _classes(encounter: Json) -> Iterator[str]:
    code = as_text(as_dict(encounter.get("class")).get("code"))
    if code:
        yield code


def _specialties(encounter: Json) -> Iterator[str]:
    yield from (f"{system}|{code}" for system, code, _ in codings(encounter.get("serviceType")))


def _departments(encounter: Json) -> Iterator[str]:
    """Where the patient is now: locations that were left do not count."""
    here = [one for one in as_dicts(encounter.get("location")) if as_text(one.get("status")) in (None, "active")]
    for reference in (encounter.get("serviceProvider"), *(one.get("location") for one in here)):
        text = as_text(as_dict(reference).get("reference")) or ""
        named = "/".join(text.split("/_history/")[0].split("/")[-2:])
        if _NAMED.fullmatch(named):
            yield named
