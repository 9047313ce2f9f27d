"""Cell counts after a last dose into a Value: `recovered` (E-11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.evaluation import Missing
from cds_service.criteria.fields import declare
from cds_service.criteria.node import Context, Node
from cds_service.criteria.nodes.drugs import MEDICATION, used_of
from cds_service.criteria.nodes.pool import cite, pool, sure, told
from cds_service.criteria.nodes.windows import EVER
from cds_service.criteria.value import Value, blank, decided, unsettled
from fhir_mappings.exposure import LastDose, last_dose
from fhir_mappings.inputs import Exposure, Result


@dataclass(frozen=True, kw_only=True)
class RecoveredNode(Node):
    """Whether cell counts after the last dose are back at their lower limit or at the count before treatment (E-11).

    Of each kind of count the newest day's results count, and all of them must say the same; a result that may be newer
    and is not final asks. Without a later count it is unknown and leans false (ruling 4); a percentage alone asks.
    """

    KEY: ClassVar[str] = "recovered"
    ONLY_INPUTS: ClassVar[bool] = True
    TYPES: ClassVar[frozenset[str]] = MEDICATION
    recovered: tuple[str, ...] = declare(kinds.SETS)
    since: tuple[str, ...] = declare(kinds.SETS)
    percent: tuple[str, ...] = declare(kinds.SETS, ())

    def inputs(self) -> tuple[str, ...]:
        return (*self.recovered, *self.since, *self.percent)

    def judge(self, context: Context) -> Value:
        exposures = tuple(one for held in used_of(context, self.since).values() for one in held)
        dose = last_dose(exposures, context.as_of)
        if dose.interval is None:
            return blank("no dose to recover from", self.topic)
        later = {name: _later(context, name, dose) for name in self.recovered}
        if any(later.values()):
            return self._by_counts({name: held for name, held in later.items() if held}, exposures, context)
        shares = [one for name in self.percent for one in _later(context, name, dose)]
        missing = Missing(self.recovered[0], f"{self.topic} after the last dose", f"order {self.topic}")
        if shares:
            return unsettled(f"{told(shares[-1])}: a percentage without a count", (cite(shares[-1]),), missing=missing)
        return unsettled(f"no {self.topic} after the last dose", lean=False, missing=missing)

    def _by_counts(self, later: dict[str, list[Result]], exposures: tuple[Exposure, ...], context: Context) -> Value:
        firsts = [one.start.first for one in exposures if one.start]
        newest = {name: _newest(held) for name, held in later.items()}
        reached = {_reached(one, _baseline(context, name, min(firsts, default=None))) for name, held in newest.items() for one in held}
        counts = [one for held in newest.values() for one in held]
        words, evidence = "; ".join(told(one) for one in counts), tuple(cite(one) for one in counts)
        if len(reached) > 1:
            return unsettled(f"{words}: they do not say the same", evidence)
        back = reached.pop()
        if back is None:
            return unsettled(f"{words}: not final, or no lower limit or earlier count to compare with", evidence)
        return decided(back, f"{words}: {'recovered' if back else 'not recovered'}", evidence)


def _later(context: Context, name: str, dose: LastDose) -> list[Result]:
    """The results that may be from after the last dose."""
    assert dose.interval is not None
    found = pool(context, (name,), EVER)
    return [one for one in found.inside + found.perhaps if one.when is None or one.when.last > dose.interval.last]


def _newest(results: list[Result]) -> list[Result]:
    """Those that may be of the newest day; an undated one may be."""
    day = max((one.when.first for one in results if one.when), default=date.min)
    return [one for one in results if one.when is None or one.when.last >= day]


def _baseline(context: Context, name: str, begun: date | None) -> Result | None:
    """The last certain count of this kind from before the first dose."""
    before = [
        one
        for one in pool(context, (name,), EVER).inside
        if sure(one) and begun and one.when and one.when.last < begun and one.value and one.value.exact is not None
    ]
    return before[-1] if before else None


def _reached(count: Result, baseline: Result | None) -> bool | None:
    """Whether a count is at its own lower limit or at the earlier count; None where that can't be told."""
    if not sure(count) or count.value is None or count.when is None:
        return None
    limits = [count.lower, baseline.value.exact if baseline and baseline.value else None]
    reached = {count.value.at_least(limit) for limit in limits if limit is not None}
    if True in reached:
        return True
    return None if not reached or None in reached else False
