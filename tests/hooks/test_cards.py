"""When there is a card, and that it says in ten seconds why, what to confirm and what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.criteria.evaluation import STATUSES, Evaluation, Hold, Missing
from cds_service.hooks.cards import card, card_id, fits
from fhir_mappings.inputs import DataIssue, SourceState, State
from tests.support.card_checker import faults
from tests.support.evaluations import SSC, arm, asked, criterion, evaluation, evidence, lacking, lupus_patient
from tests.support.service import PATH, FakeEngine, client, hook_request, post, trial

SNAPSHOT = Path(__file__).with_name("snapshots") / "lupus.md"
PRESUMED: dict[str, Any] = {"presumed": True, "evidence": ()}
INSTANCE = "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11"


def shown(found: Evaluation, **more: Any) -> dict[str, Any]:
    return card(found, trial(**more), INSTANCE)


def one_arm(*criteria: Any, facts: tuple[str, ...] = ()) -> str:
    """The detail of a card for one arm with these criteria."""
    arms = tuple(SimpleNamespace(id=one.id, gate=one.gate, facts=facts) for one in trial().arms)
    return str(shown(evaluation(arm("sle", *criteria)), arms=arms)["detail"])


def section(detail: str, heading: str) -> list[str]:
    """The lines of a section."""
    lines = detail.partition(f"**{heading}**")[2].partition("\n\n")[2].partition("\n\n")[0].splitlines()
    return [line.removeprefix("- ") for line in lines]


def answered(**more: Any) -> Any:
    """The response of the whole service to a call."""
    return post(client(FakeEngine(**more)), PATH, hook_request()).get_json()


def test_the_card_of_a_realistic_patient_reads_as_approved() -> None:
    """The snapshot was read aloud: arm, three facts with dates, five lines to confirm, what to obtain, and no more."""
    assert shown(lupus_patient())["detail"] == SNAPSHOT.read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.rule("2", "33", "34", "35", "36", "39", "40", "44")
def test_the_card_keeps_to_the_specification() -> None:
    """Checklist 33 to 44, through the whole service."""
    response = answered()
    assert faults(response) == []
    (found,) = response["cards"]
    assert found["summary"] == "May fit trial CC312 (systemic lupus erythematosus): 10 to confirm, 5 missing"
    assert found["indicator"] == "info"
    assert found["source"]["topic"] == {
        "system": "https://clinicaltrials.gov",
        "code": "NCT07193810",
        "display": "A Study of CC312 for Relapsed/Refractory Autoimmune Diseases",
    }
    assert [link["url"] for link in found["links"]] == ["https://clinicaltrials.gov/study/NCT07193810"]


@pytest.mark.rule("30")
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("hold", ["", "deceased", "replaced", "trial-not-open"])
def test_there_is_a_card_only_for_who_may_fit_and_without_a_hold(status: str, hold: str) -> None:
    """All else answers `cards: []`; never a card that says "not"."""
    holds = [Hold(hold, "because")] if hold else []
    found = evaluation(arm("sle", status=status), holds=holds)
    assert fits(found) is (status == "potentially-eligible" and not hold)
    assert len(answered(found=found)["cards"]) == int(fits(found))


@pytest.mark.rule("30")
def test_a_trial_that_is_not_open_has_no_card() -> None:
    """It is not even evaluated."""
    engine = FakeEngine(trials={"a": trial(open=False)})
    assert post(client(engine), PATH, hook_request()).get_json() == {"cards": []}
    assert engine.charts == []


def test_each_trial_has_its_own_card() -> None:
    """One card a trial, each with its own id."""
    cards = answered(trials={"a": trial("a"), "b": trial("b", registry=replace_registry("NCT00000001"))})["cards"]
    assert [one["source"]["topic"]["code"] for one in cards] == ["NCT07193810", "NCT00000001"]
    assert len({one["uuid"] for one in cards}) == 2


def replace_registry(number: str) -> Any:
    given = trial().registry
    return type(given)(system=given.system, value=number, url=f"https://clinicaltrials.gov/study/{number}")


@pytest.mark.rule("36", "46")
def test_the_same_call_gives_the_same_card_and_another_call_another() -> None:
    """The id is made of the call, the trial and its definition, so feedback on a repeated answer is feedback on one card."""
    first = card_id(lupus_patient(), trial(), INSTANCE)
    assert card_id(lupus_patient(), trial(), INSTANCE) == first
    others = [replace(lupus_patient(), definition="cc312@1.0.1"), replace(lupus_patient(), patient="Patient/another")]
    assert first not in [card_id(lupus_patient(), trial(), "another"), *(card_id(one, trial(), INSTANCE) for one in others)]


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


def test_the_records_come_first_and_what_everybody_is_asked_last() -> None:
    """What the record raises, then the gate's judgement, then the arm's own questions; what everybody is asked is one line. The
    standing question of a criterion that passes is for the sign-off list."""
    criteria = [
        criterion("E-13", "clear", question="planned?"),
        asked("I-01", "consent?"),
        asked("SLE-6", "dose?"),
        criterion("E-01", review=True, reason="urine protein 3 g/g"),
        asked("SLE-1", "classified?", review=True, lean="met"),
        lacking("E-17", ("surgery", "check the history for surgery"), ("minor procedure", "check for it"), way="history"),
        asked("E-24", "other?"),
        asked("E-19", "severe?", sensitive=True),
    ]
    assert section(one_arm(*criteria), "To confirm") == [
        "Severe lupus nephritis: urine protein 3 g/g (E-01)",
        "Classified? (SLE-1)",
        "Dose? (SLE-6)",
        "Ask as for everybody (4, none is a finding): consent, recent surgery, other severe disease, the investigator's judgement "
        "(I-01, E-17, E-19, E-24)",
    ]


def test_a_question_never_stands_in_for_the_record() -> None:
    """The record is told, then what would settle it, then the question; "no" to "any other?" would else leave the finding unseen."""
    gaps = (Missing("x", "ECG", "obtain ECG"), Missing("y", "heart failure", "check the history for heart failure", "history"))
    line = criterion(
        "E-18",
        review=True,
        reason="Atrial fibrillation (2026-09-03); no record, but not every code for it is known here: heart failure",
        finding="Atrial fibrillation (2026-09-03)",
        question="Is there any other cardiac condition?",
        missing=gaps,
    )
    assert section(one_arm(line), "To confirm") == [
        "Atrial fibrillation (2026-09-03). Obtain ECG (for the trial: at screening, after consent). "
        "Is there any other cardiac condition? (E-18)"
    ]


def test_a_long_record_keeps_its_line_and_the_question_gives_way() -> None:
    """A line is read at a glance: what does not fit behind the record is left to the Evaluation."""
    one = criterion("E-18", review=True, reason="r" * 150, question="q" * 60)
    assert section(one_arm(one), "To confirm") == ["R" + "r" * 149 + " (E-18)"]


def test_what_is_settled_is_told_with_its_question_where_no_fact_tells_it() -> None:
    """Which drugs were tried stands beside "was the response inadequate?"; the diagnosis, told above, does not stand twice."""
    one = asked(
        "SLE-3", "Inadequate?", review=True, lean="met", settled="azathioprine: each at least 3 months", evidence=(evidence("aza"),)
    )
    assert section(one_arm(one, facts=("SLE-3",)), "To confirm") == ["Inadequate? (SLE-3)"]
    facts = [criterion(f"SLE-{n}", "met", evidence=(evidence(f"fact {n}"),)) for n in (1, 2, 4)]
    assert section(one_arm(*facts, one, facts=("SLE-1", "SLE-2", "SLE-4")), "To confirm") == [
        "Azathioprine: each at least 3 months. Inadequate? (SLE-3)"
    ]


def test_five_lines_at_most_and_none_is_lost() -> None:
    """What has no line of its own is named on the last one, so that the summary's number can be counted."""
    records = [criterion(f"E-{n:02}", review=True, reason=f"record {n}") for n in range(1, 8)]
    secret = asked("E-16", "?", sensitive=True, review=True)
    found = shown(
        evaluation(arm("sle", asked("I-01", "consent?"), *records[:3], secret, asked("SLE-6", "dose?"), asked("SLE-7", "alone?")))
    )
    assert section(found["detail"], "To confirm")[3:] == [
        "Ask as for everybody (1, none is a finding): consent (I-01)", "and 2 more (SLE-6, SLE-7); 1 confidential, see chart (E-16)",
    ]  # fmt: skip
    crowded = section(one_arm(asked("I-01", "consent?"), *records, secret), "To confirm")
    assert [line.rpartition(" ")[2] for line in crowded[:4]] == ["(E-01)", "(E-02)", "(E-03)", "(E-04)"]
    assert crowded[4:] == ["and 3 more (E-05, E-06, E-07); 1 as for everybody (I-01); 1 confidential, see chart (E-16)"]


