"""How much is left to settle: the card, the page and the command line say the same of a patient."""

from __future__ import annotations

import copy
import json
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cds_service.cli import main
from cds_service.commands.summary import summary
from cds_service.commands.table import table
from cds_service.criteria.evaluation import Evaluation
from cds_service.demo import DemoPatient, generate
from cds_service.hooks.cards import card, fits
from cds_service.hooks.left import Left, left_of, left_to_settle
from cds_service.web import views
from cds_service.web.demo import create_demo_blueprint
from tests.support.engine import engine, evaluate

AS_OF = date(2026, 11, 22)
TRIAL = engine().trials["cc312"]
PATIENTS = [(one, evaluate(one.bundle, AS_OF)) for one in generate(AS_OF)]
HELD = ("deceased", "replaced-record")
FITTING = [(one, found) for one, found in PATIENTS if fits(found)]


@pytest.mark.parametrize(("patient", "found"), FITTING, ids=lambda one: getattr(one, "id", ""))
def test_the_card_and_the_command_line_tell_the_same_numbers(patient: DemoPatient, found: Evaluation) -> None:
    """The words after the status are the words of the card's summary, in both forms of the command line."""
    said = card(found, TRIAL, "u")["summary"].rpartition(": ")[2]
    assert said == left_to_settle(found, TRIAL).words
    assert summary("x", found, TRIAL).splitlines()[0].endswith(f"POTENTIALLY-ELIGIBLE: {said}")
    assert table("x", found, TRIAL).splitlines()[1].endswith(f"POTENTIALLY-ELIGIBLE: {said}")


@pytest.mark.parametrize("name", ["sle-complete", "sle-german", "sle-hiv", "overlap-sle-ssc", "ssc-complete"])
def test_the_page_tells_the_same_numbers(name: str) -> None:
    """In its headline, and of each arm in the counts of its groups."""
    patient, _ = next(one for one in PATIENTS if one[0].id == name)
    app = Flask(__name__)
    app.register_blueprint(create_demo_blueprint(engine(), generate(engine().today())))
    text = unescape(app.test_client().get(f"/patients/{patient.id}").get_data(as_text=True))
    found = evaluate(next(one for one in generate(engine().today()) if one.id == name).bundle, engine().today())
    words = left_to_settle(found, TRIAL).words
    assert re.findall(r'<b class="left">([^<]*)</b>', text) == ([words] if words else [])
    for arm in found.arms:
        part = text.partition(f'id="arm-{arm.id}"')[2].partition('aria-label="Counts"')[2].partition("</ul>")[0]
        told = {look: int(count) for look, count in re.findall(r"group-(person|data)\"><a.*?</span>(\d+) ", part)}
        left = left_of(arm.criteria, TRIAL)
        assert told == {look: count for look, count in (("person", left.confirm), ("data", left.missing)) if look in told}


def test_every_criterion_that_is_counted_as_to_confirm_stands_under_it() -> None:
    """The number over the page's group is the number of criteria in it."""
    for _, found in PATIENTS:
        for arm in found.arms:
            held = [one for group in views.groups(arm) if group.look.id == "person" for one in group.criteria]
            assert len(held) == left_of(arm.criteria, TRIAL).confirm, (found.patient, arm.id)


def test_nothing_left_is_told_by_no_words() -> None:
    """Neither number is shown where it is none."""
    assert [Left(0, 0).words, Left(2, 0).words, Left(0, 1).words] == ["", "2 to confirm", "1 missing"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/other"}}]}, "replaced"),
        ({"active": False}, "replaced"),
        ({"deceasedBoolean": True}, "deceased"),
        ({"deceasedBoolean": True, "active": False}, "deceased, replaced"),
    ],
)
def test_a_patient_on_hold_is_not_summed_up_under_her_status(
    more: dict[str, Any], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Her first line says that she is on hold, the next ones why, and the sum counts her apart."""
    bundle = copy.deepcopy(next(one.bundle for one, _ in PATIENTS if one.id == "sle-complete"))
    (tmp_path / "a.json").write_text(json.dumps(bundle), "utf-8")
    next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient").update(more)
    (tmp_path / "b.json").write_text(json.dumps(bundle), "utf-8")
    for form in ([], ["--full"]):
        assert main(["evaluate", "cc312", str(tmp_path), "--as-of", AS_OF.isoformat(), *form]) == 0
        told = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
        first, second = (at for at, line in enumerate(told) if ".json" in line)
        assert "POTENTIALLY-ELIGIBLE: 8 to confirm" in told[first]
        assert told[second].endswith(f"ON-HOLD: {why}")
        words = ("the patient has died", "this record was merged", "marked as no longer in use")
        assert any(one in told[second + 1] for one in words)
        assert told[-1] == "1 potentially-eligible, 1 on-hold"


@pytest.mark.parametrize("name", HELD)
def test_the_short_form_of_a_patient_on_hold_tells_nothing_to_do(name: str) -> None:
    """Her hold and its reason are all there is: no arm, no criterion, no question."""
    found = next(found for one, found in PATIENTS if one.id == name)
    assert summary("x", found, TRIAL).splitlines()[1:] == [f"  on hold: {one.reason}" for one in found.holds]


@pytest.mark.parametrize("name", HELD)
def test_the_full_form_of_a_patient_on_hold_names_no_status(name: str) -> None:
    """Each arm is on hold; the criteria stand below as ever."""
    found = next(found for one, found in PATIENTS if one.id == name)
    told = table("x", found, TRIAL)
    assert [line for line in told.splitlines() if line.startswith(tuple(f"  {arm.title}: " for arm in found.arms))] == [
        f"  {arm.title}: on-hold" for arm in found.arms
    ]
    assert "    SLE-2 " in told


@pytest.mark.parametrize("name", HELD)
def test_the_page_of_a_patient_on_hold_names_no_status(name: str) -> None:
    """In its head and on the tab of each arm stands that she is on hold, and why, in place of any status."""
    app = Flask(__name__)
    app.register_blueprint(create_demo_blueprint(engine(), generate(engine().today())))
    text = app.test_client().get(f"/patients/{name}").get_data(as_text=True)
    shown = text.partition('id="evaluation-title"')[2].partition('id="arm-sle"')[0]
    (why,) = next(found for one, found in PATIENTS if one.id == name).held
    assert re.findall(r'class="pill status-([a-z-]+)">.*?</span>([^<]*)<', shown) == [("on-hold", f"On hold: {why}")] * 4
    reason = next(found for one, found in PATIENTS if one.id == name).holds[0].reason
    assert reason[0].upper() + reason[1:] in unescape(shown)
