"""The services offered and their answers: a hook call into cards, one a trial that the patient may fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cds_service.errors import NotFound, Problem
from cds_service.hooks.cards import card, fits
from cds_service.hooks.completion import complete
from cds_service.hooks.drafts import given_on
from cds_service.hooks.order_sign import losses, warning
from cds_service.hooks.prefetch import chart_of_prefetch
from cds_service.hooks.request import HookRequest, read_request
from cds_service.observe import metrics
from cds_service.observe.context import note
from cds_service.observe.logs import event

if TYPE_CHECKING:
    from cds_service.criteria.evaluation import Evaluation
    from cds_service.engine import Engine
    from cds_service.security.tenants import Tenant


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
    cards: list[dict[str, Any]]
    evaluations: list[Evaluation]

    def to_json(self) -> dict[str, Any]:
        """The CDS Hooks response."""
        return {"cards": self.cards}


def answer(service: Service, body: dict[str, Any], engine: Engine, tenant: Tenant | None = None) -> Answer:
    """Raises RequestError, MissingData or ChartError."""
    request = read_request(body, service.hook, service.needed)
    note(instance=request.instance)
    # Signing must not wait where no order could matter.
    if service.hook != "order-sign" or given_on(request.context, request.patient, engine.today()):
        request = complete(request, tenant, engine.trials.values())
    evaluations: list[Evaluation] = []
    cards = (_warnings if service.hook == "order-sign" else _cards)(request, engine, evaluations)
    note(cards=len(cards))
    return Answer(request, cards, evaluations)


def _cards(request: HookRequest, engine: Engine, made: list[Evaluation]) -> list[dict[str, Any]]:
    """A card for each open trial that the patient may fit; adds each Evaluation to those made."""
    chart = chart_of_prefetch(request.prefetch, request.patient)
    as_of = engine.today()
    cards = []
    for trial in engine.trials.values():
        if not trial.open:
            _count(trial.id, "trial-not-open")
            continue
        evaluation = engine.evaluate(trial, chart, as_of, in_scope_only=True)  # a card names only arms in scope
        made.append(evaluation)
        metrics.count_evaluation(evaluation)
        if fits(evaluation):
            cards.append(card(evaluation, trial, request.instance))
            _count(trial.id, "shown")
        else:
            _count(trial.id, evaluation.holds[0].code if evaluation.holds else evaluation.status)
    return cards


def _count(trial: str, outcome: str) -> None:
    metrics.count_card(trial, outcome)
    if outcome != "shown":
        event("card", trial=trial, suppressed=outcome)


def _warnings(request: HookRequest, engine: Engine, made: list[Evaluation]) -> list[dict[str, Any]]:
    """The patient as they are and as if the draft orders were given today: a card for each trial that would be lost."""
    as_of = engine.today()
    drafts = given_on(request.context, request.patient, as_of)
    if not drafts:
        return []
    chart = chart_of_prefetch(request.prefetch, request.patient)
    found = []
    for trial in engine.trials.values():
        before = engine.evaluate(trial, chart, as_of, in_scope_only=True)
        made.append(before)
        if not trial.open or not fits(before):
            continue
        after = engine.evaluate(trial, chart_of_prefetch(request.prefetch, request.patient, drafts), as_of, in_scope_only=True)
        lost = losses(before, after)
        if lost:
            found.append(warning(lost, before, trial, request.instance))
            metrics.count_card(trial.id, "shown")
    return found
