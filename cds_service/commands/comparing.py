"""`cds-service compare`: two runs of `evaluate --json` into what changed between them, patient by patient and in sum."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from cds_service.criteria.holding import held_by, shown_status
from cds_service.errors import unreadable

Run = Mapping[str, Mapping[str, Any]]
_SAME_VERSION = (
    "warning: both runs name {} and the same day: if the definition was changed, step its version (`cds-service trials compare` shows "
    "what was); else it is the charts or the service that changed"
)
_OUTSIDE = "out-of-scope"
_KEPT = ("verdict", "review", "lean", "presumed", "recheckOn")


class _Unreadable(Exception):
    """A run can't be read; the message says which file and line."""


def compare(arguments: argparse.Namespace) -> int:
    """Exit status 0 whether or not something changed, 1 where a run can't be read."""
    try:
        before, after = read_run(arguments.before), read_run(arguments.after)
    except _Unreadable as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    changes = list(_changes(before, after))
    for change in changes:
        print(change)
    print(_summary(before, after, len(changes)))
    if changes and _of(before, "definition") == _of(after, "definition") and _of(before, "asOf") == _of(after, "asOf"):
        print(_SAME_VERSION.format(_of(before, "definition")), file=sys.stderr)
    return 0


def read_run(path: Path) -> Run:
    """Evaluations by source. Raises _Unreadable with the line."""
    found: dict[str, Mapping[str, Any]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise _Unreadable(f"{path}: {unreadable(error, 'NDJSON')}") from None
    for number, line in enumerate(lines, 1):
        try:
            one = orjson.loads(line)
            source = one["source"]
            if "error" not in one:
                one["arms"][0]["criteria"], [hold["code"] for hold in one["holds"]]
        except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
            raise _Unreadable(f"{path}:{number}: no line of `evaluate --json`") from None
        found[str(source)] = one
    if not found:
        raise _Unreadable(f"{path}: empty: it holds no line of `evaluate --json`")
    return found


def _changes(before: Run, after: Run) -> Iterator[str]:
    for source in sorted(set(before) | set(after)):
        old, new = before.get(source), after.get(source)
        if old is None or new is None:
            yield f"{source}: only in the {'second' if old is None else 'first'} run"
        elif "error" in old or "error" in new:
            if old.get("error") != new.get("error"):
                yield f"{source}: {old.get('error', 'could be read')} -> {new.get('error', 'can be read')}"
        else:
            yield from _patient(source, old, new)


def _patient(source: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    lines = [*_holds(old, new), *([] if _held(new) else [*_statuses(old, new), *_verdicts(old, new)])]
    if lines:
        yield source
        yield from (f"  {line}" for line in lines)


def _held(one: Mapping[str, Any]) -> str:
    """Why the patient is on hold; of her no status and no verdict matters."""
    return ", ".join(held_by(hold["code"] for hold in one["holds"]))


def _holds(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    was, now = (f"on hold ({_held(one)})" if _held(one) else "not on hold" for one in (old, new))
    if was != now:
        yield f"{was} -> {now}"


def _statuses(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    earlier = {arm["id"]: arm["status"] for arm in old["arms"]}
    for arm in new["arms"]:
        was = earlier.get(arm["id"], "no such arm")
        if was != arm["status"]:
            yield f"{arm['id']}: {was} -> {arm['status']}"


def _verdicts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Of an arm that is out of scope no verdict matters; where it came to be so, its status says it."""
    earlier = {(arm["id"], one["id"]): one for arm in old["arms"] for one in arm["criteria"]}
    for arm in (one for one in new["arms"] if one["status"] != _OUTSIDE):
        for one in arm["criteria"]:
            was = earlier.get((arm["id"], one["id"]))
            if was is None or any(was[name] != one[name] for name in _KEPT):
                yield f"{arm['id']} {one['id']}: {_told(was) if was else 'not there'} -> {_told(one)}"


def _told(one: Mapping[str, Any]) -> str:
    marks = [f"leans {one['lean']}" if one["lean"] else "review" if one["review"] else "", "presumed" if one["presumed"] else ""]
    return " ".join([one["verdict"], *(f"({mark})" for mark in marks if mark)])


def _of(run: Run, name: str) -> str:
    """What its Evaluations say of `name`; a run is mostly of one definition and one day."""
    return " and ".join(sorted({str(one[name]) for one in run.values() if name in one})) or "nothing readable"


def _shown(one: Mapping[str, Any]) -> str:
    return shown_status(str(one["status"]), [hold["code"] for hold in one["holds"]])


def _summary(before: Run, after: Run, lines: int) -> str:
    runs = [f"{_of(run, 'definition')} as of {_of(run, 'asOf')}" for run in (before, after)]
    head = f"{runs[0]} against {runs[1]}: {len(before)} and {len(after)} inputs"
    if not lines:
        return f"{head}, no difference"
    counts = [Counter(_shown(one) for one in run.values() if "status" in one) for run in (before, after)]
    moved = [f"{status} {counts[0][status]} -> {counts[1][status]}" for status in sorted(counts[0] | counts[1])]
    return f"\n{head}\n  " + "\n  ".join(moved)
