"""A card says in three lines why this patient: the facts of the disease, with their dates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.card_sections import one_arm, section, shown
from tests.support.evaluations import SSC, arm, asked, criterion, evaluation, evidence


def test_two_arms_stand_on_one_card_and_take_turns() -> None:
    """Both are named; the facts come from both."""
    sle = arm("sle", *(criterion(f"SLE-{n}", "met", evidence=(evidence(f"sle {n}"),)) for n in (1, 2, 3)))
    ssc = arm("ssc", criterion("SSC-1", "met", evidence=(evidence("ssc 1"),)), title=SSC)
    found = shown(evaluation(sle, ssc))
    assert found["detail"].startswith("**Arms:** Systemic lupus erythematosus and Systemic sclerosis\n")
    assert [line.partition(",")[0] for line in section(found["detail"], "Why this patient")] == ["Sle 1", "Ssc 1", "Sle 2"]
    assert found["summary"] == "May fit trial CC312 (systemic lupus erythematosus and systemic sclerosis): for the study team to confirm"


def test_the_facts_are_the_diseases_own_and_at_most_three() -> None:
    """Gate criteria first, a line each; age, exclusions, unknowns, what does not apply, answers beside records and repeats are none."""
    lines = section(
        one_arm(
            criterion("I-02", "met", evidence=(evidence("born 1988"),)),
            criterion("SLE-5", "met", evidence=(evidence("prednisone"),)),
            criterion("SLE-4", "unknown", evidence=(evidence("SLEDAI 6"),)),
            criterion("SLE-7", "met", applicable=False, evidence=(evidence("no glucocorticoid"),)),
            asked("SLE-1", "?", review=True, lean="met", evidence=(evidence("lupus", None), evidence("answered yes", grade="reported"))),
            criterion("SLE-2", "met", evidence=(evidence("ANA 1:640", grade="parsed"), evidence("lupus", None))),
            criterion("E-05", "clear", evidence=(evidence("no transplant"),)),
        ),
        "Why this patient",
    )
    assert lines == ["Lupus", "ANA 1:640, 2026-11-20 (not coded)", "Prednisone, 2026-11-20"]


def test_a_definition_says_which_facts_tell_most() -> None:
    """Disease, serology, activity before treatment; at most two records of one criterion share a line, in its own words where it has
    some."""
    told = replace(evidence("DNA double strand Ab 212"), told="anti-dsDNA positive 212 IU/mL, 2026-11-20")
    detail = one_arm(
        criterion("SLE-1", "met", evidence=(evidence("lupus"),)),
        criterion("SLE-2", "met", evidence=(told, evidence("Nuclear Ab 1:640"))),
        criterion("SLE-3", "met", evidence=(evidence("azathioprine", "2021-03"),)),
        criterion("SLE-4", "met", evidence=(evidence("SLEDAI-2K 12"), evidence("BILAG"), evidence("SLEDAI-2K 11"))),
        facts=("SLE-1", "SLE-4", "SLE-2", "SLE-3"),
    )
    assert section(detail, "Why this patient") == [
        "Lupus, 2026-11-20", "SLEDAI-2K 12, 2026-11-20; BILAG, 2026-11-20", "Anti-dsDNA positive 212 IU/mL, 2026-11-20",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "line"),
    [
        ("Nuclear Ab [Titer] in Serum by Immunofluorescence 1:640", "Nuclear Ab 1:640"),
        ("RNA polymerase III IgG Ab [Units/volume] in Serum 118 [arb'U]/mL", "RNA polymerase III IgG Ab 118 AU/mL"),
        ("anti-Scl-70 38 [iU]/mL", "Anti-Scl-70 38 IU/mL"),
        ("anti-Ku 38 [GPL'U]/mL", "Anti-Ku 38 GPL'U/mL"),
        ("anti-Ku 38 U/mL", "Anti-Ku 38 U/mL"),
        ("methotrexate 2.5 MG Oral Tablet", "Methotrexate"),
    ],
)
def test_a_name_is_told_without_what_only_machines_need(record: str, line: str) -> None:
    """Specimen, method, strength, and the brackets of units, which show as backslashes where Markdown is not drawn."""
    assert section(one_arm(criterion("SLE-2", "met", evidence=(evidence(record, None),))), "Why this patient") == [line]


def test_without_facts_of_the_disease_the_common_ones_stand() -> None:
    """Better age than no reason at all."""
    assert section(one_arm(criterion("I-02", "met", evidence=(evidence("born 1988", None),))), "Why this patient") == ["Born 1988"]


@pytest.mark.parametrize(
    ("dating", "line"), [("since", "Lupus, since 2026-11-20"), ("recorded", "Lupus, recorded 2026-11-20"), ("", "Lupus, 2026-11-20")]
)
def test_the_date_of_a_diagnosis_says_what_it_is(dating: str, line: str) -> None:
    """The day of recording is no onset (spec 0.3)."""
    fact = replace(evidence("lupus"), dating=dating)
    assert section(one_arm(criterion("SLE-1", "met", evidence=(fact,))), "Why this patient") == [line]
