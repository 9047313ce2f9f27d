"""What a folder says of types that it does not hold: nothing, unless a fetch was whole or a person vouches for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cds_service.cohort.coverage import Coverage, coverage_of, export_of
from cds_service.cohort.patients import evaluations
from cds_service.cohort.report import report
from cds_service.cohort.run import Scan
from cds_service.cohort.source import SourceError
from cds_service.fhir import fetched
from cds_service.fhir.fetched import Fetched, FetchedError, Kind, Piece
from fhir_mappings.inputs import State
from tests.support.builders import SLE, condition
from tests.support.exports import export, lines, run

PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1980-01-01", "gender": "female"}
LUPUS = condition(SLE) | {"subject": {"reference": "Patient/p1"}}


def folder(path: Path, *more: dict[str, Any], holes: dict[str, tuple[str, ...]] | None = None, **states: State) -> Path:
    """A fetched folder of one patient with lupus, and more; types named are in its manifest so, but for patients with holes."""
    export(path, [PATIENT, LUPUS, *more])
    pieces = [Piece(one.name, one.stem, one.stat().st_size, 1, "0" * 64) for one in (path / "Condition.ndjson", path / "Patient.ndjson")]
    types = {"Patient": State.WHOLE, "Condition": State.WHOLE, **states}
    kinds = {name: Kind(state) for name, state in types.items()}
    kinds |= {name: Kind(State.PARTIAL, ("of 1 patients not all came",), patients=ids) for name, ids in (holes or {}).items()}
    made = Fetched("https://x", "export", "2026-11-20T03:00:00Z", kinds, tuple(pieces))
    fetched.write(path, made)
    return path


def coverage(path: Path, whole: bool = False, left_out: tuple[str, ...] = ()) -> dict[str, State]:
    return coverage_of(export_of(path), {"Patient": 1, "Condition": 1}, whole, left_out).states()


def all_sources(found: Scan) -> dict[str, dict[str, str]]:
    """How whole each type of each patient is."""
    charts = [one.to_json() for number in range(found.tools.buckets) for one in evaluations(found.tools, number)]
    return {one["patient"]: {source["type"]: source["state"] for source in one["sources"]} for one in charts}


def sources(found: Scan) -> dict[str, str]:
    return all_sources(found)["Patient/p1"]


def test_without_a_manifest_a_type_without_a_file_is_not_provided(tmp_path: Path) -> None:
    """Nobody says of what the folder is all."""
    found = coverage(export(tmp_path / "in", [PATIENT, LUPUS]))
    assert (found["Condition"], found["Procedure"]) == (State.WHOLE, State.NOT_PROVIDED)


@pytest.mark.parametrize("name", ["Procedure.ndjson", "1.Procedure.ndjson", "Procedure-000.ndjson.gz"])
def test_an_empty_file_says_that_there_is_none(tmp_path: Path, name: str) -> None:
    """The type was exported, by whatever name of the file."""
    source = export(tmp_path / "in", [PATIENT, LUPUS])
    (source / name).write_bytes(b"")
    assert coverage(source)["Procedure"] is State.WHOLE
    assert coverage(source)["Observation"] is State.NOT_PROVIDED


def test_a_person_may_vouch_for_a_folder(tmp_path: Path) -> None:
    """`--whole`; what is named as left out stays out."""
    found = coverage(export(tmp_path / "in", [PATIENT, LUPUS]), whole=True, left_out=("Procedure",))
    assert (found["Observation"], found["Procedure"]) == (State.WHOLE, State.NOT_PROVIDED)


@pytest.mark.parametrize("state", list(State))
def test_a_fetch_knows_how_whole_each_type_is(tmp_path: Path, state: State) -> None:
    """Whole without a file is empty; partial, failed and not asked for stay so, whoever vouches."""
    source = folder(tmp_path / "in", Procedure=state)
    for whole in (False, True):
        assert coverage(source, whole)["Procedure"] is state
        assert coverage(source, whole)["Observation"] is State.NOT_PROVIDED


def test_only_the_files_of_the_fetch_are_read(tmp_path: Path) -> None:
    """Reports of errors and deletions lie beside them."""
    source = folder(tmp_path / "in")
    (source / "errors").mkdir()
    (source / "errors/OperationOutcome.0002.ndjson").write_bytes(lines([{"resourceType": "OperationOutcome"}]))
    assert [path.name for path in export_of(source).files] == ["Condition.ndjson", "Patient.ndjson"]


def test_a_fetch_that_is_not_finished_is_not_read(tmp_path: Path) -> None:
    """Though most of its files are there."""
    source = folder(tmp_path / "in")
    (source / ".fetch").mkdir()
    (source / ".fetch/state.json").write_text("{}")
    with pytest.raises(FetchedError, match="not finished"):
        run(source, tmp_path / "work")


def test_no_folder_is_still_told(tmp_path: Path) -> None:
    """As before."""
    with pytest.raises(SourceError, match="no such folder"):
        export_of(tmp_path / "none")


def test_an_evaluation_says_what_the_fetch_said(tmp_path: Path) -> None:
    """The states reach the verdicts' sources, and the report names them."""
    found = run(folder(tmp_path / "in", Procedure=State.PARTIAL, Observation=State.WHOLE), tmp_path / "work", whole=False)
    given = sources(found)
    assert (given["Condition"], given["Procedure"], given["Observation"], given["Immunization"]) == (
        "whole", "partial", "whole", "not-provided",
    )  # fmt: skip
    assert (found.incomplete, "Observation" in found.without_records) == ({"Procedure"}, True)
    assert {"Immunization", "Consent"} <= found.not_exported


def test_a_hole_is_one_patients_alone(tmp_path: Path) -> None:
    """A search that failed for one leaves the others' absence known; who may have a disease in the hole is evaluated."""
    others = [{**PATIENT, "id": name} for name in ("p2", "p3")]
    source = folder(tmp_path / "in", *others, holes={"Condition": ("p2",), "Procedure": ("p1",)})
    found = run(source, tmp_path / "work", whole=False)
    given = all_sources(found)
    assert given.keys() == {"Patient/p1", "Patient/p2"}
    assert [given[f"Patient/{name}"]["Condition"] for name in ("p1", "p2")] == ["whole", "partial"]
    assert [given[f"Patient/{name}"]["Procedure"] for name in ("p1", "p2")] == ["partial", "whole"]
    assert found.incomplete == {"Condition", "Procedure"}


def test_a_run_goes_on_only_over_the_same_fetch(tmp_path: Path) -> None:
    """The same files with another word on how whole they are is another question."""
    source = folder(tmp_path / "in", Procedure=State.WHOLE)
    first = run(source, tmp_path / "work", whole=False)
    assert first.tools.coverage != Coverage()
    folder(source, Procedure=State.FAILED)
    assert sources(run(source, tmp_path / "work", whole=False))["Procedure"] == "failed"


def test_the_report_tells_what_is_not_whole() -> None:
    """In words that say what follows."""
    data = {"resources": {}, "unreadableLines": {}, "issues": [], "foreignCodes": []}
    lists = {"notExported": ["Consent"], "incomplete": ["Procedure"], "withoutFile": ["Observation"]}
    counts = {
        "title": "T",
        "hiddenUpTo": 10,
        "purpose": "feasibility",
        "asOf": "2026-11-22",
        "definition": "x",
        "patients": 0,
        "deceased": 0,
        "heldBack": 0,
    }
    page = report({**counts, "arms": [], "data": data | lists})
    assert "Not whole in the export, so that what is not found there is unknown: Procedure." in page
    assert "Not in the export, so that what needs them is unknown: Consent." in page
