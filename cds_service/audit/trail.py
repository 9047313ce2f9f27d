"""Events into the store's audit, one row each before the answer goes out; without the row no answer, where the site requires it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cds_service.audit.accounts import account
from cds_service.audit.events import NO_TENANT, Action, Event, change
from cds_service.audit.resource import Keys, audit_event
from cds_service.errors import SettingsError, StoreDown
from cds_service.observe import metrics
from cds_service.observe.logs import event
from cds_service.store.chain import Chain, Draft
from cds_service.store.opening import Store
from cds_service.store.patient_keys import PatientKeys

if TYPE_CHECKING:
    from cds_service.criteria.model import Trial

Record = Callable[[Event], None]


def unrecorded(what: Event) -> None:
    """Where a site has no store, or wants no audit here."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Trail:
    """The audit of one store. `required`: an event that can't be written raises; else the log and a metric tell of it."""

    chain: Chain
    keys: PatientKeys = field(repr=False)
    required: bool = True
    now: Callable[[], datetime] = utc_now

    in_force: dict[str, str] = field(default_factory=dict)  # settings that this process has not told yet

    @classmethod
    def of(cls, store: Store, required: bool = True, now: Callable[[], datetime] = utc_now) -> Trail:
        return cls(Chain.of(store.database, store.secret), PatientKeys.of(store.secret), required, now)

    def record(self, what: Event) -> None:
        """Writes one row; before the first also what has changed in the settings. Raises StoreDown where the site requires it."""
        with self._told(what.action):
            for name, value in tuple(self.in_force.items()):
                self._change(name, value, account(), NO_TENANT)
                self.in_force.pop(name, None)
            self.chain.append(self._draft(what))
            metrics.count_audit(what.action.value, "written")

    def record_change(self, name: str, value: str, by: str, tenant: str = NO_TENANT) -> None:
        """Of a setting that decides what is shown to whom: once for each value, whoever tells it. Raises StoreDown as `record` does."""
        with self._told(Action.CHANGE):
            self._change(name, value, by, tenant)

    def _change(self, name: str, value: str, by: str, tenant: str) -> None:
        place = name if tenant == NO_TENANT else f"{name} of {tenant}"
        if self.chain.append_change(place, value, lambda before: self._draft(change(name, before, value, by, tenant))):
            metrics.count_audit(Action.CHANGE.value, "written")

    @contextmanager
    def _told(self, action: Action) -> Iterator[None]:
        try:
            yield
        except (StoreDown, ValueError) as error:  # ValueError: fhir.resources refuses it, in words that may quote it
            kind = error.reason if isinstance(error, StoreDown) else type(error).__name__
            metrics.count_audit(action.value, "failed")
            event("audit-failed", logging.ERROR, error=kind)
            if self.required:
                raise StoreDown(kind) from None

    def _draft(self, what: Event) -> Draft:
        moment = self.now()
        patient = self.keys.patient_key(what.tenant, what.patient) if what.patient else None
        user = self.keys.user_key(what.tenant, what.user) if what.user else ""
        text = audit_event(what, Keys(patient or "", user), moment)
        return Draft(int(moment.timestamp()), what.tenant, what.action.value, "0", patient, text)


def recorder(mode: str, store: Store | None, in_force: Mapping[str, str]) -> Record:
    """`mode` is the setting `audit`; not set, a store means that events are required. Raises SettingsError."""
    if mode == "required" and store is None:
        raise SettingsError("TRIAL_CDS_AUDIT=required needs a store to write to: set TRIAL_CDS_DATABASE")
    if mode == "off" or store is None:
        return unrecorded
    trail = Trail.of(store, required=mode != "best-effort")
    trail.in_force.update(in_force)
    return trail.record


def settings_in_force(modes: Mapping[tuple[str, str], str], trials: Iterable[Trial]) -> dict[str, str]:
    """What decides for whom cards are shown, and of which trials, a line each. `modes`: tenant and trial, `*` for every one -> mode."""
    return {
        "modes": ", ".join(f"{tenant}/{trial}={mode}" for (tenant, trial), mode in sorted(modes.items())) or "none",
        "definitions": ", ".join(sorted(f"{one.definition}={one.state}" for one in trials)) or "none",
    }
