"""`compare`: what changed between two runs, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.cli import main
from tests.generative.charts import COVERING, bundle
from tests.trials import parts as p


def run(folder: Path, name: str, charts: dict[str, list[Any]], capsys: pytest.CaptureFixture[str]) -> Path:
    """One run over charts; a source is `charts/x.json` whatever the run."""
    place = folder / "charts"
    place.mkdir(exist_ok=True)
    for old in place.glob("*.json"):
        old.unlink()
    for source, items in charts.items():
        (place / f"{source}.json").write_text(json.dumps(bundle([*items, *COVERING])), "utf-8")
    main(["evaluate", "cc312", str(place), "--json", "--as-of", "2026-06-15"])
    path = folder / name
    path.write_text(capsys.readouterr().out, "utf-8")
    return path


def test_the_same_run_has_no_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but the sum."""
    one = run(tmp_path, "a", {"x": [p.dx("M32.10")]}, capsys)
    assert main(["compare", str(one), str(one)]) == 0
    assert capsys.readouterr().out == "cc312@1.0.0 against cc312@1.0.0: 1 and 1 inputs, no difference\n"


def test_a_changed_verdict_is_told_with_its_arm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status and verdict, before and after, and how many patients moved."""
    before = run(tmp_path, "a", {"x": [p.dx("M32.10")], "y": []}, capsys)
    after = run(tmp_path, "b", {"x": [p.dx("M32.10"), p.dx("Z94.0", 900)], "z": []}, capsys)
    assert main(["compare", str(before), str(after)]) == 0
    out = capsys.readouterr().out
    assert "  sle: needs-data -> ineligible" in out
    assert "  sle E-05: clear (presumed) -> triggered" in out
    assert "y.json: only in the first run" in out
    assert "z.json: only in the second run" in out
    assert "  needs-data 1 -> 0" in out
    assert "E-20" not in out


@pytest.mark.parametrize("text", ["{", "[1]", '{"source": "x"}'])
def test_what_is_no_run_is_told_with_its_line(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on stderr, exit status 1."""
    path = tmp_path / "run"
    path.write_text(text, "utf-8")
    assert main(["compare", str(path), str(path)]) == 1
    assert "run:1: no line of `evaluate --json`" in capsys.readouterr().err
    assert main(["compare", str(tmp_path / "none"), str(path)]) == 1
