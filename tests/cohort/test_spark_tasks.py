"""What an executor is given and says, without Spark: what the local run calls, and nothing of a record in a fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest

from cds_service.cohort.coverage import Coverage
from cds_service.cohort.people import parted, person_number, settled
from cds_service.cohort.spark import tasks
from cds_service.cohort.task import Setup
from cds_service.trials import shipped
from fhir_mappings.inputs import State
from tests.support.exports import AS_OF


def test_a_fault_tells_its_kind_and_place_only() -> None:
    """Executors' logs may be read by many: the text of an exception, which may hold a name, is not passed on."""

    def task(batches: tasks.Batches) -> Iterator[Any]:
        raise KeyError("Erika Mustermann")
        yield

    with pytest.raises(tasks.TaskFault) as caught:
        list(tasks.guarded(task, []))
    assert str(caught.value).startswith("KeyError, test_spark_tasks.py:")
    assert caught.value.__suppress_context__


def test_definitions_travel_with_the_tasks(tmp_path: Path) -> None:
    """A definition on the driver's disk is known on a machine that has no such file, and no copy of it is left there."""
    file = tmp_path / "mine.yaml"
    file.write_bytes(shipped()["cc312"].read_bytes().replace(b"id: cc312", b"id: mine", 1))
    shipment = replace(tasks.shipment(Setup("mine", AS_OF, definition=file)), coverage=Coverage((("Procedure", State.NOT_PROVIDED),)))
    file.unlink()
    kit = tasks.kit_of(shipment)
    assert (kit.trial.id, kit.coverage.of(State.NOT_PROVIDED)) == ("mine", {"Procedure"})
    assert kit.setup.definition
    assert not kit.setup.definition.exists()


def test_every_file_of_a_setup_travels() -> None:
    """A further file that the engine is built from must be shipped too."""
    assert {one.name for one in fields(Setup) if "Path" in str(one.type)} == {"concept_maps", "definition"}


@pytest.mark.parametrize("step", [1, 40, 10_000])
def test_lines_are_cut_nowhere(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever their length, chunks hold whole lines, all of them, in their order."""
    monkeypatch.setattr(tasks, "STEP", step)
    lines = [b"x" * length + b"\n" for length in (1, 0, 50, 3, 200, 39, 40, 41)]
    batches = [pa.RecordBatch.from_pylist([{"line": one} for one in part]) for part in (lines[:3], lines[3:])]
    chunks = list(tasks.chunks(batches))
    assert b"".join(chunks) == b"".join(lines)
    assert all(chunk.endswith(b"\n") for chunk in chunks)


def test_patients_settled_in_parts_are_those_settled_together() -> None:
    """Cut by patients, the counts add up and the same are selected, the dead with a second Patient among them."""
    shares = [
        {"people": [person_number(one) for one in names], "dead": dead, "selected": selected}
        for names, dead, selected in (
            (["a", "b", "c"], ["b", "c"], ["a"]),
            (["b", "d", "e", "e"], ["e", "f"], ["a", "d", "g"]),
        )
    ]
    whole = settled(shares)
    cut: dict[int, list[Any]] = {}
    for share in shares:
        for number, one in parted(share, 3):
            cut.setdefault(number, []).append(orjson.loads(orjson.dumps(one)))
    parts = [settled(held) for held in cut.values()]
    assert (whole.patients, whole.dead, whole.selected) == (5, 4, ["a", "b", "d", "e", "g"])
    assert sum(one.patients for one in parts) == whole.patients
    assert sum(one.dead for one in parts) == whole.dead
    assert sorted(name for one in parts for name in one.selected) == whole.selected