def test_what_is_missing_is_grouped_by_how_to_get_it() -> None:
    """At most five lines, at most four things each; the rest is counted, and the summary counts them all."""
    found = shown(
        evaluation(
            arm(
                "sle",
                lacking("E-08", *((f"test {n} at screening", f"obtain test {n}") for n in range(6))),
                lacking("E-15", ("an allergy list", "take the allergy history")),
                lacking("E-16", ("stable doses", "check the chart: Have all doses been unchanged for 30 days?"), way="question"),
                criterion("E-12", reason="source unavailable (MedicationRequest)"),
                *(lacking(f"E-2{n}", (f"thing {n}", f"way {n}")) for n in range(3, 5)),
            )
        )
    )
    assert section(found["detail"], "Missing") == [
        "Obtain: test 0 at screening; test 1 at screening; test 2 at screening; test 3 at screening; and 2 more",
        "Take the allergy history: an allergy list",
        "Check the chart: stable doses",
        "Look into: source unavailable (MedicationRequest)",
        "and 2 things more",
    ]
    assert found["summary"].endswith(": 11 missing")


def test_records_that_were_not_sent_are_one_line_a_type() -> None:
    """It says which, and what to ask for in their place; a question about records that are not there is not asked."""
    sent = [
        lacking("E-05", ("transplantation", "check"), way="history", unsent=("Procedure",)),
        lacking("E-17", ("surgery", "check"), ("minor procedure", "check"), way="history", unsent=("Procedure",)),
        replace(
            lacking("E-14", ("antibiotics", "take"), way="history", unsent=("MedicationRequest",)),
            missing=(
                Missing("x", "antibiotics", "take", "history", ("MedicationRequest",)),
                Missing("y", "severity", "check the chart: Severe?", "question"),
            ),
        ),
    ]
    found = evaluation(arm("sle", *sent))
    failed = replace(found, sources=(SourceState("MedicationRequest", State.FAILED, 0), SourceState("Procedure", State.NOT_PROVIDED, 0)))
    detail = shown(failed)
    assert section(detail["detail"], "Missing") == [
        "Procedures were not sent: ask for transplantation, recent surgery",
        "Drug orders could not be fetched: ask for antibiotics",
    ]
    assert detail["summary"].endswith(": 2 missing")


