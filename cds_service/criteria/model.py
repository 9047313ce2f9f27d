"""A trial definition as typed, frozen data: Trial, Arm, Criterion and the protocol's open questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cds_service.criteria.node import Node
from fhir_mappings.dates import Duration


@dataclass(frozen=True, slots=True)
class Registry:
    """The trial's entry in its registry: identifier system, number and page."""

    system: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A gap of the protocol and the reading in use until the investigator answers (spec 5)."""

    id: str
    gap: str
    reading: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing clause at the edge of a computable criterion: unanswered it never counts, its question is attached (spec head, iii)."""

    clause: str
    ask: str
    when: Node | None = None


@dataclass(frozen=True)
class Criterion:
    """One criterion: the protocol's words and one logic tree. An exclusion's tree is true where it is triggered."""

    id: str
    kind: str  # inclusion | exclusion
    text: str
    logic: Node
    place: str
    arm: str = ""  # only this arm's; '' for all
    applies_if: Node | None = None
    cure: str = "state"
    sensitive: bool = False
    subject: str = ""  # what everybody is asked or tested for, in two words that disclose nothing of this patient
    standing: tuple[Standing, ...] = ()
    open_questions: tuple[str, ...] = ()

    @cached_property
    def by_arm(self) -> bool:
        """Whether its verdict may differ between arms; else it is computed once."""
        return any(node.VARIES or node.binds for node in self.nodes())

    def nodes(self) -> Iterator[Node]:
        yield from self.logic.walk()
        for root in (self.applies_if, *(one.when for one in self.standing)):
            if root is not None:
                yield from root.walk()


@dataclass(frozen=True, slots=True)
class Arm:
    """A cohort of the trial: the clause that puts a patient in its scope, and the criteria that gate a card.

    One of the clauses `also` that holds keeps a patient in scope of whom the first knows nothing (a recorded classification).
    `facts`: the criteria whose records tell on a card why this patient, most telling first.
    """

    id: str
    title: str
    text: str
    scope: Node
    gate: tuple[str, ...]
    also: tuple[Node, ...] = ()
    facts: tuple[str, ...] = ()
    place: str = field(default="", compare=False)  # file:line:column of its gate


@dataclass(frozen=True)
class Trial:
    """A whole definition. `criteria` stand in protocol order."""

    id: str
    version: str
    title: str
    short_title: str
    summary: str
    phase: str
    registry: Registry
    state: str  # recruiting | paused | full | closed
    places: int | None
    answers_within: Duration
    windows: Mapping[str, Duration]
    questions: tuple[OpenQuestion, ...]
    arms: tuple[Arm, ...]
    criteria: tuple[Criterion, ...]
    resource_types: frozenset[str]  # FHIR types that its inputs are read from
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # its names for several inputs together
    source: str = field(default="", compare=False)

    @property
    def definition(self) -> str:
        return f"{self.id}@{self.version}"

    @property
    def open(self) -> bool:
        return self.state == "recruiting"

    def of_arm(self, arm: str) -> tuple[Criterion, ...]:
        """Every criterion that binds the arm or concerns it, in protocol order."""
        return tuple(one for one in self.criteria if one.arm in ("", arm))

    def inputs(self) -> frozenset[str]:
        """The value sets that some criterion names."""
        roots = [node for criterion in self.criteria for node in criterion.nodes()]
        return frozenset(name for node in roots for name in node.inputs())
