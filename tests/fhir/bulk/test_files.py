"""Files that do not come as they should: fetched again, elsewhere, or told; never taken for whole, never with the token to a stranger."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cds_service.errors import Refused
from cds_service.fhir.bulk import Unfinished
from cds_service.fhir.bulk_lines import DiskError, Receiver
from cds_service.fhir.bulk_settings import ClientSettings
from cds_service.security.outbound import SinkError
from fhir_mappings.inputs import State
from tests.fhir.bulk.server import CLIENT, TYPES, Exporter, condition, ndjson, outcome, patient
from tests.support.exports import lines
from tests.support.faulty_server import Faulty, Reply, body, faulty, json, raw, status

FILE = "/files/1/1"  # the conditions
DATA = lines([condition(1)])


@pytest.fixture
def elsewhere() -> Iterator[Faulty]:
    """Another origin, such as a store of files."""
    with faulty() as running:
        running.replies["/c"] = ndjson([condition(1)])
        yield running


def sent_to(server: Faulty) -> list[bool]:
    """Whether each request there brought a token."""
    return ["authorization" in one.headers for one in server.asked]


@pytest.mark.parametrize(
    "reply",
    [
        status(503, Retry_After="7"), status(429), status(500), json(outcome(code="throttled"), 400), raw(b""),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + DATA), body(DATA[:-9]), body(DATA[:-1] + b'\n{"resourceType":"Cond'),
        body(gzip.compress(DATA)[:-12]), body(gzip.compress(DATA)[:-8]),
        body(gzip.compress(DATA)[:-12], Content_Encoding="gzip"), body(b"\x1f\x8b" + b"x" * 50),
        body(DATA + DATA), body(b""),
    ],
    ids=[
        "busy", "throttled", "broken", "transient", "cut", "half", "cut line", "cut second", "cut gzip", "cut after the last line",
        "cut encoding", "no gzip", "too many", "none",
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_is_fetched_again(site: Exporter, tmp_path: Path, reply: Reply) -> None:
    """Whatever shows it: status, length, packing, last line, number of lines."""
    site.says(FILE, [reply, ndjson([condition(1)])])
    found = site.fetch(tmp_path / "out")
    assert (tmp_path / "out/Condition.0001.ndjson").read_bytes() == DATA
    assert found.state("Condition") is State.WHOLE
    assert len(site.asked(FILE)) == 2


def test_the_servers_count_may_be_wrong(site: Exporter, tmp_path: Path) -> None:
    """The same content twice: it is kept, and the type is not whole, for something may be missing."""
    site.says(FILE, ndjson([condition(1), condition(2)]))
    found = site.fetch(tmp_path / "out")
    assert found.types["Condition"].state is State.PARTIAL
    assert found.types["Condition"].why == ("a file has another number of lines than the server says",)
    assert len(site.asked(FILE)) == 2


def test_records_of_another_type_lower_the_type(site: Exporter, tmp_path: Path) -> None:
    """One type a file; who mixes them may have lost some."""
    site.says(FILE, ndjson([patient(7)]))
    assert site.fetch(tmp_path / "out").types["Condition"].why == ("a file holds records of another type",)


def test_what_can_not_be_had_keeps_the_rest(site: Exporter, tmp_path: Path) -> None:
    """All others are there, nothing is declared whole, and the same command tries again what is left, alone."""
    good = site.guarded(ndjson([condition(1)]))
    site.says(FILE, [*[status(500)] * 3, good])
    with pytest.raises(Unfinished, match="1 of 2 files"):
        site.fetch(tmp_path / "out")
    assert not (tmp_path / "out/manifest.json").exists()
    assert site.deleted == []
    assert site.fetch(tmp_path / "out").state("Condition") is State.WHOLE
    assert (site.jobs, len(site.asked("/files/1/0"))) == (1, 1)


def test_what_can_not_be_had_may_be_left_out(site: Exporter, tmp_path: Path) -> None:
    """By the caller's word: its type has then failed, or is partial where other files of it came."""
    site.files.append(("Patient", [patient(3)]))
    site.says(FILE, status(500))
    site.says("/files/1/2", status(500))
    found = site.fetch(tmp_path / "out", partial=True)
    assert {name: found.state(name) for name in TYPES} == {
        "Condition": State.FAILED, "Observation": State.WHOLE, "Patient": State.PARTIAL,
    }  # fmt: skip
    assert found.types["Patient"].why == ("1 of 2 files could not be had",)


