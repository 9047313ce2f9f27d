"""An export that goes well, in every shape that servers give it: what is asked, and what then stands in the folder."""

from __future__ import annotations

import gzip
import hashlib
import json as text
from pathlib import Path

import pytest

from cds_service.fhir import fetched
from cds_service.fhir.bulk_job import Wanted
from cds_service.fhir.fetched import Kind
from fhir_mappings.inputs import State
from tests.fhir.bulk.server import NOW, TIME, TYPES, Exporter, condition, ndjson, outcome, patient
from tests.support.exports import lines
from tests.support.faulty_server import body, json, status


def held(folder: Path) -> dict[str, bytes]:
    """Every file below the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_an_export_becomes_files_and_a_manifest(site: Exporter, tmp_path: Path) -> None:
    """One file each, and beside them what they are: type, size, lines, digest, the moment of the data."""
    found = site.fetch(tmp_path / "out")
    assert held(tmp_path / "out").keys() == {"Condition.0001.ndjson", "Patient.0000.ndjson", "manifest.json"}
    data = lines([patient(1), patient(2)])
    assert (tmp_path / "out/Patient.0000.ndjson").read_bytes() == data
    piece = found.files[0]
    assert (piece.name, piece.type, piece.bytes, piece.lines) == ("Patient.0000.ndjson", "Patient", len(data), 2)
    assert piece.sha256 == hashlib.sha256(data).hexdigest()
    assert (found.time, found.how, found.since) == (TIME, "export of Group/g1", None)
    assert fetched.read(tmp_path / "out") == found


def test_a_type_without_a_file_is_empty_and_known_to_be(site: Exporter, tmp_path: Path) -> None:
    """It was asked for, the export is whole, so there is none: absence is knowledge."""
    found = site.fetch(tmp_path / "out")
    assert {name: kind.state for name, kind in found.types.items()} == dict.fromkeys(TYPES, State.WHOLE)
    assert found.state("Procedure") is State.NOT_PROVIDED


def test_an_empty_output_is_legal(site: Exporter, tmp_path: Path) -> None:
    """A group of nobody."""
    site.files = []
    found = site.fetch(tmp_path / "out")
    assert found.files == ()
    assert found.state("Patient") is State.WHOLE


@pytest.mark.parametrize(
    ("level", "path"), [("group", "/r4/Group/g1/$export"), ("patient", "/r4/Patient/$export"), ("system", "/r4/$export")]
)
def test_each_level_has_its_path(site: Exporter, tmp_path: Path, level: str, path: str) -> None:
    """A group, all patients, or the whole server."""
    site.fetch(tmp_path / "out", level=level)
    assert len(site.asked(path)) == 1


@pytest.mark.parametrize("kickoff", ["get", "post"])
def test_what_is_wanted_is_said_in_the_servers_dialect(site: Exporter, tmp_path: Path, kickoff: str) -> None:
    """Joined by commas in the URL, or one parameter a value in the body."""
    wanted = Wanted(TYPES, "2026-01-01T00:00:00+01:00", ("Observation?category=laboratory", "Observation?category=survey"))
    site.fetch(tmp_path / "out", wanted=wanted, kickoff=kickoff)
    assert site.export_of() == {"_type": list(TYPES), "_since": ["2026-01-01T00:00:00+01:00"], "_typeFilter": list(wanted.filters)}


def test_nothing_is_asked_for_that_the_settings_do_not_say(site: Exporter, tmp_path: Path) -> None:
    """No lenient handling: a server that passes over a type it does not know would make it look empty."""
    site.fetch(tmp_path / "out")
    assert site.export_of() == {"_type": list(TYPES)}
    assert site.asked("/r4/Group")[0].headers["prefer"] == "respond-async"


@pytest.mark.parametrize(
    ("wanted", "lowered"),
    [
        (Wanted(TYPES, "2026-01-01T00:00:00Z"), set(TYPES)),
        (Wanted(TYPES, filters=("Observation?category=laboratory",)), {"Observation"}),
    ],
)
def test_who_asks_for_less_does_not_know_what_is_absent(site: Exporter, tmp_path: Path, wanted: Wanted, lowered: set[str]) -> None:
    """What changed since a day, or what fits a filter, is never all there is."""
    found = site.fetch(tmp_path / "out", wanted=wanted)
    assert {name for name, kind in found.types.items() if kind.state is State.PARTIAL} == lowered


def test_packed_files_are_unpacked(site: Exporter, tmp_path: Path) -> None:
    """Said in a header, sent as a .gz, or in several members."""
    data = lines([condition(1)])
    site.files = [("Condition", [condition(1)])] * 3
    site.says("/files/1/0", ndjson([condition(1)], packed=True))
    site.says("/files/1/1", body(gzip.compress(data), Content_Type="application/gzip"))
    site.says("/files/1/2", body(gzip.compress(data[:20]) + gzip.compress(data[20:])))
    site.fetch(tmp_path / "out")
    assert [held(tmp_path / "out")[f"Condition.000{number}.ndjson"] for number in range(3)] == [data] * 3


def test_a_file_may_be_untidy(site: Exporter, tmp_path: Path) -> None:
    """A byte order mark, CRLF, blank lines, no last line end: the lines are counted as they are."""
    site.files = [("Condition", [condition(1), condition(2)])]
    data = b"\xef\xbb\xbf" + lines([condition(1)]).replace(b"\n", b"\r\n") + b"\r\n\n" + lines([condition(2)]).rstrip()
    site.says("/files/1/0", body(data))
    found = site.fetch(tmp_path / "out")
    assert (found.files[0].lines, found.state("Condition")) == (2, State.WHOLE)


def test_a_manifest_in_pages_is_one(site: Exporter, tmp_path: Path) -> None:
    """`next` links, relative ones too, each waited for as the first."""
    first = {"transactionTime": TIME, "requiresAccessToken": True, "link": [{"relation": "next", "url": "2?page=2"}]}
    site.polls = [json({**first, "output": [{"type": "Patient", "url": "/files/a"}]})]
    second = {**first, "link": [], "output": [{"type": "Condition", "url": f"{site.server.url}/files/b", "count": 1}]}
    site.says("/jobs/2?page=2", [status(202), json(second)])
    site.says("/files/a", ndjson([patient(1)]))
    site.says("/files/b", ndjson([condition(1)]))
    found = site.fetch(tmp_path / "out")
    assert [(piece.type, piece.lines) for piece in found.files] == [("Patient", 1), ("Condition", 1)]


@pytest.mark.parametrize("name", ["error", "outcome"])
def test_what_the_server_could_not_export_is_counted_and_lowers_what_it_may_touch(site: Exporter, tmp_path: Path, name: str) -> None:
    """By either name of the list; by severity and code, in no word of the server's; the types named in `expression`, else all."""
    site.says(
        "/files/e",
        ndjson([outcome("warning"), outcome(expression=["Observation.value"]), outcome("fatal", "Jane Roe", expression=["Observation"])]),
    )
    site.manifest = {name: [{"type": "OperationOutcome", "url": f"{site.server.url}/files/e"}]}
    found = site.fetch(tmp_path / "out")
    assert found.outcomes == {"error processing": 1, "fatal other": 1, "warning processing": 1}
    assert {one: kind.state for one, kind in found.types.items()} == {
        "Condition": State.WHOLE, "Observation": State.PARTIAL, "Patient": State.WHOLE,
    }  # fmt: skip
    assert "Jane" not in (tmp_path / "out/manifest.json").read_text()
    assert b"Jane" in held(tmp_path / "out")["errors/OperationOutcome.0002.ndjson"]


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        (outcome("error"), False), (outcome("error", expression=["Bundle"]), False), (outcome("warning"), True),
        (outcome("information"), True), ({"resourceType": "Patient"}, False), ({"resourceType": "OperationOutcome"}, False),
    ],
)  # fmt: skip
def test_an_error_about_nothing_in_particular_is_about_everything(
    site: Exporter, tmp_path: Path, line: dict[str, object], whole: bool
) -> None:
    """Warnings and remarks are not errors; what can't be read as an outcome is one."""
    site.says("/files/e", ndjson([line]))
    site.manifest = {"outcome": [{"type": "OperationOutcome", "url": f"{site.server.url}/files/e"}]}
    states = {kind.state for kind in site.fetch(tmp_path / "out").types.values()}
    assert states == {State.WHOLE if whole else State.PARTIAL}


