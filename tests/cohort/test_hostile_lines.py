"""Lines of an export as bad as they come: each costs only itself, is counted by its reason, and never turns into a "no"."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from cds_service.cohort.lines import mentioned
from cds_service.cohort.patients import evaluations
from cds_service.cohort.run import Scan
from cds_service.cohort.source import SourceError
from tests.support.builders import SLE, concept, condition, patient
from tests.support.exports import export, lines, run

Json = dict[str, Any]


def _ill(identity: str = "p1", name: str = "c1") -> Json:
    return condition(SLE, identity=name) | {"subject": {"reference": f"Patient/{identity}"}}


def _given(found: Scan) -> dict[str, Json]:
    return {one.patient: one.to_json() for number in range(found.tools.buckets) for one in evaluations(found.tools, number)}


def _state(evaluation: Json, kind: str) -> str:
    return next(one["state"] for one in evaluation["sources"] if one["type"] == kind)


def test_other_ways_to_write_the_same_lines_change_nothing(tmp_path: Path) -> None:
    """BOM, CRLF, blank lines, spaces, repeats, gzip, other types and any order give the same bytes."""
    plain = run(export(tmp_path / "plain", [patient(), patient("p2"), _ill()]), tmp_path / "w1")
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "b.ndjson").write_bytes(b"\xef\xbb\xbf" + json.dumps(_ill(), indent=None).encode() + b"\r\n\r\n   \r\n")
    (odd / "a.ndjson.gz").write_bytes(gzip.compress(lines([_ill(), patient("p2"), {"resourceType": "Practitioner", "id": "d"}])))
    (odd / "c.jsonl").write_bytes(lines([patient()]).rstrip(b"\n"))
    found = run(odd, tmp_path / "w2")
    assert orjson.dumps(_given(found)) == orjson.dumps(_given(plain))
    assert (found.patients, found.faults) == (2, {})


def test_escapes_hide_nothing(tmp_path: Path) -> None:
    """A slash or a letter written as an escape is the same reference, key and code."""
    text = lines([_ill()]).decode().replace("Patient/", "Patient\\/").replace('"code":{', '"\\u0063ode":{')
    folder = export(tmp_path / "in", [patient()])
    (folder / "Condition.ndjson").write_text(text)
    assert list(_given(run(folder, tmp_path / "w"))) == ["Patient/p1"]


def test_a_disease_in_words_only_is_found(tmp_path: Path) -> None:
    """What the mapping reads from words, with other letters and accents, the byte search does not pass over."""
    said = condition(text="Systemischer LUPUS erythematodes") | {"code": {"text": "Systemischer LUPUS erythematodes {a} [b]"}}
    assert list(_given(run(export(tmp_path / "in", [patient(), said]), tmp_path / "w"))) == ["Patient/p1"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (lines([_ill()])[:-40], "cut-off"),
        (lines([_ill()]).replace(b'"coding"', b'coding"'), "not-json"),
        (b'{"resourceType":"Condition","subject":{"reference":"Patient/p1"},"x":NaN}\n', "not-json"),
        (b"[1, 2]\n", "cut-off"),
        (b'{"id":"Patient/p1"}\n', "no-resource-type"),
    ],
)
def test_a_broken_line_is_counted_and_leaves_a_hole(tmp_path: Path, broken: bytes, reason: str) -> None:
    """The line costs itself alone; its patient is not taken to be free of what it may have said."""
    folder = export(tmp_path / "in", [patient(), patient("p2"), _ill("p2", "c2")])
    with (folder / "Condition.ndjson").open("ab") as stream:
        stream.write(broken)
    found = run(folder, tmp_path / "w")
    given = _given(found)
    assert found.faults == {reason: 1}
    assert _state(given["Patient/p2"], "Condition") == "whole"
    if b"Condition" in broken:
        assert _state(given["Patient/p1"], "Condition") == "partial"
        assert given["Patient/p1"]["status"] != "out-of-scope"


def test_a_line_of_100_megabytes_is_refused(tmp_path: Path) -> None:
    """A line beyond the limit is passed over in small steps and counted; the lines after it are read."""
    folder = export(tmp_path / "in", [patient(), patient("p2")])
    head, tail = lines([_ill() | {"note": [{"text": "|"}]}]).split(b"|")
    with (folder / "Condition.ndjson").open("wb") as file:
        file.write(head)
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(tail + lines([_ill("p2", "c2")]))
    found = run(folder, tmp_path / "w")
    assert found.faults == {"too-long": 1}
    assert _state(_given(found)["Patient/p1"], "Condition") == "partial"
    assert _state(_given(found)["Patient/p2"], "Condition") == "whole"


def test_a_damaged_archive_stops_the_run(tmp_path: Path) -> None:
    """What is missing of a file cut in its middle is not known, so nothing is counted; the message names the file."""
    folder = export(tmp_path / "in", [patient()])
    (folder / "Condition.ndjson.gz").write_bytes(gzip.compress(lines([_ill()] * 50))[:-20])
    with pytest.raises(SourceError, match=r"Condition\.ndjson\.gz: can't be read to its end"):
        run(folder, tmp_path / "w")


@pytest.mark.parametrize("value", [None, 7, [], {}, "x", [None], {"reference": 5}, {"reference": ["Patient/p1"]}, "Patient/p1"])
@pytest.mark.parametrize("element", ["subject", "code", "id", "meta"])
def test_wrong_types_cost_nothing_else(tmp_path: Path, element: str, value: object) -> None:
    """Any JSON in the place of an element gives a run that ends, with the other patient's evaluation as it was."""
    folder = export(tmp_path / "in", [patient(), patient("p2"), _ill("p2", "c2"), _ill() | {element: value}])
    assert _given(run(folder, tmp_path / "w"))["Patient/p2"]["arms"][0]["status"] != "out-of-scope"


