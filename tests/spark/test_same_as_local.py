"""The Spark engine and the local one: the same bytes of rows, funnel and lists, from any file that either reads."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import hospital
from cds_service.cohort import source as local_source
from cds_service.cohort.funnel import funnel
from cds_service.cohort.lists import write_verdicts
from cds_service.cohort.prepared.ingest import Order, ingest
from cds_service.cohort.prepared.layout import StoreError
from cds_service.cohort.run import Plan, Scan
from cds_service.cohort.source import SourceError
from cds_service.cohort.tally import tally
from cds_service.cohort.task import Setup
from cds_service.fhir.fetched import FetchedError
from fhir_mappings.inputs import State
from tests.cohort.test_coverage import PATIENT
from tests.cohort.test_coverage import folder as fetched_folder
from tests.cohort.test_same_as_elsewhere import DEMO
from tests.support.builders import SLE, concept, condition, patient
from tests.support.exports import AS_OF, export, lines, run

Json = dict[str, Any]
EVERYBODY = [one for chart in DEMO for one in chart]
pytestmark = pytest.mark.usefixtures("spark")


def _spark(source: Path | str, work: Path, whole: bool = True) -> Scan:
    from cds_service.cohort.spark.run import scan

    return scan(Plan(Setup("cc312", AS_OF), source, work, whole=whole, quiet=True), {})


def _given(found: Scan, folder: Path) -> dict[str, Any]:
    """All that is made of a scan, with the files that name patients as bytes."""
    trial = found.tools.trial
    folder.mkdir()
    write_verdicts(folder / "verdicts.parquet", found.rows)
    return {
        "rows": [orjson.dumps(row) for row in found.rows],
        "funnel": orjson.dumps(funnel(found, tally(trial, found.rows, AS_OF), trial, "feasibility", 10)),
        "verdicts": (folder / "verdicts.parquet").read_bytes(),
        "counts": (found.patients, found.dead, found.evaluated, dict(found.types), dict(found.faults)),
    }


def _both(source: Path, folder: Path, whole: bool = True) -> tuple[dict[str, Any], dict[str, Any]]:
    here, there = run(source, folder / "w1", whole=whole), _spark(source, folder / "w2", whole)
    return _given(here, folder / "local"), _given(there, folder / "spark")


def test_what_the_folder_does_not_hold_is_known_to_neither(tmp_path: Path) -> None:
    """Without a manifest a type without lines and without a file is not provided; an empty file of it says that there is none."""
    source = export(tmp_path / "in", EVERYBODY)
    for path in source.glob("*Procedure*"):
        path.write_bytes(b"")
    for path in source.glob("*Immunization*"):
        path.unlink()
    local, spark = _both(source, tmp_path, whole=False)
    assert spark == local
    left_out = orjson.loads(local["funnel"])["data"]["notExported"]
    assert ("Immunization" in left_out, "Procedure" in left_out) == (True, False)


def test_a_hospital_of_a_thousand(tmp_path: Path) -> None:
    """1,000 generated patients, one in twenty in scope, some of the files gzip: byte for byte the local result."""
    source = tmp_path / "in"
    hospital.write(source, 1000, 0.05)
    for name in ("Observation", "Patient"):
        (source / f"{name}.ndjson.gz").write_bytes(gzip.compress((source / f"{name}.ndjson").read_bytes(), 1))
        (source / f"{name}.ndjson").unlink()
    local, spark = _both(source, tmp_path)
    assert local["counts"][0] == 1000
    assert local["counts"][2] > 20
    assert spark == local


def test_the_demo_with_medications_of_their_own(tmp_path: Path) -> None:
    """Every story of the demo, its drugs moved to Medications, made of others, that records point to."""
    moved: list[Json] = []
    for number, one in enumerate(EVERYBODY):
        if "medicationCodeableConcept" in one:
            drug = {"resourceType": "Medication", "id": f"drug{number}", "code": one["medicationCodeableConcept"]}
            kit = {"resourceType": "Medication", "id": f"kit{number}"}
            kit["ingredient"] = [{"itemReference": {"reference": f"Medication/drug{number}"}}]
            kept = {key: value for key, value in one.items() if key != "medicationCodeableConcept"}
            moved += [drug, kit, kept | {"medicationReference": {"reference": f"Medication/{('drug', 'kit')[number % 2]}{number}"}}]
        else:
            moved.append(one)
    local, spark = _both(export(tmp_path / "in", moved), tmp_path)
    assert local["counts"][3]["Medication"] > 100
    assert spark == local
    assert (tmp_path / "w2").stat().st_mode & 0o077 == 0


def test_a_fetched_folder(tmp_path: Path) -> None:
    """What the fetch says of types and single patients, and only the files that it names; an unfinished one is refused."""
    source = fetched_folder(
        tmp_path / "in", {**PATIENT, "id": "p2"}, holes={"Condition": ("p2",)}, Procedure=State.FAILED, Observation=State.WHOLE
    )
    (source / "errors").mkdir()
    (source / "errors" / "x.ndjson").write_bytes(lines([condition(SLE) | {"subject": {"reference": "Patient/p2"}}]))
    local, spark = _both(source, tmp_path, whole=False)
    assert (local["counts"][0], local["counts"][2]) == (2, 2)
    assert spark == local
    (source / ".fetch").mkdir()
    (source / ".fetch" / "state.json").write_text("{}")
    with pytest.raises(FetchedError, match="not finished"):
        _spark(source, tmp_path / "w3")


def test_a_fetched_folder_that_lacks_a_file_is_refused(tmp_path: Path) -> None:
    """As on this machine."""
    source = fetched_folder(tmp_path / "in")
    (source / "Condition.ndjson").unlink()
    with pytest.raises(FetchedError, match=r"Condition\.ndjson: is missing"):
        _spark(source, tmp_path / "w")


def test_bad_lines_are_counted_by_the_same_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BOM, CRLF, blank lines, escapes, broken UTF-8, cut and foreign lines: the counts, holes and verdicts of the local run."""
    ill = condition(SLE) | {"subject": {"reference": "Patient/p1"}}
    folder = export(tmp_path / "in", [patient(), patient("p2"), patient("p3") | {"deceasedBoolean": True}])
    good = lines([ill])
    other = lines([ill | {"id": "c2", "subject": {"reference": "Patient/p2"}}])
    (folder / "Condition.ndjson").write_bytes(
        b"\xef\xbb\xbf" + good.rstrip() + b"\r\n\r\n   \r\n" + good[:-40] + b"\n" + good.replace(b'"coding"', b'coding"')
        + b'[1, 2]\n{"id":"Patient/p1"}\n{"resourceType":"Condition","subject":{"reference":"Patient/p1"},"x":NaN}\n"text"\n'
        + good.replace(b"c1", b"\xff\xfe") + other.replace(b"Patient/", b"Patient\\/") + lines([{"resourceType": "Patient"}])
        + other[:-1]
    )  # fmt: skip
    (folder / "more").mkdir()
    (folder / "more" / "x.jsonl").write_bytes(lines([patient("p3") | {"meta": {"versionId": "9"}}]))
    (folder / "notes.txt").write_text("not read")
    local, spark = _both(folder, tmp_path)
    assert set(local["counts"][4]) == {"cut-off", "not-json", "no-resource-type", "patient-without-id"}
    assert spark == local


