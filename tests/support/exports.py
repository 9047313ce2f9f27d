"""Bundles into the NDJSON folder that a Bulk Data export would give, and a run over it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from cds_service.cohort.run import Plan, Scan, scan
from cds_service.cohort.task import Setup

Json = dict[str, Any]
AS_OF = date(2026, 11, 22)


def resources_of(bundle: Json) -> list[Json]:
    """A Bundle's resources with ids and relative references in place of its entries' addresses."""
    names: dict[str, str] = {}
    for number, entry in enumerate(bundle["entry"]):
        resource = entry["resource"]
        owner = next(one["resource"]["id"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
        resource.setdefault("id", f"{owner}-{number}")
        if entry.get("fullUrl"):
            names[entry["fullUrl"]] = f"{resource['resourceType']}/{resource['id']}"
    return [_renamed(entry["resource"], names) for entry in bundle["entry"]]


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: names.get(one, one) if key == "reference" and isinstance(one, str) else _renamed(one, names) for key, one in value.items()
        }
    return [_renamed(one, names) for one in value] if isinstance(value, list) else value


def bundle_of(resources: Iterable[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def lines(resources: Iterable[Json]) -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for one in resources)


def export(folder: Path, resources: Iterable[Json]) -> Path:
    """One file a type, as servers write them."""
    by_type: dict[str, list[Json]] = {}
    for one in resources:
        by_type.setdefault(one["resourceType"], []).append(one)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, held in by_type.items():
        (folder / f"{kind}.ndjson").write_bytes(lines(held))
    return folder


def run(source: Path, work: Path, **more: Any) -> Scan:
    """A folder without a manifest is taken as whole, as a Bundle is, if nothing else is said."""
    given = {"workers": 1, "quiet": True, "whole": True, **more}
    return scan(Plan(Setup("cc312", given.pop("as_of", AS_OF)), source, work, **given))
