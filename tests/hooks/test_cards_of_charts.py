"""Made-up charts whose cards are read line by line: the record that speaks stands on the card, in words that can be found in the chart."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from cds_service.demo import generate
from cds_service.hooks.cards import card, fits
from fhir_mappings.chart import Chart, chart_of_bundle
from fhir_mappings.inputs import SourceState, State
from tests.generative.charts import AS_OF, ATC, observation, quantity
from tests.support.card_sections import INSTANCE, section
from tests.support.engine import engine, evaluate_chart
from tests.trials import parts as p

Json = dict[str, Any]


@cache
def person(identifier: str) -> Any:
    return next(one.bundle for one in generate(AS_OF) if one.id == identifier)


def chart(identifier: str, *added: Json, without: str = "") -> Chart:
    """A made-up patient's chart with further records, and without those whose text holds these words."""
    bundle = deepcopy(person(identifier))
    kept = [one for one in bundle["entry"] if not without or without not in str(one)]
    (patient,) = [one["resource"]["id"] for one in kept if one["resource"]["resourceType"] == "Patient"]
    owner = {"reference": f"Patient/{patient}"}
    for number, one in enumerate(added):
        key = "patient" if one["resourceType"] in ("Immunization", "AllergyIntolerance") else "subject"
        kept.append({"resource": {**one, "id": f"added-{number}", key: owner}})
    bundle["entry"] = kept
    return chart_of_bundle(bundle)


def shown(of: Chart) -> Json:
    found = evaluate_chart(of, AS_OF)
    assert fits(found), found.status
    return card(found, engine().trials["cc312"], INSTANCE)


def named(resource: Json, display: str) -> Json:
    return {**resource, "code": {**resource["code"], "text": display}}


def without_type(of: Chart, kind: str) -> Chart:
    entries = {name: held for name, held in of.entries.items() if name != kind}
    return replace(of, entries=entries, sources={**of.sources, kind: SourceState(kind, State.NOT_PROVIDED, 0)})


WOUND = "Is any wound of a procedure not fully healed?"
RAISED = {
    "E-18": (named(p.dx("I48.91", 80), "Atrial fibrillation"), f"Heart disease: Atrial fibrillation ({p.ago(80)}). Is there any other"),
    "E-13": (p.vaccine("188", 10), "Live vaccines: "),
    "E-12": (p.given("J06BA02", 60, ATC), "Other lupus drugs: "),
    "E-17": (named(p.procedure("7246002", 10), "Kidney biopsy"), f"Recent surgery: Kidney biopsy ({p.ago(10)}). {WOUND}"),
    "E-03": (named(p.dx("G72.41", 300), "Inclusion body myositis"), "Other muscle disease: Inclusion body myositis"),
    "E-09": (named(p.dx("Z00.6", 10), "Examination in a clinical trial"), f"Other trials: Examination in a clinical trial ({p.ago(10)})"),
    "E-14": (named(p.dx("J18.9", 5), "Pneumonia"), f"Infections: Pneumonia ({p.ago(5)})"),
}  # fmt: skip


@pytest.mark.parametrize("criterion", RAISED)
def test_what_the_record_raises_stands_first(criterion: str) -> None:
    """Record and date come before the standing question: "no" to "any other?" must not hide what the chart shows."""
    record, begins = RAISED[criterion]
    first = section(shown(chart("sle-complete", record))["detail"], "To confirm")[0]
    assert first.startswith(begins)
    assert first.endswith(f"({criterion})")


def test_a_protein_ratio_is_told_with_what_would_settle_it() -> None:
    """E-01 wants the protein of 24 h: the ratio, that test, then the question."""
    ratio = observation((p.LOINC, "2890-2"), p.ago(12), valueQuantity=quantity(4500, "mg/g"))
    first = section(shown(chart("sle-statements", ratio))["detail"], "To confirm")[0]
    assert "4500 mg/g" in first
    assert "Obtain 24 h urine protein (for the trial: at screening, after consent)" in first


def test_a_record_is_not_told_beside_what_was_not_found() -> None:
    """ "no record, but not every code is known" beside a record reads as a contradiction."""
    detail = shown(chart("sle-complete", RAISED["E-17"][0]))["detail"]
    assert "not every code" not in detail
    assert "no record" not in detail


def test_what_no_chart_can_show_is_one_line_and_nothing_to_obtain() -> None:
    """Histories with incomplete codes are asked of everybody, beside consent and contraception."""
    found = shown(chart("sle-complete"))
    last = section(found["detail"], "To confirm")[-1]
    assert last == (
        "Ask as for everybody (6, none is a finding): consent, contraception, other autoimmune disease, recent surgery, "
        "other severe disease or circumstances, the investigator's judgement (I-01, I-F, E-06, E-17, E-19, E-24)"
    )
    assert section(found["detail"], "Missing") == []
    assert "missing" not in found["summary"]


