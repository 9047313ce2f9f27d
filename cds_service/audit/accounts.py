"""The account that runs a command, as the system knows it, for the audit of what is done on the machine itself."""

from __future__ import annotations

import os
from pathlib import Path

# Linux keeps here who logged in, through sudo and runuser; nobody but root can set it, and a service has none.
_LOGIN = Path("/proc/self/loginuid")
_NONE = 2**32 - 1


def account() -> str:
    """`miller as cds-service` where an administrator took on the service's account; else the account alone."""
    runs, came = _of(os.getuid()) if hasattr(os, "getuid") else "", _of(_login())
    # Environment variables can be anything, so they are asked only where the system has no other answer.
    runs = runs or os.environ.get("USERNAME") or "unknown"
    return f"{came} as {runs}" if came and came != runs else runs


def _login() -> int:
    try:
        return int(_LOGIN.read_text("ascii"))
    except (OSError, ValueError):
        return _NONE


def _of(number: int) -> str:
    """'' for a number that no account has, as in a container."""
    try:
        import pwd

        return pwd.getpwuid(number).pw_name
    except (ImportError, AttributeError, KeyError, OverflowError):
        return ""
