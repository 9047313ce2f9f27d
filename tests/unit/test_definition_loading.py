"""A trial definition is read strictly: every fault is told with its file and line, all at once."""

from __future__ import annotations

import pytest

from cds_service.criteria.load import read_trial
from cds_service.criteria.schema import definition_schema
from cds_service.criteria.source import DefinitionError
from cds_service.criteria.suggest import suggestion
from tests.support.value_sets import VALUE_SETS

SOUND = """\
id: demo
version: 1.0.0
title: A trial
short_title: Demo
registry: {system: https://clinicaltrials.gov, value: NCT00000001, url: https://example.org/}
state: recruiting
answers_within: screening
windows: {screening: P28D}
groups: {second-line: [drug.mmf, drug.aza]}
arms:
  - {id: one, title: One, text: "One:", scope: A-1/a, gate: [A-1]}
criteria:
  - id: A-1
    kind: inclusion
    arm: one
    text: Has the disease.
    all_of:
      - {diagnosis: dx.sle, clause: a, label: SLE}
      - {measure: lab.hgb, label: Hb, at_least: 85 g/L, within: screening}
  - id: X-1
    kind: exclusion
    text: Takes the drug.
    taking: second-line
"""


def faults(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as error:
        read_trial(text, "demo.yaml", VALUE_SETS)
    return [str(fault) for fault in error.value.faults]


def test_a_sound_definition_becomes_a_trial() -> None:
    """Criteria keep their order, groups become their members, thresholds keep their unit."""
    trial = read_trial(SOUND, "demo.yaml", VALUE_SETS)
    assert [one.id for one in trial.criteria] == ["A-1", "X-1"]
    assert trial.criteria[1].logic.inputs() == ("drug.mmf", "drug.aza")
    assert trial.inputs() == {"dx.sle", "lab.hgb", "drug.mmf", "drug.aza"}
    assert trial.arms[0].scope is next(node for node in trial.criteria[0].nodes() if node.clause == "a")


def test_a_clause_is_answered_under_its_criterion() -> None:
    """The link id of a clause is `criterion/clause`, of a criterion its id."""
    trial = read_trial(SOUND, "demo.yaml", VALUE_SETS)
    assert [node.link_id for node in trial.criteria[0].nodes()] == ["A-1", "A-1/a", ""]


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("within: screening", "withn: screening", "demo.yaml:19:57: unknown key 'withn' in 'measure' (did you mean 'within'?)"),
        ("lab.hgb", "lab.hbg", "demo.yaml:19:19: unknown input 'lab.hbg' (did you mean 'lab.hgb'?)"),
        ("85 g/L", "85 furlong", "demo.yaml:19:49: "),
        ("within: screening", "within: screning", "(did you mean 'screening'?)"),
        ("kind: exclusion", "kind: exclude", "expected one of inclusion, exclusion"),
        ("taking: second-line", "takin: second-line", "demo.yaml:23:5: no rule"),
        ("taking: second-line", "taking: lab.hgb", "'lab.hgb' holds Observation, but 'taking' reads"),
        ("scope: A-1/a", "scope: A-1/b", "unknown clause 'A-1/b'"),
        ("gate: [A-1]", "gate: [A-2]", "unknown criterion 'A-2' (did you mean 'A-1'?)"),
        ("gate: [A-1]", "gate: [A-1], facts: [A-2]", "unknown criterion 'A-2' (did you mean 'A-1'?)"),
        ("taking: second-line", "subject: []\n    taking: second-line", "expected text"),
        ("id: X-1", "id: A-1", "criterion 'A-1' is given twice"),
        ("version: 1.0.0\n", "", "the definition needs 'version'"),
        ("title: A trial", "title: A trial\ntitle: B", "'title' is given twice"),
        ("state: recruiting", "state: recruitin", "(did you mean 'recruiting'?)"),
        ("P28D", "28 days", "is not a duration such as P28D"),
        ("text: Takes the drug.", "text: ''", "expected text"),
        ("    taking: second-line", "    open_questions: [Q9]\n    taking: second-line", "unknown open question 'Q9'"),
        ("at_least: 85 g/L", "at_least: 85", "demo.yaml:19:49: "),
        ("label: Hb", "label: []", "expected text"),
        ("lab.hgb", "[]", "names no input"),
        ("lab.hgb", "{a: 1}", "expected the name of an input"),
        ("taking: second-line", "record: dx.cle\n    active: maybe", "expected true or false"),
        ("taking: second-line", "age: -1\n    below: 66", "expected a whole number"),
        ("taking: second-line", "serology: lab.ana\n    weak_below: many", "expected a number"),
        ("taking: second-line", "serology: lab.ana\n    pick: newest", "expected one of any, latest"),
        ("taking: second-line", "not: {arm: two}", "unknown arm 'two'"),
        ("taking: second-line", "taking: second-line\n    binds: {two: decide}", "unknown arm 'two'"),
        ("taking: second-line", "taking: second-line\n    binds: {one: perhaps}", "expected one of decide, review, flag, note"),
        ("taking: second-line", "taking: second-line\n    binds: one", "expected arms with"),
        ("taking: second-line", "any_of: []", "the list is empty"),
        ("taking: second-line", "any_of: x", "expected a list"),
        ("taking: second-line", "trend: score.sledai", "'trend' needs"),
        ("taking: second-line", "sensitive: often\n    taking: second-line", "expected true or false"),
        ("registry: {", "places: six\nregistry: {", "expected a whole number"),
        ("answers_within: screening", "answers_within: soon", "is not a duration"),
        ("second-line: [drug.mmf, drug.aza]", "second-line: [drug.mmf, drug.azza]", "unknown input 'drug.azza'"),
        ("gate: [A-1]", "gate: [X-1]", "would call an empty chart potentially eligible"),
    ],
)
def test_a_fault_is_told_with_its_place(before: str, after: str, fault: str) -> None:
    """A wrong key, name, unit, window or reference is refused where it stands, with the nearest right name."""
    text = SOUND.replace(before, after)
    if "empty chart" in fault:
        text = text.replace("scope: A-1/a", "scope: A-1/a").replace(
            "    taking: second-line", "    applies_if: {anatomy: male}\n    anatomy: female"
        )
        text = text.replace("A-1/a, gate: [X-1]", "A-1/a, gate: []")
    assert any(fault in one for one in faults(text)), faults(text)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("lab.hbg", " (did you mean 'lab.hgb'?)"),
        ("hgb", " (did you mean 'lab.hgb'?)"),
        ("lab.HGB", " (did you mean 'lab.hgb'?)"),
        ("drug.mycophenolat", " (did you mean 'drug.mmf'?)"),
        ("lab.hemoglobin", " (did you mean 'lab.hgb'?)"),
        ("lab.creatinine", " (did you mean 'lab.creat' or 'lab.ucreat'?)"),
        ("lab.hba1c", ""),
        ("lab.glucose", ""),
        ("drug.hgb", ""),
    ],
)
def test_an_unknown_name_is_guessed_by_letters_or_meaning_or_not_at_all(name: str, told: str) -> None:
    """Two slips of a short word are another word: HbA1c is no HBsAg. The nearest letters win, else a word of the meaning."""
    meanings = {"lab.hgb": "haemoglobin", "lab.hbsag": "HBsAg", "lab.hcg": "pregnancy test", "lab.creat": "serum creatinine"}
    meanings |= {"lab.ucreat": "urine creatinine", "drug.mmf": "mycophenolate", "lab.myoglobin": "myoglobin"}
    assert suggestion(name, meanings, meanings) == told


def test_all_faults_are_told_at_once() -> None:
    """Three mistakes in three places are three faults, in the order of the file."""
    text = SOUND.replace("lab.hgb", "lab.x").replace("second-line\n", "third-line\n").replace("kind: inclusion", "kind: maybe")
    assert [one.split(":")[1] for one in faults(text)] == ["14", "19", "23"]


def test_a_broken_criterion_is_told_once() -> None:
    """That the arm names a clause of it is no second fault."""
    text = SOUND.replace("at_least: 85 g/L", "at_lest: 85 g/L").replace("clause: a, label", "clause: b, label")
    assert [one.split(":")[1] for one in faults(text)] == ["19"]


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "\t", "id: 1"])
def test_what_is_no_definition_is_a_fault_and_no_traceback(text: str) -> None:
    """Empty files, broken YAML and other documents are faults with a line."""
    assert all(one.startswith("demo.yaml:") for one in faults(text))


def test_the_schema_for_editors_accepts_what_the_loader_accepts() -> None:
    """The published JSON Schema is valid and takes the sound definition."""
    import jsonschema
    import yaml

    schema = definition_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(SOUND), schema)