def test_a_report_of_errors_that_can_not_be_had_may_be_about_anything(site: Exporter, tmp_path: Path) -> None:
    """Its types are all of them."""
    site.manifest = {"error": [{"type": "OperationOutcome", "url": f"{site.server.url}/files/e"}]}
    found = site.fetch(tmp_path / "out", partial=True)
    assert {kind.state for kind in found.types.values()} == {State.PARTIAL}


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_url_that_has_expired_is_looked_up_anew(site: Exporter, tmp_path: Path, code: int) -> None:
    """From a fresh manifest of the same export; what is here already is not fetched again."""
    site.says(FILE, status(code))
    site.says("/files/new", ndjson([condition(1)]))
    output = [{"type": "Patient", "url": "/x", "count": 2}, {"type": "Condition", "url": "/files/new", "count": 1}]
    first = json(site.manifest_of("/jobs/1"))
    site.polls = [first]
    site.manifest = {"output": output}
    assert site.fetch(tmp_path / "out").state("Condition") is State.WHOLE
    assert (site.jobs, len(site.asked("/files/1/0")), site.asked("/x")) == (1, 1, [])


@pytest.mark.parametrize("change", ["time", "files", "gone"])
def test_another_export_is_fetched_from_its_beginning(site: Exporter, tmp_path: Path, change: str) -> None:
    """Files of two moments do not go together: what was here is removed."""
    site.says(FILE, status(404))
    site.says("/files/2/0", ndjson([patient(9)]))
    first = json(site.manifest_of("/jobs/1"))
    site.says("/files/1/0", ndjson([patient(1), patient(2)]))
    second: Any = {
        "time": json(site.manifest_of("/jobs/1") | {"transactionTime": "2026-11-21T00:00:00Z"}),
        "files": json(site.manifest_of("/jobs/1") | {"output": []}),
        "gone": status(404),
    }[change]
    site.polls = [first, second]
    said: list[str] = []
    site.files = [("Patient", [patient(9)])]
    found = site.fetch(tmp_path / "out", say=said.append)
    assert site.jobs == 2
    assert any("a new export is started" in one for one in said)
    assert (tmp_path / "out/Patient.0000.ndjson").read_bytes() == lines([patient(9)])
    assert found.state("Patient") is State.WHOLE


def test_nothing_of_a_lost_export_stays(site: Exporter, tmp_path: Path) -> None:
    """Its files are of another moment, and hold records."""
    site.says(FILE, status(404))
    site.polls = [json(site.manifest_of("/jobs/1")), status(404)]
    site.says("/files/2/0", ndjson([condition(1)]))

    def say(words: str) -> None:
        if "a new export" in words:
            site.files = [("Condition", [condition(1)])]

    site.fetch(tmp_path / "out", say=say)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"Condition.0000.ndjson", "manifest.json"}


def test_a_file_that_is_truly_gone_does_not_start_exports_for_ever(site: Exporter, tmp_path: Path) -> None:
    """A fresh manifest names the same URL, which does not work: it is a file that can't be had."""
    site.says(FILE, status(404))
    with pytest.raises(Unfinished):
        site.fetch(tmp_path / "out")
    assert site.jobs == 1


def test_an_export_that_is_lost_each_time_ends(site: Exporter, tmp_path: Path) -> None:
    """One new export a run."""
    site.polls = [status(404), status(404), status(404)]
    with pytest.raises(Exception, match="does not know this export any more"):
        site.fetch(tmp_path / "out")
    assert site.jobs == 2


def test_the_token_goes_to_files_of_the_servers_own_origin(site: Exporter, tmp_path: Path) -> None:
    """Where the manifest asks for it; guarded files refuse who comes without."""
    site.fetch(tmp_path / "out")
    assert all("authorization" in one.headers for one in site.asked("/files"))


def test_no_token_goes_where_the_manifest_does_not_ask_for_it(site: Exporter, tmp_path: Path) -> None:
    """`requiresAccessToken` false: the URL itself is the key (Bulk Data: SHALL NOT)."""
    site.manifest = {"requiresAccessToken": False}
    site.says("/files/1/0", ndjson([patient(1), patient(2)]))
    site.says(FILE, ndjson([condition(1)]))
    site.fetch(tmp_path / "out")
    assert not any("authorization" in one.headers for one in site.asked("/files"))


@pytest.mark.parametrize(("needs", "token"), [(True, True), (False, False), (None, True)])
def test_another_origin_gets_the_token_only_by_leave_and_need(
    site: Exporter, elsewhere: Faulty, tmp_path: Path, needs: bool | None, token: bool
) -> None:
    """The settings name it and the manifest asks for it."""
    site.manifest = {"requiresAccessToken": needs, "output": [{"type": "Condition", "url": f"{elsewhere.url}/c", "count": 1}]}
    site.fetch(tmp_path / "out", places=(elsewhere.url,))
    assert sent_to(elsewhere) == [token]


@pytest.mark.parametrize("needs", [True, False])
def test_a_stranger_is_not_even_asked(site: Exporter, elsewhere: Faulty, tmp_path: Path, needs: bool) -> None:
    """A manifest that points to a host that no setting names, with or without the token."""
    site.manifest = {"requiresAccessToken": needs, "output": [{"type": "Condition", "url": f"{elsewhere.url}/c"}]}
    said: list[str] = []
    with pytest.raises(Unfinished):
        site.fetch(tmp_path / "out", say=said.append)
    assert elsewhere.asked == []
    assert any("refused" in one for one in said)


