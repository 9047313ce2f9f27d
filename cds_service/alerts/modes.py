"""What is set for all, for a tenant and for a trial there into the one mode that counts: the least of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from cds_service.security.tenants import MODES
from cds_service.store.tables import modes

ALL = "*"
Scope = tuple[str, str]  # tenant and trial, each or ALL
_SET = select(modes.c.tenant, modes.c.trial, modes.c.mode)


def in_words(scope: Scope) -> str:
    """`every tenant, trial cc312`"""
    return ", ".join(f"every {what}" if name == ALL else f"{what} {name}" for what, name in zip(("tenant", "trial"), scope, strict=True))


def modes_set(connection: Connection) -> dict[Scope, str]:
    """What `cds-service mode` has set. A mode of a later version is the least: what isn't understood shows nothing."""
    rows = connection.execute(_SET)
    return {(row.tenant, row.trial): row.mode if row.mode in MODES else MODES[0] for row in rows}


def set_mode(connection: Connection, scope: Scope, mode: str | None, at: int) -> None:
    """None takes back what was set, so that the settings file counts again."""
    connection.execute(delete(modes).where(modes.c.tenant == scope[0], modes.c.trial == scope[1]))
    if mode is not None:
        connection.execute(insert(modes).values(tenant=scope[0], trial=scope[1], mode=mode, at=at))


@dataclass(frozen=True, slots=True)
class Modes:
    """What the settings file says by scope, and what was set over it at run time for the same scope."""

    file: Mapping[Scope, str]
    set: Mapping[Scope, str]

    def of(self, tenant: str, trial: str) -> str:
        """`off` for all is off for everybody, whatever else is set: one command ends it."""
        scopes = ((ALL, ALL), (ALL, trial), (tenant, ALL), (tenant, trial))
        said = [self.set.get(scope, self.file.get(scope, MODES[-1])) for scope in scopes]
        return min(said, key=MODES.index)
