"""The Patient resource: birth, death, merged records, and reproductive anatomy by precedence (spec 0.4, 0.5)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_mappings.inputs import Anatomy, Person
from tests.support.builders import AS_OF, LOINC, SNOMED, Json, concept, inputs_of, issues_of, observation, patient

FHIR, US = "http://hl7.org/fhir/StructureDefinition", "http://hl7.org/fhir/us/core/StructureDefinition"
BIRTH_SEX = (LOINC, "76689-9")


def person(*others: Json, **elements: Any) -> Person:
    return inputs_of(patient(**elements), *others).person


def simple(url: str, code: str) -> Json:
    return {"url": f"{US}/{url}", "valueCode": code}


def complex_(url: str, value: Any) -> Json:
    return {"url": f"{FHIR}/{url}", "extension": [{"url": "type", "valueCode": "x"}, {"url": "value", "valueCodeableConcept": value}]}


def clinical(code: str) -> Json:
    return complex_(
        "patient-sexParameterForClinicalUse", concept(("http://terminology.hl7.org/CodeSystem/sex-parameter-for-clinical-use", code))
    )


def recorded(code: str) -> Json:
    return complex_("individual-recordedSexOrGender", concept(("http://hl7.org/fhir/administrative-gender", code)))


def identity(value: Any) -> Json:
    return complex_("individual-genderIdentity", value)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [("1985-03-15", "1985-03-15", "1985-03-15"), ("1985", "1985-01-01", "1985-12-31"), ("1985-02", "1985-02-01", "1985-02-28")],
)
def test_a_birth_date_may_be_partial(written: str, first: str, last: str) -> None:
    """It is the days on which the person may have been born."""
    birth = person(birthDate=written).birth
    assert birth is not None
    assert (birth.first.isoformat(), birth.last.isoformat()) == (first, last)


def test_a_missing_birth_date_is_no_problem_of_the_data() -> None:
    """It is unknown."""
    found = person(birthDate=None)
    assert (found.birth, found.birth_problem) == (None, None)


@pytest.mark.parametrize("wrong", ["2026-11-23", "2031", "soon", 1985, ["1985"]])
def test_a_birth_date_that_cannot_be_is_a_data_issue(wrong: Any) -> None:
    """Unreadable, or after the evaluation date (I-02)."""
    found = inputs_of(patient(birthDate=wrong))
    assert found.person.birth is None
    assert found.person.birth_problem
    assert issues_of(found) == [("date-unreadable", "Patient/p1")]


@pytest.mark.parametrize(
    ("elements", "deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": "true"}, False),
        ({"deceasedDateTime": "2026-11-22T08:00:00Z"}, True),
        ({"deceasedDateTime": "2026-11-23"}, False),
        ({"deceasedDateTime": "2026"}, True),
        ({"deceasedDateTime": "last year"}, True),
        ({"deceasedDateTime": {"deceasedDateTime": None}}, True),
    ],
)
def test_a_death_counts_from_its_day(elements: Json, deceased: bool) -> None:
    """One after the evaluation date has not happened yet; one that can't be dated has."""
    assert person(**elements).deceased is deceased


def test_a_null_death_is_none() -> None:
    """Some systems send every element."""
    assert inputs_of(patient() | {"deceasedDateTime": None}).person.deceased is False


@pytest.mark.parametrize(
    ("elements", "replaced", "active"),
    [
        ({}, False, True),
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/p2"}}], "active": False}, True, False),
        ({"link": [{"type": "seealso"}], "active": True}, False, True),
        ({"link": "x", "active": "no"}, False, True),
    ],
)
def test_a_merged_record_says_so(elements: Json, replaced: bool, active: bool) -> None:
    """`link` replaced-by, not seealso; `active` false."""
    found = person(**elements)
    assert (found.replaced, found.active) == (replaced, active)


@pytest.mark.parametrize(
    ("elements", "anatomy"),
    [
        ({"gender": "female"}, Anatomy.FEMALE),
        ({"gender": "male"}, Anatomy.MALE),
        ({"gender": "other"}, Anatomy.UNKNOWN),
        ({"gender": "unknown"}, Anatomy.UNKNOWN),
        ({"gender": None}, Anatomy.UNKNOWN),
        ({"gender": 7}, Anatomy.UNKNOWN),
        ({"gender": "unknown", "extension": [simple("us-core-birthsex", "F")]}, Anatomy.FEMALE),
        ({"gender": None, "extension": [clinical("male-typical")]}, Anatomy.MALE),
        ({"gender": None, "extension": [recorded("female")]}, Anatomy.FEMALE),
        ({"gender": None, "extension": [{"url": f"{US}/us-core-individual-sex", "valueCoding": {"code": "248153007"}}]}, Anatomy.MALE),
        ({"gender": "female", "extension": [simple("us-core-birthsex", "F"), clinical("female-typical")]}, Anatomy.FEMALE),
        ({"gender": "male", "extension": [simple("us-core-birthsex", "F")]}, Anatomy.UNKNOWN),
        ({"gender": "female", "extension": [simple("us-core-birthsex", "UNK")]}, Anatomy.UNKNOWN),
        ({"gender": "female", "extension": [clinical("specified")]}, Anatomy.UNKNOWN),
        ({"gender": "female", "extension": [clinical("male-typical")]}, Anatomy.UNKNOWN),
        ({"gender": "female", "extension": [identity({"text": "agender"})]}, Anatomy.UNKNOWN),
        ({"gender": "female", "extension": [identity(concept((SNOMED, "446151000124109")))]}, Anatomy.UNKNOWN),
        ({"gender": "female", "extension": [identity({"text": "Female"})]}, Anatomy.FEMALE),
        ({"gender": None, "extension": [identity({"text": "female"})]}, Anatomy.UNKNOWN),
        ({"gender": "female", "extension": [{"url": f"{FHIR}/patient-mothersMaidenName", "valueString": "M"}, 7]}, Anatomy.FEMALE),
    ],
)
def test_anatomy_is_what_all_records_agree_on(elements: Json, anatomy: Anatomy) -> None:
    """Clinical use, recorded or birth sex, gender; what disagrees or is other asks, and says why."""
    found = person(**elements)
    assert found.anatomy is anatomy
    assert (found.anatomy_note is None) is (anatomy is not Anatomy.UNKNOWN)


@pytest.mark.parametrize(
    ("more", "anatomy"),
    [
        ({}, Anatomy.FEMALE),
        ({"status": "entered-in-error "}, Anatomy.UNKNOWN),
        ({"valueCodeableConcept": {"text": "?"}}, Anatomy.UNKNOWN),
    ],
)
def test_sex_at_birth_may_be_an_observation(more: Json, anatomy: Anatomy) -> None:
    """LOINC 76689-9, unless it was entered in error."""
    value: Json = {"valueCodeableConcept": concept(("http://hl7.org/fhir/administrative-gender", "female"))}
    assert person(observation(BIRTH_SEX, **(value | more)), gender=None).anatomy is anatomy


def test_a_sex_observation_that_differs_asks() -> None:
    """The pregnancy test is never skipped in silence."""
    value = concept(("http://hl7.org/fhir/administrative-gender", "female"))
    assert person(observation(BIRTH_SEX, valueCodeableConcept=value), gender="male").anatomy is Anatomy.UNKNOWN


@pytest.mark.parametrize("written", [AS_OF.isoformat(), "2026-11", "2026"])
def test_the_day_of_evaluation_may_be_the_day_of_birth(written: str) -> None:
    """A newborn has a birth date; a month or year that is not over may hold it."""
    assert person(birthDate=written).birth is not None
