"""Background therapy into a Value: `continuous` (taken without a gap) and `unchanged` (at the same dose) (spec 1.1, SLE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria import logic
from cds_service.criteria.evaluation import Missing
from cds_service.criteria.fields import declare
from cds_service.criteria.node import Context, Node
from cds_service.criteria.nodes.doses import worded
from cds_service.criteria.nodes.drugs import MEDICATION, Used, cite, name_of, no_drug, not_taken, not_whole, used_of
from cds_service.criteria.value import STATE, Value, decided, on_date, unsettled
from fhir_mappings.dates import Duration
from fhir_mappings.dose_series import in_prednisone, plain_mg
from fhir_mappings.dose_stability import Continuity, Stability, continuous, stable
from fhir_mappings.exposure import currently_on


@dataclass(frozen=True, kw_only=True)
class ContinuousNode(Node):
    """At least one drug of the class on every day of the last so many; one may take over from another.

    No record is unknown, never false; a shortfall must be documented (spec 0.2). `unsure` drugs, where they alone would do, ask.
    """

    KEY: ClassVar[str] = "continuous"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"MedicationRequest", "MedicationStatement"})
    TYPES: ClassVar[frozenset[str]] = MEDICATION
    continuous: tuple[str, ...] = declare(kinds.SETS)
    for_: Duration = declare(kinds.DURATION)
    unsure: tuple[str, ...] = declare(kinds.SETS, ())

    def inputs(self) -> tuple[str, ...]:
        return (*self.continuous, *self.unsure)

    def judge(self, context: Context) -> Value:
        state = self._state(context, self.continuous)
        if state.truth is True or not self.unsure:
            return self._told(state, context)
        other = self._state(context, self.inputs())
        if other.truth is True:
            names = ", ".join(dict.fromkeys(one.origin.display for one in other.exposures if one.agent in self.unsure))
            return unsettled(f"{self.for_} only with {names}", cite(other.exposures))
        # Drugs that would only ask where they were taken for certain can't leave a shortfall where they may have been.
        return self._told(other if state.truth is False and other.truth is None else state, context)

    def _state(self, context: Context, sets: tuple[str, ...]) -> Continuity:
        return continuous(used_of(context, sets), self.for_, context.as_of, not context.unsearched(MEDICATION))

    def _told(self, state: Continuity, context: Context) -> Value:
        missing = Missing(self.continuous[0], f"{self.topic} over {self.for_}", f"ask about {self.topic}, also elsewhere")
        if not state.exposures:
            return no_drug(self, context, self.continuous, "open")
        if state.truth is True:
            notes = ("one drug took over from another",) if state.switched else ()
            told = cite(state.exposures, self._summary(state, context))
            return decided(True, f"{self.topic} since {state.first}", told, notes=notes)
        evidence = cite(state.exposures)
        if state.truth is False:
            flip = on_date(self.for_.after(state.first)) if state.first else STATE
            return decided(False, f"{self.topic} {state.reason}", evidence, flip)
        recheck = self.for_.after(state.first) if state.first else None
        return unsettled(f"{self.topic}: {state.reason}", evidence, review=state.review, missing=missing, recheck_on=recheck)

    def _summary(self, state: Continuity, context: Context) -> str:
        """`background therapy since 2024-06-05, now prednisone, methotrexate`: the whole stretch, not the date of one order."""
        used = {agent: tuple(one for one in state.exposures if one.agent == agent) for agent in {one.agent for one in state.exposures}}
        now = [name_of(held) for agent, held in sorted(used.items()) if currently_on(held, context.as_of).truth is True]
        return f"{self.topic} since {state.first}" + (f", now {', '.join(dict.fromkeys(now))}" if now else "")


@dataclass(frozen=True, kw_only=True)
class UnchangedNode(Node):
    """Every drug of the class that is taken has had one dose for so long; with `equivalents` all together, as prednisone.

    Not taken is met. A documented start, stop or change within the time is false until so long after it.
    """

    KEY: ClassVar[str] = "unchanged"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"MedicationRequest", "MedicationStatement"})
    TYPES: ClassVar[frozenset[str]] = MEDICATION
    unchanged: tuple[str, ...] = declare(kinds.SETS)
    for_: Duration = declare(kinds.DURATION)
    equivalents: bool = declare(kinds.FLAG, False)

    def inputs(self) -> tuple[str, ...]:
        return self.unchanged

    def judge(self, context: Context) -> Value:
        used = used_of(context, self.unchanged)
        states = [(unit, self._state(unit, context)) for unit in self._units(used)]
        values = [self._told(unit, state, context) for unit, state in states if state.taken]
        return logic.all_of(values) if values else not_taken(self, context, self.unchanged, used)

    def _units(self, used: Used) -> list[Used]:
        return [used] if self.equivalents and used else [{agent: held} for agent, held in used.items()]

    def _state(self, unit: Used, context: Context) -> Stability:
        return stable(unit, self.for_, context.as_of, in_prednisone if self.equivalents else plain_mg)

    def _told(self, unit: Used, state: Stability, context: Context) -> Value:
        name = self.topic if self.equivalents else name_of(next(iter(unit.values())))
        evidence = cite(state.exposures)
        if state.truth is True and (failed := context.failed(MEDICATION)):
            return not_whole(self, f"{name} unchanged for {self.for_}", evidence, failed)
        if state.truth is True:
            notes = (f"{name}: an equal dose of another drug took over",) if state.switched else ()
            return decided(True, f"{name} unchanged for {self.for_}", evidence, notes=notes)
        if state.truth is False:
            assert state.since is not None
            return decided(False, state.reason, evidence, on_date(self.for_.after(state.since)))
        what = worded(f"the dose of {name} over {self.for_}", state.exposures)
        missing = Missing(self.unchanged[0], what, f"ask for the dose of {name}")
        words = state.reason if state.reason.startswith(f"{name}: ") else f"{name}: {state.reason}"
        return unsettled(words, evidence, review=state.review, missing=missing)
