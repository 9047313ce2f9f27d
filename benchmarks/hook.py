"""What a hook call costs beside parsing its body: in process, over HTTP, a resource mapped, a criterion evaluated."""

from __future__ import annotations

import gc
import json
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import orjson
from waitress.server import create_server

from benchmarks.request import request
from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.criteria.evaluate import evaluate
from cds_service.engine import Engine, build_engine
from fhir_mappings.chart import READ_TYPES, assemble, bundle_parts
from fhir_mappings.inputs import State
from fhir_mappings.mapping import map_chart

AS_OF = date(2026, 11, 22)
PATH = "/cds-services/trial-eligibility-patient-view"


def medians(rounds: int, **tasks: Callable[[], object]) -> dict[str, float]:
    """Median milliseconds of each task; the tasks alternate so that a busy moment touches all of them."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def main(rounds: int = 60) -> None:
    body = orjson.dumps(request(AS_OF))
    settings = Settings.from_environ({})
    engine = build_engine(ZoneInfo("UTC"))
    client = create_app(settings, engine).test_client()
    text = body.decode()
    gc.collect()
    gc.freeze()

    def hook() -> None:
        answer = client.post(PATH, data=body, content_type="application/json")
        assert answer.status_code == 200, answer.data

    found = medians(rounds, json_loads=lambda: json.loads(text), hook=hook, **_parts(body, engine))
    with_http = medians(max(10, rounds // 3), http=_over_http(settings, engine, body))
    cards = client.post(PATH, data=body, content_type="application/json").json["cards"]
    print(f"body {len(body) / 1000:.0f} kB, {len(cards)} card(s)")
    for name, value in {**found, **with_http}.items():
        print(f"{name:14} {value:8.2f} ms   {value / found['json_loads']:5.1f} x json.loads")
    resources, criteria = _counts(body, engine)
    print(f"mapping        {found['mapping'] * 1000 / resources:8.1f} us a resource ({resources})")
    print(f"evaluation     {found['evaluation'] * 1000 / criteria:8.1f} us a criterion ({criteria} in all arms)")
    print(f"hook ratio {found['hook'] / found['json_loads']:.2f}")


def _parts(body: bytes, engine: Engine) -> dict[str, Callable[[], object]]:
    trial = next(iter(engine.trials.values()))
    raw = orjson.loads(body)["prefetch"]
    parts = [(raw["patient"], None)] + [part for key in ("conditions", "labs", "medicationRequests") for part in bundle_parts(raw[key])[0]]
    states = dict.fromkeys(READ_TYPES, State.WHOLE)
    chart = assemble(parts, states)
    inputs = map_chart(chart, engine.terminology, AS_OF, engine.zone)
    return {
        "chart": lambda: assemble(parts, states),
        "mapping": lambda: map_chart(chart, engine.terminology, AS_OF, engine.zone),
        "evaluation": lambda: evaluate(trial, inputs, engine.terminology.value_sets),
    }


def _counts(body: bytes, engine: Engine) -> tuple[int, int]:
    raw = orjson.loads(body)["prefetch"]
    trial = next(iter(engine.trials.values()))
    resources = 1 + sum(len(raw[key]["entry"]) for key in ("conditions", "labs", "medicationRequests"))
    return resources, sum(len(trial.of_arm(arm.id)) for arm in trial.arms)


def _over_http(settings: Settings, engine: Engine, body: bytes) -> Callable[[], object]:
    server = create_server(create_app(settings, engine), host="127.0.0.1", port=0, threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    url = f"http://127.0.0.1:{server.effective_port}{PATH}"

    def call() -> None:
        ask = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(ask, timeout=30) as answer:
            answer.read()

    return call


if __name__ == "__main__":
    main()
