"""A hook request into a Call: its chart, its past and the trials still in question, and each card shown or held back with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

from cds_service.alerts.ledger import Past, Serving
from cds_service.alerts.suppressors import Case, Result, closed, held_after, held_before
from cds_service.alerts.verdict import verdict_of
from cds_service.alerts.visit import visit_of
from cds_service.audit.events import NO_TENANT, Action, Event, Finding
from cds_service.audit.trail import Record, unrecorded
from cds_service.hooks.cards import card_id
from cds_service.hooks.completion import complete
from cds_service.hooks.items import unsettled
from cds_service.hooks.prefetch import chart_of_prefetch, resources_of, whole_keys
from cds_service.observe import metrics
from cds_service.observe.context import noted
from cds_service.observe.logs import event

if TYPE_CHECKING:
    from cds_service.alerts.desk import Desk
    from cds_service.alerts.policy import Policy
    from cds_service.criteria.evaluation import Evaluation
    from cds_service.criteria.model import Trial
    from cds_service.engine import Engine
    from cds_service.hooks.order_sign import Loss
    from cds_service.hooks.request import HookRequest
    from cds_service.security.tenants import Tenant
    from fhir_mappings.chart import Chart

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with its Evaluation, and why no card is shown; '' for one that is. `lost`: what signing would cost, of a warning."""

    case: Case
    result: Result
    held: str
    lost: tuple[Loss, ...] = ()

    @property
    def evaluation(self) -> Evaluation:
        return self.result.evaluation


@dataclass(frozen=True)
class Call:
    """One hook call. The chart is read, and mapped, when first needed: a service that is switched off reads nothing.

    `unjudged`: trials that were not evaluated, for the audit.
    """

    request: HookRequest
    engine: Engine
    desk: Desk
    tenant: Tenant | None
    past: Past
    record: Record = unrecorded
    unjudged: list[Finding] = field(default_factory=list)

    @property
    def site(self) -> str:
        return self.tenant.id if self.tenant else NO_TENANT

    @property
    def policy(self) -> Policy:
        return self.desk.policy(self.site)

    def live(self) -> list[Trial]:
        """The trials that take patients here; of the others the log is told why not."""
        found = []
        for trial in self.engine.trials.values():
            why = closed(trial, self.mode(trial), self.policy.of(trial.id), self.engine.today())
            found += [] if self._held(trial, why) else [trial]
        return found

    def _held(self, trial: Trial, why: str) -> bool:
        _tell(trial, why)
        if why:
            self.unjudged.append(Finding(trial.definition, "", why))
        return bool(why)

    def failed(self, trial: Trial) -> None:
        """A fault of ours took the trial's card; a count tells of it."""
        metrics.count_card(trial.id, FAILED)
        self.unjudged.append(Finding(trial.definition, "", FAILED))

    def mode(self, trial: Trial) -> str:
        return self.desk.mode(self.past, self.site, trial.id)

    def completed(self, trials: Iterable[Trial]) -> Call:
        """With what the prefetch lacks, where the site allows it to be fetched."""
        return replace(self, request=complete(self.request, self.tenant, trials))

    @cached_property
    def chart(self) -> Chart:
        return chart_of_prefetch(self.request.prefetch, self.request.patient)

    def cases(self, trials: Iterable[Trial]) -> Iterator[Case]:
        """Those that nothing holds back before an evaluation."""
        as_of, chart = self.engine.today(), self.chart
        inputs = cache(lambda: self.engine.map(chart, as_of))
        policy, visit = self.policy, visit_of(self.request.user, self.request.context.get("encounterId"), chart)
        flags = resources_of(self.request.prefetch, "Flag", self.request.patient) if policy.do_not_contact_flags else ()
        whole = whole_keys(self.request.prefetch, policy.do_not_contact_keys)
        for trial in trials:
            case = Case(
                trial, policy, self.mode(trial), self.request.hook, visit, chart, flags, whole, inputs, self.past, as_of, self.engine.zone
            )
            if not self._held(trial, held_before(case)):
                yield case

    def card_id(self, evaluation: Evaluation, trial: Trial) -> str:
        """The same call answered twice gives the same card, so that feedback on either is feedback on it; no two calls share one."""
        return str(card_id(evaluation, trial, "|".join((self.site, self.request.hook, self.request.instance))))

    def judged(self, case: Case, evaluation: Evaluation, lost: tuple[Loss, ...] | None = None) -> Judged:
        """Writes nothing down yet. `lost` is None where no orders are looked at."""
        verdict = self.desk.ledger.digest(verdict_of(evaluation, {loss.key(case.as_of) for loss in lost or ()}))
        result = Result(evaluation, verdict, len(unsettled(evaluation)), self.card_id(evaluation, case.trial))
        return Judged(case, result, held_after(case, result) or ("nothing-lost" if lost == () else ""), lost or ())

    def audited(self, found: list[Judged]) -> list[Judged]:
        """The same, once the audit has them and the trials that were not evaluated, in one event: before a card stands in the ledger,
        which would not be shown again. Raises StoreDown."""
        judged = (Finding(one.evaluation.definition, one.evaluation.status, one.held or "card") for one in found)
        if findings := (*judged, *self.unjudged):
            self.record(self._event(Action.HOOK if found else Action.HELD, findings))
        return found

    def _event(self, action: Action, findings: tuple[Finding, ...]) -> Event:
        call, request = self.request, str(noted().get("request", ""))
        details = {"hook": call.hook}
        return Event(action, self.site, call.patient, call.user, "", request, call.instance, findings, details)

    def shows(self, one: Judged) -> bool:
        """Whether the card is shown; then it stands in the ledger."""
        held = one.held
        if not held and not self.desk.ledger.serve(self.site, self.past, _serving(one.case, one.result)):
            held = "already-shown"
        _tell(one.case.trial, held or "shown")
        return not held


def call_of(request: HookRequest, engine: Engine, desk: Desk, tenant: Tenant | None, record: Record = unrecorded) -> Call:
    """Raises StoreDown: without the ledger nothing is shown. `record` takes what is to be audited."""
    site = tenant.id if tenant else NO_TENANT
    return Call(request, engine, desk, tenant, desk.ledger.past(site, request.patient, request.user), record)


def _serving(case: Case, result: Result) -> Serving:
    department = min(case.visit.departments, default="")
    return Serving(result.card, case.trial.id, result.evaluation.definition, case.hook, result.verdict, department)


def _tell(trial: Trial, outcome: str) -> None:
    """A count of each card shown or held back; a line where it was held back."""
    if not outcome:
        return
    metrics.count_card(trial.id, outcome)
    if outcome != "shown":
        event("card", trial=trial.id, suppressed=outcome)
