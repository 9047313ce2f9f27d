"""Settings, tenants, keys and files of an installation into findings."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from cds_service.alerts.desk import policies_of
from cds_service.alerts.policy import WHY
from cds_service.config import PREFIX
from cds_service.doctor.model import FAIL, OK, WARN, Finding, Scene
from cds_service.errors import SettingsError
from cds_service.server import is_loopback
from cds_service.trials import shipped

# Earlier releases of python-jose carry known CVEs.
_FLOOR = (3, 5)
_TRIED = "try-1"  # the key that deploy/caller.py makes
_MULTIPROC = "PROMETHEUS_MULTIPROC_DIR"


def settings(scene: Scene) -> Iterator[Finding]:
    for fault in scene.faults:
        unsafe = fault.startswith(f"{PREFIX}TENANTS:")  # without it anybody is let in
        do = "correct that environment variable" if unsafe else "correct or unset that environment variable"
        yield Finding("settings", FAIL, fault, f"{do}; the service does not start with it")
    if scene.faults:
        return
    given = sorted(name for name, value in scene.environ.items() if name.startswith(PREFIX) and value.strip())
    yield Finding("settings", OK, f"{len(given)} set: {', '.join(given)}" if given else "none set; all are defaults")
    if f"{PREFIX}TIMEZONE" not in given:
        yield Finding("settings", WARN, "no time zone: days are read in UTC", f"set {PREFIX}TIMEZONE to the site's, such as Europe/Berlin")


def callers(scene: Scene) -> Iterator[Finding]:
    """Who may call, from where."""
    used = scene.settings
    if used.tenants is None:
        is_open = used.insecure or not is_loopback(used.host)
        says = "callers are not checked" + (
            ", and the port may be open to others" if is_open else "; only this machine reaches the port, and whom a proxy on it lets in"
        )
        yield Finding("callers", FAIL if is_open else WARN, says, f"name your tenants in a file and set {PREFIX}TENANTS (docs/security.md)")
        return
    yield Finding("callers", OK, "every call needs a token of a tenant")
    if "*" in used.cors_origins:
        yield Finding("callers", WARN, "any web page may call", f"set {PREFIX}CORS_ORIGINS; an EHR that calls from its server needs none")


def tenants(scene: Scene) -> Iterator[Finding]:
    for fault in scene.tenants_fault.splitlines():
        yield Finding("tenants", FAIL, fault, "correct the tenants file; the service does not start with it")
    for one in scene.tenants:
        says = f"{one.id}: {len(one.issuers)} issuer(s), {len(one.fhir_servers)} FHIR server(s), mode {one.mode}"
        if one.mode == "on":
            yield Finding("tenants", OK, says)
        else:
            yield Finding("tenants", WARN, says, "set `mode: on` when its clinicians are to see cards")


def alerts(scene: Scene) -> Iterator[Finding]:
    """What the tenants say of cards."""
    try:
        policies = policies_of(scene.tenants, shipped())
    except SettingsError as error:
        for fault in str(error).splitlines():
            yield Finding("alerts", FAIL, fault, "correct the tenants file; the service does not start with it")
        return
    for tenant in scene.tenants:
        policy = policies[tenant.id]
        nobody = not policy.pilot_users and not policy.pilot_departments
        if nobody and "pilot" in (tenant.mode, *(site.mode for site in policy.trials.values())):
            yield Finding(
                "alerts", WARN, f"{tenant.id}: a pilot without users or departments", "name them in `alerts`; nobody sees a card now"
            )
        else:
            yield Finding("alerts", OK, f"{tenant.id}: {', '.join(f'{name} {getattr(policy.limits, name)}' for name in WHY)}")
        if policy.do_not_contact_flags and not policy.do_not_contact_keys:
            says = f"{tenant.id}: a Flag that the EHR does not send keeps nobody off"
            yield Finding("alerts", WARN, says, "name the prefetch key of Flags in `do_not_contact_keys` of `alerts`")
    if scene.tenants and not scene.settings.database:
        says = "without a store each process forgets at its end whom it has shown what"
        yield Finding("alerts", WARN, says, f"set {PREFIX}DATABASE, so that no one is asked twice")


def tokens(scene: Scene) -> Iterator[Finding]:
    """Those of the API that have ended, by the day in UTC as the service reads it."""
    today = datetime.now(UTC).date()
    for tenant in scene.tenants:
        for one in tenant.api_tokens:
            if one.until and one.until < today:
                says = f"{tenant.id}: the API's token {one.name} ended on {one.until}"
                yield Finding("tokens", WARN, says, "make another with `cds-service api-token`, or take it out")
            else:
                yield Finding("tokens", OK, f"{tenant.id}: the API's token {one.name}: {', '.join(sorted(one.scopes))}")


def keys(scene: Scene) -> Iterator[Finding]:
    """The keys that may verify a tenant's tokens."""
    for tenant in scene.tenants:
        for issuer in tenant.issuers:
            held = ", ".join(sorted(issuer.keys.keys)) or "none yet"
            yield Finding("keys", OK, f"{tenant.id}, {issuer.iss}: {held}; {', '.join(sorted(issuer.algorithms))}")
            if _TRIED in issuer.keys.keys:
                yield Finding(
                    "keys", WARN, f"{tenant.id}: {_TRIED} is the made-up EHR of deploy/caller.py", "take it out before patients' data"
                )
            for why in issuer.keys.refused:
                yield Finding(
                    "keys", WARN, f"{tenant.id}, {issuer.iss}: {why}; not used", "ask the EHR's administrators, or take the key out"
                )
            if weak := sorted(issuer.algorithms & {"RS256", "ES256"}):
                says = f"{tenant.id}, {issuer.iss}: {', '.join(weak)} allowed"
                yield Finding("keys", WARN, says, "CDS Hooks recommends RS384 and ES384; ask whether the EHR has them")


