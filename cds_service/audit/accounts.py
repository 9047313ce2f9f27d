"""The account that runs a command, as the system knows it, for the audit of what is done on the machine itself."""

from __future__ import annotations

import os


def account() -> str:
    """Environment variables can be anything, so they are asked only where the system has no other answer."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, AttributeError, KeyError):
        return os.environ.get("USERNAME") or "unknown"
