"""Patients fetched one by one: the same folder as an export gives, and the same care for what did not come."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from cds_service.errors import SettingsError, Unavailable
from cds_service.fhir.bulk import Unfinished
from cds_service.fhir.bulk_settings import Searching
from cds_service.fhir.crawl import Crawl, CrawlOrder, read_patients
from cds_service.fhir.crawl_patient import Search
from cds_service.fhir.fetched import Fetched, read
from fhir_mappings.inputs import State
from tests.fhir.bulk.server import Exporter, capabilities, outcome
from tests.support.faulty_server import Handler, Reply, json, status

Json = dict[str, Any]
SEARCHES = (
    Search("patient", "Patient", "Patient/{patient}"),
    Search("conditions", "Condition", "Condition?patient={patient}"),
    Search("labs", "Observation", "Observation?patient={patient}&category=laboratory"),
    Search("surveys", "Observation", "Observation?patient={patient}&category=survey"),
    Search("orders", "MedicationRequest", "MedicationRequest?patient={patient}"),
)
PEOPLE = ("p1", "p2", "p3")


def of(kind: str, identity: str, patient: str, **more: Any) -> Json:
    return {"resourceType": kind, "id": identity, "subject": {"reference": f"Patient/{patient}"}, **more}


def page(*resources: Json, **more: Any) -> Reply:
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    return json({"resourceType": "Bundle", "type": "searchset", "entry": entries, **more})


@pytest.fixture
def hospital(site: Exporter) -> Exporter:
    """Three patients with a condition each; one has an order of a drug that stands elsewhere."""
    site.says("/r4/metadata", json(capabilities("Patient", "Condition", "Observation", "MedicationRequest", "Medication")))
    for number, name in enumerate(PEOPLE):
        says(site, f"Patient/{name}", json({"resourceType": "Patient", "id": name}))
        says(site, f"Condition?patient={name}&_count=200", page(of("Condition", f"c{number}", name)))
        says(site, f"Observation?patient={name}&category=laboratory&_count=200", page(of("Observation", f"o{number}", name)))
        says(site, f"Observation?patient={name}&category=survey&_count=200", page(total=0))
        says(site, f"MedicationRequest?patient={name}&_count=200", page())
    order = of("MedicationRequest", "m1", "p2", medicationReference={"reference": "Medication/d1"})
    says(site, "MedicationRequest?patient=p2&_count=200", page(order))
    says(site, "Medication?_id=d1&_count=50", page({"resourceType": "Medication", "id": "d1"}))
    return site


def says(site: Exporter, target: str, *replies: Reply) -> None:
    site.says(f"/r4/{target}", [site.guarded(one) for one in replies])


def crawl(site: Exporter, out: Path, partial: bool = False, said: list[str] | None = None, share: int = 2, **more: Any) -> Fetched:
    order = CrawlOrder(PEOPLE, SEARCHES, out, partial, share)
    return Crawl(site.calls(**more), order, (said if said is not None else []).append).run()


def held(out: Path) -> dict[str, list[str]]:
    """Ids by type, of all files."""
    found: dict[str, list[str]] = {}
    for path in sorted(out.glob("*.ndjson")):
        found.setdefault(path.name.partition(".")[0], []).extend(orjson.loads(line)["id"] for line in path.read_bytes().splitlines())
    return found


def test_listed_patients_become_the_same_kind_of_folder(hospital: Exporter, tmp_path: Path) -> None:
    """Files by type, a manifest, and what was searched whole is whole, also where nothing was found."""
    found = crawl(hospital, tmp_path / "out")
    assert held(tmp_path / "out") == {
        "Patient": ["p1", "p2", "p3"], "Condition": ["c0", "c1", "c2"], "Observation": ["o0", "o1", "o2"],
        "MedicationRequest": ["m1"], "Medication": ["d1"],
    }  # fmt: skip
    assert {name: one.state for name, one in found.types.items()} == {
        "Patient": State.WHOLE, "Condition": State.WHOLE, "Observation": State.WHOLE, "MedicationRequest": State.WHOLE,
        "Medication": State.PARTIAL,
    }  # fmt: skip
    assert (found.faulty, found.state("Procedure")) == ([], State.NOT_PROVIDED)
    assert read(tmp_path / "out") == found


def test_pages_are_followed_with_a_token_that_is_good(hospital: Exporter, tmp_path: Path) -> None:
    """A token ends between two pages; a relative link is understood."""
    first = page(of("Condition", "c0", "p1"), link=[{"relation": "next", "url": "Condition?page=2"}])

    def last(handler: Handler) -> None:
        first(handler)
        hospital.withdraw()

    says(hospital, "Condition?patient=p1&_count=200", last)
    says(hospital, "Condition?page=2", page(of("Condition", "c9", "p1")))
    assert crawl(hospital, tmp_path / "out", search=Searching(concurrency=1)).state("Condition") is State.WHOLE
    assert held(tmp_path / "out")["Condition"] == ["c0", "c9", "c1", "c2"]


@pytest.mark.parametrize(
    "reply",
    [
        status(500), status(403), json({}), page(of("Condition", "c0", "p1"), total=7),
        page(of("Condition", "c0", "p1"), link=[{"relation": "next", "url": "https://elsewhere.example.org/x"}]),
        page(of("Condition", "c0", "p1"), link=[{"relation": "next", "url": "Condition?page=9"}]), page(outcome("error")),
    ],
    ids=["broken", "forbidden", "no Bundle", "fewer than its total", "elsewhere", "lost page", "error"],
)  # fmt: skip
def test_what_does_not_come_whole_is_tried_again_and_then_told(hospital: Exporter, tmp_path: Path, reply: Reply) -> None:
    """Once more at the end, then by the same command; the type is not declared whole, and nothing is written twice."""
    says(hospital, "Condition?patient=p1&_count=200", reply)
    with pytest.raises(Unfinished, match="Condition of 1 patients"):
        crawl(hospital, tmp_path / "out")
    assert not (tmp_path / "out/manifest.json").exists()
    says(hospital, "Condition?patient=p1&_count=200", page(of("Condition", "c0", "p1")))
    asked = len(hospital.server.asked)
    assert crawl(hospital, tmp_path / "out").state("Condition") is State.WHOLE
    assert sorted(held(tmp_path / "out")["Condition"]) == ["c0", "c1", "c2"]
    assert {one.target for one in hospital.server.asked[asked:] if "patient=" in one.target} == {"/r4/Condition?patient=p1&_count=200"}


def test_what_fails_once_comes_in_the_same_run(hospital: Exporter, tmp_path: Path) -> None:
    """A server that was overtaxed for a while."""
    says(hospital, "Condition?patient=p1&_count=200", status(403), page(of("Condition", "c0", "p1")))
    assert crawl(hospital, tmp_path / "out").faulty == []
    assert sorted(held(tmp_path / "out")["Condition"]) == ["c0", "c1", "c2"]


def test_what_does_not_come_may_be_left_out(hospital: Exporter, tmp_path: Path) -> None:
    """By the caller's word: what came of it is kept, and its type is partial."""
    says(hospital, "Condition?patient=p1&_count=200", page(of("Condition", "c0", "p1"), total=2))
    found = crawl(hospital, tmp_path / "out", partial=True)
    assert (found.types["Condition"].why, found.types["Condition"].patients) == (("of 1 patients not all came",), ("p1",))
    assert (found.state("Condition"), found.faulty) == (State.PARTIAL, ["Condition"])
    assert sorted(held(tmp_path / "out")["Condition"]) == ["c0", "c1", "c2"]


