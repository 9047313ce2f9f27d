"""The plain API as a Flask blueprint: a Bundle in, an Evaluation out; a trial's Questionnaire and source attributes; the JSON Schema."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, g, request

from cds_service.audit.events import NO_TENANT, Action, Event, Finding
from cds_service.audit.trail import Record, unrecorded
from cds_service.bodies import json_object
from cds_service.criteria.questionnaire import questionnaire
from cds_service.errors import NotFound, Problem, RequestError
from cds_service.observe import metrics
from cds_service.sheets import POLICY, page
from cds_service.source_attributes.markdown import markdown
from cds_service.source_attributes.sheet import source_attributes
from fhir_mappings.chart import chart_of_bundle

if TYPE_CHECKING:
    from cds_service.config import Settings
    from cds_service.criteria.evaluation import Evaluation
    from cds_service.criteria.model import Trial
    from cds_service.engine import Engine

# A look-back from, or a recheck after, a year at the calendar's own ends would fall out of it.
YEARS = (1900, 2199)


def blueprint(settings: Settings, engine: Engine, record: Record = unrecorded) -> Blueprint:
    """The routes over one engine. `record` takes what is to be audited before the answer goes out."""
    routes = Blueprint("api", __name__)
    schema = (files("cds_service") / "schemas" / "evaluation.schema.json").read_bytes()

    def known(trial: str) -> Trial:
        found = engine.trials.get(trial)
        if found is None:
            raise NotFound(Problem(f"no such trial; known: {', '.join(sorted(engine.trials))}"))
        return found

    @routes.post("/api/trials/<trial>/evaluate")
    def evaluate(trial: str) -> Response:
        found = known(trial)
        as_of = read_as_of(request.args.getlist("asOf")) or engine.today()
        encoding = request.headers.get("Content-Encoding", "")
        body = json_object(request.mimetype, encoding, request.get_data(cache=False), settings.body_limit)
        evaluation = engine.evaluate(found, chart_of_bundle(body), as_of)
        metrics.count_evaluation(evaluation)
        record(_event(evaluation))
        return Response(orjson.dumps(evaluation.to_json()), mimetype="application/json")

    @routes.get("/api/trials/<trial>/questionnaire")
    def form(trial: str) -> Response:
        return Response(orjson.dumps(questionnaire(known(trial))), mimetype="application/fhir+json")

    @routes.get("/source-attributes/<trial>")
    def attributes(trial: str) -> Response:
        found = source_attributes(known(trial), engine.terminology.value_sets)
        return _json_or_page(found, f"Source attributes of {found['definition']}", markdown(found))

    @routes.get("/schemas/evaluation.json")
    def evaluation_schema() -> Response:
        return Response(schema, mimetype="application/schema+json")

    return routes


def _event(evaluation: Evaluation) -> Event:
    tenant = g.tenant.id if "tenant" in g else NO_TENANT
    finding = Finding(evaluation.definition, evaluation.status)
    details = {"asOf": evaluation.as_of.isoformat()}
    return Event(Action.API, tenant, evaluation.patient, request=g.request_id, findings=(finding,), details=details)


def _json_or_page(value: object, title: str, text: str) -> Response:
    """As the caller prefers: browsers ask for HTML, all others get JSON."""
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        answer = Response(page(title, text), mimetype="text/html")
        answer.headers["Content-Security-Policy"] = POLICY
    else:
        answer = Response(orjson.dumps(value), mimetype="application/json")
    answer.headers.add("Vary", "Accept")
    return answer


def read_as_of(given: list[str]) -> date | None:
    """The day of `?asOf=`; None where it is not given. Raises RequestError."""
    if not given:
        return None
    wrong = RequestError(Problem(f"must be one day such as 2026-11-22, from {YEARS[0]} to {YEARS[1]}", "asOf"))
    if len(given) > 1 or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given[0]):
        raise wrong
    try:
        day = date.fromisoformat(given[0])
    except ValueError:
        raise wrong from None
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise wrong
    return day
