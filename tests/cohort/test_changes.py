"""A prepared store and a folder of what changed since: the store is then that of the whole, as if that had been exported anew."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks.hospital import write
from cds_service.cli import main
from cds_service.cohort.funnel import funnel
from cds_service.cohort.prepared.index import Index
from cds_service.cohort.prepared.ingest import Order, ingest
from cds_service.cohort.prepared.layout import StoreError
from cds_service.cohort.run import Scan
from cds_service.cohort.tally import tally
from cds_service.errors import ServiceError
from cds_service.fhir import fetched
from cds_service.fhir.bulk_update import reference
from cds_service.fhir.fetched import Fetched, Kind, Piece
from fhir_mappings.inputs import State
from tests.cohort.test_same_as_elsewhere import DEMO
from tests.support.builders import SLE, concept, condition, patient
from tests.support.exports import AS_OF, export, lines, run
from tests.support.killed_ingest import bytes_of, ingested

Json = dict[str, Any]
THEN, LATER = "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"


def _ill(identity: str = "p1", name: str = "c1", **more: Any) -> Json:
    return condition(SLE, identity=name) | {"subject": {"reference": f"Patient/{identity}"}, **more}


def _said(found: Scan) -> dict[str, Any]:
    """Rows, funnel, counts and how whole each type is."""
    trial = found.tools.trial
    return {
        "rows": [orjson.dumps(row) for row in found.rows],
        "funnel": orjson.dumps(funnel(found, tally(trial, found.rows, AS_OF), trial, "feasibility", 10), option=orjson.OPT_SORT_KEYS),
        "patients": (found.patients, found.dead, found.evaluated),
        "counts": (dict(found.types), dict(found.faults)),
        "coverage": found.tools.coverage,
    }


def _deletions(*references: str) -> bytes:
    entries = [{"request": {"method": "DELETE", "url": one}} for one in references]
    return lines([{"resourceType": "Bundle", "type": "transaction", "entry": entries}])


def _changes(folder: Path, changed: Iterable[Json], deleted: Iterable[str] = ()) -> Path:
    """A folder as clients of Bulk Data leave it."""
    export(folder, changed)
    (folder / "deleted").mkdir(parents=True, exist_ok=True)
    (folder / "deleted" / "Bundle.0001.ndjson").write_bytes(_deletions(*deleted))
    return folder


def _merged(older: Path, changes: Path, folder: Path, deleted: Iterable[str]) -> Path:
    """The whole as it is after the changes, a plain line at a time."""
    shutil.copytree(older, folder)
    gone = set(deleted) | {reference(line) for path in changes.glob("*.ndjson") for line in path.read_bytes().splitlines()}
    for path in folder.rglob("*.ndjson"):
        kept = [
            line for line in path.read_bytes().split(b"\n") if line.strip() and (reference(line) is None or reference(line) not in gone)
        ]
        path.write_bytes(b"".join(line + b"\n" for line in kept))
    for path in changes.glob("*.ndjson"):
        with (folder / path.name).open("ab") as stream:
            stream.write(path.read_bytes())
    return folder


def _brought_up(older: Path, changed: list[Json], deleted: list[str], tmp_path: Path, **more: Any) -> tuple[Json, Json]:
    """(what the store says after the changes, what the whole says)."""
    given = {"workers": 1, "quiet": True, **more}
    changes = _changes(tmp_path / "changes", changed, deleted)
    ingest(Order(older, tmp_path / "store", **given))
    ingest(Order(changes, tmp_path / "store", changes=True, **given))
    whole = _merged(older, changes, tmp_path / "whole", deleted)
    ingest(Order(whole, tmp_path / "of-whole", **given))
    found = _said(run(tmp_path / "store", tmp_path / "w1", whole=False))
    assert found == _said(run(tmp_path / "of-whole", tmp_path / "w2", whole=False))
    return found, _said(run(whole, tmp_path / "w3", whole=more.get("whole", False)))


def _later(charts: list[list[Json]]) -> tuple[list[Json], list[str]]:
    """(given anew, deleted): a diagnosis corrected, an Observation moved to somebody else, a patient gone with all records, one new."""
    first, second, third, *_ = charts
    corrected = [one | {"meta": {"versionId": "9"}, "recordedDate": "2026-11-01"} for one in first if one["resourceType"] == "Condition"]
    owner = next(one["id"] for one in second if one["resourceType"] == "Patient")
    moved = [one | {"subject": {"reference": f"Patient/{owner}"}} for one in first if one["resourceType"] == "Observation"][:1]
    return [*corrected, *moved, patient("new"), _ill("new", "new-c")], [f"{one['resourceType']}/{one['id']}" for one in third]


@pytest.mark.parametrize("part", [120_000, 32_000_000])
def test_changed_deleted_moved_and_new_records(tmp_path: Path, part: int) -> None:
    """Over the demo's stories, in many parts or one, the store's answers are those of a run over the whole."""
    older = export(tmp_path / "older", [one for chart in DEMO for one in chart])
    changed, deleted = _later(DEMO)
    found, whole = _brought_up(older, changed, deleted, tmp_path, part=part, unit=50_000, whole=True)
    assert len(found["rows"]) > 20
    assert found == whole


def test_a_thousand_generated_patients(tmp_path: Path) -> None:
    """Of an export every seventh line is given anew under another version, every eleventh deleted: verdicts and funnel are equal."""
    write(tmp_path / "older", 1000, in_scope=0.03)
    held = [orjson.loads(line) for path in sorted((tmp_path / "older").iterdir()) for line in path.read_bytes().splitlines()]
    changed = [one | {"meta": {"versionId": "2"}} for one in held[::7]]
    deleted = [f"{one['resourceType']}/{one['id']}" for one in held[3::11]]
    found, whole = _brought_up(tmp_path / "older", changed, deleted, tmp_path, whole=True)
    assert len(found["rows"]) > 10
    assert found == whole


def test_what_is_only_counted_and_what_records_point_to(tmp_path: Path) -> None:
    """Types that no trial reads, records of nobody or of several patients, the dead, medications: counted once, and found."""
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "authoredOn": "2026-10-01"}
    order |= {"subject": {"reference": "Patient/p1"}, "medicationReference": {"reference": "Medication/1"}}
    drug = {"resourceType": "Medication", "id": "1", "code": concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "121191"))}
    other = drug | {"code": concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "8640"))}
    doctor, nobody = {"resourceType": "Practitioner", "id": "d"}, condition(SLE, identity="c8") | {"subject": {"display": "?"}}
    both = _ill("p1", "c7", recorder={"reference": "Patient/p3"})
    people = [patient(), patient("p2") | {"deceasedBoolean": True}, patient("p3") | {"deceasedBoolean": True}, patient("p4")]
    held = [
        *people,
        order,
        drug,
        drug | {"id": "2"},
        _ill(),
        _ill("p2", "c2"),
        both,
        nobody,
        doctor,
        doctor | {"id": "e"},
        _ill("p4", "c4"),
    ]
    older = export(tmp_path / "older", held)
    with (older / "Condition.ndjson").open("ab") as stream:
        stream.write(b'{"resourceType":"Condition","subject":{"reference":"Patient/p4"},\n' + lines([_ill("p1", "c1")]))
    changed = [doctor | {"active": True}, nobody | {"onsetString": "x"}, other, both | {"onsetString": "x"}, patient("p2"), patient("p5")]
    found, whole = _brought_up(older, changed, ["Practitioner/e", "Patient/p3", "Medication/2", "Condition/c4", "Condition/c99"], tmp_path)
    assert found["patients"][:2] == (4, 0)
    counts = {"Patient": 4, "MedicationRequest": 1, "Medication": 1, "Condition": 5, "Practitioner": 1}
    assert found["counts"] == (counts, {"cut-off": 1, "names-no-patient": 1})
    assert found == whole


def test_only_whose_records_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index of all others is taken over."""
    order = {"workers": 1, "quiet": True}
    older = export(tmp_path / "older", [patient(), patient("p2"), _ill(), _ill("p2", "c2")])
    ingest(Order(older, tmp_path / "store", **order))
    seen, add = [], Index.add

    def watched(self: Index, place: int, data: bytes) -> None:
        seen.append(reference(data))
        add(self, place, data)

    monkeypatch.setattr(Index, "add", watched)
    ingest(Order(_changes(tmp_path / "changes", [_ill("p2", "c3")]), tmp_path / "store", changes=True, **order))
    assert set(seen) == {"Condition/c2", "Condition/c3", "Patient/p2"}


