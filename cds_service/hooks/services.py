"""The services offered and their answers: a hook call into cards, one a trial that the patient may fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING

from cds_service.errors import NotFound, Problem
from cds_service.hooks.call import Call, call_of
from cds_service.hooks.cards import card, fits
from cds_service.hooks.drafts import Draft, drafts_of
from cds_service.hooks.order_sign import Signing, days_over
from cds_service.hooks.prefetch import chart_of_prefetch
from cds_service.hooks.request import HookRequest, read_request
from cds_service.hooks.warning import warning
from cds_service.observe import metrics
from cds_service.observe.context import note

if TYPE_CHECKING:
    from cds_service.alerts.desk import Desk
    from cds_service.criteria.evaluation import Evaluation
    from cds_service.criteria.model import Trial
    from cds_service.engine import Engine
    from cds_service.security.tenants import Tenant
    from fhir_mappings.chart import Chart
    from fhir_mappings.shapes import Json


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of discovery. A further hook is a further entry: `needed` names the context fields it requires."""

    id: str
    hook: str
    title: str
    description: str
    usage: str
    needed: tuple[str, ...] = ("patientId", "userId")


_USAGE = (
    "Needs the prefetch keys patient and conditions; each further key makes fewer criteria unknown. Keys that are not sent are fetched "
    "from fhirServer with the access token of the call, where the site has named that server; else the prefetch alone is used. "
    "What it rests on: GET /source-attributes/{trial}."
)
SERVICES = (
    Service(
        "trial-eligibility-patient-view",
        "patient-view",
        "Clinical trials this patient may fit",
        "When a chart is opened: shows a card for each open trial that the record speaks for and nothing in it speaks against, with the "
        "facts, what a person must confirm and what is missing. Shows nothing otherwise.",
        _USAGE,
    ),
    Service(
        "trial-eligibility-encounter-start",
        "encounter-start",
        "Clinical trials this patient may fit",
        "When an encounter begins: the same card as on opening the chart, so that the study team can be told while the patient is there.",
        _USAGE,
        ("patientId", "userId", "encounterId"),
    ),
    Service(
        "trial-eligibility-order-sign",
        "order-sign",
        "Orders that would keep a patient out of a trial",
        "When orders are signed for a patient who may fit a trial: says which order would newly speak against it, and from when the "
        "patient would fit again. Says nothing otherwise.",
        _USAGE,
    ),
)


def find_service(identifier: str) -> Service:
    """Raises NotFound."""
    for service in SERVICES:
        if service.id == identifier:
            return service
    raise NotFound(Problem("there is no CDS service of this id; GET /cds-services lists them"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, and what it rests on: the call as it was read and the patient's Evaluations, none where nothing was looked at."""

    request: HookRequest
    cards: list[Json] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)

    def to_json(self) -> Json:
        """The CDS Hooks response."""
        return {"cards": self.cards}


def answer(service: Service, body: Json, engine: Engine, desk: Desk, tenant: Tenant | None = None) -> Answer:
    """Raises RequestError, MissingData, ChartError or StoreDown."""
    request = read_request(body, service.hook, service.needed)
    note(instance=request.instance)
    found = Answer(request)
    if service.hook == "order-sign":
        # Signing must not wait where no order could matter.
        drafts = tuple(drafts_of(request.context, request.patient, engine.today(), engine.zone))
        if drafts:
            _warnings(call_of(request, engine, desk, tenant), drafts, found)
    else:
        _cards(call_of(request, engine, desk, tenant), found)
    note(cards=len(found.cards))
    return found


def _cards(call: Call, into: Answer) -> None:
    """A card for each open trial that the patient may fit, where the site's policy lets it through."""
    trials = call.live()
    if not trials:
        return
    call = call.completed(trials)
    for case in call.cases(trials):
        evaluation = call.engine.judge(case.trial, case.inputs(), in_scope_only=True)  # a card names only arms in scope
        into.evaluations.append(evaluation)
        metrics.count_evaluation(evaluation)
        if call.shows(case, evaluation):
            into.cards.append(card(evaluation, case.trial, call.card_id(evaluation, case.trial), call.policy.of(case.trial.id).contact))


def _warnings(call: Call, drafts: tuple[Draft, ...], into: Answer) -> None:
    """The patient as they are and as if the draft orders were followed: a card for each trial that would be lost."""
    trials = call.live()
    if not trials:
        return
    call = call.completed(trials)
    for case in call.cases(trials):
        before = call.engine.judge(case.trial, case.inputs(), in_scope_only=True)
        into.evaluations.append(before)
        if not fits(before):
            continue
        records = [record for draft in drafts for record in draft.records]
        signed = chart_of_prefetch(call.request.prefetch, call.request.patient, records)
        now, then = partial(_evaluated, call, case.trial, call.chart), partial(_evaluated, call, case.trial, signed)
        lost = Signing(before, now, then, drafts, cache(partial(_ends, signed, drafts, call))).losses()
        if lost and call.shows(case, before, {loss.key(case.as_of) for loss in lost}):
            into.cards.append(warning(lost, before, case.trial, call.card_id(before, case.trial)))


def _evaluated(call: Call, trial: Trial, chart: Chart, day: date) -> Evaluation:
    return call.engine.evaluate(trial, chart, day, in_scope_only=True)


def _ends(signed: Chart, drafts: tuple[Draft, ...], call: Call) -> tuple[date, ...]:
    """The days on which something that was ordered is over."""
    references = frozenset().union(*(draft.references for draft in drafts))
    mapped = call.engine.map(signed, call.engine.today())
    held = [one for exposures in mapped.exposures.values() for one in exposures if one.origin.reference in references]
    segments = [segment.last for one in held for segment in one.doses]
    return days_over(bound.last for bound in (*segments, *(one.end for one in held)) if bound)
