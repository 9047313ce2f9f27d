"""One patient, five doors: the hook, the API, the command line, the local cohort and Spark give the same verdicts, byte for byte.

What is compared, since not every door shows as much:

- API and command line: the whole Evaluation.
- Local cohort: of whom it evaluates, the whole Evaluation and the row of it; of nobody else is an arm in scope.
- Spark: the rows, which are what it makes: verdict, lean, what is open, review, presumed, day to look again, of every criterion in scope.
- Hook: a card shows too little, so it is the Evaluation that the call made, taken from the engine that answered it over HTTP: each arm in
  scope whole. It evaluates nobody who is held back before (who has died, opted out, is in the trial), and computes no arm out of scope.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from benchmarks import hospital
from cds_service import demo
from cds_service.alerts.suppressors import BEFORE
from cds_service.app import create_app
from cds_service.cli import main
from cds_service.cohort.patients import evaluations
from cds_service.cohort.run import Plan, scan
from cds_service.cohort.task import Setup
from cds_service.config import Settings
from tests.real.test_synthea import FOLDER, patients, splice
from tests.support.exports import AS_OF, bundle_of, export, resources_of
from tests.support.overheard import Overheard, overheard
from tests.trials.test_doors import prefetch_of

Json = dict[str, Any]
Charts = dict[str, list[Json]]  # by patient id
pytestmark = pytest.mark.usefixtures("spark")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_SERVICE = "/cds-services/trial-eligibility-patient-view"
_SAID = ("id", "verdict", "review", "lean", "open", "presumed", "recheckOn")
_BEFORE = {reason for reason, _ in BEFORE}
_NO_SYNTHEA = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"SYNTHEA NOT TESTED: no {FOLDER}, its patients are not beside the project")


def _generated(folder: Path) -> Charts:
    """1,000 patients, one in five in scope."""
    hospital.write(folder, 1000, 0.2, seed=7)
    charts: Charts = {}
    for path in sorted(folder.iterdir()):
        for line in path.read_bytes().splitlines():
            one = json.loads(line)
            charts.setdefault(one["id"][: len("7-00000000")], []).append(one)
    return charts


def _synthea(_: Path) -> Charts:
    """Each of Synthea's patients as they are, and once more, under other ids, with the records of one of the demo's stories."""
    charts: Charts = {}
    for bundle, story in zip(patients().values(), demo.generate(AS_OF), strict=False):
        plain = bundle_of(resources_of(bundle))
        ill = json.loads(_UUID.sub(r"ill-\g<0>", json.dumps(splice(plain, bundle_of(resources_of(story.bundle))))))
        for one in (plain, ill):
            held = [entry["resource"] for entry in one["entry"]]
            charts[next(each["id"] for each in held if each["resourceType"] == "Patient")] = held
    return charts


def _command_line(charts: Charts, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, bytes]:
    """The lines of `evaluate --json` over a folder of Bundles, without their `source`."""
    folder.mkdir()
    for identity, chart in charts.items():
        (folder / f"{identity}.json").write_bytes(orjson.dumps(bundle_of(chart)))
    assert main(["evaluate", "cc312", str(folder), "--json", "--as-of", AS_OF.isoformat()]) == 0
    return _by_patient(
        {name: value for name, value in json.loads(line).items() if name != "source"} for line in capsys.readouterr().out.splitlines()
    )


def _api(charts: Charts, client: FlaskClient) -> dict[str, bytes]:
    """The bytes of its answers."""
    answers = [client.post(f"/api/trials/cc312/evaluate?asOf={AS_OF}", json=bundle_of(chart)).data for chart in charts.values()]
    return {json.loads(one)["patient"]: one for one in answers}


@dataclass
class Heard:
    """What came of the hook calls: the Evaluations that they made, who had a card, and the log's word on who was held back before."""

    evaluations: dict[str, bytes] = field(default_factory=dict)
    cards: set[str] = field(default_factory=set)
    held: dict[str, str] = field(default_factory=dict)


def _hook(charts: Charts, client: FlaskClient, service: Overheard, log: pytest.LogCaptureFixture) -> Heard:
    heard = Heard()
    for identity, chart in charts.items():
        service.found.clear()
        log.clear()
        answer = client.post(_SERVICE, json=_call(identity, chart))
        assert answer.status_code == 200, identity
        patient = f"Patient/{identity}"
        heard.evaluations |= _by_patient(one.to_json() for one in service.found)
        heard.cards.update(patient for _ in answer.get_json()["cards"])
        said = [record.fields["suppressed"] for record in log.records if record.msg == "card"]  # type: ignore[attr-defined]
        heard.held.update((patient, reason) for reason in said if reason in _BEFORE)
    return heard


