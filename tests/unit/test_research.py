"""ResearchSubjects with their study and signed form (spec I-01, E-09; interfaces.md)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Participation
from tests.support.builders import Json, consent, inputs_of, issues_of, patient, research_study, research_subject

NCT = ("https://clinicaltrials.gov", "NCT01234567")


def one(*resources: Json) -> Participation:
    (found,) = inputs_of(*resources).participations
    return found


def test_a_participation_knows_its_study() -> None:
    """Status, period, registry number and title."""
    found = one(research_subject(period={"start": "2026-01-01", "end": "2026-06"}), research_study())
    assert (found.status, str(found.period_start), str(found.period_end)) == ("on-study", "2026-01-01", "2026-06")
    assert (found.identifiers, found.study_title, found.interventional) == (frozenset({NCT}), "A study", None)


@pytest.mark.parametrize(
    ("study", "inner"),
    [
        ({"identifier": {"system": "https://clinicaltrials.gov/", "value": "NCT01234567"}, "display": "A study"}, None),
        ({"reference": "#s"}, research_study(identity="s")),
    ],
)
def test_a_study_may_be_named_by_its_number_or_contained(study: Json, inner: Json | None) -> None:
    """The number's system may end in a slash."""
    found = one(research_subject(study, contained=[inner] if inner else None))
    assert (found.identifiers, found.study_title) == (frozenset({NCT}), "A study")


@pytest.mark.parametrize(
    "study", ["ResearchStudy/elsewhere", {"display": "x"}, None, "Patient/p1", {"identifier": {"value": "NCT01234567"}}]
)
def test_a_study_that_is_not_here_has_no_number(study: Any) -> None:
    """The participation stands; what is no ResearchStudy is none."""
    assert one(research_subject(study), patient(identifier=[{"system": NCT[0], "value": NCT[1]}])).identifiers == frozenset()


def test_a_participation_entered_in_error_is_nothing() -> None:
    """No participation."""
    assert inputs_of(research_subject() | {"status": "entered-in-error"}).participations == ()


@pytest.mark.parametrize("status", [None, 7, " "])
def test_a_status_that_is_not_said_is_unknown(status: Any) -> None:
    """It stays a participation."""
    assert one(research_subject() | {"status": status}).status == "unknown"


@pytest.mark.parametrize("period", [{"start": "x"}, {"end": 7}])
def test_a_period_that_cannot_be_read_is_named(period: Json) -> None:
    """The bound is unknown."""
    found = inputs_of(research_subject(period=period))
    assert issues_of(found) == [("date-unreadable", "ResearchSubject/rs1")]
    assert (found.participations[0].period_start, found.participations[0].period_end) == (None, None)


@pytest.mark.parametrize(
    ("study", "interventional"),
    [
        ({"category": [{"text": "Observational study"}]}, False),
        ({"category": [{"coding": [{"code": "registry"}]}]}, False),
        ({"keyword": [{"text": "non-interventional"}]}, False),
        ({"category": [{"text": "Interventional"}]}, True),
        ({"category": [{"text": "Oncology"}], "phase": {"coding": [{"code": "n-a"}]}}, None),
        ({"title": "An observational registry"}, False),
        ({"title": "A randomised trial within a registry"}, None),
        ({"title": "A registry", "category": [{"text": "Interventional"}]}, True),
        ({"category": 7}, None),
    ],
)
def test_a_study_may_say_whether_it_intervenes(study: Json, interventional: bool | None) -> None:
    """By category or keyword; by its title where they are silent, and then only that it does not."""
    assert one(research_subject(), research_study(**study)).interventional is interventional


def test_a_study_that_is_not_in_the_chart_is_told_apart() -> None:
    """What it is can't be told, unless the reference's own words say so."""
    found = one(research_subject({"display": "Lupus biobank"}))
    assert (found.study_read, found.interventional) == (False, False)
    assert one(research_subject(), research_study()).study_read


@pytest.mark.parametrize("status", ["active", "inactive", "rejected", "draft"])
def test_a_consent_form_comes_with_its_status_and_day(status: str) -> None:
    """As the ResearchSubject names it."""
    found = one(research_subject(consent="Consent/co1"), consent(status=status))
    assert (found.consent_status, str(found.consent_date)) == (status, "2026-11-15")
    assert found.consent_origin is not None
    assert found.consent_origin.reference == "Consent/co1"


def test_a_contained_consent_counts() -> None:
    """It is the ResearchSubject's own."""
    inner = {"resourceType": "Consent", "id": "c", "status": "active"}
    assert one(research_subject(consent="#c", contained=[inner])).consent_status == "active"


@pytest.mark.parametrize("target", ["Consent/elsewhere", "Consent/co2", "ResearchStudy/s1", {"display": "signed"}, None])
def test_what_is_no_consent_of_this_patient_is_none(target: Any) -> None:
    """Not here, another patient's, no Consent at all."""
    others = consent("co2", patient={"reference": "Patient/p2"})
    found = one(research_subject(consent=target), others, consent(), research_study())
    assert (found.consent_status, found.consent_origin, found.consent_date) == (None, None, None)


def test_a_general_consent_is_not_the_trials() -> None:
    """A Consent that no ResearchSubject names makes no participation."""
    assert inputs_of(consent()).participations == ()
