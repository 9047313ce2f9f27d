"""An earlier fetch brought up to date: deleted records go, changed ones are replaced, and what a server may not say stays unknown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from cds_service.cohort.prepared.ingest import Order as StoreOrder
from cds_service.cohort.prepared.ingest import ingest
from cds_service.cohort.prepared.layout import opened
from cds_service.cohort.prepared.tables import all_rows
from cds_service.errors import Unavailable
from cds_service.fhir.bulk import BulkFetch, Order, Unfinished
from cds_service.fhir.fetched import Fetched, FetchedError, read
from fhir_mappings.inputs import State
from tests.fhir.bulk.server import TIME, WANTED, Exporter, condition, ndjson, outcome, patient
from tests.support.exports import lines
from tests.support.faulty_server import body, json, status

Json = dict[str, Any]
LATER = "2026-11-27T03:00:00Z"


def deletions(*references: str) -> Json:
    entries = [{"request": {"method": "DELETE", "url": one}} for one in references]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def changed(number: int, **more: Any) -> Json:
    return condition(number) | {"recordedDate": "2026-11-25", **more}


def update(site: Exporter, tmp_path: Path, out: str = "new", partial: bool = False, **more: Any) -> Fetched:
    return BulkFetch(site.calls(**more), Order(WANTED, tmp_path / out, partial, tmp_path / "old"), lambda _: None).run()


@pytest.fixture
def later(site: Exporter, tmp_path: Path) -> Exporter:
    """Two patients and three conditions were fetched; since then the server has another moment and, so far, no change."""
    site.files = [("Patient", [patient(1), patient(2)]), ("Condition", [condition(1), condition(2), condition(3)])]
    site.fetch(tmp_path / "old", level="patient")
    site.files, site.manifest = [], {"transactionTime": LATER}
    return site


def deleted(site: Exporter, *bundles: Json) -> None:
    site.manifest["deleted"] = [{"type": "Bundle", "url": f"{site.server.url}/files/d"}]
    site.says("/files/d", ndjson(list(bundles)))


def records(folder: Path) -> list[Json]:
    found = read(folder)
    assert found is not None
    return [orjson.loads(line) for piece in found.files for line in (folder / piece.name).read_bytes().splitlines()]


def test_only_what_changed_is_asked_for(later: Exporter, tmp_path: Path) -> None:
    """Since the moment that the server gave the earlier data; the result has the new moment and can be brought up to date in turn."""
    found = update(later, tmp_path, level="patient")
    assert later.export_of()["_since"] == [TIME]
    assert (found.time, found.since) == (LATER, None)
    assert {kind.state for kind in found.types.values()} == {State.WHOLE}
    assert records(tmp_path / "new") == records(tmp_path / "old")


def test_deleted_replaced_and_new(later: Exporter, tmp_path: Path) -> None:
    """Each as it is now; the earlier folder is only read."""
    before = {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()}
    later.files = [("Condition", [changed(2), changed(9)])]
    deleted(later, deletions("Condition/c1", f"{later.base}/Condition/c7"))
    update(later, tmp_path, level="patient")
    assert records(tmp_path / "new") == [patient(1), patient(2), condition(3), changed(2), changed(9)]
    assert {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()} == before


def test_lines_are_kept_as_they_are(site: Exporter, tmp_path: Path) -> None:
    """What can't be read, what is too long to hold, blanks left out, and a last line without its end."""
    long = b'{"resourceType":"Condition","id":"long","x":"' + b"x" * 10_000_100 + b'"}\n'
    parts = [lines([condition(1)]), b'{"resourceType":\n', b"\n", long, lines([condition(2), condition(3)]).rstrip()]
    site.files = [("Condition", [condition(number) for number in range(5)])]
    site.says("/files/1/0", body(b"".join(parts)))
    site.fetch(tmp_path / "old", level="patient")
    site.files, site.manifest = [], {"transactionTime": LATER}
    deleted(site, deletions("Condition/c2"))
    piece = update(site, tmp_path, level="patient").files[0]
    kept = parts[0] + parts[1] + long + lines([condition(3)]).rstrip()
    assert ((tmp_path / "new" / piece.name).read_bytes() == kept, piece.lines, piece.bytes) == (True, 4, len(kept))


