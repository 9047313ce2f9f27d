"""What was asked for and what came into how whole each type is: absence is knowledge only where retrieval was whole."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.fhir.bulk_job import Wanted
from cds_service.fhir.bulk_manifest import OUTCOME, OUTPUT
from cds_service.fhir.bulk_outcomes import Outcomes
from cds_service.fhir.bulk_state import Entry
from cds_service.fhir.bulk_state import State as Progress
from cds_service.fhir.fetched import Kind
from fhir_mappings.inputs import State


def kinds(progress: Progress, wanted: Wanted, outcomes: Outcomes) -> dict[str, Kind]:
    """A type that was asked for, without a file and without a fault, is whole: there is none of it."""
    found = {name: Kind(State(state), (why,)) for name, (state, why) in progress.lacking.items()}
    for name in progress.types:
        own = [one for one in progress.entries if one.file.kind == OUTPUT and one.file.type == name]
        less, fault = tuple(_asked_for_less(name, wanted)), (*_came_less(own), *_said(name, progress, outcomes))
        why = less + fault
        none = own and all(one.received is None for one in own)
        found[name] = Kind(State.FAILED if none else State.PARTIAL if why else State.WHOLE, why, chosen=bool(less) and not fault)
    return dict(sorted(found.items()))


def _asked_for_less(name: str, wanted: Wanted) -> Iterator[str]:
    if wanted.since:
        yield f"only what changed since {wanted.since} was asked for"
    if any(one.partition("?")[0] == name for one in wanted.filters):
        yield "only what fits a filter was asked for"


def _came_less(own: list[Entry]) -> Iterator[str]:
    left = sum(one.received is None for one in own)
    if left:
        yield f"{left} of {len(own)} files could not be had"
    if any(one.received and one.file.count not in (None, one.received.lines) for one in own):
        yield "a file has another number of lines than the server says"
    if any(one.received and one.received.foreign for one in own):
        yield "a file holds records of another type"


def _said(name: str, progress: Progress, outcomes: Outcomes) -> Iterator[str]:
    if any(one.file.kind == OUTCOME and one.received is None for one in progress.entries):
        yield "what the server says of errors could not be had"
    if outcomes.all or name in outcomes.hit:
        yield "the server says that something could not be exported"
