"""The reasons, notes and questions of CC312's criteria in the words that people read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.generative.charts import AS_OF, COVERING, SNOMED, bundle, observation
from tests.support.engine import criterion, evaluate
from tests.trials import parts as p
from tests.trials.verdicts import MMF, MTX, PRED, RTX, SSC, named, request, worded


def test_an_intravenous_pulse_is_noted_beside_the_oral_dose() -> None:
    """The limit is on oral glucocorticoids; a pulse in the screening period changes no verdict and is told (SLE-6)."""
    notes = [
        criterion(evaluate(bundle([p.doses(PRED, 300, None, 15), p.infused("6902", day, 500), *COVERING]), AS_OF), "sle", "SLE-6").notes
        for day in (10, 29)
    ]
    assert [any("intravenous glucocorticoid" in note for note in one) for one in notes] == [True, False]


def test_the_words_of_a_limited_form_are_quoted() -> None:
    """Who reads why SSc leans to fail sees the record's own words, and the patient is no possible match (SSC-1)."""
    one = criterion(evaluate(bundle([worded(p.dx("89155008"), "Limited cutaneous systemic sclerosis"), *COVERING]), AS_OF), "ssc", "SSC-1")
    assert "Limited cutaneous systemic sclerosis" in one.reason
    assert one.leans_to_fail


def notes_of(items: list[Any], arm: str, identity: str) -> tuple[str, ...]:
    return tuple(criterion(evaluate(bundle([*items, *COVERING]), AS_OF), arm, identity).notes)


@pytest.mark.parametrize(
    ("count", "status", "noted"), [(150, "preliminary", False), (2, "preliminary", True), (150, "final", False), (2, "final", True)]
)
def test_hardly_any_b_cells_is_said_of_a_low_count_only(count: int, status: str, noted: bool) -> None:
    """A count of 150 that is not final is no reason to say so (E-11)."""
    notes = notes_of([p.lab("8116-6", count, "/uL", 3) | {"status": status}], "sle", "E-11")
    assert any("hardly any B cells" in one for one in notes) is noted


def test_a_negative_result_of_the_same_day_is_not_called_newer() -> None:
    """A screen that is negative beside a titre of 1:640 (SLE-2)."""
    titre = p.text_result("5048-4", "1:640", 3)
    (same,) = notes_of([titre, p.serology("8061-4", "negative", 3)], "sle", "SLE-2")
    (newer,) = notes_of([titre, p.serology("8061-4", "negative", 2)], "sle", "SLE-2")
    assert same.startswith("ANA: another result of that day is negative")
    assert newer.startswith("ANA: a newer result is negative")


def test_an_earlier_positive_is_told_beside_negative_results() -> None:
    """Negative at screening decides; that it was positive before is told (SLE-2)."""
    negative = [p.serology(code, "negative") for code in ("8061-4", "31348-6", "11090-8")]
    assert notes_of(negative, "sle", "SLE-2") == ()
    (note,) = notes_of([*negative, p.serology("8061-4", "positive", 200)], "sle", "SLE-2")
    assert note.startswith("ANA was positive before: ")
    assert str(p.ago(200)) in note


def test_a_fall_of_the_skin_score_is_told_beside_a_rise() -> None:
    """18, then 26, now 22: it rose, and it fell (SSC-5, Q10)."""
    scores = [p.score("mrss", 22), p.score("mrss", 26, 60), p.score("mrss", 18, 120)]
    one = criterion(evaluate(bundle([*scores, *COVERING]), AS_OF), "ssc", "SSC-5")
    assert f"mRSS +4 since {p.ago(120)} (18 to 22), but mRSS -4 since {p.ago(60)} (26 to 22)" in one.reason
    assert one.lean == "met"


def test_without_coverage_nothing_is_presumed() -> None:
    """A chart with one entry can't show absence."""
    one = criterion(
        evaluate(bundle([observation(("http://loinc.org", "2093-3"), p.ago(3), valueQuantity={"value": 1})]), AS_OF), "sle", "E-05"
    )
    assert one.verdict == "unknown"


def test_a_day_of_recording_is_told_as_such() -> None:
    """The day on which a stroke was written down is not told as its onset."""
    recorded = named(p.dx("I63.9", None), "Stroke") | {"recordedDate": p.ago(21).isoformat()}
    one = criterion(evaluate(bundle([recorded, *COVERING]), AS_OF), "sle", "E-02")
    assert one.reason.startswith(f"Stroke (recorded {p.ago(21)})")


def test_an_allergy_is_told_with_its_reaction() -> None:
    """A physician grades what happened, not the entry's existence."""
    listed = named(p.allergy((p.RXNORM, RTX), "severe", (SNOMED, "126485001")), "rituximab")
    listed["reaction"][0]["manifestation"] = [{"text": "urticaria"}]
    one = criterion(evaluate(bundle([listed, *COVERING]), AS_OF), "sle", "E-15")
    assert one.reason == "allergy to rituximab (severe urticaria): grade to be confirmed"


def test_the_allergy_history_is_asked_for_once() -> None:
    """Two clauses that miss one list name one thing to do."""
    one = criterion(evaluate(bundle(COVERING), AS_OF), "sle", "E-15")
    assert [missing.action for missing in one.missing] == ["take the allergy history"]


def test_a_plan_is_named_as_one() -> None:
    """What is planned is told as a plan, with its day."""
    one = criterion(evaluate(bundle([request("387713003", p.ago(-30)), *COVERING]), AS_OF), "sle", "E-17")
    assert one.reason.startswith(f"planned: 387713003 ({p.ago(-30)})")


def test_an_earlier_dose_is_told_where_none_is_recorded_since() -> None:
    """Rituximab of five weeks ago is a record: "no record found" would be untrue; that there was no later dose stays presumed."""
    one = criterion(evaluate(bundle([p.given(RTX, 35), *COVERING]), AS_OF), "sle", "E-11")
    assert (one.verdict, one.presumed) == ("clear", True)
    assert one.reason == f"{RTX}, last dose {p.ago(35)}, none recorded since"
    assert [found.date for found in one.evidence] == [p.ago(35).isoformat()]


def test_a_drug_of_the_past_is_told_where_a_clause_asks_for_a_current_one() -> None:
    """An ended record is cited beside what is presumed of today."""
    one = criterion(
        evaluate(bundle([SSC, p.doses(PRED, 300, 100, 10), p.doses(MMF, 300, None, 1000, 2), *COVERING]), AS_OF), "ssc", "SSC-6"
    )
    assert (one.verdict, one.presumed) == ("met", True)
    assert p.ago(300).isoformat() in [found.date for found in one.evidence]


def test_a_drug_that_counts_for_two_clauses_is_named_once() -> None:
    """Immunosuppressants are standard therapy too; the criterion's reason says each drug once (SLE-3)."""
    one = criterion(evaluate(bundle([p.takes(MMF, 900, 200), p.takes(PRED, 190), p.takes(MTX, 190), *COVERING]), AS_OF), "sle", "SLE-3")
    names, _, rest = one.reason.partition(": ")
    assert rest == "each at least 3 months; a person must say"
    assert len(names.split(", ")) == len(set(names.split(", "))) == 3
