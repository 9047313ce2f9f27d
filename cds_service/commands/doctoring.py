"""`cds-service doctor`: what is wrong with this installation, as a table or JSON."""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections import Counter
from collections.abc import Iterator, Sequence

import orjson

from cds_service.doctor.checks import CHECKS
from cds_service.doctor.model import FAIL, OK, WARN, Finding, findings, scene_of


def doctor(arguments: argparse.Namespace) -> int:
    """Exit status 1 where something fails."""
    found = findings(CHECKS, scene_of(os.environ), arguments.network)
    worst = next((state for state in (FAIL, WARN) if any(one.state == state for one in found)), OK)
    if arguments.json:
        print(orjson.dumps({"status": worst, "findings": [dataclasses.asdict(one) for one in found]}).decode())
    else:
        print("\n".join(_table(found, arguments.network)))
    return int(worst == FAIL)


def _table(found: Sequence[Finding], network: bool) -> Iterator[str]:
    width = max(len(one.check) for one in found)
    for one in found:
        yield f"{one.state:4}  {one.check:{width}}  {one.says}"
        if one.state != OK:
            yield f"      {'':{width}}  -> {one.do}"
    counts = Counter(one.state for one in found)
    yield ", ".join(f"{counts[state]} {state}" for state in (OK, WARN, FAIL))
    if not network:
        yield "Not looked at: the tenants' servers and the clock; --network does."
