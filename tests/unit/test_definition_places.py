"""Every fault of a definition is told at the line and column of the value at fault, not of the rule around it."""

from __future__ import annotations

import pytest

from cds_service.criteria.load import read_trial
from cds_service.criteria.source import DefinitionError
from cds_service.criteria.wording import warnings
from tests.support.value_sets import VALUE_SETS

# Each value stands on a line of its own, so that its line is never that of its rule.
DEFINITION = """\
id: demo
version: 1.0.0
title: A trial
short_title: Demo
registry:
  system: https://clinicaltrials.gov
  value: NCT00000001
  url: https://example.org/
state: recruiting
places: 6
answers_within: screening
windows:
  screening: P28D
groups:
  second-line:
    - drug.mmf
    - drug.aza
questions:
  Q1:
    gap: How low may haemoglobin be?
    reading: 85 g/L
arms:
  - id: one
    title: One
    text: "One:"
    scope:
      - A-1/a
    gate:
      - A-1
  - id: two
    title: Two
    text: "Two:"
    scope: A-1/a
    gate: [A-1]
  - {id: three, title: Three, text: "Three:", scope: A-1/a, gate: [A-1]}
criteria:
  - id: A-1
    kind: inclusion
    text: Has the disease.
    open_questions:
      - Q1
    all_of:
      - diagnosis: dx.sle
        clause: a
      - measure: lab.hgb
        within: screening
        at_least: 85 g/L
        clause: b
      - measure: lab.creat
        within: P8W
        at_most:
          - 2.5 mg/dL
          - 221 umol/L
        binds:
          one: decide
          two: review
        policy: open
      - exposed:
          - drug.mmf
          - drug.aza
        agents: 1
        hints:
          - ask: Was it taken?
  - id: X-1
    kind: exclusion
    text: Takes the drug.
    applies_if:
      age: 18
      below: 66
    taking: second-line
    standing:
      - clause: s
        ask: Is it planned?
        when:
          taking: drug.mmf
"""


def line_of(words: str) -> str:
    """The number of the line on which the words begin, which stand there only."""
    assert DEFINITION.count(words) == 1, words
    return str(DEFINITION.count("\n", 0, DEFINITION.index(words.strip("\n"), DEFINITION.index(words))) + 1)