def test_a_warning_is_no_fault(hospital: Exporter, tmp_path: Path) -> None:
    """Epic sends one with every empty search."""
    says(hospital, "Condition?patient=p1&_count=200", page(outcome("warning")))
    assert crawl(hospital, tmp_path / "out").state("Condition") is State.WHOLE


def test_patients_whom_the_server_does_not_know_are_counted(hospital: Exporter, tmp_path: Path) -> None:
    """A list is older than the records; nothing else is asked of them, and no id is told."""
    says(hospital, "Patient/p2", status(404))
    said: list[str] = []
    found = crawl(hospital, tmp_path / "out", said=said)
    assert found.types["Patient"].why == ("the server does not know 1 of the patients listed",)
    assert held(tmp_path / "out")["Patient"] == ["p1", "p3"]
    assert not [one for one in said if "p2" in one]


def test_another_patient_is_not_taken(hospital: Exporter, tmp_path: Path) -> None:
    """A read that answers with somebody else."""
    says(hospital, "Patient/p1", json({"resourceType": "Patient", "id": "p9"}))
    with pytest.raises(Unfinished, match="Patient of 1 patients"):
        crawl(hospital, tmp_path / "out")


def test_types_that_the_token_does_not_open_are_told(hospital: Exporter, tmp_path: Path) -> None:
    """And not asked for."""
    hospital.granted = "system/Patient.rs system/Observation.rs system/MedicationRequest.rs system/Medication.rs"
    found = crawl(hospital, tmp_path / "out")
    assert found.state("Condition") is State.FAILED
    assert hospital.asked("/r4/Condition") == []


