"""DiagnosticReports: what their words and codes name, and what they say beside their Observations."""

from __future__ import annotations

import pytest

from fhir_mappings.inputs import Positivity, Standing
from tests.support.observations import HB, SNOMED, Json, coded, mapped, observation, only, report


def test_a_report_that_names_an_antibody() -> None:
    """A conclusion without Observations is words: for a person, with no free text of its own shown."""
    result = only(report(conclusion="Jo-1 positive"))
    assert (result.concept, result.standing, result.positivity) == ("lab.jo1", Standing.TEXT, Positivity.POS)
    assert (result.origin.display, result.text, result.origin.grade) == ("Anti-Jo-1 named in a report (Myositis panel)", None, "parsed")


def test_a_report_that_names_several() -> None:
    """Which of several tests the words mean can't be told."""
    found, _ = mapped(report(conclusion="ANA positive, Jo-1 negative"))
    assert {one.positivity for held in found.values() for one in held} == {Positivity.UNKNOWN}


def test_a_report_by_its_code() -> None:
    """The code of the report names the test, the coded conclusion its result."""
    result = only(report(code=coded("8061-4"), conclusionCode=[coded("10828004", SNOMED, "Positive")]))
    assert (result.concept, result.positivity, result.standing) == ("lab.ana", Positivity.POS, Standing.TEXT)


@pytest.mark.parametrize(
    "fields",
    [
        {"conclusion": "hemoglobin low"},
        {"conclusion": "nothing here"},
        {},
        {"conclusion": "Jo-1 positive", "status": "entered-in-error"},
        {"conclusion": "Jo-1 positive", "effectiveDateTime": "2026-12-24"},
    ],
)
def test_reports_that_say_nothing(fields: Json) -> None:
    """No antibody, no words, no evidence, or not yet."""
    assert mapped(report(**fields))[0] == {}


def test_a_report_with_observations() -> None:
    """Its results are read as the Observations they are; the conclusion adds only what it finds positive of a test that is none of them."""
    whole = report(conclusion="Jo-1 positive", result=[{"reference": "Observation/o1"}])
    assert {name: one.standing for name, (one,) in mapped(whole, observation("718-7", HB))[0].items()} == {
        "lab.hgb": Standing.CONFIRMED,
        "lab.jo1": Standing.TEXT,
    }
    assert only(whole, observation("8076-2", {"valueString": "Positive"})).standing is Standing.CONFIRMED
    negative = report(conclusion="Jo-1 negative", result=[{"reference": "Observation/o1"}])
    assert only(negative, observation("718-7", HB)).concept == "lab.hgb"
    dangling = report(conclusion="Jo-1 positive", result=[{"reference": "Observation/none"}])
    assert only(dangling).concept == "lab.jo1"
