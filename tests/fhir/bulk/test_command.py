"""`cds-service cohort fetch`: from a settings file to a folder that `cohort run` takes, and what is told when it can't."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.cli import main
from cds_service.cohort.patients import evaluations
from cds_service.commands import fetching
from cds_service.fhir.bulk_settings import load_source
from tests.cohort.test_same_as_elsewhere import DEMO
from tests.fhir.bulk.server import Exporter, capabilities, ndjson, outcome, patient
from tests.support.canaries import canary, chart, leaked
from tests.support.exports import export, resources_of, run
from tests.support.faulty_server import Handler, body, status
from tests.support.faulty_server import json as answer
from tests.support.stores import audited, store_of

Json = dict[str, Any]
EXAMPLE = Path(__file__).resolve().parents[3] / "deploy/cohort-source.yaml"


@pytest.fixture
def settings(site: Exporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the test's server; the command's clock is the server's."""
    monkeypatch.setattr(fetching, "timing", lambda: site.clock.timing)
    site.says("/r4/metadata", status(403))
    return written(tmp_path, site)


def written(folder: Path, site: Exporter, **more: Any) -> Path:
    client = {"id": "trial-cds", "key_file": str(folder / "key.pem"), "kid": "2026-01"}
    held = {"fhir_server": site.base, "client": client, "group": "g1", "networks": ["127.0.0.0/8"], "attempts": 3, **more}
    path = folder / "source.yaml"
    path.write_text(yaml.safe_dump({name: value for name, value in held.items() if value is not None}))
    return path


def fetch(settings: Path, out: Path, *more: str) -> int:
    return main(["cohort", "fetch", "cc312", "--settings", str(settings), "--out", str(out), *more])


def serve(site: Exporter, resources: list[Json]) -> None:
    by_type: dict[str, list[Json]] = {}
    for one in resources:
        by_type.setdefault(one["resourceType"], []).append(one)
    site.files = sorted(by_type.items())


def verdicts(source: Path, work: Path, **more: Any) -> dict[str, Json]:
    found = run(source, work, **more)
    return {one.patient: one.to_json() for number in range(found.tools.buckets) for one in evaluations(found.tools, number)}


def test_what_is_fetched_runs_as_the_charts_themselves_do(site: Exporter, settings: Path, tmp_path: Path) -> None:
    """Fetched whole, types without a record are empty, and every verdict is that of the whole Bundles."""
    charts = [one for chart in DEMO[:8] for one in chart]
    serve(site, charts)
    assert fetch(settings, tmp_path / "in") == 0
    fetched = verdicts(tmp_path / "in", tmp_path / "work", whole=False)
    whole = verdicts(export(tmp_path / "whole", charts), tmp_path / "work2")
    read = {kind for kind, one in json.loads((tmp_path / "in/manifest.json").read_text())["types"].items() if one["state"] == "whole"}
    assert fetched.keys() == whole.keys()
    for name, one in fetched.items():
        assert one["arms"] == whole[name]["arms"]
        assert {each["type"] for each in one["sources"] if each["state"] == "whole"} == read - {"Patient"}


