"""What holds for every test: the Hypothesis profile, the markers of the folders, and no network beyond loopback."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Time is no promise of a test: a loaded machine must not turn a slow draw into a failure.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
_CALM = settings.get_profile("calm")
settings.register_profile("test", _CALM, max_examples=100, derandomize=True)
settings.register_profile("laws", _CALM, max_examples=int(os.environ.get("EXAMPLES", "2000")), print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))

_MARK_OF_FOLDER = {"generative": "laws", "browser": "browser", "deploy": "deploy", "medplum": "node", "spark": "spark"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test is marked by where it stands, so that no file can forget its marker."""
    for item in items:
        for folder, mark in _MARK_OF_FOLDER.items():
            if folder in Path(item.path).relative_to(Path(__file__).parent).parts[:-1]:
                item.add_marker(mark)


def _is_local(address: Any) -> bool:
    """A Unix socket's path, localhost, or a loopback IP address."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """A connection that leaves this machine fails the test that made it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            self.close()  # no caller expects this error, so none would
            raise AssertionError(f"a test tried to reach the network: {address!r}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
