"""A fetch that is ended at any moment, by kill -9 too: the same call goes on, and gives what an undisturbed one gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import orjson
import pytest

from cds_service.fhir import fetched
from cds_service.fhir.bulk import Unfinished
from cds_service.fhir.bulk_job import Wanted
from cds_service.fhir.bulk_state import Folder, StateError
from tests.fhir.bulk.server import NOW, TYPES, Exporter, condition, ndjson, patient
from tests.support.exports import lines
from tests.support.faulty_server import Handler, Reply, status

_CLIENT = """
import sys
from pathlib import Path
from cds_service.fhir.backend_services import Tokens
from cds_service.fhir.bulk import BulkFetch, Order
from cds_service.fhir.bulk_calls import Calls
from cds_service.fhir.bulk_job import Wanted
from cds_service.fhir.bulk_settings import ClientSettings, Source
from cds_service.security.addresses import network_of
from cds_service.security.assertions import read_key
from cds_service.fhir.retry import Timing
from cds_service.security.outbound import Outbound

base, key, out, now = sys.argv[1:]
timing = Timing(lambda: float(now), lambda seconds: None, lambda: 1.0)
client = ClientSettings("trial-cds", read_key(Path(key), "2026-01"))
source = Source(base, client, "group", "g1", networks=(network_of("127.0.0.0/8"),), attempts=3)
outbound = Outbound(source.reach)
calls = Calls(source, outbound, Tokens(source, outbound, timing), timing)
BulkFetch(calls, Order(Wanted(("Condition", "Observation", "Patient")), Path(out)), lambda words: None).run()
"""


class Victim:
    """A process that fetches, and that the server kills when it comes to a certain request."""

    def __init__(self, site: Exporter, key: Path) -> None:
        self._site, self._key, self._armed = site, key, True
        self._usual = site.server.reply
        self.process: subprocess.Popen[bytes] | None = None

    def dies_at(self, path: str, method: str = "GET", sent: bytes = b"") -> None:
        """At the first such request, after so much of an answer has gone out; later ones are answered as usual."""

        def reply(target: str) -> Reply:
            here = self._armed and target.startswith(path) and self._site.server.asked[-1].method == method
            self._armed = self._armed and not here
            return (lambda handler: self._die(handler, sent)) if here else self._usual(target)

        self._site.server.reply = reply  # type: ignore[method-assign]

    def run(self, out: Path) -> int:
        given = [self._site.base, str(self._key), str(out), str(NOW)]
        self.process = subprocess.Popen([sys.executable, "-c", _CLIENT, *given], env=os.environ)
        return self.process.wait(60)

    def _die(self, handler: Handler, sent: bytes) -> None:
        handler.wfile.write(sent)
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        handler.close_connection = True


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


_HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + lines([condition(1)]) * 3000


@pytest.mark.parametrize(
    ("path", "method", "sent", "again"),
    [
        ("/r4/Group/g1/$export", "GET", b"", ["/files/1/0", "/files/1/1", "/files/1/2"]),
        ("/jobs/1", "GET", b"", ["/files/1/0", "/files/1/1", "/files/1/2"]),
        ("/files/1/1", "GET", _HALF, ["/files/1/1", "/files/1/2"]),
        ("/files/1/2", "GET", b"", ["/files/1/2"]),
        ("/jobs/1", "DELETE", b"", []),
    ],
    ids=["kick-off", "status", "half a file", "last file", "clearing up"],
)
def test_killed_and_continued_is_the_same(site: Exporter, tmp_path: Path, path: str, method: str, sent: bytes, again: list[str]) -> None:
    """kill -9 at any step: one export, no file that was here is fetched again, and in the end the same bytes."""
    site.files = [("Patient", [patient(1), patient(2)]), ("Condition", [condition(number) for number in range(2000)])]
    site.files.append(("Patient", [patient(3)]))
    victim = Victim(site, tmp_path / "key.pem")
    victim.dies_at(path, method, sent)
    assert victim.run(tmp_path / "out") == -signal.SIGKILL
    with pytest.raises(fetched.FetchedError, match="not finished") if path != "/r4/Group/g1/$export" else nullcontext():
        fetched.read(tmp_path / "out")
    asked = len(site.server.asked)
    site.fetch(tmp_path / "out")
    assert [one.target for one in site.server.asked[asked:] if one.target.startswith("/files")] == again
    assert site.jobs == 1
    site.fetch(tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_file_that_was_removed_meanwhile_is_fetched_again(site: Exporter, tmp_path: Path) -> None:
    """The state is believed only as far as the disk bears it out."""
    site.says("/files/1/1", [*[status(500)] * 3, site.guarded(ndjson([condition(1)]))])
    with pytest.raises(Unfinished):
        site.fetch(tmp_path / "out")
    (tmp_path / "out/Patient.0000.ndjson").write_bytes(b"{}")
    assert site.fetch(tmp_path / "out").files[0].lines == 2


def test_a_finished_folder_is_not_written_over(site: Exporter, tmp_path: Path) -> None:
    """Nor any other that is not empty: files of two moments would lie together."""
    site.fetch(tmp_path / "out")
    with pytest.raises(StateError, match="is not empty"):
        site.fetch(tmp_path / "out")


def test_another_question_does_not_continue_this_one(site: Exporter, tmp_path: Path) -> None:
    """Other types, another group, another server."""
    site.says("/files/1/1", status(500))
    with pytest.raises(Unfinished):
        site.fetch(tmp_path / "out")
    for other in ({"wanted": Wanted(("Patient",))}, {"group": "g2"}, {"wanted": Wanted(TYPES, "2026-01-01T00:00:00Z")}):
        with pytest.raises(StateError, match="unfinished fetch of something else"):
            site.fetch(tmp_path / "out", **other)  # type: ignore[arg-type]


def test_two_at_once_do_not_share_a_folder(site: Exporter, tmp_path: Path) -> None:
    """The second is told."""
    folder = Folder(tmp_path / "out")
    with folder.locked(), pytest.raises(StateError, match="another process"):
        site.fetch(tmp_path / "out")


def test_a_state_that_can_not_be_read_is_told(site: Exporter, tmp_path: Path) -> None:
    """It is not taken for none."""
    (tmp_path / "out/.fetch").mkdir(parents=True)
    (tmp_path / "out/.fetch/state.json").write_text("{")
    with pytest.raises(StateError, match="can't be read"):
        site.fetch(tmp_path / "out")


def test_the_state_is_the_owners_and_holds_no_token(site: Exporter, tmp_path: Path) -> None:
    """URLs of an export can be passwords; a token stands nowhere."""
    site.says("/files/1/1", status(500))
    with pytest.raises(Unfinished):
        site.fetch(tmp_path / "out")
    state = tmp_path / "out/.fetch/state.json"
    assert state.stat().st_mode & 0o077 == 0
    assert b"s3cret" not in state.read_bytes()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda held: held.update(version=9), "another version"), (lambda held: held.pop("files"), "not as it was written"),
        (lambda held: held["files"][0].update(bytes=3), "missing or not as it was fetched"),
        (lambda held: held["types"].update(Patient={"state": "fine", "why": []}), "not as it was written"),
    ],
)  # fmt: skip
def test_a_folder_that_is_not_what_was_fetched_is_told(site: Exporter, tmp_path: Path, change: Any, why: str) -> None:
    """What is missing would be taken as absent."""
    site.fetch(tmp_path / "out")
    path = tmp_path / "out/manifest.json"
    held = orjson.loads(path.read_bytes())
    change(held)
    path.write_bytes(orjson.dumps(held))
    with pytest.raises(fetched.FetchedError, match=why):
        fetched.read(tmp_path / "out")


def test_a_folder_of_another_program_has_no_manifest_of_ours(tmp_path: Path) -> None:
    """A manifest.json of somebody else's says nothing that we know."""
    assert fetched.read(tmp_path) is None
    (tmp_path / "manifest.json").write_text('{"transactionTime": "2026-11-20T03:00:00Z"}')
    assert fetched.read(tmp_path) is None