def _fetch(folder: Path, time: str = LATER, since: str | None = THEN, **kinds: Kind) -> Path:
    """The folder as `cohort fetch` leaves it."""
    less = Kind(State.PARTIAL, (f"only what changed since {since} was asked for",), chosen=True) if since else Kind(State.WHOLE)
    types = {**dict.fromkeys(("Patient", "Condition", "Observation"), less), **kinds}
    given, deleted = ([_piece(folder, path) for path in sorted(folder.glob(one))] for one in ("*.ndjson", "deleted/*.ndjson"))
    fetched.write(folder, Fetched("https://x", "export of all patients", time, types, tuple(given), since, {}, tuple(deleted)))
    return folder


def _piece(folder: Path, path: Path) -> Piece:
    data = path.read_bytes()
    return Piece(str(path.relative_to(folder)), path.name.partition(".")[0], len(data), data.count(b"\n"), "")


def _base(tmp_path: Path) -> Path:
    older = _fetch(export(tmp_path / "older", [patient(), patient("p2"), _ill()]), THEN, None)
    ingest(Order(older, tmp_path / "store", workers=1, quiet=True))
    return tmp_path / "store"


def test_a_fetch_of_changes_says_how_whole_the_store_becomes(tmp_path: Path) -> None:
    """A type is whole where it was and its changes are; of who joined absence is not known; the store is of the later moment."""
    store = _base(tmp_path)
    failed = Kind(State.FAILED, (f"only what changed since {THEN} was asked for", "1 of 1 files could not be had"))
    changes = _fetch(_changes(tmp_path / "changes", [patient("p2"), patient("p9")], ["Condition/c1"]), Observation=failed)
    made = ingest(Order(changes, store, workers=1, quiet=True, changes=True))
    assert made.export.fetched is not None
    assert (made.export.fetched.time, made.export.fetched.since) == (LATER, None)
    assert made.export.fetched.types["Patient"] == Kind(State.WHOLE)
    assert (made.export.fetched.types["Condition"].state, made.export.fetched.types["Condition"].patients) == (State.PARTIAL, ("p9",))
    assert made.export.fetched.state("Observation") is State.FAILED
    assert made.told["types"] == {"Patient": 3}


