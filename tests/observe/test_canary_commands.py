"""The command line tells of its faults by kind and place, and names nobody whose records it read."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from cds_service import engine as engines
from cds_service.cli import main
from tests.support.canaries import TWO, canary, chart, leaked, quoting
from tests.support.exports import export, resources_of


def broken(folder: Path) -> Path:
    """Inputs of the command line that can't be read, each full of canaries."""
    (folder / "half.json").write_bytes(orjson.dumps(chart())[:-9])
    (folder / "two.json").write_bytes(orjson.dumps(TWO))
    (folder / "none.json").write_bytes(orjson.dumps({"resourceType": "Bundle", "entry": [canary("entry")]}))
    (folder / "lines.ndjson").write_bytes(orjson.dumps(canary("line")) + b"\n" + canary("text").encode())
    return folder


@pytest.mark.parametrize("options", [[], ["--json"], ["--full"]])
def test_the_command_line_tells_faults_without_what_it_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    """Neither on standard error nor in the line for a program."""
    assert main(["evaluate", "cc312", str(broken(tmp_path)), *options]) == 1
    told = capsys.readouterr()
    assert told.err.count("error: ") == 5
    assert leaked(told.err + told.out) == []


def test_a_fault_of_the_service_on_the_command_line_does_not_leak(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The input is told with kind and place of the fault, and the next one is read."""
    for name in "ab":
        (tmp_path / f"{name}.json").write_bytes(orjson.dumps(chart()))
    monkeypatch.setattr(engines, "map_chart", quoting)
    assert main(["evaluate", "cc312", str(tmp_path), "--json"]) == 1
    told = capsys.readouterr()
    assert told.err.count("the evaluation failed: ValueError at ") == 2
    assert leaked(told.err + told.out) == []


@pytest.mark.parametrize("fault", [False, True])
def test_a_cohort_leaks_neither_by_its_files_nor_by_its_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fault: bool
) -> None:
    """Counts, report and audit name nobody; a fault is told by kind and place."""
    source = export(tmp_path / "in", resources_of(chart()))
    with (source / "Condition.ndjson").open("ab") as stream:
        stream.write(canary("line").encode() + b"\n")
    if fault:
        monkeypatch.setattr(engines, "map_chart", quoting)
    given = ["--source", str(source), "--out", str(tmp_path / "out"), "--purpose", "feasibility", "--workers", "1"]
    assert main(["cohort", "run", "cc312", *given]) == int(fault)
    told = capsys.readouterr()
    assert ("the command failed: ValueError at " in told.err) is fault
    assert leaked(told.err + told.out) == []
    assert leaked(b"".join(path.read_bytes() for path in (tmp_path / "out").glob("*.*") if path.is_file())) == []
