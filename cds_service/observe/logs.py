"""Events into lines on stderr, JSON for machines or text for a terminal, with the fields of the allow-list and nothing else."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from datetime import UTC, datetime

import orjson

from cds_service.observe.context import noted
from cds_service.observe.fields import allowed

_LOG = logging.getLogger("cds_service")
_FRAMES = 6
EVENTS = {
    "call": "a request was answered",
    "refused": "a caller could not be verified (401)",
    "failed": "a fault of the service (500)",
    "card": "a card was held back",
    "feedback": "what became of a card",
    "fetch": "what a prefetch lacked was asked for, or may not be",
    "outbound": "a call to another server did not succeed",
    "not-ready": "a readiness check fails",
    "store-down": "the store can't be reached; hooks answer without cards",
    "audit-failed": "an audit event could not be written",
    "reloaded": "tenants and definitions were read again",
    "reload-refused": "a faulty file at a reload; the service goes on with what it had",
    "library": "a library logged something; its words are not written",
}


def event(name: str, level: int = logging.INFO, **fields: object) -> None:
    """Logs one of EVENTS, with what is known of the request being answered."""
    _LOG.log(level, name, extra={"fields": {**noted(), **fields}})


def failed(error: BaseException) -> None:
    """The kind and place of a fault. Neither its message nor its values: they can hold what a chart holds."""
    event("failed", logging.ERROR, error=type(error).__name__, at=_places(error))


def kind_and_place(error: BaseException) -> str:
    """The same in words, for those who read no log."""
    return f"{type(error).__name__} at {_places(error)}"


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return ">".join(f"{frame.name}:{frame.lineno}" for frame in frames)


class _Lines(logging.Formatter):
    """Never formats a record's message: a library's words may quote a request."""

    def values(self, record: logging.LogRecord) -> dict[str, str | int | float]:
        return allowed(
            {
                "time": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
                "level": record.levelname.lower(),
                **self._said(record),
            }
        )

    def _said(self, record: logging.LogRecord) -> dict[str, object]:
        fields = getattr(record, "fields", None)
        if record.name == _LOG.name and isinstance(fields, dict) and record.msg in EVENTS:
            return {**fields, "event": record.msg}
        error = record.exc_info[1] if record.exc_info else None
        found: dict[str, object] = {"event": "library", "logger": record.name, "at": f"{record.module}:{record.lineno}"}
        return {**found, "error": type(error).__name__, "at": _places(error)} if error else found


class JsonLines(_Lines):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return orjson.dumps(self.values(record)).decode()


class TextLines(_Lines):
    """`21:14:03 INFO    call  POST /livez 200 3.1 ms  hook=patient-view …`"""

    def format(self, record: logging.LogRecord) -> str:
        held = self.values(record)
        time, level, name = (str(held.pop(field, "")) for field in ("time", "level", "event"))
        call = " ".join(str(held.pop(field)) for field in ("method", "route", "status") if field in held)
        took = f"{held.pop('ms')} ms" if "ms" in held else ""
        rest = " ".join(f"{field}={value}" for field, value in held.items())
        return re.sub(r"\s+$", "", f"{time[11:19]} {level.upper():7} {name:8} {'  '.join(part for part in (call, took, rest) if part)}")


def to_stderr(form: str = "") -> None:
    """Sends every logger's records there: `json`, `text`, or by whether it is a terminal."""
    text = form == "text" or (form != "json" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextLines() if text else JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # each look at the store's version is two lines of info
    logging.captureWarnings(True)
    # Where a line can't be written, logging would print the record with its arguments instead.
    logging.raiseExceptions = False


def silence(library: str) -> None:
    """Nothing that it logs is looked at, at whatever level: what it quotes is of a patient."""
    logging.getLogger(library).setLevel(logging.CRITICAL)


def filtered(library: str, by: logging.Filter) -> None:
    """Its records go through this filter first; one of a kind is enough."""
    logger = logging.getLogger(library)
    if not any(isinstance(one, type(by)) for one in logger.filters):
        logger.addFilter(by)
