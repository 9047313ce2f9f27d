"""A tenant's `alerts` settings: what they set, every fault of them at once, and that docs/alerts.md tells them all."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.alerts.desk import file_modes, policies_of
from cds_service.alerts.policy import WHY, Limits, Policy
from cds_service.errors import SettingsError
from cds_service.security.tenants import load_tenants
from tests.security.test_tenants import file

PAGE = Path(__file__).resolve().parents[2] / "docs" / "alerts.md"


def policy(folder: Path, alerts: Any, **more: Any) -> Policy:
    return policies_of(load_tenants(file(folder, alerts=alerts, **more)), ["cc312"])["general"]


def test_without_settings_the_defaults_count(tmp_path: Path) -> None:
    """A tenants file of before keeps its meaning: cards are shown, few of them, and none in an emergency."""
    found = policies_of(load_tenants(file(tmp_path)), ["cc312"])["general"]
    assert found == Policy()
    assert found.encounter_classes_off == {"EMER"}


def test_what_is_set_counts(tmp_path: Path) -> None:
    """Limits, filters, trials and reasons, each as given; the others keep their defaults."""
    found = policy(
        tmp_path,
        {
            "limits": {"user_cards": 2},
            "specialties": ["http://snomed.info/sct|394810000"],
            "trials": {"cc312": {"mode": "pilot", "contact": "Study nurse, ext. 4711", "places_left": 0, "until": "2027-06-30"}},
            "override_reasons": {"urn:site|7": "patient-declined"},
        },
    )
    assert (found.limits, found.specialties) == (Limits(user_cards=2), {"http://snomed.info/sct|394810000"})
    assert (found.of("cc312").contact, found.of("cc312").places_left) == ("Study nurse, ext. 4711", 0)
    assert found.of("cc312").until == date(2027, 6, 30)
    assert found.override_reasons == {"urn:site|7": "patient-declined"}


def test_modes_of_the_file_stand_by_their_scope(tmp_path: Path) -> None:
    """The tenant's own, and that of a trial there."""
    tenants = load_tenants(file(tmp_path, mode="silent", alerts={"trials": {"cc312": {"mode": "off"}}}))
    assert file_modes(tenants, policies_of(tenants, ["cc312"])) == {("general", "*"): "silent", ("general", "cc312"): "off"}


@pytest.mark.parametrize(("word", "mode"), [("off", "off"), ("on", "on"), ("'off'", "off"), ("silent", "silent")])
def test_a_mode_is_read_as_it_is_written(word: str, mode: str, tmp_path: Path) -> None:
    """Bare, as the pages have it: YAML reads `off` as false, and who switches off must not be refused for a missing quote."""
    path = file(tmp_path, alerts={"trials": {"cc312": {"mode": "MODE"}}}, mode="MODE")
    path.write_text(path.read_text("utf-8").replace("MODE", word), "utf-8")
    tenants = load_tenants(path)
    assert file_modes(tenants, policies_of(tenants, ["cc312"])) == {("general", "*"): mode, ("general", "cc312"): mode}


def test_the_settings_of_the_page_can_be_used(tmp_path: Path) -> None:
    """Its example as it stands there, with an issuer where it points to the other page."""
    text = PAGE.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    (tenant,) = yaml.safe_load(file(tmp_path).read_text("utf-8"))["tenants"]
    path = tmp_path / "tenants.yaml"
    path.write_text(text.replace("# issuers, fhir_servers …: docs/security.md", f"issuers: {json.dumps(tenant['issuers'])}"), "utf-8")
    assert policies_of(load_tenants(path), ["cc312"])["general"].of("cc312").places_left == 4


@pytest.mark.parametrize(
    ("alerts", "problem"),
    [
        ([], "alerts: expected members"),
        ({"limit": {}}, "unknown member 'limit'"),
        ({"limits": {"user_card": 1}}, "unknown member 'user_card'"),
        ({"limits": {"user_cards": 0}}, "from 1 to 1000"),
        ({"specialties": "x"}, "expected a list"),
        ({"trials": {"cc313": {}}}, "there is no trial 'cc313'"),
        ({"trials": []}, "expected trials by their id"),
        ({"trials": {"cc312": {"mode": "loud"}}}, "expected one of off, silent, pilot, on"),
        ({"trials": {"cc312": {"participating": "no"}}}, "expected true or false"),
        ({"trials": {"cc312": {"contact": "a\nb"}}}, "one line"),
        ({"trials": {"cc312": {"places_left": -1}}}, "a whole number"),
        ({"trials": {"cc312": {"until": "next year"}}}, "until: expected a date"),
        ({"override_reasons": {"urn:site|7": "nope"}}, "expected one of"),
        ({"override_reasons": []}, "with one of ours each"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, alerts: Any, problem: str) -> None:
    """A misspelt limit must not be no limit."""
    with pytest.raises(SettingsError, match=r"general\.alerts") as told:
        policy(tmp_path, alerts)
    assert problem in str(told.value)


def test_the_page_tells_every_limit_with_its_default_and_reason() -> None:
    """docs/alerts.md, in the order of the code."""
    defaults = Limits()
    rows = [f"| `{name}` | {getattr(defaults, name)} | {why} |" for name, why in WHY.items()]
    assert [line for line in PAGE.read_text("utf-8").splitlines() if line in set(rows)] == rows
    assert list(WHY) == [one.name for one in fields(Limits)]


def test_the_page_tells_every_setting() -> None:
    """No member of `alerts` is left out of docs/alerts.md."""
    text = PAGE.read_text("utf-8")
    assert [one.name for one in fields(Policy) if f"`{one.name}`" not in text] == []
