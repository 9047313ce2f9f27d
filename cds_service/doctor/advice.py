"""What is wrong with a store into what to do about it: the same words for the doctor, for commands and at the start."""

from __future__ import annotations

from cds_service.audit.accounts import account

_UPGRADE = "run `cds-service db upgrade`, then restart the service; it may go on running meanwhile"
_LATER = "install the version that made it, or restore the backup of before (docs/runbook.md)"


def for_store(problem: str) -> str:
    """`problem` is Database.problem's."""
    if "reached" in problem:
        return f"see whether the database runs, is there and lets '{account()}' in; commands are to be run as the service's user"
    return _LATER if "later version" in problem else _UPGRADE
