"""The tenants' own servers into findings: whether they can be reached, and whether our clock agrees with theirs."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cds_service.doctor.model import FAIL, OK, WARN, Finding, Scene
from cds_service.fhir.reach import UNKNOWN, UNTRUSTED, Reached, reach
from cds_service.security.addresses import Network, refusal
from cds_service.security.outbound import lookup
from cds_service.security.places import place_of

_SOON = 30  # days before a certificate ends
_NEAR, _FAR = 5, 60  # seconds; tokens are refused when clocks differ by more than the issuer's skew, 60 by default
_ASK = "ask the network team to let this machine out to it, over the port that the tenants file names"
_DO = {
    UNKNOWN: "correct the name in the tenants file, or ask whoever runs the hospital's DNS",
    UNTRUSTED: "where the hospital's own authority signed it, give that one's file as the tenant's `ca`; else ask its owners to correct it",
}


def servers(scene: Scene) -> Iterator[Finding]:
    """Each server once, by the authorities and networks of the tenant that names it; nobody else's."""
    named = [
        (url, one.ca, one.networks)
        for one in scene.tenants
        for url in (*(issuer.jku for issuer in one.issuers if issuer.jku), *one.fhir_servers)
    ]
    once = {("{0.scheme}://{0.netloc}".format(urlsplit(url)), ca, networks): url for url, ca, networks in named}
    if not once:
        yield Finding("network", OK, "no tenant names a server to reach")
    for (origin, ca, networks), url in once.items():
        if why := _kept_in(url, networks):
            yield Finding(
                "network", FAIL, f"{origin}: an address of it {why}", "if it is the hospital's own, name its network in `networks`"
            )
            continue
        found = reach(url, ca)
        yield _way(origin, found)
        if found.skew is not None:
            yield _clock(origin, found.skew)


def _kept_in(url: str, networks: tuple[Network, ...]) -> str:
    """Why the service would not call it, wherever this machine could: one address that must not be reached spoils the name."""
    place = place_of(url)
    try:
        addresses = lookup(place.host, place.port)
    except (OSError, UnicodeError):
        return ""  # reach says so
    return next((why for one in addresses if (why := refusal(one, networks))), "")


def _way(origin: str, found: Reached) -> Finding:
    if found.problem:
        return Finding("network", FAIL, f"{origin}: {found.problem}", _DO.get(found.problem.partition(":")[0], _ASK))
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
