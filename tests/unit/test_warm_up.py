"""What a service reads before its first call."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import sys
from datetime import date
from zoneinfo import ZoneInfo
from cds_service.demo import generate
from cds_service.engine import build_engine
from cds_service.warm_up import warmed
from fhir_mappings.chart import chart_of_bundle

day = date(2026, 11, 22)
charts = [chart_of_bundle(one.bundle) for one in generate(day)[:12]]
engine = warmed(build_engine(ZoneInfo("UTC")))
opened = []
sys.addaudithook(lambda event, arguments: opened.append(arguments[0]) if event == "open" else None)
for chart in charts:
    for trial in engine.trials.values():
        engine.evaluate(trial, chart, day)
print(opened)
"""


def test_the_first_calls_read_no_file() -> None:
    """In a new process: tables and definitions were read by the warm-up, so that the first patient waits no longer than the next."""
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
