"""What happened into an Event: who did what with whose data, in the project's own words; nothing of a chart and no token fits in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

NO_TENANT = "none"  # where callers are not checked, as in the metrics


class Action(Enum):
    """What may stand in the audit; the value is the code of its rows."""

    HOOK = "hook-evaluated"
    HELD = "hook-held"
    API = "api-evaluated"
    COHORT = "cohort-run"
    FETCH = "cohort-fetched"
    CHANGE = "setting-changed"
    EXPORT = "audit-exported"
    PURGE = "audit-purged"


@dataclass(frozen=True, slots=True)
class Finding:
    """A trial's definition, by id and version, the patient's status in it, and `card` or why there was none; '' where none was due.

    The status is '' where nobody evaluated it.
    """

    definition: str
    status: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """`patient` and `user` are the EHR's ids: the audit holds their keys alone. `account` is one of the machine's own."""

    action: Action
    tenant: str = NO_TENANT
    patient: str = field(default="", repr=False)
    user: str = field(default="", repr=False)
    account: str = ""
    request: str = ""  # the request's id, as in the log
    instance: str = ""  # hookInstance; written only where it is a UUID
    findings: tuple[Finding, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


def change(name: str, before: str, after: str, account: str, tenant: str = NO_TENANT) -> Event:
    """A setting that decides what is shown to whom, such as a tenant's mode."""
    of = {} if tenant == NO_TENANT else {"tenant": tenant}
    return Event(Action.CHANGE, tenant, account=account, details={"setting": name, "before": before, "after": after, **of})
