"""`cds-service cohort`: what each purpose gives, refuses and writes down."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from fhir.resources.R4B.group import Group

from cds_service.audit.accounts import account
from cds_service.cli import main
from cds_service.cohort.lists import decrypted, read_key
from tests.cohort.test_same_as_elsewhere import DEMO
from tests.support.exports import export
from tests.support.folders import shut
from tests.support.stores import audited, settings_of

Json = dict[str, Any]
FIRST = DEMO[:14]
UNTIL = ("--attestation-until", "2199-12-31")
PREPARATORY = ("prep-to-research", "--attestation", "to plan a protocol")


def _copies(times: int) -> list[Json]:
    """The same patients over and over under other ids, so that counts are large enough to be shown."""
    text = [json.dumps(one) for chart in FIRST for one in chart]
    ids = [one["id"] for chart in FIRST for one in chart if one["resourceType"] == "Patient"]
    pattern = re.compile("|".join(f'(?<=["/]){re.escape(name)}(?=["-])' for name in sorted(ids, key=len, reverse=True)))
    return [json.loads(pattern.sub(lambda found, n=number: f"{found[0]}x{n}", one)) for number in range(times) for one in text]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("export"), _copies(12))


def _cohort(folder: Path, out: Path, purpose: str, *more: str) -> int:
    given = ["--source", str(folder), "--out", str(out), "--as-of", "2026-11-22", "--workers", "1", "--purpose", purpose]
    return main(["cohort", "run", "cc312", *given, *more])


def test_feasibility_gives_counts_and_no_patient(folder: Path, tmp_path: Path) -> None:
    """Counts and a report; no file names a patient, and no copy of a record is left."""
    assert _cohort(folder, tmp_path, "feasibility") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort-audit.jsonl", "funnel.json", "report.html"]
    counts = json.loads((tmp_path / "funnel.json").read_text())
    assert counts["patients"] == 12 * len(FIRST)
    page = (tmp_path / "report.html").read_text()
    ids = [one["id"] for chart in FIRST for one in chart if one["resourceType"] == "Patient"]
    assert not [name for name in ids if f"{name}x" in page + json.dumps(counts)]
    assert not re.search(r"https?://(?!www\.w3\.org)|<script|url\((?!#)", page)


def test_no_count_in_the_files_is_small(folder: Path, tmp_path: Path) -> None:
    """Every number of patients in funnel.json is 0, hidden, or above the threshold, which can be raised."""
    assert _cohort(folder, tmp_path, "feasibility", "--hide-up-to", "30") == 0
    counts = json.loads((tmp_path / "funnel.json").read_text())
    shown = [value for arm in counts["arms"] for one in arm["criteria"] for part in (one["step"], one["alone"]) for value in part.values()]
    shown += [value for arm in counts["arms"] for value in (arm["inScope"], *arm["statuses"].values())]
    assert all(value is None or value == 0 or value > 30 for value in shown)
    assert any(shown)


@pytest.mark.parametrize(
    ("purpose", "more", "why"),
    [
        ("prep-to-research", (), "needs --attestation"),
        ("feasibility", ("--group",), "does not allow"),
        ("feasibility", ("--keep-work",), "--keep-work would leave files that name patients"),
        ("prep-to-research", ("--attestation", "to plan", "--group", "--keep-work"), "which --purpose prep-to-research does not allow"),
        ("recruitment", (), "needs --attestation"),
        ("recruitment", ("--attestation", "IRB 1"), "needs --attestation-until"),
        ("recruitment", ("--attestation", "IRB 1", "--attestation-until", "2026-01-31"), "ended on 2026-01-31"),
        ("recruitment", ("--attestation", "IRB 1", *UNTIL), "needs --key-file"),
        ("recruitment", ("--attestation", "IRB 1", *UNTIL, "--key-file", "no-such-file"), "the key can't be read"),
    ],
)
def test_what_a_purpose_needs_is_asked_for(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], purpose: str, more: tuple[str, ...], why: str
) -> None:
    """Without attestation or key nothing is read, written or counted."""
    assert _cohort(folder, tmp_path / "out", purpose, *more) == 2
    assert why in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_recruitment_lists_are_encrypted_and_leave_out_who_may_not_be_called(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Opt-outs and the dead stand on no list; the list opens with its key only, and the audit holds the attestation."""
    many = _copies(2)
    fits = next(one["id"] for one in many if one["resourceType"] == "Patient")
    dead = next(one for one in many if one["resourceType"] == "Patient" and one["id"] != fits)
    refusal = {"resourceType": "Consent", "id": "no", "status": "active", "patient": {"reference": f"Patient/{fits}"}}
    refusal |= {"scope": {"coding": [{"code": "research"}]}, "provision": {"type": "deny"}}
    source = export(tmp_path / "in", [*(one for one in many if one is not dead), refusal, dead | {"deceasedBoolean": True}])
    key, other, out = tmp_path / "key", tmp_path / "other", tmp_path / "out"
    assert main(["cohort", "key", str(key)]) == 0
    assert main(["cohort", "key", str(key)]) == 2
    assert main(["cohort", "key", str(other)]) == 0
    assert _cohort(source, out, "recruitment", "--attestation", "IRB 2026-7", *UNTIL, "--key-file", str(key), "--group") == 0
    assert b"Patient/" not in (out / "candidates.csv.fernet").read_bytes()
    assert main(["cohort", "decrypt", str(out / "candidates.csv.fernet"), "--key-file", str(other)]) == 2
    capsys.readouterr()
    assert main(["cohort", "decrypt", str(out / "candidates.csv.fernet"), "--key-file", str(key)]) == 0
    called = {row["patient"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    told = set(pq.read_table(out / "verdicts.parquet")["patient"].to_pylist())
    assert called
    assert called <= told
    assert not told & {f"Patient/{fits}", f"Patient/{dead['id']}"}
    groups = (out / "groups.ndjson").read_text()
    assert f'"Patient/{fits}"' not in groups
    assert f'"Patient/{dead["id"]}"' not in groups
    audit = json.loads((out / "cohort-audit.jsonl").read_text())
    assert (audit["purpose"], audit["attestation"], audit["trial"]) == ("recruitment", "IRB 2026-7", "cc312@1.0.0")
    assert audit["attestationUntil"] == "2199-12-31"


def test_whom_the_site_leaves_off_stands_on_no_list(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ids with and without their type, and test patients; the counts are the same, and the audit says how many."""
    many = _copies(1)
    people = [one for one in many if one["resourceType"] == "Patient"]
    test = {"meta": {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}}
    source = export(tmp_path / "in", [one | (test if one is people[2] else {}) for one in many])
    off, key, out = tmp_path / "off", tmp_path / "key", tmp_path / "out"
    off.write_text(f"Patient/{people[0]['id']}\n\n {people[1]['id']}\n")
    main(["cohort", "key", str(key)])
    given = ("--attestation", "IRB 2026-7", *UNTIL, "--key-file", str(key), "--group", "--leave-off", str(off), "--not-exported", "Consent")
    assert _cohort(source, out, "recruitment", *given) == 0
    named = pq.read_table(out / "verdicts.parquet").column("patient").to_pylist()
    wanted = {f"Patient/{one['id']}" for one in people[3:]}
    assert set(named) == wanted
    listed = decrypted(out / "candidates.csv.fernet", read_key(key)).decode() + (out / "groups.ndjson").read_text()
    assert not [one["id"] for one in people[:3] if one["id"] in listed]
    assert json.loads((out / "funnel.json").read_text())["patients"] == len(people)
    assert json.loads((out / "cohort-audit.jsonl").read_text())["leftOff"] == "2"
    assert capsys.readouterr().out.count("Consents did not come whole") == 3


@pytest.mark.parametrize("text", [None, b"", b"\n", b"name,born\n", b"\xff", b"Patient/a\nDoe, Jane\n"])
def test_a_list_of_whom_to_leave_off_that_went_wrong_stops_the_run(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: bytes | None
) -> None:
    """Nobody is called by mistake, and no line of it is repeated."""
    off = tmp_path / "off"
    if text is not None:
        off.write_bytes(text)
    assert _cohort(folder, tmp_path / "out", "feasibility", "--leave-off", str(off)) == 2
    told = capsys.readouterr().err
    assert str(off) in told
    assert "Doe" not in told
    assert not (tmp_path / "out").exists()


def test_a_site_with_a_store_has_the_run_in_its_audit(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Purpose, attestation, question and account in an event, written before any record is read; a file only where one is named."""
    monkeypatch.setenv("TRIAL_CDS_DATABASE", settings_of(tmp_path)["database"])
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", f"{tmp_path}/secret")
    out = tmp_path / "out"
    assert _cohort(folder, out, "prep-to-research", "--attestation", "IRB 2026-7") == 0
    ((row, event),) = audited(f"sqlite:///{tmp_path}/store.db")
    said = {one["type"]: one["valueString"] for one in event["entity"][0]["detail"]}
    assert (row["action"], event["agent"][0]["name"]) == ("cohort-run", account())
    asked = ("prep-to-research", "IRB 2026-7", "cc312@1.0.0", "2026-11-22")
    assert (said["purpose"], said["attestation"], said["trial"], said["asOf"]) == asked
    assert not (out / "cohort-audit.jsonl").exists()
    assert _cohort(folder, out, "feasibility", "--audit", str(tmp_path / "audit.jsonl")) == 0
    assert (tmp_path / "audit.jsonl").exists()


def test_without_its_event_no_cohort_is_queried(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store takes none, nothing is read or written."""
    settings_of(tmp_path)
    monkeypatch.setenv("TRIAL_CDS_DATABASE", f"sqlite:///{tmp_path}/gone/store.db")
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", f"{tmp_path}/secret")
    assert _cohort(folder, tmp_path / "out", "feasibility") == 1
    assert not (tmp_path / "out").exists()


def test_a_review_preparatory_to_research_shows_patients_and_writes_none(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal whoever may be called, best first; piped or redirected nobody, and no file names a patient either way."""
    out = tmp_path / "out"
    assert _cohort(folder, out, *PREPARATORY) == 0
    said = capsys.readouterr()
    assert ("Patient/" in said.out, "patients are shown on a terminal alone" in said.err) == (False, True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert _cohort(folder, out, *PREPARATORY) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    shown = [line for line in lines if line.startswith("Patient/")]
    assert head.split() == ["patient", "arm", "status", "age", "sex", "recheckOn", "toSettle", "inOtherResearch"]
    assert [line.split()[2] for line in shown] == sorted((line.split()[2] for line in shown), reverse=True)
    assert "  potentially-eligible  " in shown[0]
    assert sorted(path.name for path in out.iterdir()) == ["cohort-audit.jsonl", "funnel.json", "report.html"]
    assert "Patient/" not in "".join(path.read_text() for path in out.iterdir())


def test_a_site_may_let_such_a_review_write_files(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its setting, never by an option of who asks; then nobody is shown on the screen. Feasibility stays counts."""
    monkeypatch.setenv("TRIAL_CDS_PREPARATORY_FILES", "on")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert _cohort(folder, tmp_path / "prep", *PREPARATORY) == 0
    assert _cohort(folder, tmp_path / "counts", "feasibility") == 0
    assert "Patient/" not in capsys.readouterr().out
    assert (tmp_path / "prep" / "verdicts.parquet").is_file()
    assert not (tmp_path / "counts" / "verdicts.parquet").exists()


def test_groups_hold_whom_the_verdicts_name(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One valid Group for each arm and status, its members those of verdicts.parquet with that status; readable by its owner alone."""
    monkeypatch.setenv("TRIAL_CDS_PREPARATORY_FILES", "on")
    assert _cohort(folder, tmp_path, *PREPARATORY, "--group") == 0
    groups = [Group.model_validate_json(line) for line in (tmp_path / "groups.ndjson").read_bytes().splitlines()]
    held = {one.id: {member.entity.reference for member in one.member or []} for one in groups}
    told = pq.read_table(tmp_path / "verdicts.parquet", columns=["patient", "arm", "status"]).to_pylist()
    named: dict[str, set[str]] = {one.id: set() for one in groups}
    for row in told:
        if row["status"] in ("potentially-eligible", "needs-data"):
            named[f"cc312-{row['arm']}-{row['status']}"].add(row["patient"])
    assert held == named
    assert held["cc312-sle-potentially-eligible"]
    assert [one.quantity for one in groups] == [len(members) for members in held.values()]
    assert (tmp_path / "groups.ndjson").stat().st_mode & 0o077 == 0


def test_a_folder_without_files_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty folder is an error that names it, not a cohort of nobody."""
    (tmp_path / "in").mkdir()
    assert _cohort(tmp_path / "in", tmp_path / "out", "feasibility") == 1
    assert "holds no file named *.ndjson" in capsys.readouterr().err


def test_a_folder_of_something_else_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Zeros look like an answer: beside the report it is said that there was nobody, and of a store that it holds nothing."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.ndjson").write_text("not FHIR\n" * 3, "utf-8")
    assert _cohort(tmp_path / "in", tmp_path / "out", "feasibility") == 0
    assert "report.html: the report; no Patient was found: is it FHIR NDJSON, a resource a line?\n" in capsys.readouterr().out
    assert main(["cohort", "ingest", "--source", str(tmp_path / "in"), "--store", str(tmp_path / "store"), "--workers", "1"]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/store: 0 records in 1 part; is it FHIR NDJSON, a resource a line?\n"


@pytest.mark.parametrize("below", ["", "results"])
def test_results_go_outside_the_records(below: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The next run would read the audit's lines and the Groups as records; nothing is written."""
    records = export(tmp_path / "in", _copies(1))
    before = sorted(records.rglob("*"))
    assert _cohort(records, records / below, "feasibility") == 1
    assert capsys.readouterr().err == f"error: {records / below}: is in the folder of the records; name another for the results\n"
    assert sorted(records.rglob("*")) == before


def test_a_folder_of_the_export_that_is_shut_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it holds must not be taken for absent, least of all with --whole."""
    records = export(tmp_path / "in", _copies(1))
    (records / "2025").mkdir()
    shut(monkeypatch, records / "2025")
    assert _cohort(records, tmp_path / "out", "feasibility", "--whole") == 1
    assert capsys.readouterr().err == f"error: {records}/2025: this account may not read it\n"
    assert not (tmp_path / "out").exists()


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As that, and not as one that is damaged and to be fetched again."""
    records, opened = export(tmp_path / "in", _copies(1)), Path.open

    def refused(path: Path, *more: Any, **named: Any) -> Any:
        if path.name == "Patient.ndjson":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *more, **named)

    monkeypatch.setattr(Path, "open", refused)
    assert _cohort(records, tmp_path / "out", "feasibility") == 1
    assert capsys.readouterr().err.endswith("\nerror: Patient.ndjson: this account may not read it\n")


def test_a_prepared_store_gives_the_same_files(folder: Path, tmp_path: Path) -> None:
    """Counts, report, verdicts, Groups and the list of candidates are those of the run over the exported folder, byte for byte."""
    key, store = tmp_path / "key", tmp_path / "store"
    assert main(["cohort", "key", str(key)]) == 0
    assert main(["cohort", "ingest", "--source", str(folder), "--store", str(store), "--workers", "1"]) == 0
    for name, source in (("raw", folder), ("prepared", store)):
        assert _cohort(source, tmp_path / name, "recruitment", "--attestation", "IRB 7", *UNTIL, "--key-file", str(key), "--group") == 0
    for name in ("funnel.json", "report.html", "verdicts.parquet", "groups.ndjson"):
        assert (tmp_path / "prepared" / name).read_bytes() == (tmp_path / "raw" / name).read_bytes(), name
    lists = [decrypted(tmp_path / one / "candidates.csv.fernet", read_key(key)) for one in ("raw", "prepared")]
    assert lists[0] == lists[1]
    assert len(lists[0].splitlines()) > 10


def test_spark_is_given_no_prepared_store(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line says so and what to give it instead, before Spark starts and before anything is written."""
    store, out = tmp_path / "store", tmp_path / "out"
    assert main(["cohort", "ingest", "--source", str(folder), "--store", str(store), "--workers", "1"]) == 0
    capsys.readouterr()
    assert _cohort(store, out, "feasibility", "--engine", "spark") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {store}: is a prepared store, which --engine spark can't read; give it the folder that was exported")
    assert not out.exists()


def test_an_ingest_stands_in_the_audit(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies of records are made only once the event is written."""
    monkeypatch.setenv("TRIAL_CDS_DATABASE", settings_of(tmp_path)["database"])
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", f"{tmp_path}/secret")
    assert main(["cohort", "ingest", "--source", str(tmp_path / "none"), "--store", str(tmp_path / "prepared")]) == 1
    ((row, event),) = audited(f"sqlite:///{tmp_path}/store.db")
    said = {one["type"]: one["valueString"] for one in event["entity"][0]["detail"]}
    assert (row["action"], said["store"]) == ("cohort-fetched", f"{tmp_path}/prepared")
    monkeypatch.setenv("TRIAL_CDS_DATABASE", f"sqlite:///{tmp_path}/gone/store.db")
    assert main(["cohort", "ingest", "--source", str(folder), "--store", str(tmp_path / "prepared")]) == 1
    assert not (tmp_path / "prepared").exists()


def test_a_wrong_source_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No results folder and no line of audit for a run that could not begin."""
    (tmp_path / "empty").mkdir()
    for wrong, says in (("none", "no such folder"), ("empty", "holds no file")):
        assert _cohort(tmp_path / wrong, tmp_path / "results", "feasibility") == 1
        assert says in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
