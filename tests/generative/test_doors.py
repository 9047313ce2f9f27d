"""The law of the doors on generated charts: hook, API and command line say the same of one chart (design 4, law 5)."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import orjson
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from cds_service.app import create_app
from cds_service.cli import main
from cds_service.commands import evaluating
from cds_service.config import Settings
from tests.generative import charts as g
from tests.support.engine import engine
from tests.support.overheard import Overheard, overheard
from tests.trials.test_doors import prefetch_of

Json = dict[str, Any]
_DISEASE = st.sampled_from([pair[0] for pair in g.DIAGNOSES[:3]]).map(lambda coding: g.condition(coding, g.AS_OF.replace(year=2024)))
_ill = st.builds(lambda items, disease: [*items, disease], g.charts, _DISEASE)


@cache
def _service() -> tuple[FlaskClient, Overheard]:
    heard = overheard(g.AS_OF)
    return create_app(Settings.from_environ({}), heard).test_client(), heard


def _command_line(chart: Json) -> Json:
    """What `evaluate -` prints, on an engine that is built once: to build one takes longer than all three doors."""
    given_in, told = SimpleNamespace(buffer=io.BytesIO(orjson.dumps(chart))), io.StringIO()
    built = patch.object(evaluating, "engine_from_environ", lambda definition: engine())
    with built, patch.object(sys, "stdin", given_in), redirect_stdout(told):
        assert main(["evaluate", "cc312", "-", "--json", "--as-of", g.AS_OF.isoformat()]) == 0
    line: Json = orjson.loads(told.getvalue())
    return {name: value for name, value in line.items() if name != "source"}


def _hook(chart: Json) -> tuple[Json, list[Json]]:
    """The Evaluation that a call made, and the cards that it answered."""
    client, heard = _service()
    heard.found.clear()
    body = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/dr", "patientId": "p1"},
        "prefetch": prefetch_of(chart),
    }
    cards = client.post("/cds-services/trial-eligibility-patient-view", json=body).get_json()["cards"]
    (one,) = heard.found
    return one.to_json(), cards


def _in_scope(evaluation: Json) -> list[Any]:
    """The arms of which the hook works out the criteria."""
    return [arm if arm["status"] != "out-of-scope" else arm["id"] for arm in evaluation["arms"]]


@given(_ill)
def test_5_hook_api_and_command_line_say_the_same(items: list[Json]) -> None:
    """Law 5: the API's bytes are the command line's, the hook's arms are the same, and it shows a card only of who may fit."""
    chart = g.bundle(items)
    line, (heard, cards) = _command_line(chart), _hook(chart)
    assert _service()[0].post(f"/api/trials/cc312/evaluate?asOf={g.AS_OF}", json=chart).data == orjson.dumps(line)
    assert (heard["status"], _in_scope(heard)) == (line["status"], _in_scope(line))
    assert not cards or line["status"] == "potentially-eligible"
