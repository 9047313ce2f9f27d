"""The ResearchStudy and Groups made of a definition: valid FHIR, complete, and no more exact than a Group can be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from cds_service.cli import main
from cds_service.criteria.study import eligibility_group, research_study, study_bundle
from tests.support.engine import engine

Json = dict[str, Any]
TRIAL = engine().trials["cc312"]
GROUPS = {arm.id: eligibility_group(TRIAL, arm) for arm in TRIAL.arms}


def _coded(arm: str) -> dict[str, list[Json]]:
    """Criterion -> its characteristics that have a value beyond true."""
    found: dict[str, list[Json]] = {}
    for one in GROUPS[arm]["characteristic"]:
        if "valueBoolean" not in one:
            found.setdefault(one["code"]["coding"][0]["code"], []).append(one)
    return found


def test_the_transaction_is_valid() -> None:
    """fhir.resources accepts the Bundle with all it holds."""
    Bundle.model_validate(study_bundle(TRIAL))


def test_the_study_refers_to_the_groups_of_the_same_transaction() -> None:
    """Every arm's Group is enrolled from, and stands before the study that refers to it."""
    urls = [entry["request"]["url"] for entry in study_bundle(TRIAL)["entry"]]
    assert urls == [*(one["reference"] for one in research_study(TRIAL)["enrollment"]), "ResearchStudy/cc312"]


@pytest.mark.parametrize("arm", [arm.id for arm in TRIAL.arms])
def test_every_criterion_of_an_arm_stands_there_in_the_protocols_words(arm: str) -> None:
    """In protocol order, exclusions as exclusions; whatever else a Group can't say is in these words."""
    said = [
        (one["code"]["coding"][0]["code"], one["code"]["text"], one["exclude"])
        for one in GROUPS[arm]["characteristic"]
        if one.get("valueBoolean") is True
    ]
    assert said == [(one.id, one.text, one.kind == "exclusion") for one in TRIAL.of_arm(arm)]


def test_an_age_is_a_range_of_completed_years() -> None:
    """18 to 65 inclusive: a Range holds both of its ends."""
    (age,) = _coded("sle")["I-02"]
    assert (age["valueRange"]["low"]["value"], age["valueRange"]["high"]["value"], age["exclude"]) == (18, 65, False)


def test_a_laboratory_limit_keeps_its_comparator_and_unit() -> None:
    """Below 85 g/L excludes; 85 g/L itself does not."""
    value = next(one for one in _coded("iim")["E-08"] if "haemoglobin" in one["code"]["text"])
    assert value["exclude"]
    assert (value["valueQuantity"]["comparator"], str(value["valueQuantity"]["value"]), value["valueQuantity"]["code"]) == (
        "<",
        "85",
        "g/L",
    )


def test_a_limit_that_decides_in_one_arm_only_stands_in_that_arm_only() -> None:
    """E-01 was written for lupus: elsewhere its limits ask, so no Group of another arm excludes by them."""
    assert len(_coded("sle")["E-01"]) == 2
    assert "E-01" not in _coded("iim")


def test_parts_of_an_alternative_are_left_to_the_words() -> None:
    """Liver enzymes with their exception, scores with their hints: nothing of them stands as a limit by itself."""
    assert {name: len(held) for name, held in _coded("ssc").items()} == {"I-02": 1, "E-07": 1, "E-08": 3}


def test_the_command_prints_what_is_validated(capsys: pytest.CaptureFixture[str]) -> None:
    """`trials export cc312 --fhir` is one JSON document on standard output."""
    assert main(["trials", "export", "cc312", "--fhir"]) == 0
    assert json.loads(capsys.readouterr().out)["entry"][-1]["resource"]["status"] == "active"
