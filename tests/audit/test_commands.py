"""`cds-service audit` and `db purge`: what they print, with which status, and what they themselves leave in the audit."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds_service.audit.accounts import account
from cds_service.audit.events import Action, Event
from cds_service.audit.trail import Trail
from cds_service.cli import main
from cds_service.store.opening import Store
from tests.support.stores import audited, store_of


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store that the commands find by the environment."""
    found = store_of(tmp_path)
    monkeypatch.setenv("TRIAL_CDS_DATABASE", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", f"{tmp_path}/secret")
    return found


def looked_at(store: Store, day: str, patient: str = "p1", tenant: str = "general") -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    Trail.of(store, now=lambda: at).record(Event(Action.HOOK, tenant, patient=patient))
    store.database.close()


def exported(capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    """The days of the events that were printed."""
    capsys.readouterr()
    assert main(["audit", "export", *more]) == 0
    return [json.loads(line)["recorded"][:10] for line in capsys.readouterr().out.splitlines()]


def test_a_sound_audit_is_told_with_its_end(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """The end that is printed can be handed back and is known."""
    looked_at(store, "2020-11-20")
    assert main(["audit", "verify"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("1 events; end 1:")
    assert main(["audit", "verify", "--expect", said.split("end ")[1].split(";")[0]]) == 0


def test_a_changed_event_and_a_cut_end_give_status_1(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is told in a line."""
    looked_at(store, "2020-11-20")
    looked_at(store, "2020-11-21")
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("DROP TRIGGER audit_events_update")
        connection.execute("UPDATE audit_events SET tenant = 'other' WHERE id = 1")
        connection.commit()
    assert main(["audit", "verify", "--expect", f"9:{'a' * 64}"]) == 1
    said = capsys.readouterr().out
    assert "fault: event 1 is not as it was written" in said
    assert "fault: event 9 with that digest is not there" in said


def test_another_secret_is_told_as_such(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not as tampering with every row; with the old secret beside it the audit is sound."""
    looked_at(store, "2020-11-20")
    (tmp_path / "secret").rename(tmp_path / "old")
    (tmp_path / "secret").write_bytes(b"n" * 32)
    assert main(["audit", "verify"]) == 1
    assert "--old-secret" in capsys.readouterr().out
    assert main(["audit", "verify", "--old-secret", str(tmp_path / "old")]) == 0


def test_events_of_the_days_asked_for_are_exported(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """Both days included, in order; and the export is an event of its own, with the account and the days."""
    for day in ("2020-11-19", "2020-11-20", "2020-11-21T23:59:59", "2020-11-22"):
        looked_at(store, day)
    assert exported(capsys, "--since", "2020-11-20", "--until", "2020-11-21") == ["2020-11-20", "2020-11-21"]
    row, event = audited(store.database)[-1]
    assert (row["action"], event["agent"][0]["name"]) == ("audit-exported", account())
    assert {one["valueString"] for one in event["entity"][0]["detail"]} == {"2020-11-20", "2020-11-21"}


def test_one_patients_events_are_exported(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An accounting of disclosures: by the EHR's id, from a file or standard input, which the audit holds as a key alone."""
    looked_at(store, "2020-11-19", "MRN-77")
    looked_at(store, "2020-11-20", "MRN-78")
    looked_at(store, "2020-11-21", "MRN-77", "other")
    (tmp_path / "who").write_text("Patient/MRN-77\n")
    whose = ("--since", "2020-01-01", "--until", "2020-11-27", "--tenant", "general")
    assert exported(capsys, *whose, "--patient-file", str(tmp_path / "who")) == ["2020-11-19"]
    monkeypatch.setattr("sys.stdin", io.StringIO("MRN-78"))
    assert exported(capsys, *whose, "--patient-file", "-") == ["2020-11-20"]
    rows = audited(store.database)
    assert rows[3][0]["patient_key"] == rows[0][0]["patient_key"]
    assert "MRN-7" not in str(rows)


@pytest.mark.parametrize("content", [None, " \n"])
def test_an_export_of_nobody_is_refused(store: Store, tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is missing or empty must not become an export of everybody."""
    looked_at(store, "2020-11-20")
    if content:
        (tmp_path / "who").write_text(content)
    assert main(["audit", "export", "--since", "2020-01-01", "--patient-file", str(tmp_path / "who")]) == 1
    assert capsys.readouterr().out == ""
    assert len(audited(store.database)) == 1


def test_purge_tells_then_removes_and_leaves_an_event(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run changes nothing; a purge removes what is older than six years, says so in the audit, which stays sound."""
    looked_at(store, "2001-01-01")
    looked_at(store, "2190-11-20")
    assert main(["db", "purge", "--dry-run"]) == 0
    assert "audit_events: 1 rows older than 2192 days would be removed" in capsys.readouterr().out
    assert [row["id"] for row, _ in audited(store.database)] == [1, 2]
    assert main(["db", "purge"]) == 0
    assert "audit_events: 1 rows older than 2192 days were removed" in capsys.readouterr().out
    assert [(row["id"], row["action"]) for row, _ in audited(store.database)] == [(2, "hook-evaluated"), (3, "audit-purged")]
    assert main(["audit", "verify"]) == 0
    assert main(["db", "purge"]) == 0
    assert len(audited(store.database)) == 2


def test_the_days_are_the_sites(store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A longer retention keeps what the default would remove."""
    looked_at(store, "2001-01-01")
    monkeypatch.setenv("TRIAL_CDS_KEEP_AUDIT", "36500")
    assert main(["db", "purge"]) == 0
    assert len(audited(store.database)) == 1
