"""Waiting for an export: as long as the server asks, ever longer where it does not, and not for ever."""

from __future__ import annotations

import re
from email.utils import formatdate
from pathlib import Path

import pytest

from cds_service.errors import Unavailable
from cds_service.fhir.bulk_settings import Polling
from cds_service.fhir.retry import Backoff
from tests.fhir.bulk.server import NOW, Exporter, outcome
from tests.support.faulty_server import HTML, Reply, json, raw, status


@pytest.mark.parametrize(
    ("said", "waited"),
    [
        ("120", 120.0), (formatdate(NOW + 90, usegmt=True), 90.0), (formatdate(NOW - 90, usegmt=True), 0.1), ("0", 0.1),
        ("999999999", 3600.0), ("-5", 5.0), ("soon", 5.0), ("", 5.0), ("1e3", 5.0), ("9" * 30, 5.0),
    ],
)  # fmt: skip
def test_the_server_says_how_long(site: Exporter, tmp_path: Path, said: str, waited: float) -> None:
    """Seconds or a date, up to the settings' limit, never at once; what can't be understood is our own first wait."""
    site.polls = [status(202, Retry_After=said)]
    site.fetch(tmp_path / "out")
    assert site.clock.waits == [waited]


def test_without_a_word_the_waits_grow(site: Exporter, tmp_path: Path) -> None:
    """Doubled up to a limit."""
    site.polls = [status(202)] * 9
    site.fetch(tmp_path / "out")
    assert site.clock.waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_chance_keeps_clients_apart() -> None:
    """Between half of the wait and all of it."""
    assert [Backoff(lambda chance=chance: chance).wait(None) for chance in (0.0, 0.5)] == [2.5, 3.75]  # type: ignore[misc]


@pytest.mark.parametrize(
    "reply",
    [status(429, Retry_After="7"), status(503, Retry_After="7"), status(500), status(504), json(outcome(code="transient"), 400), raw(b"")],
)
def test_what_may_pass_is_waited_for(site: Exporter, tmp_path: Path, reply: Reply) -> None:
    """Busy, broken, or said to be transient; twice in a row is no end."""
    site.polls = [reply, reply, status(202), reply]
    assert site.fetch(tmp_path / "out").files


def test_what_does_not_pass_ends_it(site: Exporter, tmp_path: Path) -> None:
    """So many times in a row as the settings allow; what there is stays, to go on with."""
    site.polls = [status(503)] * 3
    with pytest.raises(Unavailable, match="3 times in a row"):
        site.fetch(tmp_path / "out")
    site.fetch(tmp_path / "out")
    assert site.jobs == 1


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        (raw(b""), "does not answer; next look in 5 s"), (status(503, Retry_After="7"), "can't say now .status 503.; next look in 7 s"),
        (status(202), "is at work; next look in 5 s"),
    ],
)  # fmt: skip
def test_what_is_waited_for_is_told(site: Exporter, tmp_path: Path, reply: Reply, shown: str) -> None:
    """Once, and until when."""
    site.polls = [reply, reply]
    said: list[str] = []
    site.fetch(tmp_path / "out", say=said.append)
    assert len([one for one in said if re.search(shown, one)]) == 1


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (json(outcome(code="processing"), 400), "the export failed .status 400: processing"),
        (json(outcome(code="Jane Roe"), 403), r"the export failed .status 403\)"),
        (HTML, "no manifest"),
        (json({"output": []}), "no transactionTime"),
        (json({"transactionTime": "2026-11-20T03:00:00Z"}), "no list of outputs"),
        (json({"transactionTime": "2026-11-20T03:00:00Z", "output": [{"type": "Patient"}]}), "no type or no url"),
        (json({"transactionTime": "2026-11-20T03:00:00Z", "output": [{"url": "x", "type": "../x"}]}), "no type or no url"),
        (json({"transactionTime": "2026-11-20T03:00:00Z", "output": [], "error": {}}), "`error` is no list"),
        (json({"transactionTime": "2026-11-20T03:00:00Z", "output": [], "outputOrganizedBy": "Patient"}), "organised"),
        (json({"transactionTime": "2026-11-20T03:00:00Z", "output": [], "link": [{"relation": "next"}]}), "no url"),
        (json({"transactionTime": "2026-11-20T03:00:00Z", "output": [], "link": [{"relation": "next", "url": "1"}]}), "circle"),
    ],
)
def test_an_export_that_failed_is_told(site: Exporter, tmp_path: Path, reply: Reply, why: str) -> None:
    """By its status and codes, or by what is wrong with its manifest; never in the server's words."""
    site.polls = [reply]
    with pytest.raises(Unavailable, match=why) as caught:
        site.fetch(tmp_path / "out")
    assert "Jane" not in str(caught.value)