def _call(identity: str, chart: list[Json]) -> Json:
    return {
        "hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/dr", "patientId": identity}, "prefetch": prefetch_of(bundle_of(chart)),
    }  # fmt: skip


def _by_patient(found: Iterable[Json]) -> dict[str, bytes]:
    return {one["patient"]: orjson.dumps(one) for one in found}


def _in_scope(evaluation: bytes) -> bytes:
    """Status and holds, and the arms in scope whole."""
    held = orjson.loads(evaluation)
    arms = [arm if arm["status"] != "out-of-scope" else arm["id"] for arm in held["arms"]]
    return orjson.dumps([held["patient"], held["status"], held["holds"], arms])


def _verdicts(found: bytes) -> bytes:
    """What a row says of the criteria, of a row or of an Evaluation."""
    held = orjson.loads(found)
    holds = [one["code"] if isinstance(one, dict) else one for one in held["holds"]]
    return orjson.dumps([held["patient"], held["status"], holds, [_arm(arm) for arm in held["arms"]]])


def _arm(arm: Json) -> list[Any]:
    criteria = [] if arm["status"] == "out-of-scope" else arm["criteria"]
    return [arm["id"], arm["status"], arm["recheckOn"], [[one[name] for name in _SAID] for one in criteria]]


def _of(which: dict[str, bytes], patients: Iterable[str], told: Any) -> dict[str, bytes]:
    return {name: told(which[name]) for name in patients}


def _status(evaluation: bytes) -> str:
    return str(orjson.loads(evaluation)["status"])


def _holds(evaluation: bytes) -> list[Any]:
    held: list[Any] = orjson.loads(evaluation)["holds"]
    return held


def _hook_agrees(hook: Heard, line: dict[str, bytes], ill: set[str]) -> None:
    """Whoever was evaluated as on the command line, everybody else held back with a reason; cards only for who may fit."""
    assert _of(hook.evaluations, hook.evaluations, _in_scope) == _of(line, hook.evaluations, _in_scope)
    assert hook.evaluations.keys() | hook.held.keys() == line.keys()
    assert not hook.evaluations.keys() & hook.held.keys()
    assert len(hook.evaluations.keys() & ill) > len(ill) // 2
    assert {_status(line[name]) for name in hook.cards} == {"potentially-eligible"}


def _cohorts_agree(charts: Charts, folder: Path, line: dict[str, bytes], ill: set[str]) -> None:
    """Both engines over the patients' export; nobody in scope is left out."""
    from cds_service.cohort.spark.run import scan as on_spark

    source = export(folder / "in", [one for chart in charts.values() for one in chart])
    plan = Plan(Setup("cc312", AS_OF), source, folder / "local", workers=2, whole=True, quiet=True)
    local, spark = scan(plan), on_spark(replace(plan, work=folder / "spark"), {})
    full = _by_patient(one.to_json() for bucket in range(local.tools.buckets) for one in evaluations(local.tools, bucket))
    assert full == _of(line, full, bytes)
    assert ill <= full.keys()
    assert [orjson.dumps(row) for row in spark.rows] == [orjson.dumps(row) for row in local.rows]
    rows = _by_patient(spark.rows)
    assert _of(rows, rows, _verdicts) == _of(line, full, _verdicts)


@pytest.mark.parametrize(
    ("charts_of", "number", "fewest"),
    [pytest.param(_generated, 1000, 150, id="generated"), pytest.param(_synthea, 2 * 59, 50, id="synthea", marks=_NO_SYNTHEA)],
)
def test_every_door_gives_the_same_verdicts(
    charts_of: Any, number: int, fewest: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """1,000 generated patients, one in five in scope, and all of Synthea's, as they are and with a disease of the trial."""
    caplog.set_level("INFO", "cds_service")
    charts, service = charts_of(tmp_path / "generated"), overheard(AS_OF)
    client = create_app(Settings.from_environ({}), service).test_client()
    line = _command_line(charts, tmp_path / "bundles", capsys)
    ill = {name for name, one in line.items() if _status(one) != "out-of-scope" and not _holds(one)}
    assert (len(line), len(ill) > fewest) == (number, True)
    assert _api(charts, client) == line
    hook = _hook(charts, client, service, caplog)
    _hook_agrees(hook, line, ill)
    _cohorts_agree(charts, tmp_path, line, ill)
    print(
        f"\n{number} patients, {len(ill)} living in scope; the hook: {len(hook.cards)} cards, held back {dict(Counter(hook.held.values()))}"
    )
