"""`cds-service registration`: the sheet for a hospital's IT, as Markdown or a page."""

from __future__ import annotations

import argparse
import sys
from urllib.parse import urlsplit

from cds_service.commands.setting_up import engine_from_environ, settings_from_environ, tell
from cds_service.errors import SettingsError
from cds_service.registration.sheet import Subject, sheet, title
from cds_service.security.api_tokens import new_token
from cds_service.security.tenants import Tenant, load_tenants
from cds_service.sheets import page


def registration(arguments: argparse.Namespace) -> int:
    settings = settings_from_environ()
    engine = engine_from_environ(settings=settings) if settings else None
    if settings is None or engine is None:
        return 2
    try:
        tenant = _tenant(arguments.tenant, load_tenants(settings.tenants) if settings.tenants else ())
    except SettingsError as error:
        tell(error)
        return 2
    subject = Subject(arguments.base_url, arguments.ehr, tuple(engine.trials.values()), tenant, settings.body_limit)
    text = sheet(subject)
    print(page(title(subject), text) if arguments.html else text, end="")
    return 0


def api_token(arguments: argparse.Namespace) -> int:
    """The token on standard output, once and nowhere else; what to put into the tenants file on standard error."""
    token, digest = new_token()
    print("# into the tenants file, under `api_tokens` of the tenant; then reload the service", file=sys.stderr)
    until = f", until: {arguments.until}" if arguments.until else ""
    print(f"- {{name: {arguments.name}, scopes: [{', '.join(arguments.scope)}]{until}, sha256: {digest}}}", file=sys.stderr)
    print(token)
    return 0


def _tenant(name: str | None, tenants: tuple[Tenant, ...]) -> Tenant | None:
    if name is None:
        return None
    for one in tenants:
        if one.id == name:
            return one
    known = ", ".join(one.id for one in tenants) or "none; TRIAL_CDS_TENANTS names the file"
    raise SettingsError(f"unknown tenant '{name}'; known: {known}")


def base_url(given: str) -> str:
    """An https URL as callers will use it. Raises ArgumentTypeError."""
    try:
        parts = urlsplit(given)
        _ = parts.port
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{given}' is no URL") from None
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise argparse.ArgumentTypeError(f"'{given}' is no https URL")
    if parts.username or parts.query or parts.fragment or any(letter in given for letter in " \t\n`|<>"):
        raise argparse.ArgumentTypeError(f"'{given}' must be scheme, host and path only")
    return given.rstrip("/")
