"""The Consents of a Chart into whether the patient has opted out of research: such a patient stands on no list."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from fhir_mappings.chart import Chart
from fhir_mappings.dates import read_period
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings

_RESEARCH = frozenset({"research", "hresch", "clintrch", "rdis"})
_OUT = frozenset({"optout", "optoute"})  # v3-ActCode: opt-out, opt-out with exceptions
_VOID = ("entered-in-error", "draft", "proposed")


def opted_out(chart: Chart, as_of: date, zone: ZoneInfo) -> bool:
    """True where any Consent about research denies, or may: what can't be read keeps a patient off the list."""
    return any(_denies(entry.resource, as_of, zone) for entry in chart.of("Consent"))


def _denies(consent: Json, as_of: date, zone: ZoneInfo) -> bool:
    status = as_text(consent.get("status"))
    if status in _VOID or not _about_research(consent):
        return False
    if _opts_out(consent) or status == "rejected":
        return status != "inactive"
    return status != "inactive" and any(one.get("type") == "deny" and _runs(one, as_of, zone) for one in _provisions(consent))


def _about_research(consent: Json) -> bool:
    purposes = [as_text(one.get("code")) or "" for holder in _provisions(consent) for one in as_dicts(holder.get("purpose"))]
    said = [code for element in ("scope", "category") for _, code, _ in codings(consent.get(element))]
    return any(code.lower() in _RESEARCH for code in (*said, *purposes)) or _opts_out(consent)


def _provisions(consent: Json) -> list[Json]:
    outer = as_dict(consent.get("provision"))
    return [outer, *as_dicts(outer.get("provision"))]


def _opts_out(consent: Json) -> bool:
    policies = [*codings(consent.get("policyRule")), *codings(consent.get("category"))]
    return any(code.lower() in _OUT for _, code, _ in policies)


def _runs(provision: Json, as_of: date, zone: ZoneInfo) -> bool:
    if not provision.get("period"):
        return True
    start, end = read_period(provision.get("period"), zone)
    return not (start is not None and start.first > as_of) and not (end is not None and end.last < as_of)