FACTS = {
    "sle-complete": ("Systemic lupus erythematosus, organ or system involvement unspecified, ", "ANA positive 1:640, ", "SLEDAI-2K 12, "),
    "ssc-complete": ("Systemic sclerosis, diffuse, ", "Anti-RNA polymerase III positive 118 AU/mL, ", "Modified Rodnan skin score 22, "),
    "iim-complete": ("Dermatomyositis, ", "Anti-Jo-1 positive, ", "Physician global activity 5 cm, "),
}


@pytest.mark.parametrize("patient", FACTS)
def test_the_facts_are_disease_serology_and_activity(patient: str) -> None:
    """In the names that clinicians use, positive where positive, without a backslash."""
    lines = section(shown(chart(patient))["detail"], "Why this patient")
    assert all(line.startswith(fact) for line, fact in zip(lines, FACTS[patient], strict=True)), lines
    assert "\\" not in "".join(lines)


def test_bilag_stands_beside_sledai() -> None:
    """Two scores of one criterion share a line; the grade and its organ are named."""
    assert "; BILAG-2004: A mucocutaneous, " in section(shown(chart("sle-complete"))["detail"], "Why this patient")[2]


def test_without_a_score_the_treatment_stands_since_when_and_with_what() -> None:
    """The whole stretch of background therapy, not the date of one order."""
    third = section(shown(chart("sle-complete", without="sledai-2k"))["detail"], "Why this patient")[2]
    assert third.startswith("Background therapy since ")
    assert third.partition(", now ")[2] == "hydroxychloroquine sulfate, methotrexate, prednisone"


@pytest.mark.parametrize(
    ("patient", "line"),
    [
        ("iim-complete", "Highest dose: 80 mg of prednisone a day (1.25 mg/kg) from "),
        ("ssc-complete", f"mRSS +4 since {p.ago(130)} (18 to 22). Is there progression of the skin disease within 6 months "),
    ],
)
def test_a_finding_reads_as_what_it_is(patient: str, line: str) -> None:
    """The highest dose is no ceiling, and a rise of a score asks whether it is progression (Q10)."""
    assert section(shown(chart(patient))["detail"], "To confirm")[0].startswith(line)


@pytest.mark.parametrize("record", [(), (named(p.dx("C50.9", 4000), "Breast cancer"),)], ids=["nothing", "a cancer of long ago"])
def test_what_was_only_not_found_is_told_after_what_is_to_confirm(record: tuple[Json, ...]) -> None:
    """Cancer, infection and transplantation read as checked where nothing says that they were not; "nothing found" would deny old ones."""
    (line,) = [line for line in shown(chart("sle-complete", *record))["detail"].splitlines() if "not verified" in line]
    assert line.startswith("**No excluding record found, not verified:** ")
    assert all(f" {one}" in line for one in ("transplantation", "infections", "cancer", "and other exclusions."))
    assert "substance" not in line


def test_records_that_were_not_sent_are_named_by_type() -> None:
    """One line says which records did not come and what to ask for, instead of a list of codes."""
    found = shown(without_type(chart("sle-complete"), "Procedure"))
    (line,) = section(found["detail"], "Missing")
    assert line.startswith("Procedures were not sent: ask for severe kidney disease or dialysis, transplantation, ")
    assert line.endswith("recent surgery, cardiac intervention")
    assert found["summary"].endswith(", 1 missing")


def test_a_record_that_cannot_be_told_is_no_incomplete_retrieval() -> None:
    """All vaccinations came; of one nobody here knows what it was."""
    vaccine = p.vaccine("999", 10) | {"vaccineCode": {"text": "Impfstoff Nr. 7"}}
    (line,) = [one for one in section(shown(chart("sle-complete", vaccine))["detail"], "Missing") if one.startswith("Vaccinations")]
    assert line == "Vaccinations hold a record that can't be told what it is: ask for live vaccines"


def test_a_result_that_cannot_be_read_is_told_with_its_value_and_date() -> None:
    """5400 of a pregnancy test without a unit: the number says more than "check the result"."""
    hcg = named(observation((p.LOINC, "21198-7"), p.ago(2), valueQuantity={"value": 5400}), "hCG")
    (line,) = section(shown(chart("sle-complete", hcg, without="Choriogonadotropin"))["detail"], "Missing")
    assert line == f"Check the result of: pregnancy test (hCG): hCG 5400 on {p.ago(2)}"


def test_every_made_up_patients_card_keeps_its_length_and_counts_what_it_lists() -> None:
    """Three facts, five lines a section; each criterion to confirm is named once, and the summary's number is theirs."""
    found = [evaluate_chart(chart_of_bundle(one.bundle), AS_OF) for one in generate(AS_OF)]
    cards = [card(one, engine().trials["cc312"], "x") for one in found if fits(one)]
    assert len(cards) > 20
    for one in cards:
        facts, confirm, missing = (section(one["detail"], name) for name in ("Why this patient", "To confirm", "Missing"))
        assert len(facts) <= 3
        assert max(len(confirm), len(missing)) <= 5
        named_ids = re.findall(r"\b(?:I-\w+|E-\d+|(?:SLE|IIM|SSC)-\d)(?=[,)])", "\n".join(confirm))
        assert len(named_ids) == len(set(named_ids))
        assert f": {len(named_ids)} to confirm" in one["summary"] or not named_ids
