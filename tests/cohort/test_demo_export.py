"""The made-up patients as an export, for research teams to try the cohort commands on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cds_service.cli import main
from tests.cohort.test_same_as_elsewhere import DEMO

Json = dict[str, Any]
DAY = ["--as-of", "2026-11-22"]


def _written(folder: Path) -> dict[str, list[Json]]:
    return {path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in folder.iterdir()}


def test_an_export_holds_the_charts_by_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file a resource type, each resource once, and references as a server writes them."""
    assert main(["demo-data", "--ndjson", str(tmp_path / "export"), *DAY]) == 0
    assert capsys.readouterr().out == f"wrote {len(DEMO)} made-up patients to {tmp_path / 'export'}\n"
    written = _written(tmp_path / "export")
    expected: dict[str, list[Json]] = {}
    for one in (one for chart in DEMO for one in chart):
        expected.setdefault(one["resourceType"], []).append(one)
    assert written == expected
    assert "urn:uuid" not in json.dumps(written)


def test_copies_are_patients_of_their_own(tmp_path: Path) -> None:
    """Each copy has ids of its own, as FHIR allows them, and its records point to it."""
    assert main(["demo-data", "--ndjson", str(tmp_path / "export"), "--copies", "2", *DAY]) == 0
    written = _written(tmp_path / "export")
    names = [f"{kind}/{one['id']}" for kind, held in written.items() for one in held]
    assert len(names) == len(set(names)) == 2 * sum(map(len, DEMO))
    assert all(re.fullmatch(r"[A-Za-z0-9.-]{1,64}", name.partition("/")[2]) for name in names)
    subjects = [one["subject"]["reference"] for one in written["Condition"]]
    assert sum(one.endswith("-2") for one in subjects) == len(subjects) // 2
    assert {one for one in subjects if one not in names} == set()


@pytest.mark.parametrize("copies", ["0", "-1", "many", "1001"])
def test_a_number_of_copies_that_is_none_is_refused(tmp_path: Path, copies: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told, and nothing is written."""
    with pytest.raises(SystemExit):
        main(["demo-data", "--ndjson", str(tmp_path / "export"), f"--copies={copies}"])
    assert "is not a number from 1 to 1000" in capsys.readouterr().err
    assert not (tmp_path / "export").exists()
