"""A Case of a Call and its draft orders into what signing them would cost the patient there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING

from cds_service.hooks.order_sign import Loss, Signing, days_over
from cds_service.hooks.prefetch import chart_of_prefetch
from fhir_mappings.shapes import Json, as_dict

if TYPE_CHECKING:
    from cds_service.alerts.suppressors import Case
    from cds_service.criteria.evaluation import Evaluation
    from cds_service.hooks.call import Call
    from cds_service.hooks.drafts import Draft
    from fhir_mappings.chart import Chart
    from fhir_mappings.inputs import Exposure


def lost_by(call: Call, case: Case, before: Evaluation, drafts: tuple[Draft, ...]) -> tuple[Loss, ...]:
    """The chart as it is, `before`, against the chart with the records that the orders would become."""
    followed = _Followed(call, drafts)

    def then(day: date) -> Evaluation:
        return _evaluated(call, case, followed.chart(day), day)

    now = partial(_evaluated, call, case, call.chart)
    return Signing(before, now, then, drafts, lambda: days_over(followed.ends)).losses()


@dataclass(frozen=True)
class _Followed:
    """The chart as it would be were the orders followed, and ended with the last day that they name."""

    call: Call
    drafts: tuple[Draft, ...]

    def chart(self, day: date) -> Chart:
        records = [record for draft in self.drafts for record in draft.records]
        over = {reference: last for reference, last in self._over.items() if last < day} if day > self.call.engine.today() else {}
        told = [_ended(one, over.get(f"{one['resourceType']}/{one['id']}")) for one in records]
        return chart_of_prefetch(self.call.request.prefetch, self.call.request.patient, told)

    @property
    def ends(self) -> tuple[date, ...]:
        """The days on which something that was ordered is over."""
        segments = [segment.last for one in self._held for segment in one.doses]
        return tuple(bound.last for bound in (*segments, *(one.end for one in self._held)) if bound)

    @cached_property
    def _held(self) -> tuple[Exposure, ...]:
        references = frozenset().union(*(draft.references for draft in self.drafts))
        today = self.call.engine.today()
        mapped = self.call.engine.map(self.chart(today), today)
        return tuple(one for held in mapped.exposures.values() for one in held if one.origin.reference in references)

    @cached_property
    def _over(self) -> dict[str, date]:
        """By reference, the last day of the orders whose every instruction has one."""
        bounded = [one for one in self._held if one.doses and all(segment.last for segment in one.doses)]
        return {one.origin.reference: max(segment.last.last for segment in one.doses if segment.last) for one in bounded}


def _ended(record: Json, last: date | None) -> Json:
    if last is None or record["resourceType"] not in ("MedicationRequest", "MedicationStatement"):
        return record
    period = {**as_dict(record.get("effectivePeriod")), "end": last.isoformat()}
    return {**record, "status": "completed"} | ({"effectivePeriod": period} if "effectivePeriod" in record else {})


def _evaluated(call: Call, case: Case, chart: Chart, day: date) -> Evaluation:
    return call.engine.evaluate(case.trial, chart, day, in_scope_only=True)
