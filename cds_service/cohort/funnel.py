"""A tally into `funnel.json`: every count that may be shown, and null for every one that may not."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from cds_service.cohort import privacy
from cds_service.cohort.heads import shown_heads
from cds_service.cohort.privacy import FAILED, PASSED, UNKNOWN, Publisher, box
from cds_service.cohort.run import Scan
from cds_service.cohort.tally import ArmTally, Tally
from cds_service.criteria.model import Arm, Trial
from cds_service.criteria.nodes.people import AgeNode

Json = dict[str, Any]
_GOES_ON = UNKNOWN | PASSED
_LISTED = 40  # findings about the data that are listed


def funnel(scan: Scan, tallied: Tally, trial: Trial, purpose: str, threshold: int) -> Json:
    as_of = scan.tools.setup.as_of
    in_scope = [tallied.arms[arm.id].in_scope for arm in trial.arms]
    heads = shown_heads(scan.patients, scan.dead, tallied.held, in_scope, threshold)
    return {
        "trial": trial.id,
        "definition": trial.definition,
        "title": trial.title,
        "asOf": as_of.isoformat(),
        "purpose": purpose,
        "hiddenUpTo": threshold,
        "patients": heads.patients,
        "deceased": heads.dead,
        "heldBack": heads.held,
        "arms": [
            _arm(arm, tallied.arms[arm.id], trial, as_of, count is not None, threshold)
            for arm, count in zip(trial.arms, heads.arms, strict=True)
        ],
        "data": _data(scan, tallied, threshold),
    }


def _shown(count: int, threshold: int) -> int | None:
    return count if count == 0 or count > threshold else None


def _all_safe(counts: tuple[int, ...], threshold: int) -> bool:
    return all(count == 0 or count > threshold for count in counts)


def _arm(arm: Arm, tallied: ArmTally, trial: Trial, as_of: date, told: bool, threshold: int) -> Json:
    size = len(tallied.criteria)
    publisher = Publisher(size, threshold)
    known = told and publisher.offer((box(size), tallied.in_scope))
    steps = _steps(tallied, publisher) if known else [_NOTHING] * size
    alone = _alone(tallied, publisher) if known else [_NOTHING] * size
    texts = {one.id: (one.kind, one.text) for one in trial.of_arm(arm.id)}
    criteria = [
        {"id": name, "kind": texts[name][0], "text": texts[name][1], "step": step, "alone": by_itself | bounds}
        for name, step, by_itself, bounds in zip(tallied.criteria, steps, alone, _bounds(tallied, threshold, known), strict=True)
    ]
    found = {"id": arm.id, "title": arm.title, "inScope": tallied.in_scope if known else None, "criteria": criteria}
    remaining = tallied.in_scope - sum(one[0] for one in tallied.steps)
    youngest = _youngest(arm, trial)
    return found | _statuses(tallied, publisher, remaining, known) | _details(tallied, as_of, youngest, publisher, remaining, known)


_NOTHING: Json = {"failed": None, "unknown": None, "passed": None, "remaining": None}


def _steps(tallied: ArmTally, publisher: Publisher) -> list[Json]:
    """The attrition in protocol order. A step that would tell of a few patients is told together with the next ones."""
    size, remaining, told = len(tallied.criteria), tallied.in_scope, tallied.in_scope
    found = []
    for number, (failed, unknown, passed) in enumerate(tallied.steps):
        before = [(one, _GOES_ON) for one in range(number)]
        after = box(size, *before, (number, _GOES_ON))
        exact = told == remaining and publisher.shows(box(size, *before))
        remaining -= failed
        one = dict(_NOTHING)
        if publisher.offer((after, remaining)):
            told = remaining
            one["remaining"] = remaining
            one["failed"] = failed if exact and publisher.offer((box(size, *before, (number, FAILED)), failed)) else None
            parts = (box(size, *before, (number, UNKNOWN)), unknown), (box(size, *before, (number, PASSED)), passed)
            if publisher.offer(*parts):
                one["unknown"], one["passed"] = unknown, passed
        found.append(one)
    return found


def _bounds(tallied: ArmTally, threshold: int, known: bool) -> list[Json]:
    """How many at least fail each criterion, and fail it and no other: exact numbers would tell unions of the others."""
    if not known:
        return [{"failedAtLeast": None, "onlyAtLeast": None} for _ in tallied.criteria]
    return [
        {"failedAtLeast": privacy.at_least(cells[0], threshold), "onlyAtLeast": privacy.at_least(only, threshold)}
        for cells, only in zip(tallied.alone, tallied.only, strict=True)
    ]


def _alone(tallied: ArmTally, publisher: Publisher) -> list[Json]:
    """Each criterion over everybody in scope, as if it were the only one."""
    size, found = len(tallied.criteria), []
    for number, cells in enumerate(tallied.alone):
        boxes = [box(size, (number, verdict)) for verdict in (FAILED, UNKNOWN, PASSED)]
        shown = publisher.offer(*zip(boxes, cells, strict=True))
        found.append(dict(zip(("failed", "unknown", "passed"), cells if shown else (None, None, None), strict=True)))
    return found


def _statuses(tallied: ArmTally, publisher: Publisher, remaining: int, known: bool) -> Json:
    open_ = [tallied.statuses["potentially-eligible"], tallied.statuses["needs-data"]]
    failed = [tallied.statuses["ineligible-now"], tallied.statuses["ineligible"]]
    last = known and publisher.shows(box(len(tallied.criteria), *((one, _GOES_ON) for one in range(len(tallied.criteria)))))
    fit, needs = privacy.partition(open_, remaining, publisher.threshold) if last else (None, None)
    now, never = privacy.partition(failed, tallied.in_scope - remaining, publisher.threshold) if last else (None, None)
    return {"statuses": {"potentially-eligible": fit, "needs-data": needs, "ineligible-now": now, "ineligible": never}}


def _details(tallied: ArmTally, as_of: date, youngest: int, publisher: Publisher, remaining: int, known: bool) -> Json:
    shown = _statuses(tallied, publisher, remaining, known)["statuses"]
    threshold = publisher.threshold
    return {
        "missing": _missing(tallied, shown["needs-data"], threshold),
        "recheck": _recheck(tallied.recheck, shown["ineligible-now"], as_of, threshold),
        "ages": _ages(tallied.ages, shown["potentially-eligible"], youngest, threshold),
        "sexes": _sexes(tallied.sexes, shown["potentially-eligible"], threshold),
    }


def _missing(tallied: ArmTally, total: int | None, threshold: int) -> list[Json]:
    """What could be had, by how many it would decide on its own. Of both numbers of one test only what leaves no small difference."""
    if total is None:
        return []
    alone = dict(privacy.disjoint(((_key(one), count) for one, count in tallied.tests_alone.items()), total, threshold))
    found = []
    for (criterion, get), wanted in tallied.tests.items():
        decides = alone.get(_key((criterion, get)))
        both = decides is None or wanted == decides or wanted - decides > threshold
        shown = bool(privacy.overlapping([("", wanted)], total, threshold)) and both
        if decides is not None or shown:
            found.append({"criterion": criterion, "get": get, "decides": decides, "wanted": wanted if shown else None})
    return sorted(found, key=lambda one: (-(one["decides"] or 0), -(one["wanted"] or 0), one["criterion"], one["get"]))


def _key(test: tuple[str, str]) -> str:
    return "\0".join(test)


def _recheck(weeks: Counter[int], total: int | None, as_of: date, threshold: int) -> list[Json]:
    """The weeks of the next 90 days, neighbours together where few; the rest of `ineligible-now` stays a large number or none."""
    cells = [weeks[week] for week in range(13)]
    rest = (total or 0) - sum(cells)
    if total is None or not (rest == 0 or rest > threshold):
        return []
    return [
        {"from": (as_of + timedelta(7 * first)).isoformat(), "to": (as_of + timedelta(7 * last + 6)).isoformat(), "patients": count}
        for first, last, count in privacy.merged(cells, threshold)
    ]


def _youngest(arm: Arm, trial: Trial) -> int:
    """The age from which the trial takes patients; 0 where no criterion says one."""
    asked = [one.logic.age for one in trial.of_arm(arm.id) if one.kind == "inclusion" and isinstance(one.logic, AgeNode)]
    return max(asked, default=0)


def _ages(ages: Counter[int | None], total: int | None, youngest: int, threshold: int) -> list[Json]:
    """By decades, the last of which is open; where the trial's lowest age lies within the first group, that is where it begins."""
    unknown = ages[None]
    if total is None or not _all_safe((unknown,), threshold):
        return []
    cells = [0] * 10
    for decade, count in ages.items():
        if decade is not None:
            cells[min(decade // 10, 9)] += count
    groups = [one for one in privacy.merged(cells, threshold) if one[2]]
    found: list[Json] = [{"from": first * 10, "to": last * 10 + 9, "patients": count} for first, last, count in groups]
    if found and found[0]["from"] < youngest <= found[0]["to"]:
        found[0]["from"] = youngest
    return found + ([{"from": None, "to": None, "patients": unknown}] if unknown and found else [])


def _sexes(sexes: Counter[str], total: int | None, threshold: int) -> list[Json]:
    if total is None:
        return []
    names = sorted(sexes, key=lambda name: (-sexes[name], name))
    shown = privacy.partition([sexes[name] for name in names], total, threshold)
    return [{"sex": name, "patients": count} for name, count in zip(names, shown, strict=True)]


def _data(scan: Scan, tallied: Tally, threshold: int) -> Json:
    """What was read and what could not be; findings count patients, and those of a few patients are not listed."""
    return {
        "resources": {kind: _shown(count, threshold) for kind, count in sorted(scan.types.items())},
        "unreadableLines": dict(sorted(scan.faults.items())),
        "issues": _top(tallied.issues, threshold),
        "foreignCodes": _top(tallied.foreign, threshold),
        "notExported": sorted(scan.not_exported),
        "incomplete": sorted(scan.incomplete),
        "withoutFile": sorted(scan.without_records),
    }


def _top(counted: Counter[str], threshold: int) -> list[Json]:
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [{"what": what, "patients": count} for what, count in ranked if count > threshold][:_LISTED]
