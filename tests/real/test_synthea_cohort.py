"""Synthea's patients as an export: the cohort run says of each what the command line says."""

from __future__ import annotations

import copy
from pathlib import Path

import orjson
import pytest

from cds_service.cohort.patients import evaluations
from tests.real.test_synthea import FOLDER, patients
from tests.support.builders import SLE, condition
from tests.support.engine import evaluate
from tests.support.exports import AS_OF, bundle_of, export, resources_of, run

ADDRESSED = {"AllergyIntolerance", "Condition", "Immunization", "MedicationRequest", "Observation", "Patient", "Procedure"}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the Synthea patients are not beside the project: no {FOLDER.name} folder")


def test_the_export_gives_the_evaluations_of_the_bundles(tmp_path: Path) -> None:
    """59 charts of other hands, lupus added to every third: byte-equal where evaluated, out of scope or dead where not."""
    charts = []
    for number, bundle in enumerate(patients().values()):
        chart = resources_of(copy.deepcopy(bundle))
        person = next(one["id"] for one in chart if one["resourceType"] == "Patient")
        ill = condition(SLE, identity=f"sle-{number}") | {"subject": {"reference": f"Patient/{person}"}}
        charts.append([*chart, *([ill] if number % 3 == 0 else [])])
    # An export holds a hospital's organizations and practitioners once, each Bundle its own copies.
    found = run(export(tmp_path / "in", [one for chart in charts for one in chart]), tmp_path / "work", workers=2)
    given = {one.patient: orjson.dumps(one.to_json()) for number in range(found.tools.buckets) for one in evaluations(found.tools, number)}
    for chart in charts:
        whole = evaluate(bundle_of(chart), AS_OF)
        if whole.patient in given:
            assert given[whole.patient] == orjson.dumps(whole.to_json())
        else:
            assert whole.status == "out-of-scope" or "deceased" in [hold.code for hold in whole.holds], whole.patient
    assert found.evaluated >= len(charts) // 3


def test_the_entries_as_they_are_give_the_evaluations_of_the_bundles(tmp_path: Path) -> None:
    """Lines cut from transactions, their references by urn:uuid left as they are, give what the transactions give."""
    bundles = copy.deepcopy(list(patients().values()))
    for number, bundle in enumerate(bundles):
        person = next(entry["fullUrl"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
        ill = condition(SLE, identity=f"sle-{number}") | {"subject": {"reference": person}}
        bundle["entry"] = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] in ADDRESSED]
        bundle["entry"] += [{"resource": ill}] if number % 3 == 0 else []
    found = run(
        export(tmp_path / "in", [entry["resource"] for bundle in bundles for entry in bundle["entry"]]), tmp_path / "work", workers=2
    )
    given = {one.patient: orjson.dumps(one.to_json()) for number in range(found.tools.buckets) for one in evaluations(found.tools, number)}
    seen = 0
    for bundle in bundles:
        whole = evaluate(bundle, AS_OF)
        if whole.patient in given:
            seen += 1
            assert given[whole.patient] == orjson.dumps(whole.to_json())
    assert (seen, found.patients) == (found.evaluated, len(bundles))
    assert seen >= len(bundles) // 3
    assert dict(found.faults) == {}
