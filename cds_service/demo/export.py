"""The made-up patients into NDJSON, a file a resource type, as a hospital's Bulk Data export would give them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from cds_service.demo import generate

Json = dict[str, Any]


def write_export(folder: Path, as_of: date, copies: int = 1) -> int:
    """Returns how many patients that is. Makes the folder where there is none. With copies each chart is there several times under other
    ids, so that there are counts large enough to be shown."""
    patients = generate(as_of)
    by_type: dict[str, list[str]] = {}
    for number in range(1, copies + 1):
        for resource in (one for patient in patients for one in _resources(patient.bundle, f"-{number}" if number > 1 else "")):
            text = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
            by_type.setdefault(resource["resourceType"], []).append(text)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, lines in sorted(by_type.items()):
        (folder / f"{kind}.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(patients) * copies


def _resources(bundle: Json, ending: str) -> list[Json]:
    """With the ending at their ids. An export has no entries, so no addresses of entries: what points to one points to `Type/id`."""
    names: dict[str, str] = {}
    for entry in bundle["entry"]:
        name = f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        names[entry["fullUrl"]] = names[name] = name + ending
    return [_renamed(entry["resource"], names) | {"id": entry["resource"]["id"] + ending} for entry in bundle["entry"]]


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: names.get(one, one) if key == "reference" and isinstance(one, str) else _renamed(one, names) for key, one in value.items()}