@pytest.mark.parametrize("number", [1, 2])
def test_of_sensitive_criteria_only_the_paragraph_is_told(number: int) -> None:
    """Neither reason, evidence, question nor what is missing stands on the card, whatever the verdict."""
    secret = "SECRET"
    told = {"reason": secret, "finding": secret, "settled": secret, "evidence": (evidence(secret),), "sensitive": True}
    sensitive = [asked("E-16", secret, **told), lacking("E-22", (secret, secret), **told)][:number]
    found = shown(evaluation(arm("sle", *sensitive, criterion("SLE-2", "met", **told))))
    assert secret not in str(found)
    assert section(found["detail"], "To confirm") == [f"{number} confidential, see chart ({', '.join(one.id for one in sensitive)})"]
    assert found["summary"].endswith(f"{number} to confirm")


def test_a_question_that_everybody_is_asked_is_not_confidential() -> None:
    """Without a record nothing was withheld: the question stands among the others, and no line hints at a secret."""
    found = shown(evaluation(arm("sle", asked("E-16", "Is there substance use?", sensitive=True))))
    assert section(found["detail"], "To confirm") == ["Is there substance use? (E-16)"]
    assert found["summary"].endswith(": 1 to confirm")


@pytest.mark.parametrize("lacks", [("HIV antibody", "HBsAg"), ("HBsAg",)])
def test_what_a_sensitive_criterion_lacks_is_told_as_for_everybody(lacks: tuple[str, ...]) -> None:
    """All its tests are named whichever is missing, so that none tells of another; without such words the paragraph is."""
    tests = [(f"{name} from the last 28 days", f"obtain {name}") for name in lacks]
    failed = criterion("E-16", reason="source unavailable (substance use)", sensitive=True)
    found = shown(evaluation(arm("sle", lacking("E-22", *tests, sensitive=True), lacking("E-07", ("IgA", "obtain IgA")), failed)))
    assert section(found["detail"], "Missing") == ["Obtain: HIV, HBsAg, HCV and treponemal antibody; IgA", "Look into: what E-16 names"]
    assert "confidential" not in found["detail"].lower()
    assert found["summary"].endswith(": 3 missing")


