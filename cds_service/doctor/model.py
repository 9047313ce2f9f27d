"""The environment into a Scene that checks look at, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cds_service.config import Settings
from cds_service.errors import SettingsError
from cds_service.security.tenants import Tenant, load_tenants

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `do` says what to do about a warn or a fail."""

    check: str
    state: str
    says: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What an installation is set to. A faulty setting has its default, so that the other checks still say something."""

    environ: Mapping[str, str]
    settings: Settings
    faults: tuple[str, ...] = ()
    tenants: tuple[Tenant, ...] = ()
    tenants_fault: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A name and what looks. `network`: only where --network allows it to connect to the tenants' servers."""

    name: str
    look: Callable[[Scene], Iterable[Finding]]
    network: bool = False


def scene_of(environ: Mapping[str, str]) -> Scene:
    settings, faults = Settings.read(environ)
    try:
        return Scene(environ, settings, tuple(faults), load_tenants(settings.tenants) if settings.tenants else ())
    except SettingsError as error:
        return Scene(environ, settings, tuple(faults), tenants_fault=str(error))


def findings(checks: Iterable[Check], scene: Scene, network: bool) -> list[Finding]:
    """All of them; a check that breaks is a finding itself."""
    found: list[Finding] = []
    for check in checks:
        if check.network and not network:
            continue
        try:
            found += check.look(scene)
        except Exception as error:
            found.append(Finding(check.name, FAIL, f"the check itself failed: {type(error).__name__}", "report this as a fault"))
    return found
