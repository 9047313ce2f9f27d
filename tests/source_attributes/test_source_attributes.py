"""The source attributes are complete, follow from the definition, and say the truth of what is read."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest

from cds_service.cli import main
from cds_service.source_attributes.markdown import markdown
from cds_service.source_attributes.sheet import source_attributes
from tests.generative.charts import COVERING, bundle
from tests.source_attributes.print_page import PAGE, page
from tests.support.engine import engine, evaluate
from tests.support.service import client
from tests.trials.parts import dx

TRIAL, VALUE_SETS = engine().trials["cc312"], engine().terminology.value_sets
US, FHIR = "http://hl7.org/fhir/us/core/StructureDefinition", "http://hl7.org/fhir/StructureDefinition"


def found(trial: Any = TRIAL) -> dict[str, Any]:
    return source_attributes(trial, VALUE_SETS)


def values(trial: Any = TRIAL) -> dict[str, str]:
    sheet = found(trial)
    return {one["id"]: one["value"] for one in (*sheet["evidenceBased"], *sheet["predictive"])}


def test_all_attributes_of_the_regulation_are_there_once_and_in_order() -> None:
    """13 of an evidence-based intervention; 31 of a predictive one in its nine groups."""
    sheet = found()
    assert [one["id"] for one in sheet["evidenceBased"]] == [f"A.{number}" for number in range(1, 14)]
    counts = Counter(one["id"].split(".")[1] for one in sheet["predictive"])
    assert [counts[str(number)] for number in range(1, 10)] == [4, 4, 2, 4, 2, 4, 5, 4, 2]
    assert len({one["id"] for one in sheet["predictive"]}) == 31
    assert len({one["group"] for one in sheet["predictive"]}) == 9
    assert all(one["value"].strip() and "{" not in one["value"] for one in (*sheet["evidenceBased"], *sheet["predictive"]))


def test_what_is_used_follows_from_the_definition() -> None:
    """A definition without age, anatomy and assessments uses none of them."""
    assert values()["A.11"].startswith("Used: for the age limits")
    bare = replace(TRIAL, criteria=tuple(one for one in TRIAL.criteria if one.id in ("SLE-2", "E-08")))
    said = values(bare)
    assert {name for name in map("A.{}".format, range(5, 14)) if said[name] != "Not used."} == set()
    assert "Used: none." in said["B.4.ii"]


@pytest.mark.parametrize(
    ("extension", "value"),
    [
        (f"{US}/us-core-race", {"extension": [{"url": "text", "valueString": "Asian"}]}),
        (f"{US}/us-core-ethnicity", {"extension": [{"url": "text", "valueString": "Hispanic or Latino"}]}),
        (f"{US}/us-core-tribal-affiliation", {"extension": [{"url": "tribalAffiliation", "valueString": "x"}]}),
        (f"{FHIR}/patient-sexualOrientation", {"valueCodeableConcept": {"text": "x"}}),
    ],
)
def test_what_is_said_not_to_be_used_changes_nothing(extension: str, value: dict[str, Any]) -> None:
    """Race, ethnicity and sexual orientation leave every byte of an Evaluation as it is."""
    day = date(2026, 6, 15)
    chart = bundle([dx("M32.10"), *COVERING])
    told = json.loads(json.dumps(chart))
    (patient,) = [entry["resource"] for entry in told["entry"] if entry["resource"]["resourceType"] == "Patient"]
    patient.setdefault("extension", []).append({"url": extension, **value})
    patient["communication"] = [{"language": {"text": "Spanish"}, "preferred": True}]
    assert orjson.dumps(evaluate(told, day).to_json()) == orjson.dumps(evaluate(chart, day).to_json())


def test_a_changed_version_has_no_release_date_of_another() -> None:
    """What is known of one version says nothing of the next."""
    assert "released on 2026-" in values()["A.4"]
    assert "release date not stated" in values(replace(TRIAL, version="1.0.1"))["A.4"]


def test_a_definition_s_own_words_are_no_markup() -> None:
    """A title can't break the table or add a link."""
    odd = markdown(found(replace(TRIAL, title="a | <b>b</b> [c](http://d)")))
    assert r"a \| \<b\>b\</b\> \[c\](http://d)" in odd


def test_over_http_as_json_and_as_a_page() -> None:
    """JSON by default, a page that loads nothing where a browser asks."""
    by = client(engine())
    answer = by.get("/source-attributes/cc312")
    assert answer.get_json() == json.loads(json.dumps(found()))
    browser = by.get("/source-attributes/cc312", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (browser.mimetype, browser.headers["Vary"]) == ("text/html", "Accept")
    assert "default-src 'none'" in browser.headers["Content-Security-Policy"]
    assert "Use of race" in browser.text
    assert by.get("/source-attributes/cc313").status_code == 404


@pytest.mark.parametrize(("option", "start"), [([], "# Source attributes"), (["--json"], "{"), (["--html"], "<!doctype html>")])
def test_the_command_prints_them(option: list[str], start: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Markdown, JSON or a page."""
    assert main(["trials", "attributes", "cc312", *option]) == 0
    assert capsys.readouterr().out.startswith(start)


def test_the_page_of_the_documents_is_current() -> None:
    """docs/source-attributes.md is what `make docs` prints."""
    assert PAGE.read_text("utf-8") == page()