@pytest.mark.parametrize(
    ("criteria", "told"),
    [
        ([], ""),
        ([criterion("E-17", "clear")], ""),
        ([criterion("E-17", presumed=True)], ""),
        (
            [criterion("E-01", "clear", **PRESUMED), criterion("E-17", "clear", **PRESUMED)],
            "severe lupus nephritis, recent surgery and other exclusions",
        ),
        ([criterion("E-16", "clear", sensitive=True, **PRESUMED)], "other exclusions"),
        ([criterion("E-16", "clear", sensitive=True), criterion("E-17", "clear", **PRESUMED)], "recent surgery and other exclusions"),
        ([criterion("E-17", "clear", presumed=True, evidence=(evidence("biopsy"),))], "other exclusions"),
        ([criterion("SLE-6", "met", **PRESUMED)], ""),
    ],
    ids=["nothing", "a negative record", "unknown", "two", "a sensitive one", "beside a sensitive one", "an old record", "an inclusion"],
)
def test_what_is_only_presumed_is_not_told_as_checked(criteria: list[Any], told: str) -> None:
    """What passes because nothing was found stands apart, by name (spec 0.2); of a sensitive one neither presence nor absence is told."""
    expected = f"**No excluding record found, not verified:** {told}." if told else ""
    assert ([line for line in one_arm(*criteria).splitlines() if "not verified" in line] or [""]) == [expected]


@pytest.mark.parametrize(
    ("action", "after_consent"),
    [("obtain IgA", True), ("repeat IgA", True), ("check or repeat IgA", True), ("ask for IgA", False), ("check the result of IgA", False)],
)
def test_a_test_for_the_trial_is_no_order_of_today(action: str, after_consent: bool) -> None:
    """Once in the heading of what is missing, and beside what a record asks for; not where somebody is only asked."""
    words = "for the trial: at screening, after consent)"
    missing = one_arm(lacking("E-07", ("IgA", action)))
    assert (f"**Missing** (tests {words}\n" in missing) is after_consent
    (line,) = section(one_arm(criterion("E-07", review=True, reason="IgA low", missing=(Missing("x", "IgA", action),))), "To confirm")
    assert (words in line) is after_consent


@pytest.mark.parametrize(
    ("dating", "line"), [("since", "Lupus, since 2026-11-20"), ("recorded", "Lupus, recorded 2026-11-20"), ("", "Lupus, 2026-11-20")]
)
def test_the_date_of_a_diagnosis_says_what_it_is(dating: str, line: str) -> None:
    """The day of recording is no onset (spec 0.3)."""
    fact = replace(evidence("lupus"), dating=dating)
    assert section(one_arm(criterion("SLE-1", "met", evidence=(fact,))), "Why this patient") == [line]


def test_reasons_against_name_the_criterion_in_words() -> None:
    """`Does not fit` beside `Does not fit: SLE-1` could not be told apart: the protocol's words, cut, or the subject of an exclusion."""
    long = replace(asked("SLE-1", "?", review=True), text="Diagnosed with SLE according to the 2019 EULAR/ACR classification criteria;")
    found = shown(evaluation(arm("sle", long, criterion("E-17", review=True, reason="biopsy"))))
    assert [one["display"] for one in found["overrideReasons"] if one["code"].startswith("does-not-fit")] == [
        "Does not meet SLE-1: Diagnosed with SLE according to the 2019 EULAR/ACR…",
        "Excluded by E-17: recent surgery",
        "Does not fit",
    ]


def test_a_criterion_of_several_arms_counts_once() -> None:
    """A common criterion that two arms ask about is one question, told where it is still open."""
    both = asked("E-16", "substance use?")
    decided = criterion("E-13", "clear", question="planned?")
    found = shown(evaluation(arm("sle", both, decided), arm("ssc", both, asked("E-13", "planned?"), title=SSC)))
    assert section(found["detail"], "To confirm") == ["Substance use? (E-16)", "Planned? (E-13)"]
    assert "2 to confirm" in found["summary"]


