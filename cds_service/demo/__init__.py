"""A day into made-up patients whose charts show what the service does: `generate` and `write`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from cds_service.demo import stories_doses, stories_exclusions, stories_iim, stories_limits, stories_other, stories_sle, stories_ssc
from cds_service.demo.story import DemoPatient, patient_of

__all__ = ["DemoPatient", "generate", "write"]

_STORIES = (
    *stories_sle.STORIES, *stories_exclusions.STORIES, *stories_iim.STORIES, *stories_ssc.STORIES,
    *stories_doses.STORIES, *stories_limits.STORIES, *stories_other.STORIES,
)  # fmt: skip


def generate(as_of: date) -> list[DemoPatient]:
    """Every made-up patient, dated back from `as_of`; the same day gives the same patients."""
    return [patient_of(story, as_of) for story in _STORIES]


def write(folder: Path, as_of: date) -> int:
    """One Bundle a file, named after the patient; returns how many. Makes the folder where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    patients = generate(as_of)
    for patient in patients:
        text = json.dumps(patient.bundle, ensure_ascii=False, indent=1)
        (folder / f"{patient.id}.json").write_text(text + "\n", encoding="utf-8")
    return len(patients)
