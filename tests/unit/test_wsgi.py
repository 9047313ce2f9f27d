"""The application that gunicorn serves: faults of settings end it in words, and its log repeats nothing of a request."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from cds_service import wsgi
from cds_service.config import Settings
from tests.support.service import client


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("TRIAL_CDS_PROT", "1", "did you mean TRIAL_CDS_PORT?"),
        ("TRIAL_CDS_TENANTS", "/no/such/file", "TRIAL_CDS_TENANTS: /no/such/file: no such file"),
    ],
)
def test_a_faulty_setting_ends_the_start_with_words(
    setting: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2 and one line, as of `cds-service serve`."""
    monkeypatch.setenv(setting, value)
    with pytest.raises(SystemExit) as ended:
        wsgi.application()
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_faults_of_files_are_told_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The tenants file's and the secret's, each by the name of its setting."""
    (tmp_path / "tenants.yaml").write_text("a: [")
    monkeypatch.setenv("TRIAL_CDS_TENANTS", str(tmp_path / "tenants.yaml"))
    monkeypatch.setenv("TRIAL_CDS_DATABASE", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", "/no/such/key")
    with pytest.raises(SystemExit):
        wsgi.application()
    told = capsys.readouterr().err
    assert "error: TRIAL_CDS_SECRET_FILE: /no/such/key: no such file\n" in told
    assert f"error: TRIAL_CDS_TENANTS: {tmp_path}/tenants.yaml: can't be read as YAML" in told


def test_a_store_that_is_behind_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line with the command that mends it; the service starts and waits for that."""
    (tmp_path / "secret").write_bytes(b"k" * 48)
    (tmp_path / "store.db").touch()
    monkeypatch.setenv("TRIAL_CDS_DATABASE", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", str(tmp_path / "secret"))
    wsgi.application()
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning:")]
    assert "it is not at this version: run `cds-service db upgrade`" in line


def test_a_reload_with_faulty_settings_keeps_what_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong tenants file must not stop a service that works; a good one gives a new application. The log tells which."""
    served = client().application
    (tmp_path / "tenants.yaml").write_text("tenants: []")
    monkeypatch.setenv("TRIAL_CDS_TENANTS", str(tmp_path / "tenants.yaml"))
    assert wsgi.renewed(served) is served
    assert "reload-refused" in capsys.readouterr().err
    monkeypatch.delenv("TRIAL_CDS_TENANTS")
    assert wsgi.renewed(served) is not served
    assert '"reloaded"' in capsys.readouterr().err


@pytest.mark.rule("53")
@pytest.mark.parametrize("address", [("0.0.0.0", 8080), ("::", 8080, 0, 0), ("10.0.0.1", 8080)])
def test_no_bind_opens_an_unchecked_service_to_others(address: tuple[object, ...]) -> None:
    """Only with a tenants file, or told so, is an address beyond loopback accepted."""
    with pytest.raises(SystemExit):
        wsgi.check_addresses([address], Settings())
    wsgi.check_addresses([address], Settings(insecure=True))
    wsgi.check_addresses([address], Settings(tenants=Path("tenants.yaml")))


def test_loopback_and_unix_sockets_need_no_check() -> None:
    """Nobody but this machine reaches them."""
    wsgi.check_addresses([("127.0.0.1", 8080), "/run/cds-service/socket"], Settings())


def test_the_servers_log_repeats_nothing_of_a_request(caplog: pytest.LogCaptureFixture) -> None:
    """A request line, a header and the text of an exception can name a patient or hold a token."""
    caplog.set_level(logging.INFO, "gunicorn.error")
    wsgi.quiet_gunicorn()
    wsgi.quiet_gunicorn()
    server = logging.getLogger("gunicorn.error")
    assert sum(isinstance(each, wsgi.NoRequest) for each in server.filters) == 1
    server.warning("Invalid request from ip=127.0.0.1: Invalid HTTP Header: 'Authorization  SECRET'")
    try:
        raise ValueError("SECRET")
    except ValueError:
        server.exception("Error handling request %s", "/cds-services?patient=SECRET")
        server.error("Exception in worker process", exc_info=sys.exc_info())
    server.info("Booting worker with pid: %s", 7)
    assert "SECRET" not in caplog.text
    assert "a request failed outside the application: ValueError at test_the_servers_log" in caplog.text
    assert "Booting worker with pid: 7" in caplog.text


def test_a_proxys_request_id_is_kept_and_nothing_else_is() -> None:
    """32 hexadecimal digits, as nginx makes them; other values could carry anything into the log."""
    own = "0123456789abcdef0123456789abcdef"
    assert client().get("/livez", headers={"X-Request-Id": own}).headers["X-Request-Id"] == own
    assert client().get("/livez", headers={"X-Request-Id": "patient 7"}).headers["X-Request-Id"] != "patient 7"
