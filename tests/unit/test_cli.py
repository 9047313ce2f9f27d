"""The command line: what a developer pipes in and reads, and what a fault costs."""

from __future__ import annotations

import io
import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cds_service.cli import main
from cds_service.commands.setting_up import tell
from cds_service.trials import shipped
from tests.generative.charts import COVERING, bundle
from tests.support.folders import shut
from tests.trials.parts import dx

SLE = bundle([dx("M32.10"), *COVERING])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two charts, a file of two more, and three inputs that can't be read."""
    (tmp_path / "a.json").write_text(json.dumps(SLE), "utf-8")
    (tmp_path / "b.json").write_text("{", "utf-8")
    (tmp_path / "c.ndjson").write_text(json.dumps(SLE) + "\n\n" + json.dumps(bundle([])) + "\n[1]\n", "utf-8")
    (tmp_path / "d.json").write_text(json.dumps({"resourceType": "Bundle", "entry": []}), "utf-8")
    (tmp_path / "notes.txt").write_text("not an input", "utf-8")
    return tmp_path


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_gives_one_line_an_input_in_order_and_errors_beside(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unreadable inputs give an error line and exit status 1; the others are still evaluated."""
    status = main(["evaluate", "cc312", str(folder), "--json", "--as-of", "2026-06-15"])
    found = lines(capsys)
    assert status == 1
    assert [Path(one["source"]).name for one in found] == ["a.json", "b.json", "c.ndjson:1", "c.ndjson:3", "c.ndjson:4", "d.json"]
    assert [one.get("status") or "error" for one in found] == ["needs-data", "error", "needs-data", "out-of-scope", "error", "error"]
    assert all(set(one) == {"source", "error"} for one in found if "error" in one)


def test_a_path_that_can_not_be_looked_at_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a folder that the account may not enter; the next input is still read."""
    looked = Path.is_dir

    def kept_out(path: Path) -> bool:
        if path.name == "chart.json":
            raise PermissionError(13, "Permission denied", str(path))
        return looked(path)

    monkeypatch.setattr(Path, "is_dir", kept_out)
    assert main(["evaluate", "cc312", "/elsewhere/chart.json", str(folder / "a.json"), "--json"]) == 1
    told = lines(capsys)
    assert told[0] == {"source": "/elsewhere/chart.json", "error": "this account may not read it"}
    assert len(told) == 2


def test_the_same_input_gives_the_same_bytes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run prints the very same bytes."""
    first, second = [], []
    for out in (first, second):
        main(["evaluate", "cc312", str(folder / "a.json"), "--json", "--as-of", "2026-06-15"])
        out.append(capsys.readouterr().out)
    assert first == second


def test_a_file_of_an_export_is_one_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not one for each of its lines: it says which command reads it. Among Bundles each other line is told by itself."""
    patients = json.dumps({"resourceType": "Patient", "id": "p1"}) + "\n"
    (tmp_path / "Patient.ndjson").write_text(patients * 3, "utf-8")
    (tmp_path / "mixed.ndjson").write_text(patients + json.dumps(SLE) + "\n", "utf-8")
    assert main(["evaluate", "cc312", str(tmp_path), "--json", "--as-of", "2026-06-15"]) == 1
    told = {Path(one["source"]).name: one.get("error", "evaluated") for one in lines(capsys)}
    assert list(told) == ["Patient.ndjson", "mixed.ndjson:1", "mixed.ndjson:2"]
    assert told["Patient.ndjson"] == "holds Patient resources and no Bundle: an export is for `cds-service cohort run`"
    assert told["mixed.ndjson:2"] == "evaluated"


def test_a_folder_that_is_shut_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Its charts must not seem not to be there; the others are evaluated."""
    (folder / "ward").mkdir()
    shut(monkeypatch, folder / "ward")
    assert main(["evaluate", "cc312", str(folder), "--json", "--as-of", "2026-06-15"]) == 1
    found = {one["source"]: one for one in lines(capsys)}
    assert found[str(folder / "ward")]["error"] == "this account may not read it"
    assert found[str(folder / "a.json")]["status"] == "needs-data"


def test_a_fault_of_the_system_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """The file and what is wrong with it, without a number and quotation marks."""
    tell(PermissionError(13, "Permission denied", "results"))
    assert capsys.readouterr().err == "error: results: Permission denied\n"


def test_an_age_needs_no_upper_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Many protocols have none: then nobody is too old, and no day comes on which she is."""
    mine, chart = tmp_path / "mine.yaml", tmp_path / "chart.json"
    mine.write_text(shipped()["cc312"].read_text("utf-8").replace("    below: 66\n", ""), "utf-8")
    chart.write_text(json.dumps(bundle([dx("M32.10")], birth="1931-01-01")), "utf-8")
    verdicts = []
    for trial in ("cc312", str(mine)):
        assert main(["evaluate", trial, str(chart), "--json", "--as-of", "2026-06-15"]) == 0
        verdicts += [one for one in lines(capsys)[0]["arms"][0]["criteria"] if one["id"] == "I-02"]
    assert [(one["verdict"], one["recheckOn"]) for one in verdicts] == [("not-met", None), ("met", None)]
    assert main(["trials", "export", str(mine), "--fhir"]) == 0
    group = json.loads(capsys.readouterr().out)["entry"][0]["resource"]
    ranges = [one["valueRange"] for one in group["characteristic"] if "valueRange" in one]
    assert [sorted(one) for one in ranges] == [["low"]]


def test_standard_input_takes_a_bundle_or_lines_of_them(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`-` reads one Bundle, also an indented one, or NDJSON."""
    for text, sources in (
        (json.dumps(SLE), ["-"]),
        (json.dumps(SLE, indent=1), ["-"]),
        (json.dumps(SLE) + "\n" + json.dumps(SLE), ["-:1", "-:2"]),
    ):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert main(["evaluate", "cc312", "-", "--json"]) == 0
        assert [one["source"] for one in lines(capsys)] == sources


def test_the_table_tells_arm_verdict_and_question(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --full people read the arm's status, each criterion's verdict, and what to ask."""
    assert main(["evaluate", "cc312", str(folder / "a.json"), "--as-of", "2026-06-15", "--full"]) == 0
    out = capsys.readouterr().out
    assert "Systemic lupus erythematosus: needs-data" in out
    assert "SLE-1  unknown (leans met)" in out
    assert "ask: Has the patient understood the trial" in out
    assert "Systemic sclerosis: out-of-scope" in out


def test_the_table_wraps_what_is_long(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A long question of --full stands there to its last word, in lines that fit a terminal."""
    assert main(["evaluate", "cc312", str(folder / "a.json"), "--as-of", "2026-06-15", "--full"]) == 0
    told = capsys.readouterr().out.splitlines()[2:]
    assert max(map(len, told)) <= 118
    assert "(ANA 1:80 or more ever, 10 points or more)?" in " ".join(" ".join(told).split())


def test_the_summary_tells_what_would_decide(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By default: status, how many criteria pass, what decides first; nothing of arms out of scope, no line wider than 100."""
    assert main(["evaluate", "cc312", str(folder / "a.json"), "--as-of", "2026-06-15"]) == 0
    out = capsys.readouterr().out
    assert "Systemic lupus erythematosus: needs-data; " in out
    assert "    * SLE-2" in out
    assert "more; --full shows all" in out
    assert "Systemic sclerosis" not in out
    assert max(map(len, out.splitlines()[1:])) <= 100


@pytest.mark.parametrize("more", [[], ["--full"]])
def test_an_old_chart_is_told(more: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Evaluated years after its last record, a chart is said to be old; that is no record that could not be read."""
    assert main(["evaluate", "cc312", str(folder / "a.json"), "--as-of", "2030-01-01", *more]) == 0
    out = capsys.readouterr().out
    assert "  old chart: the newest of the records received is 42 months old on 2030-01-01" in out
    assert "could not be read" not in out


def test_several_inputs_end_with_a_tally(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder's table ends with how many of each status."""
    main(["evaluate", "cc312", str(folder), "--as-of", "2026-06-15"])
    assert "2 needs-data, 1 out-of-scope" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", "cc313", "x.json"], "unknown trial 'cc313'; known: cc312"),
        (["evaluate", "cc312", "missing.json"], "error: missing.json: no such file"),
        (["evaluate", "missing.yaml", "x.json"], "error: missing.yaml: no such file\n"),
        (["trials", "describe", "nope"], "unknown trial"),
        (["trials", "check", "missing.yaml"], "error: missing.yaml: no such file\n"),
        (["evaluate", "pyproject.toml", "x.json"], "known: cc312; a definition file's name ends with .yaml or .yml\n"),
        (["demo-data", "--copies", "2", "x"], "error: --copies goes with --ndjson\n"),
    ],
)
def test_a_wrong_name_is_one_line_on_stderr(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback: a line that says what is wrong, and an exit status."""
    assert main(arguments) in (1, 2)
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "words", "problem"),
    [
        ("cohort run", "cc312 --source x --out y", "the following arguments are required: --purpose"),
        ("trials export", "cc312", "the following arguments are required: --fhir"),
        ("evaluate", "cc312 x --as-of tomorrow", "argument --as-of: 'tomorrow' is not a date such as 2026-11-22"),
        ("registration", "", "the following arguments are required: --base-url"),
    ],
)
def test_a_wrong_option_is_one_line(command: str, words: str, problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong, and where the options are told; no usage above it."""
    with pytest.raises(SystemExit) as stop:
        main([*command.split(), *words.split()])
    assert stop.value.code == 2
    assert capsys.readouterr().err == f"error: {problem} (`cds-service {command} --help` tells all)\n"


def test_a_wrong_date_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """2026-13-45 is told to be no date."""
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", "cc312", "x.json", "--as-of", "2026-13-45"])
    assert stop.value.code == 2
    assert "'2026-13-45' is not a date" in capsys.readouterr().err


def test_trials_are_listed_checked_and_described(capsys: pytest.CaptureFixture[str]) -> None:
    """The list names the trial; the check finds no fault; the description holds every criterion and its rule in words."""
    assert main(["trials"]) == 0
    assert "cc312@1.0.0" in capsys.readouterr().out
    path = shipped()["cc312"]
    assert main(["trials", "check", str(path)]) == 0
    assert "47 criteria, no faults" in capsys.readouterr().out
    assert main(["trials", "describe", "cc312"]) == 0
    out = capsys.readouterr().out
    assert all(f"{name}  " in out for name in ("I-01", "SLE-4", "E-24"))
    assert "(a) SLEDAI-2K: score" in out


def test_a_definition_file_can_be_checked_and_used(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An edited copy is evaluated in place of the shipped definition, and its faults are told with file and line."""
    text = shipped()["cc312"].read_text("utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(text.replace("screening: P28D", "screening: P60D"), "utf-8")
    assert main(["evaluate", str(mine), str(folder / "a.json"), "--json", "--as-of", "2026-06-15"]) == 0
    assert lines(capsys)[0]["trial"] == "cc312"
    mine.write_text(text.replace("below: 85 g/L", "belw: 85 g/L"), "utf-8")
    assert main(["trials", "check", str(mine)]) == 1
    assert "unknown key 'belw' in 'measure' (did you mean 'below'?)" in capsys.readouterr().out


def test_the_schema_for_editors_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`trials schema` prints JSON."""
    assert main(["trials", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Trial definition"


def test_the_inputs_of_definitions_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, with meaning, number of codes and unit; nothing that no criterion could name."""
    assert main(["trials", "inputs"]) == 0
    told = capsys.readouterr().out
    assert re.search(r"(?m)^lab\.hgb +haemoglobin \(\d+ codes, in g/L\)$", told)
    assert "\nunit." not in told


@pytest.mark.parametrize("word", ["lab.hgb", "HAEMOGLOBIN", "718-7"])
def test_an_input_is_found_by_id_meaning_or_code(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the records it is read from, its units, the rules that read it, and whether finding none proves anything."""
    assert main(["trials", "inputs", "--find", word]) == 0
    told = capsys.readouterr().out
    assert "records: Observation" in told
    assert "read as: a number (measure" in told
    assert "units: g/L, g/dL, mmol/L" in told
    assert "finding none shows that there is none: no" in told


def test_the_rules_of_a_drug_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """From the vocabulary itself."""
    assert main(["trials", "inputs", "--find", "mycophenolate"]) == 0
    assert "rules: continuous, daily_dose, exposed" in capsys.readouterr().out


def test_what_no_input_means_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """One line and status 1, with the page that says how codes are added."""
    assert main(["trials", "inputs", "--find", "hba1c"]) == 1
    assert "no input has to do with 'hba1c'; docs/terminology.md" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "70000", "-1", "http"])
def test_a_port_that_can_not_be_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is started, with the range that is allowed."""
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--port", port])
    assert ended.value.code == 2
    assert "1 to 65535" in capsys.readouterr().err


def test_a_port_in_use_is_told_and_no_address_is_printed() -> None:
    """The address stands only once it answers; the exit status is 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "cds_service.cli", "serve", "--port", str(taken.getsockname()[1])]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert "can't be opened" in ended.stderr
    assert "choose another with --port, or TRIAL_CDS_PORT" in ended.stderr
    assert "http://" not in ended.stderr


def test_trials_list_is_trials(capsys: pytest.CaptureFixture[str]) -> None:
    """Both list the trials."""
    main(["trials"])
    first = capsys.readouterr().out
    main(["trials", "list"])
    assert capsys.readouterr().out == first


def test_the_questionnaire_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON."""
    assert main(["trials", "questionnaire", "cc312"]) == 0
    assert json.loads(capsys.readouterr().out)["resourceType"] == "Questionnaire"


@pytest.mark.parametrize(("was", "slip"), [("below: 85 g/L", "below: 85 g/dL"), ("at_most: 40", "at_most: -40")])
def test_a_threshold_that_can_not_be_meant_is_a_fault(was: str, slip: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A unit ten times off, or a negative number, is told with its line."""
    text = (Path(__file__).parents[2] / "cds_service" / "trials" / "cc312.yaml").read_text("utf-8")
    assert was in text
    changed = tmp_path / "mine.yaml"
    changed.write_text(text.replace(was, slip), "utf-8")
    assert main(["trials", "check", str(changed)]) == 1
    assert "mine.yaml:" in capsys.readouterr().out
