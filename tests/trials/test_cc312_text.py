"""The CC312 definition holds the protocol's eligibility section, word for word and sentence by sentence."""

from __future__ import annotations

from pathlib import Path

from cds_service.criteria.load import load_trial
from cds_service.trials import shipped
from fhir_mappings.terminology import load

PROTOCOL = Path(__file__).with_name("cc312-protocol.txt")
HEADINGS = {"Eligibility", "Inclusion Criteria:", "Exclusion Criteria:"}


def bullets() -> list[str]:
    """The protocol's bullets, each on one line."""
    found: list[str] = []
    for line in PROTOCOL.read_text("utf-8").splitlines():
        if line.startswith("- "):
            found.append(line[2:].strip())
        elif line.strip() and line.strip() not in HEADINGS:
            found[-1] += " " + line.strip()
    return found


def test_every_bullet_of_the_protocol_is_one_text_in_protocol_order() -> None:
    """Arm headings and criteria, in order, are exactly the protocol's bullets: nothing lost, added or reworded."""
    trial = load_trial(shipped()["cc312"], load().value_sets)
    heads = {arm.id: arm.text for arm in trial.arms}
    texts: list[str] = []
    for criterion in trial.criteria:
        if criterion.arm in heads:
            texts.append(heads.pop(criterion.arm))
        texts.append(criterion.text)
    assert texts == bullets()


def test_the_definition_has_the_47_criteria_of_the_interface() -> None:
    """Ids are those that others rely on."""
    trial = load_trial(shipped()["cc312"], load().value_sets)
    expected = ["I-01", "I-02", *(f"SLE-{n}" for n in range(1, 8)), *(f"IIM-{n}" for n in range(1, 7)), *(f"SSC-{n}" for n in range(1, 7))]
    expected += ["I-F", "I-M", *(f"E-{n:02}" for n in range(1, 25))]
    assert [one.id for one in trial.criteria] == expected


def test_all_open_questions_of_the_protocol_are_kept_with_their_reading() -> None:
    """Q1 to Q20 stand in the definition and each is named by a criterion."""
    trial = load_trial(shipped()["cc312"], load().value_sets)
    assert [one.id for one in trial.questions] == [f"Q{n}" for n in range(1, 21)]
    named = {name for one in trial.criteria for name in one.open_questions}
    assert named == {one.id for one in trial.questions}
