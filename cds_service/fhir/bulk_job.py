"""An export, from its start to the manifest of what it made: kicked off, asked for until it is done, page by page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson

from cds_service.errors import Refused, Unavailable
from cds_service.fhir.bulk_calls import Calls, joined, words
from cds_service.fhir.bulk_manifest import Page, read_page
from cds_service.fhir.retry import is_transient, json_of, retry_after
from cds_service.security.outbound import Answer

Say = Callable[[str], None]
_PERCENT = re.compile(r"\b(\d{1,3}) ?%")
_MOST_PAGES = 1000
_GONE = (404, 410)
_JSON = {"Accept": "application/fhir+json"}


class Gone(Unavailable):
    """The server knows the export, or a file of it, no longer."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export. `since`: only what changed after it, which is never all there is."""

    types: tuple[str, ...]
    since: str | None = None
    filters: tuple[str, ...] = ()


def kick_off(calls: Calls, wanted: Wanted) -> str:
    """The URL at which the export's status is. Without `handling=lenient`: a type that the server does not know must be an error, not
    an empty file's equal. Raises Unavailable."""
    source = calls.source
    path = {"group": f"Group/{source.group}/$export", "patient": "Patient/$export", "system": "$export"}[source.level]
    url, headers = f"{source.base}/{path}", {**_JSON, "Prefer": "respond-async"}
    if source.kickoff == "post":
        answer = calls.ask(url, "POST", {**headers, "Content-Type": "application/fhir+json"}, orjson.dumps(_parameters(wanted)))
    else:
        answer = calls.ask(f"{url}?{urlencode(_query(wanted), safe=',:')}", headers=headers)
    if answer.status != 202:
        hint = "; a type that it does not export can be named in `leave_out`" if answer.status in (400, 422) else ""
        raise Unavailable(f"the server does not start the export ({words(answer)}){hint}")
    place = answer.headers.get("content-location", "")
    if not place:
        raise Unavailable("the server started an export and does not say where its status is (no Content-Location)")
    return joined(url, place)


def _query(wanted: Wanted) -> dict[str, str]:
    """Comma-joined, as servers up to Bulk Data 3 want it: Oracle takes no `_type` twice."""
    given = {"_type": ",".join(wanted.types), "_since": wanted.since or "", "_typeFilter": ",".join(wanted.filters)}
    return {name: value for name, value in given.items() if value}


def _parameters(wanted: Wanted) -> dict[str, object]:
    """One parameter a value, as Bulk Data 4 wants it."""
    held: list[dict[str, str]] = [{"name": "_type", "valueString": one} for one in wanted.types]
    held += [{"name": "_since", "valueInstant": wanted.since}] if wanted.since else []
    held += [{"name": "_typeFilter", "valueString": one} for one in wanted.filters]
    return {"resourceType": "Parameters", "parameter": held}


def manifest(calls: Calls, status: str, started: float, say: Say) -> Page:
    """All pages of the finished export's manifest as one. Raises Gone, or Unavailable."""
    first = read_page(_finished(calls, status, started, say), status)
    files, page, seen = list(first.files), first, {status}
    while page.next is not None:
        if page.next in seen or len(seen) >= _MOST_PAGES:
            raise Unavailable("the manifest's pages go in a circle, or there are too many")
        seen.add(page.next)
        page = read_page(_finished(calls, page.next, started, say), page.next)
        files += page.files
    return Page(first.time, first.needs_token, tuple(files))


def _finished(calls: Calls, url: str, started: float, say: Say) -> object:
    """The JSON of the first answer that says 200; until then asked again, when the server likes or ever more seldom."""
    backoff, failures, shown = calls.backoff(), 0, ""
    while True:
        answer, asked = _polled(calls, url)
        status = _status(answer) if answer else 0
        if answer and status == 200:
            return json_of(answer)
        if status in _GONE:
            raise Gone(f"the server does not know this export any more (status {status})")
        if answer and status != 202 and not is_transient(status, json_of(answer)):
            raise Unavailable(f"the export failed ({words(answer)})")
        failures = 0 if status == 202 else failures + 1
        if failures >= calls.source.attempts:
            raise Unavailable(f"the export's status can't be had, {failures} times in a row")
        if calls.timing.now() - started > calls.source.polling.days * 86_400:
            raise Unavailable(f"the export is not done after {calls.source.polling.days} days")
        wait = backoff.wait(asked)
        shown = _told(answer, status, wait, shown, say)
        calls.timing.sleep(wait)


def _polled(calls: Calls, url: str) -> tuple[Answer | None, float | None]:
    """(the answer, or None where none came; seconds that it asks us to wait)."""
    try:
        answer = calls.once(url, headers=_JSON)
    except Refused:
        raise
    except Unavailable:
        return None, None
    return answer, retry_after(answer.headers, calls.timing.now())


def _status(answer: Answer) -> int:
    """The job's. A server may say 200 for the asking and the job's own status in a header (`separate-export-status`)."""
    own = answer.headers.get("x-export-status", "").strip()[:3]
    return int(own) if own.isascii() and own.isdigit() else answer.status


def _told(answer: Answer | None, status: int, wait: float, shown: str, say: Say) -> str:
    """What is waited for, where it is something new. Of what the server writes on its progress only a percentage is shown."""
    found = _PERCENT.search(answer.headers.get("x-progress", "")) if answer else None
    if answer is None:
        text = "the server does not answer"
    elif status != 202:
        text = f"the server can't say now (status {status})"
    else:
        text = "the server is at work" + (f": {found[1]} %" if found else "")
    if text != shown:
        say(f"{text}; next look in {wait:.0f} s")
    return text


def delete(calls: Calls, status: str) -> None:
    """Lets the server clear up. Whether it does is its own affair."""
    try:
        calls.once(status, "DELETE")
    except Unavailable:
        return
