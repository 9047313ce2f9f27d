"""A Chart's Consents, Flags and Patient into whether this person may be asked about research at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from cds_service.alerts.policy import Policy
from fhir_mappings.chart import Chart
from fhir_mappings.dates import read_period
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings

_RESEARCH = frozenset({"research", "hresch", "clintrch", "rdis"})
_OUT = frozenset({"optout", "optoute"})  # v3-ActCode: opt-out, opt-out with exceptions
_VOID = ("entered-in-error", "draft", "proposed")


def no_contact(chart: Chart, flags: Iterable[Json], policy: Policy, as_of: date, zone: ZoneInfo) -> bool:
    """By Consent, by an active Flag of the site's codes, or by a field of Patient that the site names."""
    return opted_out(chart, as_of, zone) or _flagged(flags, policy) or _marked(chart.patient.resource, policy)


def is_test_patient(chart: Chart, policy: Policy) -> bool:
    """By a tag or a security label of Patient.meta."""
    meta = as_dict(chart.patient.resource.get("meta"))
    labels = [one for element in ("tag", "security") for one in as_dicts(meta.get(element))]
    return any(f"{one.get('system')}|{one.get('code')}" in policy.test_patients for one in labels)


def _flagged(flags: Iterable[Json], policy: Policy) -> bool:
    active = [flag for flag in flags if as_text(flag.get("status")) in ("active", None)]
    return any(f"{system}|{code}" in policy.do_not_contact_flags for flag in active for system, code, _ in codings(flag.get("code")))


def _marked(patient: Json, policy: Policy) -> bool:
    """Present and not false: a mark that can't be read counts."""
    held = [one for one in as_dicts(patient.get("extension")) if as_text(one.get("url")) in policy.do_not_contact_extensions]
    return any(one.get("valueBoolean") is not False for one in held)


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
