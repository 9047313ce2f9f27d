"""The tenants' alert settings and the ledger into one place to ask: which policy, which mode, shown or held back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds_service.alerts.ledger import Ledger, Past
from cds_service.alerts.modes import ALL, Modes, Scope
from cds_service.alerts.policy import Policy, read_policy
from cds_service.alerts.reasons import CODES
from cds_service.audit.events import NO_TENANT
from cds_service.errors import SettingsError
from cds_service.security.fields import Faults
from cds_service.security.tenants import Tenant

_DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class Desk:
    """What the hooks ask about cards. `usual` is the policy where no tenants file says otherwise."""

    ledger: Ledger
    policies: Mapping[str, Policy]
    file_modes: Mapping[Scope, str]
    usual: Policy = _DEFAULT

    def policy(self, tenant: str) -> Policy:
        return self.policies.get(tenant, self.usual)

    def mode(self, past: Past, tenant: str, trial: str) -> str:
        return Modes(self.file_modes, past.modes or {}).of(tenant, trial)


def desk_of(ledger: Ledger, tenants: Iterable[Tenant], trials: Iterable[str], usual: Policy = _DEFAULT) -> Desk:
    """Raises SettingsError with every fault of the tenants' `alerts`."""
    held = tuple(tenants)
    policies = policies_of(held, trials)
    modes = {(NO_TENANT, trial): site.mode for trial, site in usual.trials.items()}
    return Desk(ledger, policies, modes | file_modes(held, policies), usual)


def policies_of(tenants: Iterable[Tenant], trials: Iterable[str]) -> dict[str, Policy]:
    """Tenant -> Policy. Raises SettingsError with every fault; a trial that is not there is one, since its mode would not count."""
    faults, known, found = Faults("tenants file"), frozenset(trials), {}
    for tenant in tenants:
        place = f"tenant {tenant.id}.alerts"
        found[tenant.id] = read_policy(tenant.alerts, place, faults, CODES)
        for trial in sorted(set(found[tenant.id].trials) - known):
            faults.add(f"{place}.trials", f"there is no trial '{trial}'; known: {', '.join(sorted(known))}")
    if faults.found:
        raise SettingsError("\n".join(faults.found))
    return found


def file_modes(tenants: Iterable[Tenant], policies: Mapping[str, Policy]) -> dict[Scope, str]:
    """What the settings file says, by scope."""
    found: dict[Scope, str] = {}
    for tenant in tenants:
        found[(tenant.id, ALL)] = tenant.mode
        found |= {(tenant.id, trial): site.mode for trial, site in policies[tenant.id].trials.items()}
    return found
