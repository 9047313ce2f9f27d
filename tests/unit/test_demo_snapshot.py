"""The snapshot and the banner beside a patient: problems, medications, results and allergies, and the age that is certain."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.web.snapshot import banner, snapshot
from fhir_mappings.chart import Chart, chart_of_bundle
from tests.support.evaluations import AS_OF
from tests.support.service import PATIENT, bundle, resource


def chart(*resources: Any) -> Chart:
    return chart_of_bundle(bundle(PATIENT, *resources))


@pytest.mark.parametrize(
    ("more", "name", "value", "day"),
    [
        ({"valueQuantity": {"value": 7.0, "unit": "g/L", "comparator": "<"}}, "Lab", "<7.0 g/L", ""),
        ({"valueQuantity": {"value": 7, "code": "g/L"}, "effectiveDateTime": "2026-11-20T08:00:00Z"}, "Lab", "7 g/L", "2026-11-20"),
        ({"valueInteger": 12, "effectivePeriod": {"start": "2026-11"}}, "Lab", "12", "2026-11"),
        ({"valueString": "1:640"}, "Lab", "1:640", ""),
        ({"valueQuantity": {"value": 12, "unit": "{score}"}}, "Lab", "12", ""),
        ({"component": [{}, {}]}, "Lab", "2 parts", ""),
        ({"valueCodeableConcept": {"text": "Positive"}}, "Lab", "Positive", ""),
        ({"code": 7, "valueQuantity": "seven", "effectiveDateTime": {}}, "(no code)", "", ""),
    ],
)
def test_the_snapshot_reads_results(more: dict[str, Any], name: str, value: str, day: str) -> None:
    """A value of any kind as a person writes it; a shape that can't be read is left empty."""
    (part,) = snapshot(chart(resource("Observation", "o", **{"code": {"text": "Lab"}, **more})))
    assert (part.title, part.lines[0].label, part.lines[0].value, part.lines[0].date) == ("Results", name, value, day)


def test_the_snapshot_shows_the_newest_of_each_list() -> None:
    """Newest first, and how many more there are; the lists of problems, medications and allergies read their own elements."""
    labs = [resource("Observation", f"o{n}", effectiveDateTime=f"2026-11-{n:02d}") for n in range(1, 10)]
    parts = snapshot(
        chart(
            resource("Condition", clinicalStatus={"coding": [{"code": "active"}]}, onsetDateTime="2019"),
            resource("MedicationRequest", medicationCodeableConcept={"text": "belimumab"}, status="active", authoredOn="2024-05-02"),
            resource("MedicationStatement", medicationReference={"display": "rituximab"}),
            resource("MedicationStatement", "2"),
            resource("AllergyIntolerance", code={"text": "Penicillin"}, criticality="high"),
            *labs,
        )
    )
    assert [part.title for part in parts] == ["Problems", "Medications", "Results", "Allergies"]
    assert [(line.label, line.value) for line in parts[1].lines] == [("belimumab", "active"), ("rituximab", ""), ("medication", "")]
    assert ([line.date[-2:] for line in parts[2].lines], parts[2].more) == (["09", "08", "07", "06", "05", "04"], 3)


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        (
            "MedicationStatement",
            {"status": "completed", "effectivePeriod": {"start": "2024-06", "end": "2025-12-14"}},
            "2024-06 to 2025-12-14",
        ),
        ("MedicationStatement", {"status": "active", "effectivePeriod": {"start": "2024-06-12"}}, "since 2024-06-12"),
        ("MedicationStatement", {"status": "stopped", "effectivePeriod": {"start": "2024-06-12"}}, "from 2024-06-12"),
        ("MedicationStatement", {"status": "stopped", "effectivePeriod": {"end": "2024-06-12"}}, "to 2024-06-12"),
        ("MedicationRequest", {"status": "active", "dispenseRequest": {"validityPeriod": {"start": "2024-06-12"}}}, "since 2024-06-12"),
        ("MedicationRequest", {"status": "completed", "authoredOn": "2024-06-12"}, "ordered 2024-06-12"),
        ("MedicationAdministration", {"status": "completed", "effectiveDateTime": "2024-06-12T08:00:00Z"}, ""),
        ("MedicationStatement", {"effectivePeriod": 7}, ""),
    ],
)
def test_a_medication_says_from_when_to_when(kind: str, more: dict[str, Any], told: str) -> None:
    """The start of a course that is over is never read as its end."""
    (part,) = snapshot(chart(resource(kind, "m", medicationCodeableConcept={"text": "belimumab"}, **more)))
    assert part.lines[0].span == told


@pytest.mark.parametrize(("born", "age"), [("1988-11-22", "38"), ("1988-11-23", "37"), ("2027-01-01", ""), ("soon", ""), (7, "")])
def test_the_banner_tells_the_age_that_is_certain(born: Any, age: str) -> None:
    """Whole years on the day of the evaluation; none where the birth date can't be read."""
    found = banner(chart_of_bundle(bundle({**PATIENT, "birthDate": born, "gender": None, "identifier": [{"value": "MRN-1"}]})), AS_OF)
    assert (found.age, found.sex, found.number) == (age, "sex unknown", "MRN-1")
