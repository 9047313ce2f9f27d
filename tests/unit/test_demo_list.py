"""The demo's list of patients: a row each, the counts over all of them, and how each status looks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cds_service.criteria.evaluation import STATUSES, Hold
from cds_service.looks import STATUS_LOOKS, style
from cds_service.web import views
from tests.support.demo_pages import Patient, client_of, demo
from tests.support.evaluations import AS_OF, SSC, arm, evaluation, lupus_patient
from tests.support.service import PATIENT, FakeEngine, bundle, trial


def test_the_list_shows_each_patient_with_a_status_an_arm() -> None:
    """Name, age, sex, what the patient shows, and a status for each arm that the filters can read."""
    text = demo(None, Patient(), Patient("p2", "Ben Ode", "Too old", bundle({**PATIENT, "birthDate": "1950"}))).get("/").text
    assert "Ada Lund" in text
    assert "38, female" in text
    assert "75, female" in text  # of a bare year the years that are certain to have passed
    assert text.count('data-status-best="potentially-eligible" data-status-sle="potentially-eligible" data-status-ssc="out-of-scope"') == 2


def test_the_list_without_patients_is_a_page() -> None:
    """Nothing fails where there is nothing to count."""
    assert "0 made-up charts" in client_of(FakeEngine()).get("/").text


def test_a_patient_is_evaluated_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages share one evaluation, and a new day makes a new one."""
    engine = FakeEngine(trials={"cc312": trial(questions=())})
    client = client_of(engine, Patient())
    for path in ("/", "/", "/patients/p1"):
        client.get(path)
    assert engine.days == [AS_OF]
    monkeypatch.setattr(engine, "today", lambda: AS_OF + timedelta(days=1))
    client.get("/")
    assert engine.days == [AS_OF, AS_OF + timedelta(days=1)]


def test_the_summary_counts_patients_in_each_status() -> None:
    """One bar over all arms and one for each; its pieces fill it and their counts add up."""
    other = evaluation(arm("sle", status="ineligible"), arm("ssc", status="needs-data", title=SSC))
    bars = views.bars([lupus_patient(), lupus_patient(), other])
    assert [bar.title for bar in bars] == ["Best over all arms", "Systemic lupus erythematosus", SSC]
    assert [(one.look.id, one.count) for one in bars[1].segments] == [("potentially-eligible", 2), ("ineligible", 1)]
    for bar in bars:
        assert sum(one.count for one in bar.segments) == 3
        assert sum(one.width for one in bar.segments) == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("code", ["deceased", "replaced"])
def test_a_patient_on_hold_is_a_segment_of_her_own(code: str) -> None:
    """Over all arms and in each, whatever her status there: nobody counts her among those who may fit."""
    people = [evaluation(arm(), arm("ssc", status="out-of-scope"), holds=holds) for holds in ((), [Hold(code, "told")])]
    told = [[(one.look.id, one.count) for one in bar.segments] for bar in views.bars(people)]
    assert told == [
        [("potentially-eligible", 1), ("on-hold", 1)],
        [("potentially-eligible", 1), ("on-hold", 1)],
        [("out-of-scope", 1), ("on-hold", 1)],
    ]


def test_a_patient_on_hold_has_no_other_label_on_the_list() -> None:
    """Her row shows it in each arm and is found by it; a trial that is not open changes no label."""
    rows = [
        demo(evaluation(arm(), arm("ssc", status="ineligible"), holds=[Hold(code, "told")])).get("/").text.partition("<tbody>")[2]
        for code in ("deceased", "trial-not-open")
    ]
    told = [re.findall(r'status-(?:best|sle|ssc)="([^"]+)"|pill status-([a-z-]+)', row) for row in rows]
    assert {one or other for one, other in told[0]} == {"on-hold"}
    assert {one or other for one, other in told[1]} == {"potentially-eligible", "ineligible"}


def test_each_count_is_told_below_its_bar() -> None:
    """Under the bar, with the sign and the words of its status."""
    text = demo(lupus_patient()).get("/").text
    for bar in views.bars([lupus_patient()]):
        for one in bar.segments:
            assert f'<span class="sign">{one.look.sign}</span><b>{one.count}</b> {one.look.words.lower()}</li>' in text


def test_every_status_has_a_look_of_its_own() -> None:
    """Each is told by a sign and words, never by colour alone."""
    assert tuple(STATUS_LOOKS) == STATUSES
    looks = [*STATUS_LOOKS.values()]
    assert len({look.sign for look in looks}) == len({look.words for look in looks}) == len(looks)
    assert len({look.sign for look in views.GROUP_LOOKS}) == len(views.GROUP_LOOKS)


def test_the_colours_come_from_where_the_report_has_them() -> None:
    """The page links the style of the looks, and gets it as CSS."""
    client = demo()
    assert 'href="/demo/looks.css"' in client.get("/").text
    answer = client.get("/demo/looks.css")
    assert (answer.mimetype, answer.text) == ("text/css", style())