def test_changes_once_more_are_not_taken_twice(tmp_path: Path) -> None:
    """The same command again writes nothing; the next changes join on."""
    store = _base(tmp_path)
    order = Order(_fetch(_changes(tmp_path / "changes", [_ill("p2", "c2")])), store, workers=1, quiet=True, changes=True)
    ingest(order)
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    ingest(order)
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before
    further = _fetch(_changes(tmp_path / "further", [], ["Condition/c1"]), "2026-11-22T00:00:00+00:00", LATER)
    ingest(Order(further, store, workers=1, quiet=True, changes=True))
    assert run(store, tmp_path / "w", whole=False).evaluated == 1
    with pytest.raises(StoreError, match=f"is of what changed from {THEN} to {LATER}, and the store is of 2026-11-22"):
        ingest(order)


@pytest.mark.parametrize(
    ("since", "time", "why"),
    [
        ("2026-11-20T00:00:01Z", LATER, "fetch again with --since"),
        (THEN, "2026-11-19T00:00:00Z", "fetch again with --since"),
        (None, LATER, "is a whole fetch; give it as --source"),
    ],
)
def test_changes_that_do_not_join_on_are_refused(tmp_path: Path, since: str | None, time: str, why: str) -> None:
    """Where something may lie between the two, where the store is the newer, and where they are no changes; the store is left as it is."""
    store = _base(tmp_path)
    before = (store / "store.json").read_bytes()
    with pytest.raises(StoreError, match=why):
        ingest(Order(_fetch(_changes(tmp_path / "changes", [_ill("p2", "c2")]), time, since), store, quiet=True, changes=True))
    assert (store / "store.json").read_bytes() == before


