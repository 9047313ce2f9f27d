"""The tenants file: what it sets, and every fault of it at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.errors import SettingsError
from cds_service.security.tenants import load_tenants
from tests.support import tokens as t


def file(folder: Path, **more: Any) -> Path:
    issuer = {"iss": t.ISS, "audiences": [t.AUD], "jwks": {"keys": [t.rsa_jwk()]}, **more.pop("issuer", {})}
    tenant = {"id": "general", "issuers": [issuer], "fhir_servers": ["https://fhir.example.org/r4"], **more}
    path = folder / "tenants.yaml"
    path.write_text(yaml.safe_dump({"tenants": [tenant]}), "utf-8")
    return path


def test_a_tenant_is_read(tmp_path: Path) -> None:
    """With the defaults that need no thought: RS384 and ES384, 15 minutes, one minute of clocks."""
    (one,) = load_tenants(file(tmp_path))
    assert (one.id, one.mode, one.fhir_servers) == ("general", "on", ("https://fhir.example.org/r4",))
    (issuer,) = one.issuers
    assert (issuer.algorithms, issuer.lifetime, issuer.skew) == ({"RS384", "ES384"}, 900, 60)
    assert list(issuer.keys.keys) == ["rsa-1"]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"issuer": {"algorithms": ["HS256"]}}, "'HS256' is not one of"),
        ({"issuer": {"audiences": []}}, "needs `audiences`"),
        ({"issuer": {"jku": "http://ehr.example.org/keys"}}, "expected an https URL"),
        ({"issuer": {"jwks": None}}, "no JSON Web Key Set"),
        ({"issuer": {"jwks": {"keys": []}}}, "no usable key"),
        ({"issuer": {"lifetime": 86400}}, "from 1 to 3600"),
        ({"issuer": {"audience": "x"}}, "unknown member 'audience'"),
        ({"fhir_servers": ["https://user:secret@fhir.example.org"]}, "without user information"),
        ({"mode": "loud"}, "expected one of off, silent, pilot, on"),
        ({"id": ""}, "needs `id`"),
    ],
)
def test_a_fault_is_told_with_its_place(more: dict[str, Any], problem: str, tmp_path: Path) -> None:
    """The service does not start on a file that it does not understand whole."""
    with pytest.raises(SettingsError) as told:
        load_tenants(file(tmp_path, **more))
    assert problem in str(told.value)
    assert "tenants.yaml: " in str(told.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Not one a start."""
    with pytest.raises(SettingsError) as told:
        load_tenants(file(tmp_path, mode="loud", issuer={"lifetime": 0, "audiences": []}))
    assert len(str(told.value).splitlines()) == 3


@pytest.mark.parametrize("text", ["", "tenants: []", "tenants: [7]", "a: [", "- x"])
def test_what_is_no_tenants_file_is_refused(text: str, tmp_path: Path) -> None:
    """Also an empty one: no tenants would mean that nobody is checked."""
    path = tmp_path / "tenants.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError):
        load_tenants(path)
