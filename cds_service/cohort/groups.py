"""Rows of those who may be listed into FHIR R4 Groups of patients: one for each arm and each status in which somebody is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from cds_service.cohort.rows import CALLED, Row
from cds_service.criteria.model import Arm, Trial
from cds_service.criteria.study import group_id

Json = dict[str, Any]


def member_groups(trial: Trial, rows: Iterable[Row], as_of: date) -> Iterator[Json]:
    """In the order of the arms; a Group without anybody stands there too, so that an older one on a server is replaced."""
    members: dict[tuple[str, str], list[str]] = {(arm.id, status): [] for arm in trial.arms for status in CALLED}
    for row in rows:
        for arm in row["arms"]:
            if arm["status"] in CALLED:
                members[arm["id"], arm["status"]].append(row["patient"])
    for arm in trial.arms:
        for status in CALLED:
            yield _group(trial, arm, status, sorted(members[arm.id, status]), as_of)


def _group(trial: Trial, arm: Arm, status: str, patients: list[str], as_of: date) -> Json:
    """`potentially-eligible` is where the records stand on that day; nobody in it has been found eligible."""
    found: Json = {
        "resourceType": "Group",
        "id": f"{group_id(trial, arm)}-{status}",
        "active": True,
        "type": "person",
        "actual": True,
        "name": f"{arm.title}: {status} for {trial.definition}",
        "quantity": len(patients),
        "characteristic": [
            {
                "code": {"text": f"status in {trial.definition}, {arm.title}"},
                "valueCodeableConcept": {"coding": [{"system": "urn:cds-service:status", "code": status}]},
                "exclude": False,
                "period": {"start": as_of.isoformat(), "end": as_of.isoformat()},
            }
        ],
    }
    return found | ({"member": [{"entity": {"reference": one}} for one in patients]} if patients else {})
