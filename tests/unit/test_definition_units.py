"""A number of a definition is never told without its unit."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from cds_service.criteria.describe import describe
from cds_service.criteria.load import read_trial
from cds_service.criteria.wording import warnings
from fhir_mappings.terminology import load
from tests.support.engine import engine

VALUE_SETS = load().value_sets
DEFINITION = """\
id: demo
version: 1.0.0
title: A trial
short_title: Demo
registry: {{system: https://clinicaltrials.gov, value: NCT00000001, url: https://example.org/}}
state: recruiting
answers_within: P28D
windows: {{}}
arms:
  - {{id: one, title: One, text: "One:", scope: A-1, gate: [A-1]}}
criteria:
  - {{id: A-1, kind: inclusion, text: Has the disease., diagnosis: dx.sle}}
  - id: X-1
    kind: exclusion
    text: Is something.
    any_of: [{rule}]
"""


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{daily_dose: drug.prednisone, at_most: 40}", "at most 40 mg of prednisone a day"),
        ("{daily_dose: drug.prednisone, at_least: 7.5}", "at least 7.5 mg of prednisone a day"),
        (
            "{peak_dose: drug.prednisone, above_per_kg: 1, body_weight: lab.weight, weight_within: P90D}",
            "above 1 mg/kg of prednisone a day",
        ),
        ("{high_dose_days: drug.prednisone, at_least: 100, days: 14, within: P56D}", "at least 100 mg of prednisone a day, days 14"),
        ("{measure: lab.hgb, below: 85 g/L}", "below 85 g/L"),
        ("{measure: lab.creat, above: [2.5 mg/dL, 221 umol/L]}", "above 2.5 mg/dL or 221 umol/L"),
        ("{times_upper_limit: lab.ck, above: 1.5}", "above 1.5 × the upper limit"),
        ("{score: score.sledai, at_least: 7}", "at least 7 points"),
        ("{score: score.sledai, at_least: 1}", "at least 1 point"),
        ("{score: score.phga, at_least: 2}", "at least 2 cm"),
        ("{score: score.mmt8, part: mmt8-strength-loss, at_least: 20}", "at least 20 %"),
        ("{score: score.mmt8, at_most: 141, scale: mmt8-maximum, maximum: 150}", "maximum 150 points"),
        ("{graded_domains: score.bilag, grade: A, within: P28D, at_least: 2}", "at least 2 domains"),
        ("{serology: lab.ana, weak_below: 80}", "weak below a titre of 1:80"),
        ("{age: 18, below: 66}", "age 18 years, below 66 years"),
        ("{at_least: 3, of: [{diagnosis: dx.ssc, worth: 2}, {diagnosis: dx.cle}]}", "at least 3 points of"),
        ("{at_least: 1, of: [{diagnosis: dx.ssc}, {diagnosis: dx.cle}]}", "at least 1 of"),
    ],
)
def test_a_threshold_is_told_with_the_unit_of_its_input(rule: str, told: str) -> None:
    """In `trials describe`, and so in `trials compare`, which tells what changed of it."""
    trial = read_trial(DEFINITION.format(rule=rule), "demo.yaml", VALUE_SETS)
    (line,) = [one for one in describe(trial, VALUE_SETS).splitlines() if told in one]
    assert line.endswith(told) or f"{told}," in line


def test_every_decimal_limit_of_the_shipped_definition_has_a_unit() -> None:
    """A new kind of rule can't forget it; a titre is written 1:80."""
    nodes = [node for criterion in engine().trials["cc312"].criteria for node in criterion.nodes()]
    held = [(node, one.name) for node in nodes for one in dataclasses.fields(node) if isinstance(getattr(node, one.name), Decimal)]
    assert len(held) > 20
    assert [f"{node.place} {name}" for node, name in held if not node.unit(name) and name != "weak_below"] == []


def test_a_warning_tells_the_unit_too() -> None:
    """A limit that no word names is told as the definition means it."""
    (warning,) = warnings(read_trial(DEFINITION.format(rule="{daily_dose: drug.prednisone, at_most: 40}"), "demo.yaml", VALUE_SETS))
    assert warning.problem == "X-1: 'at_most' is 40 mg of prednisone a day, which neither text, question nor reading names"
