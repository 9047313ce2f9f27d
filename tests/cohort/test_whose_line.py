"""Whose a line is: references by urn:uuid lead to the Patient with that id, and what leads to nobody is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
import pyarrow as pa
import pytest

from cds_service.cohort.find import NOBODY
from cds_service.cohort.patients import evaluations
from cds_service.cohort.prepared.ingest import Order, ingest
from cds_service.cohort.run import Scan
from cds_service.cohort.spark import tasks
from tests.cohort.test_same_as_elsewhere import DEMO
from tests.support.builders import SLE, concept, condition, patient
from tests.support.engine import evaluate
from tests.support.exports import AS_OF, export, lines, run

Json = dict[str, Any]
P1, P2, VISIT = (f"{number}1111111-1111-4111-8111-111111111111" for number in (1, 2, 3))


def _ill(subject: Json | None, name: str = "c1", **more: Any) -> Json:
    found = condition(SLE, identity=name) | more
    return {key: one for key, one in found.items() if key != "subject"} | ({"subject": subject} if subject else {})


def _urn(identity: str) -> Json:
    return {"reference": f"urn:uuid:{identity}"}


def _given(found: Scan) -> dict[str, Json]:
    return {one.patient: one.to_json() for number in range(found.tools.buckets) for one in evaluations(found.tools, number)}


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def _as_transaction(chart: list[Json]) -> list[Json]:
    """The chart as the entries of a transaction: ids that are UUIDs, and references by urn:uuid."""
    names = {f"{one['resourceType']}/{one['id']}": _uuid(f"{one['resourceType']}/{one['id']}") for one in chart}

    def written(value: Any) -> Any:
        if isinstance(value, dict):
            held = {key: written(one) for key, one in value.items()}
            target = names.get(held["reference"]) if isinstance(held.get("reference"), str) else None
            return held | ({"reference": f"urn:uuid:{target}"} if target else {})
        return [written(one) for one in value] if isinstance(value, list) else value

    return [written(one) | {"id": names[f"{one['resourceType']}/{one['id']}"]} for one in chart]


def _bundle(resources: list[Json]) -> Json:
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def test_an_export_of_transactions_gives_the_evaluations_of_their_bundles(tmp_path: Path) -> None:
    """Subjects, drugs, studies and members by urn:uuid are found: byte for byte what the Bundle with its addresses gives."""
    charts = [_as_transaction(chart) for chart in DEMO]
    found = run(export(tmp_path / "in", [one for chart in charts for one in chart]), tmp_path / "w")
    there = {name: orjson.dumps(one) for name, one in _given(found).items()}
    for chart in charts:
        whole = evaluate(_bundle(chart), AS_OF)
        given = there.get(whole.patient)
        assert given == orjson.dumps(whole.to_json()) if given else whole.status == "out-of-scope", whole.patient
    assert (found.patients, found.evaluated, dict(found.faults)) == (len(DEMO), len(there), {})
    assert found.evaluated == run(export(tmp_path / "plain", [one for chart in DEMO for one in chart]), tmp_path / "w2").evaluated


def test_one_export_may_write_references_in_two_ways(tmp_path: Path) -> None:
    """Lines by urn:uuid among lines by Type/id belong to the one patient, and an encounter's urn:uuid is nobody's."""
    drug = {"resourceType": "Medication", "id": P2, "code": concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "121191"))}
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "authoredOn": "2026-10-01"}
    order |= {"subject": _urn(P1), "encounter": _urn(VISIT), "medicationReference": _urn(P2)}
    held = [patient(P1), _ill({"reference": f"Patient/{P1}"}), _ill(_urn(P1), "c2", encounter=_urn(VISIT)), order, drug]
    found = run(export(tmp_path / "in", held), tmp_path / "w")
    (given,) = _given(found).values()
    counts = {one["type"]: one["count"] for one in given["sources"]}
    assert (counts["Condition"], counts["MedicationRequest"], counts["Medication"], given["dataIssues"]) == (2, 1, 1, [])
    assert dict(found.faults) == {}


@pytest.mark.parametrize(
    ("subject", "faults"),
    [
        (None, {NOBODY: 1}),
        ({"display": "someone"}, {NOBODY: 1}),
        ({"identifier": {"system": "urn:mrn", "value": "1"}}, {NOBODY: 1}),
        ({"reference": "urn:uuid:p1"}, {NOBODY: 1}),
        ({"reference": "urn:oid:1.2.3"}, {NOBODY: 1}),
        ({"reference": "#p1"}, {NOBODY: 1}),
        (_urn(P2), {"no-patient-resource": 1}),
        ({"reference": "Patient/p9"}, {"no-patient-resource": 1}),
    ],
)
@pytest.mark.parametrize("stored", [False, True])
def test_what_leads_to_nobody_is_counted(tmp_path: Path, subject: Json | None, faults: Json, stored: bool) -> None:
    """A diagnosis without a subject that names a patient, or of one who is not in the export, is a count, not a silence."""
    folder = export(tmp_path / "in", [patient(P1), patient("p1"), _ill(_urn(P1)), _ill(subject, "c2")])
    if stored:
        ingest(Order(folder, tmp_path / "store", workers=1, quiet=True))
    found = run(tmp_path / "store" if stored else folder, tmp_path / "w")
    assert (list(_given(found)), dict(found.faults)) == ([f"Patient/{P1}"], faults)
    assert found.types["Condition"] == 2


def test_a_line_that_mentions_a_patient_beside_its_subject_is_not_theirs(tmp_path: Path) -> None:
    """Who recorded or is mentioned is not who has the disease; without a subject such a line is counted once."""
    held = [patient(), _ill({"reference": "Patient/p1"}), _ill(None, "c2", recorder={"reference": "Patient/p1"})]
    found = run(export(tmp_path / "in", held), tmp_path / "w")
    (given,) = _given(found).values()
    assert next(one["count"] for one in given["sources"] if one["type"] == "Condition") == 1
    assert dict(found.faults) == {NOBODY: 1}


def test_a_broken_line_by_urn_uuid_leaves_a_hole(tmp_path: Path) -> None:
    """Its patient's diagnoses are no longer whole, and what else it refers to is not taken for a patient."""
    folder = export(tmp_path / "in", [patient(P1)])
    broken = lines([_ill(_urn(P1), encounter=_urn(VISIT))]).replace(b'"coding"', b'coding"')
    (folder / "Condition.ndjson").write_bytes(broken)
    found = run(folder, tmp_path / "w")
    (given,) = _given(found).values()
    assert next(one["state"] for one in given["sources"] if one["type"] == "Condition") == "partial"
    assert dict(found.faults) == {"not-json": 1}


def test_the_store_and_the_tasks_of_spark_find_the_same(tmp_path: Path) -> None:
    """Rows of a store made of transactions are the folder's, and an executor collects the lines that the local run collects."""
    charts = [_as_transaction(chart) for chart in DEMO[:20]]
    folder = export(tmp_path / "in", [one for chart in charts for one in chart])
    raw = run(folder, tmp_path / "raw")
    ingest(Order(folder, tmp_path / "store", workers=1, quiet=True))
    assert list(run(tmp_path / "store", tmp_path / "prepared").rows) == list(raw.rows)
    batch = pa.RecordBatch.from_pylist([{"line": (folder / "Condition.ndjson").read_bytes()}])
    one = next(identity for identity in (name.partition("/")[2] for name in _given(raw)) if identity)
    (told,) = tasks.collected(frozenset([one.encode()]), 1, [batch])
    expected = [line for line in lines(one_chart(charts, one)).split(b"\n") if b'"Condition"' in line[:40]]
    assert [row["data"].partition(b"\t")[2] for row in told.to_pylist()] == expected


def one_chart(charts: list[list[Json]], identity: str) -> list[Json]:
    return next(chart for chart in charts if any(one["id"] == identity for one in chart))
