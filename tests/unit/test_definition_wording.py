"""`trials check` compares the limits of the logic with the words beside them."""

from __future__ import annotations

import pytest

from cds_service.cli import main
from cds_service.criteria.load import read_trial
from cds_service.criteria.wording import warnings
from cds_service.trials import shipped
from tests.support.engine import engine
from tests.support.value_sets import VALUE_SETS

DEFINITION = """\
id: demo
version: 1.0.0
title: A trial
short_title: Demo
registry: {system: https://clinicaltrials.gov, value: NCT00000001, url: https://example.org/}
state: recruiting
answers_within: screening
windows: {screening: P28D}
questions:
  Q1: {gap: "How low may haemoglobin be?", reading: 85 g/L}
arms:
  - {id: one, title: One, text: "One:", scope: A-1/a, gate: [A-1]}
criteria:
  - id: A-1
    kind: inclusion
    text: Has the disease, two drugs for 4 weeks at 7.5 mg/day.
    open_questions: [Q1]
    all_of:
      - {diagnosis: dx.sle, clause: a}
      - {measure: lab.hgb, at_least: 85 g/L, within: screening}
      - {exposed: [drug.mmf, drug.aza], agents: 2, for: P28D}
      - daily_dose: drug.mmf
        at_least: 7.50
        hints: [{ask: "Is the dose 7.5 mg/day?"}]
      - {record: proc.cart, within: P7M, counts: review}
      - {record: proc.cart, within: P7M, policy: quiet}
      - {taking: drug.mmf, doubted_by: [{record: proc.cart, within: P7M}]}
"""


def told(text: str) -> list[str]:
    return [f"{one.line}: {one.problem}" for one in warnings(read_trial(text, "demo.yaml", VALUE_SETS))]


def test_limits_that_some_word_names_give_no_warning() -> None:
    """4 weeks are P28D, 7.5 is 7.50, `two` is 2, a reading counts as well as the text; what decides nothing is not compared."""
    assert told(DEFINITION) == []


@pytest.mark.parametrize(
    ("was", "changed", "expected"),
    [
        ("at_least: 85 g/L", "at_least: 80 g/L", "20: A-1: 'at_least' is 80 g/L, which neither text, question nor reading names"),
        ("for: P28D", "for: P60D", "21: A-1: 'for' is 60 days, which neither text, question nor reading names"),
        ("agents: 2", "agents: 3", "21: A-1: 'agents' is 3, which neither text, question nor reading names"),
        ("P7M, policy: quiet", "P7M", "26: A-1: 'within' is 7 months, which neither text, question nor reading names"),
        (
            "Is the dose 7.5",
            "Is the dose 10",
            "23: 'at_least' is 7.5 mg of prednisone a day, but the question says: Is the dose 10 mg/day?",
        ),
    ],
)
def test_a_limit_that_no_word_names_is_a_warning(was: str, changed: str, expected: str) -> None:
    """With its line: somebody changed one and not the other."""
    assert was in DEFINITION
    assert told(DEFINITION.replace(was, changed)) == [expected]


def test_the_shipped_definition_has_no_warning() -> None:
    """Every limit that decides stands in the protocol's words or in a reading."""
    assert warnings(engine().trials["cc312"]) == []


def test_a_warning_is_no_fault(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    """It is printed with its place and counted; the exit status stays 0."""
    path = f"{tmp_path}/mine.yaml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(shipped()["cc312"].read_text("utf-8").replace("below: 85 g/L", "below: 80 g/L"))
    assert main(["trials", "check", path]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.endswith(": warning: E-08: 'below' is 80 g/L, which neither text, question nor reading names")
    assert last.endswith("no faults, 1 warning")
