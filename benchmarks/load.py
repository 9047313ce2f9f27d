"""Load on the shipped nginx and gunicorn: hook calls beside a Flask endpoint that only parses the same body, taking turns.

Needs nginx and wrk (Debian: apt-get install nginx wrk). Bounded in time, loopback only."""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from benchmarks.hook import PATH
from benchmarks.request import request
from tests.support.deployed import UNLIMITED, Stack, start

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_LUA = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("{body}", "rb")
wrk.body = file:read("*a")
file:close()
"""


@dataclass(frozen=True, slots=True)
class Round:
    """What wrk says of one round: requests a second, and milliseconds of the median and the slowest hundredth."""

    rate: float
    p50: float
    p99: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8)
    given = parser.parse_args()
    if not shutil.which("wrk"):
        parser.error("wrk is missing (Debian: apt-get install wrk)")
    body = orjson.dumps(request(date.today()))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "body.json").write_bytes(body)
        (folder / "post.lua").write_text(_LUA.format(body=folder / "body.json"), encoding="utf-8")
        servers = {name: _started(folder / name, application) for name, application in _APPLICATIONS.items()}
        for server in servers.values():
            stack.callback(server.stop)
            _load(server, folder, 2, given.connections)  # caches fill
        rounds: dict[str, list[Round]] = {name: [] for name in servers}
        for number in range(given.rounds):
            for name in sorted(servers, reverse=number % 2 == 1):
                rounds[name].append(_load(servers[name], folder, given.seconds, given.connections))
    print(
        f"{len(body) / 1000:.0f} kB, {given.connections} connections, {given.rounds} rounds of {given.seconds} s; medians (least to most)"
    )
    for name, found in rounds.items():
        print(f"{name:5} " + "   ".join(_line(found, each) for each in ("rate", "p50", "p99")))
    for each in ("p50", "p99", "rate"):
        print(f"{each} beside bare {_ratio(rounds, each)}")
    print(f"load ratio {_ratio(rounds, 'rate').partition(' ')[0]}")
    return 0


_APPLICATIONS = {"bare": "benchmarks.bare:application()", "hook": "cds_service.wsgi:application()"}


def _started(folder: Path, application: str) -> Stack:
    folder.mkdir()
    return start(folder, [application], UNLIMITED)


def _load(server: Stack, folder: Path, seconds: int, connections: int) -> Round:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(folder / "post.lua")]
    said = subprocess.run(
        [*command, f"https://127.0.0.1:{server.tls}{PATH}"], capture_output=True, text=True, check=True, timeout=seconds + 30
    ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"some calls failed:\n{said}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rate
    return Round(float(rate[1]), _percentile(said, 50), _percentile(said, 99))


def _percentile(said: str, which: int) -> float:
    found = re.search(rf"^\s+{which}%\s+([\d.]+)(us|ms|s)", said, re.MULTILINE)
    assert found
    return float(found[1]) * _UNITS[found[2]]


def _line(rounds: list[Round], of: str) -> str:
    values = [getattr(each, of) for each in rounds]
    unit = "/s" if of == "rate" else "ms"
    return f"{of} {statistics.median(values):7.1f} {unit} ({min(values):.1f} to {max(values):.1f})"


def _ratio(rounds: dict[str, list[Round]], of: str) -> str:
    """Of the rounds that ran beside each other, so that a busy moment touches both."""
    values = [getattr(hook, of) / getattr(bare, of) for hook, bare in zip(rounds["hook"], rounds["bare"], strict=True)]
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    raise SystemExit(main())
