"""The tenants' own servers into findings: whether they can be reached, and whether our clock agrees with theirs."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cds_service.doctor.model import FAIL, OK, WARN, Finding, Scene
from cds_service.fhir.reach import Reached, reach

_SOON = 30  # days before a certificate ends
_NEAR, _FAR = 5, 60  # seconds; tokens are refused when clocks differ by more than the issuer's skew, 60 by default
_ASK = "ask the network team to let this machine out to it; docs/operations.md lists the servers"


def servers(scene: Scene) -> Iterator[Finding]:
    """Each server that a tenant names once; nobody else's."""
    urls = [url for one in scene.tenants for url in (*(issuer.jku for issuer in one.issuers if issuer.jku), *one.fhir_servers)]
    by_origin = {"{0.scheme}://{0.netloc}".format(urlsplit(url)): url for url in urls}
    if not by_origin:
        yield Finding("network", OK, "no tenant names a server to reach")
    for origin, url in by_origin.items():
        found = reach(url)
        yield _way(origin, found)
        if found.skew is not None:
            yield _clock(origin, found.skew)


def _way(origin: str, found: Reached) -> Finding:
    if found.problem:
        return Finding("network", FAIL, f"{origin}: {found.problem}", _ASK)
    if not found.tls:
        return Finding("network", WARN, f"{origin}: reached, not encrypted", "use https for anything but a trial on one machine")
    days = found.certificate_days
    if days is not None and days < _SOON:
        return Finding("network", WARN, f"{origin}: its certificate ends in {days} days", "ask its owners to renew it")
    return Finding("network", OK, f"{origin}: {found.tls}, certificate for {days} more days")


def _clock(origin: str, skew: float) -> Finding:
    says = f"ours is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} that of {origin}"
    if abs(skew) <= _NEAR:
        return Finding("clock", OK, f"agrees with that of {origin}")
    return Finding(
        "clock", FAIL if abs(skew) > _FAR else WARN, says, "let NTP set this machine's clock; tokens are refused when clocks differ"
    )
