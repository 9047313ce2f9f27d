"""The environment into Settings, read once at start; every fault is told by the setting's name."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cds_service.errors import SettingsError

__all__ = ["PREFIX", "Settings", "SettingsError"]

# Not CDS_SERVICE_: Kubernetes sets CDS_SERVICE_HOST and CDS_SERVICE_PORT in every pod beside a Service named `cds`.
PREFIX = "TRIAL_CDS_"
UTC = ZoneInfo("UTC")
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site sets. Each field is the environment variable TRIAL_CDS_ and its name in capitals."""

    timezone: ZoneInfo = UTC  # the site's: a dateTime's day and today are read in it
    concept_maps: tuple[Path, ...] = ()  # the site's ConceptMaps, separated as in PATH
    body_limit: int = 10 * MEGABYTE  # bytes; larger bodies are answered 413
    missing_minimum: str = "412"  # without patient or conditions: 412 | empty (200 without cards)
    cors_origins: tuple[str, ...] = ("*",)  # browsers' origins that may call, separated by commas
    host: str = "127.0.0.1"
    port: int = 8080
    insecure: bool = False  # allows listening beyond loopback although callers are not checked
    discovery: str = "token"  # open: GET /cds-services needs no token also where tenants are named; it tells of nobody
    tenants: Path | None = None  # the file of who may call; without it callers are not checked
    database: str = ""  # sqlite:///FILE or postgresql://…; without it each process remembers used tokens by itself
    secret_file: Path | None = None  # 32 bytes or more that key the digests in the store; the same on all hosts that share it
    audit: str = ""  # required | best-effort | off: whether an answer waits for its audit event; not set: required with a database
    keep_audit: int = 2192  # days an audit event is kept; six years (45 CFR 164.316(b)(2)(i))
    cohort_questions: int = 20  # different questions for counts that are answered in 30 days
    preparatory_files: bool = False  # on: a review preparatory to research may write files that name patients
    keep_cards: int = 2192  # days a card and what was said to it are kept, and with it a `no` for good
    log: str = ""  # lines on stderr: json | text; not set: text on a terminal, else json
    metrics: bool = False  # on: GET /metrics is served, to whoever reaches the port

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Raises SettingsError with every fault, a line each."""
        settings, faults = cls.read(environ)
        if faults:
            raise SettingsError("\n".join(faults))
        return settings

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> tuple[Settings, list[str]]:
        """What could be read, and what is wrong. What could not be read has its default, but a tenants file that is not there stays named:
        without one nobody would be checked. An empty value is no value; an unknown name with our prefix is a fault, not ignored."""
        given = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
        fields: dict[str, Any] = {}
        faults: list[str] = []
        for name, value in sorted(given.items()):
            if name not in _READERS:
                faults.append(f"{name}: no such setting{_suggestion(name)}")
            elif value:
                try:
                    fields[_field(name)] = _READERS[name](value)
                except ValueError as error:
                    faults.append(f"{name}: {error}")
        settings = cls(**fields)
        if settings.tenants and not settings.tenants.exists():
            faults.append(f"{PREFIX}TENANTS: {settings.tenants}: no such file")
        return settings, faults


def _field(name: str) -> str:
    return name.removeprefix(PREFIX).lower()


def _suggestion(name: str) -> str:
    # Without the prefix, which would make every name alike.
    near = difflib.get_close_matches(_field(name), map(_field, _READERS), n=1)
    return f"; did you mean {PREFIX}{near[0].upper()}?" if near else f"; known: {', '.join(_READERS)}"


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone; give a name such as Europe/Berlin") from None


def _paths(value: str) -> tuple[Path, ...]:
    return tuple(_file(part) for part in value.split(os.pathsep) if part)


def _file(value: str) -> Path:
    if not Path(value).exists():
        raise ValueError(f"{value}: no such file")
    return Path(value)


def _database(value: str) -> str:
    """Only of the kinds that the store knows. The value is not quoted: it may hold a password."""
    if not re.match(r"(sqlite(\+pysqlite)?|postgresql(\+psycopg)?)://", value):
        raise ValueError("must be sqlite:///FILE or postgresql://…")
    return value


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit() and low <= int(value[:12]) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return value

    return read


def _truth(value: str) -> bool:
    return _one_of("true", "false")(value.lower()) == "true"


def _switch(value: str) -> bool:
    return _one_of("on", "off")(value.lower()) == "on"


def _origins(value: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    for one in found:
        if one != "*" and not re.fullmatch(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", one):
            raise ValueError(f"'{one}' is no origin: give scheme, host and port alone, in small letters, as https://ehr.example.org")
    return found


_READERS: dict[str, Callable[[str], Any]] = {
    f"{PREFIX}TIMEZONE": _zone,
    f"{PREFIX}CONCEPT_MAPS": _paths,
    f"{PREFIX}BODY_LIMIT": _between(1_000, 1_000 * MEGABYTE),
    f"{PREFIX}MISSING_MINIMUM": _one_of("412", "empty"),
    f"{PREFIX}CORS_ORIGINS": _origins,
    f"{PREFIX}HOST": str,
    f"{PREFIX}PORT": _between(0, 65_535),
    f"{PREFIX}INSECURE": _truth,
    f"{PREFIX}DISCOVERY": _one_of("token", "open"),
    f"{PREFIX}TENANTS": Path,
    f"{PREFIX}DATABASE": _database,
    f"{PREFIX}SECRET_FILE": Path,
    f"{PREFIX}AUDIT": _one_of("required", "best-effort", "off"),
    f"{PREFIX}KEEP_AUDIT": _between(30, 36_500),
    f"{PREFIX}COHORT_QUESTIONS": _between(1, 100_000),
    f"{PREFIX}PREPARATORY_FILES": _switch,
    f"{PREFIX}KEEP_CARDS": _between(30, 36_500),
    f"{PREFIX}LOG": _one_of("json", "text"),
    f"{PREFIX}METRICS": _switch,
}
