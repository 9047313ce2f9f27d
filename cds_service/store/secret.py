"""A site's secret file into the keyed digests under which the store holds what must not be read from it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cds_service.config import PREFIX
from cds_service.errors import SettingsError, unreadable

_SETTING = f"{PREFIX}SECRET_FILE"
_LEAST = 32  # bytes: a shorter key could be tried out against a stolen database


@dataclass(frozen=True, slots=True)
class Secret:
    """Whoever has the database alone can neither read a digest nor try out what it stands for."""

    key: bytes = field(repr=False)

    def digest(self, *parts: str) -> str:
        """HMAC-SHA-256 in hexadecimal; parts are held apart, so that no two lists of them make one text."""
        return hmac.new(self.key, json.dumps(parts).encode(), hashlib.sha256).hexdigest()

    def derived(self, context: str) -> Secret:
        """A key for one use. What `digest` is given starts with a bracket, so no digest of a token's id is such a key."""
        return Secret(hmac.new(self.key, f"key for {context}".encode(), hashlib.sha256).digest())


def read_secret(path: Path | None) -> Secret:
    """The setting's file. Raises SettingsError, which quotes nothing of it."""
    if path is None:
        raise SettingsError(f"{_SETTING} is not set: a store needs a secret file; `openssl rand -base64 48` makes one")
    return secret_of(path, _SETTING)


def secret_of(path: Path, whose: str) -> Secret:
    """`whose`: the setting or option that names the file. Raises SettingsError, which quotes nothing of it."""
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"{whose}: {path}: {unreadable(error, 'bytes')}") from None
    if len(key) < _LEAST:
        raise SettingsError(f"{whose}: {path}: the secret file holds {len(key)} bytes; it needs {_LEAST} or more")
    return Secret(key)


def passing_secret() -> Secret:
    """For a service without a store: digests mean something in this process alone."""
    return Secret(secrets.token_bytes(_LEAST))