def test_deleted_and_made_anew_is_there(later: Exporter, tmp_path: Path) -> None:
    """Deletions are of the earlier records: one that is also among the new ones was made again."""
    later.files = [("Condition", [changed(1)])]
    deleted(later, deletions("Condition/c1"))
    update(later, tmp_path, level="patient")
    assert [one["id"] for one in records(tmp_path / "new") if one["resourceType"] == "Condition"] == ["c2", "c3", "c1"]


def test_a_server_that_gives_everything_again_doubles_nothing(later: Exporter, tmp_path: Path) -> None:
    """`_since` may be passed over."""
    later.files = [("Patient", [patient(1), patient(2)]), ("Condition", [condition(1), condition(2), condition(3)])]
    update(later, tmp_path, level="patient")
    assert records(tmp_path / "new") == records(tmp_path / "old")


def test_who_joined_may_lack_older_records(later: Exporter, tmp_path: Path) -> None:
    """Of them alone absence is not known: servers may give what is older, or not."""
    later.files = [("Patient", [patient(2), patient(8)])]
    found = update(later, tmp_path, level="patient")
    assert (found.state("Condition"), found.types["Condition"].patients, found.faulty) == (State.PARTIAL, ("p8",), [])
    assert found.state("Patient") is State.WHOLE


def test_of_a_group_nobody_knows_who_joined(site: Exporter, tmp_path: Path) -> None:
    """A patient who joined without a change to their own record is not in what changed: the list of patients may lack them."""
    site.fetch(tmp_path / "old")
    site.manifest, site.files = {"transactionTime": LATER}, []
    found = update(site, tmp_path)
    assert (found.state("Patient"), found.state("Condition"), found.faulty) == (State.PARTIAL, State.WHOLE, [])


def test_what_was_not_whole_does_not_become_so(site: Exporter, tmp_path: Path) -> None:
    """Nor does what changed make up for a type that was never fetched."""
    site.granted = "system/Patient.rs system/Condition.rs"
    site.says("/files/e", ndjson([outcome(expression=["Condition"])]))
    site.manifest = {"error": [{"type": "OperationOutcome", "url": f"{site.server.url}/files/e"}]}
    site.fetch(tmp_path / "old", level="patient")
    site.granted, site.manifest, site.files = None, {"transactionTime": LATER}, []
    found = update(site, tmp_path, level="patient")
    assert {name: one.state for name, one in found.types.items()} == {
        "Condition": State.PARTIAL, "Observation": State.FAILED, "Patient": State.WHOLE,
    }  # fmt: skip
    assert found.faulty == ["Condition", "Observation"]


def test_what_changed_may_lack_something(later: Exporter, tmp_path: Path) -> None:
    """The server reports an error: the type is no longer whole."""
    later.says("/files/e", ndjson([outcome(expression=["Condition"])]))
    later.manifest["error"] = [{"type": "OperationOutcome", "url": f"{later.server.url}/files/e"}]
    found = update(later, tmp_path, level="patient")
    assert (found.state("Condition"), found.faulty) == (State.PARTIAL, ["Condition"])


@pytest.mark.parametrize("reply", [body(b'{"resourceType":"Bundle"\n'), ndjson([patient(1)])])
def test_deletions_that_can_not_be_read_end_it(later: Exporter, tmp_path: Path, reply: Any) -> None:
    """A record that is deleted must not count."""
    deleted(later)
    later.says("/files/d", reply)
    with pytest.raises((Unavailable, Unfinished)):
        update(later, tmp_path, level="patient")
    assert not (tmp_path / "new/manifest.json").exists()


def test_deletions_that_can_not_be_had_end_it(later: Exporter, tmp_path: Path) -> None:
    """Also where what can't be had may else be left out."""
    deleted(later)
    later.says("/files/d", status(500))
    with pytest.raises(Unfinished, match="what was deleted"):
        update(later, tmp_path, partial=True, level="patient")


def test_an_entry_that_deletes_nothing_is_passed_over(later: Exporter, tmp_path: Path) -> None:
    """Another method, or no reference."""
    deleted(later, {"resourceType": "Bundle", "entry": [{"request": {"method": "PUT", "url": "Condition/c1"}}, {"request": 1}]})
    update(later, tmp_path, level="patient")
    assert len(records(tmp_path / "new")) == 5


