"""The list of whom to call: what each line tells a coordinator."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from cds_service.cohort.lists import decrypted, write_candidates
from tests.support.engine import engine


def _criterion(identity: str, open_: str, review: bool = False, get: str | None = None) -> dict[str, Any]:
    return {"id": identity, "verdict": "unknown", "open": open_, "review": review, "get": get}


def _listed(tmp_path: Path, *criteria: dict[str, Any]) -> dict[str, str]:
    """The line of one patient who may fit."""
    arm = {"id": "sle", "status": "potentially-eligible", "recheckOn": None, "criteria": [*criteria]}
    row = {"patient": "Patient/p1", "optedOut": False, "test": False, "holds": [], "age": 40, "sex": "female", "inResearch": False}
    key = Fernet.generate_key()
    assert write_candidates(tmp_path / "list", engine().trials["cc312"], [row | {"arms": [arm]}], key) == 1
    (line,) = csv.DictReader(io.StringIO(decrypted(tmp_path / "list", key).decode()))
    return line


def test_a_line_says_what_to_ask_and_what_to_get(tmp_path: Path) -> None:
    """Questions and records to look at by their subjects, things to get each once; what is settled stands nowhere."""
    line = _listed(
        tmp_path,
        _criterion("I-01", "person"),
        _criterion("E-06", "data", review=True),
        _criterion("E-01", "data", get="obtain 24 h urine protein"),
        _criterion("E-04", "data", get="obtain 24 h urine protein"),
        _criterion("E-23", "data") | {"verdict": "clear"},
    )
    assert line["toSettle"] == "I-01 E-06 E-01 E-04"
    assert line["toAsk"] == "I-01 consent; E-06 other autoimmune disease"
    assert line["toGet"] == "obtain 24 h urine protein"


def test_a_criterion_without_a_subject_stands_by_its_id(tmp_path: Path) -> None:
    """Its words are those of `trials describe`."""
    assert _listed(tmp_path, _criterion("SLE-3", "person"))["toAsk"] == "SLE-3"