def test_the_jobs_own_status_may_stand_in_a_header(site: Exporter, tmp_path: Path) -> None:
    """`separate-export-status`: 200 for the asking, X-Export-Status for the job."""
    site.polls = [status(200, X_Export_Status="202 Accepted"), status(200, X_Export_Status="503")]
    assert site.fetch(tmp_path / "out").files
    assert len(site.clock.waits) == 2


def test_a_partial_manifest_is_not_the_end(site: Exporter, tmp_path: Path) -> None:
    """202 with a body is still 202."""
    site.polls = [json({"transactionTime": "2026-11-20T03:00:00Z", "output": []}, 202)]
    assert len(site.fetch(tmp_path / "out").files) == 2


def test_days_have_a_limit(site: Exporter, tmp_path: Path) -> None:
    """An export that is never done."""
    site.polls = [status(202, Retry_After="3600")] * 30
    with pytest.raises(Unavailable, match="not done after 1 days"):
        site.fetch(tmp_path / "out", polling=Polling(days=1))


def test_a_token_that_ends_while_waiting_is_renewed(site: Exporter, tmp_path: Path) -> None:
    """A job lasts hours, a token minutes; also one that is withdrawn before its time."""
    site.polls = [status(202, Retry_After="3000"), status(202)]
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        if "next look in 10" in words or "files, as of" in words:
            site.withdraw()

    site.fetch(tmp_path / "out", say=say)
    assert len(site.asked("/auth")) >= 3
    assert not [word for word in said if "s3cret" in word]


@pytest.mark.parametrize(
    ("progress", "shown"), [("42% done", "at work: 42 %"), ("Jane Roe, ward 7", "at work; next"), ("\x1b[2J 5 %", "5 %")]
)
def test_progress_is_shown_without_the_servers_words(site: Exporter, tmp_path: Path, progress: str, shown: str) -> None:
    """A percentage, if there is one."""
    site.polls = [status(202, X_Progress=progress)]
    said: list[str] = []
    site.fetch(tmp_path / "out", say=said.append)
    assert any(shown in one for one in said)
    assert not [one for one in said if "Jane" in one or "\x1b" in one]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (json(outcome(code="not-supported"), 400), "does not start the export .status 400: not-supported.; a type that it .* `leave_out`"),
        (json({}, 200), "does not start the export .status 200"),
        (status(202), "no Content-Location"),
        (status(202, Content_Location="https://elsewhere.example.org/job"), "refused"),
        (status(202, Content_Location="http://169.254.169.254/latest"), "refused"),
        (status(401), "status 401"),
    ],
)
def test_a_kick_off_that_is_refused_is_told(site: Exporter, tmp_path: Path, reply: Reply, why: str) -> None:
    """And nothing is asked where the server points without leave."""
    site.says("/r4/Group/g1/$export", reply)
    with pytest.raises(Unavailable, match=why):
        site.fetch(tmp_path / "out")


def test_a_job_that_must_wait_its_turn_is_started_later(site: Exporter, tmp_path: Path) -> None:
    """Oracle and Epic run one export a client, and answer 429 until it is over."""
    begun = site.server.replies["/r4/Group/g1/$export"]
    site.says("/r4/Group/g1/$export", [status(429, Retry_After="600"), status(429, Retry_After="600"), begun])  # type: ignore[list-item]
    site.fetch(tmp_path / "out")
    assert site.clock.waits == [600, 600]


def test_a_relative_place_of_the_status_is_understood(site: Exporter, tmp_path: Path) -> None:
    """Against the specification, and seen."""
    begun = site.server.replies["/r4/Group/g1/$export"]
    site.says("/jobs/9", json({"transactionTime": "2026-11-20T03:00:00Z", "output": []}))
    site.says("/r4/Group/g1/$export", status(202, Content_Location="/jobs/9"))
    assert begun
    assert site.fetch(tmp_path / "out").files == ()