def test_where_tokens_are_had_is_no_place_for_files(site: Exporter, elsewhere: Faulty, tmp_path: Path) -> None:
    """The settings name it for the assertion alone."""
    client = ClientSettings(CLIENT, site.keys[0], token_url=f"{elsewhere.url}/token")
    elsewhere.replies["/token"] = json({"access_token": "s3cret", "token_type": "bearer"})
    calls = site.calls(client=client)
    with pytest.raises(Refused):
        calls.pour(f"{elsewhere.url}/token/file", True, lambda _: None)
    assert elsewhere.asked == []


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_file_is_followed_without_the_token(site: Exporter, elsewhere: Faulty, tmp_path: Path, code: int) -> None:
    """Oracle sends to its store; another origin than the manifest's own URL gets no token, though the settings name it."""
    site.says(FILE, site.guarded(status(code, Location=f"{elsewhere.url}/c")))
    site.fetch(tmp_path / "out", places=(elsewhere.url,))
    assert sent_to(elsewhere) == [False]


def test_a_redirect_within_the_server_keeps_the_token(site: Exporter, tmp_path: Path) -> None:
    """The same origin."""
    site.says(FILE, status(307, Location="/files/moved"))
    site.says("/files/moved", site.guarded(ndjson([condition(1)])))
    assert site.fetch(tmp_path / "out").state("Condition") is State.WHOLE


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest", "https://elsewhere.example.org/c", "file:///etc/passwd", "/files/1/1"])
def test_a_redirect_leads_nowhere_without_leave(site: Exporter, tmp_path: Path, target: str) -> None:
    """Nor in a circle."""
    site.says(FILE, status(307, Location=target))
    with pytest.raises(Unfinished):
        site.fetch(tmp_path / "out")


def test_a_token_that_ends_between_files_is_renewed(site: Exporter, tmp_path: Path) -> None:
    """One refusal brings one new token, and the file."""
    first = site.guarded(ndjson([patient(1), patient(2)]))

    def ended(handler: Any) -> None:
        first(handler)
        site.withdraw()

    site.says("/files/1/0", ended)
    assert len(site.fetch(tmp_path / "out").files) == 2
    assert len(site.asked("/auth")) == 2


def test_a_file_has_a_largest_size(tmp_path: Path) -> None:
    """Counted as it is unpacked, so that a bomb does not fill the disk."""
    receiver = Receiver(tmp_path / "x", "Condition", most=10_000)
    with pytest.raises(SinkError, match="more than 10000 bytes"):
        receiver(gzip.compress(b" " * 50_000_000))
    receiver.close()
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("step", [1, 7, 4096])
@pytest.mark.parametrize("packed", [False, True])
def test_where_a_file_is_cut_into_pieces_changes_nothing(tmp_path: Path, step: int, packed: bool) -> None:
    """Byte by byte or whole, a file is the same file."""
    data = b"\xef\xbb\xbf" + lines([condition(number) for number in range(50)]) + b"\r\n" + lines([patient(1)]).rstrip()
    raw_ = gzip.compress(data[:999]) + gzip.compress(data[999:]) if packed else data
    receiver = Receiver(tmp_path / "x", "Condition")
    for at in range(0, len(raw_), step):
        receiver(raw_[at : at + step])
    found = receiver.finish()
    receiver.keep(tmp_path / "y")
    assert (found.lines, found.foreign, found.bytes) == (51, 1, len(data))
    assert (tmp_path / "y").read_bytes() == data


def test_a_line_that_is_too_long_to_look_at_is_counted(tmp_path: Path) -> None:
    """It is kept; the cohort run says whose record it leaves incomplete."""
    receiver = Receiver(tmp_path / "x", "Condition")
    for part in (b'{"resourceType":"Condition","x":"', *[b"x" * 1_000_000] * 11, b'"}\n', lines([condition(1)])):
        receiver(part)
    found = receiver.finish()
    receiver.close()
    assert (found.lines, found.foreign) == (2, 0)


def test_a_disk_that_is_full_is_told_and_nothing_is_asked_again(site: Exporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is not at fault."""

    def full(self: Receiver, data: bytes) -> None:
        raise DiskError("no space left")

    monkeypatch.setattr(Receiver, "_write", full)
    with pytest.raises(Exception, match="no space left"):
        site.fetch(tmp_path / "out")
    assert len(site.asked("/files")) == 1


def test_a_refusal_of_our_own_is_not_tried_again(site: Exporter, tmp_path: Path) -> None:
    """Waiting does not change the settings."""
    with pytest.raises(Refused):
        site.calls(networks=()).ask(site.base)
    assert site.clock.waits == []
