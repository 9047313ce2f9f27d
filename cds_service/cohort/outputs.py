"""A finished scan into the files that its purpose allows; then the work folder, with its copies of records, is removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from cds_service.cohort.funnel import funnel
from cds_service.cohort.lists import lines_of_called, write_candidates, write_groups, write_verdicts
from cds_service.cohort.purpose import Purpose
from cds_service.cohort.report import report
from cds_service.cohort.run import Plan, Scan, scan
from cds_service.cohort.tally import tally


@dataclass(frozen=True, slots=True)
class Order:
    """What to make and where. `hide_up_to`: counts from 1 to this are not shown. `screen`: takes lines that name patients, for a purpose
    that lets them be looked at and not be written."""

    plan: Plan
    purpose: Purpose
    out: Path
    hide_up_to: int
    key: bytes | None = None
    keep_work: bool = False
    groups: bool = False
    engine: Callable[[Plan], Scan] = scan
    screen: Callable[[str], object] | None = None


def produce(order: Order) -> list[tuple[Path, str]]:
    """Runs the plan and writes; returns the files with a word on each."""
    order.out.mkdir(parents=True, exist_ok=True)
    found = order.engine(order.plan)
    trial = found.tools.trial
    counts = funnel(found, tally(trial, found.rows, order.plan.setup.as_of), trial, order.purpose.name, order.hide_up_to)
    made = [
        (_written(order.out / "funnel.json", orjson.dumps(counts, option=orjson.OPT_INDENT_2) + b"\n"), "the counts"),
        (_written(order.out / "report.html", report(counts).encode()), "the report"),
    ]
    if order.purpose.verdicts:
        write_verdicts(order.out / "verdicts.parquet", found.rows)
        made.append((order.out / "verdicts.parquet", "every verdict, with patient ids"))
    if order.purpose.verdicts and order.groups:
        write_groups(order.out / "groups.ndjson", trial, found.rows, order.plan.setup.as_of)
        made.append((order.out / "groups.ndjson", "FHIR Groups of patients"))
    if order.purpose.candidates and order.key is not None:
        write_candidates(order.out / "candidates.csv.fernet", found.rows, order.key)
        made.append((order.out / "candidates.csv.fernet", "whom to call, encrypted"))
    if order.purpose.patients and not order.purpose.verdicts and order.screen:
        for line in lines_of_called(found.rows):
            order.screen(line)
    if not order.keep_work:
        found.tools.work.remove()
    return made


def _written(path: Path, data: bytes) -> Path:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
    return path