def test_an_old_chart_is_told_at_the_head() -> None:
    """Who has not been seen for years may fit all the same: the card says first how old all of it is."""
    old = DataIssue("chart-stale", "Patient/p1", "the newest of the records received is 37 months old")
    found = replace(lupus_patient(), data_issues=(old,))
    assert shown(found)["detail"].split("\n\n")[1] == (
        "**Old chart:** the newest of the records received is 37 months old; what may have changed must be asked anew."
    )
    assert "Old chart" not in shown(lupus_patient())["detail"]


def test_an_empty_section_is_left_out() -> None:
    """With nothing to say of it, a heading would only cost time."""
    detail = one_arm()
    assert detail.count("**") == 2
    assert detail.endswith("version 1.0.0, as of 2026-11-22.")


@pytest.mark.parametrize(
    ("phase", "places", "begins"),
    [
        ("early phase 1", 6, "Early phase 1, planned for 6 patients in all. Not a decision"),
        ("early phase 1", None, "Early phase 1. Not a decision"),
        ("", 1, "Planned for 1 patient in all. Not a decision"),
        ("", None, "Not a decision"),
    ],
)
def test_the_footer_says_what_the_card_rests_on(phase: str, places: int | None, begins: str) -> None:
    """Phase and number of patients where known (not how many places are free), definition version and date; and that it decides nothing."""
    last = shown(lupus_patient(), phase=phase, places=places)["detail"].splitlines()[-1]
    assert last.startswith(begins)
    assert last.endswith("study team checks every criterion. Definition cc312, version 1.0.0, as of 2026-11-22.")


@pytest.mark.rule("33")
@pytest.mark.parametrize(
    ("name", "title", "expected"),
    [
        ("CC312 (a study)", "Lupus", "May fit trial CC312 (lupus): 1 to confirm"),
        ("CC312", "L" * 120, "May fit trial CC312 (SLE): 1 to confirm"),
        ("C" * 90, "L" * 120, f"May fit trial {'C' * 90} (SLE): 1 to confirm"),
        ("C" * 140, "L", "May fit a trial: 1 to confirm"),
    ],
)
def test_the_summary_is_always_short_enough(name: str, title: str, expected: str) -> None:
    """Below 140 characters: the arm's title gives way to its id, and the trial's name to none."""
    found = evaluation(arm("sle", asked("I-01", "?"), title=title))
    assert shown(found, short_title=name)["summary"] == expected


def test_nothing_on_a_card_says_eligible() -> None:
    """A card claims no more than "may fit"."""
    assert "eligib" not in str(shown(lupus_patient())).lower()


TEXT = st.text(max_size=200)
RESULT = st.builds(
    lambda identifier, verdict, person, review, sensitive, words: criterion(
        identifier,
        verdict if identifier.startswith("E") is (verdict == "clear") else "unknown",
        open="person" if person else "data",
        review=review,
        sensitive=sensitive,
        question=words if person else None,
        reason=words,
        evidence=(evidence(words),),
        missing=(),
    ),
    st.sampled_from(["I-01", "SLE-1", "SLE-2", "SLE-7", "SSC-1", "E-01", "E-24"]),
    st.sampled_from(["unknown", "met", "clear"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    TEXT,
)


@pytest.mark.rule("2", "33", "34", "35", "36", "39", "44")
@given(st.lists(st.lists(RESULT, max_size=8), min_size=1, max_size=3), st.text(min_size=1, max_size=300).filter(str.strip))
def test_any_evaluation_gives_a_card_that_keeps_to_the_specification(arms: list[list[Any]], title: str) -> None:
    """Whatever the records' words are, no member is empty and the summary stays below 140 characters."""
    found = evaluation(*(arm("sle", *criteria, title=title) for criteria in arms))
    assert faults({"cards": [shown(found)]}) == []


def test_a_finding_that_asks_ends_with_one_mark() -> None:
    """`a trial or not? Is the patient …`"""
    asks = replace(asked("E-09", "Is the patient in another trial?"), review=True, finding="a study that can't be read: a trial or not?")
    assert "a trial or not? Is the patient in another trial? (E-09)" in one_arm(asks)
