"""`cds-service mode` and `cds-service cards`, as an administrator types them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cds_service.cli import main
from tests.security.test_tenants import file


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAL_CDS_TENANTS", str(file(tmp_path, mode="silent")))
    monkeypatch.setenv("TRIAL_CDS_DATABASE", f"sqlite:///{tmp_path}/store.db")
    secret = tmp_path / "secret"
    secret.write_bytes(b"k" * 48)
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", str(secret))
    assert main(["db", "upgrade"]) == 0


def test_a_switch_stands_in_the_audit(capsys: pytest.CaptureFixture[str]) -> None:
    """Who switched what, and when."""
    assert main(["mode", "off", "--trial", "cc312"]) == 0
    assert main(["audit", "export", "--since", "2026-01-01"]) == 0
    assert "mode of every tenant, trial cc312" in capsys.readouterr().out


def test_switching_off_does_not_depend_on_the_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no event can be written the mode is set and told all the same, and status 1 says that something is missing."""
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'full'); END")
    assert main(["mode", "off"]) == 1
    assert "general  cc312  off" in capsys.readouterr().out
    assert main(["mode"]) == 0
    assert "general  cc312  off" in capsys.readouterr().out


def test_a_mode_is_told_set_and_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    """What counts is told after each change."""
    said = []
    for words in ("", "on --tenant general", "off", "unset", "unset --tenant general"):
        capsys.readouterr()
        assert main(["mode", *words.split()]) == 0
        said.append(capsys.readouterr().out.splitlines()[1])
    assert said == [f"general  cc312  {mode}" for mode in ("silent", "on", "off", "on", "silent")]


def test_the_switch_works_although_it_cannot_be_audited(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the secret nothing can be audited: that is told, after cards are off."""
    monkeypatch.delenv("TRIAL_CDS_SECRET_FILE")
    assert main(["mode", "off"]) == 1
    assert "secret file" in capsys.readouterr().err
    assert main(["mode"]) == 0
    assert "general  cc312  off" in capsys.readouterr().out


def test_a_mode_stands_under_its_head(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`none` is no mode but the tenant of a service without a tenants file: the head says so."""
    monkeypatch.delenv("TRIAL_CDS_TENANTS")
    capsys.readouterr()
    assert main(["mode"]) == 0
    assert capsys.readouterr().out.splitlines() == ["TENANT  TRIAL  MODE", "none    cc312  on"]


@pytest.mark.parametrize("words", ["mode off", "mode", "cards", "audit verify", "audit export --since 2026-01-01", "db purge", "db status"])
@pytest.mark.parametrize(("kept", "says"), [(True, "it is not at this version"), (False, "its file is not there")])
def test_a_store_without_tables_is_told_in_the_doctor_s_words(
    words: str, kept: bool, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not as a database that does not run; and no command but `db upgrade` makes the file."""
    for path in tmp_path.glob("store.db*"):
        path.unlink()
    if kept:
        (tmp_path / "store.db").touch()
    capsys.readouterr()
    assert main(words.split()) == 1
    told = "".join(capsys.readouterr())
    assert f"{says}: run `cds-service db upgrade`" in told
    assert "reached" not in told
    assert (tmp_path / "store.db").exists() == kept


@pytest.mark.parametrize(("words", "problem"), [("off --tenant nobody", "no tenant 'nobody'"), ("off --trial cc313", "no trial 'cc313'")])
def test_what_is_not_there_is_told(words: str, problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A kill switch with a slip in its name must not look as if it had worked."""
    assert main(["mode", *words.split()]) == 2
    assert problem in capsys.readouterr().err


def test_without_a_store_there_is_nothing_to_switch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The settings file is the place then."""
    monkeypatch.delenv("TRIAL_CDS_DATABASE")
    assert main(["mode", "off"]) == 2
    assert "there is no store" in capsys.readouterr().err


def test_the_cards_are_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """With its head even when nothing was shown."""
    assert main(["cards", "--since", "2026-11-01"]) == 0
    assert "shown,tenant,location,hook,trial," in capsys.readouterr().out