def test_changes_of_another_kind_or_server_are_refused(tmp_path: Path) -> None:
    """They are no later state of the store's records; a list of deletions that is not as it was fetched is refused too."""
    store = _base(tmp_path)
    plain = _changes(tmp_path / "plain", [_ill("p2", "c2")])
    with pytest.raises(StoreError, match="made by `cohort fetch` and the store's export was not"):
        ingest(Order(plain, store, quiet=True, changes=True))
    manifest = _fetch(plain) / "manifest.json"
    manifest.write_text(manifest.read_text().replace("https://x", "https://y"))
    with pytest.raises(StoreError, match="from another server, or of other patients"):
        ingest(Order(plain, store, quiet=True, changes=True))
    (plain / "deleted" / "Bundle.0001.ndjson").unlink()
    with pytest.raises(ServiceError, match=r"Bundle\.0001\.ndjson: is missing"):
        ingest(Order(plain, store, quiet=True, changes=True))


def test_changes_never_stand_in_the_place_of_the_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Given as --source they would be taken for all there is; without a store there is nothing to bring up to date. One line each."""
    store, changes = _base(tmp_path), _fetch(_changes(tmp_path / "changes", [_ill("p2", "c2")]))
    for words in (["--source", str(changes), "--store", str(store)], ["--changes", str(changes), "--store", str(tmp_path / "none")]):
        assert main(["cohort", "ingest", *words]) == 1
    assert main(["cohort", "ingest", "--changes", str(changes), "--store", str(store), "--whole"]) == 2
    first, second, third = capsys.readouterr().err.splitlines()
    assert first.endswith(f"holds only what changed since {THEN}; give it as --changes instead of --source")
    assert second.endswith("none: is no store that could be brought up to date; make one with --source")
    assert "--whole goes with --source" in third
    said = (store / "store.json").read_text()
    (store / "store.json").write_text(said.replace('"version": 2', '"version": 1'))
    assert main(["cohort", "ingest", "--source", str(changes), "--store", str(store)]) == 1
    (store / "store.json").write_text(said)
    assert main(["cohort", "ingest", "--changes", str(changes), "--store", str(store), "--workers", "1"]) == 0
    assert ingest(Order(changes, store, quiet=True, changes=True)).told["types"] == {"Patient": 2, "Condition": 2}


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("deleted/x.ndjson", b'{"resourceType":"Patient","id":"p1"}\n', "list of what was deleted can't be read"),
        ("Bundle.ndjson", _deletions("Condition/c1"), "holds Bundles outside its folder `deleted`"),
    ],
)
def test_deletions_that_are_not_understood_end_it(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    """A record that is deleted must not count; the older store is there as before."""
    ingest(Order(export(tmp_path / "older", [patient(), _ill()]), tmp_path / "store", workers=1, quiet=True))
    changes = _changes(tmp_path / "changes", [_ill("p1", "c2")])
    (changes / name).write_bytes(data)
    with pytest.raises(ServiceError, match=why):
        ingest(Order(changes, tmp_path / "store", workers=1, quiet=True, changes=True))
    assert run(tmp_path / "store", tmp_path / "w").types == {"Patient": 1, "Condition": 1}


def test_killed_and_continued_is_the_same_store(tmp_path: Path) -> None:
    """kill -9 early, late and at the last write: until then the older answers, and the same command again ends in the same bytes."""
    older, (changed, deleted) = export(tmp_path / "older", [one for chart in DEMO[:8] for one in chart]), _later(DEMO)
    ingest(Order(older, tmp_path / "store", workers=1, unit=60_000, part=200_000, quiet=True))
    changes = _changes(tmp_path / "changes", changed, deleted)
    shutil.copytree(tmp_path / "store", tmp_path / "expected")
    writes = ingested(changes, tmp_path / "expected", changes=True)
    before = _said(run(tmp_path / "store", tmp_path / "w0"))
    for number, share in enumerate((0.05, 0.4, 0.8, 1)):
        store = Path(shutil.copytree(tmp_path / "store", tmp_path / f"killed{number}"))
        assert ingested(changes, store, int(share * (writes - 1)), changes=True) == -signal.SIGKILL
        assert _said(run(store, tmp_path / f"w{number}-1")) == before
        assert ingested(changes, store, changes=True) > 0
        assert bytes_of(store) == bytes_of(tmp_path / "expected")
