"""The JSON Schema of a trial definition, made from the vocabulary itself, so that editors complete and check it."""

from __future__ import annotations

import dataclasses
from typing import Any

from cds_service.criteria import fields as kinds
from cds_service.criteria.node import Node
from cds_service.criteria.read import kinds_of
from cds_service.criteria.vocabulary import KINDS

_TEXT = {"type": "string", "minLength": 1}


def definition_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a definition file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Trial definition",
        "type": "object",
        "required": ["id", "version", "title", "short_title", "registry", "state", "answers_within", "windows", "arms", "criteria"],
        "additionalProperties": False,
        "properties": _top(),
        "$defs": {"node": {"oneOf": [{"$ref": f"#/$defs/{kind.KEY}"} for kind in KINDS]}, **{kind.KEY: _node(kind) for kind in KINDS}},
    }


def _top() -> dict[str, Any]:
    registry = dict.fromkeys(("system", "value", "url"), _TEXT)
    question = _object({"gap": _TEXT, "reading": _TEXT}, ["gap", "reading"])
    arm = _object(
        {
            **dict.fromkeys(("id", "title", "text"), _TEXT),
            "scope": {"oneOf": [_TEXT, _list(_TEXT)]},
            **dict.fromkeys(("gate", "facts"), _list(_TEXT)),
        },
        ["id", "title", "text", "scope", "gate"],
    )
    return {
        **dict.fromkeys(("id", "version", "title", "short_title", "summary", "phase"), _TEXT),
        "registry": _object(registry, list(registry)),
        "state": {"enum": ["recruiting", "paused", "full", "closed"]},
        "places": {"type": "integer"},
        "answers_within": kinds.DURATION.schema,
        "windows": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^P"}},
        "groups": {"type": "object", "additionalProperties": kinds.SETS.schema},
        "questions": {"type": "object", "additionalProperties": question},
        "arms": _list(arm),
        "criteria": _list(_criterion()),
    }


def _criterion() -> dict[str, Any]:
    """A criterion's own keys beside those of its logic node, which stand in the same mapping."""
    standing = _object({"clause": _TEXT, "ask": _TEXT, "when": {"$ref": "#/$defs/node"}}, ["clause", "ask"])
    own = {
        "id": _TEXT,
        "kind": {"enum": ["inclusion", "exclusion"]},
        "text": _TEXT,
        "arm": _TEXT,
        "applies_if": {"$ref": "#/$defs/node"},
        "cure": {"enum": ["never", "date", "state"]},
        "sensitive": {"type": "boolean"},
        "subject": _TEXT,
        "standing": _list(standing),
        "open_questions": _list(_TEXT),
    }
    shapes = [_object({**_properties(kind), **own}, ["id", "kind", "text", *_required(kind)]) for kind in KINDS]
    return {"oneOf": shapes}


def _node(kind: type[Node]) -> dict[str, Any]:
    words = " ".join((kind.__doc__ or "").split())
    return {**_object(_properties(kind), _required(kind)), "description": words}


def _properties(kind: type[Node]) -> dict[str, Any]:
    return {key: dict(one.schema) for key, (_, one) in kinds_of(kind).items()}


def _required(kind: type[Node]) -> list[str]:
    return [key for key, (one, _) in kinds_of(kind).items() if one.default is dataclasses.MISSING] or [kind.KEY]


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1}