def test_what_was_deleted_is_kept_apart(site: Exporter, tmp_path: Path) -> None:
    """Bundles of deletions are no records of patients: a cohort run does not read them."""
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "DELETE", "url": "Condition/c9"}}]}
    site.says("/files/d", ndjson([bundle]))
    site.manifest = {"deleted": [{"type": "Bundle", "url": f"{site.server.url}/files/d", "count": 1}]}
    found = site.fetch(tmp_path / "out")
    assert "deleted/Bundle.0002.ndjson" in held(tmp_path / "out")
    assert {piece.type for piece in found.files} == {"Patient", "Condition"}


def test_what_was_not_asked_for_is_left(site: Exporter, tmp_path: Path) -> None:
    """Some servers export all they have; unknown members of the manifest are passed over."""
    site.files.append(("Claim", [{"resourceType": "Claim"}]))
    site.manifest = {"extension": [{"url": "x"}], "manifestType": "x"}
    found = site.fetch(tmp_path / "out")
    assert {piece.type for piece in found.files} == {"Patient", "Condition"}
    assert site.asked("/files/1/2") == []


def test_the_server_may_clear_up_at_the_end_and_not_before(site: Exporter, tmp_path: Path) -> None:
    """DELETE comes last; a server that does not know it is no fault."""
    site.fetch(tmp_path / "out")
    assert (site.server.asked[-1].method, site.server.asked[-1].target) == ("DELETE", "/jobs/1")
    assert site.deleted == ["/jobs/1"]


