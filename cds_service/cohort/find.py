"""The first pass: who is there, who has died, and who has any evidence of a disease of the trial. One file's share at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from cds_service.cohort.evidence import ScopeEvidence
from cds_service.cohort.lines import Json, Unreadable, is_opaque, is_plain, mentioned, parse, regular, type_of, uuids
from cds_service.cohort.people import person_number
from cds_service.cohort.source import Line, chunks_of, lines_in
from cds_service.cohort.task import Kit, Tools
from fhir_mappings.chart import READ_TYPES, subject_of
from fhir_mappings.identity import local_reference, token, uuid_reference
from fhir_mappings.patient import deceased_by
from fhir_mappings.shapes import as_text

LIBRARY = ("Medication", "ResearchStudy")  # what patients' records point to and what names no patient itself
NOBODY = "names-no-patient"  # a fault: what may tell of a scope, without an id of whom
_COUNTED = frozenset((*READ_TYPES, "Patient"))


@dataclass(slots=True)
class Found:
    """What one share of the files tells. `people`: a number for each Patient line, to count patients without holding their ids."""

    people: list[int] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    selected: set[str] = field(default_factory=set)
    types: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    regular: bool = True  # whether the second pass may search whole chunks for ids without looking at their lines

    def to_json(self) -> Json:
        return {
            "people": self.people, "dead": sorted(self.dead), "selected": sorted(self.selected),
            "types": dict(self.types), "faults": dict(self.faults),
            "regular": self.regular,
        }  # fmt: skip


def undated(patient: Json) -> int | None:
    """A Patient's number where the line tells no more on any day: an id, and nothing of a death."""
    identity = token(patient.get("id"))
    return None if identity is None or any(name.startswith("deceased") for name in patient) else person_number(identity)


def find(tools: Tools, number: int) -> None:
    """Reads a unit and saves what it tells."""
    tools.work.save_json(f"find/{number}.json", found_in(tools, chunks_of(tools.units[number])).to_json())


def found_in(kit: Kit, chunks: Iterable[bytes]) -> Found:
    """What chunks of whole lines tell."""
    finder = _Finder(kit.evidence, kit.setup.as_of, kit.engine.zone)
    for chunk in chunks:
        finder.search(chunk)
    return finder.found


class _Finder:
    def __init__(self, evidence: ScopeEvidence, as_of: date, zone: ZoneInfo) -> None:
        self.found = Found()
        self._evidence, self._as_of, self._zone = evidence, as_of, zone

    def search(self, chunk: bytes) -> None:
        """Many lines at once where they are of one type; else one by one, with the same result."""
        if self._together(chunk):
            return
        for line in lines_in(chunk):
            apart = line.long or not self._evidence.searched(type_of(line.data))
            if apart or not self._together(line.data + b"\n"):
                self.read(line)

    def _together(self, chunk: bytes) -> bool:
        """Searches a chunk as one text; False where that can't be done."""
        kind, lines = regular(chunk) or ("Patient", 0)
        if kind == "Patient":
            self.found.regular = False
            return False
        speaking = () if self._evidence.silent(kind) else self._evidence.speaking(kind, chunk)
        if speaking is None:
            return False
        self.found.types[kind] += lines
        for data, speaks in speaking:
            if speaks:
                self._speaks(data)
            else:
                self._parsed(Line(data), counted=True)
        return True

    def read(self, line: Line) -> None:
        kind = type_of(line.data)
        if line.long or not line.data.endswith(b"}"):
            self._broken(kind, line)
            return
        if kind is not None and kind != "Patient" and self._evidence.silent(kind):
            self.found.types[kind] += 1
            return
        if kind is None or kind == "Patient" or not is_plain(line.data):
            self._parsed(line)
            return
        speaks = self._evidence.speaks(kind, line.data)
        if speaks is not False and is_opaque(line.data):
            self._parsed(line)
            return
        self.found.types[kind] += 1
        if speaks is None:
            self._parsed(line, counted=True)
        elif speaks:
            self._speaks(line.data)

    def _speaks(self, data: bytes) -> None:
        """A plain line that may tell of a scope: whomever it mentions is evaluated."""
        self._select(set(map(_text, mentioned(data))))

    def _select(self, patients: set[str]) -> None:
        self.found.selected |= patients
        if not patients:
            self.found.faults[NOBODY] += 1

    def _parsed(self, line: Line, counted: bool = False) -> None:
        try:
            resource = parse(line)
        except Unreadable as fault:
            self._fault(fault.reason, type_of(line.data), line, again=counted)
            return
        kind = resource["resourceType"]
        self.found.types[kind] += not counted
        if kind == "Patient":
            self._patient(resource)
        elif self._evidence.speaks_of(kind, resource):
            patient = patient_of(resource)
            self._select({patient} if patient else set())

    def _patient(self, resource: Json) -> None:
        identity = token(resource.get("id"))
        if identity is None:
            self.found.faults["patient-without-id"] += 1
            return
        self.found.people.append(person_number(identity))
        if deceased_by(resource, self._as_of, self._zone):
            self.found.dead.add(identity)

    def _broken(self, kind: str | None, line: Line) -> None:
        self._fault("too-long" if line.long else "cut-off", kind, line)

    def _fault(self, reason: str, kind: str | None, line: Line, again: bool = False) -> None:
        """A line that can't be read leaves a hole in the record of whom it mentions: if it may have told of a scope, they are evaluated.

        `again`: the evaluation will meet the line once more, and count it.
        """
        whose = set(map(_text, (*mentioned(line.data), *uuids(line.data)))) if kind is None or kind in self._evidence.types else set()
        self.found.selected |= whose
        self.found.faults[reason] += not (again and whose)


def patient_of(resource: Json) -> str | None:
    """The id of the patient whose facts a resource holds; None where it names none by id.

    A urn:uuid is the address of an entry in a Bundle, of which a line of NDJSON keeps nothing: the Patient whose id it is is meant.
    """
    text = as_text(subject_of(resource).get("reference")) or ""
    kind, _, identity = (local_reference(text) or "").partition("/")
    return identity if kind == "Patient" else uuid_reference(text)


def _text(identity: bytes) -> str:
    return identity.decode("utf-8", "replace")
