"""Of which test an Observation is: by its codes, by its words, or by the codes of its components (spec 0.4)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fhir_mappings.inputs import Range, Standing
from tests.support.observations import HB, LOCAL, LOINC, FewTerms, Json, coded, flag, mapped, observation, only, quantity, ucum


def test_several_codings() -> None:
    """Any coding of the code counts; one Result for each value set, each naming all."""
    code = {"coding": [{"system": "urn:lab", "code": "X"}, {"system": f"{LOINC}/", "code": "8061-4"}, {"system": LOINC, "code": "5048-4"}]}
    found, _ = mapped(observation(code, valueString="1:320"))
    assert set(found) == {"lab.ana", "lab.ana_titer"}
    assert {one.concepts for held in found.values() for one in held} == {frozenset({"lab.ana", "lab.ana_titer"})}


@pytest.mark.parametrize(
    "code", [{"text": "Hemoglobin"}, coded("718-7", "urn:lab", "Hemoglobin"), {"coding": [{"code": "718-7", "display": "Hemoglobin"}]}]
)
def test_named_in_words_only(code: Json) -> None:
    """Without a code of ours the words may name a value set: for a person to look at (spec 0.4)."""
    result = only(observation(code, HB))
    assert (result.concept, result.standing) == ("lab.hgb", Standing.TEXT)


def test_words_of_another_test() -> None:
    """A unit that the named test does not have shows that the words mean something else."""
    assert mapped(observation({"text": "Hemoglobin A1c"}, ucum(5.9, "%"))) == ({}, [])
    assert only(observation({"text": "Hemoglobin"}, quantity(8))).problem == "no unit"


def test_bilag() -> None:
    """The domains stand in the components by their local codes."""
    domains = [{"code": coded(f"bilag-{one}", LOCAL), "valueString": grade} for one, grade in (("renal", "A"), ("mucocutaneous", "B"))]
    result = only(observation(coded("bilag-2004", LOCAL), component=domains))
    assert {code: part.text for code, part in result.components.items()} == {"bilag-renal": "A", "bilag-mucocutaneous": "B"}
    assert result.problem is None


def test_mmt8() -> None:
    """A score with the scale and the strength loss in its components."""
    parts = [
        {"code": coded("mmt8-maximum", LOCAL), "valueInteger": 150},
        {"code": coded("mmt8-strength-loss", LOCAL), **ucum(25, "%")},
        {"code": coded("mmt8-strength-loss", "urn:other"), **ucum(99, "%")},
    ]
    result = only(observation(coded("mmt8", LOCAL), valueInteger=140, component=parts))
    assert result.value == Range(Decimal(140), Decimal(140))
    assert {code: part.value and part.value.exact for code, part in result.components.items()} == {
        "mmt8-maximum": 150,
        "mmt8-strength-loss": 25,
    }


def test_biopsy_used() -> None:
    """The yes/no component of the 2017 score."""
    part = {"code": coded("biopsy-used", LOCAL), "valueBoolean": True}
    result = only(observation(coded("eular-acr-2017-iim", LOCAL), ucum(6.8, "{score}"), component=[part]))
    assert result.components["biopsy-used"].boolean is True


def test_components_are_results_of_their_own() -> None:
    """A component that a value set names is a Result with the origin and date of its Observation."""
    panel = observation(coded("CBC", "urn:lab"), component=[{"code": coded("718-7"), **HB}, {"code": coded("6690-2"), **ucum(5, "10*9/L")}])
    found, _ = mapped(panel)
    assert set(found) == {"lab.hgb", "lab.wbc"}
    assert {one.origin.reference for held in found.values() for one in held} == {"Observation/o1"}


def test_a_component_that_words_name() -> None:
    """A component of an unknown code is for a person to look at as well."""
    panel = observation(coded("CBC", "urn:lab"), component=[{"code": {"text": "Hemoglobin"}, **HB}])
    assert only(panel).standing is Standing.TEXT


def test_a_panel_is_no_result() -> None:
    """A grouping Observation without a value stands for nothing, whatever its code and flag."""
    assert mapped(observation("8061-4", flag("POS"), hasMember=[{"reference": "Observation/x"}])) == ({}, [])
    panel = observation("718-7", component=[{"code": coded("718-7"), **HB}])
    assert only(panel).value == Range(Decimal(81), Decimal(81))


def test_a_code_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand Observations of one code that no value set names cost one look-up."""
    asked: list[list[str]] = []
    monkeypatch.setattr(FewTerms, "named", lambda self, texts, resource_type: frozenset(asked.append(texts) or ()))
    resources = [observation(coded("8867-4", text="Heart rate"), quantity(70, "/min"), id=f"x{n}") for n in range(1000)]
    assert mapped(*resources) == ({}, [])
    assert asked == [["Heart rate"]]
