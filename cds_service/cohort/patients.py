"""The collected lines of a share of the patients into rows: the chart, the hook's evaluation, and what the tables need of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from cds_service.cohort.collect import HOLE, outward, owner_of, place_of
from cds_service.cohort.coverage import Coverage
from cds_service.cohort.find import LIBRARY, NOBODY
from cds_service.cohort.lines import Json, Unreadable, is_opaque, parse
from cds_service.cohort.rows import row_of
from cds_service.cohort.source import Line
from cds_service.cohort.task import Kit, Tools
from cds_service.criteria.evaluation import Evaluation
from fhir_mappings.chart import READ_BESIDE, Chart, ChartError, assemble
from fhir_mappings.identity import identifier_key, token, uuid_reference
from fhir_mappings.inputs import State
from fhir_mappings.shapes import as_dicts

Shelf = Mapping[str, Sequence[Json]]  # medications and studies by what records point to them with


@dataclass(frozen=True, slots=True)
class Rows:
    """A row a line for each patient of a bucket, in the order of their places, and what could not be read."""

    lines: bytes
    told: Json


def evaluate(tools: Tools, number: int) -> None:
    """Evaluates a bucket's patients and saves their rows."""
    rows = rows_of(tools, _lines(tools, number), _library(tools))
    tools.work.save(f"rows/{number}.ndjson", rows.lines)
    tools.work.save_json(f"evaluate/{number}.json", rows.told)


def rows_of(kit: Kit, collected: Iterable[bytes], library: Sequence[bytes]) -> Rows:
    """`collected`: the lines of a bucket as `id TAB line`; `library`: lines of medications and studies."""
    faults: Counter[str] = Counter()
    rows = []
    for chart in _charts(kit, collected, library, faults):
        evaluation = kit.engine.evaluate(kit.trial, chart, kit.setup.as_of, in_scope_only=True)
        rows.append(orjson.dumps(row_of(evaluation, chart, kit.engine, kit.trial, kit.setup.as_of)))
    return Rows(b"\n".join(rows), {"faults": dict(faults), "patients": len(rows)})


def evaluations(tools: Tools, number: int) -> Iterator[Evaluation]:
    """The full Evaluations of a bucket, as every other door gives them."""
    for chart in _charts(tools, _lines(tools, number), _library(tools), Counter()):
        yield tools.engine.evaluate(tools.trial, chart, tools.setup.as_of)


def _charts(kit: Kit, collected: Iterable[bytes], library: Sequence[bytes], faults: Counter[str]) -> Iterator[Chart]:
    """The charts of a bucket, one at a time."""
    held: dict[bytes, list[bytes]] = {}
    for line in collected:
        patient, _, data = line.partition(b"\t")
        held.setdefault(patient, []).append(data)
    pointed = {patient: {name for line in lines for name in outward(line)} for patient, lines in held.items()}
    shelf = _shelf(library, {name for names in pointed.values() for name in names})
    for patient in sorted(held, key=place_of):
        shared = _shelved(pointed.pop(patient), shelf)
        chart = _chart(patient.decode(), held.pop(patient), shared, kit.coverage, faults)
        if chart is not None:
            yield chart


def _lines(tools: Tools, number: int) -> Iterator[bytes]:
    for path in sorted((tools.work.folder / "lines" / str(number)).glob("*[0-9]")):
        yield from path.read_bytes().split(b"\n")


def _library(tools: Tools) -> list[bytes]:
    return [line for path in sorted((tools.work.folder / "library").glob("*[0-9]")) for line in path.read_bytes().split(b"\n") if line]


def _chart(patient: str, lines: list[bytes], shared: list[Json], coverage: Coverage, faults: Counter[str]) -> Chart | None:
    """`shared`: the medications and studies that the lines point to."""
    states = coverage.states(patient)
    parts: list[Json] = []
    for data in lines:
        if data.startswith(HOLE):
            _pierce(states, data[1:].decode())
            continue
        try:
            resource = parse(Line(data))
        except Unreadable as fault:
            faults[fault.reason] += 1
            _pierce(states, "")
            continue
        owner = owner_of(resource)
        if owner == patient:
            parts.append(resource)
        elif owner is None:
            faults[NOBODY] += 1
    if not parts:  # nothing is known to be theirs, and so neither that there is such a patient
        return None
    address = _address if any(map(is_opaque, lines)) else _nowhere
    try:
        return assemble(((resource, address(resource)) for resource in (*parts, *shared)), states)
    except ChartError:  # records, but no Patient: who they are about is not known
        faults["no-patient-resource"] += 1
        return None


def _address(resource: Json) -> str | None:
    """Where a resource stood in the Bundle of a transaction, by the one thing that NDJSON keeps of it: an id that is a UUID."""
    urn = f"urn:uuid:{token(resource.get('id'))}"
    return urn if uuid_reference(urn) else None


def _nowhere(_: Json) -> None:
    return None


def _pierce(states: dict[str, State], kind: str) -> None:
    """A line that could not be read is a hole in its type; in all of them where the type can't be told (design: absence)."""
    if kind in READ_BESIDE:
        return
    for name in [kind] if kind in states else list(states):
        if states[name] is State.WHOLE:
            states[name] = State.PARTIAL


def _shelf(library: Sequence[bytes], wanted: set[str]) -> Shelf:
    """Only what this bucket's records point to, so that a hospital's whole formulary is never held.

    A medication and a study may bear one name, and a resource may stand there in several versions: all are kept.
    """
    found: dict[str, list[Json]] = {}
    for _ in range(3):  # a medication may be made of others
        further: set[str] = set()
        known = frozenset(found)
        for line in library:
            try:
                resource = parse(Line(line))
            except Unreadable:
                continue
            for name in _names(resource) if resource["resourceType"] in LIBRARY else ():
                if name in wanted and name not in known:
                    found.setdefault(name, []).append(resource)
                    further |= outward(line)
        if further <= wanted:
            break
        wanted = wanted | further
    return found


def _names(resource: Json) -> list[str]:
    own = [token(resource.get("id"))] + [token(one.get("value")) for one in as_dicts(resource.get("identifier")) if identifier_key(one)]
    return [name for name in own if name]


def _shelved(names: set[str], shelf: Shelf) -> list[Json]:
    """What the names point to, each once, and what that points to."""
    found: dict[int, Json] = {}
    seen: set[str] = set()
    while names:
        seen |= names
        held = [one for name in sorted(names) for one in shelf.get(name, ())]
        found.update((id(one), one) for one in held)
        names = {name for one in held for name in outward(orjson.dumps(one))} - seen
    return list(found.values())
