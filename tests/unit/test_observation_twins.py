"""Observations of one fact count once, the latest version of an identifier wins, and their order changes nothing (spec 0.4)."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from fhir_mappings.inputs import Range, Standing
from tests.support.observations import HB, LOCAL, Json, coded, mapped, observation, only, ucum


def test_one_fact_from_two_sources() -> None:
    """The same day and value count once, in whichever unit; the final record stays, then the first by reference."""
    twin = observation("718-7", ucum(81, "g/L"), id="a0")
    assert only(observation("718-7", HB), twin).origin.reference == "Observation/a0"
    assert only(observation("718-7", HB), {**twin, "status": "preliminary"}).origin.reference == "Observation/o1"
    assert only(observation({"text": "Hemoglobin"}, HB, id="a0"), observation("718-7", HB)).standing is Standing.CONFIRMED


def test_a_copy_that_lost_its_range() -> None:
    """The copy with the reference range stays; two ranges are two results."""
    ranged = observation("718-7", HB, referenceRange=[{"high": {"value": 16, "unit": "g/dL"}}], id="z9")
    other = observation("718-7", HB, referenceRange=[{"high": {"value": 17, "unit": "g/dL"}}], id="z8")
    assert only(observation("718-7", HB), ranged).upper == 160
    assert len(mapped(ranged, other)[0]["lab.hgb"]) == 2


def test_one_identifier() -> None:
    """A final result takes the place of its preliminary one; two finals of one identifier that differ are both shown."""
    identifier = [{"system": "urn:lab", "value": "77"}]
    final = observation("718-7", HB, identifier=identifier)
    later = observation("718-7", ucum(9, "g/dL"), identifier=identifier, id="o2")
    assert only(final, {**later, "status": "preliminary"}).standing is Standing.CONFIRMED
    assert len(mapped(final, later)[0]["lab.hgb"]) == 2
    assert only(final, {**final, "id": "o3", "effectiveDateTime": "2026-11-19"}).origin.reference == "Observation/o1"


@pytest.mark.parametrize(
    ("status", "more", "issued", "value"),
    [
        ("final", {}, None, 120),
        ("amended", {"issued": "2026-11-20T08:00:00Z"}, "2026-11-20T08:00:00+01:00", 120),
        ("corrected", {"issued": "2026-11-20T08:00:00Z"}, "2026-11-20T08:00:00-01:00", 81),
        ("corrected", {"issued": "2026-11-20T08:00:00Z"}, "soon", 120),
    ],
)
def test_the_latest_amended_version_wins(status: str, more: Json, issued: str | None, value: int) -> None:
    """Of one identifier, whatever the values; of what does not say when it was issued a final version is the older (spec 0.4)."""
    identifier = [{"system": "urn:lab", "value": "77"}]
    first = observation("718-7", HB, identifier=identifier, status=status, issued=issued)
    second = observation("718-7", ucum(12, "g/dL"), identifier=identifier, id="o2", status="corrected", **more)
    assert only(first, second).value == Range(Decimal(value), Decimal(value))


def test_a_correction_of_another_result_replaces_nothing() -> None:
    """Without an identifier in common it can't be told what was corrected: both are shown."""
    held = observation("718-7", HB, identifier=[{"system": "urn:lab", "value": "77"}])
    other = observation("718-7", ucum(12, "g/dL"), id="o2", status="corrected", identifier=[{"system": "urn:lab", "value": "78"}])
    assert len(mapped(held, other)[0]["lab.hgb"]) == 2
    assert len(mapped(held, {**other, "identifier": []})[0]["lab.hgb"]) == 2


def test_different_facts_stay() -> None:
    """Another value, another day, other domains of an assessment: nothing is merged."""
    assert len(mapped(observation("718-7", HB), observation("718-7", ucum(9, "g/dL"), id="o2"))[0]["lab.hgb"]) == 2
    assert len(mapped(observation("718-7", HB), observation("718-7", HB, id="o2", effectiveDateTime="2026-11-19"))[0]["lab.hgb"]) == 2
    bilag = [
        observation(coded("bilag-2004", LOCAL), id=grade, component=[{"code": coded("bilag-renal", LOCAL), "valueString": grade}])
        for grade in "AB"
    ]
    assert len(mapped(*bilag)[0]["score.bilag"]) == 2


def test_order_of_the_bundle_changes_nothing() -> None:
    """Shuffled entries give the same Results in the same order, newest last."""
    days = ["2026-11-20", "2026-11-18", "2026-11", "2026-11-20", None]
    resources = [
        observation(code, ucum(8 + n, "g/dL"), id=f"{code}{n}", effectiveDateTime=day)
        for n, day in enumerate(days)
        for code in ("718-7", "8061-4")
    ]
    first = mapped(*resources)
    assert [one.origin.reference for one in first[0]["lab.hgb"]] == [f"Observation/718-7{n}" for n in (4, 1, 0, 3, 2)]
    for seed in range(5):
        random.Random(seed).shuffle(resources)
        found = mapped(*resources)
        assert (list(found[0].items()), found[1]) == (list(first[0].items()), first[1])