def test_fetch_and_run_from_the_command_line(site: Exporter, settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two commands lead from a server to a report."""
    serve(site, [one for chart in DEMO[:8] for one in chart])
    assert fetch(settings, tmp_path / "in") == 0
    told = capsys.readouterr()
    assert "export of Group/g1, as of 2026-11-20T03:00:00Z" in told.out
    assert "files left" in told.err
    query = ["cohort", "run", "cc312", "--source", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--purpose", "feasibility"]
    assert main([*query, "--as-of", "2026-11-22", "--workers", "1"]) == 0
    counts = json.loads((tmp_path / "out/funnel.json").read_text())
    assert (counts["data"]["notExported"], counts["data"]["incomplete"]) == ([], [])


def test_the_types_are_those_of_the_trial(site: Exporter, settings: Path, tmp_path: Path) -> None:
    """What its inputs are read from, what these point to, and the Consents; nothing else of a patient."""
    assert fetch(settings, tmp_path / "in") == 0
    assert set(site.export_of()["_type"]) == {
        "AllergyIntolerance", "Condition", "Consent", "DiagnosticReport", "Encounter", "Immunization", "Medication",
        "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement", "Observation", "Patient",
        "Procedure", "QuestionnaireResponse", "ResearchStudy", "ResearchSubject",
    }  # fmt: skip


@pytest.mark.parametrize(("more", "code"), [((), 1), (("--accept-partial",), 0)])
def test_a_fetch_that_is_not_whole_is_told_by_its_status(
    site: Exporter, settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], code: int
) -> None:
    """Though all files are here: so that nobody goes on without knowing. No word of the server's is shown."""
    site.says("/files/e", ndjson([outcome("error")]))
    site.manifest = {"outcome": [{"type": "OperationOutcome", "url": f"{site.server.url}/files/e"}]}
    assert fetch(settings, tmp_path / "in", *more) == code
    told = capsys.readouterr()
    assert "Condition                  partial               1  the server says that something could not be exported" in told.out
    assert "the server says: error processing, 1 times" in told.err
    assert "Jane" not in told.out + told.err


def test_asking_for_less_is_no_fault(site: Exporter, settings: Path, tmp_path: Path) -> None:
    """Only what changed was wanted."""
    assert fetch(settings, tmp_path / "in", "--since", "2026-11-01T00:00:00Z") == 0
    assert site.export_of()["_since"] == ["2026-11-01T00:00:00Z"]


def test_patients_of_a_list(site: Exporter, settings: Path, tmp_path: Path) -> None:
    """Each searched for as a hook would want them, by the same templates."""
    site.says("/r4/metadata", answer(capabilities("Patient", "Condition", "Observation")))
    site.says("/r4/Patient/p1", answer(patient(1)))
    for kind in ("Condition", "Observation"):
        site.says(f"/r4/{kind}", answer({"resourceType": "Bundle", "type": "searchset", "total": 0}))
    (tmp_path / "ids").write_text("p1\n")
    assert fetch(settings, tmp_path / "in", "--patients", str(tmp_path / "ids")) == 0
    asked = {one.target for one in site.server.asked if "patient=" in one.target}
    assert asked == {
        "/r4/Condition?patient=p1&_count=200",
        *(f"/r4/Observation?patient=p1&category={name}&_count=200" for name in ("laboratory", "survey", "vital-signs")),
    }


def test_no_secret_is_told(site: Exporter, settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither token nor assertion nor an export's URL, in what goes well and what does not."""
    site.says("/files/1/1", status(500))
    assert fetch(settings, tmp_path / "in") == 1
    told = capsys.readouterr()
    assert "1 of 2 files could not be had" in told.err
    assert "the same command goes on where it was" in told.err
    for secret in ("s3cret", "/jobs/", "/files/", "eyJ", "PRIVATE"):
        assert secret not in told.out + told.err


def test_no_word_of_the_server_and_of_nobodys_record_is_told(
    site: Exporter, settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Progress, errors, pages and records full of canaries: none is in what is printed, nor in the manifest."""
    issue = {"severity": canary("severity"), "code": canary("code"), "diagnostics": canary("diagnostics"), "expression": [canary("place")]}
    words = {"resourceType": "OperationOutcome", "issue": [issue], canary("member"): 1}
    serve(site, resources_of(chart()))
    site.says("/files/1/0", [body(canary("page").encode(), 500), site.guarded(ndjson(site.files[0][1]))])
    site.says("/files/e", ndjson([words]))
    site.polls = [status(202, X_Progress=canary("progress")), answer(words, 503)]
    site.manifest = {"error": [{"type": "OperationOutcome", "url": f"{site.server.url}/files/e"}], canary("member"): canary("value")}
    assert fetch(settings, tmp_path / "in") == 1
    for reply in (answer(words, 400), answer(words, 200), body(canary("page").encode(), 500)):
        site.says("/r4/Group/g1/$export", reply)
        assert fetch(settings, tmp_path / "in2") == 1
    site.says("/auth/token", answer({"error": canary("error"), "error_description": canary("words")}, 400))
    assert fetch(settings, tmp_path / "in3") == 1
    told = capsys.readouterr()
    assert leaked(told.out + told.err) == []
    assert leaked((tmp_path / "in/manifest.json").read_bytes()) == []


def test_a_fetch_stands_in_the_audit(site: Exporter, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is asked for; without the audit nothing is."""
    store = store_of(tmp_path)
    monkeypatch.setenv("TRIAL_CDS_DATABASE", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("TRIAL_CDS_SECRET_FILE", f"{tmp_path}/secret")
    assert fetch(settings, tmp_path / "in") == 0
    ((_, event),) = audited(store.database)
    store.database.close()
    assert event["subtype"][0]["code"] == "cohort-fetched"
    details = {one["type"]: one["valueString"] for entity in event["entity"] for one in entity.get("detail", [])}
    assert (details["how"], details["trial"], details["server"]) == ("export of Group/g1", "cc312@1.0.0", site.base)
    asked = len(site.server.asked)
    monkeypatch.setenv("TRIAL_CDS_DATABASE", f"sqlite:///{tmp_path}/none/store.db")
    assert fetch(settings, tmp_path / "in2") == 1
    assert len(site.server.asked) == asked


def test_an_interrupted_fetch_says_how_to_go_on(site: Exporter, tmp_path: Path) -> None:
    """Ctrl-C while it waits for the server: status 130, a line that says so, and the same command finishes."""
    site.open = True
    path = written(tmp_path, site, client=None)
    running: list[subprocess.Popen[str]] = []

    def interrupt(handler: Handler) -> None:
        status(202, Retry_After="3000")(handler)
        running[0].send_signal(signal.SIGINT)

    site.polls = [interrupt]
    command = [sys.executable, "-m", "cds_service.cli", "cohort", "fetch", "cc312", "--settings", str(path), "--out", str(tmp_path / "in")]
    # Tests that run in the background inherit that SIGINT is ignored; a coordinator's terminal does not ignore it.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    running.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ, preexec_fn=heard))
    told = running[0].communicate(timeout=120)[1]
    assert running[0].returncode == 130
    assert "interrupted: what is here is kept; the same command goes on where it was" in told
    assert "Traceback" not in told
    assert subprocess.run(command, check=False, env=os.environ, capture_output=True, timeout=120).returncode == 0
    assert site.jobs == 1


def test_the_public_keys_are_printed_for_the_hospital(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it registers; no private member."""
    assert main(["cohort", "client-keys", "--settings", str(settings)]) == 0
    found = json.loads(capsys.readouterr().out)["keys"][0]
    assert {name: found[name] for name in ("kty", "crv", "kid", "alg", "use")} == {
        "kty": "EC", "crv": "P-384", "kid": "2026-01", "alg": "ES384", "use": "sig",
    }  # fmt: skip
    assert "d" not in found


def test_the_example_settings_are_good(site: Exporter, tmp_path: Path) -> None:
    """As they stand, but for the key, and with every line that is commented out."""
    text = EXAMPLE.read_text().replace("/etc/cds/client-key.pem", str(tmp_path / "key.pem"))
    (tmp_path / "a.yaml").write_text(text)
    found = load_source(tmp_path / "a.yaml")
    assert (found.base, found.group, found.client is not None) == ("https://fhir.example.org/r4", "cohort-1", True)
    lines = [line.replace("# ", "", 1) if line.lstrip().startswith("# ") else line for line in text.splitlines()[1:]]
    (tmp_path / "b.yaml").write_text("\n".join(line for line in lines if "hospital-ca" not in line))
    full = load_source(tmp_path / "b.yaml")
    assert full.client is not None
    assert full.leave_out == {"Medication", "ResearchStudy"}
    assert (full.client.token_url, full.places, len(full.networks)) == (
        "https://auth.example.org/token", ("https://files.example.org/exports",), 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"fhir_server": "http://fhir.example.org/r4"}, "https URL"), ({"networks": []}, "its address is loopback"),
        ({"grup": "x"}, "unknown member 'grup'"), ({"level": "all"}, "expected one of group, patient, system"),
        ({"group": "a/../b"}, "FHIR id"), ({"group": None}, "needs `group`"), ({"client": {"id": "x"}}, "needs `key_file`"),
        ({"client": {"id": "x", "key_file": "no-such-file"}}, "no-such-file: can't be read"),
        ({"type_filters": ["Observation"]}, "expected a search"), ({"polling": {"first": 0}}, "expected seconds"),
        ({"kickoff": "put"}, "expected one of get, post"),
    ],
)  # fmt: skip
def test_settings_that_can_not_be_used_are_told(
    site: Exporter, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: Json, why: str
) -> None:
    """By their place in the file, before anything is asked."""
    assert fetch(written(tmp_path, site, **more), tmp_path / "in") == 2
    assert why in capsys.readouterr().err
    assert site.server.asked == []


@pytest.mark.parametrize("text", ["", "[1]", "{", "fhir_server: [1]"])
def test_a_file_that_holds_no_settings_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Not a traceback."""
    (tmp_path / "s.yaml").write_text(text)
    assert fetch(tmp_path / "s.yaml", tmp_path / "in") == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_an_instant_is_an_instant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A day alone leaves open in which time zone."""
    with pytest.raises(SystemExit):
        fetch(tmp_path / "s.yaml", tmp_path / "in", "--since", "2026-11-01")
    assert "must be an instant" in capsys.readouterr().err
