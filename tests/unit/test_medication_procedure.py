"""Procedures that are the giving of a drug, by their billing code or words (spec 1.1)."""

from __future__ import annotations

import pytest

from fhir_mappings.inputs import Standing
from tests.support.medications import (
    HCPCS,
    mapped,
    only,
    when,
)


def drug_procedure(status: str = "completed", **more) -> dict:
    """An infusion that a Procedure records under the billing code of rituximab."""
    code = more.pop("code", {"coding": [{"system": HCPCS, "code": "Q5115"}]})
    base = {"resourceType": "Procedure", "id": "i1", "status": status, "subject": {"reference": "Patient/p1"}, "code": code}
    return base | {"performedDateTime": "2026-06-01"} | more


def test_a_procedure_under_a_drugs_billing_code_is_an_administration() -> None:
    """It counts on its day, once, and is cited by its own reference."""
    found = only(drug_procedure())
    assert (found.agent, found.kind, found.origin.reference) == ("drug.rtx", "MedicationAdministration", "Procedure/i1")
    assert found.start == found.end == when("2026-06-01")


@pytest.mark.parametrize("status", ["not-done", "preparation", "entered-in-error"])
def test_an_infusion_that_was_not_given_is_no_exposure(status: str) -> None:
    """Spec 0.4: a procedure not done, being prepared or entered in error is no evidence."""
    assert not mapped(drug_procedure(status)).exposures


@pytest.mark.parametrize("text", ["Rituximab infusion", "Infusion: rituximab 1 g", "Rituximab"])
def test_words_of_a_procedure_name_a_drug_to_be_asked_about(text: str) -> None:
    """It may have been given: never presumed absent, and never decided by words (spec 0.4)."""
    found = only(drug_procedure(code={"text": text}))
    assert (found.agent, found.kind, found.standing) == ("drug.rtx", "MedicationAdministration", Standing.TEXT)


@pytest.mark.parametrize(
    "text", ["Mycophenolate level", "Rituximab antibody test", "Counseling on belimumab", "Rituximab infusion declined"]
)
def test_a_procedure_about_a_drug_gives_none(text: str) -> None:
    """The assay of a drug is a procedure too."""
    assert not mapped(drug_procedure(code={"text": text})).exposures
