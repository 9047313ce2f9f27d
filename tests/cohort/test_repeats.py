"""How many different questions for counts are answered, on each database and through the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.cli import main
from cds_service.cohort.purpose import PurposeError
from cds_service.cohort.repeats import DAYS, Question, allow
from cds_service.store.database import Database
from cds_service.store.opening import Store
from cds_service.store.secret import Secret
from tests.store.conftest import cluster, empty, store, url
from tests.support.builders import SLE, condition, patient
from tests.support.exports import export
from tests.support.stores import settings_of

__all__ = ["cluster", "empty", "store", "url"]
DAY, NOW, MOST = 86_400, 1_790_000_000, 3


def ask(database: Database, name: str, now: int = NOW) -> None:
    allow(Store(database, Secret(b"k" * 32)), Question("s3a://bucket/export", (name,)), MOST, now)


def test_so_many_different_questions_are_answered(store: Database) -> None:
    """The next one is refused with the day on which it may be asked; those asked before are answered again and again."""
    for name in "abc":
        ask(store, name)
    with pytest.raises(PurposeError, match="from 2026-10-21"):
        ask(store, "d")
    for name in "abc":
        ask(store, name)


def test_after_their_days_questions_no_longer_count(store: Database) -> None:
    """Each for itself: the second was asked a day later."""
    for number, name in enumerate("abc"):
        ask(store, name, NOW + number * DAY)
    later = NOW + DAYS * DAY
    ask(store, "d", later)
    with pytest.raises(PurposeError):
        ask(store, "e", later)


def test_another_export_is_another_question(tmp_path: Path) -> None:
    """Yesterday's counts from today's tell who is new."""
    keyed = Store(None, Secret(b"k" * 32))  # type: ignore[arg-type]  # the database is not asked
    folder = export(tmp_path / "in", [patient()])
    before = Question(folder, ("cc312",)).digest(keyed)
    assert Question(folder, ("cc312",)).digest(keyed) == before
    assert Question(folder, ("other",)).digest(keyed) != before
    (folder / "Condition.ndjson").write_bytes(b"{}\n")
    assert Question(folder, ("cc312",)).digest(keyed) != before


def test_the_command_keeps_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, before anything is read; with an attestation it is not counts that are asked for."""
    folder = export(tmp_path / "in", [patient(), condition(SLE)])
    monkeypatch.setenv("TRIAL_CDS_DATABASE", settings_of(tmp_path)["database"])
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", f"{tmp_path}/secret")
    monkeypatch.setenv("TRIAL_CDS_COHORT_QUESTIONS", "1")

    def run(day: str, *more: str) -> int:
        given = ["--source", str(folder), "--out", str(tmp_path / f"out-{day}"), "--as-of", day, "--workers", "1", *more]
        return main(["cohort", "run", "cc312", *given])

    assert run("2026-11-22", "--purpose", "feasibility") == 0
    assert run("2026-11-22", "--purpose", "feasibility") == 0
    assert run("2026-11-23", "--purpose", "feasibility") == 2
    assert "1 different questions were asked" in capsys.readouterr().err
    assert not (tmp_path / "out-2026-11-23").exists()
    assert run("2026-11-23", "--purpose", "prep-to-research", "--attestation", "to plan a protocol") == 0