def faults(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as error:
        read_trial(text, "demo.yaml", VALUE_SETS)
    return [str(one) for one in error.value.faults]


@pytest.mark.parametrize(
    ("was", "wrong", "column", "problem"),
    [
        ("answers_within: screening", "answers_within: soon", 17, "is not a duration"),
        ("state: recruiting", "state: closing", 8, "expected one of recruiting"),
        ("places: 6", "places: six", 9, "expected a whole number"),
        ("  value: NCT00000001", "  value: []", 10, "expected text"),
        ("  screening: P28D", "  screening: 28 days", 14, "is not a duration"),
        ("\n    - drug.aza", "\n    - drug.azza", 7, "unknown input 'drug.azza'"),
        ("    reading: 85 g/L", "    reading: ''", 14, "expected text"),
        ("    reading: 85 g/L", "    read: 85 g/L\n    reading: 85 g/L", 5, "unknown key 'read'"),
        ("      - A-1/a", "      - A-1/x", 9, "unknown clause 'A-1/x'"),
        ("      - A-1\n", "      - A-9\n", 9, "unknown criterion 'A-9'"),
        ("\n    gate: [A-1]", "\n    gate: A-1", 11, "expected a list"),
        ("{id: three", "{id: one", 10, "arm 'one' is given twice"),
        ("    title: Two", "    title: {}", 12, "expected text"),
        ("      - Q1", "      - Q2", 9, "unknown open question 'Q2'"),
        ("      - diagnosis: dx.sle", "      - diagnosis: dx.sla", 20, "unknown input 'dx.sla'"),
        ("        clause: b", "        clause: a", 17, "clause 'a' of A-1 is given twice"),
        ("        within: screening", "        within: screning", 17, "neither a duration"),
        ("        at_least: 85 g/L", "        at_least: 85 furlong", 19, "'furlong' is not a unit of lab.hgb"),
        ("        at_least: 85 g/L", "        at_least: 85", 19, "'85' has no unit of lab.hgb"),
        ("        at_least: 85 g/L", "        at_least: 8500 g/L", 19, "can't be a limit of lab.hgb"),
        ("        at_least: 85 g/L", "        at_least: low", 19, "is not a number with a unit"),
        ("        at_least: 85 g/L", "        at_least: []", 19, "names no limit"),
        ("        at_least: 85 g/L", "        at_last: 85 g/L", 9, "unknown key 'at_last' in 'measure'"),
        ("        at_least: 85 g/L", "        at_least: !high 85 g/L", 19, "can't be read"),
        ("        at_least: 85 g/L", "        label: 2020-13-45", 16, "can't be read"),
        ("          - 221 umol/L", "          - 221 umol", 13, "'umol' is not a unit of lab.creat"),
        ("          two: review", "          tow: review", 11, "unknown arm 'tow'"),
        ("          two: review", "          two: perhaps", 16, "expected one of decide"),
        ("          two: review", "          one: review", 11, "'one' is given twice"),
        ("        policy: open", "        policy: closed", 17, "expected one of open, quiet"),
        ("          - drug.aza", "          - drug.azb", 13, "unknown input 'drug.azb'"),
        ("          - drug.aza", "          - lab.hgb", 13, "'lab.hgb' holds Observation, but 'exposed' reads"),
        ("        agents: 1", "        agents: 1.5", 17, "expected a whole number"),
        ("          - ask: Was it taken?", "          - ask: []", 18, "expected text"),
        ("          - ask: Was it taken?", "          - aks: Was it taken?", 13, "no rule"),
        ("  - id: X-1", "  - id: A-1", 9, "criterion 'A-1' is given twice"),
        ("    kind: exclusion", "    kind: exclude", 11, "expected one of inclusion, exclusion"),
        ("      below: 66", "      below: old", 14, "expected a whole number"),
        ("    taking: second-line", "    taking: third-line", 13, "unknown input 'third-line'"),
        ("        ask: Is it planned?", "        ask: ''", 14, "expected text"),
        ("          taking: drug.mmf", "          taking: lab.hgb", 19, "'lab.hgb' holds Observation, but 'taking' reads"),
    ],
)
def test_a_fault_stands_at_its_value(was: str, wrong: str, column: int, problem: str) -> None:
    """One fault, at the line and column of what is wrong; what else names it is no second fault."""
    (told,) = faults(DEFINITION.replace(was, wrong))
    assert told.startswith(f"demo.yaml:{line_of(was)}:{column}: ")
    assert problem in told


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("version: 1.0.0", "id: demo"),
        ("  url: https://example.org/", "  system: https://clinicaltrials.gov"),
        ("    reading: 85 g/L", "    gap: How low"),
        ("    title: Two", "  - id: two"),
        ("        agents: 1", ""),
        ("    kind: exclusion", "  - id: X-1"),
        ("      below: 66", ""),
        ("        ask: Is it planned?", "      - clause: s"),
    ],
)
def test_what_is_missing_is_told_where_its_owner_begins(line: str, owner: str) -> None:
    """A needed key that is not given has no line of its own; one that is not needed is no fault."""
    text = DEFINITION.replace(f"{line}\n", "")
    if not owner:
        assert read_trial(text, "demo.yaml", VALUE_SETS)
        return
    (told,) = faults(text)
    assert told.startswith(f"demo.yaml:{line_of(owner)}:")
    assert " needs '" in told


def test_every_fault_of_one_list_is_told() -> None:
    """Not only the first: two unknown inputs and a wrong unit in one rule are three faults, each at its place."""
    text = DEFINITION.replace("          - drug.mmf\n          - drug.aza", "          - drug.x1\n          - drug.x2")
    text = text.replace("          - 2.5 mg/dL", "          - 2.5 mg")
    places = [one.split(": ")[0] for one in faults(text)]
    assert places == [
        f"demo.yaml:{line_of(words)}:13" for words in ("          - 2.5 mg/dL", "          - drug.mmf", "          - drug.aza")
    ]


def test_a_gate_that_lets_an_empty_chart_in_is_told_at_the_gate() -> None:
    """Of each arm that does; the third one judges the measure by no binding and lets nobody in."""
    text = DEFINITION.replace("    gate:\n      - A-1\n", "    gate: [X-1]\n").replace("gate: [A-1]", "gate: [X-1]")
    told = faults(
        text.replace("    taking: second-line\n", "    anatomy: male\n").replace("      age: 18\n      below: 66", "      anatomy: female")
    )
    assert [one.split(": ")[0] for one in told] == ["demo.yaml:28:11", "demo.yaml:33:11"]


@pytest.mark.parametrize(
    ("was", "changed", "column"),
    [("        at_least: 85 g/L", "        at_least: 80 g/L", 19), ("          - 221 umol/L", "          - 225 umol/L", 13)],
)
def test_a_warning_stands_at_the_limit_it_is_about(was: str, changed: str, column: int) -> None:
    """Also where the limit is one of a list."""
    trial = read_trial(DEFINITION.replace(was, changed), "demo.yaml", VALUE_SETS)
    assert f"demo.yaml:{line_of(was)}:{column}" in [one.place for one in warnings(trial)]