def files(scene: Scene) -> Iterator[Finding]:
    """Who else could change what the service trusts, or read its secret."""
    named = [path for path in (scene.settings.tenants, *scene.settings.concept_maps) if path]
    for path in named:
        yield _file(path)
    if (secret := scene.settings.secret_file) and os.access(secret, os.R_OK):  # the store's check tells what can't be read
        yield _secret(secret)
    if folder := scene.environ.get(_MULTIPROC, ""):
        yield _metrics_folder(Path(folder))
    elif scene.settings.metrics:
        says = "each process tells of its own counts alone at /metrics"
        yield Finding("files", WARN, says, f"under gunicorn set {_MULTIPROC} too (docs/operations.md)")


def _metrics_folder(folder: Path) -> Finding:
    """It need not be there: gunicorn's settings make it at the start."""
    if os.access(folder if folder.exists() else folder.parent, os.W_OK):
        return Finding("files", OK, f"{_MULTIPROC} can be written to")
    return Finding("files", FAIL, f"{_MULTIPROC}: no folder that can be written to", "let the service's user write to it or to its parent")


def _file(path: Path) -> Finding:
    if not os.access(path, os.R_OK):
        return Finding("files", FAIL, f"{path} can't be read", "let the service's user read it")
    parent = path.resolve().parent.stat().st_mode
    loose = parent & stat.S_IWOTH and not parent & stat.S_ISVTX
    mode = path.stat().st_mode
    if mode & stat.S_IWOTH or loose:
        return Finding("files", FAIL, f"{path} can be changed by anyone on this machine", "chmod o-w the file and its folder")
    if mode & stat.S_IWGRP:
        return Finding("files", WARN, f"{path} can be changed by its group", "chmod g-w, unless the group is the administrators'")
    return Finding("files", OK, f"{path} can be changed by its owner only")


def _secret(path: Path) -> Finding:
    if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        return Finding(
            "files", WARN, f"{path}: others than its owner and group may read it, or change it", "chmod 640; it keys the store's digests"
        )
    return Finding("files", OK, f"{path} can be read by its owner and group only")


def packages(scene: Scene) -> Iterator[Finding]:
    found = version("python-jose")
    parts = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if parts < _FLOOR:
        yield Finding("packages", FAIL, f"python-jose {found} has known faults", "install 3.5.0 or later")
    else:
        yield Finding("packages", OK, f"python-jose {found}")
