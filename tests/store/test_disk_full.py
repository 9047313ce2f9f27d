"""A store that has no room left: nothing is shown that can't be written down, and with room again it goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from cds_service.alerts.policy import Limits, Policy
from cds_service.app import create_app
from cds_service.config import Settings
from tests.support.cards import override
from tests.support.service import API, PATH, PATIENT, FakeEngine, bundle, hook_request, post, problems
from tests.support.stores import audited, settings_of

ROOM = 120  # pages of 4 KB: some cards and their audit fit


@contextmanager
def full() -> Iterator[None]:
    """Connections made meanwhile may not let their file grow beyond that: SQLite then fails as on a full disk (SQLITE_FULL)."""

    def no_room(connection: Any, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {max(pages, ROOM)}")

    event.listen(Engine, "connect", no_room)
    try:
        yield
    finally:
        event.remove(Engine, "connect", no_room)


def test_a_full_disk_shows_nothing_and_loses_nothing(tmp_path: Path) -> None:
    """Hooks go silent and the API says 503; what was shown stands in ledger and audit; with room again the card is shown."""
    settings = Settings(**settings_of(tmp_path))
    policy = Policy(limits=Limits(patient_cards=1000))
    with full():
        stuffed = create_app(settings, FakeEngine(), policy).test_client()
        answers = [post(stuffed, PATH, hook_request(hookInstance=f"i-{number}", context=_context(number))) for number in range(400)]
        shown = [card["uuid"] for answer in answers for card in answer.get_json()["cards"]]
        assert {answer.status_code for answer in answers} == {200}
        assert 0 < len(shown) < 400
        assert answers[-1].get_json() == {"cards": []}
        assert post(stuffed, API, bundle(PATIENT)).status_code == 503
        assert "it can't be written" in problems(stuffed.get("/readyz"))
    roomy = create_app(settings, FakeEngine(), policy).test_client()
    (card,) = post(roomy, PATH, hook_request(hookInstance="i-399", context=_context(399))).get_json()["cards"]
    said = [{"card": uuid, **override("not-now")} for uuid in (*shown, card["uuid"])]
    assert post(roomy, f"{PATH}/feedback", {"feedback": said}).status_code == 200  # 404 would mean that none was written down
    assert len(audited(settings.database)) >= len(shown) + 1


def _context(number: int) -> dict[str, str]:
    return {"patientId": "p1", "userId": f"Practitioner/{number}"}


def test_feedback_that_can_not_be_kept_is_told(tmp_path: Path) -> None:
    """503, so that the EHR sends it again: a patient's no must not be lost behind a 200. Sent again it counts."""
    client = create_app(Settings(**settings_of(tmp_path)), FakeEngine()).test_client()
    (card,) = post(client, PATH, hook_request()).get_json()["cards"]
    said = {"feedback": [{"card": card["uuid"], **override("patient-declined")}]}
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("ALTER TABLE feedback RENAME TO away")
        answer = post(client, f"{PATH}/feedback", said)
        assert (answer.status_code, "feedback" in problems(answer)) == (503, False)
        connection.execute("ALTER TABLE away RENAME TO feedback")
    assert post(client, f"{PATH}/feedback", said).status_code == 200
    assert post(client, PATH, hook_request(hookInstance="i-2", context=_context(2))).get_json() == {"cards": []}