def test_medications_that_a_record_points_to_come_with_it(tmp_path: Path) -> None:
    """A drug that stands in a Medication of another file is read as if it stood in the order."""
    drug = concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "121191"))
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "authoredOn": "2026-10-01"}
    order |= {"subject": {"reference": "Patient/p1"}}
    other = {"resourceType": "Medication", "id": "unasked", "code": drug}
    inside = [patient(), _ill(), order | {"medicationCodeableConcept": drug}]
    outside = [patient(), _ill(), other, {"resourceType": "Medication", "id": "drug", "code": drug}]
    outside.append(order | {"medicationReference": {"reference": "Medication/drug"}})
    one, two = (
        _given(run(export(tmp_path / name, held), tmp_path / f"w{name}"))["Patient/p1"] for name, held in (("i", inside), ("o", outside))
    )
    said = [[(c["id"], c["verdict"]) for c in arm["criteria"]] for arm in one["arms"]]
    assert said == [[(c["id"], c["verdict"]) for c in arm["criteria"]] for arm in two["arms"]]
    assert next(source_["count"] for source_ in two["sources"] if source_["type"] == "Medication") == 1


def test_a_medication_and_a_study_may_bear_one_id(tmp_path: Path) -> None:
    """Which of the two files is read first decides nothing: what points to the one does not get the other in its place."""
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "authoredOn": "2026-10-01"}
    order |= {"subject": {"reference": "Patient/p1"}, "medicationReference": {"reference": "Medication/1"}}
    taking = {"resourceType": "ResearchSubject", "id": "r", "status": "on-study", "individual": {"reference": "Patient/p1"}}
    taking |= {"study": {"reference": "ResearchStudy/1"}}
    drug = concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "121191"))
    shared = [{"resourceType": "Medication", "id": "1", "code": drug}, {"resourceType": "ResearchStudy", "id": "1", "status": "active"}]
    found = run(export(tmp_path / "in", [patient(), _ill(), order, taking, *shared]), tmp_path / "w")
    (given,) = _given(found).values()
    assert [next(one["count"] for one in given["sources"] if one["type"] == kind) for kind in ("Medication", "ResearchStudy")] == [1, 1]


def test_every_patient_that_a_line_mentions_is_found() -> None:
    """Relative, absolute and versioned references, and the id as it is."""
    text = b'{"a":"Patient/a-1","b":"https://x/fhir/Patient/b.2","c":"Patient/c/_history/3","d":"Patient/d|1"}'
    assert list(mentioned(text)) == [b"a-1", b"b.2", b"c", b"d"]


def test_the_dead_are_ineligible_as_everywhere(tmp_path: Path) -> None:
    """Who has died and has no evidence is not evaluated, only counted; a second, newer Patient may say otherwise."""
    dead = patient("p3") | {"deceasedBoolean": True, "meta": {"versionId": "1"}}
    found = run(export(tmp_path / "in", [patient(), dead]), tmp_path / "w")
    assert (found.patients, found.dead, found.evaluated) == (2, 1, 0)
    newer = patient("p3") | {"meta": {"versionId": "2"}}
    assert run(export(tmp_path / "in2", [patient(), dead, newer]), tmp_path / "w2").evaluated == 1


def test_the_lines_beside_it_change_nothing(tmp_path: Path) -> None:
    """What is counted of a line does not depend on whether those around it can be searched together."""
    broken = b'{"resourceType":"Observation","subject":{"reference":"Patient/p1"},"x":NaN}\n'
    said = []
    for name, beside in (("alone", b""), ("beside", b'{"resourceType" : "Observation"}\n')):
        folder = export(tmp_path / name, [patient(), patient("p2"), _ill("p2", "c2")])
        (folder / "Observation.ndjson").write_bytes(broken + beside)
        found = run(folder, tmp_path / f"w{name}")
        said.append((found.faults, list(_given(found))))
    assert said[0] == said[1]