def test_no_patient_can_be_had_without_leave_to_read_patients(hospital: Exporter, tmp_path: Path) -> None:
    """It is told at once."""
    hospital.granted = "system/Condition.rs"
    with pytest.raises(Unavailable, match="without patients"):
        crawl(hospital, tmp_path / "out")


def test_the_order_of_answers_does_not_order_the_files(hospital: Exporter, tmp_path: Path) -> None:
    """One at a time or four at once: the same bytes."""
    crawl(hospital, tmp_path / "one", search=Searching(concurrency=1))
    crawl(hospital, tmp_path / "four", search=Searching(concurrency=4))
    for path in (tmp_path / "one").glob("*.ndjson"):
        assert path.read_bytes() == (tmp_path / "four" / path.name).read_bytes()


_KILLED = """
import sys
from pathlib import Path
from cds_service.fhir.backend_services import Tokens
from cds_service.fhir.bulk_calls import Calls
from cds_service.fhir.bulk_settings import Source
from cds_service.fhir.crawl import Crawl, CrawlOrder
from cds_service.fhir.crawl_patient import Search
from cds_service.security.addresses import network_of
from cds_service.fhir.retry import Timing
from cds_service.security.outbound import Outbound

base, out = sys.argv[1:]
timing = Timing(lambda: 1_790_000_000.0, lambda seconds: None, lambda: 1.0)
source = Source(base, networks=(network_of("127.0.0.0/8"),), attempts=3)
outbound = Outbound(source.reach)
searches = (Search("patient", "Patient", "Patient/{patient}"), Search("conditions", "Condition", "Condition?patient={patient}"))
calls = Calls(source, outbound, Tokens(source, outbound, timing), timing)
Crawl(calls, CrawlOrder(("p1", "p2", "p3"), searches, Path(out), share=1), lambda words: None).run()
"""


def test_killed_and_continued_is_the_same(hospital: Exporter, tmp_path: Path) -> None:
    """kill -9 in the middle of the list: what is here is not asked for again, and in the end the same files."""
    for name in PEOPLE:
        hospital.says(f"/r4/Patient/{name}", json({"resourceType": "Patient", "id": name}))
        hospital.says(f"/r4/Condition?patient={name}&_count=200", page(of("Condition", f"c{name}", name)))
    running: list[subprocess.Popen[bytes]] = []

    def kill(handler: Handler) -> None:
        running[0].send_signal(signal.SIGKILL)
        handler.close_connection = True

    target = "/r4/Condition?patient=p2&_count=200"
    hospital.says(target, [kill, hospital.server.replies[target]])  # type: ignore[list-item]

    def run(out: str) -> int:
        command = [sys.executable, "-c", _KILLED, hospital.base, str(tmp_path / out)]
        running[:] = [subprocess.Popen(command, env=os.environ)]
        return running[0].wait(60)

    assert run("out") == -signal.SIGKILL
    assert run("out") == 0
    assert len(hospital.asked("/r4/Patient/p1")) == 1
    assert run("whole") == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.name != "manifest.json"} == {
        path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir() if path.name != "manifest.json"
    }
    assert held(tmp_path / "out")["Condition"] == ["cp1", "cp2", "cp3"]


def test_a_list_is_read_as_people_keep_it(tmp_path: Path) -> None:
    """Blank lines, `Patient/` before the id, and repeats."""
    (tmp_path / "ids").write_text("p1\n\n Patient/p2 \r\np1\n")
    assert read_patients(tmp_path / "ids") == ("p1", "p2")


@pytest.mark.parametrize(("text", "why"), [("", "holds no patient"), ("p1\nJane Roe\n", ":2: is no FHIR id"), ("..\n", "no FHIR id")])
def test_a_list_that_is_none_is_told_without_quoting_it(tmp_path: Path, text: str, why: str) -> None:
    """By its line; the line may be a name."""
    (tmp_path / "ids").write_text(text)
    with pytest.raises(SettingsError, match=why) as caught:
        read_patients(tmp_path / "ids")
    assert "Jane" not in str(caught.value)
