"""The account in the audit is a person's where the system knows one."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from cds_service.audit import accounts

HERE = pwd.getpwuid(os.getuid()).pw_name
OTHER = next(one for one in pwd.getpwall() if one.pw_name != HERE)


@pytest.mark.parametrize(
    ("login", "says"),
    [(str(OTHER.pw_uid), f"{OTHER.pw_name} as {HERE}"), (str(os.getuid()), HERE), (str(2**32 - 1), HERE), ("987654321", HERE), ("", HERE)],
)
def test_who_logged_in_is_told_beside_the_account(login: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Administrators run commands as the service's user, so its name alone would tell of nobody."""
    (tmp_path / "loginuid").write_text(login, "ascii")
    monkeypatch.setattr(accounts, "_LOGIN", tmp_path / "loginuid")
    assert accounts.account() == says


def test_a_system_without_logins_tells_the_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another system than Linux has no such file."""
    monkeypatch.setattr(accounts, "_LOGIN", tmp_path / "none")
    assert accounts.account() == HERE
