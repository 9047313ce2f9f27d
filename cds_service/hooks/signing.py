"""A Case of a Call and its draft orders into what signing them would cost the patient there."""

from __future__ import annotations

from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING

from cds_service.hooks.order_sign import Loss, Signing, days_over
from cds_service.hooks.prefetch import chart_of_prefetch

if TYPE_CHECKING:
    from cds_service.alerts.suppressors import Case
    from cds_service.criteria.evaluation import Evaluation
    from cds_service.hooks.call import Call
    from cds_service.hooks.drafts import Draft
    from fhir_mappings.chart import Chart


def lost_by(call: Call, case: Case, before: Evaluation, drafts: tuple[Draft, ...]) -> tuple[Loss, ...]:
    """The chart as it is, `before`, against the chart with the records that the orders would become."""
    records = [record for draft in drafts for record in draft.records]
    signed = chart_of_prefetch(call.request.prefetch, call.request.patient, records)
    now, then = partial(_evaluated, call, case, call.chart), partial(_evaluated, call, case, signed)
    return Signing(before, now, then, drafts, cache(partial(_ends, signed, drafts, call))).losses()


def _evaluated(call: Call, case: Case, chart: Chart, day: date) -> Evaluation:
    return call.engine.evaluate(case.trial, chart, day, in_scope_only=True)


def _ends(signed: Chart, drafts: tuple[Draft, ...], call: Call) -> tuple[date, ...]:
    """The days on which something that was ordered is over."""
    references = frozenset().union(*(draft.references for draft in drafts))
    mapped = call.engine.map(signed, call.engine.today())
    held = [one for exposures in mapped.exposures.values() for one in exposures if one.origin.reference in references]
    segments = [segment.last for one in held for segment in one.doses]
    return days_over(bound.last for bound in (*segments, *(one.end for one in held)) if bound)
