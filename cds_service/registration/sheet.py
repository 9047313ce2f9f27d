"""The service, its trials, an EHR's documented habits and a tenant's settings into the registration sheet as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from cds_service.hooks.keys import MINIMUM, Key, asked
from cds_service.hooks.services import SERVICES, Service
from cds_service.registration.triggers import triggers
from cds_service.sheets import code, text

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial
    from cds_service.security.tenants import Tenant


_DISCOVERY = {
    True: "The EHR reads this table from discovery.",
    False: "**This EHR does not read discovery: type the table in by hand.**",
    None: "**Whether this EHR reads discovery is not documented: ask, and type the table in where it does not.**",
}


_ISSUER = ("iss: https://fhir.example.org/r4", "jwks: {keys: []}  # the public keys of your JWKS")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a sheet is about. `base` is the public URL without a trailing slash."""

    base: str
    ehr: str
    trials: tuple[Trial, ...]
    tenant: Tenant | None = None
    body_limit: int = 0


@cache
def known() -> Mapping[str, Any]:
    """ehrs.yaml: `ehrs` by name, and the `sources` of their facts."""
    found: Mapping[str, Any] = yaml.safe_load((files(__package__) / "ehrs.yaml").read_text("utf-8"))
    return found


def title(subject: Subject) -> str:
    whose = f", {subject.tenant.name}" if subject.tenant else ""
    return f"Registration of cds-service in {known()['ehrs'][subject.ehr]['title']}{whose}"


def sheet(subject: Subject) -> str:
    ehr = known()["ehrs"][subject.ehr]
    keys = asked({kind for trial in subject.trials for kind in trial.resource_types})
    parts = (
        [f"# {text(title(subject))}", "", *_intro(subject)],
        _section("What to type in", _register(subject, ehr, keys)),
        _section("Services", _services(subject, ehr)),
        _section("Prefetch", _prefetch(keys, ehr)),
        _section("When to call", _when(subject)),
        _section("Who calls: tokens and keys", _tokens(subject, ehr)),
        _section("What we need from you", [f"- {one}" for one in ehr["give_us"]]),
        _section("Network", _network(subject)),
        _section("Try it", _try(subject)),
        _section(f"What is documented of {ehr['title']}", _facts(ehr)),
    )
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _section(heading: str, lines: Iterable[str]) -> list[str]:
    return [f"## {heading}", "", *lines, ""]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _row(*heads)
    yield _row(*("---" for _ in heads))
    yield from (_row(*row) for row in rows)


def _intro(subject: Subject) -> Iterator[str]:
    named = "; ".join(f"{text(trial.title)} ({text(trial.registry.value)}, {text(trial.state)})" for trial in subject.trials)
    yield f"Trials: {named}."
    yield ""
    yield "The service reads one patient's FHIR R4 records from the prefetch and shows a card where they may fit a trial, else nothing."
    yield ""


def url(subject: Subject, service: Service) -> str:
    return f"{subject.base}/cds-services/{service.id}"


def _links(subject: Subject) -> list[str]:
    """Every address that a card may hold."""
    return [trial.registry.url for trial in subject.trials]


def scopes(keys: Iterable[Key]) -> list[str]:
    """SMART scopes of what the prefetch holds, once each."""
    return sorted({f"patient/{key.type}" for key in keys})


def _callable(ehr: Mapping[str, Any]) -> list[Service]:
    """Those of our services that the EHR is known to call: no other is registered, and no other's tokens are good."""
    return [service for service in SERVICES if service.hook in ehr["hooks"]]


def _register(subject: Subject, ehr: Mapping[str, Any], keys: tuple[Key, ...]) -> Iterator[str]:
    by_hook = {service.hook: url(subject, service) for service in SERVICES}
    callable_here = _callable(ehr)
    values = {
        "base": subject.base,
        "hooks": ", ".join(service.hook for service in callable_here),
        "urls": ", ".join(url(subject, service) for service in callable_here),
        "patient_view": by_hook["patient-view"],
        "order_sign": by_hook["order-sign"],
        "links": ", ".join(_links(subject)),
        "scopes": ", ".join(f"{scope}.read" for scope in scopes(keys)),
    }
    yield from _table(("field", "value"), ((one["field"], text(one["value"].format_map(values))) for one in ehr["register"]))


def _services(subject: Subject, ehr: Mapping[str, Any]) -> Iterator[str]:
    def used(service: Service) -> str:
        return "yes" if service in _callable(ehr) else "no: this EHR is not known to call it"

    rows = ((code(one.hook), code(url(subject, one)), text(one.description), used(one)) for one in SERVICES)
    yield from _table(("hook", "URL", "what it does", "to register"), rows)
    yield ""
    yield "The URLs are exact: no trailing slash, no redirect. A card's topic is the trial's registry number and never changes."
    yield ""
    yield "Feedback on a card goes to its service's URL with `/feedback` at the end, with a token as for a call."


def _prefetch(keys: tuple[Key, ...], ehr: Mapping[str, Any]) -> Iterator[str]:
    names = ehr.get("scopes", {})
    heads = ("key", "template", "needed", "scope (SMART 2; SMART 1 ends in .read)")

    def row(key: Key) -> tuple[str, ...]:
        needed = "always" if key.name in MINIMUM else "helps" if key.extra else "wanted"
        own = f"; {text(names[key.name])}" if key.name in names else ""
        return code(key.name), code(key.template), needed, code(f"patient/{key.type}.{'r' if key.type == 'Patient' else 's'}") + own

    yield from _table(heads, map(row, keys))
    yield ""
    yield _DISCOVERY[ehr.get("reads_discovery")]
    yield ""
    yield (
        "Other key names work: records are found by their type. But only under our names, or where the Bundle's own `self` link shows the "
        "search, is an empty answer knowledge; under any other it stays unknown. So keep the names, above all of `conditions`, `labs` and "
        "the medications. Leave out `_count` and dates. Where MedicationStatement is not kept, send MedicationRequest. A key that is left "
        "out makes what needs it unknown, never false; without patient and conditions the answer is 412."
    )
    yield ""
    yield (
        "Where a patient's *no* to research stands in a Consent or a Flag, add a key for it, such as `consents` with "
        "`Consent?patient={{context.patientId}}`, and tell us its name: then nobody is asked where it does not come whole."
    )


