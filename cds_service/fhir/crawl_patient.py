"""One patient of a list into all that the searches of a trial bring of them, and which searches did not bring all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cds_service.errors import Unavailable
from cds_service.fhir.bulk_calls import Calls
from cds_service.fhir.client import Client, good
from cds_service.fhir.fetch import COUNT
from cds_service.fhir.references import Referred, searches_for, unresolved
from cds_service.fhir.search import Found, is_error, search
from cds_service.security.outbound import Answer, Deadline
from fhir_mappings.chart import ChartError, bundle_parts
from fhir_mappings.shapes import Json, as_text

_GONE = (404, 410)
_JSON = {"Accept": "application/fhir+json"}


@dataclass(frozen=True, slots=True)
class Search:
    """What to ask of each patient: a name, the type it is for, and its target with {patient} in it."""

    name: str
    type: str
    target: str


@dataclass
class Record:
    """What came of one patient. `missed`: the searches that did not bring all, by name, and why."""

    resources: list[Json] = field(default_factory=list)
    missed: dict[str, str] = field(default_factory=dict)
    absent: bool = False  # the server knows no such patient


class NotThere(Unavailable):
    """The server knows nothing of that name."""


class SourceClient(Client):
    """Asks with the source's token, which may end between two pages, and as often as the source's settings allow."""

    def __init__(self, calls: Calls) -> None:
        super().__init__(calls.outbound, calls.source.base, "", Deadline.within(calls.source.search.deadline))
        self._calls = calls

    def answer(self, url: str) -> Answer:
        if self.deadline.left() <= 0:
            raise Unavailable("timed out")
        answer = self._calls.ask(url, headers=_JSON)
        if answer.status in _GONE:
            raise NotThere("not found")
        return good(answer)


def patient_of(calls: Calls, patient: str, searches: Sequence[Search], types: Iterable[str], partial: bool) -> Record:
    """`types`: what may be kept, and of what references are followed; `partial`: pages are kept though others are missing."""
    client, record, known = SourceClient(calls), Record(), frozenset(types)
    for one in searches:
        try:
            found = _found(client, one, patient, calls.source.search.pages)
        except Unavailable as error:
            if isinstance(error, NotThere) and one.type == "Patient":
                return Record(absent=True)
            found = Found({}, str(error))
        fault = found.fault or _lacks(found.value)
        if fault:
            record.missed[one.name] = fault
        if partial or not fault:
            record.resources += [each for each in _resources(found.value) if each["resourceType"] in known]
    record.resources += _referred(client, record.resources, known, record)
    return record


def _found(client: SourceClient, one: Search, patient: str, pages: int) -> Found:
    target = one.target.replace("{patient}", patient)
    if "?" in target:
        return search(client, f"{target}&_count={COUNT}", pages)
    resource = client.read(client.url(target), one.type)
    if as_text(resource.get("id")) != patient:
        raise Unavailable("the answer is another resource")
    return Found(resource)


def _lacks(value: Json) -> str:
    """Why a Bundle without a fault is still not all there is: fewer than its total, or an error in the place of some."""
    if value.get("resourceType") != "Bundle":
        return ""
    try:
        parts, whole = bundle_parts(value)
    except ChartError:
        return "the answer is no sound Bundle"
    errors = any(is_error(entry.get("resource") or {}) for entry in value.get("entry", []) if isinstance(entry, dict))
    return "the server says that something went wrong" if errors else "" if whole else f"only {len(parts)} of its total came"


def _resources(value: Json) -> list[Json]:
    if value.get("resourceType") != "Bundle":
        return [value] if value else []
    try:
        return [resource for resource, _ in bundle_parts(value)[0]]
    except ChartError:
        return []


def _referred(client: SourceClient, resources: Sequence[Json], known: frozenset[str], record: Record) -> list[Json]:
    """What they point to and say nothing without: the Medication of an order. What can't be had leaves its drug unknown, and says so
    itself where it is evaluated."""
    shelf = {str(number): one for number, one in enumerate(resources)}
    absent = [one for one in unresolved(shelf, client.base, known) if one.type in known]
    found: list[Json] = []
    for target in searches_for(absent):
        try:
            found += _resources(search(client, target, 1).value)
        except Unavailable as error:
            record.missed[target.partition("?")[0]] = str(error)
    return [one for one in found if Referred(one["resourceType"], str(one.get("id"))) in set(absent)]
