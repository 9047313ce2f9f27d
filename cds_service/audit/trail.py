"""Events into the store's audit, one row each before the answer goes out; without the row no answer, where the site requires it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cds_service.audit.events import Event
from cds_service.audit.resource import Keys, audit_event
from cds_service.errors import SettingsError, StoreDown
from cds_service.observe import metrics
from cds_service.observe.logs import event
from cds_service.store.chain import Chain, Draft
from cds_service.store.opening import Store
from cds_service.store.patient_keys import PatientKeys

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

    @classmethod
    def of(cls, store: Store, required: bool = True, now: Callable[[], datetime] = utc_now) -> Trail:
        return cls(Chain.of(store.database, store.secret), PatientKeys.of(store.secret), required, now)

    def record(self, what: Event) -> None:
        """Writes one row. Raises StoreDown where the site requires it."""
        try:
            self.chain.append(self._draft(what))
        except (StoreDown, ValueError) as error:  # ValueError: fhir.resources refuses it, in words that may quote it
            kind = error.reason if isinstance(error, StoreDown) else type(error).__name__
            metrics.count_audit(what.action.value, "failed")
            event("audit-failed", logging.ERROR, error=kind)
            if self.required:
                raise StoreDown(kind) from None
            return
        metrics.count_audit(what.action.value, "written")

    def _draft(self, what: Event) -> Draft:
        moment = self.now()
        patient = self.keys.patient_key(what.tenant, what.patient) if what.patient else None
        user = self.keys.user_key(what.tenant, what.user) if what.user else ""
        text = audit_event(what, Keys(patient or "", user), moment)
        return Draft(int(moment.timestamp()), what.tenant, what.action.value, "0", patient, text)


def recorder(mode: str, store: Store | None) -> Record:
    """`mode` is the setting `audit`; not set, a store means that events are required. Raises SettingsError."""
    if mode == "required" and store is None:
        raise SettingsError("TRIAL_CDS_AUDIT=required needs a store to write to: set TRIAL_CDS_DATABASE")
    if mode == "off" or store is None:
        return unrecorded
    return Trail.of(store, required=mode != "best-effort").record
