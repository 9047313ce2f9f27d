"""The engine and made-up patients into the demo's pages, as a Flask blueprint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

import orjson
from flask import Blueprint, Response, abort, render_template, request
from markdown_it import MarkdownIt
from markupsafe import Markup

from cds_service.hooks.keys import asked
from cds_service.hooks.left import left_of, left_to_settle
from cds_service.looks import GROUP_LOOKS, SHOWN_LOOKS, TAGS, style, verdict_words
from cds_service.web import views
from cds_service.web.caseload import Case, Caseload, DemoPatient
from cds_service.web.drug_history import drug_history
from cds_service.web.drug_history_svg import svg
from cds_service.web.snapshot import banner, snapshot
from cds_service.web.wire import SERVICE, hook_request
from fhir_mappings.chart import Chart, Entry

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial
    from cds_service.engine import Engine

# Nothing from elsewhere, nothing inline, no frames: what a chart or a card says can't become code on the page.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# HTML in a card's Markdown is shown as text; an image would call out to wherever it lies.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def create_demo_blueprint(engine: Engine, patients: Iterable[DemoPatient]) -> Blueprint:
    """The list of patients at `/`, a page for each, and what their script asks for."""
    load = Caseload(engine, patients)
    routes = Blueprint("demo", __name__, template_folder="templates", static_folder="static", static_url_path="/demo/static")
    looks = {"status_looks": SHOWN_LOOKS, "group_looks": GROUP_LOOKS, "tags": TAGS, "said": verdict_words}
    routes.context_processor(lambda: {"trial": load.trial, **looks})
    _add_pages(routes, load, engine)
    _add_data(routes, load, engine)
    _add_frame(routes)
    return routes


def _add_pages(routes: Blueprint, load: Caseload, engine: Engine) -> None:
    @routes.get("/")
    def patients() -> str:
        cases = list(load.cases().values())
        rows = [(case, banner(case.chart, case.evaluation.as_of)) for case in cases]
        evaluations = [case.evaluation for case in cases]
        return render_template("patients.html", rows=rows, bars=views.bars(evaluations), arms=evaluations[0].arms if evaluations else ())

    @routes.get("/patients/<identifier>")
    def patient(identifier: str) -> str:
        case = _find(load, identifier)
        found = case.evaluation
        return render_template(
            "patient.html",
            case=case,
            evaluation=found,
            banner=banner(case.chart, found.as_of),
            snapshot=snapshot(case.chart),
            groups={arm.id: views.groups(arm) for arm in found.arms},
            group_of=views.group_of,
            action=views.action,
            first_arm=views.first_arm(found),
            silence=views.silence(found, load.trial.open),
            headline=left_to_settle(found, load.trial).words,
            left={
                arm.id: {"person": count.confirm, "data": count.missing}
                for arm in found.arms
                for count in [left_of(arm.criteria, load.trial)]
            },
            questions={one.id: one for one in load.trial.questions},
            history=Markup(_history(case, load.trial, engine)),  # built of escaped text only
            service=f"/cds-services/{SERVICE}",
        )


def _history(case: Case, trial: Trial, engine: Engine) -> str:
    """The drug history as an SVG drawing; '' where no drug of the trial is recorded."""
    inputs = engine.map(case.chart, case.evaluation.as_of)
    arms = [arm.id for arm in case.evaluation.arms if arm.status != "out-of-scope"]
    return svg(drug_history(inputs, trial, engine.terminology.value_sets, arms))


def _add_data(routes: Blueprint, load: Caseload, engine: Engine) -> None:
    @routes.get("/patients/<identifier>/request.json")
    def hook_call(identifier: str) -> Response:
        types = frozenset(name for trial in engine.trials.values() for name in trial.resource_types)
        # One instance a patient: a page opened again is the same call, and the card that was shown is shown again.
        return _json(hook_request(_find(load, identifier).chart, asked(types), str(uuid5(NAMESPACE_URL, identifier))))

    @routes.get("/patients/<identifier>/resource")
    def resource(identifier: str) -> Response:
        entry = _entry(_find(load, identifier).chart, request.args.get("ref", ""))
        return _json(entry.resource) if entry else abort(404)

    @routes.get("/demo/looks.css")
    def looks() -> Response:
        return Response(style(), mimetype="text/css")

    @routes.post("/demo/markdown")
    def markdown() -> Response:
        return Response(_MARKDOWN.render(request.get_data(as_text=True)), mimetype="text/html")


def _find(load: Caseload, identifier: str) -> Case:
    return load.cases().get(identifier) or abort(404)


def _entry(chart: Chart, reference: str) -> Entry | None:
    """By any reference that the chart can follow, or by the name that stands in for one."""
    every = (entry for entries in chart.entries.values() for entry in entries)
    return chart.resolve(reference) or next((entry for entry in every if entry.reference == reference), None)


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), mimetype="application/json")


def _add_frame(routes: Blueprint) -> None:
    @routes.errorhandler(404)
    def not_found(_: Exception) -> tuple[str, int]:
        return render_template("not_found.html"), 404

    @routes.after_request
    def protect(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer
