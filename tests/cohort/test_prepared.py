"""A prepared store: a run over it gives what the run over the raw files gives, byte for byte."""

from __future__ import annotations

import gzip
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks.hospital import write
from cds_service.cohort import source
from cds_service.cohort.collect import place_of
from cds_service.cohort.prepared.index import Index
from cds_service.cohort.prepared.ingest import Order, ingest
from cds_service.cohort.prepared.layout import StoreError
from cds_service.cohort.prepared.passes import possible
from cds_service.cohort.run import Scan
from cds_service.cohort.task import Kit, Setup
from cds_service.fhir import fetched
from cds_service.fhir.fetched import Fetched, Kind, Piece
from fhir_mappings.inputs import State
from tests.cohort.test_same_as_elsewhere import DEMO
from tests.support.builders import SLE, concept, condition, observation, patient
from tests.support.exports import AS_OF, export, lines, run
from tests.support.killed_ingest import bytes_of, ingested

Json = dict[str, Any]


def _ill(identity: str = "p1", name: str = "c1") -> Json:
    return condition(SLE, identity=name) | {"subject": {"reference": f"Patient/{identity}"}}


def _said(found: Scan) -> dict[str, Any]:
    """All that tables, lists and the report are made of."""
    return {
        "rows": [orjson.dumps(row) for row in found.rows],
        "patients": (found.patients, found.dead, found.evaluated),
        "types": dict(found.types),
        "faults": dict(found.faults),
        "coverage": found.tools.coverage,
    }


def _both(folder: Path, tmp_path: Path, **order: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    given = {"workers": 1, "quiet": True, **order}
    ingest(Order(folder, tmp_path / "store", **given))
    return _said(run(folder, tmp_path / "raw")), _said(run(tmp_path / "store", tmp_path / "prepared"))


def _all(charts: Iterable[list[Json]]) -> list[Json]:
    return [one for chart in charts for one in chart]


@pytest.mark.parametrize("part", [20_000, 32_000_000])
def test_the_demo_gives_the_same_rows(tmp_path: Path, part: int) -> None:
    """Every trap of the demo, whether the store has many parts or one."""
    raw, prepared = _both(export(tmp_path / "in", _all(DEMO)), tmp_path, part=part, unit=50_000)
    assert raw["rows"]
    assert prepared == raw


def test_a_thousand_generated_patients_give_the_same_rows(tmp_path: Path) -> None:
    """Ordinary patients among whom few have a disease of the trial; some of them have died."""
    write(tmp_path / "in", 1000, in_scope=0.03)
    raw, prepared = _both(tmp_path / "in", tmp_path)
    assert (raw["patients"][0], len(raw["rows"]) > 10) == (1000, True)
    assert prepared == raw


def _hostile() -> list[bytes]:
    """Each a line that costs itself alone."""
    ill = lines([_ill()]).rstrip(b"\n")
    seen = lines([observation() | {"subject": {"reference": "Patient/p2"}}]).rstrip(b"\n")
    return [
        ill[:-40], ill.replace(b'"coding"', b'coding"'), b"[1, 2]", b'{"id":"Patient/p1"}', b"null", b"\xff\xfe\x00", b'"x"', b"{}",
        b'{"resourceType":"Condition","subject":{"reference":"Patient/p1"},"x":NaN}',
        b'{"resourceType":"Practitioner","id":"d"}', b'{"resourceType":"Practitioner","id":',
        b'{"id":"e","resourceType":"Medication","code":{"text":"x"}}', b'{"resourceType":"Patient","active":true}',
        ill.replace(b"Patient/", b"Patient\\/").replace(b'"code":{', b'"\\u0063ode":{').replace(b'"c1"', b'"c9"'),
        ill.replace(b'"code":{', b'"code" : {'), b"\xef\xbb\xbf" + ill + b"\r",
        ill.replace(b'"code":{', b'"code":{"text":"Asthma"},"code":{'), seen.replace(b'"code":{', b'"code":[{').replace(b'}]}', b'}]}]', 1),
        seen.replace(b'"code":{', b'kode":{'), seen.replace(b'"code":{', b'"kode":{'),
        seen.replace(b'"code":{', b'"code":{"x":1},"code":{'),
        lines([_ill() | {"note": [{"text": "x" * 30_000}]}]).rstrip(b"\n"),
        lines([_ill("p1", "c7") | {"recorder": {"reference": "Patient/p3"}}]).rstrip(b"\n"),
    ]  # fmt: skip


@pytest.mark.parametrize("unit", [700, 10**7])
def test_hostile_lines_are_counted_by_the_same_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: int) -> None:
    """Each shape of a bad or odd line, alone and all together, leaves the same faults, holes and rows."""
    monkeypatch.setattr(source, "LONGEST_LINE", 10_000)
    for number, line in enumerate([*_hostile(), b"\n".join(_hostile())]):
        here = tmp_path / str(number)
        folder = export(here / "in", [patient(), patient("p2"), patient("p3") | {"deceasedBoolean": True}, _ill("p2", "c2")])
        with (folder / "Condition.ndjson").open("ab") as stream:
            stream.write(line + b"\n" + lines([_ill("p4", "c4")]))
        raw, prepared = _both(folder, here, unit=unit)
        assert prepared == raw, line[:200]
        assert prepared == _said(run(folder, here / "cut", unit=unit)), line[:200]


def test_repeats_versions_and_what_records_point_to_are_the_same(tmp_path: Path) -> None:
    """Resources that stand there twice or amended, in packed files, with medications and studies, some under one id."""
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "authoredOn": "2026-10-01"}
    order |= {"subject": {"reference": "Patient/p1"}, "medicationReference": {"reference": "Medication/1"}}
    taking = {"resourceType": "ResearchSubject", "id": "r", "status": "on-study", "individual": {"reference": "Patient/p1"}}
    taking |= {"study": {"reference": "ResearchStudy/1"}}
    drug = {"resourceType": "Medication", "id": "1", "code": concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "121191"))}
    first = _ill() | {
        "meta": {"versionId": "1"},
        "verificationStatus": concept(("http://terminology.hl7.org/CodeSystem/condition-ver-status", "refuted")),
    }
    held = [
        patient(),
        patient("p2") | {"deceasedBoolean": True},
        patient("p2"),
        order,
        taking,
        drug,
        first,
        _ill() | {"meta": {"versionId": "2"}},
    ]
    folder = export(tmp_path / "in", [*held, *held, {"resourceType": "ResearchStudy", "id": "1", "status": "active"}, drug | {"id": "2"}])
    (folder / "more.ndjson.gz").write_bytes(gzip.compress(lines([_ill("p3", "c3"), patient("p3")])))
    raw, prepared = _both(folder, tmp_path)
    assert len(raw["rows"]) == 3
    assert prepared == raw


def test_only_who_may_have_a_disease_is_read(tmp_path: Path) -> None:
    """The index passes over those in whose records no concept speaks of a disease."""
    folder = export(
        tmp_path / "in",
        [patient(), patient("p2"), _ill(), condition(("http://snomed.info/sct", "38341003")) | {"subject": {"reference": "Patient/p2"}}],
    )
    shelves = ingest(Order(folder, tmp_path / "store", workers=1, quiet=True)).shelves
    assert possible(shelves, 0, Kit(setup=Setup("cc312", AS_OF)).evidence) == [place_of(b"p1")[0]]


def test_the_store_knows_what_its_export_lacks(tmp_path: Path) -> None:
    """A type without a file is not provided, unless whoever prepared the store or runs over it says that nothing is missing."""
    folder = export(tmp_path / "in", [patient(), _ill()])
    for number, whole in enumerate((False, True)):
        ingest(Order(folder, tmp_path / f"store{number}", whole, workers=1, quiet=True))
        found = run(tmp_path / f"store{number}", tmp_path / f"w{number}", whole=False)
        assert ("Observation" in found.not_exported) is not whole
        assert _said(found) == _said(run(folder, tmp_path / f"raw{number}", whole=whole))


def _fetched(folder: Path, state: State, patients: tuple[str, ...] = ()) -> Path:
    files = [
        Piece(path.name, path.stem, path.stat().st_size, path.read_bytes().count(b"\n"), "") for path in sorted(folder.glob("*.ndjson"))
    ]
    kinds = {**dict.fromkeys(("Patient", "Condition"), Kind(State.WHOLE)), "Observation": Kind(state, ("why",), patients=patients)}
    fetched.write(folder, Fetched("https://fhir.example.org", "export", "2026-11-20T00:00:00Z", kinds, tuple(files)))
    return folder


@pytest.mark.parametrize(("state", "patients"), [(State.WHOLE, ()), (State.FAILED, ()), (State.PARTIAL, ("p2",))])
def test_the_fetch_says_how_whole_the_store_is(tmp_path: Path, state: State, patients: tuple[str, ...]) -> None:
    """The manifest of a fetch counts as if the run read its folder, which may be gone by then."""
    folder = _fetched(export(tmp_path / "in", [patient(), patient("p2"), _ill()]), state, patients)
    ingest(Order(folder, tmp_path / "store", workers=1, quiet=True))
    raw = run(folder, tmp_path / "raw", whole=False)
    shutil.rmtree(folder)
    prepared = run(tmp_path / "store", tmp_path / "prepared", whole=False)
    assert _said(prepared) == _said(raw)
    assert prepared.incomplete == raw.incomplete


def _amended(charts: list[list[Json]]) -> list[Json]:
    """A later day's records: one patient gone, one new, one with a record less, one with a later version."""
    _, less, later, *others = charts
    first, *rest = later
    return _all([less[:-1], [*rest, first | {"meta": {"versionId": "9"}}], *others, [patient("new"), _ill("new", "new-c")]])


def test_a_newer_export_gives_the_store_of_itself(tmp_path: Path) -> None:
    """After a second ingest the files are, byte for byte, as if there had been no older: later versions count, deleted records are gone."""
    order = {"workers": 1, "quiet": True, "part": 120_000}
    ingest(Order(export(tmp_path / "older", _all(DEMO[:16])), tmp_path / "store", **order))
    newer = export(tmp_path / "newer", _amended(DEMO[:16]))
    ingest(Order(newer, tmp_path / "store", **order))
    ingest(Order(newer, tmp_path / "whole", **order))
    assert bytes_of(tmp_path / "store") == bytes_of(tmp_path / "whole")
    assert len(bytes_of(tmp_path / "store")) > 10
    assert _said(run(tmp_path / "store", tmp_path / "w2")) == _said(run(newer, tmp_path / "w3"))


def test_who_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a newer export only the records of patients of whom something changed are looked through for codes."""
    ingest(
        Order(export(tmp_path / "older", [patient(), patient("p2"), _ill(), _ill("p2", "c2")]), tmp_path / "store", workers=1, quiet=True)
    )
    folder = export(tmp_path / "newer", [patient(), patient("p2"), _ill(), _ill("p2", "c3")])
    seen, add = set(), Index.add

    def watched(self: Index, place: int, data: bytes) -> None:
        seen.add(place)
        add(self, place, data)

    monkeypatch.setattr(Index, "add", watched)
    ingest(Order(folder, tmp_path / "store", workers=1, quiet=True))
    assert seen == {place_of(b"p2")[0]}


def test_an_up_to_date_store_is_left_as_it_is(tmp_path: Path) -> None:
    """The same command once more writes nothing."""
    order = Order(export(tmp_path / "in", [patient(), _ill()]), tmp_path / "store", workers=1, quiet=True)
    ingest(order)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*")}
    ingest(order)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*")} == before


def test_the_owner_alone_may_read_the_store(tmp_path: Path) -> None:
    """It holds patients' records: no file and no folder of it is open to others."""
    ingest(Order(export(tmp_path / "in", [patient(), _ill()]), tmp_path / "store", workers=1, quiet=True))
    paths = [tmp_path / "store", *(tmp_path / "store").rglob("*")]
    assert len(paths) > 5
    assert not [path for path in paths if path.stat().st_mode & 0o077]


def test_a_folder_that_holds_other_things_is_refused(tmp_path: Path) -> None:
    """An ingest removes nothing that is not its own, and takes no store for an export."""
    folder = export(tmp_path / "in", [patient()])
    with pytest.raises(StoreError, match="holds other files"):
        ingest(Order(folder, folder, quiet=True))
    ingest(Order(folder, tmp_path / "store", workers=1, quiet=True))
    with pytest.raises(StoreError, match="is a store itself"):
        ingest(Order(tmp_path / "store", tmp_path / "other", quiet=True))


def test_a_damaged_store_is_refused(tmp_path: Path) -> None:
    """What is missing of it would be taken as absent."""
    store = ingest(Order(export(tmp_path / "in", [patient()]), tmp_path / "store", workers=1, quiet=True))
    (store.shelves.folder / "told.json").unlink()
    with pytest.raises(StoreError, match="is not as it was written"):
        run(tmp_path / "store", tmp_path / "w")


def test_a_store_that_lacks_a_type_that_is_read_is_refused(tmp_path: Path) -> None:
    """A version that reads more types than the store holds would take these to be empty."""
    ingest(Order(export(tmp_path / "in", [patient()]), tmp_path / "store", workers=1, quiet=True))
    said = tmp_path / "store/store.json"
    said.write_text(said.read_text().replace('"Observation",', ""))
    with pytest.raises(StoreError, match="was made before some types of records were read"):
        run(tmp_path / "store", tmp_path / "w")


def test_what_a_killed_process_had_begun_to_write_goes(tmp_path: Path) -> None:
    """Half a file with records of patients is not left lying in the store."""
    order = Order(export(tmp_path / "in", [patient(), _ill()]), tmp_path / "store", workers=1, quiet=True)
    begun = ingest(order).shelves.folder / "00000.rows.parquet.123.part"
    begun.write_bytes(b"half")
    ingest(order)
    assert not begun.exists()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95, 1])
def test_killed_and_continued_is_the_same_store(tmp_path: Path, share: float) -> None:
    """kill -9 while lines are spread, sorted or told of, or at the last write, then the same command: the same files, byte for byte."""
    folder = export(tmp_path / "in", _all(DEMO[:10]))
    writes = ingested(folder, tmp_path / "whole", None)
    assert ingested(folder, tmp_path / "killed", int(share * (writes - 1))) == -signal.SIGKILL
    assert ingested(folder, tmp_path / "killed", None) > 0
    assert bytes_of(tmp_path / "killed") == bytes_of(tmp_path / "whole")


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_an_update_that_is_killed_leaves_the_older_store_until_it_is_whole(tmp_path: Path, share: float) -> None:
    """Whoever runs in between gets the older export's answer; the same command again gives the newer's."""
    older, newer = export(tmp_path / "older", _all(DEMO[:8])), export(tmp_path / "newer", _amended(DEMO[:8]))
    ingested(older, tmp_path / "store", None)
    writes = ingested(newer, tmp_path / "whole", None)
    assert ingested(newer, tmp_path / "store", int(share * (writes - 1))) == -signal.SIGKILL
    assert _said(run(tmp_path / "store", tmp_path / "w1")) == _said(run(older, tmp_path / "w2"))
    assert ingested(newer, tmp_path / "store", None) > 0
    assert bytes_of(tmp_path / "store") == bytes_of(tmp_path / "whole")
