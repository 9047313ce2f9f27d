"""The services offered and their answers: a hook call into cards, one a trial that the patient may fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cds_service.audit.trail import Record, unrecorded
from cds_service.errors import NotFound, Problem, ServiceError
from cds_service.hooks.call import Call, Judged, call_of
from cds_service.hooks.cards import card, fits
from cds_service.hooks.drafts import Draft, drafts_of
from cds_service.hooks.request import read_request
from cds_service.hooks.signing import lost_by
from cds_service.hooks.warning import warning
from cds_service.observe import metrics
from cds_service.observe.context import note
from cds_service.observe.logs import failed
from fhir_mappings.chart import ChartError

if TYPE_CHECKING:
    from cds_service.alerts.desk import Desk
    from cds_service.alerts.suppressors import Case
    from cds_service.criteria.model import Trial
    from cds_service.engine import Engine
    from cds_service.security.tenants import Tenant
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


def answer(service: Service, body: Json, engine: Engine, desk: Desk, tenant: Tenant | None = None, record: Record = unrecorded) -> Json:
    """The CDS Hooks response. Raises RequestError, MissingData, ChartError or StoreDown."""
    request = read_request(body, service.hook, service.needed)
    note(instance=request.instance)
    cards = []
    if service.hook == "order-sign":
        # Signing must not wait where no order could matter.
        drafts = tuple(drafts_of(request.context, request.patient, engine.today(), engine.zone))
        cards = _warnings(call_of(request, engine, desk, tenant, record), drafts) if drafts else []
    else:
        cards = _cards(call_of(request, engine, desk, tenant, record))
    note(cards=len(cards))
    return {"cards": cards}


def _cards(call: Call) -> list[Json]:
    """A card for each open trial that the patient may fit, where the site's policy lets it through."""
    return [_card(call, one) for one in _judged(call, _evaluated) if call.shows(one)]


def _evaluated(call: Call, case: Case) -> Judged:
    evaluation = call.engine.judge(case.trial, case.inputs(), in_scope_only=True)  # a card names only arms in scope
    metrics.count_evaluation(evaluation)
    return call.judged(case, evaluation)


def _judged(call: Call, look: Callable[[Call, Case], Judged]) -> list[Judged]:
    """Every trial that nothing holds back before, looked at and audited; a call without one is audited too."""
    trials = call.live()
    found = _each(call.completed(trials), trials, look) if trials else []
    return call.audited(found)


def _each(call: Call, trials: Iterable[Trial], look: Callable[[Call, Case], Judged]) -> list[Judged]:
    """A fault of ours in one trial costs its card, never the others' (operations.md 2): the log and a count tell of it."""
    found = []
    for case in call.cases(trials):
        try:
            found.append(look(call, case))
        except (ServiceError, ChartError):  # the caller's to mend, and told as such
            raise
        except Exception as error:
            failed(error)
            call.failed(case.trial)
    return found


def _card(call: Call, one: Judged) -> Json:
    return card(one.evaluation, one.case.trial, one.result.card, call.policy.of(one.case.trial.id).contact)


def _warnings(call: Call, drafts: tuple[Draft, ...]) -> list[Json]:
    """The patient as they are and as if the draft orders were followed: a card for each trial that would be lost."""

    def look(call: Call, case: Case) -> Judged:
        before = call.engine.judge(case.trial, case.inputs(), in_scope_only=True)
        return call.judged(case, before, lost_by(call, case, before, drafts) if fits(before) else ())

    shown = [one for one in _judged(call, look) if one.lost and call.shows(one)]
    return [warning(one.lost, one.evaluation, one.case.trial, one.result.card) for one in shown]