def test_types_that_the_server_does_not_have_are_not_asked_for(site: Exporter, tmp_path: Path) -> None:
    """They would fail the whole export; they are not known, and it is said."""
    said: list[str] = []
    found = site.fetch(tmp_path / "out", wanted=Wanted((*TYPES, "ResearchSubject")), say=said.append)
    assert site.export_of()["_type"] == list(TYPES)
    assert found.types["ResearchSubject"].state is State.NOT_PROVIDED
    assert any("ResearchSubject is not asked for: the server does not have" in one for one in said)


def test_what_the_server_has_is_asked_for_again(site: Exporter, tmp_path: Path) -> None:
    """Else a busy moment would let a type be asked for that fails the whole export."""
    site.says("/r4/metadata", [status(503), site.server.replies["/r4/metadata"]])  # type: ignore[list-item]
    site.fetch(tmp_path / "out", wanted=Wanted((*TYPES, "ResearchSubject")))
    assert site.export_of()["_type"] == list(TYPES)


def test_types_that_the_settings_leave_out_are_not_known(site: Exporter, tmp_path: Path) -> None:
    """For a server that names a type in its CapabilityStatement and refuses to export it."""
    found = site.fetch(tmp_path / "out", leave_out=frozenset({"Observation"}))
    assert site.export_of()["_type"] == ["Condition", "Patient"]
    assert found.types["Observation"] == Kind(State.NOT_PROVIDED, ("the settings leave it out",))


def test_a_server_that_does_not_say_what_it_has_is_asked_for_all(site: Exporter, tmp_path: Path) -> None:
    """Its CapabilityStatement is closed, or empty."""
    site.says("/r4/metadata", status(403))
    site.fetch(tmp_path / "out", wanted=Wanted((*TYPES, "ResearchSubject")))
    assert "ResearchSubject" in site.export_of()["_type"]


def test_types_that_the_token_does_not_open_are_told_and_failed(site: Exporter, tmp_path: Path) -> None:
    """Not a cohort that silently lacks them."""
    site.granted = "system/Patient.rs system/Condition.rs"
    said: list[str] = []
    found = site.fetch(tmp_path / "out", say=said.append)
    assert site.export_of()["_type"] == ["Condition", "Patient"]
    assert found.types["Observation"].state is State.FAILED
    assert any("Observation is not asked for: the server's token" in one for one in said)


def test_what_is_written_is_the_owners_alone(site: Exporter, tmp_path: Path) -> None:
    """Folders and files hold patients' records."""
    site.says("/files/e", ndjson([outcome("warning")]))
    site.manifest = {"outcome": [{"type": "OperationOutcome", "url": f"{site.server.url}/files/e"}]}
    site.fetch(tmp_path / "out")
    assert {path.stat().st_mode & 0o077 for path in [tmp_path / "out", *(tmp_path / "out").rglob("*")]} == {0}


def test_no_token_and_no_url_of_an_export_stays(site: Exporter, tmp_path: Path) -> None:
    """Both open records to whoever has them."""
    site.fetch(tmp_path / "out")
    kept = b"".join(held(tmp_path / "out").values())
    assert b"s3cret" not in kept
    assert b"/jobs/" not in kept
    assert text.loads((tmp_path / "out/manifest.json").read_text())["server"] == site.base
    assert site.clock.now == NOW