def _when(subject: Subject) -> Iterator[str]:
    yield (
        "The service stays silent for patients whom a trial does not concern, so it may be called on every chart. Fewer calls spare your "
        "system: call it where the problem list or an encounter diagnosis holds one of these ICD-10-CM codes."
    )
    yield ""
    rows = ((text(one.trial), text(one.arm), ", ".join(map(code, one.codes)) or "–") for one in triggers(subject.trials))
    yield from _table(("trial", "arm", "ICD-10-CM"), rows)
    yield ""
    yield "Worked out from the trial's definition. Patients who are coded in another system only, such as SNOMED CT, would be missed."


def _tokens(subject: Subject, ehr: Mapping[str, Any]) -> Iterator[str]:
    yield from _table(("part", "what it is"), _token_rows(subject))
    yield ""
    if subject.tenant is None:
        yield "For us, once *What we need from you* is known: the tenants file."
        yield from ["", "```yaml", *_snippet(subject, ehr), "```"]


def _token_rows(subject: Subject) -> Iterator[tuple[str, str]]:
    yield "header", "`Authorization: Bearer` with a new token for each call, also of discovery; each `jti` is good once"
    for issuer in subject.tenant.issuers if subject.tenant else ():
        yield "`iss`", code(issuer.iss)
        yield "`aud` accepted", ", ".join(map(code, sorted(issuer.audiences)))
        yield "`alg` accepted", ", ".join(map(code, sorted(issuer.algorithms)))
        yield "keys known (`kid`)", ", ".join(map(code, sorted(issuer.keys.keys))) or "none yet"
        yield "`jku` accepted", code(issuer.jku) if issuer.jku else "none; keys are given to us"
        yield "`sub` accepted", ", ".join(map(code, sorted(issuer.subjects))) or "any"
        yield "longest life", f"{issuer.lifetime} s; clocks may differ by {issuer.skew} s"
    if subject.tenant is None:
        yield "`aud`", "the URL that is called, or what you type in: it is compared exactly"
        yield "`alg`", "`RS384` or `ES384`; others by arrangement, never `HS*` or `none`"
        yield "claims", "`iss`, `aud`, `iat`, `exp`, `jti`; `nbf`, `sub` and `tenant` where you use them"
        yield "longest life", "900 s, more by arrangement; clocks may differ by 60 s"


def _snippet(subject: Subject, ehr: Mapping[str, Any]) -> Iterator[str]:
    yield "tenants:"
    yield "  - id: your-hospital"
    yield "    fhir_servers: [https://fhir.example.org/r4]"
    yield "    issuers:"
    first, *more = ehr.get("issuer", _ISSUER)
    yield f"      - {first}"
    yield from (f"        {line}" for line in more)
    yield "        audiences:  # with the feedback's URL, if tokens of feedback name that"
    if ehr.get("reads_discovery") is not False:
        yield f"          - {subject.base}/cds-services" + ("" if ehr.get("reads_discovery") else "  # for discovery, where it is read")
    yield from (f"          - {url(subject, service)}" for service in _callable(ehr))


def _network(subject: Subject) -> Iterator[str]:
    yield f"- Inbound: HTTPS to `{subject.base}` from the addresses your EHR calls from. TLS 1.2 or later; tell us the addresses to allow."
    if subject.body_limit:
        yield f"- A call's body may have up to {subject.body_limit} bytes; larger ones are answered 413."
    yield from _outbound(subject.tenant)
    yield "- Browsers' origins need to be set only where the EHR calls from the browser."


def _outbound(tenant: Tenant | None) -> Iterator[str]:
    """Whom the service calls, and how long an EHR must wait for that."""
    usual = "An answer from the prefetch usually takes less than 0.1 s"
    if tenant and tenant.fhir_servers:
        yield f"- Outbound: HTTPS to {', '.join(map(code, tenant.fhir_servers))}, for what a call's prefetch lacks."
        yield f"- {usual}; fetching adds up to {tenant.fhir.deadline:g} s. Set a longer time-out than that at your side."
    else:
        yield "- Outbound to a FHIR server: none until the tenants file lists one (`fhir_servers`); then a call may take that much longer."
        yield f"- {usual}. A time-out of 2 s at your side is enough."
    if tenant is None:
        yield "- Outbound: HTTPS to the `jku` of your public keys, where you name one."
    if keys := sorted({issuer.jku for issuer in tenant.issuers if issuer.jku} if tenant else ()):
        yield f"- Outbound: HTTPS to {', '.join(map(code, keys))}, for your public keys."


def _try(subject: Subject) -> Iterator[str]:
    yield from ["```", f"curl -i {subject.base}/readyz", f"curl -i {subject.base}/cds-services", "```", ""]
    yield "The first answers 200. The second answers 401 without a token where callers are checked; with one it lists the services."


def _facts(ehr: Mapping[str, Any]) -> Iterator[str]:
    def source(name: str) -> str:
        found = known()["sources"][name]
        return f"[{text(found['title'])}]({found['url']})"

    yield from _table(("", "fact", "source"), ((text(one["about"]), one["says"], source(one["source"])) for one in ehr["facts"]))
