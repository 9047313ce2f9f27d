"""The records of an arm's disease, and of what excludes it, into a Value: `diagnosis`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.fields import declare
from cds_service.criteria.node import Context, Node
from cds_service.criteria.nodes.records import RecordNode, cite, gather, named
from cds_service.criteria.value import Value, decided, unsettled
from fhir_mappings.inputs import Record, Standing


class _DiagnosedNode(RecordNode):
    """What a report concludes makes nobody a patient with the disease: it opens no arm."""

    FOUND: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, kw_only=True)
class DiagnosisNode(Node):
    """The arm's diagnosis: true by a confirmed record, false where only refuted or excluded ones stand (spec head, status 1).

    `conflicts` (drug-induced disease) beside the diagnosis asks, alone it excludes; `against` alone excludes (or only
    leans, with `excluded: lean-false`, and then words do too); `unsure` asks. The words of a record coded as the diagnosis,
    or as the `wider` one, may name a form that conflicts, as a record of that form would; where the words of every such
    record name what is `against` it instead, they ask. False or blank puts the arm out of scope.
    """

    KEY: ClassVar[str] = "diagnosis"
    ONLY_INPUTS: ClassVar[bool] = True
    diagnosis: tuple[str, ...] = declare(kinds.SETS)
    wider: tuple[str, ...] = declare(kinds.SETS, ())
    conflicts: tuple[str, ...] = declare(kinds.SETS, ())
    against: tuple[str, ...] = declare(kinds.SETS, ())
    unsure: tuple[str, ...] = declare(kinds.SETS, ())
    excluded: str = declare(kinds.choice("false", "lean-false"), "false")

    def inputs(self) -> tuple[str, ...]:
        return (*self.diagnosis, *self.wider, *self.conflicts, *self.against, *self.unsure)

    @cached_property
    def _recorded(self) -> RecordNode:
        return _DiagnosedNode(record=self.diagnosis, label=self.label, policy="open", one_disease=True)

    @cached_property
    def _conflicting(self) -> RecordNode:
        return RecordNode(record=self.conflicts, policy="open")

    @cached_property
    def _unsure(self) -> RecordNode:
        return _DiagnosedNode(record=self.unsure, policy="open")

    def judge(self, context: Context) -> Value:
        found = self._recorded.judge(context)
        conflict = self._conflicting.judge(context) if self.conflicts else None
        if found.truth is True and conflict is not None and not conflict.blank and conflict.truth is not False:
            return unsettled("diagnosis and an excluded form are both recorded", found.evidence + conflict.evidence)
        if found.truth is True and (worded := self._worded(context, self.diagnosis) or self._worded_against(context)):
            words = "; ".join(f"coded as {self.topic}, but worded “{one.origin.display}”" for one in worded)
            return unsettled(words, tuple(cite(one) for one in worded))
        if found.truth is not None or found.review:
            return found
        refuted = [one for one in gather(context, self.diagnosis) if one.standing is Standing.REFUTED and not one.planned]
        return self._without(found, refuted, context)

    def _worded(self, context: Context, sets: tuple[str, ...]) -> list[Record]:
        """Records of these codes whose words name a form that conflicts, and do not name the diagnosis too."""
        return [one for one in _held(context, sets) if self._names(one, self.conflicts)]

    def _worded_against(self, context: Context) -> list[Record]:
        """All records of the diagnosis, where each is worded as something else (cutaneous lupus beside SLE is no conflict)."""
        held = _held(context, self.diagnosis)
        return held if all(self._names(one, self.against) for one in held) else []

    def _names(self, record: Record, sets: tuple[str, ...]) -> bool:
        return not record.worded.isdisjoint(sets) and record.worded.isdisjoint(self.diagnosis)

    def _without(self, found: Value, refuted: list[Record], context: Context) -> Value:
        """No usable record of the diagnosis: refuted, doubtful, excluded, or nothing at all."""
        unsure = self._unsure.judge(context) if self.unsure else found
        if unsure.truth is True or unsure.review:
            return unsettled(f"recorded, but not as {self.topic}: " + "; ".join(one.text for one in unsure.reasons), unsure.evidence)
        if refuted:
            return decided(False, f"{self.topic} refuted", tuple(cite(one) for one in refuted))
        firm = (Standing.CONFIRMED,) if self.excluded == "false" else (Standing.CONFIRMED, Standing.TEXT)
        others = gather(context, (*self.conflicts, *self.against))
        excluded = [one for one in others if one.standing in firm and not one.planned]
        excluded += [one for one in self._worded(context, self.wider) if one not in excluded]
        if not excluded:
            return found
        words, evidence = "; ".join(named(one) for one in excluded) + f" is not {self.topic}", tuple(cite(one) for one in excluded)
        return decided(False, words, evidence) if self.excluded == "false" else unsettled(words, evidence, lean=False)


def _held(context: Context, sets: tuple[str, ...]) -> list[Record]:
    return [one for one in gather(context, sets) if one.standing is Standing.CONFIRMED and not one.planned]