def test_a_line_too_long_is_a_hole(tmp_path: Path) -> None:
    """Beyond the limit, a line is counted and leaves its patient's type incomplete."""
    folder = export(tmp_path / "in", [patient(), patient("p2")])
    ill = condition(SLE) | {"subject": {"reference": "Patient/p1"}}
    long = lines([ill | {"note": [{"text": "x" * local_source.LONGEST_LINE}]}])
    (folder / "Condition.ndjson").write_bytes(long + lines([ill | {"id": "c2", "subject": {"reference": "Patient/p2"}}]))
    local, spark = _both(folder, tmp_path)
    assert local["counts"][4] == {"too-long": 1}
    assert spark == local


def test_a_column_of_lines_in_parquet(tmp_path: Path) -> None:
    """One text a row, even over several lines, is a line of NDJSON."""
    plain = export(tmp_path / "plain", EVERYBODY)
    (tmp_path / "in").mkdir()
    for number, text in enumerate((None, 1)):
        held = [json.dumps(one, indent=text) for one in EVERYBODY[number::2]]
        pq.write_table(pa.table({"resource": held}), tmp_path / "in" / f"part-{number}.parquet")
    found = _given(_spark(tmp_path / "in", tmp_path / "w2"), tmp_path / "spark")
    expected = _given(run(plain, tmp_path / "w1"), tmp_path / "local")
    assert found == expected