@pytest.mark.parametrize("more", [{"level": "system"}, {"level": "group", "group": "g1"}])
def test_only_the_same_question_is_brought_up_to_date(later: Exporter, tmp_path: Path, more: Json) -> None:
    """Other patients' records are no earlier version of these."""
    with pytest.raises(FetchedError, match="of other patients"):
        update(later, tmp_path, **more)


def test_a_fetch_since_a_moment_is_no_base(later: Exporter, tmp_path: Path) -> None:
    """It never had all; nor has a folder that was not fetched."""
    (tmp_path / "old2").mkdir()
    later.fetch(tmp_path / "since", level="patient", wanted=type(WANTED)(WANTED.types, TIME))
    for name in ("old2", "since"):
        with pytest.raises(FetchedError, match="no fetch that could"):
            BulkFetch(later.calls(level="patient"), Order(WANTED, tmp_path / "new", base=tmp_path / name), lambda _: None).run()


def test_a_fetch_of_changes_brings_a_store_to_where_the_updated_fetch_is(later: Exporter, tmp_path: Path) -> None:
    """`--since` the earlier moment, given to the store as changes: the records, counts and wholeness of `--update`, ingested."""
    later.files = [("Patient", [patient(2), patient(8)]), ("Condition", [changed(2), changed(9)])]
    deleted(later, deletions("Condition/c1"))
    update(later, tmp_path, level="patient")
    later.fetch(tmp_path / "since", level="patient", wanted=type(WANTED)(WANTED.types, TIME))
    for source, store, changes in (("old", "brought", False), ("since", "brought", True), ("new", "whole", False)):
        ingest(StoreOrder(tmp_path / source, tmp_path / store, workers=1, quiet=True, changes=changes))
    brought, whole = opened(tmp_path / "brought"), opened(tmp_path / "whole")
    assert brought is not None
    assert whole is not None
    assert brought.export.fetched == replace(whole.export.fetched or pytest.fail("no fetch"), files=())
    assert brought.told["types"] == whole.told["types"] == {"Patient": 3, "Condition": 3}
    rows = [list(all_rows(one.shelves.rows(part))) for one in (brought, whole) for part in range(one.shelves.parts)]
    assert rows[: brought.shelves.parts] == rows[brought.shelves.parts :]


def test_changes_whose_deletions_can_not_be_had_are_not_finished(later: Exporter, tmp_path: Path) -> None:
    """Nor where what can't be had may else be left out; and once they are here, the manifest holds them to what was fetched."""
    deleted(later, deletions("Condition/c1"))
    later.says("/files/d", [*[status(500)] * 3, later.guarded(ndjson([deletions("Condition/c1")]))])
    order = Order(type(WANTED)(WANTED.types, TIME), tmp_path / "since", partial=True)
    with pytest.raises(Unfinished, match="what was deleted"):
        BulkFetch(later.calls(level="patient"), order, lambda _: None).run()
    found = BulkFetch(later.calls(level="patient"), order, lambda _: None).run()
    assert [piece.lines for piece in found.deleted] == [1]
    (tmp_path / "since" / found.deleted[0].name).unlink()
    with pytest.raises(FetchedError, match="is missing or not as it was fetched"):
        read(tmp_path / "since")


def test_an_update_that_was_ended_goes_on(later: Exporter, tmp_path: Path) -> None:
    """From what is here, as every fetch."""
    later.files = [("Condition", [changed(2)])]
    later.says("/files/2/0", [*[status(500)] * 3, later.guarded(ndjson([changed(2)]))])
    with pytest.raises(Unfinished):
        update(later, tmp_path, level="patient")
    update(later, tmp_path, level="patient")
    assert [one["id"] for one in records(tmp_path / "new")] == ["p1", "p2", "c1", "c3", "c2"]
    assert later.jobs == 2


def test_json_of_the_manifest_says_so(later: Exporter, tmp_path: Path) -> None:
    """A cohort run reads it as any other."""
    later.says("/x", json({}))
    found = update(later, tmp_path, level="patient")
    assert {piece.name for piece in found.files} == {"Patient.earlier.0000.ndjson", "Condition.earlier.0001.ndjson"}
    assert read(tmp_path / "new") == found
