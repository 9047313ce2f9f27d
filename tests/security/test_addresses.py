"""Where a name may lead: public addresses, and of a hospital's own only those in the networks that its file names."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.security.addresses import network_of, refusal

NEVER = [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "100.100.100.200", "168.63.129.16", "::", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1",
    "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "fd00:ec2::254", "100::1", "3fff::1", "4000::1", "::127.0.0.1", "name", "", "2130706433",
    "0x7f000001", "127.1",
]  # fmt: skip
OWN = {"127.0.0.1": "127.0.0.0/8", "127.8.8.8": "127.0.0.0/8", "10.2.3.4": "10.2.0.0/16", "172.31.255.1": "172.31.0.0/16",
       "192.168.1.1": "192.168.1.0/24", "100.64.0.1": "100.64.0.0/10", "::1": "::1/128", "fd12::1": "fd12::/16"}  # fmt: skip
EVERYTHING = tuple(map(ip_network, ("0.0.0.0/0", "::/0")))


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_reached(address: str) -> None:
    """Whatever networks a file names: metadata of clouds, link-local, disguises of IPv4, and what is no address."""
    assert refusal(address, EVERYTHING)


@pytest.mark.parametrize(("address", "network"), OWN.items())
def test_a_hospitals_own_address_needs_its_network_named(address: str, network: str) -> None:
    """Named it is reached, unnamed not, and another network's name does not help."""
    assert refusal(address, ())
    assert refusal(address, [ip_network("10.99.0.0/16"), ip_network("fd99::/16")])
    assert refusal(address, [network_of(network)]) is None


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808"])
def test_public_addresses_are_reached(address: str) -> None:
    """Also IPv4 through an IPv6-only site's translation."""
    assert refusal(address, ()) is None


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0/0", "::/0", "8.8.8.0/24", "169.254.0.0/16", "10.0.0.0/7", "fe80::/10", "10.2.3.4/16", "x", "::ffff:0:0/96", "224.0.0.0/4"],
)
def test_only_a_private_network_can_be_named(text: str) -> None:
    """Neither all there is nor link-local; and a network is named exactly."""
    with pytest.raises(ValueError, match=r"network|host bits"):
        network_of(text)


@given(st.ip_addresses())
def test_what_is_not_global_is_refused(address: object) -> None:
    """By Python's own reading, asked of any address; NAT64 apart, which is read as what it leads to."""
    if not ip_address(str(address)).is_global:
        assert refusal(str(address), ())
