"""The demo in a real browser: the page's script calls the hook over HTTP and draws the card it gets."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from flask import Response, request
from waitress.server import create_server

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.demo import generate
from cds_service.server import options
from cds_service.web.caseload import Case, Caseload, DemoPatient
from cds_service.web.demo import create_demo_blueprint
from tests.support.engine import engine
from tests.support.evaluations import AS_OF

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--virtual-time-budget=5000", "--dump-dom",
)  # fmt: skip
CALM = replace(engine(), now=lambda zone: datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=zone))
PATIENTS = tuple(generate(AS_OF))


@contextmanager
def serving(patients: Iterable[DemoPatient], act: str = "") -> Iterator[str]:
    """The whole demo on a free port of this machine. `act` is done on its pages as a person would, once they have come to rest."""
    app = create_app(Settings(), CALM)
    app.register_blueprint(create_demo_blueprint(CALM, patients))
    app.after_request(partial(_with_act, act))
    running = create_server(app, **options(app, "127.0.0.1", 0))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.effective_port}"
    finally:
        running.trigger.pull_trigger(running.close)
        running.task_dispatcher.shutdown()
        thread.join(timeout=5)


def _with_act(act: str, answer: Response) -> Response:
    if act and request.path.endswith("/demo.js"):
        answer.direct_passthrough = False
        answer.set_data(f"{answer.get_data(as_text=True)}\nsetTimeout(() => {{ {act} }}, 1500);")
    return answer


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(PATIENTS) as found:
        yield found


@pytest.fixture
def browser(tmp_path: Path) -> str:
    if CHROMIUM is not None:
        return CHROMIUM
    if os.environ.get("CI") == "true":
        pytest.fail("chromium is missing")  # on CI a missing part is a fault
    pytest.skip("chromium is missing: no page was opened")


def dom(browser: str, profile: Path, url: str) -> str:
    """The document after its script has run, without entities."""
    command = [browser, *FLAGS, f"--user-data-dir={profile}", url]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return html.unescape(done.stdout.decode())


def case(shown: bool) -> Case:
    """The first patient with a card, or without one."""
    cases = Caseload(CALM, PATIENTS).cases().values()
    return next(one for one in cases if (one.evaluation.status == "potentially-eligible" and not one.evaluation.holds) is shown)


def test_a_patient_page_shows_the_card_and_every_criterion(browser: str, tmp_path: Path, address: str) -> None:
    """The card's summary and detail stand on the page with all 47 criteria, each with its verdict, and what went over the wire."""
    found = case(shown=True)
    text = dom(browser, tmp_path, f"{address}/patients/{found.patient.id}")
    assert "May fit trial CC312" in text
    assert "<strong>To confirm</strong>" in text
    assert '"summary": "May fit trial CC312' in text
    assert '"hook": "patient-view"' in text
    assert len(set(re.findall(r'data-criterion="([^"]+)"', text))) == 47
    for arm in found.evaluation.arms:
        for one in arm.criteria:
            assert f'id="{arm.id}-{one.id}"' in text


def test_only_the_best_arm_is_open(browser: str, tmp_path: Path, address: str) -> None:
    """The other arms wait behind their tabs."""
    text = dom(browser, tmp_path, f"{address}/patients/{case(shown=True).patient.id}")
    panels = re.findall(r'<section class="sheet arm"[^>]*>', text)
    assert len(panels) == 3
    assert sum('hidden=""' in panel for panel in panels) == 2


def test_a_link_to_a_criterion_opens_its_arm(browser: str, tmp_path: Path, address: str) -> None:
    """A reader is taken to the criterion named behind the hash."""
    text = dom(browser, tmp_path, f"{address}/patients/{case(shown=True).patient.id}#ssc-SSC-1")
    opened = [panel for panel in re.findall(r'<section class="sheet arm"[^>]*>', text) if 'hidden=""' not in panel]
    assert len(opened) == 1
    assert 'id="arm-ssc"' in opened[0]


def test_a_patient_without_a_card_shows_silence(browser: str, tmp_path: Path, address: str) -> None:
    """Nothing is drawn but the demo's own remark."""
    text = dom(browser, tmp_path, f"{address}/patients/{case(shown=False).patient.id}")
    assert "No card — the service stays silent" in text
    assert 'class="card ' not in text
    assert '"cards": []' in text


def test_the_list_counts_its_patients(browser: str, tmp_path: Path, address: str) -> None:
    """The filters start with everyone shown."""
    assert f"{len(PATIENTS)} patients</output>" in dom(browser, tmp_path, f"{address}/")


def test_a_reference_opens_the_record(browser: str, tmp_path: Path) -> None:
    """A click beside a piece of evidence shows the raw resource in the side panel."""
    patient = case(shown=True).patient
    with serving([patient], 'document.querySelector(".evidence .reference").click();') as place:
        text = dom(browser, tmp_path, f"{place}/patients/{patient.id}")
    panel = text[text.index('<dialog id="panel"') :]
    assert ' open=""' in panel[: panel.index(">")]
    assert '"resourceType": "' in panel


def test_the_arrow_keys_move_between_arms(browser: str, tmp_path: Path) -> None:
    """From the last arm the right arrow comes to the first, and its panel alone is open."""
    patient = case(shown=True).patient
    press = """const tabs = document.querySelectorAll("[role=tab]"); tabs[2].focus();
        tabs[2].dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));"""
    with serving([patient], press) as place:
        text = dom(browser, tmp_path, f"{place}/patients/{patient.id}#ssc-SSC-1")
    chosen = re.findall(r'id="tab-(\w+)"[^>]*aria-selected="true"', text)
    assert chosen == ["sle"]


def test_search_and_filters_narrow_the_list(browser: str, tmp_path: Path) -> None:
    """Only rows that hold every word and have the status in the arm stay."""
    first, second = PATIENTS[:2]
    words = f'find("search").value = "{first.name}"; find("filters").dispatchEvent(new Event("input"));'
    with serving([first, second], words) as place:
        text = dom(browser, tmp_path, f"{place}/")
    rows = re.findall(r'<tr class="patient-row"[^>]*>', text)
    assert ['hidden=""' in row for row in rows] == [False, True]
    assert "1 of 2 patients</output>" in text


def test_a_page_is_styled_and_asks_nobody_else(browser: str, tmp_path: Path) -> None:
    """The style sheet passes the pages' own policy, and every file comes from this service."""
    patient = case(shown=True).patient
    told = """const files = performance.getEntriesByType("resource");
        document.body.dataset.elsewhere = files.filter((one) => !one.name.startsWith(location.origin)).length;
        document.body.dataset.styled = getComputedStyle(document.querySelector(".card")).borderLeftWidth;"""
    with serving([patient], told) as place:
        text = dom(browser, tmp_path, f"{place}/patients/{patient.id}")
    assert 'data-elsewhere="0"' in text
    assert 'data-styled="6px"' in text


def test_the_drug_history_is_drawn_to_be_seen(browser: str, tmp_path: Path) -> None:
    """The drawing has a size on the page, and the mark of the change lies within it."""
    act = (
        "const drawing = document.querySelector('#drug-history svg').getBoundingClientRect();"
        "const bars = [...document.querySelectorAll('#drug-history g rect')].map((one) => one.getBoundingClientRect());"
        "const within = bars.every((one) => one.left >= drawing.left - 1 && one.right <= drawing.right + 1);"
        "document.title = `${drawing.width > 300 && drawing.height > 100 && bars.length > 3 && within} drawn`"
    )
    with serving(PATIENTS, act) as address:
        assert "<title>true drawn</title>" in dom(browser, tmp_path, f"{address}/patients/dose-taper")
