"""The services offered and their answers: a hook call into cards, one a trial that the patient may fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cds_service.errors import NotFound, Problem
from cds_service.hooks.cards import card, fits
from cds_service.hooks.prefetch import chart_of_prefetch
from cds_service.hooks.request import read_request

if TYPE_CHECKING:
    from cds_service.engine import Engine


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
    "Needs the prefetch keys patient and conditions; each further key makes fewer criteria unknown. Answers from the prefetch alone "
    "and calls no FHIR server."
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
)


def find_service(identifier: str) -> Service:
    """Raises NotFound."""
    for service in SERVICES:
        if service.id == identifier:
            return service
    raise NotFound(Problem("there is no CDS service of this id; GET /cds-services lists them"))


def answer(service: Service, body: dict[str, Any], engine: Engine) -> dict[str, Any]:
    """The CDS Hooks response. Raises RequestError, MissingData or ChartError."""
    request = read_request(body, service.hook, service.needed)
    chart = chart_of_prefetch(request.prefetch, request.patient)
    as_of = engine.today()
    cards = []
    for trial in engine.trials.values():
        if not trial.open:
            continue
        evaluation = engine.evaluate(trial, chart, as_of, in_scope_only=True)  # a card names only arms in scope
        if fits(evaluation):
            cards.append(card(evaluation, trial, request.instance))
    return {"cards": cards}
