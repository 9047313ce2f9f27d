"""Allergies and their severity into a Value: `allergy` (E-15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.evaluation import Missing
from cds_service.criteria.fields import declare
from cds_service.criteria.node import Context, Node, evidence_of
from cds_service.criteria.nodes.absence import absent
from cds_service.criteria.nodes.records import cite, gather
from cds_service.criteria.nodes.windows import EVER
from cds_service.criteria.value import Value, blank, decided, presumed, unsettled
from fhir_mappings.inputs import Record, Standing

_LIST = frozenset({"AllergyIntolerance"})


@dataclass(frozen=True, kw_only=True)
class AllergyNode(Node):
    """Whether an allergy to one of the substances was of grade 3 or 4.

    FHIR's severity is not CTCAE's grade: a `life_threatening` manifestation leans true, `severe` or nothing said asks,
    mild or moderate is false. A reported adverse event asks; a life-threatening one leans true. With `any_grade` every
    record of the list leans true. Without an allergy list it is unknown; an asserted "no known allergy" (one in words
    asks), or a list that names none of the substances, is false.
    """

    KEY: ClassVar[str] = "allergy"
    TYPES: ClassVar[frozenset[str]] = _LIST
    allergy: tuple[str, ...] = declare(kinds.SETS)
    life_threatening: tuple[str, ...] = declare(kinds.SETS, ())
    any_grade: bool = declare(kinds.FLAG, False)

    def inputs(self) -> tuple[str, ...]:
        return (*self.allergy, *self.life_threatening)

    def judge(self, context: Context) -> Value:
        found = gather(context, self.allergy, ("AllergyIntolerance", "AdverseEvent"))
        records = [one for one in found if one.standing is not Standing.REFUTED and not one.planned]
        graded = [(one, self._grade(one)) for one in records]
        asking = [(one, lean) for one, lean in graded if lean is not False]
        if asking:
            lean = True if any(one is True for _, one in asking) else None
            why = "; ".join(_told(one) for one, _ in asking)
            return unsettled(f"{why}: grade to be confirmed", tuple(cite(one) for one, _ in asking), lean=lean)
        if records:
            return decided(False, f"allergy to {records[0].origin.display}, not severe", tuple(cite(one) for one in records))
        return self._none(context)

    def _grade(self, record: Record) -> bool | None:
        """True: leans to grade 3-4; None: asks; False: mild or moderate."""
        if record.type == "AdverseEvent":
            return True if record.about & set(self.life_threatening) else None
        # A code that is in no list of ours counts as one here where its own words name the substance.
        is_coded = record.standing is not Standing.TEXT or any(system for system, _ in record.codes)
        if is_coded and (self.any_grade or record.about & set(self.life_threatening)):
            return True
        return False if record.severity in ("mild", "moderate") and record.standing is not Standing.TEXT else None

    def _none(self, context: Context) -> Value:
        stated = context.inputs.no_allergies
        if context.unsearched(_LIST):
            return absent(self, context, self.allergy, _LIST, "open", EVER)
        missing = Missing("AllergyIntolerance", "an allergy list", "take the allergy history")
        if context.inputs.allergies.unnamed:
            return blank("the allergy list has an entry that names nothing readable", self.topic, missing)
        if stated is not None and stated.grade == "coded":
            return decided(False, "no known allergy", (evidence_of(stated, None),))
        if context.inputs.allergies.named:
            return presumed(self.topic)
        if stated is not None:
            return unsettled(f"{stated.display}: named in words only", (evidence_of(stated, None),), missing=missing)
        return blank("no allergy list", self.topic, missing)


def _told(record: Record) -> str:
    if record.type == "AdverseEvent":
        return f"adverse event: {record.origin.display}"
    return f"allergy to {record.origin.display}" + (f" ({record.reaction})" if record.reaction else "")
