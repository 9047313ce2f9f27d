"""A finished scan into the files that its purpose allows; then the work folder, with its copies of records, is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from cds_service.cohort.funnel import funnel
from cds_service.cohort.lists import lines_of_called, write_candidates, write_groups, write_verdicts
from cds_service.cohort.purpose import Purpose
from cds_service.cohort.report import report
from cds_service.cohort.rows import Row
from cds_service.cohort.run import Plan, Scan, scan
from cds_service.cohort.tally import tally


@dataclass(frozen=True, slots=True)
class Order:
    """What to make and where. `hide_up_to`: counts from 1 to this are not shown. `screen`: takes lines that name patients, for a purpose
    that lets them be looked at and not be written. `left_off`: whom the site wants on no list."""

    plan: Plan
    purpose: Purpose
    out: Path
    hide_up_to: int
    key: bytes | None = None
    keep_work: bool = False
    groups: bool = False
    engine: Callable[[Plan], Scan] = scan
    screen: Callable[[str], object] | None = None
    left_off: frozenset[str] = frozenset()


def produce(order: Order) -> list[tuple[Path, str]]:
    """Runs the plan and writes; returns the files with a word on each."""
    order.out.mkdir(parents=True, exist_ok=True)
    found = order.engine(order.plan)
    trial = found.tools.trial
    counts = funnel(found, tally(trial, found.rows, order.plan.setup.as_of), trial, order.purpose.name, order.hide_up_to)
    made = [
        (_written(order.out / "funnel.json", orjson.dumps(counts, option=orjson.OPT_INDENT_2) + b"\n"), "the counts"),
        (_written(order.out / "report.html", report(counts).encode()), f"the report{_nobody(found)}"),
    ]
    caution = _caution(found)
    if order.purpose.verdicts:
        write_verdicts(order.out / "verdicts.parquet", _rows(found, order))
        made.append((order.out / "verdicts.parquet", f"every verdict, with patient ids{caution}"))
    if order.purpose.verdicts and order.groups:
        write_groups(order.out / "groups.ndjson", trial, _rows(found, order), order.plan.setup.as_of)
        made.append((order.out / "groups.ndjson", f"FHIR Groups of patients{caution}"))
    if order.purpose.candidates and order.key is not None:
        write_candidates(order.out / "candidates.csv.fernet", trial, _rows(found, order), order.key)
        made.append((order.out / "candidates.csv.fernet", f"whom to call, encrypted{caution}"))
    if order.purpose.patients and not order.purpose.verdicts and order.screen:
        for line in lines_of_called(trial, _rows(found, order)):
            order.screen(line)
        if caution:
            order.screen(caution.removeprefix("; "))
    if not order.keep_work:
        found.tools.work.remove()
    return made


def _rows(found: Scan, order: Order) -> Iterator[Row]:
    return (row for row in found.rows if row["patient"] not in order.left_off)


def _nobody(found: Scan) -> str:
    """Zeros of a folder that holds something else look like an answer."""
    return "" if found.patients else "; no Patient was found: is it FHIR NDJSON, a resource a line?"


def _caution(found: Scan) -> str:
    """A list is no better than what is known of who said no."""
    unknown = "Consent" in found.not_exported | found.incomplete
    return "; Consents did not come whole: who said no to research may stand there" if unknown else ""


def _written(path: Path, data: bytes) -> Path:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
    return path
