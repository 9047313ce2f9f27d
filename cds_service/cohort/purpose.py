"""Why a cohort is queried, what that purpose allows, and the line in the audit file that says so before anything is read."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import orjson

from cds_service.audit.accounts import account
from cds_service.cohort.source import SourceError
from cds_service.errors import ServiceError

FEASIBILITY, PREPARATORY, RECRUITMENT = PURPOSES = ("feasibility", "prep-to-research", "recruitment")
AUDIT = "cohort-audit.jsonl"


class PurposeError(ServiceError):
    """What was asked for is not allowed for the purpose, or not without what is missing."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """`attestation`: the IRB or waiver number, or the researcher's representation under 45 CFR 164.512(i)(1)(ii). `preparatory_files`: the
    site lets reviews preparatory to research write files all the same. `until`: the last day of the IRB's approval or waiver."""

    name: str
    attestation: str = ""
    preparatory_files: bool = False
    until: date | None = None

    @property
    def patients(self) -> bool:
        """Whether single patients may be looked at."""
        return self.name != FEASIBILITY

    @property
    def verdicts(self) -> bool:
        """Whether verdicts of single patients may be written: a review preparatory to research looks at them and takes nothing away."""
        return self.name == RECRUITMENT or (self.name == PREPARATORY and self.preparatory_files)

    @property
    def candidates(self) -> bool:
        """Whether a list of whom to call may be written: reviews preparatory to research take no names out."""
        return self.name == RECRUITMENT


def checked(purpose: Purpose, key: bytes | None, today: date, keeps: Collection[str] = ()) -> Purpose:
    """`keeps`: the options given that leave patients' ids or records behind. Raises PurposeError."""
    name = purpose.name
    if keeps and not purpose.verdicts:
        raise PurposeError(f"{' and '.join(keeps)} would leave files that name patients, which --purpose {name} does not allow")
    if purpose.patients and not purpose.attestation:
        raise PurposeError(f"--purpose {name} needs --attestation: the IRB or waiver number, or the researcher's representation")
    if purpose.candidates and purpose.until is None:
        raise PurposeError(f"--purpose {name} needs --attestation-until: the last day of the IRB's approval or waiver")
    if purpose.until and purpose.until < today:
        raise PurposeError(f"the approval or waiver ended on {purpose.until}")
    if purpose.candidates and key is None:
        raise PurposeError("--purpose recruitment needs --key-file: the list of candidates is never written unencrypted")
    return purpose


def record(path: Path, when: datetime, purpose: Purpose, **more: object) -> None:
    """Adds one line. It names the question, the purpose and who asked; no patient and no result. Raises SourceError."""
    line = {
        "at": when.isoformat(timespec="seconds"),
        "user": account(),
        "purpose": purpose.name,
        "attestation": purpose.attestation,
        **({"attestationUntil": purpose.until.isoformat()} if purpose.until else {}),
        **more,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(orjson.dumps(line) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise SourceError(f"{path}: the audit can't be written ({error.strerror}); nothing was run") from None