def test_columns_of_a_resource_in_parquet(tmp_path: Path, spark: Any) -> None:
    """A table of each type, its columns the members, as Spark itself infers them: the same verdicts, beside NDJSON of other types."""
    people = [patient(), patient("p2")]
    ills = [condition(SLE) | {"id": f"c{number}", "subject": {"reference": f"Patient/p{number}"}} for number in (1, 2)]
    drug = concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "121191"))
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "authoredOn": "2026-10-01"}
    order |= {"subject": {"reference": "Patient/p1"}, "medicationReference": {"reference": "Medication/d"}}
    medication = {"resourceType": "Medication", "id": "d", "code": drug}
    plain = export(tmp_path / "plain", [*people, *ills, order, medication])
    mixed = export(tmp_path / "in", people)
    for kind, held in (("Condition", ills), ("Medication", [medication]), ("MedicationRequest", [order])):
        export(tmp_path / kind, held)
        table = spark.read.json(str(tmp_path / kind)).coalesce(1)
        table.write.parquet(str(tmp_path / f"{kind}.parquet"))
        written = next((tmp_path / f"{kind}.parquet").glob("part-*.parquet"))
        written.rename(mixed / f"{kind}.parquet")
    found = _given(_spark(mixed, tmp_path / "w2"), tmp_path / "spark")
    expected = _given(run(plain, tmp_path / "w1"), tmp_path / "local")
    assert found == expected


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("Condition.ndjson.gz", gzip.compress(lines([condition(SLE)] * 5000))[:-200], r"Condition\.ndjson\.gz: can't be read to its end"),
        ("Condition.parquet", b"PAR1 not at all PAR1", r"Condition\.parquet: can't be read to its end"),
    ],
)
def test_a_damaged_file_stops_the_run(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    """What is missing of it is not known, so nothing is counted; the message names the file and nothing that stood in it."""
    folder = export(tmp_path / "in", [patient()])
    (folder / name).write_bytes(data)
    with pytest.raises(SourceError, match=why):
        _spark(folder, tmp_path / "w")


def test_a_place_without_files_is_told(tmp_path: Path) -> None:
    """No folder, or one without a file that is read, is an error and no cohort of nobody."""
    with pytest.raises(SourceError, match="no such folder"):
        _spark(tmp_path / "nowhere", tmp_path / "w")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.txt").write_text("x")
    with pytest.raises(SourceError, match=r"holds no file named \*\.ndjson"):
        _spark(tmp_path / "in", tmp_path / "w")


def test_a_prepared_store_is_refused(tmp_path: Path) -> None:
    """However its path is written: its tables would be counted as something else. Another program's store.json is in nobody's way."""
    folder = export(tmp_path / "in", [patient()])
    ingest(Order(folder, tmp_path / "store", workers=1, quiet=True))
    for path in (tmp_path / "store", f"file://{tmp_path}/store/"):
        with pytest.raises(StoreError, match="is a prepared store, which --engine spark can't read"):
            _spark(path, tmp_path / "w")
    for held in (b"{}", b"no JSON"):
        (folder / "store.json").write_bytes(held)
        assert _spark(folder, tmp_path / "w").patients == 1


def test_other_code_on_the_executors_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An executor of another version would give other verdicts: the run says so before it reads."""
    monkeypatch.setattr("cds_service.cohort.spark.run.__version__", "9.9.9")
    with pytest.raises(SourceError, match=r"its executors run version .* and this is 9\.9\.9"):
        _spark(export(tmp_path / "in", [patient()]), tmp_path / "w")
