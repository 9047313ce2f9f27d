"""An IP address into why the service must not connect to it, or into nothing: where a name leads decides, not how it is spelt."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
NO_ADDRESS = "is no IP address"

# IANA's special-purpose registries. Python's own `is_global` differs between releases, so it is asked too, but not alone.
_NEVER = {
    "0.0.0.0/8": "this network", "169.254.0.0/16": "link-local, where clouds keep their metadata", "192.0.0.0/24": "for protocols",
    "192.0.2.0/24": "for documentation", "192.88.99.0/24": "a 6to4 relay", "198.18.0.0/15": "for benchmarks",
    "198.51.100.0/24": "for documentation", "203.0.113.0/24": "for documentation", "224.0.0.0/4": "multicast", "240.0.0.0/4": "reserved",
    "100.100.100.200/32": "a cloud's metadata", "168.63.129.16/32": "a cloud's own host",
    "::/128": "unspecified", "::ffff:0:0/96": "an IPv4 address in disguise", "64:ff9b:1::/48": "a local translation to IPv4",
    "100::/64": "discarded", "2001::/23": "for protocols, Teredo among them", "2001:db8::/32": "for documentation",
    "2002::/16": "6to4, an IPv4 address in disguise", "3fff::/20": "for documentation", "5f00::/16": "segment routing",
    "fe80::/10": "link-local", "fec0::/10": "site-local", "ff00::/8": "multicast", "fd00:ec2::254/128": "a cloud's metadata",
}  # fmt: skip
# A hospital's own: reached only where the tenants file names a network that holds the address.
_OWN = {
    "10.0.0.0/8": "private", "172.16.0.0/12": "private", "192.168.0.0/16": "private", "100.64.0.0/10": "a carrier's private",
    "127.0.0.0/8": "loopback", "::1/128": "loopback", "fc00::/7": "private",
}  # fmt: skip
_NEVER_NETWORKS = [(ip_network(name), why) for name, why in _NEVER.items()]
_OWN_NETWORKS = [(ip_network(name), why) for name, why in _OWN.items()]
_NAT64 = IPv6Network("64:ff9b::/96")  # how an IPv6-only site reaches IPv4: judged by the address within
_GLOBAL = IPv6Network("2000::/3")  # all of IPv6 that is given out


def refusal(text: str, networks: Iterable[Network]) -> str | None:
    """Why that address must not be connected to; None where it may. `networks` are the site's own that its file names."""
    try:
        address = ip_address(text)
    except ValueError:
        return NO_ADDRESS
    never = _why(address, _NEVER_NETWORKS)
    if never:
        return never
    if isinstance(address, IPv6Address) and address in _NAT64:
        return refusal(str(IPv4Address(int(address) & 0xFFFFFFFF)), ())
    own = _why(address, _OWN_NETWORKS)
    if own:
        return None if any(address in network for network in networks) else own
    outside = isinstance(address, IPv6Address) and address not in _GLOBAL
    return "is not given out for the internet" if outside or not address.is_global else None


def network_of(text: str) -> Network:
    """A network of a hospital's own. Raises ValueError for what is none: the internet needs no leave, and the rest gets none."""
    network = ip_network(text)
    if not any(network.version == own.version and network.subnet_of(own) for own, _ in _OWN_NETWORKS):  # type: ignore[arg-type]
        raise ValueError("is not within a private or loopback network")
    return network


def is_loopback(text: str) -> bool:
    return ip_address(text).is_loopback


def _why(address: Address, networks: Iterable[tuple[Network, str]]) -> str | None:
    return next((f"is {why}" for network, why in networks if address in network), None)
