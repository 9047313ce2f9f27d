"""`compare`: what changed between two runs, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cds_service.cli import main
from cds_service.trials import shipped
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
    told = capsys.readouterr()
    assert told.out == "cc312@1.0.0 as of 2026-06-15 against cc312@1.0.0 as of 2026-06-15: 1 and 1 inputs, no difference\n"
    assert told.err == ""


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


def test_arms_that_are_out_of_scope_tell_no_verdicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A criterion of every arm is told where it moves a patient; of an arm that goes out of scope the status is enough."""
    before = run(tmp_path, "a", {"x": [p.dx("M32.10")], "y": [], "z": [p.dx("M32.10")]}, capsys)
    after = run(tmp_path, "b", {"x": [p.dx("M32.10"), p.dx("Z94.0", 900)], "y": [p.dx("Z94.0", 900)], "z": [p.dx("Z94.0", 900)]}, capsys)
    assert main(["compare", str(before), str(after)]) == 0
    told = [
        line for line in capsys.readouterr().out.partition("\n\n")[0].splitlines() if "charts" in line or "E-05" in line or "->" in line
    ]
    assert [line.strip() for line in told] == [
        f"{tmp_path}/charts/x.json",
        "sle: needs-data -> ineligible",
        "sle E-05: clear (presumed) -> triggered",
        f"{tmp_path}/charts/z.json",
        "sle: needs-data -> out-of-scope",
    ]


def test_a_patient_on_hold_is_counted_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who comes to be on hold is told so, without statuses or verdicts, and is in no status's sum."""
    before = run(tmp_path, "a", {"x": [p.dx("M32.10")], "y": [p.dx("M32.10")]}, capsys)
    after = run(tmp_path, "b", {"x": [p.dx("M32.10"), p.dx("Z94.0", 900)], "y": [p.dx("M32.10")]}, capsys)
    held = [json.loads(line) for line in after.read_text("utf-8").splitlines()]
    assert held[0]["source"].endswith("x.json")
    held[0]["holds"] = [{"code": "replaced", "reason": "merged"}, {"code": "trial-not-open", "reason": "full"}]
    after.write_text("".join(f"{json.dumps(one)}\n" for one in held), "utf-8")
    assert main(["compare", str(before), str(after)]) == 0
    told = [line.strip() for line in capsys.readouterr().out.splitlines() if "->" in line]
    assert told == ["not on hold -> on hold (replaced)", "needs-data 2 -> 1", "on-hold 0 -> 1"]
    assert main(["compare", str(after), str(before)]) == 0
    told = [line.strip() for line in capsys.readouterr().out.splitlines() if "->" in line]
    assert told[:2] == ["on hold (replaced) -> not on hold", "sle: ineligible -> needs-data"]


@pytest.mark.parametrize("text", ["{", "[1]", '{"source": "x"}'])
def test_what_is_no_run_is_told_with_its_line(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on stderr, exit status 1."""
    path = tmp_path / "run"
    path.write_text(text, "utf-8")
    assert main(["compare", str(path), str(path)]) == 1
    assert "run:1: no line of `evaluate --json`" in capsys.readouterr().err
    assert main(["compare", str(tmp_path / "none"), str(path)]) == 1


def test_other_verdicts_under_one_version_and_day_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A definition that was changed without a step of its version can't be told from the other afterwards."""
    before = run(tmp_path, "a", {"x": [p.dx("M32.10")]}, capsys)
    after = run(tmp_path, "b", {"x": [p.dx("M32.10"), p.dx("Z94.0", 900)]}, capsys)
    assert main(["compare", str(before), str(after)]) == 0
    assert "both runs name cc312@1.0.0 and the same day: if the definition was changed, step its version" in capsys.readouterr().err
    after.write_text(after.read_text("utf-8").replace('"cc312@1.0.0"', '"cc312@1.0.1"'), "utf-8")
    assert main(["compare", str(before), str(after)]) == 0
    assert capsys.readouterr().err == ""


def test_an_empty_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An evaluation that failed leaves an empty file: comparing with it would show everybody as new."""
    whole = run(tmp_path, "a", {"x": []}, capsys)
    (tmp_path / "empty").write_text("", "utf-8")
    for pair in ((tmp_path / "empty", whole), (whole, tmp_path / "empty")):
        assert main(["compare", *map(str, pair)]) == 1
        assert "empty: empty: it holds no line of `evaluate --json`" in capsys.readouterr().err


def definition(folder: Path, name: str, *changes: tuple[str, str]) -> str:
    """A copy of the shipped definition with changes."""
    text = shipped()["cc312"].read_text("utf-8")
    for was, now in changes:
        assert was in text
        text = text.replace(was, now)
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


def test_two_definitions_are_compared_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was and what is, under its criterion."""
    new = definition(tmp_path, "new.yaml", ("below: 85 g/L", "below: 80 g/L"), ("version: 1.0.0", "version: 1.1.0"))
    assert main(["trials", "compare", definition(tmp_path, "old.yaml"), new]) == 0
    told = capsys.readouterr().out.splitlines()
    place = told.index("E-08")
    assert re.match("  - .*below 85 g/L", told[place + 1])
    assert re.match(r"  \+ .*below 80 g/L", told[place + 2])
    assert "SLE-6" not in told


@pytest.mark.parametrize("change", [("85 g/L", "80 g/L"), ("cure: date", "cure: state")])
def test_another_content_under_the_same_version_is_warned_of(
    change: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the change is not told by the description; exit status 1."""
    assert main(["trials", "compare", definition(tmp_path, "old.yaml"), definition(tmp_path, "new.yaml", change)]) == 1
    told = capsys.readouterr()
    assert "warning: both are cc312@1.0.0" in told.err
    assert told.out


def test_a_comment_changes_no_definition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the content counts."""
    changed = definition(tmp_path, "new.yaml", ("state: recruiting #", "state: recruiting # today:"))
    assert main(["trials", "compare", definition(tmp_path, "old.yaml"), changed]) == 0
    assert "the same content" in capsys.readouterr().out


def test_a_definition_that_can_not_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its faults, or that there is none; exit status 1."""
    assert main(["trials", "compare", definition(tmp_path, "old.yaml"), str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml: no such file" in capsys.readouterr().err
    assert main(["trials", "compare", definition(tmp_path, "old.yaml"), definition(tmp_path, "bad.yaml", ("below: 85", "belw: 85"))]) == 1
    assert "unknown key 'belw'" in capsys.readouterr().err


def test_a_trial_that_comes_with_the_service_is_compared_by_its_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `evaluate` and `describe` take it; the copy in which one number changed beside it."""
    changed = definition(tmp_path, "next.yaml", ("at_most: 40", "at_most: 60"), ("version: 1.0.0", "version: 1.1.0"))
    assert main(["trials", "compare", "cc312", changed]) == 0
    assert "at most 60 mg of prednisone a day" in capsys.readouterr().out


def test_a_run_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the words of every other command."""
    assert main(["compare", str(tmp_path / "before.ndjson"), str(tmp_path / "after.ndjson")]) == 1
    assert capsys.readouterr().err == f"error: {tmp_path}/before.ndjson: no such file\n"
