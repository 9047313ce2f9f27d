"""The shapes of requests and answers as JSON Schemas, the components of the OpenAPI document."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import orjson

from cds_service.criteria.evaluation import STATUSES
from cds_service.hooks.cards import MAX_SUMMARY
from cds_service.hooks.services import SERVICES

Json = dict[str, Any]
TEXT: Json = {"type": "string", "minLength": 1}
URL: Json = {"type": "string", "format": "uri"}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def closed(required: Json, optional: Json | None = None, says: str = "") -> Json:
    """An object of exactly these members."""
    described = {"description": says} if says else {}
    properties = {**required, **(optional or {})}
    return {**described, "type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def array(of: Json, least: int = 0) -> Json:
    return {"type": "array", "items": of, **({"minItems": least} if least else {})}


def components() -> Json:
    """Every schema by its name."""
    return {
        "OperationOutcome": _outcome(),
        "Discovery": closed({"services": array(_service())}),
        "HookRequest": _request(),
        "HookResponse": closed({"cards": array(ref("Card"))}),
        "Card": _card(),
        "Feedback": _feedback(),
        "Bundle": _resource("Bundle", "A FHIR R4 Bundle: one patient's whole chart."),
        "Questionnaire": _resource("Questionnaire", "A FHIR R4 Questionnaire."),
        "Evaluation": _evaluation(),
        "SourceAttributes": _source_attributes(),
        "Alive": closed({"status": {"const": "alive"}}),
        "Ready": closed({"status": {"const": "ready"}, "definitions": array(TEXT, 1), "checks": _checks()}),
    }


def _checks() -> Json:
    return {"type": "object", "additionalProperties": {"const": "ok"}, "description": "Every readiness check by its name."}


def _resource(kind: str, says: str) -> Json:
    return {"description": says, "type": "object", "required": ["resourceType"], "properties": {"resourceType": {"const": kind}}}


def _outcome() -> Json:
    issue = closed({"severity": {"const": "error"}, "code": TEXT, "diagnostics": TEXT}, {"expression": array(TEXT, 1)})
    return closed({"resourceType": {"const": "OperationOutcome"}, "issue": array(issue, 1)}, says="What is wrong, in plain words.")


def _service() -> Json:
    hooks = sorted({service.hook for service in SERVICES})
    prefetch = {"type": "object", "additionalProperties": TEXT, "minProperties": 1}
    optional = {"title": TEXT, "usageRequirements": TEXT, "prefetch": prefetch}
    return closed({"id": {"enum": [service.id for service in SERVICES]}, "hook": {"enum": hooks}, "description": TEXT}, optional)


def _request() -> Json:
    """Open: clients add members of their own, and all that is not known is let be."""
    context = {
        "type": "object",
        "required": ["patientId", "userId"],
        "properties": {
            "patientId": {**TEXT, "description": "The id alone."},
            "userId": TEXT,
            "encounterId": {**TEXT, "description": "Required by encounter-start."},
            "draftOrders": {**ref("Bundle"), "description": "Required by order-sign."},
        },
    }
    prefetch = {
        "type": ["object", "null"],
        "description": "By key of discovery or of the site's own. null: there is nothing; an OperationOutcome: it could not be had.",
        "additionalProperties": {"type": ["object", "null"]},
    }
    return {
        "type": "object",
        "required": ["hook", "hookInstance", "context"],
        "properties": {
            "hook": {"enum": sorted({service.hook for service in SERVICES})},
            "hookInstance": {**TEXT, "description": "A UUID; nothing depends on its form."},
            "context": context,
            "prefetch": prefetch,
            "fhirServer": URL,
            "fhirAuthorization": {"type": "object", "description": "Never stored or logged."},
        },
    }


def _card() -> Json:
    coding = closed({"system": URL, "code": TEXT}, {"display": TEXT})
    source = closed({"label": TEXT}, {"url": URL, "icon": URL, "topic": coding})
    link = closed({"label": TEXT, "url": URL, "type": {"enum": ["absolute", "smart"]}}, {"appContext": TEXT})
    suggestion = {
        "type": "object",
        "required": ["label"],
        "properties": {"label": TEXT, "uuid": TEXT, "actions": array({"type": "object"}, 1)},
    }
    required = {
        "summary": {"type": "string", "minLength": 1, "maxLength": MAX_SUMMARY},
        "indicator": {"enum": ["info", "warning", "critical"]},
        "source": source,
    }
    optional = {
        "uuid": {"type": "string", "format": "uuid"},
        "detail": {**TEXT, "description": "GitHub Flavored Markdown."},
        "links": array(link, 1),
        "suggestions": array(suggestion, 1),
        "selectionBehavior": {"enum": ["any", "at-most-one"]},
        "overrideReasons": array(closed({"system": URL, "code": TEXT, "display": TEXT}), 1),
    }
    return closed(required, optional, "CDS Hooks 2.0.1, section Card Attributes.")


def _feedback() -> Json:
    """Open, as Epic sends members of its own; an entry that is not understood does not harm the others."""
    entry = {
        "type": "object",
        "required": ["card", "outcome"],
        "properties": {
            "card": {**TEXT, "description": "The card's uuid."},
            "outcome": {"enum": ["accepted", "overridden"]},
            "outcomeTimestamp": {"type": "string", "format": "date-time"},
            "overrideReason": {"type": "object"},
            "acceptedSuggestions": array({"type": "object", "required": ["id"], "properties": {"id": TEXT}}),
        },
    }
    return {"type": "object", "required": ["feedback"], "properties": {"feedback": array(entry)}}


def _evaluation() -> Json:
    """The published schema itself; its own $defs are found from this document's root."""
    raw = (files("cds_service") / "schemas" / "evaluation.schema.json").read_text("utf-8")
    found: Json = orjson.loads(raw.replace('"#/$defs/', '"#/components/schemas/Evaluation/$defs/'))
    assert set(found["$defs"]["status"]["enum"]) == set(STATUSES)
    return {name: value for name, value in found.items() if name not in ("$schema", "$id")}


def _source_attributes() -> Json:
    attribute = closed({"id": TEXT, "name": TEXT, "value": TEXT}, {"group": TEXT})
    return closed(
        {
            "trial": TEXT,
            "definition": TEXT,
            "title": TEXT,
            "registry": closed({"system": URL, "value": TEXT, "url": URL}),
            "kind": {"enum": ["evidence-based", "predictive"]},
            "why": TEXT,
            "regulation": closed({"text": TEXT, "pending": TEXT}),
            "evidenceBased": {**array(attribute, 13), "maxItems": 13},
            "predictive": {**array(attribute, 31), "maxItems": 31},
        },
        says="45 CFR 170.315(b)(11)(iv).",
    )
