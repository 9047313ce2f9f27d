"""How far one gets to a server, without a token, and what time it is there."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from cds_service.fhir.reach import reach
from tests.doctor.servers import certificate, served


def test_a_server_is_reached_and_tells_its_time() -> None:
    """A 404 is an answer; no token goes with the question."""
    with served(skew=90) as (address, seen):
        found = reach(f"{address}/r4/metadata")
    assert (found.problem, found.tls) == ("", "")
    assert found.skew is not None
    assert 85 < found.skew < 95
    assert seen == ["HEAD /r4/metadata -"]


def test_tls_is_told_with_the_days_of_the_certificate(tmp_path: Path) -> None:
    """Where the authority given is the one that signed it."""
    authority = str(certificate(tmp_path, days=12))
    with served(certificate=tmp_path / "server.pem") as (address, _):
        found = reach(address, authority)
    assert (found.problem, found.certificate_days) == ("", 12)
    assert found.tls.startswith("TLSv1")


def test_a_certificate_that_is_not_trusted_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of TLS. What this machine trusts beyond the public authorities the service does not."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    with served(certificate=tmp_path / "server.pem") as (address, seen):
        assert reach(address).problem.startswith("its certificate is not trusted: ")
    assert seen == []


def test_a_port_that_nobody_listens_on_is_a_problem() -> None:
    """Refused at once."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert reach(f"http://127.0.0.1:{unused.getsockname()[1]}/").problem == "the connection is refused"


def test_a_server_that_does_not_answer_is_a_problem() -> None:
    """It takes the connection and says nothing."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert reach(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.2).problem == "no answer in time"


def test_a_name_that_does_not_exist_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the resolver says."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert reach("https://no.such.example/").problem == "the name can't be resolved"


@pytest.mark.parametrize("date", ["yesterday", ""])
def test_a_date_that_can_not_be_read_is_no_time(date: str) -> None:
    """Then clocks are not compared."""
    with served(date=date) as (address, _):
        assert reach(address).skew is None
