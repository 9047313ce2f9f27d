"""A search, or a Bundle that has a further page, into one merged Bundle; where a page can't be had, an entry says so."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.errors import Unavailable
from cds_service.fhir.client import Client
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text


@dataclass(frozen=True, slots=True)
class Found:
    """A prefetch value, and in our own words why it is not all of it or not there: what a server says could tell of a patient."""

    value: Json
    fault: str = ""


def search(client: Client, target: str, pages: int) -> Found:
    """All pages of it, but at most so many. Raises Unavailable where not even the first can be had."""
    url = client.url(target)
    first = _fetched(client, url)
    return follow(client, first, pages - 1, url)


def follow(client: Client, first: Json, pages: int, of: str = "") -> Found:
    """The Bundle and at most so many pages after it. The server says where they are; the client keeps to its own server."""
    entries, page, seen, fault = as_dicts(first.get("entry")), first, {of}, ""
    while has_next(page):
        try:
            of = _next(client, page, of, seen)
            if len(seen) > pages + 1:
                raise Unavailable(f"there are more than {pages + 1} pages")
            page = _fetched(client, of)
        except Unavailable as error:
            fault = str(error)
            break
        entries = [*entries, *as_dicts(page.get("entry"))]
    links = [link for link in as_dicts(first.get("link")) if as_text(link.get("relation")) != "next"]
    return lacking(Found({**first, "entry": entries, "link": links}), fault)


def lacking(found: Found, fault: str) -> Found:
    """A Bundle that is not all of it, if there is a fault: an entry says so, and its type is not whole."""
    if not fault:
        return found
    entries = [*found.value["entry"], {"search": {"mode": "outcome"}, "resource": outcome(fault)}]
    return Found({**found.value, "entry": entries}, fault)


def has_next(bundle: Json) -> bool:
    return any(as_text(link.get("relation")) == "next" for link in as_dicts(bundle.get("link")))


def is_error(resource: Json) -> bool:
    """An OperationOutcome that is more than a remark: Epic sends a warning with every empty search (integrator-needs 2)."""
    if resource.get("resourceType") != "OperationOutcome":
        return False
    severities = [issue.get("severity") for issue in as_dicts(resource.get("issue"))]
    return not severities or any(severity not in ("warning", "information") for severity in severities)


def outcome(reason: str) -> Json:
    """What stands in place of what could not be had. Of the prefetch only: it leaves the service nowhere."""
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "incomplete", "diagnostics": reason}]}


def _next(client: Client, page: Json, of: str, seen: set[str]) -> str:
    target = next((as_text(link.get("url")) for link in as_dicts(page.get("link")) if as_text(link.get("relation")) == "next"), None)
    if target is None:
        raise Unavailable("a further page has no URL")
    try:
        url = client.url(target, of)
    except ValueError:
        raise Unavailable("a further page has no URL") from None
    if url in seen:
        raise Unavailable("the pages go in a circle")
    seen.add(url)
    return url


def _fetched(client: Client, url: str) -> Json:
    """A page without Patients: none is searched for, and another's would make the whole request another patient's."""
    page = client.bundle(url)
    return {**page, "entry": [one for one in as_dicts(page.get("entry")) if as_dict(one.get("resource")).get("resourceType") != "Patient"]}
