"""What each path does, asks for and answers: the one table that the OpenAPI document is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.security.gate import scope_of

JSON, FHIR, HTML, TEXT, SCHEMA = "application/json", "application/fhir+json", "text/html", "text/plain", "application/schema+json"

# What answers with an OperationOutcome, and when.
ERRORS: Mapping[int, str] = {
    400: "What was sent can't be read.",
    401: "The caller is not known. Why is not told.",
    403: "The caller is known, and the token is not good for this.",
    404: "There is no such trial or service.",
    412: "The data without which no answer makes sense were not given: patient and conditions.",
    413: "The body is larger than the site allows.",
    415: "The body is not labelled as JSON, or is compressed.",
    503: "The service is not ready, or its store can't be reached; what fails is named.",
}
_BODY = (400, 413, 415)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `path` is the Flask rule; `answer` media type -> schema, '' for one without."""

    method: str
    path: str
    id: str
    tag: str
    says: str
    answer: Mapping[str, str]
    body: str = ""
    errors: tuple[int, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)  # name -> what it says; all are days
    guarded: bool = False  # needs a token where the site has named its tenants: 401 is among the errors then

    @property
    def scope(self) -> str:
        """What a token of the API must be good for; '' where CDS Hooks' tokens are asked for, or none."""
        return scope_of(self.method, self.path) if self.guarded else ""


_HOOKS, _API, _HEALTH, _ABOUT = "CDS Hooks", "API", "Health", "About"


OPERATIONS = (
    Operation("GET", "/cds-services", "discover", _HOOKS, "The services, with the prefetch they want.", {JSON: "Discovery"}, guarded=True),
    Operation("POST", "/cds-services/<identifier>", "callService", _HOOKS,
             "Calls a service. At most one card a trial; no card says that a patient does not fit.",
             {JSON: "HookResponse"}, body="HookRequest", errors=(*_BODY, 404, 412), guarded=True),
    Operation("POST", "/cds-services/<identifier>/feedback", "giveFeedback", _HOOKS,
             "What became of cards. Repeated entries change nothing.",
             {JSON: ""}, body="Feedback", errors=(*_BODY, 404, 503), guarded=True),
    Operation("POST", "/api/trials/<trial>/evaluate", "evaluate", _API, "A chart in, every criterion's verdict out.",
             {JSON: "Evaluation"}, body="Bundle", errors=(*_BODY, 404, 503),
             query={"asOf": "Evaluate as of this day; by default today in the site's time zone."}, guarded=True),
    Operation("GET", "/api/trials/<trial>/questionnaire", "questionnaire", _API, "What only people can say of a patient.",
             {FHIR: "Questionnaire"}, errors=(404,), guarded=True),
    Operation("GET", "/source-attributes/<trial>", "sourceAttributes", _ABOUT, "What the decision support rests on; a page for browsers.",
              {JSON: "SourceAttributes", HTML: ""}, errors=(404,)),
    Operation("GET", "/schemas/evaluation.json", "evaluationSchema", _ABOUT, "The JSON Schema of an Evaluation.", {SCHEMA: ""}),
    Operation("GET", "/openapi.json", "openapi", _ABOUT, "This document.", {JSON: ""}),
    Operation("GET", "/livez", "live", _HEALTH, "Whether the process answers.", {JSON: "Alive"}),
    Operation("GET", "/readyz", "ready", _HEALTH, "Whether the service can answer.", {JSON: "Ready"}, errors=(503,)),
    Operation("GET", "/metrics", "metrics", _HEALTH, "Prometheus metrics, only where TRIAL_CDS_METRICS=on; keep it inside the site.",
              {TEXT: ""}),
)  # fmt: skip
