"""A log line's values into those that may be written: an allow-list of fields, each with a shape that no patient's data fits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_WORD = r"[a-z][a-z0-9-]{0,63}"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"
_NUMBER = r"[0-9]{1,12}(\.[0-9]{1,3})?"
_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@dataclass(frozen=True, slots=True)
class Field:
    """What a field says, and what its value must look like as text to be written."""

    says: str
    shape: str
    number: bool = False


def _number(says: str) -> Field:
    return Field(says, _NUMBER, number=True)


# The shapes are the second lock: a field's value comes from our own code, but a slip there must not write a name or an identifier.
FIELDS: Mapping[str, Field] = {
    "time": Field("when, in UTC", r"[0-9TZ:.-]{20,30}"),
    "level": Field("`info`, `warning`, `error`", _WORD),
    "event": Field("what happened: the table of events", _WORD),
    "request": Field("the request's id, which the answer carries as `X-Request-Id`", rf"[0-9a-f]{{32}}|{_UUID}"),
    "trace": Field("the trace id of the caller's `traceparent`", r"[0-9a-f]{32}"),
    "method": Field("the HTTP method; `other` for one that HTTP does not define", r"[A-Z]{3,7}|other"),
    "route": Field("the template of the path, never the path; `-` where none fits", r"-|/[A-Za-z0-9/<>:_.-]{0,99}"),
    "status": _number("the HTTP status answered"),
    "ms": _number("how long the answer took"),
    "bytes": _number("the length of the body that came, where the caller told it"),
    "tenant": Field("the tenant's id of the tenants file", _NAME),
    "hook": Field("the CDS hook answered", _WORD),
    "instance": Field("the caller's `hookInstance`, where it is a UUID", _UUID),
    "trial": Field("the trial's id", _NAME),
    "definition": Field("the definition's id and version", _NAME),
    "cards": _number("how many cards were shown"),
    "suppressed": Field("why a card was not shown", _WORD),
    "reason": Field("a code: why a caller was refused, or the OperationOutcome's issue type", _WORD),
    "check": Field("the readiness check that failed", _WORD),
    "target": Field("what was called: `fhir`, `jwks`, `token`", _WORD),
    "key": Field("the prefetch key that could not be fetched; `other` for one of the caller's own", r"[A-Za-z]{1,40}"),
    "outcome": Field("how it ended", _WORD),
    "count": _number("how many"),
    "error": Field("the kind of a fault; never its message", r"[A-Za-z_][A-Za-z0-9_.]{0,80}"),
    "at": Field("where in the code it came about", r"[A-Za-z0-9_<>:.-]{1,400}"),
    "logger": Field("the library that logged; its words are not written", r"[A-Za-z0-9_.]{1,80}"),
}
_SHAPES = {name: re.compile(field.shape) for name, field in FIELDS.items()}


def allowed(values: Mapping[str, object]) -> dict[str, str | int | float]:
    """What of it may be written, in the order of the list; all else is dropped in silence, None too."""
    return {name: values[name] for name in FIELDS if name in values and _fits(name, values[name])}  # type: ignore[misc]


def _fits(name: str, value: object) -> bool:
    if FIELDS[name].number:
        return isinstance(value, int | float) and not isinstance(value, bool) and bool(_SHAPES[name].fullmatch(str(value)))
    return isinstance(value, str) and bool(_SHAPES[name].fullmatch(value))


def code(text: str) -> str:
    """Words of ours as a code: `aud is not one of the issuer's audiences` gives `aud-is-not-one-of-the-issuers-audiences`. What follows a
    colon is left out: it says more than which case it is."""
    words = re.sub(r"[^a-z0-9]+", "-", text.partition(":")[0].lower().replace("'", ""))
    return words.strip("-")[:64].strip("-") or "other"
