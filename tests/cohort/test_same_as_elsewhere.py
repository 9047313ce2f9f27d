"""The cohort run and the command line: the same patients, the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from cds_service import demo
from cds_service.cohort import collect
from cds_service.cohort.patients import evaluations
from cds_service.cohort.run import Scan
from tests.support.engine import evaluate
from tests.support.exports import AS_OF, bundle_of, export, resources_of, run

Json = dict[str, Any]
DEMO = [resources_of(patient.bundle) for patient in demo.generate(AS_OF)]


def _given(found: Scan) -> dict[str, bytes]:
    return {one.patient: orjson.dumps(one.to_json()) for number in range(found.tools.buckets) for one in evaluations(found.tools, number)}


def test_every_evaluated_patient_has_the_evaluation_of_the_command_line(tmp_path: Path) -> None:
    """Filtered by bytes, spread over files and put together again, a chart gives the bytes that its whole Bundle gives."""
    found = run(export(tmp_path / "in", [one for chart in DEMO for one in chart]), tmp_path / "work")
    there = _given(found)
    for chart in DEMO:
        whole = evaluate(bundle_of(chart), AS_OF)
        given = there.get(whole.patient)
        assert given == orjson.dumps(whole.to_json()) if given else whole.status == "out-of-scope", whole.patient
    assert (found.patients, found.evaluated) == (len(DEMO), len(there))
    assert 0 < found.evaluated < found.patients


@pytest.mark.parametrize("unit", [500, 7_001])
def test_where_the_files_are_cut_changes_nothing(tmp_path: Path, unit: int) -> None:
    """Shares of a few lines give the same Evaluations as whole files."""
    source = export(tmp_path / "in", [one for chart in DEMO[:12] for one in chart])
    assert _given(run(source, tmp_path / "cut", unit=unit)) == _given(run(source, tmp_path / "whole"))


def test_rows_stand_in_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many buckets hold the patients, the rows are the same, in the same order."""
    source = export(tmp_path / "in", [one for chart in DEMO[:24] for one in chart])
    few = list(run(source, tmp_path / "few").rows)
    monkeypatch.setattr(collect, "FEWEST", 37)
    many = run(source, tmp_path / "many")
    assert (many.tools.buckets, list(many.rows)) == (37, few)
