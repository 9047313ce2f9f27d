"""Synthea patients, which nobody here wrote: read without faults, and with a disease history spliced in."""

from __future__ import annotations

import copy
import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cds_service.criteria.evaluation import STATUSES
from cds_service.demo import generate
from tests.support.engine import engine, evaluate

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "synthea"
SCHEMA = Path(__file__).resolve().parents[2] / "cds_service" / "schemas" / "evaluation.schema.json"
DAYS = (date(2020, 5, 1), date(2026, 11, 22))
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the Synthea patients are not beside the project: no {FOLDER.name} folder")


@cache
def patients() -> dict[str, dict[str, Any]]:
    """Bundles by file name, without the files of hospitals, practitioners and groups."""
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        bundle = json.loads(path.read_text("utf-8"))
        if any(entry["resource"]["resourceType"] == "Patient" for entry in bundle.get("entry", [])):
            found[path.name] = bundle
    return found


@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_every_patient_gives_a_valid_evaluation_without_data_issues(as_of: date) -> None:
    """59 charts: no crash, an Evaluation that fits the schema, no record that we fail to read; the statuses are printed."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    statuses: Counter[str] = Counter()
    for name, bundle in patients().items():
        evaluation = evaluate(bundle, as_of)
        validator.validate(evaluation.to_json())
        assert [one for one in evaluation.data_issues if one.code != "chart-stale"] == [], name  # some were seen last years ago
        statuses[evaluation.status] += 1
    print(f"\nas of {as_of}: {dict(statuses)}")
    assert sum(statuses.values()) == 59


def test_codes_that_no_value_set_knows_are_counted() -> None:
    """The commonest diagnoses of these charts that no value set holds, printed for the terminology's keepers."""
    terms, unknown = engine().terminology, Counter[str]()
    for bundle in patients().values():
        for entry in bundle["entry"]:
            if entry["resource"]["resourceType"] == "Condition" and not terms.members(entry["resource"]["code"]):
                unknown[entry["resource"]["code"]["text"]] += 1
    print("\n" + "\n".join(f"{count:4}  {name}" for name, count in unknown.most_common(12)))
    assert not any("lupus" in name.lower() or "sclerosis" in name.lower() for name in unknown)


def splice(bundle: dict[str, Any], history: dict[str, Any]) -> dict[str, Any]:
    """The Synthea patient's chart with the records of a made-up patient's disease as their own."""
    patient = next(entry for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
    own = {"reference": f"Patient/{patient['resource']['id']}"}
    entries = []
    for entry in copy.deepcopy(history["entry"]):
        resource = entry["resource"]
        for element in ("subject", "patient", "individual"):
            if element in resource and resource["resourceType"] != "Patient":
                resource[element] = own
        if resource["resourceType"] != "Patient":
            entries.append({"resource": resource})
    return {**bundle, "entry": [*bundle["entry"], *entries]}


def test_every_arm_and_status_occurs_in_charts_of_real_shape() -> None:
    """Disease histories spliced into Synthea charts of adults reach every status in every arm."""
    as_of = DAYS[0]
    adults = [one for one in patients().values() if 20 <= as_of.year - int(_birth(one)[:4]) <= 60]
    seen: dict[str, Counter[str]] = {}
    for number, demo in enumerate(generate(as_of)):
        evaluation = evaluate(splice(adults[number % len(adults)], demo.bundle), as_of)
        for arm in evaluation.arms:
            seen.setdefault(arm.id, Counter())[arm.status] += 1
    print("\n" + "\n".join(f"{arm}: {dict(counts)}" for arm, counts in seen.items()))
    for arm, counts in seen.items():
        assert set(counts) == set(STATUSES), arm


def _birth(bundle: dict[str, Any]) -> str:
    return str(next(entry["resource"]["birthDate"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient"))
