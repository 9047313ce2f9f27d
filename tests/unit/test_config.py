"""Settings are read once from the environment, and every fault is told by its name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cds_service.config import Settings, SettingsError


def test_without_settings_the_service_is_local_strict_and_in_utc() -> None:
    """The defaults need no set-up and expose nothing."""
    assert Settings.from_environ({"PATH": "x", "TZ": "Asia/Tokyo"}) == Settings(
        timezone=ZoneInfo("UTC"), concept_maps=(), body_limit=10_000_000, missing_minimum="412", host="127.0.0.1", port=8080, insecure=False
    )


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("TIMEZONE", "Asia/Shanghai", "timezone", ZoneInfo("Asia/Shanghai")),
        ("BODY_LIMIT", "2000000", "body_limit", 2_000_000),
        ("MISSING_MINIMUM", "empty", "missing_minimum", "empty"),
        ("CORS_ORIGINS", "https://a.example, https://b.example", "cors_origins", ("https://a.example", "https://b.example")),
        ("CORS_ORIGINS", "http://[::1]:8080,*", "cors_origins", ("http://[::1]:8080", "*")),
        ("HOST", " ::1 ", "host", "::1"),
        ("PORT", "0", "port", 0),
        ("INSECURE", "TRUE", "insecure", True),
        ("INSECURE", "false", "insecure", False),
        ("PORT", "", "port", 8080),
        ("LOG", "text", "log", "text"),
        ("METRICS", "on", "metrics", True),
        ("METRICS", "OFF", "metrics", False),
    ],
)
def test_each_setting_is_read(name: str, value: str, field: str, read: Any) -> None:
    """A variable with the prefix sets the field of its name; an empty one sets nothing."""
    assert getattr(Settings.from_environ({f"TRIAL_CDS_{name}": value}), field) == read


def test_concept_maps_are_a_path_list(tmp_path: Path) -> None:
    """Several files are separated as in PATH."""
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.touch()
    second.touch()
    given = {"TRIAL_CDS_CONCEPT_MAPS": os.pathsep.join([str(first), str(second)])}
    assert Settings.from_environ(given).concept_maps == (first, second)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TIMEZONE", "Mars/Olympus", "no such time zone"),
        ("TIMEZONE", "../etc/passwd", "no such time zone"),
        ("CONCEPT_MAPS", "/no/such/file.json", "/no/such/file.json: no such file"),
        ("BODY_LIMIT", "10MB", "must be a whole number"),
        ("BODY_LIMIT", "1", "must be a whole number from 1000"),
        ("PORT", "65536", "from 0 to 65535"),
        ("PORT", "-1", "must be a whole number"),
        ("PORT", "9" * 5000, "must be a whole number"),
        ("MISSING_MINIMUM", "204", "must be one of 412, empty"),
        ("INSECURE", "yes", "must be one of true, false"),
        ("LOG", "xml", "must be one of json, text"),
        ("METRICS", "true", "must be one of on, off"),
        ("TENANTS", "/no/such/file.yaml", "/no/such/file.yaml: no such file"),
        ("DATABASE", "mysql://x", "must be sqlite:///FILE or postgresql://"),
        ("CORS_ORIGINS", "foo", "'foo' is no origin"),
        ("CORS_ORIGINS", "https://a.example/", "is no origin"),
        ("CORS_ORIGINS", "https://a.example,https://B.example", "'https://B.example' is no origin"),
        ("TIMEZON", "UTC", "did you mean TRIAL_CDS_TIMEZONE?"),
        ("XYZZY", "1", "known: TRIAL_CDS_TIMEZONE"),
    ],
)
def test_each_fault_names_the_setting(name: str, value: str, words: str) -> None:
    """A wrong value and an unknown name stop the start with the variable's name and what is wanted."""
    with pytest.raises(SettingsError, match=f"TRIAL_CDS_{name}") as raised:
        Settings.from_environ({f"TRIAL_CDS_{name}": value})
    assert words in str(raised.value)


def test_all_faults_are_told_at_once() -> None:
    """A line each: nobody wants to start a service five times to hear five of them."""
    given = {"TRIAL_CDS_PORT": "x", "TRIAL_CDS_LOG": "xml", "TRIAL_CDS_PROT": "1", "TRIAL_CDS_HOST": "::1"}
    with pytest.raises(SettingsError) as raised:
        Settings.from_environ(given)
    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == ["TRIAL_CDS_LOG", "TRIAL_CDS_PORT", "TRIAL_CDS_PROT"]
    assert Settings.read(given)[0].host == "::1"


def test_what_kubernetes_sets_is_not_mistaken_for_a_setting() -> None:
    """Beside a Service named `cds` every pod finds CDS_SERVICE_PORT in its environment."""
    assert Settings.from_environ({"CDS_SERVICE_HOST": "10.0.0.1", "CDS_PORT": "tcp://10.0.0.1:80"}) == Settings()
